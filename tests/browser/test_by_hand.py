"""A post by hand as a person meets it: the text copied, the address pasted, by the keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from folkmoot.connectors.posts import Content
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Delivery, State
from tests.browser.conftest import DESK, PHONE, Visit
from tests.connectors.house import make_channel, picture

Open = Callable[..., Visit]
TEXT = "We meet in Lyon, **all** of us: https://example.org/a-rather-long-address/that-has-to-wrap-on-a-phone"


@pytest.fixture
def waiting(transactional_db: None, settings: Any, tmp_path: Path) -> Delivery:
    """A post that waits for a person now."""
    settings.MEDIA_ROOT = tmp_path
    channel = make_channel("manual", {"place": "linkedin"}, {})
    delivery = actions.queue(
        channel=channel,
        kind="test",
        area="people",
        title="A moot in Lyon",
        payload=Content(TEXT, media=(picture("Three tents by a lake"),)).as_payload(),
        asked_by=None,
    )
    loop.turn()
    delivery.refresh_from_db()
    assert delivery.state == State.NEEDS_PERSON
    return delivery


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_page(visit: Open, alice: User, waiting: Delivery, width: int, scheme: str) -> None:
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(f"/outbox/{waiting.pk}/")
    expect(page.get_by_text("Please post it now")).to_be_visible()
    window.check()


def test_copied_and_posted_by_the_keyboard(visit: Open, alice: User, waiting: Delivery) -> None:
    page = visit(alice).go(f"/outbox/{waiting.pk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == TEXT.replace("**", "")
    page.get_by_label("Its address").focus()
    page.keyboard.type("https://www.linkedin.com/posts/1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted, thank you.")).to_be_visible()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.remote_url) == (State.SENT, "https://www.linkedin.com/posts/1")


def test_without_a_clipboard_the_text_is_selected(visit: Open, alice: User, waiting: Delivery) -> None:
    page = visit(alice).go(f"/outbox/{waiting.pk}/")
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy the text").click()
    assert page.evaluate("() => String(window.getSelection())") == TEXT.replace("**", "")
