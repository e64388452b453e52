"""Today: who sees what, in which order, and what "later" does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from folkmoot.home import actions, queries
from folkmoot.home.models import Snooze
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import (
    GoodNews,
    GoodNewsSource,
    TodayItem,
    TodaySource,
    good_news_sources,
    today_sources,
)
from folkmoot.kernel.rows import Row

pytestmark = pytest.mark.django_db
#: A Friday, noon in UTC.
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def item(key: str, area: str = "people", **fields: Any) -> TodayItem:
    values: dict[str, Any] = {
        "area_label": area.title(),
        "title": f"Title of {key}",
        "why": f"why {key}, limit 21",
        "since": NOW - dt.timedelta(days=3),
        "action_label": "Do it",
        "action_url": f"/do/{key}/",
    }
    return TodayItem(key=key, area=area, **(values | fields))


class Waiting:
    """Stands in for the areas: what each test lets wait."""

    def __init__(self) -> None:
        self.items: list[TodayItem] = []
        self.secret: list[TodayItem] = []

    def tell(self, user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterable[TodayItem]:
        return self.items

    def tell_secret(self, user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterable[TodayItem]:
        return self.secret


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    """Only the test's own sources: one for people, one for who administers the settings."""
    told = Waiting()
    monkeypatch.setattr(today_sources, "_items", {})
    monkeypatch.setattr(good_news_sources, "_items", {})
    today_sources.register(TodaySource("test", "people", "people.view", None, told.tell))
    today_sources.register(TodaySource("test.secret", "settings", "settings.admin", None, told.tell_secret))
    with time_machine.travel(NOW, tick=False):
        yield told


def keys(group: queries.Group) -> list[str]:
    return [item.key for item in group.items]


def test_three_groups(waiting: Waiting, bob: User, alice: User) -> None:
    waiting.items = [
        item("mine", mine=frozenset({bob.pk})),
        item("area"),
        item("another's", mine=frozenset({alice.pk})),
        item("others", waits_for_others=True),
    ]
    found = queries.today(bob)
    assert (keys(found.mine), keys(found.areas), keys(found.others)) == (
        ["mine"],
        ["area"],
        ["others", "another's"],
    )
    assert found.count == 4


def test_the_furthest_over_its_limit_first(waiting: Waiting, bob: User) -> None:
    waiting.items = [
        item("late", over_by=2),
        item("soon", over_by=-3, since=NOW - dt.timedelta(days=9)),
        item("latest", over_by=50),
        item("soon too", over_by=-3, since=NOW - dt.timedelta(days=10)),
    ]
    assert keys(queries.today(bob).areas) == ["latest", "late", "soon too", "soon"]


def test_only_sources_that_the_person_may_see(
    waiting: Waiting, bob: User, alice: User, charlie: User
) -> None:
    waiting.items, waiting.secret = [item("seen")], [item("secret", "settings")]
    assert keys(queries.today(alice).areas) == ["secret", "seen"]
    assert keys(queries.today(bob).areas) == ["seen"]
    assert queries.today(charlie).count == 0


def test_the_page_of_who_has_no_right_leaks_nothing(
    waiting: Waiting, as_bob: Client, as_charlie: Client
) -> None:
    waiting.items, waiting.secret = [item("seen")], [item("secret", "settings")]
    page = as_bob.get("/").content.decode()
    assert ("Title of seen" in page, "Title of secret" in page) == (True, False)
    assert as_charlie.get("/").headers["Location"] == "/my/record/"


def test_area_filter_stands_in_the_address(waiting: Waiting, as_bob: Client) -> None:
    waiting.items = [item("one"), item("two", "reviews")]
    found = as_bob.get("/?area=reviews").context["today"]
    assert keys(found.areas) == ["two"]
    assert found.area_choices == [("people", "People"), ("reviews", "Reviews")]
    assert keys(as_bob.get("/?area=nonsense").context["today"].areas) == ["one", "two"]


def test_at_most_ten_rows_in_a_group_until_all_are_asked_for(waiting: Waiting, as_bob: Client) -> None:
    waiting.items = [item(f"{n:02}", over_by=-n) for n in range(12)]
    group = as_bob.get("/").context["today"].areas
    assert (len(group.items), group.count, group.hidden) == (10, 12, 2)
    assert len(as_bob.get("/?all=areas").context["today"].areas.items) == 12


def test_the_sentence(waiting: Waiting, as_bob: Client, bob: User) -> None:
    waiting.items = [item("a", mine=frozenset({bob.pk})), item("b"), item("c")]
    assert as_bob.get("/").context["sentence"] == "Friday 20 November · 3 things need someone, 1 is yours"
    waiting.items = []
    assert as_bob.get("/").context["sentence"] == "Friday 20 November · nothing needs anybody"


def test_one_row_and_three_take_the_same_queries(
    waiting: Waiting, as_bob: Client, django_assert_num_queries: Any
) -> None:
    waiting.items = [item("one")]
    # session, user, rights, what is put off, what is given to whom, the community's name
    with django_assert_num_queries(6):
        as_bob.get("/")
    waiting.items = [item("one"), item("two"), item("three")]
    with django_assert_num_queries(6):
        as_bob.get("/")


@pytest.mark.parametrize(
    ("asked", "comes_back"),
    [
        ({"until": "tomorrow"}, dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)),
        ({"until": "three-days"}, dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)),
        ({"until": "monday"}, dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)),
        ({"until": "date", "date": "2026-12-24"}, dt.datetime(2026, 12, 24, 6, tzinfo=dt.UTC)),
    ],
)
def test_later(
    waiting: Waiting, as_bob: Client, bob: User, asked: dict[str, str], comes_back: dt.datetime
) -> None:
    waiting.items = [item("one"), item("two")]
    response = as_bob.post("/later/", {"key": "one", "next": "/?area=people", **asked})
    assert response.headers["Location"] == "/?area=people"
    assert Snooze.objects.get().until == comes_back
    found = queries.today(bob)
    assert (keys(found.areas), found.put_off) == (["two"], 1)
    assert keys(queries.today(bob, now=comes_back).areas) == ["one", "two"]


def test_monday_is_the_next_one_even_on_a_monday(waiting: Waiting) -> None:
    monday = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    assert queries.later_choices(monday)["monday"] == dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)


def test_the_mornings_are_the_readers(waiting: Waiting, as_bob: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(time_zone="America/Bogota")
    as_bob.post("/later/", {"key": "one", "until": "tomorrow"})
    assert Snooze.objects.get().until == dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC)


def test_later_is_ones_own(waiting: Waiting, as_bob: Client, alice: User) -> None:
    waiting.items = [item("one")]
    as_bob.post("/later/", {"key": "one", "until": "tomorrow"})
    assert keys(queries.today(alice).areas) == ["one"]


def test_undo_from_the_toast(waiting: Waiting, as_bob: Client, bob: User) -> None:
    waiting.items = [item("one & two")]
    page = as_bob.post("/later/", {"key": "one & two", "until": "tomorrow"}, follow=True).content.decode()
    assert 'action="/later/undo/?key=one+%26+two"' in page
    as_bob.post("/later/undo/?key=one+%26+two")
    assert keys(queries.today(bob).areas) == ["one & two"]
    assert as_bob.post("/later/undo/?key=never").status_code == 302


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"key": "one"},
        {"key": "", "until": "tomorrow"},
        {"key": "one", "until": "date", "date": "2026-11-20"},
        {"key": "one", "until": "date", "date": "2020-01-01"},
        {"key": "one", "until": "date", "date": "9999-12-31"},
        {"key": "one", "until": "date", "date": "soon"},
        {"key": "o" * 201, "until": "tomorrow"},
        {"key": "o\0ne", "until": "tomorrow"},
    ],
)
def test_later_that_cannot_be(waiting: Waiting, as_bob: Client, posted: dict[str, str]) -> None:
    response = as_bob.post("/later/", {**posted, "next": "https://elsewhere.example/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert Snooze.objects.count() == 0


def test_putting_off_again_changes_it_and_clears_what_has_passed(waiting: Waiting, bob: User) -> None:
    Snooze.objects.create(user=bob, key="old", until=NOW - dt.timedelta(days=1))
    actions.put_off(actor=bob, key="one", until=NOW + dt.timedelta(days=1))
    actions.put_off(actor=bob, key="one", until=NOW + dt.timedelta(days=2))
    assert list(Snooze.objects.values_list("key", "until")) == [("one", NOW + dt.timedelta(days=2))]
    with pytest.raises(ValidationError):
        actions.put_off(actor=bob, key="one", until=NOW + dt.timedelta(days=400))


def test_what_went_well_when_nothing_is_left(waiting: Waiting, as_bob: Client, bob: User) -> None:
    asked: list[tuple[dt.datetime, dt.datetime]] = []

    def tell(user: User, since: dt.datetime, now: dt.datetime, rows: Sequence[Row]) -> list[GoodNews]:
        asked.append((since, now))
        return [GoodNews("4 people took part", url="/people/")]

    good_news_sources.register(GoodNewsSource("test", "people.view", None, tell))
    good_news_sources.register(
        GoodNewsSource("hidden", "settings.view", None, lambda *_: [GoodNews("A secret success")])
    )
    page = as_bob.get("/").content.decode()
    assert ('<a href="/people/">4 people took part</a>' in page, "A secret success" in page) == (True, False)
    assert asked == [(NOW - dt.timedelta(days=7), NOW)]
    waiting.items = [item("one")]
    assert "4 people took part" not in as_bob.get("/").content.decode()
