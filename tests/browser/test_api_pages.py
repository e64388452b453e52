"""Pages of API tokens, webhooks and the API's reference: axe, phone, dark; a token made by the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.api.webhooks.actions import add_webhook, pause_webhook, send_test
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import make_token
from folkmoot.kernel.tokens.models import ApiToken
from tests.browser.conftest import DESK, PHONE, Visit

Open = Callable[..., Visit]


@pytest.fixture
def house(alice: User, bob: User) -> User:
    make_token(owner=alice, name="Website build", scopes=["people:read", "projects:read"], actor=alice)
    make_token(owner=bob, name="Dashboard", scopes=["people:read"], days=None, actor=bob)
    row, _secret = add_webhook(
        name="Website build",
        address="https://build.example.org/hooks/folkmoot",
        events=["people.changed", "terms.changed", "activity.recorded"],
        actor=alice,
    )
    send_test(webhook=row)
    pause_webhook(webhook=row, why="They move their server", actor=alice)
    return alice


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_pages(visit: Open, house: User, width: int, scheme: str) -> None:
    window = visit(house, width=width, scheme=scheme)
    for address in (
        "/settings/tokens/",
        "/settings/tokens/all/",
        "/settings/tokens/new/",
        "/settings/webhooks/",
        "/settings/webhooks/new/",
    ):
        window.go(address)
        window.check()
    page = window.go("/settings/webhooks/")
    page.get_by_role("link", name="Website build").click()
    expect(page.get_by_role("heading", name="Website build")).to_be_visible()
    window.check()
    page = window.go("/api/v1/reference")
    page.locator("#list_people summary").click()
    expect(page.locator("#list_people table").first).to_be_visible()
    window.check()


def test_a_token_by_the_keyboard(visit: Open, alice: User) -> None:
    page = visit(alice, width=PHONE).go("/settings/tokens/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("Dashboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-token]")).to_contain_text("folkmoot_")
    assert ApiToken.objects.get().scopes == ["people:read"]
