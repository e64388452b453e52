"""A workshop from the request for it to the mail that thanks for it; one that is cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from icalendar import Calendar
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Delivery
from folkmoot.training.actions import seats, tasks
from folkmoot.training.actions.events import announce
from folkmoot.training.exports.calendar import uid_of
from folkmoot.training.models import Event, Registration, Request, Status, Task, TaskKind
from folkmoot.training.queries.allowances import balance
from folkmoot.training.settling import settle
from tests.browser import journeys
from tests.browser.conftest import PHONE, Visit
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory
from tests.training import agreeing
from tests.training.test_registering import registered

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


def test_a_workshop_from_the_request_to_the_thanks(visit: Open, alice: User) -> None:
    journeys.begin("training.after-workshop")
    OrganizationFactory(name="Harbour University")
    IdentityFactory(system="email", value="ina@example.org", person=PersonFactory(name="Ina Teaches"))
    day = clock.today() + dt.timedelta(days=60)

    # Somebody asks for it, on a phone; at first with the days the wrong way round.
    asks = visit(width=PHONE)
    page = asks.go("/events/requests/workshop/")
    page.get_by_label("Your name").fill("Hal Hosts")
    page.get_by_label("Your e-mail address").fill("hal@example.org")
    page.get_by_label("Which organisation asks?").fill("Harbour University")
    page.get_by_label("What should it be called?").fill("Packaging by the harbour")
    page.get_by_role("radio", name="In person").check()
    page.get_by_label("Town").fill("Leeds")
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("First day").fill(day.isoformat())
    page.get_by_label("Last day").fill((day - dt.timedelta(days=1)).isoformat())
    page.get_by_label("In which languages?").fill("en")
    page.get_by_label("Who will come?").fill("Hydrologists")
    page.get_by_label("How many will come?").fill("1")
    page.get_by_role("radio", name="Everybody").check()
    for agreed in ("We will follow", "We will provide", "You may keep"):
        page.get_by_role("checkbox", name=agreed).check()
    journeys.slowly(page)
    journeys.press(page, "Send")
    journeys.refused(asks, "The last day is before the first.")
    page.get_by_label("Last day").fill((day + dt.timedelta(days=1)).isoformat())
    journeys.slowly(page)
    journeys.press(page, "Send")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    own_page = journeys.link_in_mail("training.request_prove", "hal@example.org")
    page = asks.go(own_page)
    journeys.press(page, "Confirm")

    # It is accepted into an event, filled in from the answers.
    desk = visit(alice)
    page = desk.go("/training/requests/")
    page.get_by_role("link", name="Hal Hosts").first.click()
    journeys.press(page, "Make a record")
    page.get_by_role("link", name="Accept, and plan the event").click()
    expect(page.get_by_label("Title")).to_have_value("Packaging by the harbour")
    expect(page.get_by_label("First day")).to_have_value(day.isoformat())
    expect(page.get_by_label("Host", exact=False).first).to_be_visible()
    page.get_by_label("Last day").fill((day - dt.timedelta(days=1)).isoformat())
    page.get_by_label("Signing up (optional)", exact=True).select_option("here")
    journeys.press(page, "Accept, and plan it")
    journeys.refused(desk, "choose a later last day, or an earlier first one")
    page.get_by_label("Last day").fill((day + dt.timedelta(days=1)).isoformat())
    journeys.press(page, "Accept, and plan it")
    journeys.heard(page, "is planned, and the request accepted")
    event = Event.objects.get()
    assert page.url.endswith(f"/training/{event.pk}/")

    # Somebody teaches; announced, it has a page of its own.
    page = desk.go(f"/training/{event.pk}/people/new/")
    page.get_by_label("Person").fill("Ina Teach")
    page.get_by_label("Part", exact=True).select_option(label="Instructor")
    journeys.press(page, "Add")
    journeys.refused(desk, "Ina Teach")
    page.get_by_label("Person").fill("Ina Teaches")
    journeys.press(page, "Add")
    page = desk.go(f"/training/{event.pk}/")
    journeys.press(page, "Announce")
    journeys.heard(page, "is announced")
    page = asks.go(own_page)
    page.get_by_role("link", name="Packaging by the harbour").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Packaging by the harbour")

    # The only place is taken, and given back to whoever waits.
    for name in ("Lea Learns", "Max Waits"):
        page = asks.go(f"/events/{event.slug}/register/")
        page.get_by_label("Your name").fill(name)
        email = f"{name.split()[0].lower()}@example.org"
        page.get_by_label("Your e-mail address").fill(email)
        journeys.slowly(page)
        journeys.press(page, "Register" if name == "Lea Learns" else "Join the waiting list")
        page = asks.go(journeys.link_in_mail("training.prove", email))
        journeys.press(page, "Confirm")
    expect(page.get_by_text("You are on the waiting list")).to_be_visible()
    page = asks.go(journeys.link_in_mail("training.prove", "lea@example.org"))
    journeys.press(page, "Give my place back")
    assert dict(Registration.objects.values_list("name", "state")) == {
        "Lea Learns": "cancelled",
        "Max Waits": "confirmed",
    }

    # It takes place; a week later those who made it possible are thanked, once.
    journeys.work()
    page = desk.go(f"/training/{event.pk}/")
    expect(page.get_by_role("link", name="A week after a workshop")).to_be_visible()
    assert desk.said == asks.said == []
    with time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC) + dt.timedelta(days=2)):
        settle(None)
        journeys.work()
        desk = visit(alice)  # nobody stays signed in so long
        page = desk.go(f"/training/{event.pk}/people/")
        page.get_by_role("checkbox", name="Select Max Waits").check()
        journeys.press(page, "Were there")
        assert journeys.mails("rule.") == []
    with time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC) + dt.timedelta(days=8)):
        journeys.work()
        journeys.work()
    assert desk.said == []
    event.refresh_from_db()
    (request,) = Request.objects.all()
    assert (event.status, request.state, request.event) == (Status.DONE, "accepted", event)
    assert set(Task.objects.values_list("person__name", "kind__slug", "state", "attended")) == {
        ("Hal Hosts", "host", "confirmed", None),
        ("Ina Teaches", "instructor", "confirmed", None),
        ("Lea Learns", "learner", "withdrawn", None),
        ("Max Waits", "learner", "confirmed", True),
    }
    assert journeys.mails("rule.") == [("rule.training.event", "hal@example.org")]
    thanks = Delivery.objects.get(kind="rule.training.event")
    assert (thanks.title, thanks.payload["more_to"]) == (
        "Thank you for Packaging by the harbour",
        [["Ina Teaches", "ina@example.org"]],
    )


def test_a_training_that_is_cancelled(visit: Open, alice: User) -> None:
    """Whoever teaches, has a place or waits for one is told once, calendars take it out, the seat is given back."""
    journeys.begin("training.instructor-training-approaching")
    day = clock.today() + dt.timedelta(days=60)
    event = agreeing.training(
        alice,
        title="Training by the sea",
        starts_on=day,
        ends_on=day,
        capacity=2,
        registration_by="here",
        contact="moot@example.org",
    )
    announce(event=event, actor=alice)
    for name, slug in (("Ina", "instructor"), ("Ivo", "instructor"), ("Lea", "learner")):
        person = PersonFactory(name=name)
        IdentityFactory(system="email", value=f"{name.lower()}@example.org", person=person)
        task = tasks.add_task(event=event, person=person, kind=TaskKind.objects.get(slug=slug), actor=alice)
    held = journeys.one_seat(alice)
    seats.give_seat(task=task, allowance=held, actor=alice)
    for name in ("Max", "Nia"):
        registered(event, name)
    journeys.work()
    Delivery.objects.all().delete()
    desk = visit(alice)
    page = desk.go(f"/training/agreements/{held.agreement_id}/")
    expect(page.get_by_text("0 of 1 left").first).to_be_visible()
    page = desk.go(f"/training/{event.pk}/")
    expect(page.get_by_role("link", name="An instructor training comes near")).to_be_visible()

    page = desk.go(f"/training/{event.pk}/cancel/")
    page.get_by_label("Why").evaluate("field => field.required = false")
    journeys.press(page, "Cancel the event")
    journeys.refused(desk, "This field is required.")
    page.get_by_label("Why").fill("The house by the sea is flooded")
    journeys.press(page, "Cancel the event")
    journeys.heard(page, "is cancelled")
    assert page.url.endswith(f"/training/{event.pk}/")
    journeys.work()
    journeys.work()
    told = Delivery.objects.filter(kind="training.event_cancelled").order_by("recipient")
    everybody = [f"{name}@example.org" for name in ("ina", "ivo", "lea", "max", "nia")]
    assert [one.recipient for one in told] == everybody
    assert Delivery.objects.count() == 5
    for one in told:
        assert "The house by the sea is flooded" in one.payload["text"]
        (file,) = one.attachments.all()
        calendar = Calendar.from_ical(bytes(file.content))
        (entry,) = calendar.walk("VEVENT")
        assert (calendar["METHOD"], entry["STATUS"], entry["UID"]) == ("CANCEL", "CANCELLED", uid_of(event))
    assert balance(held).left == 1
    page = desk.go(f"/training/agreements/{held.agreement_id}/")
    expect(page.get_by_text("1 of 1 left")).to_be_visible()
    expect(page.get_by_text("given back").first).to_be_visible()
    page = desk.go(f"/training/people/{task.pk}/seat/")
    journeys.press(page, "Give")
    journeys.refused(desk, "Training by the sea is cancelled: take that back first.")
    anybody = visit(width=PHONE)
    page = anybody.go(f"/events/{event.slug}/")
    expect(page.get_by_text("The house by the sea is flooded")).to_be_visible()
    with time_machine.travel(clock.now() + dt.timedelta(days=31)):
        journeys.work()
    assert journeys.mails("rule.") == []
    assert desk.said == anybody.said == []
