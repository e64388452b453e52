"""Boards and calendars: the items of a list, laid out in lanes or on days, and moved by hand.

A move is a post to the item's own address with ``to`` (a lane's key, or a day) and ``next``; the view that answers does
what the move means, and says so in a toast with its undo. See ``kernel/ui/README.md``.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.plugs import CalendarEntry
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.lists.base import List
from folkmoot.kernel.ui.lists.filters import words

#: Cards that a board shows; a calendar shows what its sources give. Beyond it the board asks to be narrowed.
MOST_CARDS = 500
#: Days that a calendar can show: a year on either side has to fit into what Python calls a date.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
SPANS = ("month", "week", "list")


# -------------------------------------------------------------------- boards


@dataclass(frozen=True)
class Lane:
    """A column of a board: a stage, a state, an editor."""

    key: str
    label: Any
    #: What stands below its heading ("limit 21 days").
    note: Any = ""


@dataclass(frozen=True)
class Card:
    """One item on a board.

    Attributes:
        lane: the key of the lane it stands in.
        move_url: the address that another lane is posted to; ``""``: it stays where it is.
        lanes: the keys of the lanes it may go to; empty: all.
    """

    key: str
    title: str
    lane: str
    url: str = ""
    icon: str = ""
    note: Any = ""
    badge: Any = ""
    tone: str = "quiet"
    move_url: str = ""
    lanes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownCard:
    """A card ready for the page: with the lanes that its "Move to…" menu offers."""

    card: Card
    targets: Sequence[Lane]

    @property
    def drops(self) -> str:
        """The keys of the lanes it may go to, for the page's script."""
        return " ".join(lane.key for lane in self.targets)


@dataclass
class ShownLane:
    """A lane with its cards."""

    lane: Lane
    cards: list[ShownCard] = field(default_factory=list)


class Board:
    """The items of a list in lanes, narrowed by the list's own search and filters.

    Args:
        listing: the list; its rows are the board's items, in the list's order.
        lanes: from left to right. A row whose card names none of them is left out.
        card: makes a row's card.
        list_url: the address of the same items as a list, without its query.
    """

    def __init__(
        self, listing: List, *, lanes: Sequence[Lane], card: Callable[[Any], Card], list_url: str = ""
    ) -> None:
        self.list = listing
        self.request = listing.request
        self._lanes, self._card, self._list_url = lanes, card, list_url

    @cached_property
    def _rows(self) -> list[Any]:
        rows = list(self.list.matching[: MOST_CARDS + 1])
        self.list.decorate(rows[:MOST_CARDS])
        return rows

    @property
    def is_cut(self) -> bool:
        """There are more items than a board shows."""
        return len(self._rows) > MOST_CARDS

    @property
    def most(self) -> int:
        """How many cards a board shows."""
        return MOST_CARDS

    @cached_property
    def lanes(self) -> list[ShownLane]:
        """The lanes with their cards."""
        shown = {lane.key: ShownLane(lane) for lane in self._lanes}
        for row in self._rows[:MOST_CARDS]:
            card = self._card(row)
            if card.lane not in shown:
                continue
            targets = [
                lane
                for lane in self._lanes
                if card.move_url and lane.key != card.lane and (not card.lanes or lane.key in card.lanes)
            ]
            shown[card.lane].cards.append(ShownCard(card, targets))
        return list(shown.values())

    @property
    def count(self) -> int:
        """How many cards are shown."""
        return sum(len(lane.cards) for lane in self.lanes)

    @property
    def list_address(self) -> str:
        """The same items, narrowed the same way, as a list."""
        query = self.list.query()
        return f"{self._list_url}?{query}" if query and self._list_url else self._list_url


def lane_asked(request: HttpRequest, lanes: Iterable[Lane]) -> str:
    """The key of the lane that a posted move names.

    Raises:
        ValidationError: there is no such lane.
    """
    wished = request.POST.get("to", "")
    if wished not in {lane.key for lane in lanes}:
        raise ValidationError(
            _("There is no such column here. Load the page again and move the card once more.")
        )
    return wished


# ----------------------------------------------------------------- calendars


@dataclass
class Day:
    """One day of a calendar with what stands on it."""

    date: dt.date
    is_today: bool
    #: It belongs to the month before or after the one that is shown.
    is_outside: bool
    entries: list[CalendarEntry] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The day in words: "Friday 20 November 2026"."""
        return times.full(self.date)

    @property
    def iso(self) -> str:
        """The day for a form: "2026-11-20"."""
        return self.date.isoformat()


@dataclass(frozen=True)
class Span:
    """A way to look at the calendar: its word in the address, label, address, whether it is the present one."""

    key: str
    label: str
    url: str
    is_current: bool


class Calendar:
    """A month or a week of days, or the same as a list; which one, and around which day, stands in the address.

    What the address says that makes no sense is left out: the calendar then shows this month.

    Args:
        entries: ``entries(first, last)``: what stands on the days between, both included.
        listing: the list whose items are shown, when there is one: its search and filters stand above the calendar,
            and ``entries`` should use its ``matching`` rows.
        keep: further words of the address that the calendar's links keep (an area that was chosen).
    """

    def __init__(
        self,
        request: HttpRequest,
        *,
        entries: Callable[[dt.date, dt.date], Iterable[CalendarEntry]],
        listing: List | None = None,
        keep: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.request, self.list, self._entries, self._keep = request, listing, entries, keep
        self.today = times.local_today()
        self.anchor = day_said(request) or self.today
        said = next(iter(words(request.GET, "span")), "")
        self.span = said if said in SPANS else "month"

    # ------------------------------------------------------------ which days

    @cached_property
    def first(self) -> dt.date:
        """The first day shown: a Monday (ISO 8601), or the month's first day in the list."""
        if self.span == "list":
            return self.anchor.replace(day=1)
        start = self.anchor if self.span == "week" else self.anchor.replace(day=1)
        return start - dt.timedelta(days=start.weekday())

    @cached_property
    def last(self) -> dt.date:
        """The last day shown."""
        if self.span == "week":
            return self.first + dt.timedelta(days=6)
        end = self.anchor.replace(day=calendar.monthrange(self.anchor.year, self.anchor.month)[1])
        return end if self.span == "list" else end + dt.timedelta(days=6 - end.weekday())

    @property
    def title(self) -> str:
        """What is shown: "November 2026", or "16 – 22 November 2026"."""
        if self.span != "week":
            return formats.date_format(self.anchor, "F Y")
        same_month = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        same_year = self.first.year == self.last.year
        start = "j" if same_month else "j F" if same_year else "j F Y"
        return f"{formats.date_format(self.first, start)} – {formats.date_format(self.last, 'j F Y')}"

    # ------------------------------------------------------------ what stands

    @cached_property
    def days(self) -> list[Day]:
        """The days shown, with their entries: those with a moment by their time, after those that have none."""
        found: dict[dt.date, list[CalendarEntry]] = {}
        for entry in self._entries(self.first, self.last):
            found.setdefault(entry.day, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda each: (each.at is not None, each.at or each.day, each.title, each.key))
        made = []
        for number in range((self.last - self.first).days + 1):
            date = self.first + dt.timedelta(days=number)
            outside = self.span == "month" and date.month != self.anchor.month
            made.append(Day(date, date == self.today, outside, found.get(date, [])))
        return made

    @property
    def weeks(self) -> list[list[Day]]:
        """The days, seven by seven."""
        return [self.days[start : start + 7] for start in range(0, len(self.days), 7)]

    @property
    def busy_days(self) -> list[Day]:
        """The days on which something stands."""
        return [day for day in self.days if day.entries]

    @property
    def count(self) -> int:
        """How many entries are shown."""
        return sum(len(day.entries) for day in self.days)

    @property
    def can_move(self) -> bool:
        """The reader may move at least one entry."""
        return any(entry.move_url for day in self.days for entry in day.entries)

    @property
    def weekdays(self) -> list[tuple[str, str]]:
        """Names of the days, short and long, Monday first."""
        monday = dt.date(2026, 11, 2)
        names = [monday + dt.timedelta(days=number) for number in range(7)]
        return [(formats.date_format(day, "D"), formats.date_format(day, "l")) for day in names]

    @property
    def zone(self) -> str:
        """The zone that days and times are shown in."""
        return timezone.get_current_timezone_name()

    @property
    def words(self) -> str:
        """How much is shown, in words."""
        return ngettext("%(n)s entry", "%(n)s entries", self.count) % {"n": self.count}

    # -------------------------------------------------------------- addresses

    def address(self, *, span: str = "", day: dt.date | None = None) -> str:
        """This calendar with another span or around another day."""
        pairs = [*self._keep]
        if (span or self.span) != SPANS[0]:
            pairs.append(("span", span or self.span))
        if (day or self.anchor) != self.today:
            pairs.append(("day", (day or self.anchor).isoformat()))
        query = urlencode(pairs)
        if self.list is not None and (narrowed := self.list.query()):
            query = f"{query}&{narrowed}" if query else narrowed
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def spans(self) -> list[Span]:
        """Month, week, list."""
        labels = {"month": _("Month"), "week": _("Week"), "list": _("List")}
        return [Span(key, labels[key], self.address(span=key), key == self.span) for key in SPANS]

    @property
    def before(self) -> str:
        """The address of the month or week before; ``""`` at the beginning of time."""
        return self._step(-1)

    @property
    def after(self) -> str:
        """The address of the next month or week."""
        return self._step(1)

    @property
    def now(self) -> str:
        """The address of this month or week."""
        return self.address(day=self.today)

    def _step(self, by: int) -> str:
        if self.span == "week":
            there = self.anchor + dt.timedelta(days=7 * by)
        else:
            there = self.anchor.replace(day=1) - dt.timedelta(days=1) if by < 0 else self.last_of_month
            there = there.replace(day=1) if by < 0 else there + dt.timedelta(days=1)
        return self.address(day=there) if FIRST_DAY <= there <= LAST_DAY else ""

    @property
    def last_of_month(self) -> dt.date:
        """The last day of the month that is shown."""
        return self.anchor.replace(day=calendar.monthrange(self.anchor.year, self.anchor.month)[1])


def day_said(request: HttpRequest) -> dt.date | None:
    """The day that the address names with ``day`` (``2026-11-20``), when a calendar can show it."""
    for word in words(request.GET, "day")[:1]:
        try:
            day = dt.date.fromisoformat(word)
        except ValueError:
            return None
        return day if FIRST_DAY <= day <= LAST_DAY else None
    return None


def day_asked(request: HttpRequest) -> dt.date:
    """The day that a posted move names.

    Raises:
        ValidationError: it is no day that a calendar can show.
    """
    try:
        day = dt.date.fromisoformat(request.POST.get("to", ""))
    except ValueError:
        raise ValidationError(_("Choose a day, such as 2026-11-20.")) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Choose a day between 1900 and 2199."))
    return day
