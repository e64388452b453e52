"""Who takes which part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.undo import Undo, removed
from folkmoot.people.public import Person
from folkmoot.training import telling
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.seats import release_seat
from folkmoot.training.models import TAKEN, Event, Session, Status, Task, TaskKind, TaskState
from folkmoot.training.signals import parts_changed, places_changed


@transaction.atomic
def add_task(
    *,
    event: Event,
    person: Person,
    kind: TaskKind,
    actor: Actor,
    session: Session | None = None,
    state: str = TaskState.CONFIRMED,
    note: str = "",
    attended: bool | None = None,
) -> Task:
    """Give somebody a part. Whoever declined or withdrew before takes the same part again.

    Raises:
        ValidationError: they have it already; the session is another event's; the event is full.
    """
    event = base.locked(event)
    if session is not None and session.event_id != event.pk:
        raise ValidationError({"session": _("This session belongs to another event.")}, code="session")
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError({"person": _("This record is archived.")}, code="archived")
    row = Task.objects.filter(event=event, person=person, kind=kind, session=session).first()
    if row is not None and row.is_taken:
        raise ValidationError(
            {
                "person": _("%(person)s has this part already: %(part)s.")
                % {"person": person.name, "part": kind.name}
            },
            code="taken",
        )
    if kind.does == TaskKind.Does.LEARNS and session is None and state in TAKEN:
        room(event)
    row = row or Task(event=event, person=person, kind=kind, session=session)
    base.put(row, {"state": state, "note": note, "attended": attended})
    base.write(row, actor=actor)
    if event.status == Status.DONE:
        telling.tell_parts([row], actor=actor)
    parts_changed.send(sender=Event, event=event, actor=actor)
    return row


def learners(event: Event) -> int:
    """How many take part or may yet, without those who teach, help, host, organise or speak; one query."""
    return Task.objects.filter(
        event=event, kind__does=TaskKind.Does.LEARNS, session=None, state__in=TAKEN
    ).count()


def room(event: Event) -> None:
    """See that there is a place left; call it with the event locked.

    Raises:
        ValidationError: there is none; it names the event and what to do.
    """
    if event.capacity is not None and learners(event) >= event.capacity:
        words = ngettext(
            "%(event)s is full (%(n)d place). Give it more places, or put them on the waiting list.",
            "%(event)s is full (%(n)d places). Give it more places, or put them on the waiting list.",
            event.capacity,
        )
        raise ValidationError(words % {"event": event.title, "n": event.capacity}, code="full")


@transaction.atomic
def set_state(*, task: Task, state: str, actor: Actor, note: str | None = None) -> Task:
    """Somebody agrees, declines or withdraws. The same twice does nothing more.

    Raises:
        ValidationError: there is no such state; the event is full.
    """
    if state not in TaskState.values:
        raise ValidationError({"state": _("There is no such state.")}, code="invalid")
    event = base.locked(task.event)
    row = base.locked(task)
    was = _takes_a_place(row)
    values: dict[str, object] = {"state": state}
    if note is not None:
        values["note"] = note
    if base.put(row, values):
        if _takes_a_place(row) and not was:
            room(event)
        base.write(row, actor=actor)
        if event.status == Status.DONE:
            telling.tell_parts([row], actor=actor)
        places_changed.send(sender=Event, event=event, actor=actor)
        parts_changed.send(sender=Event, event=event, actor=actor)
    return row


@transaction.atomic
def note_attendance(*, event: Event, tasks: Iterable[Task], attended: bool | None, actor: Actor) -> int:
    """Note for several parts of an event whether the people were there; ``None`` takes the note back.

    Returns:
        how many changed.

    Raises:
        ValidationError: one of them is another event's, or was not taken.
    """
    event = base.locked(event)
    changed = 0
    chosen = {task.pk for task in tasks}
    rows = list(Task.objects.select_for_update().filter(pk__in=chosen, event=event).order_by("pk"))
    if len(rows) != len(chosen):
        raise ValidationError(_("Some of these belong to another event. Reload the page."), code="event")
    for row in rows:
        if attended and row.state != TaskState.CONFIRMED:
            raise ValidationError(
                _("%(person)s does not take part: confirm that first.") % {"person": row.person.name},
                code="state",
            )
        if base.put(row, {"attended": attended}):
            base.write(row, actor=actor)
            changed += 1
    if event.status == Status.DONE and attended:
        telling.tell_parts(
            Task.objects.filter(pk__in=chosen).select_related("event", "kind", "person"), actor=actor
        )
    return changed


class TaskFields(TypedDict, total=False):
    """What may be said of a part that is there."""

    kind: TaskKind
    session: Session | None
    state: str
    attended: bool | None
    note: str


@transaction.atomic
def edit_task(*, task: Task, actor: Actor, seen: int | None = None, **values: Unpack[TaskFields]) -> Task:
    """Change a part; what is not named stays.

    Raises:
        ValidationError: by field; the event is full; who does not take part was not there; ``ChangedMeanwhile``.
    """
    event = base.locked(task.event)
    row = base.locked(task, seen)
    was = _takes_a_place(row)
    session = values.get("session")
    if session is not None and session.event_id != event.pk:
        raise ValidationError({"session": _("This session belongs to another event.")}, code="session")
    changed = base.put(row, values)
    if row.attended and row.state != TaskState.CONFIRMED:
        raise ValidationError({"attended": _("Who was there took part.")}, code="state")
    if _takes_a_place(row) and not was:
        room(event)
    if changed:
        base.write(row, actor=actor)
        if event.status == Status.DONE:
            telling.tell_parts([row], actor=actor)
        places_changed.send(sender=Event, event=event, actor=actor)
        parts_changed.send(sender=Event, event=event, actor=actor)
    return row


def _takes_a_place(row: Task) -> bool:
    return row.is_taken and row.kind.does == TaskKind.Does.LEARNS and row.session_id is None


@transaction.atomic
def remove_task(*, task: Task, actor: Actor) -> Undo:
    """Take out a part that was entered by mistake; whoever said no keeps their row instead.

    Raises:
        ValidationError: a certificate was issued for it.
    """
    event = base.locked(task.event)
    row = base.locked(task)
    if row.certificates.exists():
        raise ValidationError(
            _("There is a certificate for it: revoke that, and set the part to withdrawn."),
            code="certificate",
        )
    seat = release_seat(task=row, actor=actor)
    gone = removed(row, actor=actor)
    places_changed.send(sender=Event, event=event, actor=actor)
    parts_changed.send(sender=Event, event=event, actor=actor)
    return Undo((*seat.changes, *gone.changes))
