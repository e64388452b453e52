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
class GoodNews:
    """One thing that went well: "12 people took part, 3 for the first time"; ``url`` opens the rows behind it."""

    sentence: Any
    icon: str = "check2-circle"
    url: str = ""


@dataclass(frozen=True)
class GoodNewsSource:
    """Tells what went well since a moment; shown on Today when nothing needs anybody.

    ``find(user, since, now)`` returns at most three sentences, none when there is nothing to tell; at most two queries.
    """

    key: str
    permission: str
    find: Callable[[User, dt.datetime, dt.datetime], Iterable[GoodNews]]
    order: int = 0


good_news_sources: Registry[GoodNewsSource] = Registry("source of good news")


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


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a record's timeline: ``verb`` **title** ``after``, and below it the day and ``meta``.

    Attributes:
        number: positive and unique in its source; orders what happened at the same moment.
        group: the filter it stands under, a key that the source's ``groups`` names.
        url: where ``title`` leads, if anywhere.
        body: longer text (a note), shown as written, line breaks kept.
        actions: what the reader may do with it: (label, address of a form), most often none.
    """

    number: int
    at: dt.datetime
    group: str
    icon: str
    verb: Any
    title: str = ""
    url: str = ""
    after: str = ""
    meta: tuple[str, ...] = ()
    body: str = ""
    actions: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True)
class TimelineGroup:
    """A filter of the timeline and how many entries it holds. Groups of the same key are added up."""

    key: str
    label: Any
    count: int


@dataclass(frozen=True)
class TimelineSource:
    """What one app knows of what happened to a record, in a fixed number of queries.

    Attributes:
        records: the labels of the models it tells of ("people.person", "people.project").
        groups: ``groups(user, record)``: the filters, with their counts.
        entries: ``entries(user, record, group, before, limit)``: at most ``limit`` entries, newest first (by time,
            then number), of one group or (``""``) of all, older than ``before``: a pair of time and number that they
            must be smaller than, or ``None``.
    """

    key: str
    records: frozenset[str]
    permission: str
    groups: Callable[[User, Any], Iterable[TimelineGroup]]
    entries: Callable[[User, Any, str, tuple[dt.datetime, int] | None, int], Iterable[TimelineEntry]]
    order: int = 0


timeline_sources: Registry[TimelineSource] = Registry("timeline source")


@dataclass(frozen=True)
class RecordPanel:
    """A card on the page of a record that another app fills: a project's items, a person's gifts.

    Attributes:
        record: the label of the model ("people.project").
        template: what the card holds, rendered with what ``context`` returns.
        context: ``context(user, record)``, in a fixed number of queries; ``None`` when there is nothing to show.
        wide: it stands in the middle, below the timeline, instead of at the side.
    """

    key: str
    record: str
    title: Any
    permission: str
    template: str
    context: Callable[[User, Any], dict[str, Any] | None]
    wide: bool = False
    order: int = 0


record_panels: Registry[RecordPanel] = Registry("record panel")


@dataclass(frozen=True)
class CalendarEntry:
    """Something that stands on a day of the calendar.

    Attributes:
        key: the same thing has the same key wherever it stands.
        day: its day; for what has a moment, that moment's day in the reader's zone.
        at: its moment (UTC), when it has one: shown as a time of day, and the order within the day.
        badge: its state in a word ("ends", "waits"), shown in its ``tone``.
        move_url: the address that another day is posted to, as ``to`` (an ISO date); ``""``: it stays where it is.
    """

    key: str
    day: dt.date
    title: str
    area: str
    url: str = ""
    icon: str = "calendar-event"
    at: dt.datetime | None = None
    badge: Any = ""
    tone: str = "quiet"
    move_url: str = ""


@dataclass(frozen=True)
class CalendarSource:
    """Puts one kind of thing on the calendar.

    ``entries(user, first, last)`` returns what lies between two days (both included, in the reader's zone) and the
    user may see, in a fixed number of queries; at most 500.
    """

    key: str
    label: Any
    area: str
    permission: str
    entries: Callable[[User, dt.date, dt.date], Iterable[CalendarEntry]]
    order: int = 0


calendar_sources: Registry[CalendarSource] = Registry("calendar source")


@dataclass(frozen=True)
class Handover:
    """Open things of a person that a colleague takes over when the person's account is switched off.

    Attributes:
        label: what they are, in the plural ("things put off on Today").
        count: ``count(user)``: how many there are, in one query.
        move: ``move(user, colleague, actor)`` gives them to the colleague in the caller's transaction and returns how
            many; who did what before stays as it was.
    """

    key: str
    label: Any
    count: Callable[[User], int]
    move: Callable[[User, User, User], int]
    order: int = 0


handovers: Registry[Handover] = Registry("handover")


@dataclass(frozen=True)
class Starter:
    """Something to begin with in a new installation, offered at the end of the first-run guide.

    Attributes:
        is_there: whether it can be offered here.
        begin: ``begin(user)`` starts it and returns the address to go on to.
    """

    key: str
    label: Any
    text: Any
    is_there: Callable[[], bool]
    begin: Callable[[User], str]
    icon: str = "box-seam"
    order: int = 0


starters: Registry[Starter] = Registry("starter")
