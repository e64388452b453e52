"""Saying "this record is mine": proven ones at once, others by a coordinator's word, and taking it back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, events
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.signin.queries import Proven, proven
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.identities import NewIdentity, add_identity, home_identity
from folkmoot.people.actions.people import add_person
from folkmoot.people.letters import send_decision
from folkmoot.people.models import Claim, Identity, Person
from folkmoot.people.queries.own import proofs_for

#: Open claims that one user may have at a time.
MOST_OPEN = 5
MESSAGE_LIMIT = 2000


def _reason(claim: Claim) -> str:
    """How the history names what a claim changed."""
    return f"claim {claim.pk}"


@transaction.atomic
def claim_proven(*, person: Person, user: User) -> Claim:
    """The record becomes the user's, since a handle or address of it is proven to be theirs. Twice is once.

    Raises:
        ValidationError: nothing proves it, it is somebody else's already, or they have another record.
    """
    person = base.locked(person)
    known = Claim.objects.filter(person=person, user=user, state=Claim.State.GRANTED).first()
    if person.user_id == user.pk and known is not None:
        return known
    proofs = proofs_for(person, proven(user))
    if not proofs:
        raise ValidationError(
            _("Nothing in this record is proven to be yours. Ask for it, and somebody will look at it."),
            code="unproven",
        )
    _refuse_taken(person, user)
    claim = Claim.objects.create(
        person=person,
        user=user,
        state=Claim.State.GRANTED,
        proof=proofs[0].system,
        decided_at=clock.now(),
    )
    Claim.objects.filter(person=person, user=user, state=Claim.State.OPEN).delete()
    _link(claim, actor=user)
    return claim


def _refuse_taken(person: Person, user: User) -> None:
    if person.erased_at is not None:
        raise ValidationError(_("This record was erased: nothing is left to claim."), code="erased")
    if person.user_id is not None and person.user_id != user.pk:
        raise ValidationError(
            _(
                "Somebody else signs in as this person already. If that is wrong, write to the people who run this "
                "community: they can see who it is."
            ),
            code="taken",
        )
    other = Person.objects.filter(user=user).exclude(pk=person.pk).first()
    if other is not None:
        raise ValidationError(
            _("You have a record already: %(name)s. Two records of one person are merged by a coordinator.")
            % {"name": other.name},
            code="another",
        )


def _link(claim: Claim, *, actor: Actor) -> None:
    """Make the record the user's, and note what signing in has proven."""
    person, user = claim.person, claim.user
    person.user = user
    base.write(person, actor=actor, reason=_reason(claim))
    prove(person=person, user=user, reason=_reason(claim))
    events.record(
        events.Happening(
            "people.claimed",
            home_identity(person, actor=actor).pk,
            detail={"claim": claim.pk, "proof": claim.proof},
        )
    )


@transaction.atomic
def prove(*, person: Person, user: User, reason: str = "signed in") -> None:
    """Note on the user's own record which handles and addresses signing in has proven; those of others are left alone.

    A handle that stands on somebody else's record stays there: that two records are one is a coordinator's decision.
    """
    if person.user_id != user.pk:
        raise PermissionDenied("people.own")
    for each in proven(user):
        same = _same(each)
        mine = next((one for one in same if one.person_id == person.pk), None)
        if mine is not None:
            changed = base.put(mine, {"is_verified": True} | ({"number": each.number} if each.number else {}))
            if changed:
                base.write(mine, actor=user, reason=reason)
        elif not same:
            add_identity(
                person=person,
                new=NewIdentity(each.system, each.value, each.number, is_verified=True),
                actor=user,
                reason=reason,
            )


def _same(each: Proven) -> list[Identity]:
    """The rows that hold this account: its number, else the handle while no other number contradicts."""
    rows = Identity.objects.filter(system=each.system).select_for_update()
    if each.number:
        found = list(rows.filter(number=each.number))
        if found:
            return found
        return list(rows.filter(number="", folded=each.value.casefold()))
    return list(rows.filter(folded=each.value.casefold()))


@transaction.atomic
def make_own_record(*, user: User, name: str) -> Person:
    """A new record for somebody who has none, with what signing in has proven. Twice is once.

    Raises:
        ValidationError: no name; or there is a record that is provably theirs, which they should claim instead.
    """
    User.objects.select_for_update().get(pk=user.pk)  # a form sent twice makes one record
    known = Person.objects.filter(user=user).first()
    if known is not None:
        return known
    identities = proven(user)
    held = [one for each in identities for one in _same(each)]
    if any(one.person.user_id is None and proofs_for(one.person, identities) for one in held):
        raise ValidationError(_("There is a record of you here already: claim that one."), code="claim")
    free = [each for each in identities if not _same(each)]
    return add_person(
        actor=user,
        reason="by themselves",
        name=base.line(name),
        user=user,
        identities_known=[NewIdentity(one.system, one.value, one.number, is_verified=True) for one in free],
    )


@transaction.atomic
def ask_for_record(*, user: User, person: Person, message: str) -> Claim | None:
    """Ask a coordinator for a record that nothing proves. One open claim for each record.

    Returns:
        ``None`` when somebody else has the record: whoever asks is not told so, since it would tell who is here.

    Raises:
        ValidationError: no reason, too long, or too many open claims.
    """
    message = base.block(message)
    if not message:
        raise ValidationError(
            {"message": _("Write how the people who run this community can tell it is you.")}
        )
    if len(message) > MESSAGE_LIMIT:
        raise ValidationError({"message": _("Write at most %(n)d characters.") % {"n": MESSAGE_LIMIT}})
    User.objects.select_for_update().get(pk=user.pk)
    mine = Claim.objects.filter(user=user, state=Claim.State.OPEN)
    known = mine.filter(person=person).first()
    if known is not None:
        return known
    if mine.count() >= MOST_OPEN:
        raise ValidationError(_("You have asked for several records already: wait for the answers."))
    if person.erased_at is not None or person.user_id is not None:
        return None
    proofs = proofs_for(person, proven(user))
    return Claim.objects.create(
        person=person, user=user, message=message, proof=proofs[0].system if proofs else ""
    )


@transaction.atomic
def decide_claim(*, claim: Claim, granted: bool, actor: User, reason: str = "") -> Claim:
    """Grant a claim or refuse it; the one who asked is told by mail. Deciding alike twice does nothing.

    Raises:
        PermissionDenied: the actor does not manage people, or it is their own claim.
        ValidationError: it is decided otherwise; a refusal without a reason; the record is somebody's by now.
    """
    if not actor.has_perm("people.manage") or claim.user_id == actor.pk:
        raise PermissionDenied("people.manage")
    claim = Claim.objects.select_for_update(of=("self",)).select_related("person", "user").get(pk=claim.pk)
    wished = Claim.State.GRANTED if granted else Claim.State.REFUSED
    if claim.state == wished:
        return claim
    if claim.state != Claim.State.OPEN:
        raise ValidationError(_("This was decided already."), code="decided")
    reason = base.line(reason)[:200]
    if not granted and not reason:
        raise ValidationError({"reason": _("Say why: the reason is told to the one who asked.")})
    if granted:
        claim.person = base.locked(claim.person)
        _refuse_taken(claim.person, claim.user)
    claim.state, claim.reason = wished, reason
    claim.decided_at, claim.decided_by = clock.now(), actor
    claim.save()
    if granted:
        _link(claim, actor=actor)
    send_decision(claim)
    return claim


@transaction.atomic
def release(*, person: Person, actor: User) -> None:
    """Take a claim back: the record is nobody's again, and what the claim noted as proven is as it was before.

    Raises:
        PermissionDenied: it is not the actor's own record, and they do not manage people.
    """
    person = base.locked(person)
    if person.user_id is None:
        return
    if person.user_id != actor.pk and not actor.has_perm("people.manage"):
        raise PermissionDenied("people.own")
    claim = (
        Claim.objects.filter(person=person, user=person.user_id, state=Claim.State.GRANTED)
        .order_by("-pk")
        .first()
    )
    if claim is not None:
        _take_back_proofs(claim, actor)
        claim.state, claim.reason = Claim.State.REFUSED, "taken back"
        claim.decided_at, claim.decided_by = clock.now(), actor
        claim.save()
    person.user = None
    base.write(person, actor=actor, reason="claim taken back")
    events.record(
        events.Happening(
            "people.claim_taken_back",
            home_identity(person, actor=actor).pk,
            detail={"claim": claim.pk if claim else None},
        )
    )


def _take_back_proofs(claim: Claim, actor: User) -> None:
    history: Any = Identity.history.filter(history_change_reason=_reason(claim))
    for entry in history.order_by("-history_id"):
        row = Identity.objects.filter(pk=entry.id, person=claim.person_id).first()
        if row is None:
            continue
        if entry.history_type == "+" and not base.uses(row):
            if Identity.objects.filter(person=row.person_id).exclude(pk=row.pk).exists():
                base.remove(row, actor=actor, reason="claim taken back")
        elif row.is_verified:
            row.is_verified = False
            base.write(row, actor=actor, reason="claim taken back")
