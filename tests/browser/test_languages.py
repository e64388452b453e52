"""Longer words and the other direction: pages in Spanish on a phone, and turned round for a language such as Arabic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings, settings

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import IdentityFactory, PersonFactory, RoleKindFactory, TermFactory
from tests.test_walk import BY_CONVERTER, STOPS

pytestmark = [pytest.mark.django_db(transaction=True)]
Open = Callable[..., Visit]
MADE_UP = tuple(str(value) for value in BY_CONVERTER.values())
#: What stands over something else: two things of the page, neither inside the other, that share more than a sliver.
OVERLAPS = """() => {
  const clipped = (e) => e && getComputedStyle(e).clipPath !== "none";
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !clipped(e.closest("thead"));
  const main = document.querySelector("main");
  const texts = [...main.querySelectorAll("a, button, label, h1, h2, h3, th, td, p, input, select")]
    .filter((e) => shown(e) && !e.closest(".visually-hidden, [aria-hidden=true], details:not([open]) > :not(summary)"));
  const boxes = texts.map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width > 2 && box.height > 2);
  const found = [];
  for (const [a, one] of boxes) {
    for (const [b, two] of boxes) {
      if (a === b || a.contains(b) || b.contains(a)) continue;
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (wide > 2 && high > 2) found.push(`${a.outerHTML.slice(0, 120)} | ${b.outerHTML.slice(0, 120)}`);
    }
  }
  return found;
}"""


@pytest.fixture
def world(alice: User) -> None:
    for name in ("Ana Lucía Pérez", "محمد علي", "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"):
        person = PersonFactory(name=name, location="Quito", joined_on=clock.today())
        IdentityFactory(person=person)
    TermFactory(person=person, role_kind=RoleKindFactory(name="Editor"), ended_on=clock.today())


def speaking(window: Visit, language: str) -> Visit:
    """The window of somebody who chose this language."""
    window.page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": window.base}]
    )
    return window


def pages() -> list[str]:
    """Addresses that name nothing in particular."""
    return sorted({stop.url for stop in STOPS if not any(made_up in stop.url for made_up in MADE_UP)})


@pytest.mark.slow
def test_every_page_in_spanish_fits_a_phone(visit: Open, alice: User, world: None) -> None:
    window = speaking(visit(alice, width=PHONE), "es")
    page, wide, seen = window.page, {}, 0
    for address in pages():
        answer = page.request.get(f"{window.base}{address}")
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        page.goto(f"{window.base}{address}")
        if page.locator("main").count() == 0:
            continue
        assert page.locator("html").get_attribute("lang") == "es", address
        seen += 1
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > PHONE:
            wide[address] = width
    assert seen > 30
    assert wide == {}


@pytest.mark.parametrize(("address", "width"), [("/", DESK), ("/people/", PHONE), ("/imports/new/", DESK)])
def test_main_pages_in_spanish(visit: Open, alice: User, world: None, address: str, width: int) -> None:
    window = speaking(visit(alice, width=width), "es")
    window.go(address)
    window.check()


@pytest.mark.parametrize(
    ("address", "width"), [("/people/", DESK), ("/accounts/profile/", PHONE), ("/", DESK), ("/", PHONE)]
)
def test_a_page_turned_round(
    visit: Open, alice: User, world: None, settings: LazySettings, address: str, width: int
) -> None:
    """Arabic has no catalogue of ours, so the words stay English (Django's own aside); the page turns all the same."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    window = speaking(visit(alice, width=width), "ar")
    page = window.go(address)
    assert page.locator("html").get_attribute("dir") == "rtl"
    title = page.locator("main h1").bounding_box()
    assert title is not None
    if width == DESK:
        areas = page.locator(".sidebar").bounding_box()
        assert areas is not None
        assert areas["x"] + areas["width"] == width
        assert title["x"] + title["width"] <= areas["x"]
    assert page.evaluate(OVERLAPS) == []
    window.check()
