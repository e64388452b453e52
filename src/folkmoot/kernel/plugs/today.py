"""What Today tells: what needs somebody, and what went well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry
from folkmoot.kernel.rows import Row, Rows

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


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
    """Finds one kind of Today item. Today reads the rows of all sources in one statement.

    Attributes:
        rows: ``rows(user, now)``: what waits and the user may see, the oldest or most overdue first; it runs no query.
            ``None``: what waits is in no table.
        tell: ``tell(user, now, rows)`` makes the items, in any order; asked only when there are rows, or ``rows`` is
            ``None``. It runs no query: what it needs is asked for with the rows. Only where an item follows from many
            rows together (whose turn a review is) it reads these, in a few queries that the test of Today's cost names.
    """

    key: str
    area: str
    permission: str
    rows: Callable[[User, dt.datetime], Rows | None] | None
    tell: Callable[[User, dt.datetime, Sequence[Row]], Iterable[TodayItem]]
    order: int = 0

    def find(self, user: User, now: dt.datetime, limit: int) -> list[TodayItem]:
        """Its items alone, at most ``limit``; one query."""
        asked = self.rows(user, now) if self.rows else None
        found = asked.read() if asked else []
        return list(self.tell(user, now, found))[:limit] if found or self.rows is None else []


today_sources: Registry[TodaySource] = Registry("Today source")


@dataclass(frozen=True)
class GoodNews:
    """One thing that went well: "12 people took part, 3 for the first time"; ``url`` opens the rows behind it."""

    sentence: Any
    icon: str = "check2-circle"
    url: str = ""


@dataclass(frozen=True)
class GoodNewsSource:
    """Tells what went well since a moment; shown on Today when nothing needs anybody.

    Attributes:
        rows: ``rows(user, since, now)``: figures and names to tell; it runs no query. All sources' are read together.
        tell: ``tell(user, since, now, rows)`` returns at most three sentences, none when there is nothing to tell.
    """

    key: str
    permission: str
    rows: Callable[[User, dt.datetime, dt.datetime], Rows | None] | None
    tell: Callable[[User, dt.datetime, dt.datetime, Sequence[Row]], Iterable[GoodNews]]
    order: int = 0


good_news_sources: Registry[GoodNewsSource] = Registry("source of good news")
