"""Notices as a person meets them: the bell, the list, the choices, and whom to mention, by the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from playwright.sync_api import expect

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.models import Note
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import PersonFactory

Open = Callable[..., Visit]


def tell(user: User, number: int) -> None:
    with transaction.atomic():
        for n in range(number):
            notify(
                users=[user],
                kind="home.assigned",
                area="people",
                title=f"Somebody gives you: a term that ends soon, with a title that has to wrap on a phone {n}",
                url="/help/",
                dedupe=f"n{n}",
                actor=None,
            )


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("address", ["/notices/", "/notices/preferences/"])
def test_page(visit: Open, alice: User, address: str, width: int, scheme: str) -> None:
    tell(alice, 3)
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(address)
    expect(page.locator(".bell-count")).to_contain_text("3")
    window.check()


def test_the_bell_leads_to_a_notice_and_on(visit: Open, alice: User) -> None:
    tell(alice, 1)
    page = visit(alice).go("/")
    page.get_by_role("link", name="Notices 1 unread").click()
    page.get_by_role("link", name="Somebody gives you").click()
    page.wait_for_url("**/help/")
    expect(page.locator(".bell-count")).to_be_hidden()
    assert not Notice.objects.get().is_unread


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_mentioning_by_the_keyboard(visit: Open, alice: User, bob: User, width: int) -> None:
    grant(user=bob, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    ana = PersonFactory(name="Ana")
    window = visit(alice, width=width)
    page = window.go(f"/people/{ana.pk}/")
    field = page.get_by_label("Note", exact=True)
    field.press_sequentially("Ask @")
    expect(page.get_by_role("option")).to_have_count(2)
    window.check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field.press_sequentially("mem")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field).to_have_value("Ask @bob ")
    field.press_sequentially("please")
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator(".mention")).to_have_text("@Bob Member")
    assert (Note.objects.get().body, Notice.objects.get().user) == ("Ask @bob please", bob)
    window.check()
