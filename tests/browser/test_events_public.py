"""Events as everybody sees them, on a desk and on a phone, light and dark, by the keyboard; a sprint's own pages."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.training.models import Contribution, Event, Session
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import ActivityFactory, EventFactory, EventKindFactory, ItemFactory, TaskFactory

Open = Callable[..., Visit]
TEXT = """## What it is about

Rivers, floods and packages. <div class="notice">Bring a laptop.</div>

| day | what |
|---|---|
| one | `pip install a-very-long-name-of-a-package-that-does-not-end-soon` |
"""


@pytest.fixture
def workshop() -> Event:
    """A workshop with words long enough to wrap on a phone, and beside it a cancelled one and one that is over."""
    event = EventFactory(
        title="Create your first package – an introduction to packaging for hydrologists",
        slug="create-your-first-package",
        summary="Two days on packages. " * 5,
        description=TEXT,
        starts_time=dt.time(9),
        ends_time=dt.time(16, 30),
        time_zone="Europe/Warsaw",
        venue="Library of the Institute",
        city="Kraków",
        country="PL",
        website="https://a-very-long-address.of.workshop.example/with/a/path/that/does/not/end/soon",
        accommodations="Captions, and no steps.",
    )
    Session.objects.create(
        event=event, title="Opening", uid="a", starts_at=event.starts_at, ends_at=event.ends_at
    )
    EventFactory(
        title="Cancelled", status="cancelled", status_reason="The roof leaks", announced_at=event.created_at
    )
    EventFactory(
        title="A sprint",
        slug="a-sprint",
        status="done",
        kind=EventKindFactory(slug="sprint", name="Sprint"),
        starts_on=dt.date(2026, 5, 1),
        ends_on=dt.date(2026, 5, 1),
    )
    return event


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_for_everybody(visit: Open, workshop: Event, width: int, scheme: str) -> None:
    everybody = visit(width=width, scheme=scheme)
    for address in ("/events/", "/events/?when=past", "/events/?kind=sprint", f"/events/{workshop.slug}/"):
        page = everybody.go(address)
        assert page.evaluate(PAINTED_AS) == scheme
        everybody.check()
    block = everybody.page.locator('script[type="application/ld+json"]').text_content()
    assert json.loads(block or "")["name"] == workshop.title


def test_one_event_is_found_by_the_keyboard(visit: Open, workshop: Event) -> None:
    everybody = visit(width=PHONE)
    page = everybody.go("/events/")
    page.get_by_role("link", name="Past").press("Enter")
    page.get_by_role("link", name="A sprint").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A sprint")
    page.get_by_role("link", name="Events", exact=True).press("Enter")
    page.get_by_label("Kind").select_option("Sprint")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_text("Nothing is planned just now")).to_be_visible()
    everybody.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_what_came_of_a_sprint(visit: Open, alice: User, workshop: Event, width: int, scheme: str) -> None:
    sprint = Event.objects.get(slug="a-sprint")
    TaskFactory(event=sprint)
    for number in range(3):
        item = ItemFactory(title=f"Fix a link {number}", state="open", url=f"https://example.org/{number}")
        ActivityFactory(kind="item.opened", item=item)
        Contribution.objects.create(event=sprint, item=item, source="sprints", event_word="s")
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(f"/training/{sprint.pk}/")
    expect(page.get_by_text("What was contributed")).to_be_visible()
    window.check()
    page.get_by_role("link", name="All contributions").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Contributions")
    window.check()
    window.go("/training/figures/rows/?metric=sprint_contributions&period=2026Q2")
    window.check()
