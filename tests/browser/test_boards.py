"""Boards and the calendar, as a person meets them: mouse, keyboard, phone, dark, undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.models import Person, Term
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import PersonFactory, RoleKindFactory, TermFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.browser.ui_urls")]
Open = Callable[..., Visit]


@pytest.fixture
def people(db: None) -> None:
    for name, place in (("Ana", "Quito"), ("Tunde Okafor", "Quito"), ("Fixed", "Lagos")):
        PersonFactory(name=name, location=place)


@pytest.fixture
def term(db: None) -> Term:
    """Ends on the 15th of this month: days stand on all its sides."""
    return TermFactory(
        role_kind=RoleKindFactory(name="Editor"),
        person=PersonFactory(name="Ana Lucía Quintanar-Featherstonehaugh"),
        ended_on=clock.today().replace(day=15),
    )


def lane(page: Page, name: str) -> Locator:
    return page.locator(f"[data-drop='{name}']")


def said(page: Page) -> str:
    return str(page.locator("[data-move-status]").text_content())


def where(name: str) -> str:
    return Person.objects.get(name=name).location


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_board_everywhere(visit: Open, alice: User, people: None, width: int, scheme: str) -> None:
    window = visit(alice, width=width, scheme=scheme)
    window.go("/board/")
    window.check()


@pytest.mark.parametrize(
    ("span", "width", "scheme"),
    [
        ("month", DESK, "light"),
        ("month", PHONE, "dark"),
        ("week", DESK, "dark"),
        ("list", PHONE, "light"),
    ],
)
def test_the_calendar_everywhere(
    visit: Open, alice: User, term: Term, width: int, scheme: str, span: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(f"/calendar/?span={span}&day={term.ended_on}")
    expect(page.get_by_role("link", name="Ana Lucía")).to_be_visible()
    window.check()


def test_a_card_is_moved_with_the_keyboard(visit: Open, alice: User, people: None) -> None:
    window = visit(alice)
    page = window.go("/board/?q=tunde")
    handle = page.get_by_role("button", name="Move Tunde Okafor", exact=True)
    handle.focus()
    page.keyboard.press("Space")
    expect(handle).to_have_attribute("aria-pressed", "true")
    assert said(page).startswith("Tunde Okafor is picked up from Quito.")
    page.keyboard.press("ArrowLeft")
    assert said(page) == "There is nothing further that way."
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert said(page) == "Oslo. 3 of 3."
    expect(handle).to_be_focused()
    window.check()
    page.keyboard.press("Escape")
    assert said(page) == "Tunde Okafor is back in Quito."
    expect(lane(page, "Quito")).to_contain_text("Tunde")
    expect(handle).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Tunde Okafor is in Lagos.")).to_be_visible()
    expect(lane(page, "Lagos")).to_contain_text("Tunde")
    expect(page.get_by_role("button", name="Move Tunde Okafor", exact=True)).to_be_focused()
    assert (where("Tunde Okafor"), page.url.endswith("/board/?q=tunde")) == ("Lagos", True)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(lane(page, "Quito")).to_contain_text("Tunde")
    assert where("Tunde Okafor") == "Quito"
    assert window.said == []


def test_a_card_goes_where_it_may(visit: Open, alice: User, people: None) -> None:
    page = visit(alice).go("/board/")
    assert page.get_by_role("button", name="Move Fixed").count() == 0
    page.get_by_role("button", name="Move Ana", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert said(page) == "Lagos. 2 of 2."
    page.keyboard.press("Tab")
    expect(lane(page, "Quito")).to_contain_text("Ana")
    lane(page, "Quito").locator("li", has_text="Ana").drag_to(lane(page, "Oslo"))
    expect(lane(page, "Quito")).to_contain_text("Ana")
    assert where("Ana") == "Quito"


def test_a_card_is_dragged_with_the_mouse(visit: Open, alice: User, people: None) -> None:
    window = visit(alice)
    page = window.go("/board/")
    with page.expect_navigation():
        lane(page, "Quito").locator("li", has_text="Tunde").drag_to(lane(page, "Oslo"))
    expect(lane(page, "Oslo")).to_contain_text("Tunde")
    assert where("Tunde Okafor") == "Oslo"
    assert window.said == []


def test_a_board_narrows_while_typing(visit: Open, alice: User, people: None) -> None:
    page = visit(alice).go("/board/")
    page.get_by_role("searchbox", name="Search in this list").press_sequentially("tun")
    expect(page.locator("#list .list-count")).to_have_text("1 card")
    expect(page.get_by_role("link", name="List", exact=True)).to_have_attribute("href", "/somebody/?q=tun")
    with page.expect_navigation():
        lane(page, "Quito").locator("li", has_text="Tunde").drag_to(lane(page, "Lagos"))
    assert where("Tunde Okafor") == "Lagos"


def test_an_entry_is_moved_with_the_keyboard(visit: Open, alice: User, term: Term) -> None:
    window = visit(alice)
    page = window.go("/calendar/")
    handle = page.get_by_role("button", name=f"Move {term}", exact=True)
    handle.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(lane(page, clock.today().replace(day=23).isoformat())).to_contain_text("Ana")
    assert said(page).startswith(f"{clock.today().replace(day=23):%A 23 %B %Y}.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("goes on as Editor until 23")).to_be_visible()
    term.refresh_from_db()
    assert term.ended_on == clock.today().replace(day=23)
    window.check()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(lane(page, clock.today().replace(day=15).isoformat())).to_contain_text("Ana")
    assert window.said == []


def test_an_entry_is_moved_on_a_phone(visit: Open, alice: User, term: Term) -> None:
    window = visit(alice, width=PHONE)
    page = window.go("/calendar/")
    assert page.get_by_role("button", name="Move Ana").count() == 0
    page.get_by_label(f"Move {term} to…").click()
    window.check()
    assert term.ended_on
    page.get_by_label("Move to", exact=True).fill((term.ended_on + dt.timedelta(days=2)).isoformat())
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("goes on as Editor until 17")).to_be_visible()
    term.refresh_from_db()
    assert term.ended_on == clock.today().replace(day=17)
