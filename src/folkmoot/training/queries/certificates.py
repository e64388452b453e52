"""Reads of certificates, and of a person's own part in events."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from folkmoot.kernel import clock
from folkmoot.people.public import Person
from folkmoot.training.models import (
    Certificate,
    Event,
    Registration,
    RegistrationState,
    Task,
    TaskState,
)


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
