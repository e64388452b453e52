"""Asking for something, and deciding about it: on a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.guarded import FASTEST
from folkmoot.outbox.models import Channel
from folkmoot.training.actions import asking
from folkmoot.training.models import Request, RequestForm
from folkmoot.training.seeds import load
from folkmoot.training.seeds.requests import load_forms
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import EventFactory

Open = Callable[..., Visit]


@pytest.fixture
def forms(alice: User) -> None:
    """The forms that come along; mail can leave."""
    load()
    load_forms()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )


def applied(name: str) -> Request:
    row = asking.send(
        form=RequestForm.objects.get(slug="training"),
        values={
            "name": name,
            "email": "ada@example.org",
            "answers": {"organisation": "Harbour University", "country": "KE", "reason": "I like to teach."},
        },
    )
    return asking.prove(request=row)


def test_somebody_asks_for_a_workshop(visit: Open, forms: None) -> None:
    """A field that hangs on another one comes and goes; a draft goes on; the mail's link confirms."""
    everybody = visit(width=PHONE)
    page = everybody.go("/events/requests/workshop/")
    everybody.check()
    page.get_by_label("Your name").fill("Ben Example")
    page.get_by_label("Which organisation asks?").fill("Harbour University")
    expect(page.get_by_label("Town")).to_be_hidden()
    page.get_by_role("radio", name="In person").check()
    page.get_by_label("Town").fill("Leeds")
    page.get_by_role("button", name="Keep as a draft").press("Enter")
    expect(page.get_by_text("Your draft is kept", exact=True)).to_be_visible()
    everybody.check()
    expect(page.get_by_label("Town")).to_have_value("Leeds")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Something needs mending first")).to_be_visible()
    everybody.said.clear()  # Chromium tells of the answer 422 itself
    everybody.check()
    page = everybody.go("/events/requests/inquiry/")
    page.get_by_label("Your name").fill("Ben Example")
    page.get_by_label("Your e-mail address").fill("ben@example.org")
    page.get_by_label("What would you like to know?").fill("How much?")
    page.get_by_role("checkbox", name="You may keep").check()
    page.wait_for_timeout(FASTEST.total_seconds() * 1000 + 300)
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    everybody.check()
    row = Request.objects.get(name="Ben Example", state="unproven")
    page = everybody.go(f"/events/asked/{asking.token_of(row)}/")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("It has arrived")).to_be_visible()
    everybody.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_look_right(visit: Open, forms: None, alice: User, width: int, scheme: str) -> None:
    row, twin = applied("Ada Example"), applied("Ada Example")
    event = EventFactory(kind=row.form.kind, title="Instructor training in spring")
    staff = visit(alice, width=width, scheme=scheme)
    form = RequestForm.objects.get(slug="training")
    asks = RequestForm.objects.get(slug="workshop")
    pages = {
        "list": "/training/requests/",
        "request": f"/training/requests/{row.pk}/",
        "correct": f"/training/requests/{row.pk}/correct/",
        "merge": f"/training/requests/{row.pk}/merge/?other={twin.pk}",
        "forms": "/training/requests/forms/",
        "form": f"/training/requests/forms/{form.pk}/",
        "field": f"/training/requests/forms/{form.pk}/fields/new/",
        "preview": f"/training/requests/forms/{form.pk}/preview/",
        "preview with questions that depend on others": f"/training/requests/forms/{asks.pk}/preview/",
        "rules": f"/training/requests/forms/{form.pk}/rules/",
        "public": "/events/requests/",
    }
    for name, at in pages.items():
        page = staff.go(at)
        staff.check()
        picture(page, f"{name}-{width}")
    page = staff.go(f"/training/requests/{row.pk}/match/")
    page.get_by_label("Training", exact=True).select_option(str(event.pk))
    page.get_by_label("Seats").select_option("none")
    page.get_by_role("button", name="Show what will happen").press("Enter")
    expect(page.get_by_text("gets a place")).to_be_visible()
    staff.check()
    picture(page, f"match-{width}")
    page.get_by_role("button", name="Give 1 place").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Example")
    row.refresh_from_db()
    assert row.state == "accepted"
    assert page.evaluate(PAINTED_AS) == scheme


def picture(page: object, name: str) -> None:
    """Keeps a picture where somebody wants to look at it."""
    folder = os.environ.get("FOLKMOOT_LOOK")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)  # type: ignore[attr-defined]
