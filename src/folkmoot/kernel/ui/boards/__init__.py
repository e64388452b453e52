"""Boards and calendars: the items of a list, laid out in lanes or on days, and moved by hand.

A move is a post to the item's own address with ``to`` (a lane's key, or a day) and ``next``; the view that answers does
what the move means, and says so in a toast with its undo. See ``kernel/ui/README.md``.
"""

from folkmoot.kernel.plugs import CalendarEntry
from folkmoot.kernel.ui.boards.calendar import Beside, Calendar, Day, DayLink, Span, day_asked, day_said
from folkmoot.kernel.ui.boards.lanes import MOST_CARDS, Board, Card, Lane, ShownCard, ShownLane, lane_asked

__all__ = [
    "MOST_CARDS",
    "Beside",
    "Board",
    "Calendar",
    "CalendarEntry",
    "Card",
    "Day",
    "DayLink",
    "Lane",
    "ShownCard",
    "ShownLane",
    "Span",
    "day_asked",
    "day_said",
    "lane_asked",
]
