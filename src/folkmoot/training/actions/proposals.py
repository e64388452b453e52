"""Proposing sessions, and looking after proposals."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.undo import Change, Undo, follows, last_change, removed
from folkmoot.people.public import Person
from folkmoot.training import unconference_letters as letters
from folkmoot.training import unconference_telling as telling
from folkmoot.training.actions import base, placing
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.grid_sessions import keep_in_step
from folkmoot.training.models import Placement, Proposal, ProposalState, Unconference

#: For how long the link of the first mail can be followed; then the proposal is forgotten.
GOOD_FOR = dt.timedelta(days=7)
#: Proposals of one unconference at most: the grid stays something that a person can look at.
MOST = 2000
State = ProposalState


class ProposalFields(TypedDict, total=False):
    """What may be said of a proposal."""

    title: str
    description: str
    format: str
    leader: Person | None
    leader_name: str
    needs: list[str]
    expected: int | None
    away: list[int]
    notes_url: str
    proposer_name: str
    email: str
    #: The language they read.
    language: str


def read(token: str) -> Proposal | None:
    """Whose page an address leads to; ``None``: it is none of ours, or too old to prove anything. One query."""
    try:
        pk, stamp = signing.loads(token, salt=letters.SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    row = (
        Proposal.objects.select_related("unconference__event__kind", "person", "merged_into")
        .filter(pk=pk)
        .first()
    )
    if row is None or int(row.proposed_at.timestamp() * 1_000_000) != stamp:
        return None
    if row.state == State.UNPROVEN and row.proposed_at + GOOD_FOR <= clock.now():
        return None
    return row


def _put(row: Proposal, values: ProposalFields) -> bool:
    said: dict[str, Any] = dict(values)
    if "needs" in said:
        known = set(row.unconference.needs) | set(row.needs)
        said["needs"] = [word for word in said["needs"] if word in known]
    if "away" in said:
        rounds = set(row.unconference.rounds.values_list("pk", flat=True))
        said["away"] = sorted(rounds & set(said["away"]))
    return base.put(row, said)


def _room(unconference: Unconference) -> None:
    if unconference.proposals.count() >= MOST:
        raise ValidationError(_("There are %(n)d proposals: no more are taken.") % {"n": MOST}, code="full")


@transaction.atomic
def propose(*, unconference: Unconference, values: ProposalFields, user: User | None = None) -> Proposal:
    """Keep what somebody proposes. Whoever is signed in has proven who they are; everybody else gets a mail.

    Raises:
        ValidationError: nobody can propose now; by field; at ``email``: no mail can be sent there.
    """
    held = base.locked(unconference)
    if not held.takes_proposals(clock.now()):
        raise ValidationError(_("Proposals are not taken now."), code="closed")
    _room(held)
    row = Proposal(unconference=held, proposed_at=clock.now())
    _put(row, values)
    if user is not None:
        row.person = Person.objects.filter(user=user, erased_at=None).first()
        row.proposer_name = row.proposer_name or (row.person.name if row.person else user.name)
        row.email = row.email or user.email
        row.proven_at = row.proposed_at
        row.state = State.WAITING if held.is_moderated else State.OPEN
        base.write(row, actor=user, reason="proposed")
        _shown(row, user)
        return row
    row.state = State.UNPROVEN
    if not row.email:
        raise ValidationError({"email": _("Say your e-mail address.")}, code="required")
    base.write(row, actor=None, reason="proposed")
    try:
        letters.send(letters.PROVE, row, key=f"training.session_prove:{row.pk}")
    except ValidationError as problem:
        raise ValidationError(
            {"email": _("No mail can be sent to this address from here. Give another one, or write to us.")},
            code="mail",
        ) from problem
    return row


def _shown(row: Proposal, actor: Actor) -> None:
    rows_changed(Proposal, [row.pk])
    telling.tell_proposed(row, actor=actor)
    keep_in_step(unconference=row.unconference, actor=actor)


@transaction.atomic
def prove(*, proposal: Proposal) -> Proposal:
    """Somebody followed the link in their mail: the proposal counts, or waits to be let in. Twice does nothing more.

    A record of the register is found by the proven address, or made.
    """
    row = base.locked(proposal)
    if row.state != State.UNPROVEN:
        return row
    row.person = placing.person_behind(
        name=row.proposer_name or row.email, email=row.email, reason="proposed a session"
    )
    row.proven_at = clock.now()
    row.state = State.WAITING if row.unconference.is_moderated else State.OPEN
    base.write(row, actor=None, reason="proven")
    _shown(row, None)
    return row


@transaction.atomic
def save_proposal(
    *,
    unconference: Unconference,
    actor: Actor,
    proposal: Proposal | None = None,
    seen: int | None = None,
    **values: Unpack[ProposalFields],
) -> Proposal:
    """Add a proposal for those who run the event, or change one; what is not named stays. At any time.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(proposal, seen) if proposal is not None else Proposal(unconference=unconference)
    if row.pk is None:
        _room(unconference)
    changed = _put(row, values)
    if changed or row.pk is None:
        base.write(row, actor=actor)
        rows_changed(Proposal, [row.pk])
        keep_in_step(unconference=unconference, actor=actor)
    return row


@transaction.atomic
def change_own(*, proposal: Proposal, values: ProposalFields) -> Proposal:
    """Who proposed it changes what it says, by their link.

    Raises:
        ValidationError: by field; it is hidden, withdrawn or part of another.
    """
    row = base.locked(proposal)
    if row.state not in (State.UNPROVEN, State.WAITING, State.OPEN):
        raise ValidationError(
            _("Nothing can be changed any more (%(state)s).") % {"state": row.get_state_display()},
            code="state",
        )
    if _put(row, values):
        base.write(row, actor=None, reason="by who proposed it")
        rows_changed(Proposal, [row.pk])
        keep_in_step(unconference=row.unconference, actor=None)
    return row


def _stand(proposal: Proposal, state: str, actor: Actor, *, reason: str = "", **values: Any) -> Undo:
    """Give it another state; one that does not count has no place in the grid."""
    row = base.locked(proposal)
    if not base.put(row, {"state": state, **values}):
        return Undo()
    changes: list[Change] = []
    if state != State.OPEN:
        for place in Placement.objects.filter(proposal=row):
            changes += removed(place, actor=actor).changes
    base.write(row, actor=actor, reason=reason)
    changes += last_change(row).changes
    rows_changed(Proposal, [row.pk])
    keep_in_step(unconference=row.unconference, actor=actor)
    return Undo(tuple(changes))


@transaction.atomic
def show(*, proposal: Proposal, actor: Actor) -> Undo:
    """Let a proposal in, or take back that it is hidden, withdrawn or part of another. Twice does nothing more.

    Raises:
        ValidationError: its address is not proven.
    """
    if proposal.state == State.UNPROVEN:
        raise ValidationError(
            _("Who proposed it has not followed the link in the mail yet."), code="unproven"
        )
    return _stand(proposal, State.OPEN, actor, hidden_because="", merged_into=None)


@transaction.atomic
def hide(*, proposal: Proposal, reason: str, actor: Actor) -> Undo:
    """Nobody sees it any more but those who run the event; who proposed it reads why on their page.

    Raises:
        ValidationError: at ``reason``: without one.
    """
    reason = base.line(reason)[:300]
    if not reason:
        raise ValidationError({"reason": _("Say why.")}, code="required")
    return _stand(proposal, State.HIDDEN, actor, hidden_because=reason, merged_into=None)


@transaction.atomic
def withdraw(*, proposal: Proposal, actor: Actor) -> Undo:
    """Who proposed it does not want it any more. Twice does nothing more."""
    return _stand(proposal, State.WITHDRAWN, actor, merged_into=None)


@transaction.atomic
def merge(*, proposal: Proposal, into: Proposal, actor: Actor) -> Undo:
    """One proposal becomes part of another: its votes count there, each voter once.

    Raises:
        ValidationError: at ``into``: it is the same, of another event, or does not count itself.
    """
    if into.pk == proposal.pk or into.unconference_id != proposal.unconference_id:
        raise ValidationError({"into": _("Choose another proposal of this event.")}, code="same")
    if into.state != State.OPEN:
        raise ValidationError(
            {
                "into": _("“%(name)s” does not count (%(state)s).")
                % {"name": into, "state": into.get_state_display()}
            },
            code="state",
        )
    if proposal.merged.filter(state=State.MERGED).exists():
        raise ValidationError(
            {"into": _("Others are part of “%(name)s”: merge them first.") % {"name": proposal}}, code="chain"
        )
    return _stand(proposal, State.MERGED, actor, merged_into=into)


@transaction.atomic
def forget_unproven(*, now: dt.datetime) -> int:
    """Forget proposals that nobody confirmed in time, with their history.

    Returns:
        how many.
    """
    old = Proposal.objects.filter(state=State.UNPROVEN, proposed_at__lte=now - GOOD_FOR)
    chosen = list(old.order_by("pk").values_list("pk", flat=True)[:1000])
    history: Any = Proposal.history
    Proposal.objects.filter(pk__in=chosen).delete()
    history.filter(id__in=chosen).delete()
    return len(chosen)


@follows("training.proposal")
def _as_before(row: models.Model, kind: str, actor: Actor) -> None:
    """What is taken back is found by what it says then, and stands in the grid as it did."""
    assert isinstance(row, Proposal)  # noqa: S101 - declared for it
    rows_changed(Proposal, [row.pk])
    keep_in_step(unconference=row.unconference, actor=actor)
