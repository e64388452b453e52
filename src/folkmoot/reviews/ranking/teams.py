"""A team of reviewers that keeps every rule, for one submission or for many at once: integer programming.

A variable says whether somebody reviews a submission. Rules about one person leave the variable out; those about a team
are rows: so many people, one at least who knows the field, one at least who has reviewed before, one at most whom the
author suggested, nobody in two teams. What is made as large as possible is the fit, less a price for each further one
of the same organisation.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from folkmoot.kernel.programs import Program
from folkmoot.reviews.models import Submission
from folkmoot.reviews.ranking.pool import About, Pool, load
from folkmoot.reviews.ranking.reviewers import OF_PERSON, RELAXABLE, Ranked, Rule, judge

#: What it costs to take another person of the same organisation.
SAME_ORGANIZATION = 6.0
#: What a submission is worth that gets a team, above every fit.
FILLED = 1_000.0
#: So many rules at most are let go together when it is asked what stands in the way.
MOST_RELAXED = 3
#: Seconds for the search; what is best by then is taken.
TIME_LIMIT = 20.0


@dataclass(frozen=True)
class Team:
    """Reviewers to ask for a submission, or why there are none.

    Attributes:
        members: whom to ask, the best first; empty when no team keeps every rule, or nobody is missing.
        in_the_way: sets of rules, the smallest: with any one set let go there is a team.
        too_few: not even without rules there are enough people.
    """

    submission: Submission
    wanted: int
    members: list[Ranked] = field(default_factory=list)
    in_the_way: list[tuple[Rule, ...]] = field(default_factory=list)
    too_few: bool = False

    @property
    def is_legal(self) -> bool:
        """There are enough people, and every rule is kept."""
        return len(self.members) == self.wanted


def _state_of_team(pool: Pool, about: About) -> tuple[bool, bool, int]:
    """Of those who review it already: whether one knows the field, one has reviewed, and how many were suggested."""
    there = [judge(pool, about, pool.people[pk]) for pk in about.reviewing if pk in pool.people]
    return (
        any(one.knows_field for one in there),
        any(one.has_reviewed for one in there),
        sum(part.is_suggested for part in about.reviewing.values()),
    )


def _plan(
    pool: Pool,
    candidates: Mapping[int, list[Ranked]],
    relaxed: frozenset[Rule] = frozenset(),
    *,
    may_stay_empty: bool = False,
) -> dict[int, list[Ranked]] | None:
    """Teams for the submissions that ``candidates`` names; ``None`` when there are none that keep the rules."""
    model = Program()
    columns: dict[int, tuple[int, Ranked]] = {}
    of_person: dict[int, list[int]] = defaultdict(list)
    for pk, ranked in candidates.items():
        about = pool.about[pk]
        wanted = about.missing
        free = [one for one in ranked if not any(bar.rule not in relaxed for bar in one.bars)]
        mine = {model.variable(-one.score): one for one in free}
        for column, one in mine.items():
            columns[column] = (pk, one)
            of_person[one.person.pk].append(column)
        empty = [(model.variable(FILLED), float(wanted))] if may_stay_empty else []
        model.row([*((column, 1.0) for column in mine), *empty], wanted, wanted)
        knows, reviewed, suggested = _state_of_team(pool, about)
        spare = [(column, 1.0) for column, _value in empty]
        if Rule.DOMAIN not in relaxed and not knows and about.topics and wanted:
            model.row([*((c, 1.0) for c, one in mine.items() if one.knows_field), *spare], 1, np.inf)
        if Rule.EXPERIENCE not in relaxed and not reviewed and wanted:
            model.row([*((c, 1.0) for c, one in mine.items() if one.has_reviewed), *spare], 1, np.inf)
        if Rule.SUGGESTED not in relaxed:
            named = [(c, 1.0) for c, one in mine.items() if one.is_suggested]
            if named:
                model.row(named, 0, max(0, 1 - suggested))
        _spread(model, pool, about, mine)
    for taken in of_person.values():
        if len(taken) > 1:
            model.row([(column, 1.0) for column in taken], 0, 1)
    if not all(_can_be_met(model)):
        return None
    answer = model.solve(TIME_LIMIT).values
    if answer is None:
        return None
    teams: dict[int, list[Ranked]] = {pk: [] for pk in candidates}
    for column, (pk, one) in columns.items():
        if answer[column] > 0.5:
            teams[pk].append(one)
    for team in teams.values():
        team.sort(key=lambda one: (-one.score, one.person.sort_key, one.person.pk))
    return teams


def _can_be_met(model: Program) -> Iterable[bool]:
    """Of each row: it asks for nobody, or names somebody."""
    named = {number for number, _column, _value in model.entries}
    return (low <= 0 or number in named for number, low in enumerate(model.lows))


def _spread(model: Program, pool: Pool, about: About, mine: Mapping[int, Ranked]) -> None:
    """Each further person of one organisation costs something, those who review already counted in."""
    there: dict[int, int] = defaultdict(int)
    for pk in about.reviewing:
        if pk in pool.people:
            there[pool.people[pk].organization_on(pool.today)] += 1
    groups: dict[int, list[int]] = defaultdict(list)
    for column, one in mine.items():
        groups[one.known.organization_on(pool.today)].append(column)
    for organization, members in groups.items():
        if organization and len(members) + there[organization] > 1:
            extra = model.variable(SAME_ORGANIZATION, np.inf, whole=False)
            allowed = max(0, 1 - there[organization])
            model.row([*((column, 1.0) for column in members), (extra, -1.0)], -np.inf, allowed)


def _candidates(
    pool: Pool, about: About, suggested: frozenset[int] = frozenset(), without: frozenset[int] = frozenset()
) -> list[Ranked]:
    """Everybody who does not review it already."""
    return [
        judge(pool, about, pool.people[pk], suggested)
        for pk in pool.candidates
        if pk not in about.reviewing and pk not in without
    ]


def team(
    submission: Submission,
    pool: Pool | None = None,
    *,
    suggested: Iterable[int] = (),
    without: Iterable[int] = (),
) -> Team:
    """The best team that keeps every rule, with those who review it already; else which rules stand in the way.

    Ten queries when nothing is read yet.

    Args:
        suggested: people whom the author named.
        without: people who are not to be asked.
    """
    pool = pool or load([submission])
    about = pool.about[submission.pk]
    if not about.missing:
        return Team(submission, 0)
    ranked = _candidates(pool, about, frozenset(suggested), frozenset(without))
    found = _plan(pool, {submission.pk: ranked})
    if found is not None:
        return Team(submission, about.missing, found[submission.pk])
    return _why_none(pool, about, ranked)


def _why_none(pool: Pool, about: About, ranked: list[Ranked]) -> Team:
    """Which rules stand in the way: one alone where that is enough, else two together, else three."""
    pk = about.submission.pk
    for number in range(1, MOST_RELAXED + 1):
        enough = [
            rules
            for rules in itertools.combinations(_in_question(about, ranked), number)
            if _plan(pool, {pk: ranked}, frozenset(rules)) is not None
        ]
        if enough:
            return Team(about.submission, about.missing, in_the_way=enough)
    possible = [one for one in ranked if not any(bar.rule is Rule.OWN for bar in one.bars)]
    return Team(about.submission, about.missing, too_few=len(possible) < about.missing)


def _in_question(about: About, ranked: list[Ranked]) -> list[Rule]:
    """The rules that bar somebody, and those about teams."""
    barring = {bar.rule for one in ranked for bar in one.bars}
    return [rule for rule in RELAXABLE if rule not in OF_PERSON or rule in barring]


def teams(submissions: Iterable[Submission], pool: Pool | None = None) -> dict[int, Team]:
    """A team for each of many submissions at once: nobody is in two of them, and as many as can be get one.

    Ten queries when nothing is read yet. What gets none says which rules stand in its way by itself; where none do, the
    people are in the teams of the others.
    """
    rows_ = list(submissions)
    pool = pool or load(rows_)
    wanting = [row for row in rows_ if pool.about[row.pk].missing]
    ranked = {row.pk: _candidates(pool, pool.about[row.pk]) for row in wanting}
    planned = _plan(pool, ranked, may_stay_empty=True) or {}
    found = {row.pk: Team(row, 0) for row in rows_}
    for row in wanting:
        members = planned.get(row.pk, [])
        missing = pool.about[row.pk].missing
        if len(members) == missing:
            found[row.pk] = Team(row, missing, members)
        elif _plan(pool, {row.pk: ranked[row.pk]}) is None:
            found[row.pk] = _why_none(pool, pool.about[row.pk], ranked[row.pk])
        else:
            found[row.pk] = Team(row, missing)
    return found
