"""What pages of people, organisations and projects show of training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window

from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import TAKEN, Event, Status, Task
from folkmoot.training.queries.lists import days_words

#: Events that a card shows (of each part).
SHOWN = 10


def parts_of_person(person: Any) -> Rows:
    """Every part that somebody takes or took."""
    return Rows(
        Task.objects.filter(person=person, state__in=TAKEN).order_by(
            F("event__starts_at").desc(nulls_first=True), "-pk"
        ),
        *("pk", "event_id", "state", "attended"),
        most=None,
        part=F("kind__name"),
        order=F("kind__order"),
        title=F("event__title"),
        status=F("event__status"),
        starts_at=F("event__starts_at"),
        starts_on=F("event__starts_on"),
        ends_on=F("event__ends_on"),
    )


def by_part(rows: Sequence[Row]) -> dict[str, Any] | None:
    """By part: the newest events, and how many there are beyond."""
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=_newest, reverse=True):
        found[row["order"], row["part"]].append(_shown(row))
    groups = [
        (part, events[:SHOWN], max(len(events) - SHOWN, 0), len(events))
        for (_order, part), events in sorted(found.items())
    ]
    return {"groups": groups} if groups else None


def events_of_organization(organization: Any) -> Rows:
    """The newest events that it hosts or organises, with how many there are."""
    return _events(Event.objects.filter(Q(host=organization) | Q(organizer=organization)))


def events_of_project(project: Any) -> Rows:
    """The newest events where a lesson is taught, with how many there are."""
    return _events(Event.objects.filter(lessons=project))


def _events(events: QuerySet[Event]) -> Rows:
    return Rows(
        events.order_by(F("starts_at").desc(nulls_first=True), "-pk"),
        *("pk", "title", "status", "starts_at", "starts_on", "ends_on", "city"),
        most=SHOWN,
        number=Window(Count("pk")),
    )


def newest(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Events for a card, and how many more there are."""
    if not rows:
        return None
    shown = [_shown(row) for row in sorted(rows, key=_newest, reverse=True)]
    return {"events": shown, "more": rows[0]["number"] - len(rows)}


def _newest(row: Row) -> tuple[bool, Any, int]:
    at = row["starts_at"]
    return at is None, at.timestamp() if at else 0.0, row["pk"]


def _shown(row: Row) -> dict[str, Any]:
    return {
        **row,
        "days": days_words(row["starts_on"], row["ends_on"]),
        "status_label": "" if row["status"] == Status.DONE else str(Status(row["status"]).label),
    }
