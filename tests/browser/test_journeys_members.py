"""A membership from the agreement to its last seat and its renewal; a sprint with its figures in the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import RejectedRow
from folkmoot.training.models import Agreement, Contribution, Event, Use
from tests.browser import journeys
from tests.browser.conftest import PHONE, Visit
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory
from tests.people.importing import applied
from tests.training import agreeing
from tests.training.test_sprints import SPRINTS, folder

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


def test_a_membership_to_its_last_seat_and_its_renewal(visit: Open, alice: User, charlie: User) -> None:
    journeys.begin()
    OrganizationFactory(name="University of Leeds")
    IdentityFactory(
        system="email", value="kit@example.org", person=PersonFactory(name="Kit Contact", user=charlie)
    )
    first, last = clock.today(), clock.today() + dt.timedelta(days=364)
    day = first + dt.timedelta(days=30)
    event = agreeing.training(alice, starts_on=day, ends_on=day)
    for name in ("Lea One", "Max Two", "Nia Three"):
        agreeing.learner(event, name)

    # The agreement, at first with an end before its start.
    desk = visit(alice)
    page = desk.go("/training/agreements/new/")
    page.get_by_label("Organisation", exact=True).fill("University of Leeds")
    page.get_by_label("Tier").select_option(label="Silver")
    page.get_by_label("From").fill(first.isoformat())
    page.get_by_label("To", exact=True).fill((first - dt.timedelta(days=1)).isoformat())
    page.get_by_label("Code (optional)", exact=True).fill("leeds-one")
    journeys.press(page, "Add agreement")
    journeys.refused(desk, "choose a later last day")
    page.get_by_label("To", exact=True).fill(last.isoformat())
    journeys.press(page, "Add agreement")
    row = Agreement.objects.get()
    seats = row.allowances.get(benefit__slug="public-seats")  # its tier brings five; two were agreed
    page = desk.go(f"/training/agreements/allowances/{seats.pk}/")
    page.get_by_label("As agreed").fill("2")
    journeys.press(page, "Save")
    page = desk.go(f"/training/agreements/{row.pk}/contacts/new/")
    page.get_by_label("Person").fill("kit@example.org")
    page.get_by_label("Role").select_option(label="Main contact")
    journeys.press(page, "Add")
    expect(page.get_by_text("Kit Contact").first).to_be_visible()

    # Three learners bring its code, and there are two seats: none is given rather than some.
    page = desk.go(f"/training/{event.pk}/people/")
    page.get_by_role("checkbox", name="Select all").check()
    journeys.press(page, "Give seats")
    page.get_by_label("Code").fill("LEEDS-ONE")
    journeys.press(page, "Give")
    journeys.refused(desk, "has no seat left in “Public instructor training” (2 of 2 used)")
    assert Use.objects.count() == 0
    for name in ("Lea One", "Max Two"):
        page = desk.go(f"/training/{event.pk}/people/")
        page.get_by_role("link", name=f"Give a seat {name}").click()
        page.get_by_label("Code").fill("leeds-one")
        journeys.press(page, "Give")
    page = desk.go(f"/training/{event.pk}/people/")
    page.get_by_role("link", name="Give a seat Nia Three").click()
    page.get_by_label("Code").fill("leeds-one")
    journeys.press(page, "Give")
    journeys.refused(desk, "The Silver agreement of University of Leeds has no seat left")
    page.get_by_label("Why beyond").fill("They asked in time")
    journeys.press(page, "Give")
    assert list(Use.objects.order_by("pk").values_list("task__person__name", "reason")) == [
        ("Lea One", ""),
        ("Max Two", ""),
        ("Nia Three", "They asked in time"),
    ]
    page = desk.go(f"/training/agreements/{row.pk}/")
    expect(page.get_by_text("More is taken than it gives")).to_be_visible()

    # Whoever speaks for the member sees the same.
    phone = visit(charlie, width=PHONE)
    page = phone.go("/training/agreements/mine/")
    expect(page.get_by_text("University of Leeds").first).to_be_visible()
    expect(page.get_by_text("Nia Three")).to_be_visible()

    # It is renewed: a year from the day after, with the same contacts; the new code opens the new agreement.
    page = desk.go(f"/training/agreements/{row.pk}/")
    page.get_by_role("link", name="Renew").click()
    expect(page.get_by_label("From")).to_have_value((last + dt.timedelta(days=1)).isoformat())
    page.get_by_label("Code").fill("leeds-one")
    journeys.press(page, "Renew")
    journeys.refused(desk, "leeds-one")
    page.get_by_label("Code").fill("leeds-two")
    journeys.press(page, "Renew")
    new = Agreement.objects.exclude(pk=row.pk).get()
    assert (new.starts_on, new.organization, new.renews) == (
        last + dt.timedelta(days=1),
        row.organization,
        row,
    )
    assert set(new.contacts.values_list("person__name", "role__slug")) == {("Kit Contact", "main")}
    assert desk.said == phone.said == []


def test_a_sprint_and_its_figures_in_the_report(visit: Open, alice: User, tmp_path: Path) -> None:
    journeys.begin()
    wrong = "scipy-24,dee,Odd day,Issue,guide,pyOpenSci,open,12,yesterday,,https://x/12,\n"
    run = applied("pyopensci", folder(tmp_path, SPRINTS + wrong))
    assert [(row.line, row.reason) for row in RejectedRow.objects.filter(run=run)] == [
        (6, "“yesterday” is no date with a time, such as 2026-04-30 15:05:39")
    ]
    event = Event.objects.get()
    desk = visit(alice)
    page = desk.go(f"/training/{event.pk}/")
    figures = page.locator(".figures")
    expect(figures).to_contain_text("3 contributions")
    page.get_by_role("link", name="All contributions").click()
    expect(page.get_by_role("row")).to_have_count(1 + Contribution.objects.count())
    page = desk.go("/reports/community/?period=2024Q3")
    expect(page.get_by_role("row", name="SciPy 2024 sprint")).to_be_visible()
    assert desk.said == []
