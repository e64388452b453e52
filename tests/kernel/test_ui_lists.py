"""Lists: address, rows, files, views, bulk actions; nonsense in the address never breaks them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.models import SavedView
from folkmoot.people.models import Person
from tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.ui_urls")]

#: Session, user, rights; tabs, the filter's choices, count, rows; the community's name; nothing for each row.
QUERIES = 8


@pytest.fixture
def three() -> list[Person]:
    return [
        PersonFactory(name="Ana", location="Quito", joined_on=dt.date(2024, 1, 2)),
        PersonFactory(name="Bo", location="Oslo", joined_on=None),
        PersonFactory(name="Çelik", location="Quito", joined_on=dt.date(2026, 1, 2), bio="maps"),
    ]


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/somebody/?{query}")
    assert response.status_code == 200
    return [row.first.value for row in response.context["list"].rows]


def test_one_row_and_three_take_the_same_queries(as_bob: Client, django_assert_num_queries: Any) -> None:
    PersonFactory()
    with django_assert_num_queries(QUERIES):
        as_bob.get("/somebody/")
    PersonFactory.create_batch(2)
    with django_assert_num_queries(QUERIES):
        as_bob.get("/somebody/")


def test_sort(as_bob: Client, three: list[Person]) -> None:
    assert names(as_bob) == ["Ana", "Bo", "Çelik"]
    assert names(as_bob, "sort=-name") == ["Çelik", "Bo", "Ana"]
    assert names(as_bob, "sort=joined") == ["Ana", "Çelik", "Bo"]  # what is empty comes last,
    assert names(as_bob, "sort=-joined") == ["Çelik", "Ana", "Bo"]  # both ways


def test_filters_and_search(as_bob: Client, three: list[Person]) -> None:
    Person.objects.filter(name="Bo").update(archived_at=clock.now())
    assert names(as_bob) == ["Ana", "Çelik"]
    assert names(as_bob, "archived=any") == ["Ana", "Bo", "Çelik"]
    assert names(as_bob, "archived=1") == ["Bo"]
    assert names(as_bob, "place=Quito&place=Oslo&archived=any") == ["Ana", "Bo", "Çelik"]
    assert names(as_bob, "since=2025-01-01") == ["Çelik"]
    assert names(as_bob, "about=MAPS") == ["Çelik"]
    assert names(as_bob, "q=an") == ["Ana"]


def test_chosen_columns(as_bob: Client, three: list[Person]) -> None:
    shown = as_bob.get("/somebody/?columns=letters,place").context["list"]
    assert [column.key for column in shown.columns_shown] == ["name", "place", "letters"]
    assert shown.query() == "columns=place%2Cletters"


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-3",
        "page=0",
        "page=99999",
        "page=999999999999999999999999",
        "page=%C2%B2",
        "sort=nonsense",
        "sort=-",
        "sort=--name",
        "sort=password",
        "place=Atlantis",
        "since=yesterday",
        "since=2026-02-30",
        "since=0000-01-01",
        "archived=maybe",
        "columns=nothing,like,this",
        "q=%00",
        "about=%00",
        "place=%00",
        "sort=%00",
        "page=%00",
        "export=exe",
        "unknown=1",
        "q=" + " " * 50,
        "&&&===",
        "page=1&page=2&sort=name&sort=-name",
    ],
)
def test_nonsense_in_the_address_is_left_out(as_bob: Client, three: list[Person], query: str) -> None:
    assert names(as_bob, query) == ["Ana", "Bo", "Çelik"]


def test_what_cannot_be_seen_is_taken_out_of_the_search(as_bob: Client, three: list[Person]) -> None:
    assert names(as_bob, "q=%00An%E2%80%8Ba") == ["Ana"]
    assert names(as_bob, "q=%ff%fe") == []


def test_absurd_lengths(as_bob: Client, three: list[Person]) -> None:
    assert names(as_bob, "q=" + "a" * 20_000) == []
    assert names(as_bob, "&".join(["place=Quito"] * 900)) == ["Ana", "Çelik"]
    assert names(as_bob, "sort=" + "n" * 20_000) == ["Ana", "Bo", "Çelik"]


def test_pages(as_bob: Client) -> None:
    PersonFactory.create_batch(101)
    first = as_bob.get("/somebody/").context["list"]
    assert (first.page.first, first.page.last, first.page.count, first.page.pages) == (1, 50, 101, 3)
    assert first.page_links == {"after": "/somebody/?page=2"}
    last = as_bob.get("/somebody/?page=77&q=Person").context["list"]
    assert (last.page.number, len(last.rows)) == (3, 1)
    assert last.page_links == {"before": "/somebody/?q=Person&page=2"}


def test_empty_and_nothing_matches(as_bob: Client, as_alice: Client) -> None:
    page = as_bob.get("/somebody/").content.decode()
    assert "Nobody yet" in page
    assert 'href="/help/">Import' not in page  # the first step is not Bob's to take
    assert 'href="/help/">Import' in as_alice.get("/somebody/").content.decode()
    PersonFactory()
    assert "Nothing matches" in as_bob.get("/somebody/?q=xyz").content.decode()


def test_csv_is_what_is_shown_with_formulas_made_safe(as_bob: Client, three: list[Person]) -> None:
    PersonFactory(name='=HYPERLINK("http://evil.example")', location="Quito")
    response = as_bob.get("/somebody/?place=Quito&columns=letters&export=csv&page=7")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert rows == [
        ["Name", "Letters"],
        ['\'=HYPERLINK("http://evil.example")', "33"],
        ["Ana", "3"],
        ["Çelik", "5"],
    ]
    assert response["Content-Disposition"] == f'attachment; filename="test-people-{clock.today()}.csv"'


def test_xlsx_holds_text_numbers_and_days(as_bob: Client, three: list[Person]) -> None:
    PersonFactory(name="+1\x07", location="@x")
    response = as_bob.get("/somebody/?columns=place,joined,letters&export=xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows == [
        ["Name", "Place", "Since", "Letters"],
        ["'+1", "'@x", None, 3],
        ["Ana", "Quito", dt.datetime(2024, 1, 2), 3],
        ["Bo", "Oslo", None, 2],
        ["Çelik", "Quito", dt.datetime(2026, 1, 2), 5],
    ]


def test_export_of_many_rows_stays_within_chunks(as_bob: Client, django_assert_num_queries: Any) -> None:
    Person.objects.bulk_create([Person(name=f"P{n:05}", sort_key=f"p{n:05}") for n in range(1200)])
    with django_assert_num_queries(
        5
    ):  # session, user, community, rights, and one read through: a file shows no choices
        response = as_bob.get("/somebody/?export=csv")
        lines = b"".join(response.streaming_content).decode().splitlines()
    assert (len(lines), lines[-1]) == (1201, "P01199,,")


def test_saved_views_are_the_persons_own(
    as_bob: Client, as_alice: Client, bob: User, three: list[Person]
) -> None:
    page = as_bob.get("/somebody/?place=Quito&sort=-name").context["list"]
    assert page.can_save
    response = as_bob.post(
        "/somebody/?sort=-name&place=Quito&page=1", {"view_save": "  Quito\u200b  people "}
    )
    assert response.headers["Location"] == "/somebody/?place=Quito&sort=-name"
    view = SavedView.objects.get()
    assert (view.user, view.name, view.query) == (bob, "Quito people", "place=Quito&sort=-name")
    tabs = as_bob.get("/somebody/?place=Quito&sort=-name").context["list"].all_tabs
    assert [(str(tab.label), tab.is_current) for tab in tabs] == [
        ("All", False),
        ("Newest", False),
        ("Quito people", True),
    ]
    assert [str(tab.label) for tab in as_alice.get("/somebody/").context["list"].all_tabs] == [
        "All",
        "Newest",
    ]
    as_alice.post("/somebody/", {"view_remove": str(view.pk)})
    assert SavedView.objects.count() == 1
    as_bob.post("/somebody/", {"view_remove": str(view.pk)})
    assert SavedView.objects.count() == 0


def test_the_same_name_changes_a_view_and_no_name_is_refused(as_bob: Client, three: list[Person]) -> None:
    as_bob.post("/somebody/?place=Quito", {"view_save": "Mine"})
    as_bob.post("/somebody/?place=Oslo", {"view_save": "Mine"})
    as_bob.post("/somebody/?place=Oslo", {"view_save": " \u200b "})
    assert list(SavedView.objects.values_list("name", "query")) == [("Mine", "place=Oslo")]


def test_bulk_action(as_alice: Client, as_bob: Client, three: list[Person]) -> None:
    ana, bo, _celik = three
    both = {"bulk": "rename", "selected": [str(ana.pk), str(bo.pk), "x", "9" * 30]}
    assert as_bob.post("/somebody/", both).status_code == 403
    assert Person.objects.filter(pronouns="they").count() == 0
    response = as_alice.post("/somebody/?sort=-name", both, follow=True)
    assert "2 renamed" in response.content.decode()
    assert sorted(Person.objects.filter(pronouns="they").values_list("name", flat=True)) == ["Ana", "Bo"]


def test_bulk_action_that_cannot_be_done_says_why(as_alice: Client, three: list[Person]) -> None:
    fixed = PersonFactory(name="Fixed")
    page = as_alice.post("/somebody/", {"bulk": "rename", "selected": [str(fixed.pk)]}, follow=True)
    assert "Fixed cannot be renamed." in page.content.decode()
    page = as_alice.post("/somebody/", {"bulk": "rename"}, follow=True)
    assert "Select rows first." in page.content.decode()
    assert as_alice.post("/somebody/", {"bulk": "nonsense", "selected": "1"}).status_code == 400
    assert as_alice.post("/somebody/", {}).status_code == 400


def test_only_allowed_bulk_actions_are_offered(as_bob: Client, three: list[Person]) -> None:
    assert [action.key for action in as_bob.get("/somebody/").context["list"].bulk_allowed] == ["look"]


def test_htmx_gets_a_canonical_address(as_bob: Client, three: list[Person]) -> None:
    response = as_bob.get("/somebody/?q=&place=Quito&about=&archived=0", headers={"HX-Request": "true"})
    assert response["HX-Push-Url"] == "/somebody/?place=Quito"
