"""How somebody stands with each requirement, reckoned from their tries; no queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.training.models import Progress, ProgressState, Requirement

#: Word, tone and sign of how it stands; ``""``: there is no try.
LOOKS: dict[str, tuple[Any, str, str]] = {
    "": (gettext_lazy("missing"), "", "dash"),
    ProgressState.OPEN: (gettext_lazy("to do"), "", "circle"),
    ProgressState.SUBMITTED: (gettext_lazy("not evaluated yet"), "new", "inbox"),
    ProgressState.PASSED: (gettext_lazy("passed"), "done", "check2-circle"),
    ProgressState.FAILED: (gettext_lazy("failed"), "overdue", "x-circle"),
    ProgressState.REPEAT: (gettext_lazy("asked to repeat"), "due", "arrow-repeat"),
}


@dataclass(frozen=True)
class Standing:
    """One requirement for one person.

    Attributes:
        tries: the newest first.
        due_on: until when it is to be met; ``None``: whenever, or met already.
    """

    requirement: Requirement
    state: str
    due_on: dt.date | None
    is_late: bool
    tries: list[Progress] = field(default_factory=list)

    @property
    def word(self) -> str:
        """How it stands."""
        return str(LOOKS[self.state][0])

    @property
    def tone(self) -> str:
        """Its colour, which never stands without the word."""
        return LOOKS[self.state][1]

    @property
    def sign(self) -> str:
        """Its sign."""
        return LOOKS[self.state][2]

    @property
    def is_passed(self) -> bool:
        """Nothing is to do any more."""
        return self.state == ProgressState.PASSED

    @property
    def waiting(self) -> Progress | None:
        """What they sent and nobody evaluated."""
        return next((one for one in self.tries if one.state == ProgressState.SUBMITTED), None)

    @property
    def can_submit(self) -> bool:
        """They may send something themselves now."""
        return self.requirement.is_own and not self.is_passed and self.waiting is None

    def __str__(self) -> str:
        if self.due_on is None:
            return self.word
        words = _("%(word)s, overdue since %(day)s") if self.is_late else _("%(word)s, due %(day)s")
        return words % {"word": self.word, "day": date_format(self.due_on, "j M Y")}


def ended(row: Progress) -> dt.date | None:
    """When the training of a try was over: the last day of its event, or the day that was noted."""
    if row.event is not None and row.event.starts_on is not None:
        return row.event.ends_on or row.event.starts_on
    return row.happened_on


def standings(
    requirements: Sequence[Requirement], tries: Iterable[Progress], today: dt.date
) -> list[Standing]:
    """How one person stands with the requirements of one badge.

    Args:
        tries: theirs, with their events; of other requirements too.
    """
    by_requirement: dict[int, list[Progress]] = {}
    for one in sorted(tries, key=lambda row: (row.created_at, row.pk), reverse=True):
        by_requirement.setdefault(one.requirement_id, []).append(one)
    days = [
        day
        for requirement in requirements
        if requirement.needs_event
        for one in by_requirement.get(requirement.pk, ())
        if one.state == ProgressState.PASSED and (day := ended(one)) is not None
    ]
    began = max(days, default=None)
    return [
        _standing(requirement, by_requirement.get(requirement.pk, []), began, today)
        for requirement in requirements
    ]


def _standing(
    requirement: Requirement, tries: list[Progress], began: dt.date | None, today: dt.date
) -> Standing:
    if any(one.state == ProgressState.PASSED for one in tries):
        return Standing(requirement, ProgressState.PASSED, None, is_late=False, tries=tries)
    by_hand = max((one.due_on for one in tries if one.due_on is not None), default=None)
    due = by_hand
    if due is None and began is not None and requirement.due_days is not None:
        due = began + dt.timedelta(days=requirement.due_days)
    state = tries[0].state if tries else ""
    return Standing(requirement, state, due, is_late=due is not None and due < today, tries=tries)


def passed(rows: Iterable[Standing]) -> int:
    """How many are passed."""
    return sum(row.is_passed for row in rows)
