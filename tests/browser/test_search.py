"""The palette and the search page, as a person meets them: keyboard, phone, dark, axe, a silent console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import PersonFactory

Open = Callable[..., Visit]


@pytest.fixture
def people(db: None) -> None:
    for name in ("Ana Lucía Quintanar", "Ana-Sofia de la Vega y Montemayor-Aldeanueva del Río Grande", "Bao"):
        PersonFactory(name=name)


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_palette_by_keyboard(visit: Open, alice: User, people: None, width: int, scheme: str) -> None:
    seen = visit(alice, width=width, scheme=scheme)
    page = seen.go("/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find people, packages, or a command")
    expect(box).to_be_focused()
    expect(page.locator("#palette-results a").first).to_be_visible()
    page.keyboard.type("ana")
    chosen = page.locator("#palette-results a[aria-selected=true]")
    expect(chosen).to_contain_text("Ana Lucía Quintanar")
    expect(page.locator("#palette-status")).to_contain_text("Records: 2.")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    seen.check()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Ana-Sofia")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_contain_text("Everything for “ana”")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("lucía quint")
    expect(chosen).to_contain_text("Ana Lucía Quintanar")
    expect(page.locator("#palette-results a")).to_have_count(2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana Lucía Quintanar")


def test_a_slash_in_a_field_is_a_slash(visit: Open, alice: User) -> None:
    page = visit(alice).go("/search/")
    page.locator("#search-text").click()
    page.keyboard.type("a/b")
    assert page.locator("#search-text").input_value() == "a/b"
    expect(page.locator("#palette")).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("address", ["/search/", "/search/?q=ana", "/search/?q=zzzz"])
def test_the_page(visit: Open, alice: User, people: None, address: str, width: int, scheme: str) -> None:
    seen = visit(alice, width=width, scheme=scheme)
    seen.go(address)
    seen.check()
