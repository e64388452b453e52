"""Mail rules and planned mails: written, tried, approved; on a desk and on a phone, in the light and the dark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.mailing import jobs
from folkmoot.mailing.actions import rules as actions
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.outbox.models import Channel
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import Event, EventKind, TaskKind
from folkmoot.training.seeds import load
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import EventFactory, IdentityFactory, OrganizationFactory, PersonFactory, TaskFactory

Open = Callable[..., Visit]
WEBSITE = "training.ask-for-website"


@pytest.fixture
def workshop(alice: User) -> Event:
    """A workshop in sixty days that Ina teaches and that has no website; its rule waits for approval."""
    load()
    load_mail_rules()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    day = clock.today() + dt.timedelta(days=60)
    center: Any = OrganizationFactory(name="Moot Centre")
    event: Any = EventFactory(
        title="Create your first package – an introduction to packaging for hydrologists",
        kind=EventKind.objects.get(slug="workshop"),
        status="planned",
        starts_on=day,
        ends_on=day,
        organizer=center,
    )
    MailRule.objects.filter(slug=WEBSITE).update(needs_approval=True)
    rule = actions.switch_on(rule=MailRule.objects.get(slug=WEBSITE), actor=None)
    MailRule.objects.filter(pk=rule.pk).update(ready_at=clock.now())
    ina: Any = PersonFactory(name="Ina Example")
    IdentityFactory(system="email", value="ina@example.org", person=ina)
    TaskFactory(event=event, person=ina, kind=TaskKind.objects.get(slug="instructor"))
    jobs.look_at_changes()
    return event  # type: ignore[no-any-return]


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages(visit: Open, alice: User, workshop: Event, width: int, scheme: str) -> None:
    mine = visit(alice, width=width, scheme=scheme)
    mail, rule = PlannedMail.objects.get(), MailRule.objects.get(slug=WEBSITE)
    for address in (
        "/settings/mail-rules/",
        f"/settings/mail-rules/{rule.pk}/?try",
        f"/settings/mail-rules/{rule.pk}/edit/",
        f"/settings/mail-rules/{rule.pk}/history/",
        "/settings/mail-rules/new/",
        "/planned-mails/",
        f"/planned-mails/{mail.pk}/",
        f"/planned-mails/{mail.pk}/edit/",
        f"/training/{workshop.pk}/",
    ):
        page = mine.go(address)
        expect(page.locator("h1")).to_be_visible()
        mine.check()


def test_enter_in_a_rule_saves_it_with_all_its_conditions(visit: Open, alice: User, workshop: Event) -> None:
    rule = MailRule.objects.get(slug=WEBSITE)
    page = visit(alice).go(f"/settings/mail-rules/{rule.pk}/edit/")
    page.get_by_label("Name", exact=True).fill("Websites")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Websites")).to_be_visible()
    saved = MailRule.objects.get(pk=rule.pk)
    assert (saved.name, len(rule.conditions) > 0, saved.conditions) == ("Websites", True, rule.conditions)


def test_a_condition_is_added_tried_and_saved_by_keyboard(visit: Open, alice: User, workshop: Event) -> None:
    mine = visit(alice, width=DESK)
    rule = MailRule.objects.get(slug="training.recruit-helpers")
    page = mine.go(f"/settings/mail-rules/{rule.pk}/edit/")
    page.get_by_label("Another condition").select_option("learners")
    page.get_by_role("button", name="Add a condition").press("Enter")
    page.get_by_label("number of learners: how many").fill("5")
    mine.check()
    page.get_by_role("button", name="What would it do now?").press("Enter")
    expect(page.get_by_text("Switched on now, it would plan 0 mails.")).to_be_visible()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("number of learners is at least 5")).to_be_visible()


def test_a_mail_is_read_and_approved_on_a_phone(visit: Open, alice: User, workshop: Event) -> None:
    mine = visit(alice, width=PHONE)
    page = mine.go("/planned-mails/")
    page.get_by_role("link", name="Create your first package").first.click()
    expect(page.get_by_text("we do not know the website of")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved: it leaves at its moment.")).to_be_visible()
    mine.check()
    assert PlannedMail.objects.get().state == MailState.APPROVED
