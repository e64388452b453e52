"""What else people have around an event: parts they take and sign-ups that wait, near it or at the same time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.training.addresses import event_page
from folkmoot.training.models import (
    TAKEN,
    Event,
    RecruitmentRules,
    SignUp,
    SignUpState,
    Status,
    Task,
)
from folkmoot.training.queries.lists import days_words

#: What does not happen clashes with nothing.
_OFF = (Status.CANCELLED, Status.STALLED)


@dataclass(frozen=True)
class Engagement:
    """A part that somebody takes, or wishes to take."""

    event: Event
    part: str
    is_sign_up: bool


@dataclass(frozen=True)
class Clash:
    """Another event of somebody, at the same time or near it."""

    event: Event
    part: str
    #: It is only a wish so far.
    is_sign_up: bool
    #: Full days between the two; 0 where one follows the other.
    days: int
    overlaps: bool

    @property
    def url(self) -> str:
        """Its page for those who run events."""
        return event_page(self.event.pk)

    @property
    def when(self) -> str:
        """Its days."""
        return days_words(self.event.starts_on, self.event.ends_on)

    @property
    def distance(self) -> str:
        """How near it is, in words."""
        if self.overlaps:
            return _("at the same time")
        if not self.days:
            return _("right before or after")
        return ngettext("%(n)d day apart", "%(n)d days apart", self.days) % {"n": self.days}

    def __str__(self) -> str:
        words = (
            _("%(event)s (%(days)s, %(part)s)")
            if not self.is_sign_up
            else _("%(event)s (%(days)s, signed up: %(part)s)")
        )
        return words % {"event": self.event.title, "days": self.when, "part": self.part}


def engagements(people: Iterable[int], *, around: Sequence[Event] = ()) -> dict[int, list[Engagement]]:
    """By person: every part they take and every sign-up that waits; two queries.

    Args:
        around: only what lies within a year of these events.
    """
    ids = set(people)
    found: dict[int, list[Engagement]] = defaultdict(list)
    near = _span(around)
    tasks = Task.objects.filter(person__in=ids, state__in=TAKEN, session=None, **near)
    for task in tasks.exclude(event__status__in=_OFF).select_related("event", "kind").order_by("pk"):
        found[task.person_id].append(Engagement(task.event, task.kind.name, False))
    near = {f"opening__{name}": value for name, value in near.items()}
    wishes = SignUp.objects.filter(person__in=ids, state=SignUpState.PENDING, **near)
    for wish in (
        wishes.exclude(opening__event__status__in=_OFF)
        .select_related("opening__event", "kind")
        .order_by("pk")
    ):
        found[wish.person_id].append(Engagement(wish.opening.event, wish.kind.name, True))
    return found


def _span(around: Sequence[Event]) -> dict[str, dt.datetime]:
    days = [event.starts_at for event in around if event.starts_at is not None]
    ends = [event.ends_at for event in around if event.ends_at is not None]
    if not days or not ends:
        return {}
    year = dt.timedelta(days=366)
    return {"event__ends_at__gte": min(days) - year, "event__starts_at__lte": max(ends) + year}


def clashes(event: Event, engaged: Iterable[Engagement], rules: RecruitmentRules) -> list[Clash]:
    """Which of somebody's engagements overlap an event or lie near it: the overlapping first, then the nearest."""
    if event.starts_at is None or event.ends_at is None:
        return []
    found = []
    for one in engaged:
        other = one.event
        if other.pk == event.pk or other.starts_at is None or other.ends_at is None:
            continue
        overlaps = other.starts_at < event.ends_at and event.starts_at < other.ends_at
        gap = max(other.starts_at - event.ends_at, event.starts_at - other.ends_at)
        days = max(gap.days, 0)
        if overlaps or days <= rules.clash_days:
            found.append(Clash(other, one.part, one.is_sign_up, days, overlaps))
    return sorted(found, key=lambda clash: (not clash.overlaps, clash.days, clash.event.pk))


def clashes_of(person: int, event: Event) -> list[Clash]:
    """What somebody has around an event; three queries."""
    engaged = engagements([person], around=[event])[person]
    return clashes(event, engaged, RecruitmentRules.current())


def overlapping(found: Iterable[Clash]) -> list[Clash]:
    """The parts that somebody takes at the very same time."""
    return [clash for clash in found if clash.overlaps and not clash.is_sign_up]
