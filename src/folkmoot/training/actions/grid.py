"""The grid of an unconference by hand: placing, swapping, pinning, cancelling sessions; and what a plan did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Change, Undo, follows, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.grid_sessions import keep_in_step
from folkmoot.training.actions.unconferences import round_words
from folkmoot.training.models import (
    Placement,
    Proposal,
    ProposalState,
    Round,
    Space,
    Unconference,
)
from folkmoot.training.planning import Place


@transaction.atomic
def place(*, proposal: Proposal, round_: Round, space: Space, actor: Actor) -> Undo:
    """Put a session into a space in a round; what is there already changes places with it, or loses its place to one
    that had none. Twice does nothing more.

    Raises:
        ValidationError: the round is a break, something is not of this unconference, what is there is pinned, or the
            proposal does not count.
    """
    unconference = base.locked(proposal.unconference)
    _check(unconference, proposal, round_, space)
    mine = Placement.objects.filter(proposal=proposal).first()
    if mine is not None and (mine.round_id, mine.space_id) == (round_.pk, space.pk) and not mine.is_cancelled:
        return Undo()
    there = (
        Placement.objects.filter(round=round_, space=space, is_cancelled=False)
        .exclude(proposal=proposal)
        .select_related("proposal")
        .first()
    )
    if there is not None and there.is_pinned:
        raise ValidationError(
            _("“%(name)s” is pinned there: take its pin off first.") % {"name": there.proposal}, code="pinned"
        )
    changes: list[Change] = []
    if there is not None:
        changes += removed(there, actor=actor).changes
    home = (mine.round_id, mine.space_id) if mine is not None and not mine.is_cancelled else None
    if mine is None:
        mine = Placement(proposal=proposal)
    mine.round, mine.space, mine.is_cancelled = round_, space, False
    base.write(mine, actor=actor, reason="moved")
    changes += last_change(mine).changes
    if there is not None and home is not None:
        other = Placement(proposal=there.proposal, round_id=home[0], space_id=home[1])
        other.moved_from, other.is_late = there.moved_from, there.is_late
        base.write(other, actor=actor, reason="swapped")
        changes += last_change(other).changes
    keep_in_step(unconference=unconference, actor=actor)
    return Undo(tuple(changes))


def _check(unconference: Unconference, proposal: Proposal, round_: Round, space: Space) -> None:
    if round_.unconference_id != unconference.pk or space.unconference_id != unconference.pk:
        raise ValidationError(_("That place belongs to another event."), code="other")
    if round_.kind == Round.Kind.BREAK:
        raise ValidationError(_("“%(round)s” is a break.") % {"round": round_}, code="break")
    if proposal.state != ProposalState.OPEN:
        raise ValidationError(
            _("“%(name)s” does not count (%(state)s): show it first.")
            % {"name": proposal, "state": proposal.get_state_display()},
            code="state",
        )


@transaction.atomic
def take_out(*, proposal: Proposal, actor: Actor) -> Undo:
    """Take a session out of the grid: it waits for a place again. Twice does nothing more."""
    unconference = base.locked(proposal.unconference)
    mine = Placement.objects.filter(proposal=proposal).first()
    if mine is None:
        return Undo()
    undo = removed(mine, actor=actor)
    keep_in_step(unconference=unconference, actor=actor)
    return undo


@transaction.atomic
def pin(*, proposal: Proposal, is_pinned: bool, actor: Actor) -> Undo:
    """Say that a session stays where it is when the grid is planned, or that it may move. Twice does nothing more.

    Raises:
        ValidationError: it is nowhere.
    """
    return _set(proposal, {"is_pinned": is_pinned}, actor)


@transaction.atomic
def cancel(*, proposal: Proposal, is_cancelled: bool = True, actor: Actor) -> Undo:
    """A session does not take place, and the board says so; or it does after all. Twice does nothing more.

    Raises:
        ValidationError: it is nowhere; its place was given to another one meanwhile.
    """
    return _set(proposal, {"is_cancelled": is_cancelled}, actor)


def _set(proposal: Proposal, values: Mapping[str, Any], actor: Actor) -> Undo:
    unconference = base.locked(proposal.unconference)
    mine = Placement.objects.filter(proposal=proposal).first()
    if mine is None:
        raise ValidationError(_("“%(name)s” has no place yet.") % {"name": proposal}, code="nowhere")
    if not base.put(mine, values):
        return Undo()
    base.write(mine, actor=actor)
    keep_in_step(unconference=unconference, actor=actor)
    return last_change(mine)


# -------------------------------------------------------------------- plans


def arrangement(unconference: Unconference) -> dict[int, Place]:
    """Where everything is now that takes place; one query."""
    rows = Placement.objects.filter(proposal__unconference=unconference, is_cancelled=False)
    return {
        proposal: Place(round_, space)
        for proposal, round_, space in rows.values_list("proposal_id", "round_id", "space_id")
    }


@transaction.atomic
def apply_plan(
    *, unconference: Unconference, found: Mapping[int, Place], told: Mapping[str, Any], actor: Actor
) -> int:
    """Put sessions where a plan has them; what was there before is kept, so that the plan can be taken back. A grid
    that is published already becomes a draft beside it.

    Args:
        told: what is kept of how the plan came about.

    Returns:
        how many have another place than before.
    """
    row = base.locked(unconference)
    before = arrangement(row)
    moved = _arrange(row, before, found, actor)
    row.plan = {
        **told,
        "at": clock.now().isoformat(),
        "before": [[key, at.round, at.space] for key, at in sorted(before.items())],
    }
    row.is_draft = row.published_at is None or row.is_draft or bool(moved)
    base.write(row, actor=actor, reason="planned")
    keep_in_step(unconference=row, actor=actor)
    return moved


@transaction.atomic
def take_plan_back(*, unconference: Unconference, actor: Actor) -> int:
    """Everything is where it was before the last plan; what was moved by hand since moves, too.

    Returns:
        how many have another place.

    Raises:
        ValidationError: nothing was planned.
    """
    row = base.locked(unconference)
    if "before" not in row.plan:
        raise ValidationError(_("There is no plan to take back."), code="none")
    rounds = set(row.rounds.filter(kind=Round.Kind.TALK).values_list("pk", flat=True))
    spaces = set(row.spaces.values_list("pk", flat=True))
    wanted = {
        key: Place(round_, space)
        for key, round_, space in row.plan["before"]
        if round_ in rounds and space in spaces
    }
    open_now = set(row.proposals.filter(state=ProposalState.OPEN, pk__in=wanted).values_list("pk", flat=True))
    moved = _arrange(row, arrangement(row), {key: at for key, at in wanted.items() if key in open_now}, actor)
    row.plan = {}
    base.write(row, actor=actor, reason="plan taken back")
    keep_in_step(unconference=row, actor=actor)
    return moved


def _arrange(row: Unconference, before: Mapping[int, Place], found: Mapping[int, Place], actor: Actor) -> int:
    """Move what has another place: first all out, then all in, so that no two are in one place between."""
    changed = {key for key in {*before, *found} if before.get(key) != found.get(key)}
    gone: Iterable[Placement] = Placement.objects.filter(proposal__in=changed, is_cancelled=False)
    kept = {}
    for one in gone:
        kept[one.proposal_id] = one.is_pinned, one.moved_from, one.is_late
        base.remove(one, actor=actor, reason="planned")
    Placement.objects.filter(proposal__in=changed & set(found), is_cancelled=True).delete()
    for key in sorted(changed & set(found)):
        at = found[key]
        is_pinned, moved_from, is_late = kept.get(key, (False, "", False))
        one = Placement(
            proposal_id=key,
            round_id=at.round,
            space_id=at.space,
            is_pinned=is_pinned,
            moved_from=moved_from,
            is_late=is_late,
        )
        base.write(one, actor=actor, reason="planned")
    return len(changed)


@follows("training.placement")
def _placed_again(row: models.Model, kind: str, actor: Actor) -> None:
    """A place is as it was: so is the session."""
    assert isinstance(row, Placement)  # noqa: S101 - declared for it
    keep_in_step(unconference=row.proposal.unconference, actor=actor)


def where_words(row: Placement) -> str:
    """Where a session is, and when: "Room 2, 1 March, 10:00–10:45". Round, event and space are read beforehand."""
    return f"{row.space.name}, {round_words(row.round)}"
