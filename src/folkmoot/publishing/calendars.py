"""The calendar of posts as its page shows it: entries, what days show beside them, how each channel is doing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import CalendarEntry, calendar_sources
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.boards import Beside, Calendar, DayLink
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, List
from folkmoot.outbox.public import Channel
from folkmoot.publishing.lists import page_of
from folkmoot.publishing.models import EDITABLE, Post, PostState
from folkmoot.publishing.queries import calendar as queries
from folkmoot.publishing.queries import post_lists
from folkmoot.publishing.queries.plans import post_channels

AREA = "publishing"
#: Entries that a day shows before "and n more".
MOST = {"month": 5, "week": 12, "list": 12}
#: Free places that a day shows before it only counts them.
PLACES = 2
#: How long before its end a channel's access is told of.
EXPIRY = dt.timedelta(days=14)
#: What says nothing to those who plan posts: work of the house, terms of people, shared reports.
NO_CONTEXT = (AREA, "people", "reports", "settings")
SELECTING = "chosen-posts"

#: How each state looks: a sign, and a tone of the edge and the word.
SIGNS = {
    PostState.DRAFT: ("pencil", "quiet"),
    PostState.REVIEW: ("hourglass-split", "due"),
    PostState.APPROVED: ("hand-thumbs-up", "new"),
    PostState.SCHEDULED: ("clock", "new"),
    PostState.PUBLISHED: ("check-lg", "done"),
    PostState.TROUBLE: ("question-lg", "overdue"),
    PostState.CANCELLED: ("x-lg", "quiet"),
}


class CalendarList(List):
    """What the calendar can be narrowed to: the same words in the address as the list of posts has."""

    key = "post_calendar"
    title = _("Calendar of posts")
    columns = (Column("title", _("Post"), "title"),)
    search_label = _("Title, text, campaign, link")

    def __init__(self, request: HttpRequest, *, channels: Sequence[Channel], **context: Any) -> None:
        super().__init__(request, **context)
        self.known = queries.known()
        self.kept: list[tuple[str, str]] = []
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "channel",
                _("Channel"),
                choices=[(str(channel.pk), channel.name) for channel in channels],
                apply=lambda rows, ids: post_lists.on_channels(rows, post_lists.numbers(ids)),
            ),
            ChoiceFilter(
                "state",
                _("State"),
                choices=PostState.choices,
                apply=lambda rows, states: rows.filter(state__in=states),
            ),
            ChoiceFilter(
                "campaign",
                _("Campaign"),
                choices=self.known.campaigns,
                apply=lambda rows, ids: rows.filter(campaign__in=post_lists.numbers(ids)),
            ),
            ChoiceFilter(
                "tag",
                _("Tag"),
                choices=self.known.tags,
                apply=lambda rows, ids: post_lists.tagged(rows, post_lists.numbers(ids)),
            ),
            ChoiceFilter(
                "owner",
                _("Who looks after it"),
                choices=self.known.owners,
                apply=lambda rows, ids: rows.filter(owner__in=post_lists.numbers(ids)),
            ),
        )

    def chosen(self, key: str) -> list[str]:
        """What the address says of a filter."""
        return next(bound.raw for bound in self.bound if bound.filter.key == key)

    def queryset(self) -> QuerySet[Post]:
        rows = Post.objects.all()
        is_all = self.chosen("state") or self.context.get("with_cancelled")
        return rows if is_all else rows.exclude(state=PostState.CANCELLED)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return post_lists.found(queryset, words)

    def address(self, query: str) -> str:
        """Links of the filters keep which days are shown."""
        kept = urlencode(self.kept)
        return super().address("&".join(part for part in (kept, query) if part))


@dataclass(frozen=True)
class Chip:
    """A channel above the calendar: how it keeps to its goal, and what is the matter with it."""

    label: str
    icon: str
    url: str
    is_current: bool
    words: str = ""
    tone: str = ""
    #: What is the matter: paused, access that ends.
    badge: str = ""


class PostCalendar:
    """The page's calendar, and what stands above it."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.user = user
        self.may_move = user.has_perm("publishing.manage")
        self.may_write = user.has_perm("publishing.contribute")
        self.may_import = self.may_write and user.has_perm("imports.run")
        self.channels = list(post_channels())
        self.list = CalendarList(request, channels=self.channels)
        self.is_selecting = self.may_move and request.GET.get("select") == "1"
        self.calendar = Calendar(
            request,
            entries=self.entries,
            listing=self.list,
            keep=[("select", "1")] if self.is_selecting else [],
            most=MOST,
            beside=self.beside,
            compact=True,
            selecting=SELECTING if self.is_selecting else "",
        )
        self.list.kept = self.calendar.kept

    # ---------------------------------------------------------------- entries

    @cached_property
    def _icons(self) -> dict[int, tuple[str, str]]:
        return {channel.pk: (post_lists.icon_of(channel), channel.name) for channel in self.channels}

    @cached_property
    def chosen(self) -> list[int]:
        """The channels that the address names."""
        return post_lists.numbers(self.list.chosen("channel"))

    @cached_property
    def stops(self) -> queries.Stops:
        """The first posts of each day shown."""
        most = self.calendar.most or 0
        return queries.stops(
            self.list.matching, self.calendar.first, self.calendar.last, most=most, channels=self.chosen
        )

    def entries(self, first: dt.date, last: dt.date) -> Iterator[CalendarEntry]:
        """Posts, and what else stands on the days while nothing is narrowed."""
        for stop in self.stops.shown:
            yield entry_of(stop, self._icons, may_move=self.may_move)
        if not self.list.is_narrowed:
            yield from context_of(self.user, first, last)

    # ----------------------------------------------------------------- beside

    @cached_property
    def of_channels(self) -> list[queries.OfChannel]:
        """How the channels are doing on the days shown."""
        return queries.of_channels(self.channels, self.calendar.first, self.calendar.last)

    def beside(self, first: dt.date, last: dt.date) -> dict[dt.date, Beside]:
        """How many more posts a day has, what is free on it, and where a new post is written for it."""
        free = self._free()
        found = {}
        for number in range((last - first).days + 1):
            day = first + dt.timedelta(days=number)
            left_out = self.stops.left_out.get(day, 0)
            is_ahead = day >= self.calendar.today
            found[day] = Beside(
                left_out,
                self.day_url(day) if left_out else "",
                self._new(date=day.isoformat()) if is_ahead and self.may_write else "",
                _now("New post on this day"),
                free.get(day, ()),
            )
        return found

    def day_url(self, day: dt.date) -> str:
        """The day's posts as a list, narrowed the same way."""
        words = [(bound.filter.key, word) for bound in self.list.bound for word in bound.raw]
        if not self.list.chosen("state"):
            words += [("state", state) for state in PostState.values if state != PostState.CANCELLED]
        if self.list.words:
            words.append(("q", self.list.words))
        words += [("from", day.isoformat()), ("until", day.isoformat()), ("sort", "when")]
        return f"{reverse('publishing:posts')}?{urlencode(words)}"

    def _new(self, **words: str) -> str:
        return f"{reverse('publishing:new_post')}?{urlencode(words)}"

    def _free(self) -> dict[dt.date, list[DayLink]]:
        now = clock.now()
        found: dict[dt.date, list[tuple[dt.datetime, DayLink]]] = defaultdict(list)
        for each in self.of_channels:
            if self.chosen and each.channel.pk not in self.chosen:
                continue
            for slot in each.free:
                if slot.instant > now:
                    local = timezone.localtime(slot.instant)
                    found[local.date()].append((slot.instant, self._place(each.channel, slot, local)))
        shown: dict[dt.date, list[DayLink]] = {}
        for day, places in found.items():
            places.sort(key=lambda place: (place[0], place[1].label))
            shown[day] = [link for _at, link in places[:PLACES]]
            more = len(places) - PLACES
            if more > 0:
                text = ngettext("%(n)d more free place", "%(n)d more free places", more) % {"n": more}
                shown[day].append(DayLink(text))
        return shown

    def _place(self, channel: Channel, slot: Any, local: dt.datetime) -> DayLink:
        date, _t, time = slot.wall_time.partition("T")
        where = {"time": formats.time_format(local, "H:i"), "channel": channel.name}
        url = self._new(date=date, time=time, zone=slot.zone, channel=str(channel.pk))
        return DayLink(
            _now("%(time)s %(channel)s") % where,
            url if self.may_write else "",
            "plus-circle-dotted",
            _now("Free place at %(time)s on %(channel)s") % where,
        )

    # ------------------------------------------------------------------ above

    @property
    def chips(self) -> list[Chip]:
        """The channels with how they keep to their goals."""
        chosen = set(self.chosen)
        found = [Chip(_now("All channels"), "", self._with_channel(""), not chosen)]
        for each in self.of_channels:
            words, tone = goal_words(each)
            badge, _tone = matter_of(each.channel)
            icon, name = self._icons[each.channel.pk]
            is_current = each.channel.pk in chosen
            found.append(
                Chip(name, icon, self._with_channel(str(each.channel.pk)), is_current, words, tone, badge)
            )
        return found

    def _with_channel(self, key: str) -> str:
        pairs = [
            (bound.filter.key, word)
            for bound in self.list.bound
            for word in bound.raw
            if bound.filter.key != "channel"
        ]
        if key:
            pairs.append(("channel", key))
        if self.list.words:
            pairs.append(("q", self.list.words))
        return self.list.address(urlencode(pairs))

    @property
    def feeds_url(self) -> str:
        """Where one gets an address of what is shown, narrowed the same way."""
        query = self.list.query()
        return f"{reverse('publishing:feeds')}?{query}" if query else reverse("publishing:feeds")

    @property
    def select_url(self) -> str:
        """This page with boxes to tick, or without."""
        kept = [pair for pair in self.calendar.kept if pair[0] != "select"]
        if not self.is_selecting:
            kept.append(("select", "1"))
        query = "&".join(part for part in (urlencode(kept), self.list.query()) if part)
        return f"{self.list.request.path}?{query}" if query else self.list.request.path


def entry_of(stop: queries.Stop, icons: dict[int, tuple[str, str]], *, may_move: bool) -> CalendarEntry:
    """A post on its day. It is moved as a whole: a channel's own time goes with it."""
    post = stop.post
    sign, tone = SIGNS[PostState(post.state)]
    can_move = may_move and not stop.variant and post.state in EDITABLE
    return CalendarEntry(
        key=f"variant:{stop.variant}" if stop.variant else f"post:{post.pk}",
        day=stop.day,
        title=post.title,
        area=AREA,
        url=page_of(post),
        icon="megaphone",
        at=stop.moment,
        badge=_badge(post),
        tone=tone,
        move_url=reverse("publishing:move_post", args=[post.pk]) if can_move else "",
        sign=sign,
        marks=post_lists.gathered(icons[pk] for pk in stop.channels if pk in icons),
        select=str(post.pk) if can_move else "",
    )


def _badge(post: Post) -> str:
    state = str(post.get_state_display())
    if post.owner is None:
        return state
    return _now("%(state)s, %(name)s") % {"state": state, "name": post.owner.name}


def context_of(user: User, first: dt.date, last: dt.date) -> Iterator[CalendarEntry]:
    """Events, calls and deadlines of the other areas that the user may see."""
    for source in calendar_sources:
        if source.area in NO_CONTEXT or not user.has_perm(source.permission):
            continue
        for entry in source.entries(user, first, last):
            yield CalendarEntry(
                key=entry.key,
                day=entry.day,
                title=entry.title,
                area=entry.area,
                url=entry.url,
                icon=entry.icon,
                at=entry.at,
                badge=entry.badge,
                tone=entry.tone,
                sign=entry.icon,
                is_context=True,
            )


def goal_words(each: queries.OfChannel) -> tuple[str, str]:
    """How a channel keeps to its goal on the days shown, and the tone of it: "3 of 4: nothing on 16–22 November"."""
    if not each.windows:
        return "", ""
    kept = _now("%(kept)d of %(all)d") % {"kept": each.kept, "all": len(each.windows)}
    if not each.gaps:
        return kept, "done"
    gap = each.gaps[0]
    values = {"kept": kept, "days": days_of(gap.first, gap.last), "posts": gap.posts, "wanted": gap.wanted}
    if gap.posts:
        return _now("%(kept)s: %(posts)d of %(wanted)d posts on %(days)s") % values, "due"
    return _now("%(kept)s: nothing on %(days)s") % values, "due"


def days_of(first: dt.date, last: dt.date) -> str:
    """Some days in words: "16–22 November"."""
    if first == last:
        return formats.date_format(first, "MONTH_DAY_FORMAT")
    start = "j" if (first.year, first.month) == (last.year, last.month) else "MONTH_DAY_FORMAT"
    return f"{formats.date_format(first, start)}–{formats.date_format(last, 'MONTH_DAY_FORMAT')}"


def matter_of(channel: Channel) -> tuple[str, str]:
    """What is the matter with a channel, and its tone: it is paused, or its access ends; ``""``: nothing."""
    if channel.paused_at is not None:
        return _now("paused"), "due"
    if channel.expires_at is None:
        return "", ""
    if channel.expires_at <= clock.now():
        return _now("access has ended"), "overdue"
    if channel.expires_at - clock.now() <= EXPIRY:
        return _now("access ends %(when)s") % {"when": times.relative(channel.expires_at)}, "due"
    return "", ""
