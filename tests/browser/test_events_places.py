"""Registering, one's own page, certificates and the pages of those who run an event: on a desk and on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.guarded import FASTEST
from folkmoot.outbox.models import Channel
from folkmoot.training.actions import certificates, events, place_letters, registering
from folkmoot.training.actions.questions import save_question
from folkmoot.training.models import Event, EventKind, Question, Registration, Task
from folkmoot.training.seeds import load
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import EventFactory, TaskFactory

Open = Callable[..., Visit]


@pytest.fixture
def workshop(alice: User) -> Event:
    """A workshop in thirty days with one place, which is taken, and questions of every kind."""
    load()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    day = clock.today() + dt.timedelta(days=30)
    event = EventFactory(
        title="Create your first package – an introduction to packaging for hydrologists",
        slug="first-package",
        kind=EventKind.objects.get(slug="workshop"),
        announced_at=clock.now(),
        starts_on=day,
        ends_on=day,
        registration_by="here",
        registration_note="Bring a *laptop*.",
        capacity=1,
        contact="workshops@example.org",
        accommodations="Captions, and no steps.",
    )
    for kind in Question.Kind:
        choices = ["a", "b", "c"] if kind in (Question.Kind.ONE, Question.Kind.SOME) else []
        save_question(
            event=event,
            values={"text": f"A question answered by {kind.label}?", "kind": kind, "choices": choices},
            actor=alice,
        )
    taken = registering.register(event=event, values={"name": "Ada Example", "email": "ada@example.org"})
    registering.prove(registration=taken)
    return event


def own_page(row: Registration) -> str:
    return f"/events/place/{place_letters.token_of(row)}/"


def test_somebody_joins_the_waiting_list(visit: Open, workshop: Event) -> None:
    everybody = visit(width=PHONE)
    page = everybody.go(f"/events/{workshop.slug}/register/")
    everybody.check()
    page.get_by_label("Your name").fill("Ben Example")
    page.get_by_label("Your e-mail address").fill("ben@example.org")
    page.get_by_role("checkbox", name="b", exact=True).check()
    page.wait_for_timeout(FASTEST.total_seconds() * 1000 + 300)
    page.get_by_role("button", name="Join the waiting list").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    everybody.check()
    row = Registration.objects.get(name="Ben Example")
    page = everybody.go(own_page(row))
    everybody.check()
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("You are on the waiting list")).to_be_visible()
    everybody.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_look_right(visit: Open, workshop: Event, alice: User, width: int, scheme: str) -> None:
    waits = registering.register(event=workshop, values={"name": "Ben Example", "email": "ben@example.org"})
    waits = registering.prove(registration=waits)
    over = EventFactory(
        kind=workshop.kind, status="done", starts_on=dt.date(2026, 5, 1), ends_on=dt.date(2026, 5, 1)
    )
    task: Task = TaskFactory(event=over, attended=True)
    row = certificates.issue(task=task, actor=alice)
    nobody = visit(width=width, scheme=scheme)
    for address in (
        f"/events/{workshop.slug}/register/",
        own_page(Registration.objects.get(name="Ada Example")),
        own_page(waits),
        f"/events/certificates/{row.code}/",
    ):
        page = nobody.go(address)
        assert page.evaluate(PAINTED_AS) == scheme
        nobody.check()
    runs = visit(alice, width=width, scheme=scheme)
    for address in (
        f"/training/{workshop.pk}/",
        f"/training/{workshop.pk}/registrations/",
        f"/training/registrations/{waits.pk}/",
        f"/training/registrations/{waits.pk}/decline/",
        f"/training/{workshop.pk}/questions/",
        f"/training/{workshop.pk}/questions/new/",
        f"/training/{over.pk}/certificates/",
        "/training/mine/",
    ):
        page = runs.go(address)
        assert page.evaluate(PAINTED_AS) == scheme
        runs.check()
    certificates.revoke(certificate=row, reason="The name is misspelt", actor=alice)
    events.cancel(event=workshop, reason="The roof leaks", actor=alice)
    for address in (
        f"/events/{workshop.slug}/register/",
        own_page(waits),
        f"/events/certificates/{row.code}/",
    ):
        nobody.go(address)
        nobody.check()
