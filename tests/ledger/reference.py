"""The metrics once more, slowly and in plain Python: lists, loops and dates, no SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Opened:
    """An item as the reference sees it."""

    person: str
    at: dt.datetime
    is_bot: bool = False
    source: str = "forge"
    project: str = ""


@dataclass(frozen=True)
class World:
    """Everything that happened, and who is staff from when to when (``None`` is open)."""

    opened: tuple[Opened, ...]
    staff: tuple[tuple[str, dt.date | None, dt.date | None], ...] = ()


@dataclass
class Reference:
    """A question to a world."""

    world: World
    first: dt.date
    last: dt.date
    as_of: dt.date
    source: str = ""
    project: str = ""
    without_staff: bool = False
    known: list[Opened] = field(init=False)

    def __post_init__(self) -> None:
        self.known = [
            o
            for o in self.world.opened
            if o.at.date() <= self.as_of
            and (not self.source or o.source == self.source)
            and (not self.project or o.project == self.project)
        ]

    def is_staff(self, o: Opened) -> bool:
        day = o.at.date()
        return any(
            person == o.person and (start is None or start <= day) and (end is None or day <= end)
            for person, start, end in self.world.staff
        )

    def humans(self, first: dt.date, last: dt.date) -> list[Opened]:
        return [
            o
            for o in self.known
            if first <= o.at.date() <= last and not o.is_bot and not (self.without_staff and self.is_staff(o))
        ]

    def new(self) -> set[str]:
        active = {o.person for o in self.humans(self.first, self.last)}
        return {
            p
            for p in active
            if min(o.at for o in self.known if o.person == p and not o.is_bot).date() >= self.first
        }

    def answers(self, previous: tuple[dt.date, dt.date]) -> dict[str, object]:
        """Each metric's value and rows."""
        now = self.humans(self.first, self.last)
        before = self.humans(*previous)
        active, earlier = {o.person for o in now}, {o.person for o in before}
        new = self.new()
        by_person = Counter(o.person for o in now)
        bots = [o for o in self.known if self.first <= o.at.date() <= self.last and o.is_bot]
        staff = [o for o in now if self.is_staff(o)]
        new_rows = [o for o in now if o.person in new]
        gone = earlier - active
        return {
            "active_people": (len(active), len(now)),
            "first_timers": (len(new), len(new_rows)),
            "returning_people": (len(active - new), len(now) - len(new_rows)),
            "items_volunteer": (len(now) - len(staff), len(now) - len(staff)),
            "items_staff": (len(staff), len(staff)),
            "items_bot": (len(bots), len(bots)),
            "contributor_absence_factor": (self.absence(by_person), len(now)),
            "conversion_rate": (self.conversion(new), len(new_rows)),
            "retention_rate": (len(earlier & active) / len(earlier) if earlier else None, len(before)),
            "inactive_people": (len(gone), len([o for o in before if o.person in gone])),
            "items_by_month": (self.months(now, bots), len(now) + len(bots)),
        }

    def absence(self, by_person: Counter[str]) -> int:
        for size in range(len(by_person) + 1):
            if 2 * sum(number for _, number in by_person.most_common(size)) >= sum(by_person.values()):
                return size
        raise AssertionError

    def conversion(self, new: set[str]) -> float | None:
        if not new or self.as_of < self.last + dt.timedelta(days=455):
            return None
        stayed = 0
        for person in new:
            moments = sorted(o.at for o in self.known if o.person == person and not o.is_bot)
            ends = moments[0] + dt.timedelta(days=91), moments[0] + dt.timedelta(days=455)
            stayed += any(ends[0] <= moment <= ends[1] for moment in moments)
        return stayed / len(new)

    def months(self, now: list[Opened], bots: list[Opened]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        day = self.first
        while day <= self.last:
            found.setdefault(f"{day:%Y-%m}", {"volunteer": 0, "staff": 0, "bot": 0})
            day += dt.timedelta(days=1)
        for o in now:
            found[f"{o.at:%Y-%m}"]["staff" if self.is_staff(o) else "volunteer"] += 1
        for o in bots:
            found[f"{o.at:%Y-%m}"]["bot"] += 1
        return found
