"""Signing up for parts that openings seek, and deciding about it."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.people.public import Person, consents_of
from folkmoot.training import recruiting_telling, recruiting_words
from folkmoot.training.actions import base, tasks
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    TAKEN,
    Event,
    Opening,
    SignUp,
    SignUpState,
    SoughtPart,
    Task,
    TaskKind,
    TaskState,
)
from folkmoot.training.queries import clashes

CONTACT = "contact"
State = SignUpState


@transaction.atomic
def sign_up(
    *,
    opening: Opening,
    person: Person,
    kind: TaskKind,
    actor: Actor,
    interest: str = "",
    note: str = "",
    is_own: bool = False,
    even_so: bool = False,
) -> SignUp:
    """Somebody wishes to take a part, or is put forward by who runs events. Whoever withdrew or was declined before
    waits again; the same twice does nothing more.

    Args:
        even_so: the clash with another event is known.

    Raises:
        ValidationError: the opening is closed or does not seek this part; they take it already; they have not agreed
            to be contacted; at ``even_so``: they take a part in an event at the same time.
    """
    row = _locked(opening)
    event = row.event
    if not row.is_open or not _is_ahead(event):
        raise ValidationError(
            _("Nobody is sought for %(event)s any more. Open it again first.") % {"event": event.title}
            if not is_own
            else _("Nobody is sought for %(event)s any more.") % {"event": event.title},
            code="closed",
        )
    if not SoughtPart.objects.filter(opening=row, kind=kind).exists():
        raise ValidationError(
            {
                "kind": _("“%(part)s” is not sought for %(event)s. Choose another part.")
                % {"part": kind.name, "event": event.title}
            },
            code="part",
        )
    _may_be_asked(person, is_own=is_own)
    if Task.objects.filter(event=event, person=person, kind=kind, state=TaskState.CONFIRMED).exists():
        raise ValidationError(
            {
                "person": _("%(person)s has this part already: %(part)s.")
                % {"person": person.name, "part": kind.name}
            },
            code="taken",
        )
    found = (
        SignUp.objects.select_for_update(of=("self",)).filter(opening=row, person=person, kind=kind).first()
    )
    if found is not None and found.state in (State.PENDING, State.ACCEPTED):
        return found
    if not even_so:
        _see_clashes(person, event)
    found = found or SignUp(opening=row, person=person, kind=kind)
    values = {
        "state": State.PENDING,
        "interest": interest,
        "is_own": is_own,
        "signed_up_at": clock.now(),
        "decided_at": None,
        "decided_by": None,
    }
    base.put(found, values | ({"note": note} if note or found.pk is None else {}))
    base.write(found, actor=actor)
    recruiting_telling.signed_up(found, actor)
    return found


def _locked(opening: Opening) -> Opening:
    row = base.locked(opening)
    row.event = base.locked(row.event)
    return row


def _is_ahead(event: Event) -> bool:
    return event.is_ahead and (event.ends_at is None or event.ends_at > clock.now())


def _may_be_asked(person: Person, *, is_own: bool = False) -> None:
    """See that somebody may be written to about parts.

    Raises:
        ValidationError: at ``person``: they may not; it says what to do.
    """
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError({"person": _("This record is archived.")}, code="archived")
    if not consents_of([person.pk], [CONTACT])[person.pk][CONTACT]:
        raise ValidationError({"person": recruiting_words.no_consent(person, is_own=is_own)}, code="consent")


def _see_clashes(person: Person, event: Event) -> None:
    found = clashes.overlapping(clashes.clashes_of(person.pk, event))
    if found:
        raise ValidationError(
            {"even_so": recruiting_words.overlap(person, event, found)},
            code="overlap",
        )


@transaction.atomic
def accept(*, sign_up: SignUp, actor: Actor, even_so: bool = False) -> tuple[SignUp, Undo]:
    """They take the part; the opening closes when everybody is found. Twice does nothing more.

    Raises:
        ValidationError: enough people have the part already; they withdrew their consent; at ``even_so``: they take a
            part in an event at the same time; the event is over or cancelled.
    """
    opening = _locked(sign_up.opening)
    event = opening.event
    row = base.locked(sign_up)
    if row.state == State.ACCEPTED:
        return row, Undo()
    if row.state == State.WITHDRAWN:
        raise ValidationError(
            _("%(person)s has withdrawn. Sign them up again if they changed their mind.")
            % {"person": row.person.name},
            code="state",
        )
    if not _is_ahead(event):
        raise ValidationError(
            _("%(event)s is over or does not happen. Plan it again first.") % {"event": event.title},
            code="over",
        )
    _may_be_asked(row.person)
    _room(opening, row)
    if not even_so:
        _see_clashes(row.person, event)
    was_open = opening.is_open
    changes: list[Change] = []
    task = _take_part(event, row, actor)
    changes += last_change(task).changes
    base.put(row, {"state": State.ACCEPTED, "task": task, "decided_at": clock.now(), "decided_by": actor})
    base.write(row, actor=actor)
    changes += last_change(row).changes
    recruiting_telling.decided(row, actor)
    opening.refresh_from_db()
    if opening.is_open != was_open:
        changes += last_change(opening).changes
    return row, Undo(tuple(changes))


def _take_part(event: Event, row: SignUp, actor: Actor) -> Task:
    asked = Task.objects.filter(
        event=event, person=row.person, kind=row.kind, session=None, state=TaskState.INVITED
    ).first()
    if asked is not None:
        return tasks.set_state(task=asked, state=TaskState.CONFIRMED, actor=actor)
    there = Task.objects.filter(
        event=event, person=row.person, kind=row.kind, session=None, state=TaskState.CONFIRMED
    ).first()
    return there or tasks.add_task(event=event, person=row.person, kind=row.kind, actor=actor)


def _room(opening: Opening, row: SignUp) -> None:
    part = SoughtPart.objects.filter(opening=opening, kind=row.kind).first()
    found = Task.objects.filter(
        event=opening.event_id, kind=row.kind, session=None, state=TaskState.CONFIRMED
    )
    if part is None or found.exclude(person=row.person).count() >= part.number:
        raise ValidationError(
            recruiting_words.enough(opening.event, row.kind, part.number if part else 0), code="full"
        )


@transaction.atomic
def decline(*, sign_up: SignUp, actor: Actor) -> tuple[SignUp, Undo]:
    """They do not take the part; whoever was accepted before leaves it. Twice does nothing more."""
    return _leave(sign_up, State.DECLINED, actor)


@transaction.atomic
def withdraw(*, sign_up: SignUp, actor: Actor) -> tuple[SignUp, Undo]:
    """They do not wish to any more; whoever was accepted before leaves the part. Twice does nothing more."""
    return _leave(sign_up, State.WITHDRAWN, actor)


@transaction.atomic
def wait_again(*, sign_up: SignUp, actor: Actor) -> tuple[SignUp, Undo]:
    """It is open again what becomes of it; whoever was accepted before leaves the part. Twice does nothing more."""
    return _leave(sign_up, State.PENDING, actor)


def _leave(sign_up: SignUp, state: str, actor: Actor) -> tuple[SignUp, Undo]:
    opening = _locked(sign_up.opening)
    row = base.locked(sign_up)
    if row.state == state:
        return row, Undo()
    was, was_open, task = row.state, opening.is_open, row.task
    moment = clock.now() if state != State.PENDING else None
    by = actor if moment is not None else None
    base.put(row, {"state": state, "task": None, "decided_at": moment, "decided_by": by})
    base.write(row, actor=actor)
    changes = list(last_change(row).changes)
    if was == State.ACCEPTED and task is not None and task.is_taken:
        left = TaskState.DECLINED if state == State.DECLINED else TaskState.WITHDRAWN
        changes += last_change(tasks.set_state(task=task, state=left, actor=actor)).changes
    if state != State.PENDING:
        recruiting_telling.decided(row, actor)
    opening.refresh_from_db()
    if opening.is_open != was_open:
        changes += last_change(opening).changes
    return row, Undo(tuple(changes))


@transaction.atomic
def keep_in_step(*, event: Event, actor: Actor) -> None:
    """What was changed about parts holds for sign-ups, too: who left the part withdrew, who took it up again is
    accepted again. Two queries where nothing is to do.
    """
    known = SignUp.objects.select_for_update(of=("self",)).filter(opening__event=event).order_by("pk")
    for row in known.filter(state=State.ACCEPTED).exclude(task=None).exclude(task__state__in=TAKEN):
        base.put(row, {"state": State.WITHDRAWN, "decided_at": clock.now(), "decided_by": actor})
        base.write(row, actor=actor, reason="part")
    for row in known.filter(state=State.WITHDRAWN, task__state=TaskState.CONFIRMED):
        base.put(row, {"state": State.ACCEPTED, "decided_at": clock.now(), "decided_by": actor})
        base.write(row, actor=actor, reason="part")


@transaction.atomic
def note(*, sign_up: SignUp, note: str, actor: Actor, seen: int | None = None) -> SignUp:
    """Keep what those who run events say about a sign-up.

    Raises:
        ValidationError: ``ChangedMeanwhile``.
    """
    row = base.locked(sign_up, seen)
    if base.put(row, {"note": note}):
        base.write(row, actor=actor)
    return row


@transaction.atomic
def decide_many(*, sign_ups: Iterable[SignUp], state: str, actor: Actor) -> tuple[int, Undo]:
    """Accept, decline or put back several; all of them or none.

    Returns:
        how many changed, and what takes it back.

    Raises:
        ValidationError: one of them cannot be; it says who and why.
    """
    do = {State.ACCEPTED: accept, State.DECLINED: decline, State.PENDING: wait_again}[State(state)]
    changes: list[Change] = []
    number = 0
    for row in sorted(sign_ups, key=lambda one: (one.opening_id, one.signed_up_at, one.pk)):
        try:
            _row, undo = do(sign_up=row, actor=actor)
        except ValidationError as problem:
            raise ValidationError(
                _("%(person)s, %(event)s: %(problem)s Nothing was changed.")
                % {
                    "person": row.person.name,
                    "event": row.opening.event.title,
                    "problem": " ".join(problem.messages),
                },
                code="one",
            ) from problem
        number += bool(undo.changes)
        changes += undo.changes
    return number, Undo(tuple(changes))
