"""Who changed which field from what to what, when and why."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.people.actions.organizations import DOMAIN_REASON, KIND_REASON
from folkmoot.people.actions.words import TAG_REASON
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Merge,
    Note,
    Organization,
    OrganizationKind,
    OrganizationRelation,
    Person,
    Project,
    ProjectRules,
    RoleKind,
    Team,
    Term,
)
from folkmoot.people.systems import INTERNAL

#: Newest entries read of each table.
WINDOW = 500
#: Fields that say nothing to a person.
SILENT = {"id", "created_at", "source", "author", "first_seen_at", "last_seen_at"}


@dataclass(frozen=True)
class FieldChange:
    """A field, what it said before, and what it says since."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One edit: when, by whom (a user, or what a machine gave as its reason), of what."""

    at: dt.datetime
    number: int
    who: str
    why: str
    #: ``+`` made, ``~`` changed, ``-`` removed.
    kind: str
    noun: str
    title: str
    changes: tuple[FieldChange, ...]


#: What belongs to the history of a record: the model and the field that names the record.
BELONGS: dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]] = {
    Person: (
        (Identity, "person"),
        (Term, "person"),
        (Affiliation, "person"),
        (Note, "person"),
    ),
    Organization: (
        (Affiliation, "organization"),
        (OrganizationRelation, "organization"),
        (OrganizationRelation, "other"),
        (Note, "organization"),
    ),
    Project: ((Term, "project"), (Note, "project")),
    Team: ((Term, "team"),),
    RoleKind: (),
    OrganizationKind: (),
    ProjectRules: (),
}


#: By model: what a field is called for people; ``None``: it says nothing to them.
WORDS: dict[type[models.Model], dict[str, Any]] = {}


def in_words(model: type[models.Model], **words: Any) -> None:
    """Declare what fields of another app's model are called in histories, where their own name is no word for people.

    Args:
        words: by field; ``None`` leaves the field out.
    """
    WORDS.setdefault(model, {}).update(words)


def belongs(record: type[models.Model], *others: tuple[type[models.Model], str]) -> None:
    """Declare for another app's record what belongs to its history: models, and the field that names the record."""
    BELONGS[record] = others


def history(
    record: models.Model, *, with_notes: bool, limit: int = 100, offset: int = 0
) -> tuple[list[HistoryEntry], bool]:
    """Edits of a record and of what belongs to it, the newest first; also of the records that were merged into it.

    At most two queries for each table that belongs to it, one for each table that is named, and one for each
    generation of merges where there were any.

    Returns:
        the entries, and whether there are older ones.
    """
    entries = _entries(type(record), "id", [record.pk])
    records = [record.pk]
    if len(entries) >= WINDOW or any(_is_merge(entry) for entry, _before in entries):
        records += _merged_into(record)
        entries += _entries(type(record), "id", records[1:])
    for model, column in BELONGS[type(record)]:
        if model is Note and not with_notes:
            continue
        entries += _entries(model, column, records)
    entries.sort(key=lambda pair: (pair[0].history_date, pair[0].history_id), reverse=True)
    page = entries[offset : offset + limit]
    names = _names(page)
    itself = str(record._meta.model_name)
    told = [_told(entry, before, names, itself) for entry, before in page]
    return told, len(entries) > offset + limit


def _is_merge(entry: Any) -> bool:
    """The entry was written by a merge."""
    return (entry.history_change_reason or "").startswith("merge ")


def _merged_into(record: models.Model) -> list[int]:
    """The numbers of the records that became one with this one, and of those that had become one with them before."""
    found: list[int] = []
    last = [record.pk]
    merges = Merge.objects.filter(model=record._meta.label_lower, undone_at=None)
    while last:
        last = list(
            merges.filter(survivor_id__in=last).exclude(gone_id__in=found).values_list("gone_id", flat=True)
        )
        found += last
    return found


def _entries(model: Any, column: str, records: list[int]) -> list[tuple[Any, Any]]:
    """History entries of the rows that name one of the records, each with the one before it."""
    table = model.history.model
    rows = table.objects.filter(
        **{f"{column}_id__in" if column != "id" else "id__in": records}
    ).select_related("history_user")
    if model is Identity:
        rows = rows.exclude(system=INTERNAL)
    of_row: dict[int, list[Any]] = defaultdict(list)
    for entry in rows.order_by("-history_date", "-history_id")[:WINDOW]:
        of_row[entry.id].append(entry)
    pairs = []
    for group in of_row.values():
        for entry, before in zip(group, [*group[1:], None], strict=True):
            pairs.append((entry, before))
    return pairs


def _names(pairs: list[tuple[Any, Any]]) -> dict[tuple[type[models.Model], int], str]:
    """The names of the rows that the entries refer to; one query for each table."""
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for pair in pairs:
        for entry in pair:
            if entry is None:
                continue
            for field in entry.tracked_fields:
                value = getattr(entry, field.attname)
                if field.is_relation and value is not None and field.name not in SILENT:
                    wanted[field.related_model].add(value)
    return {
        (model, pk): str(row)
        for model, ids in wanted.items()
        for pk, row in model._default_manager.in_bulk(ids).items()
    }


def _told(
    entry: Any, before: Any, names: dict[tuple[type[models.Model], int], str], itself: str
) -> HistoryEntry:
    changes = []
    words = WORDS.get(entry.instance_type, {})
    for field in entry.tracked_fields:
        label = words.get(field.name, field.verbose_name)
        if field.name in SILENT or field.name == itself or label is None:
            continue
        now = _shown(field, entry, names)
        was = _shown(field, before, names) if before is not None and entry.history_type == "~" else ""
        if entry.history_type == "-":
            now, was = "", now
        if now != was and not (entry.history_type == "~" and before is None):
            changes.append(FieldChange(str(label), was, now))
    reason = entry.history_change_reason or ""
    for word, label in ((TAG_REASON, _("tag")), (KIND_REASON, _("kind")), (DOMAIN_REASON, _("domain"))):
        sign, _space, name = reason.removeprefix(word).partition(" ")
        if reason.startswith(word) and sign in ("+", "-"):
            changes = [FieldChange(label, *(("", name) if sign == "+" else (name, "")))]
            reason = ""
    return HistoryEntry(
        at=entry.history_date,
        number=entry.history_id,
        who=str(entry.history_user or ""),
        why=reason,
        kind=entry.history_type,
        noun=str(entry.instance_type._meta.verbose_name),
        title=_title(entry, names),
        changes=tuple(changes),
    )


def _title(entry: Any, names: dict[tuple[type[models.Model], int], str]) -> str:
    model = entry.instance_type
    if model is Term:
        place = names.get((Project, entry.project_id)) or names.get((Team, entry.team_id)) or ""
        role = names.get((RoleKind, entry.role_kind_id), "")
        return f"{role} · {place}" if place else role
    if model is Affiliation:
        return names.get((Organization, entry.organization_id), "")
    if model is Identity:
        return str(entry.value)
    if model is OrganizationRelation:
        ends = (
            names.get((Organization, entry.organization_id), ""),
            names.get((Organization, entry.other_id), ""),
        )
        return f"{ends[0]} {OrganizationRelation.Kind(entry.kind).label} {ends[1]}"
    if model is ProjectRules:
        return ""
    if model is Note:
        return ""
    if hasattr(entry, "name"):
        return str(entry.name)
    named = getattr(entry, "person_id", None)
    return names.get((Person, named), "") if named else str(getattr(entry, "title", ""))


def _shown(field: Any, entry: Any, names: dict[tuple[type[models.Model], int], str]) -> str:
    value = getattr(entry, field.attname)
    if value is None or value == "":
        return ""
    if field.is_relation:
        return names.get((field.related_model, value), f"#{value}")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    """A value as people read it: what was kept as JSON without its braces; empty: nothing."""
    if isinstance(value, dict):
        # By name: PostgreSQL keeps the keys of JSON in an order of its own.
        named = sorted((str(name), _plain(one)) for name, one in value.items())
        return ", ".join(f"{name}: {words}" for name, words in named if words)
    if isinstance(value, list | tuple):
        return ", ".join(words for one in value if (words := _plain(one)))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
