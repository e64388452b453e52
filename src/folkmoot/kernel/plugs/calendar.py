"""What stands on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class CalendarEntry:
    """Something that stands on a day of the calendar.

    Attributes:
        key: the same thing has the same key wherever it stands.
        day: its day; for what has a moment, that moment's day in the reader's zone.
        at: its moment (UTC), when it has one: shown as a time of day, and the order within the day.
        badge: its state in a word ("ends", "waits"), shown in its ``tone``.
        move_url: the address that another day is posted to, as ``to`` (an ISO date); ``""``: it stays where it is.
        sign: an icon that says the badge where there is little room.
        marks: further icons, with what each says and of how many: the channels of a post.
        is_context: it stands there for who plans something else; it looks fainter, and gives way where days are full.
        select: what a ticked box says of it, on a calendar where several can be ticked; ``""``: it cannot be.
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
    sign: str = ""
    marks: tuple[tuple[str, str, int], ...] = ()
    is_context: bool = False
    select: str = ""


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
