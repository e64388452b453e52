"""Who takes part in a submission: assigned, asked, answering, done, taken off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, events, saving
from folkmoot.kernel.saving import Actor
from folkmoot.kernel.undo import Undo, follows, last_change, removed
from folkmoot.outbox.public import cancel
from folkmoot.people.public import Person, home_identity
from folkmoot.reviews import happenings
from folkmoot.reviews.models import Assignment, Submission

Role = Assignment.Role
State = Assignment.State

#: Parts that one is asked for; the others simply are.
ASKED_ROLES = (Role.EDITOR, Role.REVIEWER)

INVITED = "reviews.invited"
ANSWERED = "reviews.answered"
TOOK_UP = "reviews.took_up"
REVIEWED = "reviews.reviewed"
LEFT = "reviews.left"


def _tell(kind: str, assignment: Assignment, actor: Actor, at: dt.datetime) -> None:
    """Note in the ledger what became of somebody's part; the same thing at the same moment is noted once."""
    identity = home_identity(assignment.person, actor=actor)
    happening = happenings.of_assignment(assignment, kind, at, identity.pk)
    happening.detail["by"] = str(actor) if actor else ""
    events.record(happening)


def _row(submission: Submission, person: Person, role: str) -> Assignment:
    """The person's row in this part, held until the transaction ends, or a new one."""
    if person.erased_at is not None:
        raise ValidationError({"person": _("This person asked to be forgotten.")})
    found = Assignment.objects.select_for_update().filter(submission=submission, person=person, role=role)
    known = found.first()
    if known is not None:
        known.submission, known.person = submission, person
        return known
    last = Assignment.objects.filter(submission=submission, role=role).aggregate(n=models.Max("position"))[
        "n"
    ]
    position = 0 if last is None else last + 1
    return Assignment(submission=submission, person=person, role=role, position=position)


def refuse_two_sides(submission: Submission, person: Person, role: str) -> None:
    """Nobody edits or reviews what is their own, and nobody reviews what they edit.

    Raises:
        ValidationError: the person stands on the other side of this submission.
    """
    own = {Role.AUTHOR, Role.MAINTAINER}
    others: set[Any] = set()
    if role in (Role.EDITOR, Role.REVIEWER):
        others = own | ({Role.EDITOR} if role == Role.REVIEWER else {Role.REVIEWER})
    elif role in own:
        others = {Role.EDITOR, Role.REVIEWER}
    there = (
        Assignment.objects.filter(submission=submission, person=person, role__in=others)
        .exclude(state__in=[State.DECLINED, State.ENDED])
        .first()
    )
    if there is not None:
        raise ValidationError(
            {
                "person": _("%(person)s is the %(part)s of “%(title)s”: nobody stands on both sides.")
                % {"person": person.name, "part": there.get_role_display(), "title": submission.title}
            },
            code="both_sides",
        )


@transaction.atomic
def assign(
    *,
    submission: Submission,
    person: Person,
    role: str,
    actor: Actor,
    state: str = State.ACCEPTED,
    due_on: dt.date | None = None,
) -> Assignment:
    """Give somebody a part. Who declined or was taken off before takes it up again; the same again changes nothing.

    Args:
        state: accepted, or done for what is over already. For asking there is :func:`.invitations.invite`.
        due_on: when a review is due; for a reviewer the programme's days from now when absent.

    Raises:
        ValidationError: the person stands on the other side, or asked to be forgotten; there is no such part.
    """
    if role not in Role.values:
        raise ValidationError({"role": _("Choose a part.")})
    row = _row(submission, person, role)
    if row.pk is not None and row.state == state and (due_on is None or row.due_on == due_on):
        return row
    refuse_two_sides(submission, person, role)
    now = clock.now()
    row.state = state
    if role == Role.REVIEWER and state == State.ACCEPTED:
        row.due_on = due_on or row.due_on or review_due(submission, now)
    if state == State.DONE:
        row.done_at = row.done_at or now
    if row.invited_at is not None and row.answered_at is None:
        row.answered_at = now
    row.reason = ""
    saving.write(row, actor=actor)
    if role in (Role.EDITOR, Role.EIC, Role.REVIEWER) and state == State.ACCEPTED:
        _tell(TOOK_UP, row, actor, now)
    return row


def review_due(submission: Submission, now: dt.datetime) -> dt.date:
    """The day on which a review that is taken up now is due."""
    return now.astimezone(dt.UTC).date() + dt.timedelta(days=submission.programme.review_days)


@transaction.atomic
def put_down_asked(
    *, submission: Submission, person: Person, role: str, actor: Actor, at: dt.datetime | None = None
) -> Assignment:
    """Note that somebody was asked; :func:`.invitations.invite` does this and sends the message.

    Raises:
        ValidationError: nobody is asked for such a part, they have it already, or stand on the other side.
    """
    if role not in ASKED_ROLES:
        raise ValidationError({"role": _("Only editors and reviewers are asked.")})
    row = _row(submission, person, role)
    if row.pk is not None and row.state in (State.ACCEPTED, State.DONE):
        raise ValidationError(
            {"person": _("%(person)s has this part already.") % {"person": person.name}}, code="has_it"
        )
    refuse_two_sides(submission, person, role)
    row.state, row.invited_at, row.answered_at, row.reason = State.INVITED, at or clock.now(), None, ""
    row.due_on, row.done_at = None, None
    saving.write(row, actor=actor)
    _tell(INVITED, row, actor, row.invited_at)
    return row


@transaction.atomic
def answer(
    *,
    assignment: Assignment,
    accepted: bool,
    reason: str = "",
    due_on: dt.date | None = None,
    at: dt.datetime | None = None,
    actor: Actor = None,
) -> Assignment:
    """Somebody who was asked says yes or no.

    Args:
        due_on: for a reviewer the day by when; the programme's days from now when absent.
        actor: who noted it down; nobody when they answered themselves by their link.

    Raises:
        ValidationError: they have answered, or nobody asks any more (code ``answered``); the day is over, or more
            than a year away.
    """
    row = saving.locked(assignment)
    if row.state != State.INVITED:
        raise ValidationError(already_said(row), code="answered")
    now = at or clock.now()
    today = now.astimezone(dt.UTC).date()
    if accepted and row.role == Role.REVIEWER:
        if due_on is not None and not today <= due_on <= today + dt.timedelta(days=366):
            raise ValidationError({"due_on": _("Choose a day from today on, within a year.")})
        row.due_on = due_on or review_due(row.submission, now)
    row.state = State.ACCEPTED if accepted else State.DECLINED
    row.answered_at, row.reason = now, saving.line(reason)[:300]
    saving.write(row, actor=actor)
    _tell(ANSWERED, row, actor, now)
    return row


def already_said(row: Assignment) -> str:
    """What became of an invitation that is not open any more, in words to who was asked."""
    when = saving.day(row.answered_at.date()) if row.answered_at else ""
    if row.state in (State.ACCEPTED, State.DONE):
        return (
            _("You said yes on %(day)s already. Thank you!") % {"day": when}
            if when
            else _("You take part in this already. Thank you!")
        )
    if row.state == State.DECLINED:
        return _("You said no on %(day)s. Write to us if you have changed your mind.") % {"day": when}
    return _("Nobody waits for this answer any more. Thank you all the same!")


@transaction.atomic
def finish(*, assignment: Assignment, actor: Actor, at: dt.datetime | None = None) -> Assignment:
    """Somebody has done their part: a review is written, an editor's work is over. Twice does nothing more.

    Raises:
        ValidationError: they never took it up.
    """
    row = saving.locked(assignment)
    if row.state == State.DONE:
        return row
    if row.state != State.ACCEPTED:
        raise ValidationError(
            _("%(person)s has not taken this part up: it is “%(state)s”.")
            % {"person": row.person.name, "state": row.get_state_display()}
        )
    row.state, row.done_at = State.DONE, at or clock.now()
    saving.write(row, actor=actor)
    if row.role == Role.REVIEWER:
        _tell(REVIEWED, row, actor, row.done_at)
    return row


@transaction.atomic
def set_due(*, assignment: Assignment, due_on: dt.date | None, actor: Actor) -> Assignment:
    """Agree on another day by when.

    Raises:
        ValidationError: the part is not under way.
    """
    row = saving.locked(assignment)
    if row.due_on == due_on:
        return row
    if row.state != State.ACCEPTED:
        raise ValidationError({"due_on": _("Only what is under way has a day by when.")})
    row.due_on = due_on
    return saving.write(row, actor=actor)


@transaction.atomic
def unassign(*, assignment: Assignment, actor: Actor, reason: str = "") -> Undo:
    """Take somebody off. An author or maintainer who never was one goes; of all others it stays known that they were
    asked or had the part. An invitation that has not left does not leave any more.

    Returns:
        what takes it back.
    """
    row = saving.locked(assignment)
    if row.role in (Role.AUTHOR, Role.MAINTAINER):
        return removed(row, actor=actor, reason=reason)
    if row.state == State.ENDED:
        return last_change(row)
    had_it = row.state == State.ACCEPTED
    row.state, row.reason = State.ENDED, saving.line(reason)[:300]
    saving.write(row, actor=actor, reason=reason)
    if had_it:
        _tell(LEFT, row, actor, clock.now())
    if row.delivery is not None and row.delivery.is_planned:
        cancel(delivery=row.delivery, actor=actor)
    return last_change(row)


@follows("reviews.assignment")
def _taken_back(row: models.Model, change: str, actor: Actor) -> None:
    """The ledger hears that somebody has their part again."""
    assert isinstance(row, Assignment)  # noqa: S101 - declared for this model only
    if row.pk is not None and row.state == State.ACCEPTED and change == "~":
        _tell(TOOK_UP, row, actor, clock.now())
