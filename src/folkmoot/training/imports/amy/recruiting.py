"""Recruitment of instructors: openings, and who signed up."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.training.imports.amy.basics import Known
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said, TrainingPart
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import (
    ClosedBecause,
    Opening,
    OpeningState,
    Priority,
    SignUp,
    SignUpState,
    SoughtPart,
    Task,
    TaskKind,
    TaskState,
)

RECRUITMENT = "recruitment.instructorrecruitment"
#: AMY's page accepts two instructors for a workshop; how many are sought it does not say.
SOUGHT = 2
#: What AMY calls an interest, and the part that it means.
PARTS = {"session": "instructor", "part": "instructor", "support": "supporting-instructor"}


def part(known: Known, word: str, chunk: Chunk) -> TaskKind:
    """The kind of part; one that the house does not have is made."""
    found: TaskKind | None = known.find(word)
    if found is None:
        new = TaskKind(
            slug=known.free(word), name=word.replace("-", " ").capitalize(), does=TaskKind.Does.TEACHES
        )
        [found] = chunk.changes.create(TaskKind, [new], counter="part_kinds")
        known.by_word[word] = found
    return found


@source_parts.declare
class Openings(TrainingPart):
    """Openings: events for which instructors are sought."""

    key: ClassVar[str] = "amy.training.openings"
    order: ClassVar[int] = 370
    models: ClassVar[tuple[str, ...]] = (RECRUITMENT,)
    counters: ClassVar[tuple[str, ...]] = ("openings", "sought_parts", "part_kinds")

    def bring(self, chunk: Chunk) -> None:
        chunk.find({"event": "workshops.event"}, users=("assigned_to",))
        events = {said.key: chunk.row(said, "event", "workshops.event") for said in chunk.said}
        there = {
            row.event_id: row
            for row in Opening.objects.filter(event__in=[pk for pk in events.values() if pk])
        }
        wanted = []
        for said in chunk.said:
            event = events[said.key]
            if event is None:
                continue
            made = said.moment("created_at") or chunk.changes.now
            closed = said.fields.get("status") == "c"
            values: dict[str, Any] = {
                "state": OpeningState.CLOSED if closed else OpeningState.OPEN,
                "closed_because": ClosedBecause.BY_HAND if closed else ClosedBecause.NOT,
                "note": said.text("notes"),
                "priority": _priority(said),
                "owner_id": chunk.user(said, "assigned_to"),
            }
            names = {
                "state": "status",
                "closed_because": "status",
                "note": "notes",
                "owner_id": "assigned_to",
            }
            fixed = {
                "event_id": event,
                "opened_at": made,
                "closed_at": max(made, said.moment("last_updated_at") or made) if closed else None,
            }
            wanted.append(
                Wanted(said.key, said.only_said(values, names), there.get(event), fixed, said.row, names)
            )
        rows = bring(
            chunk.changes,
            source=SOURCE,
            model=Opening,
            wanted=wanted,
            counter="openings",
            reckon=_reckoned,
        )
        chunk.list_nobodies("assigned_to", "owner_id", rows)
        kind = part(Known(TaskKind), PARTS["session"], chunk)
        sought = SoughtPart.objects.filter(opening__in=[row.pk for row in rows.values()], kind=kind)
        found = {row.opening_id: row for row in sought}
        parts = [
            Wanted(f"{key}#sought", {}, found.get(row.pk),
                   {"opening_id": row.pk, "kind_id": kind.pk, "number": SOUGHT})
            for key, row in rows.items()
        ]  # fmt: skip
        bring(chunk.changes, source=SOURCE, model=SoughtPart, wanted=parts, counter="sought_parts")


def _priority(said: Said) -> int | None:
    value = said.number("priority")
    return value if value in Priority.values else None


def _reckoned(row: Opening) -> dict[str, Any]:
    if row.state == OpeningState.OPEN:
        return {"closed_at": None, "closed_because": ClosedBecause.NOT}
    return {
        "closed_at": row.closed_at or clock.now(),
        "closed_because": row.closed_because or ClosedBecause.BY_HAND,
    }


@source_parts.declare
class SignUps(TrainingPart):
    """Who signed up, and what came of it."""

    key: ClassVar[str] = "amy.training.sign_ups"
    order: ClassVar[int] = 371
    models: ClassVar[tuple[str, ...]] = ("recruitment.instructorrecruitmentsignup",)
    counters: ClassVar[tuple[str, ...]] = ("sign_ups", "part_kinds")

    def bring(self, chunk: Chunk) -> None:
        chunk.find({"recruitment": RECRUITMENT}, people=("person",))
        known = Known(TaskKind)
        named: dict[tuple[int, int, int], Said] = {}
        for said in chunk.said:
            opening, person = chunk.row(said, "recruitment", RECRUITMENT), chunk.person(said, "person")
            if opening is None or person is None:
                continue
            kind = part(known, PARTS.get(str(said.fields.get("interest")), PARTS["session"]), chunk).pk
            first = named.setdefault((opening, person, kind), said)
            if first is not said:
                why = _("is the same person for the same event as sign-up %(pk)s: left out")
                said.leave("person", why % {"pk": first.pk})
        openings = {opening for opening, _person, _kind in named}
        rows = SignUp.objects.filter(opening__in=openings)
        there = {(row.opening_id, row.person_id, row.kind_id): row for row in rows}
        tasks = self._tasks(named)
        wanted = [
            self._wanted(chunk, said, triple, there.get(triple), tasks.get(triple))
            for triple, said in named.items()
        ]
        bring(
            chunk.changes,
            source=SOURCE,
            model=SignUp,
            wanted=wanted,
            counter="sign_ups",
            reckon=lambda row: {
                "decided_at": None if row.state == SignUpState.PENDING else row.decided_at or clock.now()
            },
        )

    def _tasks(self, named: dict[tuple[int, int, int], Said]) -> dict[tuple[int, int, int], int]:
        """The part in the event that somebody was accepted for, where no other sign-up has it; one statement."""
        people = {person for _opening, person, _kind in named}
        rows = Task.objects.filter(
            event__opening__in={opening for opening, *_rest in named},
            person__in=people,
            session=None,
            state=TaskState.CONFIRMED,
        ).values_list("event__opening", "person_id", "kind_id", "pk", "sign_up__opening")
        return {
            (opening, person, kind): pk
            for opening, person, kind, pk, other in rows
            if other is None or other == opening
        }

    def _wanted(
        self, chunk: Chunk, said: Said, triple: tuple[int, int, int], found: SignUp | None, task: int | None
    ) -> Wanted:
        state = words()["states"].get(str(said.fields.get("state")))
        if state is None or state == "discarded":  # AMY says "discarded" where somebody was declined
            state = SignUpState.DECLINED if state else SignUpState.PENDING
        made = said.moment("created_at") or chunk.changes.now
        values: dict[str, Any] = {
            "state": state,
            "interest": _interest(said),
            "note": said.text("notes"),
            "task_id": task if state == SignUpState.ACCEPTED else None,
        }
        names = {"interest": "user_notes", "note": "notes", "task_id": "state"}
        opening, person, kind = triple
        fixed = {
            "opening_id": opening,
            "person_id": person,
            "kind_id": kind,
            "is_own": True,
            "signed_up_at": made,
            "decided_at": None
            if state == SignUpState.PENDING
            else max(made, said.moment("last_updated_at") or made),
        }
        return Wanted(said.key, said.only_said(values, names), found, fixed, said.row, names)


def _interest(said: Said) -> str:
    notes = said.text("user_notes")
    if said.fields.get("interest") == "part":
        return "\n\n".join(filter(None, [_("For a part of it."), notes]))
    return notes
