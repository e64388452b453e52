"""What an issue looked like after each thing that happened to it: its labels, and whether it was open.

An issue that was an enquiry first and became a submission is two: each has what was seen while it was the one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from folkmoot.connectors.github.shapes import Account
from folkmoot.connectors.github.timeline import Event, Ticket
from folkmoot.reviews.labels import Reading, Vocabulary
from folkmoot.reviews.models import Kind, Outcome, Stage
from folkmoot.reviews.models.programmes import label_key

#: Labels that a form puts on come a moment after the issue: they belong to its opening.
OPENING = dt.timedelta(seconds=10)
_MOVES = frozenset({"labeled", "unlabeled", "closed", "reopened"})


@dataclass(frozen=True)
class Moment:
    """What an issue looked like from a moment on; ``number`` is that of the last event that made it so."""

    at: dt.datetime
    labels: tuple[str, ...]
    is_open: bool
    by: Account | None = None
    number: str = "0"


@dataclass(frozen=True)
class Look:
    """What a submission looked like from a moment on."""

    at: dt.datetime
    name: str
    labels: tuple[str, ...]
    stage: Stage | None
    is_on_hold: bool
    outcome: str
    by: Account | None = None

    @property
    def says(self) -> tuple[int | None, bool, str]:
        """What counts of it."""
        return (self.stage.pk if self.stage else None), self.is_on_hold, self.outcome


@dataclass
class Part:
    """An issue as an enquiry, or as a submission: when it began and ended to be one, what was seen meanwhile."""

    is_enquiry: bool
    opened_at: dt.datetime
    looks: list[Look] = field(default_factory=list)
    ended_at: dt.datetime | None = None


def moments(ticket: Ticket, events: Iterable[Event]) -> list[Moment]:
    """The issue's looks in the order of time, from its opening on; what happens in one second is one."""
    labels: dict[str, str] = {}
    is_open = True
    found = [Moment(ticket.opened_at, (), True, ticket.author)]
    for event in events:
        if event.kind not in _MOVES:
            continue
        if event.kind == "labeled":
            labels[label_key(event.label)] = event.label
        elif event.kind == "unlabeled":
            labels.pop(label_key(event.label), None)
        else:
            is_open = event.kind == "reopened"
        at = event.at if event.at - ticket.opened_at > OPENING else ticket.opened_at
        last = found[-1]
        if at == last.at:
            found[-1] = Moment(at, tuple(labels.values()), is_open, event.by or last.by, event.number)
        else:
            found.append(Moment(at, tuple(labels.values()), is_open, event.by, event.number))
    return found


def says_enquiry(reading: Reading) -> bool | None:
    """Whether labels make it an enquiry; ``None``: they do not say. A stage of submissions says more than the kind."""
    if reading.stage is not None and not reading.stage.is_presubmission:
        return False
    if reading.kind == Kind.PRESUBMISSION or (reading.stage is not None and reading.stage.is_presubmission):
        return True
    return False if reading.kind else None


def outcome_of(reading: Reading, *, is_enquiry: bool, is_open: bool, is_accepted: bool = False) -> str:
    """How it had ended then: by labels and closing; ``is_accepted``: its header had the day already."""
    if is_enquiry:
        if reading.outcome in (Outcome.OUT_OF_SCOPE, Outcome.ANSWERED):
            return reading.outcome
        return Outcome.OPEN if is_open else Outcome.ANSWERED
    if reading.outcome == Outcome.ACCEPTED or is_accepted:
        return Outcome.ACCEPTED
    if reading.outcome in (Outcome.OUT_OF_SCOPE, Outcome.CLOSED):
        return reading.outcome
    return Outcome.OPEN if is_open else Outcome.CLOSED


def parts(
    seen: Sequence[Moment], vocabulary: Vocabulary, *, accepted_on: dt.date | None, otherwise: bool | None
) -> list[Part]:
    """An issue's life as an enquiry and as a submission; none when it never was either.

    Args:
        accepted_on: the day that its header names.
        otherwise: whether it is an enquiry where no label ever says so; ``None``: then it is neither.
    """
    read = [(moment, vocabulary.read(moment.labels)) for moment in seen]
    said = [says_enquiry(reading) for _moment, reading in read]
    first = next((one for one in said if one is not None), otherwise)
    if first is None:
        return []
    found: dict[bool, Part] = {}
    now = first
    for (moment, reading), says in zip(read, said, strict=True):
        before, now = now, now if says is None else says
        if before != now and before in found:
            found[before].looks.append(_ended(moment, reading, is_enquiry=before))
            found[before].ended_at = moment.at
        part = found.setdefault(now, Part(now, moment.at))
        part.ended_at = None
        part.looks.append(
            look(moment, reading, vocabulary, is_enquiry=now, accepted_on=None if now else accepted_on)
        )
    return sorted(found.values(), key=lambda part: not part.is_enquiry)


def look(
    moment: Moment, reading: Reading, vocabulary: Vocabulary, *, is_enquiry: bool, accepted_on: dt.date | None
) -> Look:
    """What the labels of a moment say."""
    is_accepted = accepted_on is not None and moment.at.astimezone(dt.UTC).date() >= accepted_on
    return Look(
        at=moment.at,
        name=moment.number,
        labels=moment.labels,
        stage=vocabulary.presubmission if is_enquiry else reading.stage,
        is_on_hold=reading.hold_reason is not None and moment.is_open,
        outcome=outcome_of(reading, is_enquiry=is_enquiry, is_open=moment.is_open, is_accepted=is_accepted),
        by=moment.by,
    )


def _ended(moment: Moment, reading: Reading, *, is_enquiry: bool) -> Look:
    """It is the other one from now on: an enquiry was answered by that."""
    outcome = Outcome.ANSWERED if is_enquiry else Outcome.CLOSED
    return Look(moment.at, f"{moment.number}>", moment.labels, None, False, outcome, moment.by)
