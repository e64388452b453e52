"""What the calendar declares: channels in the navigation, posts on the house's calendar, gaps on Today."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    NavEntry,
    TodayItem,
    TodaySource,
    calendar_sources,
    commands,
    navigation,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes
from folkmoot.publishing.calendars import MOST, days_of, entry_of
from folkmoot.publishing.exports.feed import SCOPE
from folkmoot.publishing.imports import fetching
from folkmoot.publishing.imports import posts as _source  # noqa: F401 - the source "posts"
from folkmoot.publishing.models import CadenceGoal, Post, PostState
from folkmoot.publishing.queries import cadence
from folkmoot.publishing.queries.calendar import stops
from folkmoot.publishing.queries.plans import plans_of, post_channels, standing

navigation.register(
    NavEntry(
        "publishing.channels",
        _("Channels"),
        "publishing:channels",
        "",
        "publishing.view",
        "publishing",
        order=6,
    )
)
for _command in (
    Command(
        "publishing.calendar",
        _("Go to the calendar of posts"),
        "publishing:calendar",
        "publishing.view",
        order=119,
    ),
    Command(
        "publishing.channels",
        _("Go to channels of posts"),
        "publishing:channels",
        "publishing.view",
        order=124,
    ),
):
    commands.register(_command)


job_kinds.register(
    JobKind(
        fetching.JOB,
        _("Fetch pictures that a file of posts names"),
        fetching.run,
        permission="publishing.view",
    )
)


token_scopes.register(
    TokenScope(
        SCOPE,
        _("subscribe to the calendar of posts; its token stands in the address"),
        "publishing.view",
        order=400,
    )
)


def posts_on(user: User, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """Posts on the house's calendar, the first of each day; three queries."""
    rows = Post.objects.exclude(state=PostState.CANCELLED)
    found = stops(rows, first, last, most=MOST["month"]).shown
    may_move = user.has_perm("publishing.manage")
    return [entry_of(stop, {}, may_move=may_move) for stop in found]


calendar_sources.register(
    CalendarSource("publishing.posts", _("Posts"), "publishing", "publishing.view", posts_on, order=40)
)

# ----------------------------------------------------------------- Today


def with_goals(user: User, now: dt.datetime) -> Rows:
    """Goals of channels in use that ask for something."""
    rows = CadenceGoal.objects.filter(channel__in=post_channels().values("pk"))
    return Rows(rows.order_by("channel", "since"), "channel_id", "since", "posts", "days", most=None)


def tell_gaps(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Channels whose goal lacks a post in the window that is running, or in the next one; two queries."""
    goals: dict[int, list[tuple[dt.date, int, int]]] = defaultdict(list)
    for row in rows:
        goals[row["channel_id"]].append((row["since"], row["posts"], row["days"]))
    among = list(post_channels().filter(pk__in=list(goals)))
    plans = plans_of(among, loaded=True)
    wanted: dict[int, list[cadence.Span]] = {}
    for channel in among:
        today = now.astimezone(ZoneInfo(plans[channel.pk].zone)).date()
        holding = [days for since, _posts, days in goals[channel.pk] if since <= today]
        ahead = dt.timedelta(days=holding[-1] if holding else 0)
        wanted[channel.pk] = cadence.spans(goals[channel.pk], today, today + ahead)[:2]
    every = [span for found in wanted.values() for span in found]
    if not every:
        return
    first, last = min(span.first for span in every), max(span.last for span in every)
    posts = standing(among, *cadence.reach(every, first, last))
    for channel in among:
        plan = plans[channel.pk]
        found = cadence.filled(channel, plan.zone, wanted[channel.pk], posts[channel.pk])
        gap = next((window for window in found if not window.is_kept), None)
        if gap is not None:
            yield _item(gap, plan.owner_id, now.astimezone(ZoneInfo(plan.zone)).date(), now)


def _item(gap: cadence.Window, owner: int | None, today: dt.date, now: dt.datetime) -> TodayItem:
    days = (gap.last - gap.first).days + 1
    goal = ngettext("%(n)d post in %(days)d days", "%(n)d posts in %(days)d days", gap.wanted)
    words: dict[str, Any] = {"name": gap.channel.name, "days": days_of(gap.first, gap.last)}
    start = max(gap.first, today)
    query = urlencode({"channel": gap.channel.pk, "date": start.isoformat()})
    begins = dt.datetime.combine(gap.first, dt.time(), dt.UTC)
    return TodayItem(
        key=f"publishing.gap:{gap.channel.pk}:{gap.first}",
        area="publishing",
        area_label=_now("Publishing"),
        title=(
            _now("%(name)s has nothing planned for %(days)s")
            if not gap.posts
            else _now("%(name)s has too few posts for %(days)s")
        )
        % words,
        why=_now("Its goal is %(goal)s; it has %(posts)d.")
        % {"goal": goal % {"n": gap.wanted, "days": days}, "posts": gap.posts},
        since=min(begins, now),
        action_label=_now("Write a post"),
        action_url=f"{reverse('publishing:new_post')}?{query}",
        badge=_now("gap"),
        tone="due",
        over_by=float((today - gap.last).days),
        icon="calendar-x",
        mine=frozenset({owner} if owner else ()),
    )


today_sources.register(
    TodaySource("publishing.gaps", "publishing", "publishing.contribute", with_goals, tell_gaps, order=45)
)
