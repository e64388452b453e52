"""Calendars: what stands on the days of a month or a week."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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

#: Days that a calendar can show: a year on either side has to fit into what Python calls a date.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
SPANS = ("month", "week", "list")


@dataclass(frozen=True)
class DayLink:
    """Something small below a day's entries: a place that is free."""

    label: str
    url: str = ""
    icon: str = ""
    #: The whole of it, for who points at it and for screen readers; empty: the label says it.
    title: str = ""


@dataclass(frozen=True)
class Beside:
    """What a day shows beside its entries.

    Attributes:
        left_out: how many entries stand on it that were not given, as they would not be shown.
        more_url: where all of them are.
        new_url: where something new is made for this day; ``""``: not offered.
        new_label: what that is called ("New post").
    """

    left_out: int = 0
    more_url: str = ""
    new_url: str = ""
    new_label: str = ""
    links: Sequence[DayLink] = ()


@dataclass
class Day:
    """One day of a calendar with what stands on it."""

    date: dt.date
    is_today: bool
    #: It belongs to the month before or after the one that is shown.
    is_outside: bool
    entries: list[CalendarEntry] = field(default_factory=list)
    beside: Beside = field(default_factory=Beside)
    #: Entries that stand on it and are not shown.
    hidden: int = 0

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
        most: entries that a day shows at most, for each span; a span that is not named shows all. What stands in the
            context (``is_context``) gives way first.
        beside: ``beside(first, last)``: what days show beside their entries, and how many more there are.
        compact: an entry of the month has one line; its state is a sign.
        selecting: the id of a form to which entries can be ticked; ``""``: they cannot.
    """

    def __init__(
        self,
        request: HttpRequest,
        *,
        entries: Callable[[dt.date, dt.date], Iterable[CalendarEntry]],
        listing: List | None = None,
        keep: Sequence[tuple[str, str]] = (),
        most: Mapping[str, int] | None = None,
        beside: Callable[[dt.date, dt.date], Mapping[dt.date, Beside]] | None = None,
        compact: bool = False,
        selecting: str = "",
    ) -> None:
        self.request, self.list, self._entries, self._keep = request, listing, entries, keep
        self._most, self._beside = most or {}, beside
        self.compact, self.selecting = compact, selecting
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
        start = "j" if same_month else "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT"
        return f"{formats.date_format(self.first, start)} – {formats.date_format(self.last, 'DATE_FORMAT')}"

    # ------------------------------------------------------------ what stands

    @cached_property
    def days(self) -> list[Day]:
        """The days shown, with their entries: those with a moment by their time, after those that have none."""
        found: dict[dt.date, list[CalendarEntry]] = {}
        for entry in self._entries(self.first, self.last):
            found.setdefault(entry.day, []).append(entry)
        beside = self._beside(self.first, self.last) if self._beside else {}
        made = []
        for number in range((self.last - self.first).days + 1):
            date = self.first + dt.timedelta(days=number)
            outside = self.span == "month" and date.month != self.anchor.month
            entries = sorted(found.get(date, ()), key=_order)
            kept = entries if self.most is None else sorted(entries, key=_first_of)[: self.most]
            more = beside.get(date, Beside())
            hidden = len(entries) - len(kept) + more.left_out
            made.append(Day(date, date == self.today, outside, sorted(kept, key=_order), more, hidden))
        return made

    @property
    def most(self) -> int | None:
        """How many entries a day shows at most; ``None``: all."""
        return self._most.get(self.span)

    @property
    def weeks(self) -> list[list[Day]]:
        """The days, seven by seven."""
        return [self.days[start : start + 7] for start in range(0, len(self.days), 7)]

    @property
    def busy_days(self) -> list[Day]:
        """The days on which something stands."""
        return [day for day in self.days if day.entries or day.hidden]

    @property
    def count(self) -> int:
        """How many entries stand on the days shown."""
        return sum(len(day.entries) + day.hidden for day in self.days)

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
        """How much stands there, in words."""
        return ngettext("%(n)s entry", "%(n)s entries", self.count) % {"n": self.count}

    # -------------------------------------------------------------- addresses

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the filters keeps of the address."""
        pairs = [*self._keep]
        if self.span != SPANS[0]:
            pairs.append(("span", self.span))
        if self.anchor != self.today:
            pairs.append(("day", self.anchor.isoformat()))
        return pairs

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


def _order(entry: CalendarEntry) -> tuple[bool, dt.datetime | dt.date, str, str]:
    return (entry.at is not None, entry.at or entry.day, entry.title, entry.key)


def _first_of(entry: CalendarEntry) -> tuple[bool, bool, dt.datetime | dt.date, str, str]:
    return (entry.is_context, *_order(entry))


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
