"""A record's timeline: what every app that knows something of the record tells, in one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import TimelineEntry, TimelineGroup, TimelineSource, timeline_sources
from folkmoot.people.mentions import bodies
from folkmoot.people.models import Note

PAGE = 50
_LAST = 2**62
NOTES = "notes"


@dataclass(frozen=True)
class Timeline:
    """One page of a timeline: the filters, the entries, and the address part of the next page (``""``: the end)."""

    groups: list[TimelineGroup]
    group: str
    total: int
    entries: list[TimelineEntry]
    older: str

    @property
    def is_all(self) -> bool:
        """No filter is chosen."""
        return not self.group


def timeline(user: Any, record: Any, *, group: str = "", before: str = "", limit: int = PAGE) -> Timeline:
    """The newest entries older than ``before``, from every source whose permission the user has.

    Args:
        before: ``Timeline.older`` of the page before; anything that is none begins at the newest.
    """
    sources = _sources(user, record)
    groups: dict[str, TimelineGroup] = {}
    for source in sources:
        for one in source.groups(user, record):
            known = groups.get(one.key)
            groups[one.key] = TimelineGroup(one.key, one.label, one.count + (known.count if known else 0))
    shown = [one for one in groups.values() if one.count]
    if group and group not in groups:
        group = ""
    cursor = _read_cursor(before)
    found: list[tuple[dt.datetime, str, int, TimelineEntry]] = []
    for source in sources:
        entries = source.entries(user, record, group, _bound(cursor, source.key), limit + 1)
        found += [(entry.at, source.key, entry.number, entry) for entry in entries]
    found.sort(key=lambda one: one[:3], reverse=True)
    older = ""
    if len(found) > limit:
        at, key, number, _entry = found[limit - 1]
        older = f"{at.isoformat()}~{key}~{number}"
    return Timeline(shown, group, sum(one.count for one in shown), [one[3] for one in found[:limit]], older)


def _sources(user: Any, record: Any) -> list[TimelineSource]:
    label = record._meta.label_lower
    return [
        source for source in timeline_sources if label in source.records and user.has_perm(source.permission)
    ]


def _read_cursor(text: str) -> tuple[dt.datetime, str, int] | None:
    moment, _sep, rest = text.partition("~")
    key, _sep, number = rest.rpartition("~")
    try:
        at = dt.datetime.fromisoformat(moment)
        return (at, key, int(number)) if at.tzinfo is not None and len(number) < 19 else None
    except ValueError:
        return None


def _bound(cursor: tuple[dt.datetime, str, int] | None, key: str) -> tuple[dt.datetime, int] | None:
    """Where a source goes on: sources of a smaller key still have their entries of the same moment to tell."""
    if cursor is None:
        return None
    at, last, number = cursor
    return (at, number) if key == last else (at, _LAST if key < last else 0)


def note_groups(user: Any, record: Any) -> Iterable[TimelineGroup]:
    """How many notes there are about a record."""
    return [TimelineGroup(NOTES, _("Notes"), record.notes.count())]


def note_entries(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Iterable[TimelineEntry]:
    """Notes about a record, newest first; one query, three if they mention people."""
    if group not in ("", NOTES):
        return []
    notes = Note.objects.filter(**{record._meta.model_name: record}).select_related("author")
    if before is not None:
        at, number = before
        notes = notes.filter(created_at__lte=at).exclude(created_at=at, pk__gte=number)
    found = list(notes.order_by("-created_at", "-pk")[:limit])
    texts = bodies(found)
    return [_note(user, note, texts[note.pk]) for note in found]


def _note(user: Any, note: Note, body: str) -> TimelineEntry:
    may = user.has_perm("people.change_note", note)
    return TimelineEntry(
        number=note.pk,
        at=note.created_at,
        group=NOTES,
        icon="pencil-square",
        verb=_("Note"),
        body=body,
        meta=(str(note.author),) if note.author else (),
        actions=((_("Edit"), reverse("people:edit_note", args=[note.pk])),) if may else (),
    )
