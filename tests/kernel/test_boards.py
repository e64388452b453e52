"""Boards and calendars: what stands where, what the address says, what a move asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import CalendarEntry
from folkmoot.kernel.ui import boards
from folkmoot.kernel.ui.boards import Beside, Board, Calendar, Card, DayLink, Lane, lanes
from tests.factories import PersonFactory
from tests.kernel.ui_urls import Somebody

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LANES = (Lane("Quito", "Quito"), Lane("Lagos", "Lagos", "limit 21 days"), Lane("Oslo", "Oslo"))


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def asked(query: str = "", user: Any = None) -> HttpRequest:
    request = RequestFactory().get(f"/there/?{query}")
    request.user = user
    return request


def nothing(first: dt.date, last: dt.date) -> list[CalendarEntry]:
    return []


@pytest.mark.parametrize(
    ("query", "first", "last", "title", "weeks"),
    [
        ("", "2026-10-26", "2026-12-06", "November 2026", 6),
        ("day=2026-02-14", "2026-01-26", "2026-03-01", "February 2026", 5),
        ("day=2027-02-14", "2027-02-01", "2027-02-28", "February 2027", 4),
        ("span=week", "2026-11-16", "2026-11-22", "16 – 22 November 2026", 1),
        ("span=week&day=2026-11-30", "2026-11-30", "2026-12-06", "30 November – 6 December 2026", 1),
        ("span=week&day=2026-12-30", "2026-12-28", "2027-01-03", "28 December 2026 – 3 January 2027", 1),
        ("span=list", "2026-11-01", "2026-11-30", "November 2026", 5),
        ("span=year&day=2026-02-30", "2026-10-26", "2026-12-06", "November 2026", 6),
        ("day=1899-12-31", "2026-10-26", "2026-12-06", "November 2026", 6),
        ("day=%00", "2026-10-26", "2026-12-06", "November 2026", 6),
    ],
)
def test_which_days(query: str, first: str, last: str, title: str, weeks: int) -> None:
    calendar = Calendar(asked(query), entries=nothing)
    shown = (calendar.first.isoformat(), calendar.last.isoformat(), calendar.title, len(calendar.weeks))
    assert shown == (first, last, title, weeks)


@pytest.mark.parametrize(
    ("query", "before", "now", "after"),
    [
        ("", "/there/?day=2026-10-01", "/there/", "/there/?day=2026-12-01"),
        (
            "day=2026-01-31",
            "/there/?day=2025-12-01",
            "/there/",
            "/there/?day=2026-02-01",
        ),
        (
            "span=week",
            "/there/?span=week&day=2026-11-13",
            "/there/?span=week",
            "/there/?span=week&day=2026-11-27",
        ),
        ("day=1900-01-05", "", "/there/", "/there/?day=1900-02-01"),
        ("day=2199-12-05", "/there/?day=2199-11-01", "/there/", ""),
    ],
)
def test_neighbours(query: str, before: str, now: str, after: str) -> None:
    calendar = Calendar(asked(query), entries=nothing)
    assert (calendar.before, calendar.now, calendar.after) == (before, now, after)


def test_what_it_keeps_in_its_links() -> None:
    calendar = Calendar(asked("span=list&day=2026-12-01"), entries=nothing, keep=[("area", "people")])
    assert [(span.label, span.url, span.is_current) for span in calendar.spans] == [
        ("Month", "/there/?area=people&day=2026-12-01", False),
        ("Week", "/there/?area=people&span=week&day=2026-12-01", False),
        ("List", "/there/?area=people&span=list&day=2026-12-01", True),
    ]


def test_entries_stand_on_their_days_those_with_a_time_last() -> None:
    day = dt.date(2026, 11, 3)

    def entries(first: dt.date, last: dt.date) -> list[CalendarEntry]:
        return [
            CalendarEntry("c", day, "Late", "people", at=NOON),
            CalendarEntry("b", day, "Early", "people", at=NOON - dt.timedelta(hours=3)),
            CalendarEntry("a", day, "All day", "people", move_url="/move/"),
            CalendarEntry("d", dt.date(2026, 12, 1), "Next month", "people"),
        ]

    calendar = Calendar(asked(), entries=entries)
    busy = {
        each.iso: ([entry.title for entry in each.entries], each.is_outside) for each in calendar.busy_days
    }
    assert busy == {
        "2026-11-03": (["All day", "Early", "Late"], False),
        "2026-12-01": (["Next month"], True),
    }
    assert (calendar.count, calendar.words, calendar.can_move) == (4, "4 entries", True)
    assert [each.iso for each in calendar.days if each.is_today] == ["2026-11-20"]


def test_a_full_day_shows_its_first_and_says_how_many_more() -> None:
    day, later = dt.date(2026, 11, 3), dt.date(2026, 11, 4)

    def entries(first: dt.date, last: dt.date) -> list[CalendarEntry]:
        return [
            CalendarEntry("deadline", day, "Deadline", "calls", is_context=True),
            *[CalendarEntry(f"{n}", day, f"Post {n}", "people", at=NOON) for n in range(2)],
            CalendarEntry("review", later, "Review due", "reviews", is_context=True),
        ]

    def beside(first: dt.date, last: dt.date) -> dict[dt.date, Beside]:
        return {day: Beside(left_out=40, more_url="/day/", links=[DayLink("09:00")])}

    calendar = Calendar(asked(), entries=entries, most={"month": 2}, beside=beside)
    assert [
        (each.iso, [entry.key for entry in each.entries], each.hidden) for each in calendar.busy_days
    ] == [
        ("2026-11-03", ["0", "1"], 41),
        ("2026-11-04", ["review"], 0),
    ]
    assert (calendar.count, calendar.words) == (44, "44 entries")
    week = Calendar(asked("span=week&day=2026-11-03"), entries=entries, most={"month": 2})
    assert [entry.key for entry in week.busy_days[0].entries] == ["deadline", "0", "1"]
    assert week.kept == [("span", "week"), ("day", "2026-11-03")]


def test_in_spanish() -> None:
    with translation.override("es"):
        calendar = Calendar(asked(), entries=nothing)
        assert calendar.title == "noviembre 2026"
        assert calendar.weekdays[0][1] == "lunes"


@pytest.mark.parametrize(
    "said", ["", "2026-02-30", "tomorrow", "1899-12-31", "2200-01-01", "\0", "9" * 5000, "2026-11-20T10:00"]
)
def test_no_day_is_asked_for(said: str) -> None:
    with pytest.raises(ValidationError, match="Choose a day"):
        boards.day_asked(RequestFactory().post("/", {"to": said}))


def test_what_a_move_asks_for() -> None:
    assert boards.day_asked(RequestFactory().post("/", {"to": "2026-12-24"})) == dt.date(2026, 12, 24)
    assert boards.lane_asked(RequestFactory().post("/", {"to": "Lagos"}), LANES) == "Lagos"
    with pytest.raises(ValidationError, match="no such column"):
        boards.lane_asked(RequestFactory().post("/", {"to": "Rome"}), LANES)


def card(row: Any) -> Card:
    return Card(
        str(row.pk),
        row.name,
        row.location,
        move_url=f"/move/{row.pk}/" if row.name != "Bo" else "",
        lanes=("Lagos",) if row.name == "Ana" else (),
    )


def test_a_board_is_the_list_in_lanes(alice: User, django_assert_num_queries: Any) -> None:
    for name, place in (("Cem", "Quito"), ("Ana", "Quito"), ("Bo", "Lagos"), ("Dua", "nowhere")):
        PersonFactory(name=name, location=place)
    board = Board(Somebody(asked("sort=-name", alice)), lanes=LANES, card=card, list_url="/somebody/")
    with django_assert_num_queries(1):  # the rows: what the filter offers is asked for when it is drawn
        lanes = {
            lane.lane.key: [(shown.card.title, shown.drops) for shown in lane.cards] for lane in board.lanes
        }
    assert lanes == {"Quito": [("Cem", "Lagos Oslo"), ("Ana", "Lagos")], "Lagos": [("Bo", "")], "Oslo": []}
    assert (board.count, board.is_cut, board.list_address) == (3, False, "/somebody/?sort=-name")


def test_a_board_is_narrowed_like_its_list(alice: User) -> None:
    for name, place in (("Ana", "Quito"), ("Anders", "Lagos"), ("Bo", "Lagos")):
        PersonFactory(name=name, location=place)
    board = Board(
        Somebody(asked("q=an&place=Lagos&nonsense=1", alice)), lanes=LANES, card=card, list_url="/somebody/"
    )
    assert [shown.card.title for lane in board.lanes for shown in lane.cards] == ["Anders"]
    assert board.list_address == "/somebody/?q=an&place=Lagos"


def test_a_board_says_when_it_is_cut(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_CARDS", 2)
    for _number in range(3):
        PersonFactory(location="Quito")
    board = Board(Somebody(asked("", alice)), lanes=LANES, card=card)
    assert (board.count, board.is_cut, board.most) == (2, True, 2)
