"""What is booked twice: a venue by two events at once, somebody who teaches in two of them, a room by two sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.text import fold
from folkmoot.training.addresses import event_page
from folkmoot.training.models import AHEAD, TAKEN, Event, Session, Task
from folkmoot.training.queries.lists import LEADS, days_words

#: Bookings that an event's page names.
SHOWN = 10


@dataclass(frozen=True)
class Booking:
    """Another event that has the venue, or one of those who teach, at the same time."""

    #: What both have: "Library, Leeds", or a person with their part there.
    what: str
    event: str
    when: str
    url: str


def at_once(event: Event) -> QuerySet[Event] | None:
    """Other events ahead that overlap it; ``None`` where it has no day, or is not ahead itself."""
    if event.starts_at is None or event.ends_at is None or not event.is_ahead:
        return None
    others = Event.objects.filter(status__in=AHEAD).exclude(pk=event.pk)
    return others.filter(starts_at__lt=event.ends_at, ends_at__gt=event.starts_at)


def rows_of(event: Event) -> dict[Hashable, Rows | None]:
    """What an event's page asks for, for :func:`kernel.rows.together`."""
    others = at_once(event)
    if others is None:
        return {"venue": None, "teachers": None}
    said = {"title": F("title"), "starts_on": F("starts_on"), "ends_on": F("ends_on")}
    venue = None
    if event.venue:
        there = others.filter(venue__iexact=event.venue)
        if event.city:
            there = there.filter(Q(city="") | Q(city__iexact=event.city))
        venue = Rows(there.order_by("starts_at", "pk"), "pk", most=SHOWN, **said)
    leads = Task.objects.filter(event=event, kind__does__in=LEADS, state__in=TAKEN).values("person")
    elsewhere = Task.objects.filter(person__in=leads, event__in=others, session=None, state__in=TAKEN)
    teachers = Rows(
        elsewhere.order_by("event__starts_at", "pk"),
        "pk",
        most=SHOWN,
        person=F("person__name"),
        part=F("kind__name"),
        event_id=F("event_id"),
        **{name: F(f"event__{name}") for name in said},
    )
    return {"venue": venue, "teachers": teachers}


def bookings(event: Event, rows: Mapping[Hashable, Sequence[Row]]) -> list[Booking]:
    """What is booked twice, venues first, given the rows of :func:`rows_of`."""
    where = ", ".join(filter(None, [event.venue, event.city]))
    found = [
        Booking(where, row["title"], days_words(row["starts_on"], row["ends_on"]), event_page(row["pk"]))
        for row in sorted(rows["venue"], key=lambda row: (row["starts_on"], row["pk"]))
    ]
    for row in sorted(rows["teachers"], key=lambda row: (row["person"], row["starts_on"], row["pk"])):
        what = _("%(person)s (there: %(part)s)") % {"person": row["person"], "part": row["part"]}
        when = days_words(row["starts_on"], row["ends_on"])
        found.append(Booking(what, row["title"], when, event_page(row["event_id"])))
    return found


def rooms_twice(sessions: Iterable[Session]) -> dict[int, str]:
    """By session: another session that is in its room at the same time."""
    placed: list[tuple[str, dt.datetime, dt.datetime, Session]] = [
        (fold(row.room), row.starts_at, row.ends_at, row)
        for row in sessions
        if row.room and row.starts_at is not None and row.ends_at is not None
    ]
    found: dict[int, str] = {}
    for room, begins, ends, row in placed:
        for other_room, other_begins, other_ends, other in placed:
            if other.pk != row.pk and other_room == room and begins < other_ends and other_begins < ends:
                found.setdefault(row.pk, other.title)
    return found
