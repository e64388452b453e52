"""The board that phones show: now, next, the whole day, by space."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.formats import date_format

from folkmoot.training.models import Placement, Proposal, ProposalState, Round, Unconference
from folkmoot.training.queries.unconferences import names_of


@dataclass
class Shown:
    """A session on the board."""

    title: str
    space: str
    url: str
    leader: str
    notes: str
    is_cancelled: bool
    is_late: bool
    moved_from: str
    proposal: int


@dataclass
class Slot:
    """A round of the board, in the time of the place."""

    title: str
    is_break: bool
    begins: dt.datetime
    ends: dt.datetime
    day: str
    sessions: list[Shown] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What it is called in the page."""
        return f"at-{int(self.begins.timestamp())}"


@dataclass
class Board:
    """What is on."""

    unconference: Unconference
    slots: list[Slot]
    now: list[Slot]
    next: Slot | None
    spaces: list[str]
    is_over: bool

    @property
    def days(self) -> list[tuple[str, list[Slot]]]:
        """Slots by day."""
        found: dict[str, list[Slot]] = {}
        for slot in self.slots:
            found.setdefault(slot.day, []).append(slot)
        return list(found.items())

    @property
    def by_space(self) -> list[tuple[str, list[tuple[Slot, Shown]]]]:
        """By space, its sessions in their order."""
        found: dict[str, list[tuple[Slot, Shown]]] = {name: [] for name in self.spaces}
        for slot in self.slots:
            for one in slot.sessions:
                found.setdefault(one.space, []).append((slot, one))
        return [(name, some) for name, some in found.items() if some]


def stamp(unconference: Unconference, now: dt.datetime, *, language: str) -> str:
    """What a board is known by as long as it shows the same; one query. Event and unconference are read beforehand."""
    moments = unconference.rounds.values_list("starts_at", "ends_at")
    begun = sum(at <= now for pair in moments for at in pair)
    event = unconference.event
    said = (unconference.pk, unconference.revision, begun, event.status, event.title, language)
    return '"' + hashlib.sha256(repr(said).encode()).hexdigest()[:32] + '"'


def board_of(unconference: Unconference, now: dt.datetime) -> Board:
    """What the published grid shows at a moment; at most five queries. The event is read beforehand.

    It shows the sessions of the event, so that a new plan changes nothing here until it is published.
    """
    zone = ZoneInfo(unconference.event.time_zone)
    rounds = list(unconference.rounds.all())
    spaces = {space.name: space for space in unconference.spaces.all()}
    slots = {row.pk: _slot(row, zone) for row in rounds}
    at = {slot.begins: slot for slot in slots.values() if not slot.is_break}
    rows = list(_on_board(unconference))
    names = names_of(rows)
    for row in rows:
        place: Placement | None = getattr(row, "placement", None)
        is_cancelled = row.session is None
        slot = slots.get(place.round_id) if is_cancelled and place else _at(at, row)
        if slot is not None:
            room = row.session.room if row.session else place.space.name if place else ""
            space = spaces.get(room)
            slot.sessions.append(
                Shown(
                    title=row.title,
                    space=room,
                    url=space.url if space else "",
                    leader=names.get(row.pk, ""),
                    notes=row.notes_url,
                    is_cancelled=is_cancelled,
                    is_late=place is not None and place.is_late,
                    moved_from=place.moved_from if place is not None else "",
                    proposal=row.pk,
                )
            )
    order = {name: number for number, name in enumerate(spaces)}
    for slot in slots.values():
        slot.sessions.sort(key=lambda one: (order.get(one.space, len(order)), one.is_cancelled))
    listed = [slot for slot in slots.values() if slot.is_break or slot.sessions]
    ahead = [slot for slot in listed if slot.begins > now]
    return Board(
        unconference,
        listed,
        [slot for slot in listed if slot.begins <= now < slot.ends],
        ahead[0] if ahead else None,
        list(spaces),
        bool(listed) and all(slot.ends <= now for slot in listed),
    )


def _on_board(unconference: Unconference) -> QuerySet[Proposal]:
    published = Q(session__isnull=False) | Q(placement__is_cancelled=True)
    return (
        unconference.proposals.filter(published, state=ProposalState.OPEN)
        .select_related("leader", "session", "placement__space")
        .order_by("pk")
    )


def _at(slots: Mapping[dt.datetime, Slot], row: Proposal) -> Slot | None:
    starts = row.session.starts_at if row.session is not None else None
    return slots.get(starts) if starts is not None else None


def _slot(row: Round, zone: ZoneInfo) -> Slot:
    begins = row.starts_at.astimezone(zone)
    is_break = row.kind == Round.Kind.BREAK
    title = row.title or (str(row) if is_break else "")
    day = f"{date_format(begins, 'l')}, {date_format(begins, 'MONTH_DAY_FORMAT')}"
    return Slot(title, is_break, begins, row.ends_at.astimezone(zone), day)
