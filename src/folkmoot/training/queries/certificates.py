"""Reads of certificates, and of a person's own part in events."""

from __future__ import annotations

import datetime as dt

from django.db.models import OuterRef, Q, QuerySet, Subquery

from folkmoot.kernel import clock
from folkmoot.people.public import Person
from folkmoot.training.models import (
    Audience,
    Certificate,
    Event,
    EventLink,
    Registration,
    RegistrationState,
    Status,
    Task,
    TaskKind,
    TaskState,
)

Does = TaskKind.Does
#: How long before an event its survey is offered, how long after it those that follow are.
BEFORE, AFTER, MONTHS_LATER, YEAR = (dt.timedelta(days=days) for days in (30, 60, 90, 400))


def _with_certificates(tasks: QuerySet[Task]) -> QuerySet[Task]:
    newest = Certificate.objects.filter(task=OuterRef("pk")).order_by("-issued_at", "-pk")
    return tasks.select_related("event", "kind", "person").annotate(
        certificate_id=Subquery(newest.values("pk")[:1]),
        certificate_code=Subquery(newest.values("code")[:1]),
        issued_at=Subquery(newest.values("issued_at")[:1]),
        revoked_at=Subquery(newest.values("revoked_at")[:1]),
    )


def parts_for_certificates(event: Event) -> QuerySet[Task]:
    """Who took part in an event, with the newest certificate of each (``certificate_id`` …)."""
    return _with_certificates(Task.objects.filter(event=event, state=TaskState.CONFIRMED, session=None))


def own_parts(person: Person | None) -> QuerySet[Task]:
    """A person's parts in events, each with its newest certificate."""
    if person is None:
        return _with_certificates(Task.objects.none())
    return _with_certificates(Task.objects.filter(person=person).exclude(state=TaskState.WITHDRAWN))


def own_waiting(person: Person | None) -> list[Registration]:
    """Events ahead for which somebody waits for a place, the next first; at most 20."""
    if person is None:
        return []
    rows = Registration.objects.filter(
        person=person, state=RegistrationState.WAITING, event__ends_at__gt=clock.now()
    )
    return list(rows.select_related("event").order_by("event__starts_at", "pk")[:20])


def own_surveys(person: Person | None) -> list[EventLink]:
    """Surveys that wait for somebody now: of events that they take part in, for those who do what they do there. One
    query; at most 20.
    """
    if person is None:
        return []
    now, kind = clock.now(), EventLink.Kind
    mine = Q(event__tasks__person=person, event__tasks__state=TaskState.CONFIRMED, event__tasks__session=None)
    asked = (
        Q(audience=Audience.EVERYBODY)
        | Q(audience=Audience.LEARNERS, event__tasks__kind__does=Does.LEARNS)
        | Q(audience=Audience.TEACHERS, event__tasks__kind__does__in=[Does.TEACHES, Does.HELPS])
    )
    due = (
        Q(kind=kind.SURVEY_BEFORE, event__starts_at__gt=now, event__starts_at__lte=now + BEFORE)
        | Q(kind=kind.SURVEY_AFTER, event__ends_at__lte=now, event__ends_at__gt=now - AFTER)
        | Q(kind=kind.SURVEY_LATER, event__ends_at__lte=now - MONTHS_LATER, event__ends_at__gt=now - YEAR)
    )
    happens = (Status.ANNOUNCED, Status.RUNNING, Status.DONE)
    rows = EventLink.objects.filter(mine & asked & due, event__status__in=happens)
    return list(rows.select_related("event").order_by("event__starts_at", "kind", "pk").distinct()[:20])
