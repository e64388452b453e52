"""Moving a submission along its stages, putting it on hold, and taking either back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import events
from folkmoot.reviews import happenings
from folkmoot.reviews.actions import base
from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.models import Kind, Outcome, Sighting, Stage, StageChange, Submission

#: What a move, a hold or a decision changes of the row itself, for the undo.
BESIDE = ("closed_at", "accepted_on", "hold_reason")


def fits(stage: Stage, submission: Submission) -> bool:
    """The stage is one in which this submission can stand."""
    return stage.programme_id == submission.programme_id and stage.is_presubmission == (
        submission.kind == Kind.PRESUBMISSION
    )


def check_stage(stage: Stage, submission: Submission) -> None:
    """Refuse a stage of another programme, and one for enquiries for what is none.

    Raises:
        ValidationError: at ``stage``.
    """
    if stage.programme_id != submission.programme_id:
        raise ValidationError({"stage": _("“%(stage)s” belongs to another programme.") % {"stage": stage}})
    if not fits(stage, submission):
        raise ValidationError(
            {
                "stage": _("“%(stage)s” is no stage for a %(kind)s.")
                % {"stage": stage, "kind": submission.get_kind_display()}
            }
        )


@transaction.atomic
def move_to(
    *,
    submission: Submission,
    stage: Stage,
    actor: Actor,
    at: dt.datetime | None = None,
    reason: str = "",
) -> StageChange | None:
    """Let a submission stand in a stage from a moment on. A stage that is accepted accepts it, another takes that back.

    Args:
        at: since when; now where nothing is said.

    Returns:
        the change; ``None`` when it stands there already, and nothing was done.

    Raises:
        ValidationError: the stage is another programme's or for another kind; the moment lies in the future.
    """
    submission = base.locked(submission)
    check_stage(stage, submission)
    if submission.stage_id == stage.pk:
        return None
    at = base.moment(at, submission)
    outcome = submission.outcome
    fields: dict[str, Any] = {}
    if stage.is_accepted and outcome != Outcome.ACCEPTED:
        outcome = Outcome.ACCEPTED
        fields["accepted_on"] = submission.accepted_on or at.date()
    elif not stage.is_accepted and outcome == Outcome.ACCEPTED:
        outcome = Outcome.OPEN
        fields["accepted_on"] = None
    sighting = base.see(submission, actor=actor, at=at, stage=stage, outcome=outcome)
    _keep(submission, fields, actor, reason)
    base.reckon(submission)
    change = (
        StageChange.objects.select_related("submission", "stage")
        .filter(submission=submission, stage=stage, at=at)
        .order_by("-position")
        .first()
    )
    if change is not None:
        told = happenings.entered(change)
        events.record(*([told] if told else []))
    if fields.get("accepted_on"):
        events.record(happenings.accepted(submission, sighting.actor_id))
    return change


@transaction.atomic
def undo_move(*, change: StageChange, actor: Actor) -> None:
    """Take a move by hand back: as if it had never been seen there.

    Raises:
        ValidationError: it was not moved by hand, so that there is nothing to take back.
    """
    sighting = sighting_of(change)
    if sighting is None:
        raise ValidationError(_("There is nothing to undo any more."), code="gone")
    take_back(submission=change.submission, sightings=[sighting.pk], before={}, actor=actor)


def sighting_of(change: StageChange) -> Sighting | None:
    """What was seen by hand when a change was made by hand."""
    return (
        Sighting.objects.filter(
            submission=change.submission_id, source=base.FOLKMOOT, at=change.at, stage=change.stage_id
        )
        .order_by("pk")
        .last()
    )


@transaction.atomic
def take_back(
    *, submission: Submission, sightings: list[int], before: Mapping[str, Any], actor: Actor
) -> None:
    """Undo what was done by hand: what was seen then counts no more, and the fields are as they were.

    Args:
        before: what the fields of :data:`BESIDE` held.

    Raises:
        ValidationError: somebody took it back already, or moved it since.
    """
    submission = base.locked(submission)
    mine = Sighting.objects.filter(submission=submission, source=base.FOLKMOOT, is_exact=True)
    last = list(mine.order_by("-at", "-pk").values_list("pk", flat=True)[: len(sightings)])
    found = mine.filter(pk__in=sightings)
    if found.count() != len(set(sightings)):
        raise ValidationError(_("There is nothing to undo any more."), code="gone")
    if before and set(last) != set(sightings):
        raise ValidationError(_("This was changed since, so it was left as it is."), code="changed")
    found.delete()
    fields = {name: before[name] for name in BESIDE if name in before}
    base.reckon(submission)
    if not before:
        since = submission.stage_since
        is_accepted = submission.outcome == Outcome.ACCEPTED
        day = submission.accepted_on or (since.date() if since else None)
        fields["accepted_on"] = day if is_accepted else None
    _keep(submission, fields, actor, "undo")


def beside(submission: Submission) -> dict[str, Any]:
    """What :func:`take_back` needs to know of a submission before something is done."""
    return {name: getattr(submission, name) for name in BESIDE}


def _keep(submission: Submission, fields: Mapping[str, Any], actor: Actor, reason: str) -> None:
    if base.put(submission, fields):
        base.write(submission, actor=actor, reason=base.line(reason))


@transaction.atomic
def hold(
    *, submission: Submission, reason: str, actor: Actor, at: dt.datetime | None = None
) -> Sighting | None:
    """Put a submission on hold; its stage stays. On hold already: only the reason is written anew.

    Returns:
        what was seen, for the undo; ``None`` when it was on hold.

    Raises:
        ValidationError: it is decided or closed; the reason is too long.
    """
    submission = base.locked(submission)
    if not submission.is_open:
        raise ValidationError(_("“%(name)s” is decided: reopen it first.") % {"name": submission})
    at = base.moment(at, submission)
    _keep(submission, {"hold_reason": reason}, actor, reason)
    if submission.on_hold_since is not None:
        return None
    sighting = base.see(submission, actor=actor, at=at, is_on_hold=True)
    base.reckon(submission)
    return sighting


@transaction.atomic
def resume(*, submission: Submission, actor: Actor, at: dt.datetime | None = None) -> Sighting | None:
    """Go on with a submission that was on hold.

    Returns:
        what was seen, for the undo; ``None`` when it was not on hold.
    """
    submission = base.locked(submission)
    if submission.on_hold_since is None:
        return None
    at = base.moment(at, submission)
    _keep(submission, {"hold_reason": ""}, actor, "")
    sighting = base.see(submission, actor=actor, at=at, is_on_hold=False)
    base.reckon(submission)
    return sighting
