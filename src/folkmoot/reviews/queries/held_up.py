"""What is held up, by the rules of each programme; the same rows for the list, the board, Today and the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.people.public import Person
from folkmoot.reviews.models import Assignment, HoldUpRule, Kind, Submission, Turn
from folkmoot.reviews.queries.turns import Cast, Desk, Role, State, Whose, desk, open_submissions, turns

Rule = HoldUpRule.Kind


@dataclass(frozen=True)
class Reason:
    """One rule that a submission breaks.

    Attributes:
        days: for how many days it has been so; for a review, how many are left (negative: it is late).
        limit: how many the rule allows.
        over_by: how many days it is beyond that; for a review that is not due yet, below zero.
        about: whose invitation or review it is.
    """

    rule: HoldUpRule
    since: dt.datetime
    days: int
    limit: int
    over_by: int
    stage: str = ""
    about: Assignment | None = None

    @property
    def words(self) -> str:
        """The rule in words: "seeking an editor for 71 days, limit 21"."""
        return _words(self)


@dataclass(frozen=True)
class HeldUp:
    """A submission that is held up, why (the worst first), whose turn it is and who is told."""

    submission: Submission
    whose: Whose
    reasons: list[Reason]
    #: Who is told: whom the rule names, else whose turn it is; empty: whoever manages reviews.
    told: tuple[Person, ...] = ()
    cast: Cast = field(default_factory=Cast, repr=False)

    @property
    def worst(self) -> Reason:
        """The rule it breaks by most."""
        return self.reasons[0]

    @property
    def words(self) -> str:
        """All rules it breaks, the worst first."""
        return "; ".join(one.words for one in self.reasons)

    @property
    def over_by(self) -> int:
        """Days beyond the limit."""
        return self.worst.over_by

    @property
    def users(self) -> frozenset[int]:
        """The accounts of who is told."""
        return frozenset(one.user_id for one in self.told if one.user_id is not None)


def _words(one: Reason) -> str:
    kind = one.rule.kind
    name = one.about.person.name if one.about is not None else ""
    limit = {"stage": one.stage, "n": one.days, "limit": one.limit, "name": name}
    if kind == Rule.STAGE:
        words = ngettext(
            "“%(stage)s” for %(n)d day, limit %(limit)d",
            "“%(stage)s” for %(n)d days, limit %(limit)d",
            one.days,
        )
    elif kind == Rule.QUIET:
        words = ngettext(
            "nobody has said anything for %(n)d day, told after %(limit)d",
            "nobody has said anything for %(n)d days, told after %(limit)d",
            one.days,
        )
    elif kind == Rule.NO_EDITOR:
        words = ngettext(
            "no editor for %(n)d day, told after %(limit)d",
            "no editor for %(n)d days, told after %(limit)d",
            one.days,
        )
    elif kind == Rule.REVIEWER_SILENT:
        words = ngettext(
            "%(name)s has not answered for %(n)d day, told after %(limit)d",
            "%(name)s has not answered for %(n)d days, told after %(limit)d",
            one.days,
        )
    elif kind == Rule.AUTHOR_SILENT:
        words = ngettext(
            "waiting for the author for %(n)d day, told after %(limit)d",
            "waiting for the author for %(n)d days, told after %(limit)d",
            one.days,
        )
    elif kind == Rule.ON_HOLD:
        words = ngettext(
            "on hold for %(n)d day, told after %(limit)d",
            "on hold for %(n)d days, told after %(limit)d",
            one.days,
        )
    elif one.days < 0:
        words = ngettext(
            "%(name)s's review is %(late)d day late", "%(name)s's review is %(late)d days late", -one.days
        )
    elif one.days == 0:
        words = _("%(name)s's review is due today")
    else:
        words = ngettext(
            "%(name)s's review is due in %(n)d day", "%(name)s's review is due in %(n)d days", one.days
        )
    return words % (limit | {"late": -one.days})


def held_up(
    now: dt.datetime | None = None, submissions: Iterable[Submission] | QuerySet[Submission] | None = None
) -> list[HeldUp]:
    """Open submissions that break a rule of their programme, furthest over the limit first.

    Six queries, however many submissions there are.

    Args:
        now: the moment to judge by.
        submissions: only these; all open ones when absent.
    """
    now = now or clock.now()
    return of_desk(desk(open_submissions() if submissions is None else submissions), now)


def of_desk(found: Desk, now: dt.datetime) -> list[HeldUp]:
    """As :func:`held_up`, of what is read already; no query."""
    whose = turns(found, now)
    rows = []
    for row in found.submissions:
        if not row.is_open:
            continue
        cast = found.casts.get(row.pk) or Cast()
        reasons = list(_reasons(found, row, cast, whose[row.pk], now))
        if reasons:
            reasons.sort(key=lambda one: (-one.over_by, one.rule.pk))
            told = _told(reasons[0].rule, cast, whose[row.pk])
            rows.append(HeldUp(row, whose[row.pk], reasons, told, cast))
    return sorted(rows, key=lambda one: (-one.over_by, one.submission.opened_at, one.submission.pk))


def held_up_numbers(now: dt.datetime | None = None) -> list[int]:
    """The numbers of what is held up: what a list filters by."""
    return [one.submission.pk for one in held_up(now)]


def _reasons(found: Desk, row: Submission, cast: Cast, whose: Whose, now: dt.datetime) -> Iterator[Reason]:
    """Of each kind of rule the strictest that is broken."""
    broken: dict[tuple[str, int], Reason] = {}
    for rule in found.rules.get(row.programme_id, ()):
        for one in _by(rule, found, row, cast, whose, now):
            key = (rule.kind, one.about.pk if one.about else 0)
            known = broken.get(key)
            if known is None or one.limit > known.limit:
                broken[key] = one
    yield from broken.values()


def _by(
    rule: HoldUpRule, found: Desk, row: Submission, cast: Cast, whose: Whose, now: dt.datetime
) -> Iterator[Reason]:
    is_held = row.on_hold_since is not None
    if rule.kind == Rule.ON_HOLD:
        if row.on_hold_since is not None:
            yield from _older(rule, row.on_hold_since, now)
        return
    if rule.kind == Rule.REVIEW_DUE:
        yield from _due(rule, cast, now)
        return
    if rule.kind == Rule.REVIEWER_SILENT:
        for one in cast.asked:
            yield from _older(rule, one.invited_at or one.created_at, now, about=one)
        return
    if is_held:
        return
    stage = found.stage(row)
    since = row.stage_since or row.opened_at
    if rule.kind == Rule.STAGE:
        if stage is not None and stage.limit_days:
            yield from _older(rule, since, now, limit=stage.limit_days, stage=stage.name)
    elif rule.kind == Rule.QUIET:
        last = max(moment for moment in (row.opened_at, row.stage_since, row.last_word_at) if moment)
        yield from _older(rule, last, now)
    elif rule.kind == Rule.NO_EDITOR:
        decided = stage is not None and stage.is_accepted
        if row.kind != Kind.PRESUBMISSION and not decided and not cast.people(Turn.EDITOR):
            yield from _older(rule, row.opened_at, now)
    elif rule.kind == Rule.AUTHOR_SILENT and whose.turn == Turn.AUTHOR and whose.since is not None:
        yield from _older(rule, whose.since, now)


def _older(
    rule: HoldUpRule,
    since: dt.datetime,
    now: dt.datetime,
    *,
    limit: int | None = None,
    stage: str = "",
    about: Assignment | None = None,
) -> Iterator[Reason]:
    allowed = limit if limit is not None else rule.days or 0
    days = (now - since).days
    if now - since > dt.timedelta(days=allowed):
        yield Reason(rule, since, days, allowed, days - allowed, stage, about)


def _due(rule: HoldUpRule, cast: Cast, now: dt.datetime) -> Iterator[Reason]:
    for one in cast.of(Role.REVIEWER, states=(State.ACCEPTED,)):
        if one.due_on is None:
            continue
        left = (one.due_on - now.astimezone(dt.UTC).date()).days
        if left <= (rule.days or 0):
            since = clock.start_of_day(one.due_on - dt.timedelta(days=rule.days or 0))
            yield Reason(rule, since, left, rule.days or 0, -left, about=one)


def _told(rule: HoldUpRule, cast: Cast, whose: Whose) -> tuple[Person, ...]:
    """Whom the rule names, else whose turn it is. Whoever is missing is stood in for: the editor, then the EiC."""
    order = [rule.tells or whose.turn, Turn.EDITOR, Turn.EIC]
    if not rule.tells and whose.people:
        reached = [one for one in whose.people if one.user_id is not None]
        if reached:
            return tuple(reached)
        order = order[1:]
    for turn in order:
        reached = [one for one in cast.people(turn) if one.user_id is not None]
        if reached:
            return tuple(reached)
    return ()
