"""What Today shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from folkmoot.home.models import Snooze
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import GoodNews, TodayItem, good_news_sources, today_sources

#: Rows that one source is asked for, and rows that a group shows before "all".
SOURCE_LIMIT = 200
GROUP_LIMIT = 10


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

    Each source that the person may see is asked for at most :data:`SOURCE_LIMIT` items; one query beside theirs.

    Args:
        area: only this area's items; ``""``: all.
        all_of: the key of a group that is shown whole.
    """
    now = now or clock.now()
    hidden = put_off_keys(user, now)
    found: dict[str, TodayItem] = {}
    for source in today_sources:
        if user.has_perm(source.permission):
            found.update((item.key, item) for item in source.find(user, now, SOURCE_LIMIT))
    waiting = [item for item in found.values() if item.key not in hidden]
    waiting.sort(key=lambda item: (-item.over_by, item.since, item.key))
    choices = list(dict.fromkeys((item.area, str(item.area_label)) for item in waiting))
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
    )


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
    """What went well in the last seven days, from every area the person may see."""
    now = now or clock.now()
    since = now - dt.timedelta(days=7)
    return [
        news
        for source in good_news_sources
        if user.has_perm(source.permission)
        for news in source.find(user, since, now)
    ]
