"""What Today shows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.home.models import Assignment, Snooze
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import read_once
from folkmoot.kernel.notices.kinds import DigestLine
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import (
    CalendarEntry,
    GoodNews,
    TodayItem,
    calendar_sources,
    good_news_sources,
    today_sources,
)
from folkmoot.kernel.rows import together

#: Rows that a group shows before "all".
GROUP_LIMIT = 10
#: The newest so many are looked at; what they were about has most often been done.
MOST_ASSIGNED = 2000


@dataclass(frozen=True)
class Group:
    """One group of Today: its rows, and how many there are."""

    key: str
    items: Sequence[TodayItem]
    count: int

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.count - len(self.items)


@dataclass(frozen=True)
class Today:
    """What needs a person now."""

    mine: Group
    areas: Group
    others: Group
    #: (key, label) of the areas in which something waits, before the filter.
    area_choices: Sequence[tuple[str, Any]]
    put_off: int
    #: The area that is shown; ``""``: all.
    area: str = ""

    @property
    def groups(self) -> list[Group]:
        """In the order of the page."""
        return [self.mine, self.areas, self.others]

    @property
    def count(self) -> int:
        """How many things need someone."""
        return sum(group.count for group in self.groups)


def today(user: User, *, area: str = "", all_of: str = "", now: dt.datetime | None = None) -> Today:
    """What needs a person now, the furthest over its limit first; what they put off is left out.

    Three queries: what waits, what is put off, what is given to whom.

    Args:
        area: only this area's items; ``""``, or an area in which nothing waits: all.
        all_of: the key of a group that is shown whole.
    """
    now = now or clock.now()
    hidden = put_off_keys(user, now)
    found = everything(user, now)
    waiting = _with_assignments(user, [item for key, (item, _needs) in found.items() if key not in hidden])
    waiting.sort(key=lambda item: (-item.over_by, item.since, item.key))
    choices = list(dict.fromkeys((item.area, str(item.area_label)) for item in waiting))
    if area not in dict(choices):
        area = ""
    shown = [item for item in waiting if not area or item.area == area]

    def group(key: str, items: list[TodayItem]) -> Group:
        return Group(key, items if all_of == key else items[:GROUP_LIMIT], len(items))

    others = [item for item in shown if item.waits_for_others]
    mine = [item for item in shown if not item.waits_for_others and user.pk in item.mine]
    # What is another person's turn is not this person's, though they may see the area: they wait for it.
    others += [item for item in shown if not item.waits_for_others and item.mine and user.pk not in item.mine]
    areas = [item for item in shown if not item.waits_for_others and not item.mine]
    return Today(
        mine=group("mine", mine),
        areas=group("areas", areas),
        others=group("others", others),
        area_choices=sorted(choices, key=lambda choice: choice[1]),
        put_off=len(found) - len(waiting),
        area=area,
    )


def everything(user: User, now: dt.datetime) -> dict[str, tuple[TodayItem, str]]:
    """What every source tells that the person may see, by key, each thing once, whether they put it off or not, and
    the permission that its source asks for. One query, however many sources there are, beside the community's row.
    """
    sources = [source for source in today_sources if user.has_perm(source.permission)]
    found: dict[str, tuple[TodayItem, str]] = {}
    with read_once():
        rows = together({source.key: source.rows(user, now) for source in sources if source.rows is not None})
        for source in sources:
            if source.rows is None or rows[source.key]:
                for item in source.tell(user, now, rows.get(source.key, [])):
                    found[item.key] = (item, source.permission)
    return found


def needing(user: User, now: dt.datetime) -> list[TodayItem]:
    """What needs somebody, without what the person put off, and with whose turn it is."""
    hidden = put_off_keys(user, now)
    found = everything(user, now)
    return _with_assignments(user, [item for key, (item, _needs) in found.items() if key not in hidden])


def _with_assignments(user: User, items: Iterable[TodayItem]) -> list[TodayItem]:
    """The items, with whose turn it is where somebody said so. One query."""
    rows = Assignment.objects.select_related("user", "by").filter(user__is_active=True)
    given = {row.key: row for row in rows.order_by("-pk")[:MOST_ASSIGNED]}

    def told(item: TodayItem) -> TodayItem:
        row = given.get(item.key)
        if row is None:
            return item
        names = {"who": row.by or "", "whom": row.user}
        if row.user_id == row.by_id:
            said = _("taken by you") if row.user_id == user.pk else _("taken by %(whom)s") % names
        elif row.user_id == user.pk:
            said = _("given to you by %(who)s") % names
        else:
            said = _("given to %(whom)s") % names
        why = f"{item.why} · {said}"
        return replace(item, mine=frozenset({row.user_id}), waits_for_others=False, why=why)

    return [told(item) for item in items]


def find(user: User, key: str) -> tuple[TodayItem, str] | None:
    """One item of the person's Today and the permission that its source asks for; ``None`` when it is not there."""
    return everything(user, clock.now()).get(key)


def assignee(key: str) -> User | None:
    """Who was given an item."""
    row = Assignment.objects.filter(key=key).select_related("user").first()
    return row.user if row else None


def may_be_given(permission: str, area: str) -> list[User]:
    """Who may see what a source shows, by name: the people with a right in its area are asked one by one."""
    people = User.objects.filter(is_active=True, grants__area=area).distinct()
    return sorted(
        (user for user in people if user.has_perm(permission)), key=lambda user: str(user).casefold()
    )


def assign_areas(user: User) -> frozenset[str]:
    """The areas whose items the person may give to somebody."""
    return frozenset(area.value for area in Area if user.has_perm("home.assign", area.value))


def digest_lines(user: User, now: dt.datetime, areas: frozenset[str]) -> list[DigestLine]:
    """For the weekly digest: how many things need someone in each of these areas, and how many are the person's."""
    counts: Counter[str] = Counter()
    mine: Counter[str] = Counter()
    labels: dict[str, Any] = {}
    for item in needing(user, now):
        if item.area in areas and not item.waits_for_others and (not item.mine or user.pk in item.mine):
            counts[item.area] += 1
            mine[item.area] += user.pk in item.mine
            labels[item.area] = item.area_label
    lines = []
    for area, number in sorted(counts.items()):
        if number:
            text = ngettext(
                "%(area)s: %(n)d thing needs someone", "%(area)s: %(n)d things need someone", number
            )
            text %= {"area": labels[area], "n": number}
            if mine[area]:
                text += ", " + ngettext("%(n)d is yours", "%(n)d are yours", mine[area]) % {"n": mine[area]}
            lines.append(DigestLine(area, text, f"{reverse('home:today')}?{urlencode({'area': area})}"))
    return lines


def put_off_keys(user: User, now: dt.datetime) -> set[str]:
    """Keys of the items that the person put off and that have not come back yet."""
    return set(Snooze.objects.filter(user=user, until__gt=now).values_list("key", flat=True))


def later_choices(now: dt.datetime) -> dict[str, dt.datetime]:
    """When "later" can be: tomorrow, in 3 days, next Monday; each at 06:00 in the reader's zone."""
    today_here = timezone.localtime(now).date()
    return {
        "tomorrow": morning(today_here + dt.timedelta(days=1)),
        "three-days": morning(today_here + dt.timedelta(days=3)),
        "monday": morning(today_here + dt.timedelta(days=7 - today_here.weekday())),
    }


def morning(day: dt.date) -> dt.datetime:
    """06:00 of a day in the reader's zone: early enough to be there when work begins."""
    return dt.datetime(day.year, day.month, day.day, 6, tzinfo=timezone.get_current_timezone())


def good_news(user: User, now: dt.datetime | None = None) -> list[GoodNews]:
    """What went well in the last seven days, from every area the person may see; one query."""
    now = now or clock.now()
    since = now - dt.timedelta(days=7)
    sources = [source for source in good_news_sources if user.has_perm(source.permission)]
    rows = together(
        {source.key: source.rows(user, since, now) for source in sources if source.rows is not None}
    )
    return [news for source in sources for news in source.tell(user, since, now, rows.get(source.key, []))]


def calendar_areas(user: User) -> list[tuple[str, Any]]:
    """(key, label) of the areas that put something on the calendar which the user may see."""
    labels = dict(Area.choices)
    keys = dict.fromkeys(source.area for source in calendar_sources if user.has_perm(source.permission))
    return [(key, labels.get(key, key)) for key in keys]


def calendar_entries(user: User, first: dt.date, last: dt.date, *, area: str = "") -> Iterator[CalendarEntry]:
    """What stands on the days between two days, both included, and the user may see; of one area, or of all."""
    for source in calendar_sources:
        if user.has_perm(source.permission) and (not area or source.area == area):
            yield from source.entries(user, first, last)
