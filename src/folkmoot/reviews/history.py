"""How a submission got where it stands, reckoned from everything that was ever seen of it.

Sightings come from dated files, from the tracker's own events and from moves by hand, in whatever order. They are laid
in the order of time, and of each only what is *news from its source* counts: a file that goes on saying what it said
before a move by hand does not take that move back. The tracker's events tell the very moment and rule for the time that
they cover; what else was seen there in between changes nothing. The result is the same whatever came first or twice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from folkmoot.kernel import audit, bulk
from folkmoot.kernel.imports.changes import Changes
from folkmoot.reviews.labels import Vocabulary
from folkmoot.reviews.models import Kind, Outcome, Programme, Sighting, StageChange, Submission
from folkmoot.reviews.models.programmes import label_key

#: The source of what somebody does here by hand.
BY_HAND = "folkmoot"
#: A sighting whose source does not say when it was taken begins its identifier so; one with a date takes its place.
UNDATED = "undated:"
#: Labels are taken off and put on one after the other: a step back that lasts no longer is none.
FLICKER = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Seen:
    """A sighting, as far as it is reckoned with. ``position`` is the stage's place."""

    at: dt.datetime
    stage_id: int | None
    is_exact: bool = False
    is_on_hold: bool = False
    outcome: str = ""
    position: int = 0
    actor_id: int | None = None
    source: str = ""
    external_id: str = ""
    #: The sighting's own number, for the order of what was done by hand.
    number: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """Earlier first; at one moment what was seen before what began then; events by their numbers.

        What somebody did here at one and the same moment stays in the order in which it was done.
        """
        place = self.number if self.source == BY_HAND else len(self.external_id)
        return self.at, self.is_exact, self.source, place, self.external_id


@dataclass(frozen=True)
class Step:
    """A stage entered after ``not_before`` and at ``at`` at the latest."""

    stage_id: int | None
    not_before: dt.datetime | None
    at: dt.datetime
    actor_id: int | None = None
    source: str = ""
    position: int = 0

    @property
    def is_exact(self) -> bool:
        """The moment itself is known."""
        return self.not_before == self.at


@dataclass(frozen=True)
class Standing:
    """What follows from the sightings of one submission, up to some moment."""

    steps: tuple[Step, ...] = ()
    #: When it was on hold: from, to (``None``: still).
    holds: tuple[tuple[dt.datetime, dt.datetime | None], ...] = ()
    outcome: str = ""

    @property
    def stage_id(self) -> int | None:
        """Where it stands."""
        return self.steps[-1].stage_id if self.steps else None

    @property
    def stage_since(self) -> dt.datetime | None:
        """The first moment at which it was known to stand there."""
        return self.steps[-1].at if self.steps else None

    @property
    def on_hold_since(self) -> dt.datetime | None:
        """Since when it has been on hold; ``None``: it is not."""
        return self.holds[-1][0] if self.holds and self.holds[-1][1] is None else None


@dataclass
class _Said:
    """What each source said last of one thing, and what of it is news."""

    by_source: dict[str, Any] = field(default_factory=dict)
    outside: list[Any] = field(default_factory=list)

    def is_news(self, seen: Seen, value: Any) -> bool:
        """Whether the source says something else than before; its first word is compared with the others' last.

        What a person does by hand is always news.
        """
        if seen.source == BY_HAND:
            return True
        before = [self.by_source[seen.source]] if seen.source in self.by_source else self.outside
        self.by_source[seen.source] = value
        self.outside = [value]
        return before != [value]


def reckon_from(sightings: Iterable[Seen]) -> Standing:
    """What follows from these sightings; their order and repetitions do not matter."""
    ordered = _dated(sorted(set(sightings), key=lambda seen: seen.order))
    exact = [seen.at for seen in ordered if seen.is_exact and seen.source != BY_HAND]
    said_stage, said_hold, said_outcome = _Said(), _Said(), _Said()
    steps: list[Step] = []
    holds: list[tuple[dt.datetime, dt.datetime | None]] = []
    stage, outcome, is_on_hold = None, "", False
    before: dt.datetime | None = None
    for seen in ordered:
        is_covered = (
            not seen.is_exact and seen.source != BY_HAND and bool(exact) and exact[0] <= seen.at <= exact[-1]
        )
        if said_stage.is_news(seen, seen.stage_id) and seen.stage_id != stage and not is_covered:
            stage = seen.stage_id
            not_before = seen.at if seen.is_exact else before
            steps.append(Step(stage, not_before, seen.at, seen.actor_id, seen.source, seen.position))
        if said_hold.is_news(seen, seen.is_on_hold) and seen.is_on_hold != is_on_hold and not is_covered:
            is_on_hold = seen.is_on_hold
            if is_on_hold:
                holds.append((seen.at, None))
            else:
                holds[-1] = (holds[-1][0], seen.at)
        if said_outcome.is_news(seen, seen.outcome) and not is_covered:
            outcome = seen.outcome
        before = seen.at
    return Standing(tuple(_without_flickers(steps)), tuple(holds), outcome)


def _dated(ordered: Sequence[Seen]) -> list[Seen]:
    """Without undated sightings of a source that has a dated one, too."""
    dated = {seen.source for seen in ordered if not seen.external_id.startswith(UNDATED)}
    return [seen for seen in ordered if seen.source not in dated or not seen.external_id.startswith(UNDATED)]


def _without_flickers(steps: Sequence[Step]) -> Iterator[Step]:
    """Without the moments at which a label was off already and the next not yet on."""
    kept: list[Step] = []
    for place, step in enumerate(steps):
        after = steps[place + 1] if place + 1 < len(steps) else None
        before = kept[-1] if kept else None
        is_flicker = (
            after is not None
            and before is not None
            and step.source != BY_HAND
            and after.at - step.at <= FLICKER
            and step.is_exact
            and after.is_exact
            and (
                step.stage_id is None or (step.position < before.position and step.position < after.position)
            )
        )
        if not is_flicker and (before is None or before.stage_id != step.stage_id):
            kept.append(step)
    yield from kept


# ---------------------------------------------------------------------------------------------------- in the database


_READ = (
    "submission_id",
    "at",
    "stage_id",
    "is_exact",
    "is_on_hold",
    "outcome",
    "place",
    "actor_id",
    "source",
    "external_id",
    "number",
)


def _sightings(submission_ids: Iterable[int]) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = defaultdict(list)
    rows = Sighting.objects.filter(submission__in=list(submission_ids)).order_by("submission", "at", "pk")
    for row in rows.annotate(place=F("stage__position"), number=F("pk")).values(*_READ):
        found[row.pop("submission_id")].append(Seen(position=row.pop("place") or 0, **row))
    return found


def standing(submission: Submission, at: dt.datetime | None = None) -> Standing:
    """How a submission stood at a moment (``None``: now), as far as is known; one query."""
    seen = _sightings([submission.pk]).get(submission.pk, [])
    return reckon_from(one for one in seen if at is None or one.at <= at)


@transaction.atomic
def reckon(submission_ids: Iterable[int], changes: Changes | None = None) -> int:
    """Bring stage changes and the mirrors on the submissions in line with their sightings.

    A submission without sightings is left alone. The number of queries does not depend on that of submissions.

    Args:
        changes: of an import, so that its undo takes this back.

    Returns:
        how many rows were made, changed or removed.
    """
    ids = sorted(set(submission_ids))
    if not ids:
        return 0
    submissions = {
        one.pk: one for one in Submission.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    reckoned = {pk: reckon_from(seen) for pk, seen in _sightings(submissions).items()}
    held: dict[int, dict[int, StageChange]] = defaultdict(dict)
    for row in StageChange.objects.filter(submission__in=list(reckoned)).order_by("submission", "position"):
        held[row.submission_id][row.position] = row
    new: list[StageChange] = []
    wanted: list[tuple[StageChange, dict[str, Any]]] = []
    gone: list[int] = []
    for pk, now in reckoned.items():
        for position, step in enumerate(now.steps):
            values = {
                "stage_id": step.stage_id,
                "not_before": step.not_before,
                "at": step.at,
                "actor_id": step.actor_id,
                "source": step.source,
            }
            there = held[pk].get(position)
            if there is None:
                new.append(StageChange(submission_id=pk, position=position, **values))
            elif any(getattr(there, name) != value for name, value in values.items()):
                wanted.append((there, values))
        gone += [row.pk for position, row in held[pk].items() if position >= len(now.steps)]
    StageChange.objects.filter(pk__in=gone).delete()
    mirrors = _mirrors(submissions, reckoned)
    if changes is not None:
        changes.create(StageChange, new, counter="stage_changes")
        changes.update(StageChange, wanted, counter="stage_changes")
        changes.update(Submission, mirrors, counter="")
    else:
        bulk.insert(StageChange, new)
        _write(StageChange, wanted)
        _write(Submission, mirrors)
    return len(new) + len(wanted) + len(gone) + len(mirrors)


@transaction.atomic
def read_again(programme: Programme, label: str) -> int:
    """Read what was seen with this label anew, since it means something else now, and reckon what follows.

    Returns:
        how many sightings were read anew.
    """
    key = label_key(label)
    vocabulary = Vocabulary(programme)
    rows = Sighting.objects.filter(submission__programme=programme).exclude(source=BY_HAND).exclude(labels=[])
    again: list[tuple[Sighting, dict[str, Any]]] = []
    for row in rows.select_related("submission").iterator(chunk_size=2000):
        if key not in {label_key(one) for one in row.labels}:
            continue
        reading = vocabulary.read(row.labels)
        is_enquiry = row.submission.kind == Kind.PRESUBMISSION
        may_wait = row.is_on_hold or not row.outcome  # what was closed then was not on hold
        values: dict[str, Any] = {"is_on_hold": reading.hold_reason is not None and may_wait}
        if not is_enquiry:
            own = reading.stage if reading.stage is not None and not reading.stage.is_presubmission else None
            values["stage_id"] = own.pk if own is not None else None
        if reading.outcome and not (is_enquiry and reading.outcome == Outcome.ACCEPTED):
            values["outcome"] = reading.outcome
        if any(getattr(row, name) != value for name, value in values.items()):
            again.append((row, values))
    for row, values in again:
        Sighting.objects.filter(pk=row.pk).update(**values)
    reckon({row.submission_id for row, _values in again})
    return len(again)


def _mirrors(
    submissions: Mapping[int, Submission], reckoned: Mapping[int, Standing]
) -> list[tuple[Submission, dict[str, Any]]]:
    reasons = _hold_reasons([submissions[pk] for pk, now in reckoned.items() if now.on_hold_since])
    found = []
    for pk, now in reckoned.items():
        row = submissions[pk]
        values = {
            "stage_id": now.stage_id,
            "stage_since": now.stage_since,
            "on_hold_since": now.on_hold_since,
            "hold_reason": (reasons.get(pk) or row.hold_reason) if now.on_hold_since else "",
            "outcome": now.outcome,
        }
        if any(getattr(row, name) != value for name, value in values.items()):
            found.append((row, values))
    return found


def _hold_reasons(submissions: Sequence[Submission]) -> dict[int, str]:
    """Why these are on hold, as their newest labels tell; who was put on hold by hand keeps the reason given."""
    if not submissions:
        return {}
    newest: dict[int, list[str]] = {}
    rows = Sighting.objects.filter(submission__in=submissions, is_on_hold=True).order_by("at", "pk")
    for pk, labels, source in rows.values_list("submission_id", "labels", "source"):
        newest[pk] = labels if source != BY_HAND else []
    vocabularies: dict[int, Vocabulary] = {}
    found = {}
    for row in submissions:
        if newest.get(row.pk):
            if row.programme_id not in vocabularies:
                vocabularies[row.programme_id] = Vocabulary(row.programme)
            found[row.pk] = vocabularies[row.programme_id].read(newest[row.pk]).hold_reason or ""
    return found


def _write(model: Any, wanted: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    if not wanted:
        return
    for row, values in wanted:
        for name, value in values.items():
            setattr(row, name, value)
    names = {model._meta.get_field(name).name for name in wanted[0][1]}
    audit.bulk_update(model, [row for row, _values in wanted], sorted(names), reason="reckoned")


@dataclass(frozen=True)
class Stay:
    """A time in a stage: from the first moment at which it was known to stand there to the first in the next.

    The first stage that was ever seen counts from the day of submission. ``on_hold`` is how long of it was on hold,
    once it has ended.
    """

    submission_id: int
    stage_id: int
    began: dt.datetime
    ended: dt.datetime | None
    on_hold: dt.timedelta = dt.timedelta()

    @property
    def days(self) -> float | None:
        """How long it lasted, in days; ``None``: it lasts."""
        return None if self.ended is None else (self.ended - self.began) / dt.timedelta(days=1)


def stays(submissions: Iterable[int]) -> list[Stay]:
    """Every time in a stage of these submissions, ended by the next stage or not ended; three queries."""
    ids = list(submissions)
    opened = dict(Submission.objects.filter(pk__in=ids).values_list("pk", "opened_at"))
    rows: dict[int, list[tuple[int | None, dt.datetime]]] = defaultdict(list)
    changes = StageChange.objects.filter(submission__in=ids).order_by("submission", "position")
    for pk, stage_id, at in changes.values_list("submission_id", "stage_id", "at"):
        rows[pk].append((stage_id, at))
    was_held = Sighting.objects.filter(submission__in=ids, is_on_hold=True)
    held = _sightings(was_held.values_list("submission_id", flat=True).distinct())
    found: list[Stay] = []
    for pk, entered in rows.items():
        holds = reckon_from(held[pk]).holds if pk in held else ()
        begins = [opened[pk], *(at for _stage, at in entered[1:])]
        ends: list[dt.datetime | None] = [*begins[1:], None]
        for (stage, _at), began, ended in zip(entered, begins, ends, strict=True):
            if stage is not None:
                began = min(began, ended or began)
                found.append(Stay(pk, stage, began, ended, _within(holds, began, ended)))
    return found


def _within(
    holds: Iterable[tuple[dt.datetime, dt.datetime | None]], began: dt.datetime, ended: dt.datetime | None
) -> dt.timedelta:
    total = dt.timedelta()
    for start, stop in holds:
        ends = [moment for moment in (stop, ended) if moment is not None]
        if ends:
            total += max(min(ends) - max(start, began), dt.timedelta())
    return total
