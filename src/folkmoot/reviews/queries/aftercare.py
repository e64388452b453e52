"""What accepted packages need: an archive, the journal, the website, somebody who looks after them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.people.public import Person, ProjectFacts
from folkmoot.reviews.models import HoldUpRule, Joss, Outcome, Submission, Turn
from folkmoot.reviews.queries.turns import Cast, Desk, desk, joined_desk

Rule = HoldUpRule.Kind
RULES = (Rule.ARCHIVE, Rule.JOSS, Rule.WEBSITE, Rule.NO_COMMITS, Rule.PROMISE)
#: What a source says of a submission is kept under the source's name; this is the website's file of packages.
WEBSITE = "packages"
#: That a promise is over is told for so many days.
PROMISE_TOLD = 60


@dataclass(frozen=True)
class Care:
    """Something that an accepted package needs.

    Attributes:
        since: since when.
        days: for how many days; ``over_by``: how many of them beyond what the rule allows.
        as_of: when what it rests on was read last; where that fails since, ``is_stale``.
    """

    submission: Submission
    rule: HoldUpRule
    since: dt.datetime
    days: int
    told: tuple[Person, ...] = ()
    as_of: dt.datetime | None = None
    is_stale: bool = False

    @property
    def over_by(self) -> int:
        """Days beyond the rule's."""
        return self.days - (self.rule.days or 0)

    @property
    def users(self) -> frozenset[int]:
        """The accounts of who is told."""
        return frozenset(one.user_id for one in self.told if one.user_id is not None)

    @property
    def words(self) -> str:
        """What is missing, and by which rule it is told."""
        given: dict[str, Any] = {"n": self.days, "limit": self.rule.days or 0}
        kind = self.rule.kind
        if kind == Rule.ARCHIVE:
            words = ngettext(
                "accepted %(n)d day ago, no archive of the accepted version is named; told after %(limit)d",
                "accepted %(n)d days ago, no archive of the accepted version is named; told after %(limit)d",
                self.days,
            )
        elif kind == Rule.JOSS:
            words = ngettext(
                "%(state)s at the journal for %(n)d day; told after %(limit)d",
                "%(state)s at the journal for %(n)d days; told after %(limit)d",
                self.days,
            )
            given["state"] = self.submission.get_joss_display()
        elif kind == Rule.WEBSITE:
            words = ngettext(
                "accepted %(n)d day ago, and not in the website's files; told after %(limit)d",
                "accepted %(n)d days ago, and not in the website's files; told after %(limit)d",
                self.days,
            )
        elif kind == Rule.NO_COMMITS:
            words = ngettext(
                "no commit for %(n)d day; told after %(limit)d",
                "no commit for %(n)d days; told after %(limit)d",
                self.days,
            )
        else:
            words = ngettext(
                "accepted %(n)d day ago: the maintenance that was promised is over",
                "accepted %(n)d days ago: the maintenance that was promised is over",
                self.days,
            )
        said: str = words % given
        return f"{said} ({_('as last read; GitHub cannot be read now')})" if self.is_stale else said


def accepted() -> QuerySet[Any]:
    """Accepted packages that are looked after, with what outside systems say of their projects.

    ``has_website``: whether the website's file of packages was ever read for their programme.
    """
    found = Submission.objects.filter(outcome=Outcome.ACCEPTED).select_related("project__facts")
    named: dict[str, Any] = {f"said__{WEBSITE}__isnull": False}
    return (
        found.exclude(project__is_archived=True)
        .annotate(has_website=Exists(Submission.objects.filter(programme=OuterRef("programme"), **named)))
        .order_by("accepted_on", "pk")
    )


def aftercare(
    now: dt.datetime | None = None, submissions: Iterable[Submission] | QuerySet[Submission] | None = None
) -> list[Care]:
    """What accepted packages need by the rules of their programmes, furthest over the limit first.

    Of several rules of one kind the strictest that holds. Three queries, however many packages there are; of
    ``submissions`` that are read already six, and one for each project whose facts are not.
    """
    now = now or clock.now()
    found = joined_desk(accepted()) if submissions is None else desk(submissions)
    rows: list[Any] = [row for row in found.submissions if row.outcome == Outcome.ACCEPTED]
    told = (
        {row.programme_id for row in rows if row.has_website} if submissions is None else _told_by_website()
    )
    cares = [
        care for row in rows for care in _cares(found, row, facts_of(row), row.programme_id in told, now)
    ]
    return sorted(cares, key=lambda one: (-one.over_by, one.submission.pk, one.rule.pk))


def facts_of(submission: Submission) -> ProjectFacts | None:
    """What an outside system says of its project, where any does."""
    return getattr(submission.project, "facts", None) if submission.project is not None else None


def is_on_website(submission: Submission) -> bool:
    """The website's file of packages names it."""
    return bool(submission.said.get(WEBSITE))


def _told_by_website() -> set[int]:
    """Programmes whose website's file was ever read: the others have none that could lag behind."""
    rows = Submission.objects.filter(**{f"said__{WEBSITE}__isnull": False})
    return set(rows.order_by().values_list("programme_id", flat=True).distinct())


def _cares(
    found: Desk, row: Submission, facts: ProjectFacts | None, has_website: bool, now: dt.datetime
) -> Iterator[Care]:
    cast = found.casts.get(row.pk) or Cast()
    strictest: dict[str, Care] = {}
    for rule in found.rules.get(row.programme_id, ()):
        if rule.kind not in RULES:
            continue
        since = _since(rule, row, facts, has_website)
        if since is None or now - since <= dt.timedelta(days=rule.days or 0):
            continue
        days = (now - since).days
        if rule.kind == Rule.PROMISE and days > (rule.days or 0) + PROMISE_TOLD:
            continue
        rests_on_facts = rule.kind == Rule.NO_COMMITS and facts is not None
        strictest[rule.kind] = Care(
            row,
            rule,
            since,
            days,
            _told(rule, cast),
            facts.read_at if rests_on_facts and facts is not None else None,
            rests_on_facts and facts is not None and facts.stale_since is not None,
        )
    yield from strictest.values()


def _since(
    rule: HoldUpRule, row: Submission, facts: ProjectFacts | None, has_website: bool
) -> dt.datetime | None:
    """Since when the rule's case is given; ``None``: it is not."""
    day = row.accepted_on
    accepted = clock.start_of_day(day) if day is not None else row.stage_since
    if rule.kind == Rule.ARCHIVE:
        return None if row.archive else accepted
    if rule.kind == Rule.JOSS:
        if row.joss not in (Joss.PENDING, Joss.UNDER_REVIEW, Joss.REVIEWED):
            return None
        return max((one for one in (accepted, row.stage_since) if one is not None), default=None)
    if rule.kind == Rule.WEBSITE:
        return accepted if has_website and not is_on_website(row) else None
    if rule.kind == Rule.NO_COMMITS:
        return facts.last_commit_at if facts is not None else None
    return accepted


def _told(rule: HoldUpRule, cast: Cast) -> tuple[Person, ...]:
    """Whom the rule names; whoever has no account is stood in for: the editor, then the EiC."""
    for turn in (rule.tells, Turn.EDITOR, Turn.EIC):
        reached = [one for one in cast.people(turn) if one.user_id is not None] if turn else []
        if reached:
            return tuple(reached)
    return ()


@dataclass(frozen=True)
class Watch:
    """An accepted package as the maintenance watch sees it."""

    submission: Submission
    last_commit_at: dt.datetime | None
    read_at: dt.datetime | None
    is_stale: bool
    cares: tuple[Care, ...]


def watch(now: dt.datetime | None = None) -> list[Watch]:
    """Every accepted package with its last commit and what it needs; those without a commit for longest first."""
    now = now or clock.now()
    rows = list(accepted())
    cares: dict[int, list[Care]] = {}
    for care in aftercare(now, rows):
        cares.setdefault(care.submission.pk, []).append(care)
    found = []
    for row in rows:
        known = facts_of(row)
        found.append(
            Watch(
                row,
                known.last_commit_at if known else None,
                known.read_at if known else None,
                bool(known and known.stale_since),
                tuple(cares.get(row.pk, ())),
            )
        )
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda one: (one.last_commit_at or far, one.submission.pk))
