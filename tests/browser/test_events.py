"""Events as a person meets them: list, record page, forms, who was there; on a desk, a phone, in the dark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions.events import save_event
from folkmoot.training.actions.pieces import save_link, save_session
from folkmoot.training.models import Event, EventKind, Status, Task
from folkmoot.training.seeds import load
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import PersonFactory, TaskFactory
from tests.training.conftest import part

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


@pytest.fixture
def event(alice: User) -> Event:
    """A planned workshop with people, a session and a link."""
    load()
    row = save_event(
        values={
            "title": "Packaging for people who measure rivers",
            "kind": EventKind.objects.get(slug="workshop"),
            "starts_on": dt.date(2027, 3, 1),
            "starts_time": dt.time(9),
            "ends_time": dt.time(16, 30),
            "time_zone": "Europe/London",
            "city": "Leeds",
            "country": "GB",
            "capacity": 20,
            "website": "https://example.org/workshop",
            "description": "# What\n\nTwo days.",
        },
        actor=alice,
    )
    for slug in ("instructor", "helper", "learner"):
        TaskFactory(event=row, kind=part(slug), person=PersonFactory(name=f"Ana {slug.title()}"))
    save_session(event=row, actor=alice, title="Opening", room="Great hall")
    save_link(event=row, actor=alice, kind="materials", url="https://example.org/materials")
    return row


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_events_everywhere(visit: Open, alice: User, event: Event, width: int, scheme: str) -> None:
    window = visit(alice, width=width, scheme=scheme)
    for address in (
        "/training/",
        f"/training/{event.pk}/",
        f"/training/{event.pk}/edit/",
        f"/training/{event.pk}/people/",
        f"/training/{event.pk}/people/new/",
        f"/training/people/{Task.objects.earliest('pk').pk}/",
        f"/training/{event.pk}/cancel/",
        "/training/settings/kinds/",
    ):
        window.go(address)
        window.check()


def test_it_is_announced_and_taken_back(visit: Open, alice: User, event: Event) -> None:
    window = visit(alice)
    page = window.go(f"/training/{event.pk}/")
    page.get_by_role("button", name="Announce", exact=True).click()
    expect(page.locator(".toast, [role=status]").filter(has_text="is announced").first).to_be_visible()
    event.refresh_from_db()
    assert event.status == Status.ANNOUNCED
    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state("networkidle")
    event.refresh_from_db()
    assert event.status == Status.PLANNED
    assert window.said == []
