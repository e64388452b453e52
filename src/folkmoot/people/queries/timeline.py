"""A record's timeline: what every app that knows something of the record tells, in one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import TimelineEntry, TimelineGroup, TimelineSource, older, timeline_sources
from folkmoot.kernel.rows import Row, Rows, together
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


class Asked:
    """A record's timeline as it is asked for: the rows that it needs, and what becomes of them.

    Args:
        before: ``Timeline.older`` of the page before; anything that is none begins at the newest.
    """

    def __init__(
        self, user: Any, record: Any, *, group: str = "", before: str = "", limit: int = PAGE
    ) -> None:
        self.user, self.record, self.group, self.limit = user, record, group, limit
        self.cursor = _read_cursor(before)
        self.sources = _sources(user, record)

    def rows(self) -> dict[Hashable, Rows | None]:
        """What every source whose permission the user has needs, for :func:`folkmoot.kernel.rows.together`."""
        asked: dict[Hashable, Rows | None] = {}
        for source in self.sources:
            before = _bound(self.cursor, source.key)
            asked["counts", source.key] = source.counts(self.user, self.record)
            asked["entries", source.key] = source.rows(
                self.user, self.record, self.group, before, self.limit + 1
            )
        return asked

    def told(self, rows: Mapping[Hashable, Sequence[Row]]) -> Timeline:
        """The newest entries older than ``before``, of all sources. An unknown group counts as none: one query more."""
        groups: dict[str, TimelineGroup] = {}
        for source in self.sources:
            for one in source.groups(rows["counts", source.key]):
                known = groups.get(one.key)
                groups[one.key] = TimelineGroup(one.key, one.label, one.count + (known.count if known else 0))
        if self.group and self.group not in groups:
            self.group = ""
            return self.told(together(self.rows()))
        shown = [one for one in groups.values() if one.count]
        found: list[tuple[dt.datetime, str, int, TimelineEntry]] = []
        for source in self.sources:
            before = _bound(self.cursor, source.key)
            told = source.tell(self.user, self.record, rows["entries", source.key])
            found += [
                (entry.at, source.key, entry.number, entry)
                for entry in told
                if self.group in ("", entry.group) and (before is None or (entry.at, entry.number) < before)
            ]
        found.sort(key=lambda one: one[:3], reverse=True)
        older_ones = ""
        if len(found) > self.limit:
            at, key, number, _entry = found[self.limit - 1]
            older_ones = f"{at.isoformat()}~{key}~{number}"
        entries = [one[3] for one in found[: self.limit]]
        return Timeline(shown, self.group, sum(one.count for one in shown), entries, older_ones)


def timeline(user: Any, record: Any, *, group: str = "", before: str = "", limit: int = PAGE) -> Timeline:
    """The newest entries older than ``before``, from every source whose permission the user has; one query, three if
    notes mention people.
    """
    asked = Asked(user, record, group=group, before=before, limit=limit)
    return asked.told(together(asked.rows()))


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


def note_rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """Notes about a record, newest first."""
    if group not in ("", NOTES):
        return None
    notes = older(Note.objects.filter(**{record._meta.model_name: record}), "created_at", before)
    return Rows(notes, *("pk", "created_at", "body", "author_id"), most=limit, who=name_of("author"))


def tell_notes(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each note, with a way to change it for those who may; two queries if they mention people."""
    texts = bodies({row["pk"]: row["body"] for row in rows})
    for row in rows:
        may = user.has_perm("people.change_note", Note(pk=row["pk"], author_id=row["author_id"]))
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=NOTES,
            icon="pencil-square",
            verb=_("Note"),
            body=texts[row["pk"]],
            meta=(row["who"],) if row["who"] else (),
            actions=((_("Edit"), reverse("people:edit_note", args=[row["pk"]])),) if may else (),
        )
