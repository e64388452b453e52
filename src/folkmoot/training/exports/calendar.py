"""Events as calendars that other programs subscribe to (iCalendar, RFC 5545).

An event keeps its UID whatever becomes of it; a cancelled one says so, since a program that only misses it would keep
it. Events without times last whole days, which no zone moves; others have their moments in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar
from icalendar import Event as Entry

from folkmoot.training.exports.telling import page_of, place_of
from folkmoot.training.models import Event, Session, Status

#: How often programs should ask again.
REFRESH = dt.timedelta(hours=6)
#: Revisions are counted in seconds from here: they have to fit into 31 bits, and do until 2088.
_ZERO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def calendar_of(
    events: Iterable[Event],
    *,
    name: str = "",
    method: str = "PUBLISH",
    organizer: str = "",
    sessions: Iterable[Session] = (),
) -> bytes:
    """The events as an iCalendar file; runs no query.

    Args:
        name: what programs call the calendar; empty for one event.
        method: ``PUBLISH``, or ``CANCEL`` for an attachment that takes an event out of calendars (RFC 5546).
        organizer: the address that such an attachment comes from.
        sessions: entries beside that of their event, which is read beforehand; those without times are left out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Folkmoot//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT6H")
    for event in events:
        if event.starts_on is not None:
            entry = _entry(event)
            if organizer:
                entry.add("organizer", f"mailto:{organizer}")
            calendar.add_component(entry)
    for session in sessions:
        if session.starts_at is not None and session.ends_at is not None:
            calendar.add_component(_of_session(session))
    content: bytes = calendar.to_ical()
    return content


def uid_of(event: Event) -> str:
    """What the event is called in calendars, as long as it is."""
    return f"event-{event.pk}@{urlsplit(settings.BASE_URL).hostname or 'folkmoot'}"


def _entry(event: Event) -> Entry:
    entry = Entry()
    entry.add("uid", uid_of(event))
    changed = event.updated_at.astimezone(dt.UTC)
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("created", event.created_at.astimezone(dt.UTC))
    entry.add("sequence", max(0, int((event.updated_at - _ZERO).total_seconds())))
    first, last = event.starts_on, event.ends_on or event.starts_on
    if (event.starts_time is None or event.starts_at is None or event.ends_at is None) and first and last:
        entry.add("dtstart", first)
        entry.add("dtend", last + dt.timedelta(days=1))  # the day after the last, RFC 5545 3.6.1
    elif event.starts_at is not None and event.ends_at is not None:
        entry.add("dtstart", event.starts_at.astimezone(dt.UTC))
        entry.add("dtend", event.ends_at.astimezone(dt.UTC))
    entry.add("summary", event.title)
    entry.add("status", "CANCELLED" if event.status == Status.CANCELLED else "CONFIRMED")
    if event.summary:
        entry.add("description", event.summary)
    if place := place_of(event) or ("Online" if event.is_online else ""):
        entry.add("location", place)
    if event.latitude is not None and event.longitude is not None:
        entry.add("geo", (event.latitude, event.longitude))
    entry.add("url", page_of(event))
    return entry


def _of_session(session: Session) -> Entry:
    entry = Entry()
    entry.add("uid", f"session-{session.uid}@{urlsplit(settings.BASE_URL).hostname or 'folkmoot'}")
    changed = session.updated_at.astimezone(dt.UTC)
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", max(0, int((session.updated_at - _ZERO).total_seconds() // 60)))
    if session.starts_at is not None and session.ends_at is not None:
        entry.add("dtstart", session.starts_at.astimezone(dt.UTC))
        entry.add("dtend", session.ends_at.astimezone(dt.UTC))
    entry.add("summary", session.title)
    is_off = session.event.status == Status.CANCELLED
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    if place := ", ".join(part for part in (session.room, place_of(session.event)) if part):
        entry.add("location", place)
    entry.add("url", page_of(session.event))
    return entry
