"""Trainees and instructors: awards of badges, lessons that people can teach, progress."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.ledger.public import Activity
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said, TrainingPart, moment_of
from folkmoot.training.imports.amy.telling import tell
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import (
    UNDECIDED,
    Award,
    Badge,
    Progress,
    ProgressState,
    Qualification,
    Requirement,
)
from folkmoot.training.telling_progress import AWARDED, PASSED, moment


@source_parts.declare
class Awards(TrainingPart):
    """Badges that people have."""

    key: ClassVar[str] = "amy.training.awards"
    order: ClassVar[int] = 350
    models: ClassVar[tuple[str, ...]] = ("workshops.award",)
    counters: ClassVar[tuple[str, ...]] = ("awards", "activities", "identities")

    def bring(self, chunk: Chunk) -> None:
        chunk.find(
            {"badge": "workshops.badge", "event": "workshops.event"},
            people=("person",),
            users=("awarded_by",),
        )
        named: dict[tuple[int, int], Said] = {}
        for said in chunk.said:
            person, badge = chunk.person(said, "person"), chunk.row(said, "badge", "workshops.badge")
            if person is None or badge is None:
                continue
            if (person, badge) in named:
                why = _("is the same badge of the same person as award %(pk)s: left out")
                said.leave("badge", why % {"pk": named[person, badge].pk})
                continue
            named[person, badge] = said
        rows = Award.objects.filter(person__in={one for one, _badge in named}, revoked_at=None)
        there = {(row.person_id, row.badge_id): row for row in rows}
        wanted = []
        for (person, badge), said in named.items():
            day = said.day("awarded")
            values: dict[str, Any] = {
                "person_id": person,
                "badge_id": badge,
                "awarded_on": day or clock.today(),
                "event_id": chunk.row(said, "event", "workshops.event"),
                "awarded_by_id": chunk.user(said, "awarded_by"),
            }
            names = {"person_id": "person", "badge_id": "badge", "awarded_on": "awarded", "event_id": "event",
                     "awarded_by_id": "awarded_by"}  # fmt: skip
            fixed = {
                "source": SOURCE,
                "external_id": said.key,
                "created_at": moment_of(day),
                "awarded_on": clock.today(),
            }
            values = said.only_said(values, names)
            fixed = {name: value for name, value in fixed.items() if name not in values}
            wanted.append(Wanted(said.key, values, there.get((person, badge)), fixed, said.row, names))
        awards = bring(chunk.changes, source=SOURCE, model=Award, wanted=wanted, counter="awards")
        chunk.list_nobodies("awarded_by", "awarded_by_id", awards)
        self._tell(chunk, list(awards.values()))

    def _tell(self, chunk: Chunk, awards: list[Award]) -> None:
        badges = {badge.pk: badge for badge in Badge.objects.all()}

        def activity(row: Award) -> Activity:
            badge = badges[row.badge_id]
            detail = {"award": row.pk, "badge": badge.slug, "title": badge.name, "event": row.event_id}
            return Activity(kind=AWARDED, occurred_at=moment(row.awarded_on), detail=detail)

        tell(chunk, [(f"award:{row.pk}", row.person_id, row, activity) for row in awards if row.holds])


@source_parts.declare
class Qualifications(TrainingPart):
    """Lessons that people can teach."""

    key: ClassVar[str] = "amy.training.qualifications"
    order: ClassVar[int] = 351
    models: ClassVar[tuple[str, ...]] = ("workshops.qualification",)
    counters: ClassVar[tuple[str, ...]] = ("qualifications",)

    def bring(self, chunk: Chunk) -> None:
        chunk.find({"lesson": "workshops.lesson"}, people=("person",))
        named: dict[tuple[int, int], Said] = {}
        for said in chunk.said:
            person, lesson = chunk.person(said, "person"), chunk.row(said, "lesson", "workshops.lesson")
            if person is None or lesson is None:
                continue
            first = named.setdefault((person, lesson), said)
            if first is not said:
                why = _("is the same lesson of the same person as qualification %(pk)s: left out")
                said.leave("lesson", why % {"pk": first.pk})
        rows = Qualification.objects.filter(person__in={one for one, _lesson in named})
        there = {(row.person_id, row.lesson_id): row for row in rows}
        wanted = [
            Wanted(
                said.key,
                {"person_id": person, "lesson_id": lesson},
                there.get((person, lesson)),
                {"source": SOURCE},
                said.row,
                {"person_id": "person", "lesson_id": "lesson"},
            )
            for (person, lesson), said in named.items()
        ]
        bring(chunk.changes, source=SOURCE, model=Qualification, wanted=wanted, counter="qualifications")


#: Column -> what AMY calls it.
_PROGRESS = {
    "person_id": "trainee",
    "requirement_id": "requirement",
    "involvement_id": "involvement_type",
    "event_id": "event",
    "happened_on": "date",
    "own_note": "trainee_notes",
    "note": "notes",
}


@source_parts.declare
class Progresses(TrainingPart):
    """How far trainees are."""

    key: ClassVar[str] = "amy.training.progress"
    order: ClassVar[int] = 352
    models: ClassVar[tuple[str, ...]] = ("workshops.trainingprogress",)
    counters: ClassVar[tuple[str, ...]] = ("progress", "activities", "identities")

    def bring(self, chunk: Chunk) -> None:
        chunk.find(
            {
                "requirement": "workshops.trainingrequirement",
                "involvement_type": "trainings.involvement",
                "event": "workshops.event",
            },
            people=("trainee",),
        )
        named: list[tuple[Said, int, int, int | None]] = []
        met: dict[tuple[int, int, int], Said] = {}
        for said in chunk.said:
            person = chunk.person(said, "trainee")
            requirement = chunk.row(said, "requirement", "workshops.trainingrequirement")
            if person is None or requirement is None:
                continue
            event = chunk.row(said, "event", "workshops.event")
            first = met.setdefault((person, requirement, event), said) if event is not None else said
            if first is not said:
                why = _("is for the same person and training as progress %(pk)s: left out")
                said.leave("event", why % {"pk": first.pk})
                continue
            named.append((said, person, requirement, event))
        rows = Progress.objects.filter(event__in={one[2] for one in met}, person__in={one[0] for one in met})
        there: dict[Any, Progress] = {(row.person_id, row.requirement_id, row.event_id): row for row in rows}
        wanted = [
            self._wanted(chunk, said, person, requirement, event, there.get((person, requirement, event)))
            for said, person, requirement, event in named
        ]
        progress = bring(
            chunk.changes, source=SOURCE, model=Progress, wanted=wanted, counter="progress", reckon=_reckoned
        )
        self._tell(chunk, list(progress.values()))

    def _wanted(
        self,
        chunk: Chunk,
        said: Said,
        person: int,
        requirement: int,
        event: int | None,
        found: Progress | None,
    ) -> Wanted:
        state = self._state(said)
        day = said.day("date")
        made, changed = said.moment("created_at"), said.moment("last_updated_at")
        values: dict[str, Any] = {
            "person_id": person,
            "requirement_id": requirement,
            "involvement_id": chunk.row(said, "involvement_type", "trainings.involvement"),
            "event_id": event,
            "state": state,
            "happened_on": day,
            "url": said.url("url"),
            "own_note": said.text("trainee_notes"),
            "note": said.text("notes"),
        }
        is_own = state == ProgressState.SUBMITTED or bool(values["own_note"])
        fixed = {
            "evaluated_at": None if state in UNDECIDED else (changed or made or moment_of(day)),
            "submitted_at": made if is_own else None,
            "created_at": made or moment_of(day),
            "source": SOURCE,
            "external_id": said.key,
        }
        return Wanted(said.key, said.only_said(values, _PROGRESS), found, fixed, said.row, _PROGRESS)

    def _state(self, said: Said) -> str:
        found = words()["progress"].get(said.fields.get("state"))
        if found is None:
            why = _("“%(said)s” is no state: taken as not evaluated yet")
            said.leave("state", why % {"said": str(said.fields.get("state"))[:20]})
        return str(found or ProgressState.SUBMITTED)

    def _tell(self, chunk: Chunk, rows: list[Progress]) -> None:
        requirements = {one.pk: one for one in Requirement.objects.all()}

        def activity(row: Progress) -> Activity:
            about = requirements[row.requirement_id]
            detail = {"requirement": about.slug, "title": about.name, "event": row.event_id}
            day = row.happened_on or (row.evaluated_at.date() if row.evaluated_at else None)
            return Activity(kind=PASSED, occurred_at=moment(day), detail=detail)

        passed = [row for row in rows if row.state == ProgressState.PASSED]
        tell(chunk, [(f"progress:{row.pk}", row.person_id, row, activity) for row in passed])


def _reckoned(row: Progress) -> dict[str, Any]:
    """What is decided was decided at some time."""
    if row.state in UNDECIDED or row.evaluated_at is not None:
        return {}
    return {"evaluated_at": clock.now()}
