"""Issuing certificates and taking them back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, events, ids
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.models import Job
from folkmoot.people.public import home_identity
from folkmoot.training import certifying, letters, telling
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Certificate, Event, Task, TaskState

#: More than so many are issued by a job.
AT_ONCE = 20


def attended_without(event: Event) -> QuerySet[Task]:
    """The parts of those who were there and have no certificate that holds, one for each person and kind of part."""
    holds = Certificate.objects.filter(task=OuterRef("pk"), revoked_at=None)
    return (
        Task.objects.filter(event=event, state=TaskState.CONFIRMED, attended=True, session=None)
        .filter(person__erased_at=None)
        .exclude(Exists(holds))
        .select_related("event__kind__certificate", "event__certificate", "kind", "person")
    )


@transaction.atomic
def issue(*, task: Task, actor: Actor) -> Certificate:
    """Issue a certificate for a part; the person is told by mail where an address is known, the ledger is told.

    What it says is frozen. There is one that holds already: it is returned.

    Raises:
        ValidationError: the event is not over or has no pattern, they did not take part, the pattern is broken.
    """
    base.locked(task)
    row = Task.objects.select_related("event__kind__certificate", "event__certificate", "kind", "person").get(
        pk=task.pk
    )
    known = Certificate.objects.filter(task=row, revoked_at=None).first()
    if known is not None:
        return known
    why_not = certifying.why_not(row)
    if why_not:
        raise ValidationError(why_not, code="state")
    pattern = certifying.pattern_of(row.event)
    assert pattern is not None  # noqa: S101 - why_not() has looked
    code = ids.token(16)
    address = address_of(code)
    facts = certifying.facts_of(row, address)
    certifying.drawn(pattern.svg, facts)
    certificate = Certificate(code=code, task=row, facts=facts, svg=pattern.svg, issued_at=clock.now())
    base.write(certificate, actor=actor, reason="issued")
    events.record(
        events.Happening(
            kind=telling.CERTIFIED,
            identity_id=home_identity(row.person, actor=actor).pk,
            occurred_at=certificate.issued_at,
            source=telling.SOURCE,
            external_id=f"certificate:{certificate.pk}",
            detail={"event": row.event_id, "title": row.event.title, "part": row.kind.slug},
        )
    )
    letters.try_to(
        letters.CERTIFICATE,
        lambda: letters.write_person(
            letters.CERTIFICATE,
            row.person,
            row.event,
            actor=actor,
            key=f"{letters.CERTIFICATE}:{certificate.pk}",
            link=address,
        ),
    )
    return certificate


def address_of(code: str) -> str:
    """The whole address at which everybody sees whether a certificate holds."""
    return letters.absolute(reverse("events:certificate", args=[code]))


@transaction.atomic
def issue_all(*, event: Event, actor: Actor) -> int | Job:
    """Issue certificates to everybody who was there and has none: at once, or by a job where they are more than
    :data:`AT_ONCE`.

    Returns:
        how many, or the job.

    Raises:
        ValidationError: as :func:`issue`; nobody is noted as having been there.
    """
    event = base.locked(event)
    rows = list(attended_without(event).order_by("pk")[: AT_ONCE + 1])
    if not rows:
        raise ValidationError(
            _(
                "Nobody without a certificate is noted as having been there: tick on the event's page who was."
            ),
            code="nobody",
        )
    why_not = certifying.why_not(rows[0])
    if why_not:
        raise ValidationError(why_not, code="state")
    if len(rows) > AT_ONCE:
        return enqueue(kind=certifying.JOB, arguments={"event": event.pk}, created_by=actor)
    for row in rows:
        issue(task=row, actor=actor)
    return len(rows)


@transaction.atomic
def revoke(*, certificate: Certificate, reason: str, actor: Actor) -> Certificate:
    """It does not hold any more; its public page says so and why. Twice does nothing more.

    Raises:
        ValidationError: without a reason.
    """
    row = base.locked(certificate)
    if row.revoked_at is not None:
        return row
    reason = base.line(reason)[:300]
    if not reason:
        raise ValidationError(
            {"reason": _("Say why: everybody who looks the certificate up reads it.")}, code="required"
        )
    base.put(row, {"revoked_at": clock.now(), "revoked_because": reason})
    return base.write(row, actor=actor, reason="revoked")
