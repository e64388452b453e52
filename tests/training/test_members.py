"""Members' own page, and the public list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions import agreements, seats
from folkmoot.training.models import Agreement, ContactRole
from tests.conftest import signed_in
from tests.training import agreeing
from tests.training.agreeing import learner, organization

pytestmark = [pytest.mark.usefixtures("rows"), pytest.mark.django_db]
OWN = "training:own_agreements"


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with time_machine.travel("2027-02-01 12:00Z"):
        yield


def _speaks(user: User, row: Agreement, role: str) -> None:
    person = agreeing.person("Ana Contact")
    person.user = user
    person.save()
    agreements.add_contact(agreement=row, person=person, role=ContactRole.objects.get(slug=role), actor=None)


@pytest.fixture
def leeds(rows: None, alice: User) -> Agreement:
    row = agreeing.agreement(alice, note="They pay late")
    held = agreeing.allowance(row, granted=3, code="leeds seats")
    seats.give_seat(task=learner(agreeing.training(), "Lea Learner"), allowance=held, actor=alice)
    return row


def test_a_contact_sees_what_is_left_the_codes_and_who_got_seats(charlie: User, leeds: Agreement) -> None:
    agreeing.agreement(None, organization=organization("Bath"), code="bath-2027")
    _speaks(charlie, leeds, "main")
    page = signed_in(charlie).get(reverse(OWN)).content.decode()
    for words in ("University of Leeds", "2 of 3 left", "leeds-2027", "leeds seats", "Lea Learner"):
        assert words in page
    for words in ("Bath", "bath-2027", "They pay late"):
        assert words not in page


def test_a_contact_for_bills_sees_the_number_and_no_names(charlie: User, leeds: Agreement) -> None:
    _speaks(charlie, leeds, "billing")
    page = signed_in(charlie).get(reverse(OWN)).content.decode()
    assert "2 of 3 left" in page
    assert "Lea Learner" not in page
    assert "Who got them is shown to other contacts of this agreement." in page


def test_who_speaks_for_nobody_sees_nothing(as_charlie: Client, as_nobody: Client, leeds: Agreement) -> None:
    page = as_charlie.get(reverse(OWN)).content.decode()
    assert "No agreements" in page
    assert f'href="{reverse("events:members")}"' in page
    assert "Leeds" not in page
    assert as_nobody.get(reverse(OWN)).status_code == 302


def test_the_own_page_costs_the_same_with_one_agreement_and_three(
    charlie: User, leeds: Agreement, alice: User
) -> None:
    _speaks(charlie, leeds, "main")
    client = signed_in(charlie)
    client.get(reverse(OWN))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse(OWN))
        return len(seen)

    one = cost()
    person = leeds.contacts.get().person
    for name in ("Bath", "Hull"):
        row = agreeing.agreement(alice, organization=organization(name), code=name)
        held = agreeing.allowance(row)
        seats.give_seat(task=learner(agreeing.training()), allowance=held, actor=alice)
        agreements.add_contact(
            agreement=row, person=person, role=ContactRole.objects.get(slug="main"), actor=None
        )
    assert cost() == one
    assert one <= 12


def test_everybody_sees_public_agreements_that_run_and_no_others(as_nobody: Client, alice: User) -> None:
    shown = organization("University of Leeds", website="https://www.leeds.ac.uk/", country="GB")
    agreeing.agreement(
        alice, organization=shown, is_public=True, consortium="North", parties=[organization("York")]
    )
    agreeing.agreement(alice, organization=organization("Secret College"), code="s")
    agreeing.agreement(
        alice,
        organization=organization("Past College"),
        code="p",
        is_public=True,
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 12, 31),
    )
    page = as_nobody.get(reverse("events:members")).content.decode()
    assert "North" in page
    assert "York" in page
    for hidden in ("Secret College", "Past College", "leeds-2027"):
        assert hidden not in page
    answer = as_nobody.get(reverse("events:members_json"))
    assert answer.json() == [
        {
            "name": "North",
            "variant": "silver",
            "consortium": True,
            "agreement_start": "2027-01-01",
            "agreement_end": "2027-12-31",
            "country": "GB",
            "domain": "leeds.ac.uk",
            "latitude": None,
            "longitude": None,
            "kind": "member",
            "members": ["University of Leeds", "York"],
        }
    ]
    again = as_nobody.get(reverse("events:members_json"), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    assert as_nobody.get(reverse("events:members_json"), {"kind": "partner"}).json() == []
