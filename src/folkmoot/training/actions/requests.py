"""Deciding about requests: whose they are, accepting, discarding, whose record they belong to, correcting, merging."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.undo import Undo, follows, last_change
from folkmoot.people.public import NewIdentity, Organization, Person, add_person, unarchive_people
from folkmoot.training import request_telling
from folkmoot.training.actions import asking, base, scoring
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.events import EventFields, save_event
from folkmoot.training.actions.tasks import add_task
from folkmoot.training.models import (
    Event,
    Outcome,
    Request,
    RequestForm,
    RequestState,
    Task,
    TaskKind,
    TaskState,
)
from folkmoot.training.queries import asking as reads

State = RequestState


def _saved(row: Request, actor: Actor, reason: str = "") -> Undo:
    base.write(row, actor=actor, reason=reason)
    rows_changed(Request, [row.pk])
    return last_change(row)


def see_that_it_waits(row: Request) -> None:
    """See that a request can be decided about.

    Raises:
        ValidationError: it is decided, nobody proved its address, or it was merged.
    """
    if row.merged_into_id is not None:
        raise ValidationError(_("%(name)s: this request was merged into another one.") % {"name": row.name})
    if row.state != State.PENDING:
        raise ValidationError(
            _("%(name)s: this request is “%(state)s”. Take it up again first.")
            % {"name": row.name, "state": row.get_state_display()},
            code="state",
        )


@transaction.atomic
def assign(*, request: Request, user: User | None, actor: Actor) -> Undo:
    """Say whose a request is; they are told. Twice does nothing more."""
    row = base.locked(request)
    if not base.put(row, {"assigned_to": user}):
        return Undo()
    undo = _saved(row, actor, "assigned")
    if user is not None:
        request_telling.tell_assigned(row, user, actor=actor)
    return undo


@transaction.atomic
def accept(*, request: Request, actor: Actor, reason: str = "") -> Undo:
    """Say yes to a request that nothing has to be made for. Twice does nothing more.

    Raises:
        ValidationError: it does not wait; an event or a place has to be made for it.
    """
    row = base.locked(request)
    if row.state == State.ACCEPTED:
        return Undo()
    see_that_it_waits(row)
    if row.form.outcome == Outcome.EVENT:
        raise ValidationError(
            _("%(name)s: an event is planned for this one. Open it to see which.") % {"name": row.name},
            code="event",
        )
    if row.form.outcome == Outcome.TRAINING:
        raise ValidationError(
            _("%(name)s: choose the training in which they get a place.") % {"name": row.name},
            code="training",
        )
    return accepted(row, actor=actor, reason=reason)


def accepted(
    row: Request, *, actor: Actor, reason: str = "", event: Event | None = None, task: Task | None = None
) -> Undo:
    """Note on a locked request that it is accepted, and tell the ledger."""
    base.put(
        row,
        {
            "state": State.ACCEPTED,
            "decided_at": clock.now(),
            "reason": base.line(reason)[:300],
            "event": event,
            "task": task,
            "assigned_to": row.assigned_to or actor,
        },
    )
    undo = _saved(row, actor, "accepted")
    request_telling.tell(row, request_telling.ACCEPTED, occasion=str(base.current_version(row)), actor=actor)
    return undo


@transaction.atomic
def accept_into_event(
    *, request: Request, values: EventFields, as_host: bool, actor: Actor, reason: str = ""
) -> tuple[Event, Undo]:
    """Plan the event that a request asks for, all or nothing.

    Args:
        as_host: whoever asked gets the part that hosts, where the request belongs to a record.

    Raises:
        ValidationError: it does not wait; by field of the event.
    """
    row = base.locked(request)
    see_that_it_waits(row)
    event = save_event(values=values, actor=actor)
    changes = [*last_change(event).changes]
    hosts = hosting() if as_host and row.person is not None else None
    if hosts is not None and row.person is not None:
        task = add_task(event=event, person=row.person, kind=hosts, actor=actor, state=TaskState.CONFIRMED)
        changes += last_change(task).changes
    changes += accepted(row, actor=actor, reason=reason, event=event).changes
    return event, Undo(tuple(changes))


def hosting() -> TaskKind | None:
    """The part of who hosts an event: the first that does; one query."""
    rows = TaskKind.objects.filter(does=TaskKind.Does.HOSTS, is_archived=False)
    return rows.order_by("order", "pk").first()


@transaction.atomic
def discard(*, request: Request, actor: Actor, reason: str = "") -> Undo:
    """Say no to a request; the reason stands on their own page. Twice does nothing more.

    Raises:
        ValidationError: it is accepted or withdrawn.
    """
    row = base.locked(request)
    if row.state == State.DISCARDED:
        return Undo()
    see_that_it_waits(row)
    base.put(row, {"state": State.DISCARDED, "decided_at": clock.now(), "reason": base.line(reason)[:300]})
    undo = _saved(row, actor, "discarded")
    request_telling.tell(row, request_telling.DISCARDED, occasion=str(base.current_version(row)), actor=actor)
    return undo


@transaction.atomic
def withdraw(*, request: Request, actor: Actor, reason: str = "") -> Undo:
    """Note that whoever asked does not want it any more, as they said elsewhere. Twice does nothing more.

    Raises:
        ValidationError: it does not wait.
    """
    row = base.locked(request)
    if row.state == State.WITHDRAWN:
        return Undo()
    see_that_it_waits(row)
    base.put(row, {"state": State.WITHDRAWN, "decided_at": clock.now(), "reason": base.line(reason)[:300]})
    return _saved(row, actor, "withdrawn")


@transaction.atomic
def take_up_again(*, request: Request, actor: Actor) -> Undo:
    """A request that was decided waits again; what was made for it stays. Twice does nothing more.

    Raises:
        ValidationError: nobody proved its address.
    """
    row = base.locked(request)
    if row.state == State.PENDING:
        return Undo()
    if row.state in (State.DRAFT, State.UNPROVEN):
        raise ValidationError(_("%(name)s has not followed the link in the mail yet.") % {"name": row.name})
    base.put(row, {"state": State.PENDING, "decided_at": None, "reason": "", "event": None, "task": None})
    return _saved(row, actor, "taken up again")


# ---------------------------------------------------------------- whose it is


@transaction.atomic
def link(*, request: Request, actor: Actor) -> Undo:
    """Lay a request to the record that has its proven address. Twice does nothing more.

    Raises:
        ValidationError: its address is not proven, or no record has it.
    """
    row = base.locked(request)
    _proven(row)
    person = asking.person_of(row.email)
    if person is None:
        raise ValidationError(
            _("No record has the address %(email)s. Make one, or add the address to theirs.")
            % {"email": row.email},
            code="unknown",
        )
    if not base.put(row, {"person": person}):
        return Undo()
    return _saved(row, actor, "linked")


def _proven(row: Request) -> None:
    if row.proven_at is None:
        raise ValidationError(
            _(
                "%(name)s has not followed the link in the mail yet: nobody knows whether the address is theirs."
            )
            % {"name": row.name},
            code="unproven",
        )


def ensure_person(row: Request, *, actor: Actor) -> Person:
    """The record that has the proven address of a locked request, made where there is none.

    Raises:
        ValidationError: the address is not proven.
    """
    if row.person is not None:
        person = row.person
    else:
        _proven(row)
        person = asking.person_of(row.email) or add_person(
            actor=actor,
            reason="asked for something",
            name=row.name,
            country=row.country,
            identities_known=[NewIdentity("email", row.email, is_verified=True)],
        )
    if person.archived_at is not None:
        unarchive_people(people=[person.pk], actor=actor, reason="asked for something")
        person.refresh_from_db()
    return person


@transaction.atomic
def make_record(*, request: Request, actor: Actor) -> Person:
    """Make the record of whoever asked, with the address that they proved; where one has it, that is theirs.

    Raises:
        ValidationError: the address is not proven.
    """
    row = base.locked(request)
    person = ensure_person(row, actor=actor)
    if base.put(row, {"person": person}):
        _saved(row, actor, "linked")
    return person


@transaction.atomic
def unlink(*, request: Request, actor: Actor) -> Undo:
    """Take a request off the record that it is laid to. Twice does nothing more.

    Raises:
        ValidationError: they have a place by it.
    """
    row = base.locked(request)
    if row.task_id is not None:
        raise ValidationError(_("They have a place by this request. Take it up again first."), code="task")
    return _saved(row, actor, "unlinked") if base.put(row, {"person": None}) else Undo()


# ----------------------------------------------------------------- correcting


@transaction.atomic
def correct(
    *,
    request: Request,
    name: str,
    answers: dict[str, Any],
    organization: Organization | None,
    actor: Actor,
    seen: int | None = None,
) -> Undo:
    """Change what was answered; files stay, and what it said before is in the history.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(request, seen)
    kept = {
        field["key"]: row.answers[field["key"]]
        for field in row.version.fields
        if field["kind"] == "file" and field["key"] in row.answers
    }
    answers = {**answers, **kept}
    beside = reads.told_beside(row.version.fields, answers)
    changed = base.put(row, {"name": name, "answers": answers, "organization": organization, **beside})
    if not changed:
        return Undo()
    scoring.score(row)
    return _saved(row, actor, "corrected")


@transaction.atomic
def merge(*, survivor: Request, gone: Request, actor: Actor) -> Undo:
    """Two requests are one: the answers of both stay readable on the one that goes on.

    What only the other has (person, organisation, whose it is, event) comes along.

    Raises:
        ValidationError: they are one already, of different forms, or both have made something.
    """
    first, second = sorted((survivor.pk, gone.pk))
    if first == second:
        raise ValidationError(_("A request cannot be merged with itself."), code="same")
    rows = {row.pk: row for row in Request.objects.select_for_update().filter(pk__in=[first, second])}
    if len(rows) != 2:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    stays, goes = rows[survivor.pk], rows[gone.pk]
    if stays.merged_into_id or goes.merged_into_id:
        raise ValidationError(_("One of them was merged already."), code="merged")
    if stays.form_id != goes.form_id:
        raise ValidationError(
            _("They were sent with different forms: decide about each by itself."), code="form"
        )
    if goes.state == State.ACCEPTED:
        raise ValidationError(
            _("%(name)s: this one is accepted already. Merge the other one into it.") % {"name": goes.name},
            code="state",
        )
    came = {
        name: getattr(goes, name)
        for name in ("person", "organization", "assigned_to")
        if getattr(stays, name) is None and getattr(goes, name) is not None
    }
    changes: list[Any] = []
    if base.put(stays, came):
        changes += _saved(stays, actor, "merged").changes
    for row in goes.merged.select_for_update().order_by("pk"):
        base.put(row, {"merged_into": stays})
        changes += _saved(row, actor, "merged").changes
    base.put(goes, {"merged_into": stays})
    changes += _saved(goes, actor, "merged").changes
    return Undo(tuple(changes))


# --------------------------------------------------------------------- notes


# ------------------------------------------------------------------- handover


def _open(user: User) -> models.QuerySet[Request]:
    return Request.objects.filter(assigned_to=user, state=State.PENDING)


def count_open(user: User) -> int:
    """How many requests of somebody wait; one query."""
    return _open(user).count()


@transaction.atomic
def hand_over(user: User, colleague: User, actor: User) -> int:
    """Give somebody's requests that wait, and the forms that they look after, to a colleague.

    Returns:
        how many requests.
    """
    rows = list(_open(user).select_for_update().order_by("pk"))
    for row in rows:
        base.put(row, {"assigned_to": colleague})
        _saved(row, actor, "hand over")
    for form in RequestForm.objects.filter(owner=user).select_for_update().order_by("pk"):
        base.put(form, {"owner": colleague})
        base.write(form, actor=actor, reason="hand over")
    return len(rows)


def all_or_none(rows: Iterable[Request], do: Any) -> Undo:
    """Do something to several requests in one transaction; what takes it all back."""
    changes: list[Any] = []
    with transaction.atomic():
        for row in rows:
            changes += do(row).changes
    return Undo(tuple(changes))


@follows("training.request")
def _found_again(row: models.Model, kind: str, actor: Actor) -> None:
    """What is taken back is found by what it says then."""
    rows_changed(Request, [row.pk])
