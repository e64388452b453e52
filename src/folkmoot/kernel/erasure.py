"""Forgetting a person: each app declares how its tables do it, and the register calls them all in one transaction.

A test derived from the schema fails when a table that names a person, or holds free text or JSON, has no answer here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Cast

from folkmoot.kernel.registry import Registry
from folkmoot.kernel.text import fold


@dataclass(frozen=True)
class Subject:
    """Who is forgotten, as it was before.

    Attributes:
        people: the number of the record, and of all records that were merged into it.
        identities: the numbers of their identities.
        names: every name that the record ever had.
        handles: every handle and address, as written; e-mails among them.
        emails: the e-mail addresses among them, folded.
        user: the number of their account, if they have one.
        stand_in: what stands where the name stood.
    """

    people: frozenset[int]
    identities: frozenset[int]
    names: frozenset[str]
    handles: frozenset[str]
    emails: frozenset[str]
    user: int | None
    stand_in: str

    @property
    def needles(self) -> list[str]:
        """What to look for in free text: the longest first, so that a part does not hide the whole."""
        return sorted({*self.names, *self.handles}, key=lambda text: (-len(text), text))


@dataclass
class Outcome:
    """What was done, without any of the person's data: rows by table, and why something is kept."""

    removed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)

    def gone(self, model: type[models.Model] | str, number: int) -> None:
        """Count rows that were deleted, or from which what is personal was taken out."""
        label = model if isinstance(model, str) else model._meta.label_lower
        if number:
            self.removed[label] = self.removed.get(label, 0) + number

    def keeps(self, model: type[models.Model] | str, number: int, why: str) -> None:
        """Count rows that stay under the stand-in; ``why`` is English, for the record."""
        label = model if isinstance(model, str) else model._meta.label_lower
        if number:
            self.kept[label] = (number, why)


@dataclass(frozen=True)
class Eraser:
    """How some tables forget a person.

    Attributes:
        tables: the labels (``people.note``) that it answers for, those of histories included.
        forget: ``forget(subject, outcome)``, in the caller's transaction; deletes or takes out what is personal.
    """

    key: str
    tables: frozenset[str]
    forget: Callable[[Subject, Outcome], None]
    order: int = 0


erasers: Registry[Eraser] = Registry("eraser")


@dataclass(frozen=True)
class NothingPersonal:
    """Tables that hold text or JSON, but none of it about the people of the register, and why that is so."""

    key: str
    tables: frozenset[str]
    why: str


nothing_personal: Registry[NothingPersonal] = Registry("table without personal data")


def delete(outcome: Outcome, rows: QuerySet[Any]) -> None:
    """Delete rows and what hangs on them, counted by table."""
    _total, by_table = rows.delete()
    for label, number in by_table.items():
        outcome.gone(label.lower(), number)


def delete_history(outcome: Outcome, model: Any, **where: Any) -> None:
    """Delete entries of a model's history."""
    rows = model.history.filter(**where)
    outcome.gone(f"{model._meta.label_lower}'s history", rows.count())
    rows._raw_delete(rows.db)


def mentioning(rows: QuerySet[Any], column: str, needles: Iterable[str]) -> QuerySet[Any]:
    """The rows whose JSON or text holds one of the needles, whatever its case.

    Short ones (under five characters) only where they are the whole of a JSON string: "Li" stands in half of all words.
    """
    found = Q(pk__in=[])
    for needle in needles:
        for form in {needle, json.dumps(needle)[1:-1]}:
            found |= Q(as_text__icontains=form if len(needle) >= 5 else f'"{form}"')
    narrowed: QuerySet[Any] = rows.annotate(as_text=Cast(column, models.TextField())).filter(found)
    return narrowed


def scrubbed(value: Any, subject: Subject) -> Any:
    """JSON without the person: a string that holds a needle becomes the stand-in."""
    if isinstance(value, dict):
        return {key: scrubbed(item, subject) for key, item in value.items()}
    if isinstance(value, list):
        return [scrubbed(item, subject) for item in value]
    if isinstance(value, str):
        folded = value.casefold()
        for needle in subject.needles:
            if folded == needle.casefold() or (len(needle) >= 5 and needle.casefold() in folded):
                return subject.stand_in
    return value


def without(text: str, subject: Subject) -> str:
    """A text with the stand-in where it names the person; short names only as whole words."""
    for needle in subject.needles:
        pattern = re.escape(needle)
        if len(needle) < 5:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        text = re.sub(pattern, lambda _found: subject.stand_in, text, flags=re.IGNORECASE)
    return text


def forget_texts(
    model: Any, columns: Iterable[str], subject: Subject, outcome: Outcome, *, needed: Iterable[str] = ()
) -> set[int]:
    """Take the person out of free texts of a table, and out of its history where it keeps one.

    Args:
        needed: columns that may not be empty: the stand-in is put there.

    Returns:
        the numbers of the rows that named them.
    """
    columns, needed = tuple(columns), frozenset(needed)
    found = _naming(model._default_manager.all(), columns, subject, "pk")
    derives_folded = "folded" in {field.name for field in model._meta.concrete_fields}
    for row in model._default_manager.filter(pk__in=found):
        values: dict[str, Any] = {}
        for column in columns:
            was = getattr(row, column)
            values[column] = without(was, subject) or (subject.stand_in if was and column in needed else "")
        if derives_folded and "title" in values:
            values["folded"] = fold(values["title"])
        model._default_manager.filter(pk=row.pk).update(**_cut(model, values))
    outcome.gone(f"{model._meta.label_lower}'s texts", len(found))
    forget_in_history(model, columns, subject, outcome)
    return found


def forget_json(model: Any, columns: Iterable[str], subject: Subject, outcome: Outcome) -> None:
    """Take the person out of JSON of a table, and out of its history where it keeps one."""
    columns = tuple(columns)
    for column in columns:
        rows = mentioning(model._default_manager.all(), column, subject.needles)
        for row in rows:
            fresh = scrubbed(getattr(row, column), subject)
            model._default_manager.filter(pk=row.pk).update(**{column: fresh})
        outcome.gone(f"{model._meta.label_lower}'s {column}", len(rows))
    forget_in_history(model, columns, subject, outcome)


def forget_in_history(model: Any, columns: Iterable[str], subject: Subject, outcome: Outcome) -> None:
    """Entries of a history that name them go as a whole: what is left there must be what was."""
    if not hasattr(model, "history"):
        return
    kept = {field.name for field in model.history.model._meta.concrete_fields}
    found = _naming(model.history.all(), [name for name in columns if name in kept], subject, "history_id")
    if found:
        delete_history(outcome, model, history_id__in=found)


def _naming(rows: QuerySet[Any], columns: Iterable[str], subject: Subject, key: str) -> set[int]:
    """The numbers of rows that name them in one of these columns."""
    found: set[int] = set()
    for column in columns:
        found |= set(mentioning(rows, column, subject.needles).values_list(key, flat=True))
    return found


def _cut(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """A stand-in may be longer than the name was."""
    limits = {name: model._meta.get_field(name).max_length for name in values}
    return {name: value[: limits[name]] if limits[name] else value for name, value in values.items()}
