"""What trainees say themselves: what they did for a requirement, and which lessons they can teach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.people.public import Person, Project
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.progress import check
from folkmoot.training.models import Involvement, Progress, ProgressState, Qualification, Requirement

#: Most lessons that somebody can teach.
MOST_LESSONS = 50


def _own(person: Person, user: User) -> None:
    if person.user_id != user.pk:
        raise PermissionDenied("people.own")


@transaction.atomic
def submit(
    *,
    person: Person,
    requirement: Requirement,
    user: User,
    involvement: Involvement | None = None,
    happened_on: dt.date | None = None,
    url: str = "",
    note: str = "",
) -> Progress:
    """A trainee says what they did for a requirement; somebody evaluates it.

    Raises:
        PermissionDenied: it is another one's record.
        ValidationError: by field; it is passed, waits already, or is not theirs to submit.
    """
    _own(person, user)
    base.locked(person)
    if not requirement.is_own or requirement.is_archived:
        raise ValidationError(_("%(what)s is noted by the staff.") % {"what": requirement}, code="staff")
    mine = Progress.objects.filter(person=person, requirement=requirement)
    if mine.filter(state=ProgressState.PASSED).exists():
        raise ValidationError(_("You have passed %(what)s already.") % {"what": requirement}, code="passed")
    if mine.filter(state=ProgressState.SUBMITTED).exists():
        raise ValidationError(
            _("What you sent before waits to be evaluated: change that instead."), code="waiting"
        )
    row = Progress(
        person=person,
        requirement=requirement,
        state=ProgressState.SUBMITTED,
        submitted_at=clock.now(),
    )
    base.put(row, {"involvement": involvement, "happened_on": happened_on, "url": url, "own_note": note})
    check(row)
    return base.write(row, actor=user, reason="submitted")


def _waiting(progress: Progress, user: User) -> Progress:
    row = base.locked(progress)
    _own(row.person, user)
    if row.submitted_at is None or row.state != ProgressState.SUBMITTED:
        raise ValidationError(_("This was evaluated meanwhile, so it stays as it is."), code="evaluated")
    return row


@transaction.atomic
def change_submission(
    *,
    progress: Progress,
    user: User,
    seen: int | None = None,
    involvement: Involvement | None = None,
    happened_on: dt.date | None = None,
    url: str = "",
    note: str = "",
) -> Progress:
    """A trainee corrects what nobody evaluated yet.

    Raises:
        PermissionDenied: it is another one's.
        ValidationError: by field; it was evaluated; ``ChangedMeanwhile``.
    """
    base.locked(progress, seen)
    row = _waiting(progress, user)
    values = {"involvement": involvement, "happened_on": happened_on, "url": url, "own_note": note}
    if base.put(row, values):
        check(row)
        base.write(row, actor=user, reason="submitted")
    return row


@transaction.atomic
def take_back_submission(*, progress: Progress, user: User) -> Undo:
    """A trainee takes back what nobody evaluated yet.

    Raises:
        PermissionDenied: it is another one's.
        ValidationError: it was evaluated.
    """
    return removed(_waiting(progress, user), actor=user, reason="taken back")


@transaction.atomic
def set_lessons(*, person: Person, lessons: Iterable[Project], actor: Actor) -> Undo:
    """Say which lessons somebody can teach; what was there and is not named goes.

    Raises:
        ValidationError: they are too many, or one is no lesson.
    """
    base.locked(person)
    wanted = {lesson.pk: lesson for lesson in lessons}
    if len(wanted) > MOST_LESSONS:
        raise ValidationError({"lessons": _("At most %(n)s lessons.") % {"n": MOST_LESSONS}}, code="many")
    wrong = next((one for one in wanted.values() if one.kind != Project.Kind.LESSON), None)
    if wrong is not None:
        raise ValidationError(
            {"lessons": _("“%(name)s” is no lesson of the register.") % {"name": wrong.name}}, code="lesson"
        )
    known = {row.lesson_id: row for row in Qualification.objects.filter(person=person)}
    changes: list[Change] = []
    for pk, row in known.items():
        if pk not in wanted:
            changes += removed(row, actor=actor).changes
    for pk, lesson in wanted.items():
        if pk not in known:
            new = base.write(Qualification(person=person, lesson=lesson), actor=actor)
            changes += last_change(new).changes
    return Undo(tuple(changes))
