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
