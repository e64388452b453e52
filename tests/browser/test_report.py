"""The community report in Chromium: looks, keyboard, phone, dark, a shared link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.periods import Period
from folkmoot.reports import actions, scopes
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import IdentityFactory, PersonFactory
from tests.ledger.worlds import opened
from tests.publishing.planning import make_channel
from tests.publishing.published import make_published

pytestmark = [pytest.mark.django_db(transaction=True)]
PAGE = "/reports/community/?period=2026Q2"


@pytest.fixture
def world(alice: User) -> None:
    """A quarter with long and foreign names in it, and a note."""
    for name in ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley", "محمد علي", "王小明"):
        opened(
            IdentityFactory(person=PersonFactory(name=name)),
            "2025-06-01",
            "2026-02-01",
            "2026-05-01",
            "2026-06-02",
        )
    actions.write_note(
        report="community",
        section="ledger.contributions",
        period=Period.parse("2026Q2"),
        body="July's rise is **one drive**: https://example.org/" + "very-long-" * 20,
        actor=alice,
    )


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_report_everywhere(
    visit: Callable[..., Visit], alice: User, world: None, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(PAGE)
    page.wait_for_selector(".chart-picture svg, .chart-picture canvas")
    assert page.locator(".chart-picture svg, .chart-picture canvas").count() == 3
    window.check()


def test_tables_of_five_columns_fit_a_phone(visit: Callable[..., Visit], alice: User) -> None:
    """Long names of channels and heads of columns break; nothing runs over."""
    for name in ("The community on Mastodon", "Announcements"):
        channel = make_channel(name)
        make_published(channel, dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC), "News", likes=1200, views=123456)
    window = visit(alice, width=PHONE, scheme="dark")
    page = window.go("/reports/publishing/?period=2026Q2")
    row = page.get_by_role("row", name="The community on Mastodon").first
    assert row.get_by_role("cell").last.inner_text() == "123,456"
    window.check()


def test_a_period_is_chosen_with_the_keyboard(visit: Callable[..., Visit], alice: User, world: None) -> None:
    page = visit(alice).go(PAGE)
    page.locator(".report-picker > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/community/?period=2026Q1")
    assert page.locator("h1").inner_text() == "Community report"


def test_a_note_is_edited_in_place(visit: Callable[..., Visit], alice: User, world: None) -> None:
    window = visit(alice)
    page = window.go(PAGE)
    page.get_by_role("link", name="Edit").first.click()
    field = page.locator("main").get_by_role("textbox", name="Note")
    field.wait_for()
    assert field.input_value().startswith("July's rise")
    window.check()
    field.fill("Told **anew**.")
    page.get_by_role("button", name="Keep note").click()
    page.wait_for_url("**/reports/community/?period=2026Q2")
    assert page.locator(".report-note-body").inner_text() == "Told anew."


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_shared_link(visit: Callable[..., Visit], alice: User, world: None, width: int) -> None:
    _share, secret = actions.share(
        report="community",
        scope=scopes.parse({"period": "2026Q2"}),
        recipient="Council",
        days=30,
        actor=alice,
    )
    window = visit(width=width)
    page = window.go(f"/reports/shared/{secret}/")
    page.wait_for_selector(".chart-picture svg, .chart-picture canvas")
    window.check()


@pytest.mark.parametrize(
    ("address", "width"),
    [
        ("/reports/definitions/", PHONE),
        ("/reports/shares/", PHONE),
        ("/reports/community/share/", DESK),
    ],
)
def test_the_other_pages(
    visit: Callable[..., Visit], alice: User, world: None, address: str, width: int
) -> None:
    window = visit(alice, width=width)
    window.go(address)
    window.check()
