"""Two instructors are recruited, one of them with a clash; openings and the finder on a desk, a phone, in the dark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.people.models import Person
from folkmoot.training.actions.events import announce, save_event
from folkmoot.training.actions.openings import save_profile
from folkmoot.training.actions.signing_up import sign_up
from folkmoot.training.models import Event, EventKind, Opening, SignUp, Task
from folkmoot.training.seeds import load
from tests.browser import journeys
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import EventFactory, TaskFactory, UserFactory
from tests.training.conftest import part
from tests.training.recruiting import candidate, consent, seek

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


@pytest.fixture
def event(alice: User) -> Event:
    """An announced workshop far ahead."""
    load()
    row = save_event(
        values={
            "title": "Packaging for people who measure rivers",
            "kind": EventKind.objects.get(slug="workshop"),
            "starts_on": dt.date(2031, 3, 3),
            "ends_on": dt.date(2031, 3, 4),
            "city": "Leeds",
            "country": "GB",
            "latitude": 53.8,
            "longitude": -1.55,
        },
        actor=alice,
    )
    return announce(event=row, actor=alice)


@pytest.fixture
def ana(event: Event) -> Person:
    """Somebody with an account who may be asked, and is in a sprint on the second day."""
    person = candidate("Ana Teaches", user=UserFactory(name="Ana Teaches"))
    save_profile(person=person, values={"place": "WLG", "languages": ["en"]}, actor=None)
    sprint = EventFactory(title="Sprint in Porto", starts_on=dt.date(2031, 3, 4), ends_on=dt.date(2031, 3, 5))
    TaskFactory(event=sprint, person=person, kind=part("helper"))
    return person


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_openings_everywhere(
    visit: Open, alice: User, event: Event, ana: Person, width: int, scheme: str
) -> None:
    row = seek(event, alice, instructor=2, helper=1)
    wish = sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice, even_so=True)
    window = visit(alice, width=width, scheme=scheme)
    for address in (
        "/training/openings/",
        f"/training/openings/{row.pk}/",
        f"/training/openings/{row.pk}/edit/",
        f"/training/openings/{row.pk}/sign-ups/new/",
        f"/training/sign-ups/{wish.pk}/",
        "/training/openings/limits/",
        "/training/finder/?near=LBA",
        "/training/finder/?near=Heidelberg",
    ):
        window.go(address)
        window.check()
    assert ana.user
    window = visit(ana.user, width=width, scheme=scheme)
    for address in (
        "/training/mine/openings/",
        f"/training/mine/openings/{row.pk}/",
        "/training/mine/sign-ups/",
        "/training/mine/place/",
    ):
        window.go(address)
        window.check()


def test_two_instructors_with_a_clash(visit: Open, alice: User, event: Event, ana: Person) -> None:
    ben = candidate("Ben Helps")
    desk = visit(alice)
    page = desk.go(f"/training/{event.pk}/opening/new/")
    # At first for nobody at all.
    journeys.press(page, "Seek them")
    journeys.refused(desk, "Say whom you seek: at least one person for one part.")
    page.get_by_role("spinbutton", name="Instructor: how many (optional)", exact=True).fill("2")
    page.get_by_role("button", name="Seek them").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Packaging for people who measure rivers")
    opening = Opening.objects.get()

    assert ana.user
    phone = visit(ana.user, width=PHONE)
    page = phone.go("/training/mine/openings/")
    page.get_by_role("link", name="Packaging for people who measure rivers").first.click()
    expect(page.get_by_text("Sprint in Porto")).to_be_visible()
    expect(page.get_by_text("at the same time")).to_be_visible()
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_role("cell", name="waits for an answer")).to_be_visible()
    assert phone.said == []

    page = desk.go("/training/finder/?q=Ben")
    page.get_by_role("row").nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Put forward for an opening").click()
    page.get_by_label("For", exact=True).select_option(index=1)
    page.get_by_role("button", name="Put them forward").click()
    page.wait_for_url(f"**/training/openings/{opening.pk}/")
    assert set(SignUp.objects.values_list("person__name", "state")) == {
        ("Ana Teaches", "pending"),
        ("Ben Helps", "pending"),
    }

    # Nobody is called so; and somebody does not want to be asked any more.
    cara = candidate("Cara Gone")
    consent(cara, given=False)
    page = desk.go(f"/training/openings/{opening.pk}/sign-ups/new/")
    for name, told in (
        ("Cara Gon", "Cara Gon"),
        ("Cara Gone", "Cara Gone has not agreed to be contacted, or withdrew that."),
    ):
        page.get_by_label("Person").fill(name)
        page.get_by_label("Part", exact=True).select_option(label="Instructor")
        journeys.press(page, "Put them forward")
        journeys.refused(desk, told)
    assert SignUp.objects.count() == 2

    candidate("Dan Late")
    late = visit(alice)
    late.go(f"/training/openings/{opening.pk}/sign-ups/new/").get_by_label("Person").fill("Dan Late")
    late.page.get_by_label("Part", exact=True).select_option(label="Instructor")

    for person, button in ((ben, "Accept"), (ana, "Accept even so")):
        wish = SignUp.objects.get(person=person)
        page = desk.go(f"/training/sign-ups/{wish.pk}/")
        page.get_by_role("button", name=button, exact=True).click()
        if person == ana:
            page.get_by_role("dialog").get_by_role("button", name="Accept even so").click()
        expect(page.locator(".toast, [role=status]").filter(has_text="takes part in").first).to_be_visible()
    opening.refresh_from_db()
    assert opening.closed_because == "filled"
    assert set(Task.objects.filter(event=event).values_list("person__name", flat=True)) == {
        "Ana Teaches",
        "Ben Helps",
    }
    # In a window that was open all the while, a third one: it is closed, and how it is opened again is said.
    journeys.press(late.page, "Put them forward")
    journeys.refused(
        late, "Nobody is sought for Packaging for people who measure rivers any more. Open it again first."
    )
    assert SignUp.objects.count() == 2
    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state("networkidle")
    opening.refresh_from_db()
    assert (opening.state, Task.objects.filter(event=event).count()) == ("open", 1)
    assert desk.said == []
