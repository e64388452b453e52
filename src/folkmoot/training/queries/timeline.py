"""What the timelines of events, organisations and projects tell of training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import TimelineEntry, counted, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.public import Project
from folkmoot.training.addresses import event_page
from folkmoot.training.mentions import bodies
from folkmoot.training.models import Event, EventNote, Status, Task, TaskState
from folkmoot.training.queries.lists import days_words

Before = tuple[dt.datetime, int] | None
STATUS, PEOPLE, NOTES, EVENTS = "status", "people", "notes", "events"
LABELS = {
    STATUS: gettext_lazy("Status"),
    PEOPLE: gettext_lazy("People"),
    NOTES: gettext_lazy("Notes"),
    EVENTS: gettext_lazy("Events"),
}
_BECAME = {
    Status.PLANNED: (gettext_lazy("Planned again"), "arrow-counterclockwise"),
    Status.ANNOUNCED: (gettext_lazy("Announced"), "megaphone"),
    Status.RUNNING: (gettext_lazy("Has begun"), "play-circle"),
    Status.DONE: (gettext_lazy("Has taken place"), "check2-circle"),
    Status.CANCELLED: (gettext_lazy("Cancelled"), "calendar-x"),
    Status.STALLED: (gettext_lazy("Does not move"), "hourglass-split"),
}
#: An event happens, or has.
HELD = (Status.RUNNING, Status.DONE)


# -- what became of an event


def _changes(record: Event) -> QuerySet[Any]:
    """Entries of its history in which its status changed, and the first."""
    history: Any = Event.history.model
    earlier = history.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    before = Subquery(earlier.order_by("-history_id").values("status")[:1])
    entries = history.objects.filter(id=record.pk).annotate(before=before)
    return entries.filter(Q(before=None) | ~Q(before=F("status")))  # type: ignore[no-any-return]


def status_counts(user: Any, record: Event) -> Rows:
    """How often its status changed."""
    return counted(_changes(record))


def status_rows(user: Any, record: Event, group: str, before: Before, limit: int) -> Rows | None:
    """What became of it, newest first."""
    if group not in ("", STATUS):
        return None
    return Rows(
        older(_changes(record), "history_date", before),
        *("history_id", "history_date", "status", "status_reason", "before", "source"),
        most=limit,
        who=name_of("history_user"),
    )


def tell_status(user: Any, record: Event, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each step, by whom and why."""
    for row in rows:
        verb, icon = _BECAME[Status(row["status"])]
        if row["before"] is None:
            verb, icon = gettext_lazy("Entered"), "plus-circle"
        yield TimelineEntry(
            number=row["history_id"],
            at=row["history_date"],
            group=STATUS,
            icon=icon,
            verb=verb,
            after=f": {row['status_reason']}" if row["status_reason"] else "",
            meta=tuple(filter(None, [row["who"]])),
        )


# -- who got which part


def part_counts(user: Any, record: Event) -> Rows:
    """How many have a part."""
    return counted(Task.objects.filter(event=record))


def part_rows(user: Any, record: Event, group: str, before: Before, limit: int) -> Rows | None:
    """Who got a part, newest first."""
    if group not in ("", PEOPLE):
        return None
    return Rows(
        older(Task.objects.filter(event=record), "created_at", before),
        *("pk", "created_at", "person_id", "state"),
        most=limit,
        name=F("person__name"),
        part=F("kind__name"),
    )


def tell_parts(user: Any, record: Event, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each part, with how it stands by now."""
    may_open = user.has_perm("people.view")
    for row in rows:
        state = TaskState(row["state"])
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=PEOPLE,
            icon="person-plus",
            verb=_("Entered:"),
            title=row["name"],
            url=reverse("people:person", args=[row["person_id"]]) if may_open else "",
            after=_("as %(part)s") % {"part": row["part"]},
            meta=() if state == TaskState.CONFIRMED else (str(state.label),),
        )


# -- what was written down


def note_counts(user: Any, record: Event) -> Rows:
    """How many notes there are."""
    return counted(record.notes.all())


def note_rows(user: Any, record: Event, group: str, before: Before, limit: int) -> Rows | None:
    """Notes, newest first."""
    if group not in ("", NOTES):
        return None
    return Rows(
        older(record.notes.all(), "created_at", before),
        *("pk", "created_at", "body", "author_id"),
        most=limit,
        who=name_of("author"),
    )


def tell_notes(user: Any, record: Event, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each note, with a way to change it for those who may; two queries if any mentions people."""
    texts = bodies({row["pk"]: row["body"] for row in rows})
    for row in rows:
        may = user.has_perm("training.change_note", EventNote(pk=row["pk"], author_id=row["author_id"]))
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=NOTES,
            icon="chat-left-text",
            verb=_("Note:"),
            body=texts[row["pk"]],
            meta=tuple(filter(None, [row["who"]])),
            actions=((_("Edit"), reverse("training:edit_event_note", args=[row["pk"]])),) if may else (),
        )


# -- events on the pages of organisations and projects


def _held(record: Any) -> QuerySet[Event]:
    """Events that took place or do, which an organisation hosted or organised, or where a lesson was taught."""
    if isinstance(record, Project):
        mine = Event.objects.filter(lessons=record)
    else:
        mine = Event.objects.filter(Q(host=record) | Q(organizer=record))
    return mine.filter(status__in=HELD, starts_at__lte=clock.now())


def event_counts(user: Any, record: Any) -> Rows:
    """How many events there were."""
    return counted(_held(record))


def event_rows(user: Any, record: Any, group: str, before: Before, limit: int) -> Rows | None:
    """Events, newest first."""
    if group not in ("", EVENTS):
        return None
    return Rows(
        older(_held(record), "starts_at", before),
        *("pk", "starts_at", "starts_on", "ends_on", "title", "host_id", "city"),
        most=limit,
    )


def tell_events(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each event, and what the record had to do with it."""
    for row in rows:
        verb, icon = _("Organised"), "clipboard-check"
        if isinstance(record, Project):
            verb, icon = _("Taught at"), "mortarboard"
        elif row["host_id"] == record.pk:
            verb, icon = _("Hosted"), "house"
        yield TimelineEntry(
            number=row["pk"],
            at=row["starts_at"],
            group=EVENTS,
            icon=icon,
            verb=verb,
            title=row["title"],
            url=event_page(row["pk"]),
            meta=tuple(filter(None, [days_words(row["starts_on"], row["ends_on"]), row["city"]])),
        )
