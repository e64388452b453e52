"""What reviews tell on Today and in the weekly digest: each submission that is held up, to whoever it waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.kinds import DigestLine, DigestPart, digest_parts
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.reviews import letters
from folkmoot.reviews.models import HoldUpRule, Kind, Turn
from folkmoot.reviews.queries.held_up import HeldUp, of_desk
from folkmoot.reviews.queries.turns import Desk, joined_desk, open_submissions

Rule = HoldUpRule.Kind
#: Lines of the digest beside the number of all.
DIGEST_LINES = 5


def opened() -> Desk:
    """Everything that is open, with what says whose turn it is; three queries."""
    return joined_desk(open_submissions().order_by("pk"))


def step_of(one: HeldUp) -> tuple[Any, str]:
    """What to do next about it, as a verb and an address."""
    row, kind = one.submission, one.worst.rule.kind
    page = reverse("reviews:submission", args=[row.pk])
    write = reverse("reviews:write", args=[row.pk])
    stage = row.stage
    seeks = stage is not None and stage.turn in (Turn.EIC, Turn.EDITOR) and not stage.answered_by
    if (
        row.kind != Kind.PRESUBMISSION
        and not one.cast.people(Turn.EDITOR)
        and (seeks or kind == Rule.NO_EDITOR)
    ):
        return _("Find an editor"), reverse("reviews:find_editor", args=[row.pk])
    if kind == Rule.REVIEWER_SILENT:
        return _("Ask somebody else"), reverse("reviews:find_reviewers", args=[row.pk])
    if kind == Rule.REVIEW_DUE:
        return _("Remind them"), f"{write}?kind=reviews.reviewer_reminder"
    if kind == Rule.AUTHOR_SILENT or one.whose.turn == Turn.AUTHOR:
        return _("Write to the author"), f"{write}?kind=reviews.author_reminder"
    wanted = row.programme.reviewers_wanted
    if one.whose.turn == Turn.EDITOR and len(one.cast.of("reviewer")) < wanted:
        return _("Find reviewers"), reverse("reviews:find_reviewers", args=[row.pk])
    return _("Look at it"), page


def for_user(user: User, now: dt.datetime) -> list[HeldUp]:
    """What is held up and waits for this user; for who manages reviews, everything. Three queries at most."""
    if not user.has_perm("reviews.contribute"):
        return []
    found = of_desk(opened(), now)
    if user.has_perm("reviews.manage"):
        return found
    return [one for one in found if user.pk in one.users]


def _badge(over: int) -> tuple[str, str]:
    if over > 0:
        return ngettext("%(n)d day over", "%(n)d days over", over) % {"n": over}, "overdue"
    if over == 0:
        return _now("today"), "due"
    return ngettext("in %(n)d day", "in %(n)d days", -over) % {"n": -over}, "due"


def anything_open(user: User, now: dt.datetime) -> Rows:
    """Whether anything is open at all: without it nothing further is read."""
    return Rows(open_submissions().order_by(), "pk", most=1)


def tell_held_up(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each submission that is held up, with its rules in words; whoever manages reviews sees those of others, too.

    What is held up follows from everything that is open together, so it is read here: three queries.
    """
    for one in for_user(user, now):
        row, worst = one.submission, one.worst
        label, address = step_of(one)
        badge, tone = _badge(worst.over_by)
        yield TodayItem(
            key=f"reviews.held_up:{row.pk}:{worst.rule.kind}:{row.stage_id or 0}",
            area="reviews",
            area_label=_("Reviews"),
            title=row.title,
            why=one.words,
            since=worst.since,
            action_label=label,
            action_url=address,
            badge=badge,
            tone=tone,
            over_by=float(worst.over_by),
            icon="clipboard-check",
            mine=one.users,
        )


HELD_UP = today_sources.register(
    TodaySource("reviews.held_up", "reviews", "reviews.contribute", anything_open, tell_held_up, order=30)
)


def digest_lines(user: User, now: dt.datetime, areas: frozenset[str]) -> Iterable[DigestLine]:
    """For the weekly digest of editors and editors-in-chief: what is held up and theirs, and how many there are."""
    if "reviews" not in areas:
        return []
    found = for_user(user, now)
    mine = [one for one in found if user.pk in one.users]
    lines = [
        DigestLine("reviews", f"{one.submission.title}: {one.words}", letters.page_of(one.submission))
        for one in mine[:DIGEST_LINES]
    ]
    others = len(found) - len(lines)
    if others > 0:
        words = ngettext("%(n)d more is held up", "%(n)d more are held up", others)
        if not lines:
            words = ngettext("%(n)d submission is held up", "%(n)d submissions are held up", others)
        lines.append(DigestLine("reviews", words % {"n": others}, f"{reverse('reviews:list')}?held=1"))
    return lines


digest_parts.register(DigestPart("reviews.held_up", _("Reviews"), digest_lines, order=30))
