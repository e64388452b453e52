"""Awarding badges, taking them back, and what an award opens: a role and a certificate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, ids
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.people.public import Person, Term, end_term, start_term
from folkmoot.training import certifying
from folkmoot.training.actions import base, certificates
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Award, Badge, Certificate, Event
from folkmoot.training.queries.trainees import passed, requirements_of
from folkmoot.training.telling_progress import tell_awarded


@transaction.atomic
def award(
    *,
    person: Person,
    badge: Badge,
    actor: Actor,
    awarded_on: dt.date | None = None,
    event: Event | None = None,
) -> tuple[Award, Undo]:
    """Award a badge: the ledger is told, the role that it opens begins, the certificate is issued. Whoever has it keeps
    what they have.

    Returns:
        the award, and what takes it back; nothing where it was there.

    Raises:
        ValidationError: the badge is archived, the record is, or the day is still to come.
    """
    base.locked(person)
    known = Award.objects.filter(person=person, badge=badge, revoked_at=None).first()
    if known is not None:
        return known, Undo()
    if badge.is_archived:
        raise ValidationError(
            {"badge": _("%(badge)s is awarded no more.") % {"badge": badge}}, code="archived"
        )
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError(
            {"person": _("The record of %(person)s is archived.") % {"person": person.name}}, code="archived"
        )
    day = awarded_on or clock.today()
    if day > clock.today() + dt.timedelta(days=1):
        raise ValidationError({"awarded_on": _("This day is still to come.")}, code="ahead")
    changes: list[Change] = []
    term = _open_role(person, badge, day, actor)
    if term is not None:
        changes += last_change(term).changes
    row = Award(person=person, badge=badge, awarded_on=day, event=event, awarded_by=actor, term=term)
    base.write(row, actor=actor)
    changes += last_change(row).changes
    tell_awarded([row], actor=actor)
    if badge.certificate is not None:
        changes += last_change(certify(award=row, actor=actor)).changes
    return row, Undo(tuple(changes))


def _open_role(person: Person, badge: Badge, day: dt.date, actor: Actor) -> Term | None:
    """The role of a badge from a day on; ``None`` where it opens none, or they hold it already."""
    if badge.role_kind is None:
        return None
    try:
        return start_term(
            person=person,
            role_kind=badge.role_kind,
            started_on=day,
            actor=actor,
            reason=f"badge {badge.slug}",
        )
    except ValidationError:  # they hold it then
        return None


@transaction.atomic
def award_many(*, people: Iterable[Person], badge: Badge, actor: Actor) -> tuple[list[Award], Undo]:
    """Award a badge to several people, all of them or nobody; whoever has it is left out.

    Raises:
        ValidationError: as :func:`award`.
    """
    made: list[Award] = []
    changes: list[Change] = []
    for person in people:
        row, undo = award(person=person, badge=badge, actor=actor)
        if undo.changes:
            made.append(row)
            changes += undo.changes
    return made, Undo(tuple(changes))


@transaction.atomic
def award_complete(*, people: Sequence[Person], requirements: Collection[int], actor: Actor) -> Undo:
    """Award what is awarded by itself to those of these people who are complete now, and never had it. Two queries
    where nothing is.

    Args:
        requirements: what they just passed.
    """
    changes: list[Change] = []
    badges = (
        Badge.objects.filter(is_automatic=True, is_archived=False, requirements__in=requirements)
        .distinct()
        .select_related("role_kind", "certificate")
        .prefetch_related("requirements")
    )
    for badge in badges:
        done = set(passed(*requirements_of(badge)).filter(person__in=people).values_list("person", flat=True))
        ever = set(Award.objects.filter(badge=badge, person__in=people).values_list("person", flat=True))
        by_number = {person.pk: person for person in people if person.pk in done - ever}
        _made, undo = award_many(people=by_number.values(), badge=badge, actor=actor)
        changes += undo.changes
    return Undo(tuple(changes))


@transaction.atomic
def revoke_award(*, award: Award, reason: str, actor: Actor) -> Award:
    """Take a badge back: the role that it opened ends today, its certificate does not hold any more. Twice does nothing
    more.

    Raises:
        ValidationError: without a reason.
    """
    row = base.locked(award)
    if row.revoked_at is not None:
        return row
    reason = base.line(reason)[:300]
    if not reason:
        raise ValidationError({"reason": _("Say why.")}, code="required")
    base.put(row, {"revoked_at": clock.now(), "revoked_because": reason})
    base.write(row, actor=actor, reason="revoked")
    for certificate in row.certificates.filter(revoked_at=None):
        certificates.revoke(certificate=certificate, reason=reason, actor=actor)
    term, today = row.term, clock.today()
    if term is not None and (term.ended_on is None or term.ended_on > today):
        end_term(term=term, on=max(today, term.started_on or today), actor=actor, reason=reason)
    return row


@transaction.atomic
def remove_award(*, award: Award, actor: Actor) -> Undo:
    """Take out an award that was entered by mistake, with the role that it opened.

    Raises:
        ValidationError: there is a certificate for it.
    """
    row = base.locked(award)
    if row.certificates.exists():
        raise ValidationError(
            _("There is a certificate for it: take the badge back with a reason instead."), code="certificate"
        )
    term = row.term
    undo = removed(row, actor=actor)
    if term is None:
        return undo
    return Undo((*undo.changes, *removed(term, actor=actor).changes))


@transaction.atomic
def certify(*, award: Award, actor: Actor) -> Certificate:
    """Issue the certificate of an award; what it says is frozen. There is one that holds already: it is returned.

    Raises:
        ValidationError: the badge has no certificate, the award was taken back, or the pattern is broken.
    """
    base.locked(award)
    row = Award.objects.select_related("badge__certificate", "person", "event").get(pk=award.pk)
    known = row.certificates.filter(revoked_at=None).first()
    if known is not None:
        return known
    pattern = row.badge.certificate
    if pattern is None:
        raise ValidationError(
            _("Choose a certificate for the badge %(badge)s first.") % {"badge": row.badge}, code="state"
        )
    if row.revoked_at is not None or row.person.erased_at is not None:
        raise ValidationError(_("This award was taken back."), code="state")
    code = ids.token(16)
    facts = certifying.facts_of_award(row, certificates.address_of(code))
    certifying.drawn(pattern.svg, facts)
    made = Certificate(code=code, award=row, facts=facts, svg=pattern.svg, issued_at=clock.now())
    return base.write(made, actor=actor, reason="issued")


def awards_without_certificate(awards: Iterable[Award]) -> list[Award]:
    """Those of these awards that hold and have no certificate that does; one query."""
    rows = [row for row in awards if row.revoked_at is None]
    have = set(Certificate.objects.filter(award__in=rows, revoked_at=None).values_list("award", flat=True))
    return [row for row in rows if row.pk not in have]
