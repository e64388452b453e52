"""Sessions and links of an event, and another event like one that is there."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import transaction

from folkmoot.kernel.ids import token
from folkmoot.kernel.undo import Undo, removed
from folkmoot.outbox.public import instant
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.events import EventFields, save_event
from folkmoot.training.models import (
    TAKEN,
    Event,
    EventLink,
    Question,
    Session,
    Task,
    TaskKind,
    TaskState,
)

#: What another event takes over of the links of one: what is said afterwards is its own.
KEPT_LINKS = (
    EventLink.Kind.SURVEY_BEFORE,
    EventLink.Kind.SURVEY_AFTER,
    EventLink.Kind.SURVEY_LATER,
    EventLink.Kind.MATERIALS,
)
_COPIED = (
    *("summary", "description", "kind", "programme", "visibility", "starts_time", "ends_time", "time_zone"),
    *("is_online", "venue", "address", "city", "country", "latitude", "longitude", "languages"),
    *(
        "host",
        "organizer",
        "capacity",
        "open_seats",
        "registration_by",
        "registration_url",
        "registration_note",
    ),
    *("repository", "contact", "accommodations", "certificate"),
)
_ASKED = ("text", "kind", "choices", "help", "is_required", "position")
_SETS = ("curricula", "lessons", "tags")


class SessionFields(TypedDict, total=False):
    """What may be said of a session; moments in UTC."""

    title: str
    abstract: str
    track: str
    room: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None


class LinkFields(TypedDict, total=False):
    """What may be said of a link."""

    kind: str
    url: str
    label: str
    is_public: bool
    audience: str
    results: int | None


@transaction.atomic
def save_session(
    *,
    event: Event,
    actor: Actor,
    session: Session | None = None,
    seen: int | None = None,
    **values: Unpack[SessionFields],
) -> Session:
    """Add a session to an event, or change one; what is not named stays.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(session, seen) if session is not None else Session(event=event, uid=token(16))
    if base.put(row, values) or row.pk is None:
        base.write(row, actor=actor)
    return row


@transaction.atomic
def remove_session(*, session: Session, actor: Actor) -> Undo:
    """Take a session out in which nobody has a part.

    Raises:
        ValidationError: somebody has a part in it.
    """
    row = base.locked(session)
    base.unused(row)
    return removed(row, actor=actor)


@transaction.atomic
def save_link(
    *,
    event: Event,
    actor: Actor,
    link: EventLink | None = None,
    seen: int | None = None,
    **values: Unpack[LinkFields],
) -> EventLink:
    """Add a link to an event, or change one; what is not named stays.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(link, seen) if link is not None else EventLink(event=event)
    if base.put(row, values) or row.pk is None:
        base.write(row, actor=actor)
    return row


@transaction.atomic
def remove_link(*, link: EventLink, actor: Actor) -> Undo:
    """Take a link away."""
    return removed(base.locked(link), actor=actor)


@transaction.atomic
def duplicate(
    *, event: Event, title: str, starts_on: dt.date | None, actor: Actor, with_people: bool = False
) -> Event:
    """Plan another event like this one: its facts, sessions, questions, surveys and materials.

    Who registered, who was there and what was said afterwards are its own. The end, sessions and the days of signing
    up move with the first day, keeping their times of day.

    Args:
        with_people: whoever teaches, helps, hosts, organises or speaks has the same part again, as "asked".

    Raises:
        ValidationError: by field.
    """
    values: EventFields = {name: getattr(event, name) for name in _COPIED}  # type: ignore[assignment]
    values["title"] = title
    shift = (starts_on - event.starts_on) if starts_on and event.starts_on else None
    if starts_on is None:
        values["starts_time"] = values["ends_time"] = None
    else:
        values["starts_on"] = starts_on
        values["ends_on"] = event.ends_on + shift if event.ends_on and shift is not None else None
    if shift is not None:
        values["registration_opens_at"] = _moved(event.registration_opens_at, shift, event.time_zone)
        values["registration_closes_at"] = _moved(event.registration_closes_at, shift, event.time_zone)
    for name in _SETS:
        values[name] = list(getattr(event, name).all())  # type: ignore[literal-required]
    made = save_event(values=values, actor=actor)
    for session in event.sessions.all():
        save_session(
            event=made,
            actor=actor,
            title=session.title,
            abstract=session.abstract,
            track=session.track,
            room=session.room,
            starts_at=_moved(session.starts_at, shift, event.time_zone),
            ends_at=_moved(session.ends_at, shift, event.time_zone),
        )
    for link in event.links.filter(kind__in=KEPT_LINKS, survey=None):
        save_link(
            event=made,
            actor=actor,
            kind=link.kind,
            url=link.url,
            label=link.label,
            is_public=link.is_public,
            audience=link.audience,
        )
    for question in event.questions.filter(is_archived=False):
        kept = {
            name: getattr(question, name)
            for name in ("text", "kind", "choices", "help", "is_required", "position")
        }
        base.write(Question(event=made, **kept), actor=actor)
    if with_people:
        _ask_again(event, made, actor)
    return made


def _ask_again(event: Event, made: Event, actor: Actor) -> None:
    others = (TaskKind.Does.LEARNS, TaskKind.Does.OTHER)
    tasks = Task.objects.filter(event=event, session=None, state__in=TAKEN, person__archived_at=None)
    for task in tasks.exclude(kind__does__in=others).order_by("pk"):
        base.write(
            Task(event=made, person_id=task.person_id, kind_id=task.kind_id, state=TaskState.INVITED),
            actor=actor,
        )


def _moved(at: dt.datetime | None, shift: dt.timedelta | None, zone: str) -> dt.datetime | None:
    """A moment so many days later, at the same time of day in the zone."""
    if at is None or shift is None:
        return None
    return instant(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + shift, zone)
