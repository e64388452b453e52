"""Parts in events (AMY's tasks), the seats that learners sit on, and what the ledger is told of what is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.ledger.public import Activity
from folkmoot.training import telling
from folkmoot.training.imports.amy.common import (
    SOURCE,
    Chunk,
    Names,
    Said,
    TrainingPart,
    key_of,
    moment_of,
)
from folkmoot.training.imports.amy.telling import tell
from folkmoot.training.models import Event, Status, Task, TaskKind, TaskState, Use

MODEL = "workshops.task"
LEARNER = "learner"


@source_parts.declare
class Tasks(TrainingPart):
    """Who did what at events."""

    key: ClassVar[str] = "amy.training.tasks"
    order: ClassVar[int] = 345
    models: ClassVar[tuple[str, ...]] = (MODEL,)
    looks_up: ClassVar[tuple[str, ...]] = ("workshops.role",)
    counters: ClassVar[tuple[str, ...]] = ("parts", "uses", "activities", "identities")

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        return {"role": str(names["workshops.role"].get(str(fields.get("role")), {}).get("name") or "")}

    def bring(self, chunk: Chunk) -> None:
        taken = {said.key: seat_of(said) for said in chunk.said}
        chunk.find(
            {"event": "workshops.event", "role": "workshops.role"},
            people=("person",),
            more={seat.key for seat in taken.values() if seat is not None and seat.key}
            | {f"{said.key}#use" for said in chunk.said},
        )
        tasks = _tasks(chunk)
        pairs = [(said, tasks[said.key]) for said in chunk.said if said.key in tasks]
        _seats(chunk, pairs, taken)
        _tell(chunk, [task for _said, task in pairs])


def _tasks(chunk: Chunk) -> dict[str, Task]:
    named: list[tuple[Said, tuple[int, int, int]]] = []
    met: dict[tuple[int, int, int], Said] = {}
    for said in chunk.said:
        event = chunk.row(said, "event", "workshops.event")
        person = chunk.person(said, "person")
        kind = chunk.row(said, "role", "workshops.role")
        if event is None or person is None or kind is None:
            continue
        triple = (event, person, kind)
        if triple in met:
            why = _("is the same part of the same person as task %(pk)s: left out") % {"pk": met[triple].pk}
            said.leave("person", why)
            continue
        met[triple] = said
        named.append((said, triple))
    rows = Task.objects.filter(
        event__in={one[0] for one in met}, person__in={one[1] for one in met}, session=None
    )
    there = {(row.event_id, row.person_id, row.kind_id): row for row in rows}
    wanted = [
        Wanted(
            said.key,
            {"event_id": event, "person_id": person, "kind_id": kind},
            there.get((event, person, kind)),
            {"state": TaskState.CONFIRMED, "source": SOURCE, "external_id": said.key},
            said.row,
            {"event_id": "event", "person_id": "person", "kind_id": "role"},
        )
        for said, (event, person, kind) in named
    ]
    return bring(chunk.changes, source=SOURCE, model=Task, wanted=wanted, counter="parts")


class Seat:
    """By what a learner sits: the key of an allowance, or an open seat."""

    def __init__(self, key: str, field: str, *, in_house: bool = False) -> None:
        self.key, self.field, self.in_house = key, field, in_house


def seat_of(said: Said) -> Seat | None:
    """The seat that a task says; nothing where it is none of a learner's."""
    membership, benefit = said.fields.get("seat_membership"), said.fields.get("allocated_benefit")
    if not (membership or benefit or said.is_true("seat_open_training")):
        return None
    if said.beside.get("role") != LEARNER:
        said.leave("role", _("only learners have seats: its seat was left out"))
        return None
    if membership:
        if benefit:
            said.leave("allocated_benefit", _("is counted by its membership here: left out"))
        in_house = said.has("seat_public") and not said.is_true("seat_public")
        slug = "in-house-seats" if in_house else "public-seats"
        return Seat(f"workshops.membership/{membership}#{slug}", "seat_membership", in_house=in_house)
    if benefit:
        return Seat(key_of("offering.accountbenefit", benefit), "allocated_benefit")
    return Seat("", "seat_open_training")


def _seats(chunk: Chunk, pairs: Sequence[tuple[Said, Task]], taken: Mapping[str, Seat | None]) -> None:
    there = {row.task_id: row for row in Use.objects.filter(task__in=[task.pk for _said, task in pairs])}
    days = dict(
        Event.objects.filter(pk__in={task.event_id for _said, task in pairs}).values_list("pk", "starts_on")
    )
    wanted = []
    for said, task in pairs:
        seat, key = taken[said.key], f"{said.key}#use"
        if seat is None:
            held = there.get(task.pk)
            if held is not None and held.pk == chunk.rows.get(key) and said.has("seat_membership"):
                said.leave(
                    "seat_membership", _("AMY counts no seat any more: take it back here if that is right")
                )
            continue
        allowance = chunk.rows.get(seat.key) if seat.key else None
        if seat.key and allowance is None:
            said.leave(seat.field, _("what the seat is taken from is not here: look why that was left out"))
            continue
        values = {
            "allowance_id": allowance,
            "amount": 0 if allowance is None else 1,
            "is_in_house": seat.in_house,
        }
        fixed = {"task_id": task.pk, "given_at": moment_of(days.get(task.event_id))}
        wanted.append(
            Wanted(key, values, there.get(task.pk), fixed, said.row, dict.fromkeys(values, seat.field))
        )
    bring(chunk.changes, source=SOURCE, model=Use, wanted=wanted, counter="uses")


def _tell(chunk: Chunk, tasks: Sequence[Task]) -> None:
    """The ledger hears of parts in events that are over, as from other imports."""
    over = Event.objects.filter(pk__in={task.event_id for task in tasks}, status=Status.DONE)
    events = {event.pk: event for event in over.only("title", "starts_at")}
    kinds = {kind.pk: kind for kind in TaskKind.objects.all()}
    done = [
        task
        for task in tasks
        if task.event_id in events and task.state == TaskState.CONFIRMED and task.attended is not False
    ]

    def activity(task: Task) -> Activity:
        event, kind = events[task.event_id], kinds[task.kind_id]
        return Activity(
            kind=telling.PARTS[kind.does],
            occurred_at=event.starts_at or chunk.changes.now,
            detail={"event": event.pk, "title": event.title, "part": kind.slug},
        )

    tell(chunk, [(f"task:{task.pk}", task.person_id, task, activity) for task in done])
