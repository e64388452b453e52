"""What an area can declare in its ``plugs.py`` to join the house.

Each registry holds small declared things; whoever shows them (navigation, Today, search, reports, metrics,
jobs, imports) asks the registry and never the area.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class NavEntry:
    """An entry of the navigation; with a ``parent`` it stands below that entry."""

    key: str
    label: Any
    url_name: str
    icon: str = ""
    permission: str = ""
    parent: str = ""
    order: int = 0
    #: A number shown beside it (what is open), or ``None`` to show none. At most one query.
    badge: Callable[[User], int | None] | None = None


navigation: Registry[NavEntry] = Registry("navigation entry")


@dataclass(frozen=True)
class Command:
    """Something to do that the search box and the "New" menu offer ("Import", "New person")."""

    key: str
    label: Any
    url_name: str
    permission: str
    icon: str = "arrow-right"
    in_new_menu: bool = False
    order: int = 0


commands: Registry[Command] = Registry("command")


@dataclass(frozen=True)
class TodayItem:
    """Something that needs a person now.

    Attributes:
        key: the same thing has the same key every day (so that "later" can be remembered).
        title: what.
        why: why now, with its rule: "ends in 5 days, told 30 days before".
        since: since when it waits (UTC).
        tone: ``overdue``, ``due``, ``new`` or ``quiet``; shown with ``badge`` as its words.
        over_by: how far over its limit, in days (negative: days left); the order of the page.
        mine: user ids whose turn it is; empty: whoever holds the area.
        waits_for_others: nothing to do but to know.
    """

    key: str
    area: str
    area_label: Any
    title: str
    why: str
    since: dt.datetime
    action_label: Any
    action_url: str
    badge: str = ""
    tone: str = "new"
    over_by: float = 0.0
    icon: str = "dot"
    mine: frozenset[int] = frozenset()
    waits_for_others: bool = False


@dataclass(frozen=True)
class TodaySource:
    """Finds one kind of Today item, in a fixed number of queries, oldest or most overdue first.

    ``find(user, now, limit)`` returns at most ``limit`` items that the user may see.
    """

    key: str
    area: str
    permission: str
    find: Callable[[User, dt.datetime, int], Iterable[TodayItem]]
    order: int = 0


today_sources: Registry[TodaySource] = Registry("Today source")


@dataclass(frozen=True)
class ScheduledJob:
    """A job that runs by the clock.

    ``slot(now)`` names the run that is due now ("2026-11-20"); each slot is queued once.
    """

    key: str
    kind: str
    slot: Callable[[dt.datetime], str]
    help: str
    order: int = 0


schedule: Registry[ScheduledJob] = Registry("scheduled job")
