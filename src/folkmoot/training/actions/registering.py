"""Registering for an event: a wish for a place, its proof by a mail, the waiting list."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.people.public import Identity, NewIdentity, Person, add_person, unarchive_people
from folkmoot.training import letters
from folkmoot.training.actions import base, tasks
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    TAKEN,
    Event,
    Registration,
    RegistrationState,
    TaskKind,
    TaskState,
)
from folkmoot.training.queries import places
from folkmoot.training.queries.places import Door

SALT = "training.place"
#: For how long the link of the first mail can be followed; then the registration is forgotten.
GOOD_FOR = dt.timedelta(days=7)
State = RegistrationState


class RegistrationFields(TypedDict, total=False):
    """What somebody says who registers."""

    name: str
    email: str
    affiliation: str
    needs: str
    #: By number of the question (as text).
    answers: dict[str, Any]
    #: The language they read.
    language: str


def token_of(registration: Registration) -> str:
    """What stands in the address of somebody's own page; registering anew before the proof makes another."""
    stamp = int(registration.registered_at.timestamp() * 1_000_000)
    return signing.dumps([registration.pk, stamp], salt=SALT, compress=True)


def read(token: str) -> Registration | None:
    """Whose page an address leads to; ``None``: it is none of ours, was replaced by a newer one, or is too old to
    prove anything. One query.
    """
    try:
        pk, stamp = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    row = Registration.objects.select_related("event__kind", "person", "task").filter(pk=pk).first()
    if row is None or int(row.registered_at.timestamp() * 1_000_000) != stamp:
        return None
    if row.state == State.UNPROVEN and row.registered_at + GOOD_FOR <= clock.now():
        return None
    return row


def link_of(registration: Registration) -> str:
    """The whole address of somebody's own page."""
    return letters.absolute(reverse("events:place", args=[token_of(registration)]))


@transaction.atomic
def register(*, event: Event, values: RegistrationFields) -> Registration:
    """Keep somebody's wish for a place, and send them the mail by which they prove it.

    Who registers again before that replaces what they said; who is registered already gets a mail that says so.

    Raises:
        ValidationError: one cannot register now; by field; at ``email``: no mail can be sent there.
    """
    event = base.locked(event)
    stands = places.door(event)
    if not stands.is_open:
        raise ValidationError(door_words(stands), code=stands.value)
    folded = base.fold(base.line(values["email"]))[:320]
    row = (
        Registration.objects.select_for_update()
        .filter(event=event, email_folded=folded)
        .exclude(state=State.CANCELLED)
        .first()
    )
    if row is not None and row.state != State.UNPROVEN:
        _remind(row)
        return row
    row = row or Registration(event=event)
    base.put(row, {**values, "answers": _clean(values.get("answers", {})), "registered_at": clock.now()})
    base.write(row, actor=None, reason="registered")
    try:
        letters.send(letters.PROVE, row, key=f"training.prove:{_occasion(row)}", link=link_of(row))
    except ValidationError as problem:
        raise ValidationError(
            {"email": _("No mail can be sent to this address from here. Give another one, or write to us.")},
            code="mail",
        ) from problem
    return row


def door_words(stands: Door) -> str:
    """Why one cannot register now."""
    return {
        Door.EARLY: _("Registration has not opened yet."),
        Door.CLOSED: _("Registration is closed."),
        Door.CANCELLED: _("This event is cancelled."),
        Door.OVER: _("This event is over."),
    }[stands]


def _clean(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without what no database keeps (NUL, half characters)."""

    def one(said: Any) -> Any:
        if isinstance(said, list):
            return [base.block(each) for each in said]
        return said if isinstance(said, bool) else base.block(said)

    return {number: one(said) for number, said in answers.items()}


def _occasion(row: Registration) -> str:
    return f"{row.pk}:{base.current_version(row)}"


def _remind(row: Registration) -> None:
    hour = clock.now().strftime("%Y-%m-%dT%H")
    letters.try_to(
        letters.AGAIN,
        lambda: letters.send(letters.AGAIN, row, key=f"training.again:{row.pk}:{hour}", link=link_of(row)),
    )


def _tell(kind: str, row: Registration, reason: str = "") -> None:
    letters.try_to(
        kind,
        lambda: letters.send(kind, row, key=f"{kind}:{_occasion(row)}", link=link_of(row), reason=reason),
    )


@transaction.atomic
def prove(*, registration: Registration) -> Registration:
    """Somebody followed the link in their mail: they get a place, or one on the waiting list. Twice does nothing more.

    A record of the register is found by the proven address, or made.

    Raises:
        ValidationError: the event is over or cancelled.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.UNPROVEN:
        return row
    stands = places.door(event)
    if stands in (Door.CANCELLED, Door.OVER):
        raise ValidationError(door_words(stands), code=stands.value)
    person = _person_of(row)
    twin = (
        Registration.objects.filter(event=event, person=person, state__in=[State.WAITING, State.CONFIRMED])
        .order_by("pk")
        .first()
    )
    now = clock.now()
    base.put(row, {"person": person, "proven_at": now, "decided_at": now})
    if twin is not None:
        base.put(row, {"state": State.CANCELLED, "reason": _("Registered with another address already.")})
        base.write(row, actor=None, reason="twice")
        _remind(twin)
        return row
    if _has_part(event, person) or places.has_room(event):
        return _give_place(event, row, actor=None, kind=letters.PLACE)
    base.put(row, {"state": State.WAITING, "queued_at": now})
    base.write(row, actor=None, reason="proven")
    _tell(letters.WAITING, row)
    return row


def _has_part(event: Event, person: Person) -> bool:
    return places.learners_of(event).filter(person=person).exists()


def _person_of(row: Registration) -> Person:
    return person_behind(name=row.name, email=row.email, reason="registered for an event")


def person_behind(*, name: str, email: str, reason: str) -> Person:
    """The record of whoever owns a proven address, made where there is none."""
    known = (
        Identity.objects.filter(system="email", folded=base.fold(email))
        .select_related("person")
        .order_by("pk")
        .first()
    )
    if known is None:
        return add_person(
            actor=None,
            reason=reason,
            name=name,
            identities_known=[NewIdentity("email", email, is_verified=True)],
        )
    person = known.person
    if person.archived_at is not None:
        unarchive_people(people=[person.pk], actor=None, reason=reason)
        person.refresh_from_db()
    return person


def taking_part() -> TaskKind:
    """The part that registered people take: the first of those who take part.

    Raises:
        ValidationError: there is none.
    """
    row = TaskKind.objects.filter(does=TaskKind.Does.LEARNS).order_by("is_archived", "order", "pk").first()
    if row is None:
        raise ValidationError(_("There is no kind of part for those who take part: add one under Settings."))
    return row


def _give_place(event: Event, row: Registration, *, actor: Actor, kind: str) -> Registration:
    """Make the part and tell them; the event is locked.

    Raises:
        ValidationError: the event is full.
    """
    assert row.person is not None  # noqa: S101 - proven ones have one
    task = places.learners_of(event).filter(person=row.person).order_by("pk").first()
    if task is None:
        task = tasks.add_task(event=event, person=row.person, kind=taking_part(), actor=actor)
    for former in Registration.objects.filter(task=task).exclude(pk=row.pk):
        base.put(former, {"task": None})
        base.write(former, actor=actor, reason="registered again")
    base.put(
        row,
        {
            "state": State.CONFIRMED,
            "task": task,
            "queued_at": None,
            "reason": "",
            "decided_at": clock.now(),
        },
    )
    base.write(row, actor=actor, reason="place")
    if task.state == TaskState.INVITED:
        tasks.set_state(task=task, state=TaskState.CONFIRMED, actor=actor)
    _tell(kind, row)
    return row


@transaction.atomic
def accept(*, registration: Registration, actor: Actor) -> Registration:
    """Give somebody on the waiting list, or who was declined, a place; they are told. Twice does nothing more.

    Raises:
        ValidationError: they have not proven their address, the event is full, or they registered anew.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state == State.CONFIRMED:
        return row
    if row.proven_at is None or row.person is None:
        raise ValidationError(
            _("%(name)s has not followed the link in the mail yet.") % {"name": row.name}, code="unproven"
        )
    if not event.is_ahead:
        raise ValidationError(
            _("%(event)s is %(status)s: take that back first.")
            % {"event": event.title, "status": event.get_status_display()},
            code="state",
        )
    return _give_place(event, row, actor=actor, kind=letters.MOVED_UP)


@transaction.atomic
def decline(*, registration: Registration, actor: Actor, reason: str = "") -> Registration:
    """Take somebody's registration out; who has proven their address is told, with the reason. Twice does nothing more.

    The place that falls free goes to the first who waits.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state == State.CANCELLED:
        return row
    was = row.state
    _leave(event, row, actor=actor, reason=base.line(reason)[:300])
    if was != State.UNPROVEN:
        _tell(letters.DECLINED, row, row.reason)
    return row


@transaction.atomic
def withdraw(*, registration: Registration) -> Registration:
    """Somebody gives their place back by their link; the first who waits gets it. Twice does nothing more."""
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.CANCELLED:
        _leave(event, row, actor=None, reason="")
    return row


def _leave(event: Event, row: Registration, *, actor: Actor, reason: str) -> None:
    task = row.task
    base.put(row, {"state": State.CANCELLED, "queued_at": None, "reason": reason, "decided_at": clock.now()})
    base.write(row, actor=actor, reason="declined" if actor else "withdrawn")
    if task is not None and task.is_taken:
        tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=actor)
    fill_places(event=event, actor=actor)


@transaction.atomic
def move_up(*, registration: Registration, actor: Actor) -> Registration:
    """Put somebody at the head of the waiting list. Twice does nothing more.

    Raises:
        ValidationError: they do not wait.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.WAITING:
        raise ValidationError(_("%(name)s is not on the waiting list.") % {"name": row.name}, code="state")
    first = places.waiting(event).first()
    if first is not None and first.pk != row.pk and first.queued_at is not None:
        base.put(row, {"queued_at": first.queued_at - dt.timedelta(milliseconds=1)})
        base.write(row, actor=actor, reason="moved up")
    return row


@transaction.atomic
def fill_places(*, event: Event, actor: Actor = None) -> int:
    """Give free places to those who wait, the first first; each is told. Only until the event begins.

    Returns:
        how many got one.
    """
    event = base.locked(event)
    if not event.is_ahead or (event.starts_at is not None and event.starts_at <= clock.now()):
        return 0
    free = None if event.capacity is None else event.capacity - places.learners_of(event).count()
    if free is not None and free <= 0:
        return 0
    # Whoever waits and has a part by now takes no further place: at worst the next ones wait for the next time.
    rows = list(places.waiting(event).select_related("person")[:free])
    for row in rows:
        _give_place(event, row, actor=actor, kind=letters.MOVED_UP)
    return len(rows)


@transaction.atomic
def keep_in_step(*, event: Event, actor: Actor) -> None:
    """What was decided about parts holds for registrations too; then free places are filled. At most five queries where
    nothing is to do.
    """
    known = Registration.objects.filter(event=event).order_by("pk")
    now = clock.now()
    gone = list(known.filter(state=State.CONFIRMED).exclude(task__state__in=TAKEN))
    for row in gone:
        base.put(row, {"state": State.CANCELLED, "decided_at": now})
        base.write(row, actor=actor, reason="part")
    for row in known.filter(state=State.CANCELLED, task__state=TaskState.CONFIRMED):
        if not known.filter(email_folded=row.email_folded).exclude(state=State.CANCELLED).exists():
            base.put(row, {"state": State.CONFIRMED, "reason": "", "decided_at": now})
            base.write(row, actor=actor, reason="part")
    if known.filter(state=State.WAITING).exists():
        fill_places(event=event, actor=actor)


@transaction.atomic
def forget_unproven(*, now: dt.datetime) -> int:
    """Forget registrations that nobody confirmed in time, with their history.

    Returns:
        how many.
    """
    old = Registration.objects.filter(state=State.UNPROVEN, registered_at__lte=now - GOOD_FOR)
    chosen = list(old.order_by("pk").values_list("pk", flat=True)[:1000])
    history: Any = Registration.history
    Registration.objects.filter(pk__in=chosen).delete()
    history.filter(id__in=chosen).delete()
    return len(chosen)
