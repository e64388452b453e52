"""Reads of registrations: whether one can register now, and who did."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.training.models import (
    TAKEN,
    Audience,
    Event,
    EventLink,
    Question,
    Registration,
    RegistrationBy,
    RegistrationState,
    Status,
    Task,
    TaskKind,
)
from folkmoot.training.queries.public import shown

#: Registrations that still count for something.
OPEN = (RegistrationState.UNPROVEN, RegistrationState.WAITING, RegistrationState.CONFIRMED)


class Door(enum.Enum):
    """Whether somebody can register now."""

    OPEN = "open"
    #: Only for the waiting list.
    FULL = "full"
    EARLY = "early"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OVER = "over"

    @property
    def is_open(self) -> bool:
        """A registration is taken."""
        return self in (Door.OPEN, Door.FULL)


def events_with_a_form() -> QuerySet[Event]:
    """Events that everybody may see and whose registration form is here."""
    return shown().filter(registration_by=RegistrationBy.HERE)


def closes_at(event: Event) -> dt.datetime | None:
    """Until when one can register: as the event says, or else until it begins."""
    return event.registration_closes_at or event.starts_at


def door(event: Event, now: dt.datetime | None = None) -> Door:
    """Whether somebody can register now; at most two queries."""
    now = now or clock.now()
    if event.status == Status.CANCELLED:
        return Door.CANCELLED
    if event.status not in (Status.ANNOUNCED, Status.RUNNING) or (event.ends_at and event.ends_at <= now):
        return Door.OVER
    if event.registration_opens_at and now < event.registration_opens_at:
        return Door.EARLY
    closes = closes_at(event)
    if closes is not None and now >= closes:
        return Door.CLOSED
    return Door.OPEN if has_room(event) else Door.FULL


def learners_of(event: Event) -> QuerySet[Task]:
    """The places that are taken, or kept for somebody who was asked."""
    return Task.objects.filter(event=event, kind__does=TaskKind.Does.LEARNS, session=None, state__in=TAKEN)


def has_room(event: Event) -> bool:
    """A place is free and nobody waits for it; at most two queries."""
    if event.capacity is None:
        return True
    if Registration.objects.filter(event=event, state=RegistrationState.WAITING).exists():
        return False
    return learners_of(event).count() < event.capacity


def questions_of(event: Event) -> QuerySet[Question]:
    """What is asked now, in its order."""
    return event.questions.filter(is_archived=False).order_by("position", "pk")


def waiting(event: Event) -> QuerySet[Registration]:
    """The waiting list, who is next first."""
    return Registration.objects.filter(event=event, state=RegistrationState.WAITING).order_by(
        "queued_at", "pk"
    )


def place_in_queue(registration: Registration) -> int | None:
    """From 1; ``None`` for somebody who does not wait. One query."""
    if registration.state != RegistrationState.WAITING:
        return None
    before = Q(queued_at__lt=registration.queued_at) | Q(
        queued_at=registration.queued_at, pk__lte=registration.pk
    )
    return waiting(registration.event).filter(before).count()


def links_for(event: Event, audience: str = Audience.LEARNERS) -> QuerySet[EventLink]:
    """The addresses that those who have a place get, or those who teach and help."""
    return event.links.filter(audience__in=["", audience]).order_by("kind", "pk")


@dataclass(frozen=True)
class Answer:
    """A question, and what somebody answered, in words."""

    question: Question
    text: str


def answer_words(question: Question, said: object) -> str:
    """An answer as a person reads it."""
    if isinstance(said, bool):
        return _("yes") if said else _("no")
    if isinstance(said, list):
        return ", ".join(str(one) for one in said)
    return str(said) if said is not None else ""


def answers_of(registration: Registration, questions: Iterable[Question]) -> list[Answer]:
    """What somebody answered, in the order of the questions; what they were not asked is left out."""
    said = registration.answers
    return [
        Answer(question, answer_words(question, said[str(question.pk)]))
        for question in questions
        if str(question.pk) in said
    ]


def registrations(event: Event) -> QuerySet[Registration]:
    """Everybody who registered."""
    return Registration.objects.filter(event=event).select_related("person", "event")


def numbers(event: Event) -> dict[str, int]:
    """How many registrations there are, by state; one query."""
    rows = Registration.objects.filter(event=event).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(rows)
