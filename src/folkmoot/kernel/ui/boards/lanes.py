"""Boards: the items of a list as cards in lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from folkmoot.kernel.ui.lists.base import List

#: Cards that a board shows; a calendar shows what its sources give. Beyond it the board asks to be narrowed.
MOST_CARDS = 500


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
        lanes: from left to right, or a function of the rows that gives them. A row whose card names none is left out.
        card: makes a row's card.
        list_url: the address of the same items as a list, without its query.
    """

    def __init__(
        self,
        listing: List,
        *,
        lanes: Sequence[Lane] | Callable[[Sequence[Any]], Sequence[Lane]],
        card: Callable[[Any], Card],
        list_url: str = "",
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
        lanes = self._lanes(self._rows[:MOST_CARDS]) if callable(self._lanes) else self._lanes
        shown = {lane.key: ShownLane(lane) for lane in lanes}
        for row in self._rows[:MOST_CARDS]:
            card = self._card(row)
            if card.lane not in shown:
                continue
            targets = [
                lane
                for lane in lanes
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
