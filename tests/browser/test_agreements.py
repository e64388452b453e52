"""Agreements as a person meets them: list, record page, forms, seats; a member's own page, the public list."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions import agreements, seats
from folkmoot.training.models import Agreement, ContactRole, Use
from folkmoot.training.seeds import load
from tests.browser.conftest import DESK, PHONE, Visit
from tests.training import agreeing

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


@pytest.fixture
def leeds(alice: User) -> Agreement:
    """A silver agreement of this year, with a seat taken, an extension and a contact who is alice herself."""
    load()
    today = clock.today()
    row = agreeing.agreement(
        alice,
        starts_on=today.replace(month=1, day=1),
        ends_on=today.replace(month=12, day=31),
        is_public=True,
        consortium="Universities of the North",
        parties=[agreeing.organization("York")],
    )
    held = agreeing.allowance(row, granted=1)
    agreeing.allowance(row, "credits", 40)
    event = agreeing.training(alice, starts_on=today, ends_on=today)
    seats.give_seat(task=agreeing.learner(event, "Lea Learner"), allowance=held, actor=alice)
    agreeing.learner(event, "Bo Beyond")
    agreements.extend(agreement=row, days=30, reason="The trainers were ill", actor=alice)
    person = agreeing.person("Ana Contact")
    person.user = alice
    person.save()
    role = ContactRole.objects.get(slug="main")
    agreements.add_contact(agreement=row, person=person, role=role, actor=alice)
    return row


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_agreements_everywhere(visit: Open, alice: User, leeds: Agreement, width: int, scheme: str) -> None:
    window = visit(alice, width=width, scheme=scheme)
    event = Use.objects.get().task.event  # type: ignore[union-attr]
    for number, address in enumerate(
        (
            "/training/agreements/",
            f"/training/agreements/{leeds.pk}/",
            f"/training/agreements/{leeds.pk}/edit/",
            f"/training/agreements/{leeds.pk}/renew/",
            f"/training/agreements/{leeds.pk}/uses/",
            f"/training/{event.pk}/people/",
            "/training/agreements/mine/",
            "/events/members/",
        )
    ):
        page = window.go(address)
        if folder := os.environ.get("FOLKMOOT_SHOTS"):
            page.screenshot(path=f"{folder}/{number}-{width}-{scheme}.png", full_page=True)
        window.check()


def test_a_seat_is_given_by_a_code(visit: Open, alice: User, leeds: Agreement) -> None:
    window = visit(alice)
    event = Use.objects.get().task.event  # type: ignore[union-attr]
    page = window.go(f"/training/{event.pk}/people/")
    page.get_by_role("link", name="Give a seat Bo Beyond").click()
    page.get_by_label("Code").fill("LEEDS-2027")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_text("Bo Beyond").first).to_be_visible()
    assert Use.objects.count() == 2  # by credits
