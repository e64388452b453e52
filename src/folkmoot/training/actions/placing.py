"""Places at events: who gets one, who waits, what falls free."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.people.public import Identity, NewIdentity, Person, add_person, unarchive_people
from folkmoot.training import letters
from folkmoot.training.actions import base, tasks
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.place_letters import remind, tell
from folkmoot.training.models import TAKEN, Event, Registration, RegistrationState, TaskKind, TaskState
from folkmoot.training.queries import places

State = RegistrationState


def settle(event: Event, row: Registration, person: Person, *, actor: Actor) -> Registration:
    """Whose registration it is, is known: they get a place, or one on the waiting list. The event is locked.

    Somebody who is registered with another address stands as they did; this one is cancelled.
    """
    twin = of_person(event, person)
    now = clock.now()
    base.put(row, {"person": person, "proven_at": now, "decided_at": now})
    if twin is not None:
        base.put(row, {"state": State.CANCELLED, "reason": _("Registered with another address already.")})
        base.write(row, actor=actor, reason="twice")
        remind(twin)
        return row
    if _has_part(event, person) or places.has_room(event):
        return give_place(event, row, actor=actor, kind=letters.PLACE)
    base.put(row, {"state": State.WAITING, "queued_at": now})
    base.write(row, actor=actor, reason="proven")
    tell(letters.WAITING, row)
    return row


def of_person(event: Event, person: Person) -> Registration | None:
    """The registration by which somebody has a place or waits for one."""
    rows = Registration.objects.filter(event=event, person=person, state__in=[State.WAITING, State.CONFIRMED])
    return rows.order_by("pk").first()


def _has_part(event: Event, person: Person) -> bool:
    return places.learners_of(event).filter(person=person).exists()


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


def give_place(event: Event, row: Registration, *, actor: Actor, kind: str) -> Registration:
    """Make the part of somebody with a record, and tell them; the event is locked.

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
    tell(kind, row)
    return row


def leave(event: Event, row: Registration, *, actor: Actor, reason: str) -> None:
    """Take a registration out; what falls free goes to the first who waits. The event is locked."""
    task = row.task
    base.put(row, {"state": State.CANCELLED, "queued_at": None, "reason": reason, "decided_at": clock.now()})
    base.write(row, actor=actor, reason="declined" if actor else "withdrawn")
    if task is not None and task.is_taken:
        tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=actor)
    fill_places(event=event, actor=actor)


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
        give_place(event, row, actor=actor, kind=letters.MOVED_UP)
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
