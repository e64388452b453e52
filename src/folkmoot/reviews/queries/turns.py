"""Whose turn it is, for many submissions at once: the stage says, unless who spoke last or who is missing says more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from folkmoot.kernel import clock
from folkmoot.people.public import Identity, Person
from folkmoot.reviews.models import OPEN, Assignment, HoldUpRule, Kind, Programme, Stage, Submission, Turn

Role = Assignment.Role
State = Assignment.State

#: The part somebody has, and whose turn it is when they are meant.
TURN_OF: dict[str, Turn] = {
    Role.AUTHOR: Turn.AUTHOR,
    Role.MAINTAINER: Turn.AUTHOR,
    Role.EIC: Turn.EIC,
    Role.EDITOR: Turn.EDITOR,
    Role.REVIEWER: Turn.REVIEWER,
}
#: They have a part in it now; others declined, were taken off it, or are only asked.
TAKING_PART = (State.ACCEPTED, State.DONE)


@dataclass(frozen=True)
class Whose:
    """Whose turn it is: one word, the people it means where they are known, and since when."""

    turn: Turn
    people: tuple[Person, ...] = ()
    since: dt.datetime | None = None
    #: They are asked and have not answered yet.
    is_asked: bool = False

    @property
    def word(self) -> str:
        """The one word."""
        return str(self.turn.label)

    @property
    def users(self) -> frozenset[int]:
        """The accounts of these people."""
        return frozenset(one.user_id for one in self.people if one.user_id is not None)


@dataclass
class Cast:
    """Who has which part in one submission."""

    all: list[Assignment] = field(default_factory=list)

    def of(self, *roles: str, states: Sequence[str] = TAKING_PART) -> list[Assignment]:
        """Those with one of these parts and states, in their order."""
        return [one for one in self.all if one.role in roles and one.state in states]

    def people(self, turn: str) -> tuple[Person, ...]:
        """Whom a turn means here; reviewers who are done are not meant."""
        if turn == Turn.REVIEWER:
            found = self.of(Role.REVIEWER, states=(State.ACCEPTED,))
        elif turn == Turn.AUTHOR:
            found = self.of(Role.AUTHOR) or self.of(Role.MAINTAINER)
        else:
            found = self.of(turn)
        return tuple(one.person for one in found)

    def turns_of(self, person: int) -> set[Turn]:
        """In which parts somebody speaks, those of the past too."""
        return {TURN_OF[one.role] for one in self.all if one.person_id == person}

    @property
    def asked(self) -> list[Assignment]:
        """Who has not answered yet, the latest last."""
        found = [one for one in self.all if one.state == State.INVITED]
        return sorted(found, key=lambda one: (one.invited_at or one.created_at, one.pk))


@dataclass(frozen=True)
class Desk:
    """Submissions with everything that is needed to say whose turn they are and what holds them up."""

    submissions: list[Submission]
    casts: dict[int, Cast]
    stages: dict[int, Stage]
    programmes: dict[int, Programme]
    speakers: dict[int, int]
    rules: dict[int, list[HoldUpRule]]

    def stage(self, submission: Submission) -> Stage | None:
        """Where it stands."""
        return self.stages[submission.stage_id] if submission.stage_id else None


def open_submissions() -> QuerySet[Submission]:
    """What is not decided."""
    return Submission.objects.filter(OPEN)


def desk(
    submissions: Iterable[Submission],
    *,
    stages: Iterable[Stage] | None = None,
    programmes: Iterable[Programme] | None = None,
    speakers: dict[int, int] | None = None,
) -> Desk:
    """Read what goes with submissions; five queries, and one for the submissions where they are not read yet.

    Args:
        stages: all stages, where they are read already; one query less.
        programmes: all programmes, likewise.
        speakers: by identity whose it is, of those who spoke last, likewise.
    """
    rows = list(submissions)
    keys = [row.pk for row in rows]
    casts: dict[int, Cast] = defaultdict(Cast)
    parts = Assignment.objects.filter(submission__in=keys) if keys else Assignment.objects.none()
    for part in parts.select_related("person").order_by("role", "position", "pk"):
        casts[part.submission_id].all.append(part)
    if speakers is None:
        words = {row.last_word_by_id for row in rows if row.last_word_by_id}
        speakers = dict(Identity.objects.filter(pk__in=words).values_list("pk", "person_id")) if words else {}
    rules: dict[int, list[HoldUpRule]] = defaultdict(list)
    for rule in HoldUpRule.objects.filter(is_active=True).order_by("programme", "kind", "days"):
        rules[rule.programme_id].append(rule)
    by_number = {one.pk: one for one in (Programme.objects.all() if programmes is None else programmes)}
    known = {one.pk: one for one in (Stage.objects.all() if stages is None else stages)}
    for stage in known.values():
        stage.programme = by_number[stage.programme_id]
    for row in rows:
        row.programme = by_number[row.programme_id]
        if row.stage_id:
            row.stage = known[row.stage_id]
    return Desk(rows, casts, known, by_number, speakers, rules)


def joined_desk(submissions: QuerySet[Submission]) -> Desk:
    """As :func:`desk` of submissions that are not read yet, with what they point at joined: three queries."""
    rows = list(submissions.select_related("programme", "stage", "last_word_by"))
    programmes = {row.programme_id: row.programme for row in rows}
    stages = {row.stage_id: row.stage for row in rows if row.stage is not None}
    speakers = {row.last_word_by.pk: row.last_word_by.person_id for row in rows if row.last_word_by}
    return desk(rows, stages=list(stages.values()), programmes=list(programmes.values()), speakers=speakers)


def turns(found: Desk, now: dt.datetime) -> dict[int, Whose]:
    """By submission whose turn it is; no query.

    * Decided or closed: nobody's.
    * On hold: nobody's, until the first rule for what is on hold says that somebody looks again; then the EiC's.
    * Else whom the stage names; once they have spoken in it, whom the stage names as the one who answers; and theirs
      again when these have spoken.
    * An editor who is missing is the EiC's to find; while one is asked, it is that one's.
    * Reviewers: those who are not done since the stage began. Nobody left, or nobody chosen: the editor's. While as
      many as are wanted are asked or on it, an editor waits for those who have not answered.
    """
    return {row.pk: _turn(found, row, found.casts.get(row.pk) or Cast(), now) for row in found.submissions}


def _turn(found: Desk, row: Submission, cast: Cast, now: dt.datetime) -> Whose:
    if not row.is_open:
        return Whose(Turn.NOBODY, since=row.closed_at)
    if row.on_hold_since is not None:
        after = revisit_days(found.rules.get(row.programme_id, ()))
        again = row.on_hold_since + dt.timedelta(days=after) if after else None
        if again is None or again > now:
            return Whose(Turn.NOBODY, since=row.on_hold_since)
        return Whose(Turn.EIC, cast.people(Turn.EIC), again)
    stage = found.stage(row)
    since = row.stage_since or row.opened_at
    if stage is None:
        return Whose(Turn.EIC, cast.people(Turn.EIC), since)
    turn, since = _spoken(found, row, cast, stage, since)
    return _somebody(row, cast, turn, since)


def revisit_days(rules: Iterable[HoldUpRule]) -> int | None:
    """After how many days somebody looks again at what is on hold."""
    days = [rule.days for rule in rules if rule.kind == HoldUpRule.Kind.ON_HOLD and rule.days]
    return min(days, default=None)


def _spoken(
    found: Desk, row: Submission, cast: Cast, stage: Stage, since: dt.datetime
) -> tuple[Turn, dt.datetime]:
    """Whose turn it is by the stage and by who spoke last in it."""
    theirs = Turn(stage.turn)
    answering = Turn(stage.answered_by)
    word = row.last_word_at
    if word is None or row.last_word_by_id is None or word <= since:
        return theirs, since
    spoke = cast.turns_of(found.speakers.get(row.last_word_by_id, 0))
    if theirs in spoke:
        return (answering, word) if answering else (theirs, since)
    if answering and answering in spoke:
        return theirs, word
    return theirs, since


def _somebody(row: Submission, cast: Cast, turn: Turn, since: dt.datetime) -> Whose:
    """The people whom a turn means; when there are none, whose turn it is to find some."""
    if turn == Turn.REVIEWER:
        began = row.stage_since or row.opened_at
        at_work = [one for one in cast.of(Role.REVIEWER) if not _is_done(one, began)]
        asked = [one for one in cast.asked if one.role == Role.REVIEWER]
        if at_work or asked:
            people = tuple(one.person for one in [*at_work, *asked])
            return Whose(turn, people, since, is_asked=not at_work)
        done = [one.done_at for one in cast.of(Role.REVIEWER) if one.done_at]
        turn, since = Turn.EDITOR, max([since, *done])
    if turn == Turn.EDITOR:
        editors = cast.people(Turn.EDITOR)
        if editors:
            waiting = [one for one in cast.asked if one.role == Role.REVIEWER]
            on_it = cast.of(Role.REVIEWER)
            if waiting and len(waiting) + len(on_it) >= row.programme.reviewers_wanted:
                people = tuple(one.person for one in waiting)
                return Whose(Turn.REVIEWER, people, _since(waiting[-1]), is_asked=True)
            return Whose(turn, editors, since)
        turn = Turn.EIC
    if turn == Turn.EIC and row.kind != Kind.PRESUBMISSION and not cast.people(Turn.EDITOR):
        waiting = [one for one in cast.asked if one.role == Role.EDITOR]
        if waiting:
            people = tuple(one.person for one in waiting)
            return Whose(Turn.EDITOR, people, _since(waiting[-1]), is_asked=True)
    return Whose(turn, cast.people(turn), since)


def _is_done(one: Assignment, began: dt.datetime) -> bool:
    """A reviewer has done what this stage asks for; who was done before it began is asked for another look."""
    return one.state == State.DONE and (one.done_at is None or one.done_at >= began)


def _since(asked: Assignment) -> dt.datetime:
    return asked.invited_at or asked.created_at


def turns_of(submissions: Iterable[Submission], now: dt.datetime | None = None) -> dict[int, Whose]:
    """By submission whose turn it is; five queries, however many there are."""
    return turns(desk(submissions), now or clock.now())


def turn_of(submission: Submission, now: dt.datetime | None = None) -> Whose:
    """Whose turn one submission is."""
    return turns_of([submission], now)[submission.pk]


def numbers_with_turn(
    wanted: Sequence[str], queryset: QuerySet[Submission] | None = None, now: dt.datetime | None = None
) -> list[int]:
    """The numbers of open submissions whose turn is one of these: what a list filters by."""
    rows: Any = open_submissions() if queryset is None else queryset.filter(OPEN)
    return [pk for pk, whose in turns_of(rows, now).items() if whose.turn in wanted]
