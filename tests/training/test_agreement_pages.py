"""Pages of agreements: the list, one agreement, forms, seats and events taken from it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.training.actions import agreements, events, seats, tasks
from folkmoot.training.actions.allowances import set_tier_benefits
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    Allowance,
    BenefitKind,
    ContactRole,
    EventKind,
    TaskState,
    Tier,
    TierBenefit,
    Use,
)
from tests.conftest import signed_in
from tests.training import agreeing
from tests.training.agreeing import LAST, learner, organization

pytestmark = [pytest.mark.usefixtures("rows"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _day() -> object:
    with time_machine.travel("2027-02-01 12:00Z"):
        yield


@pytest.fixture
def leeds(rows: None, alice: User) -> Agreement:
    return agreeing.agreement(alice)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def toasts(client: Client, response: object) -> str:
    page = client.get(response["Location"])  # type: ignore[index]
    return page.content.decode()


def _full(actor: User, name: str) -> Agreement:
    """An agreement with everything that a row or a page shows."""
    row = agreeing.agreement(
        actor, organization=organization(name), code=f"{name}-27", parties=[organization("York")]
    )
    for benefit in ("public-seats", "credits"):
        held = agreeing.allowance(row, benefit, 3)
        seats.give_seat(task=learner(agreeing.training(actor)), allowance=held, actor=actor)
    agreements.extend(agreement=row, days=3, reason="So", actor=actor)
    role = ContactRole.objects.get(slug="main")
    agreements.add_contact(agreement=row, person=agreeing.person(), role=role, actor=actor)
    return row


def test_the_list_costs_the_same_with_one_row_and_with_three(as_alice: Client, alice: User) -> None:
    address = reverse("training:agreements")
    _full(alice, "Leeds")
    as_alice.get(address)
    one = queries_of(as_alice, address)
    for name in ("Bath", "Hull"):
        _full(alice, name)
    assert queries_of(as_alice, address) == one
    assert one <= 15


def test_the_page_costs_the_same_whatever_was_taken(as_alice: Client, alice: User) -> None:
    row = _full(alice, "Leeds")
    address = reverse("training:agreement", args=[row.pk])
    as_alice.get(address)
    one = queries_of(as_alice, address)
    held = row.allowances.first()
    assert held is not None
    for _number in range(3):
        seats.give_seat(task=learner(agreeing.training(alice)), allowance=held, actor=alice, reason="More")
    agreeing.allowance(row, "workshops", 3)
    assert queries_of(as_alice, address) == one
    assert one <= 15


def test_the_list_is_narrowed_by_what_is_over_used_ends_soon_and_stands_how(
    as_alice: Client, alice: User
) -> None:
    over = agreeing.agreement(alice, organization=organization("Overhull"), code="a")
    held = agreeing.allowance(over, granted=1)
    for _seat in range(2):
        seats.give_seat(task=learner(agreeing.training()), allowance=held, actor=alice, reason="Gift")
    soon = agreeing.agreement(
        alice, organization=organization("Soonham"), code="b", ends_on=dt.date(2027, 2, 20)
    )
    gone = agreeing.agreement(
        alice,
        organization=organization("Goneby"),
        code="c",
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 12, 31),
    )
    rows = {"Overhull": over, "Soonham": soon, "Goneby": gone}

    def shown(query: str) -> set[str]:
        page = as_alice.get(f"{reverse('training:agreements')}?{query}").content.decode()
        return {name for name in rows if name in page}

    assert shown("over=1") == {"Overhull"}
    assert shown("within=30") == {"Soonham"}
    assert shown("standing=grace") == {"Goneby"}
    assert shown("standing=running") == {"Overhull", "Soonham"}
    assert shown("tier=gold") == set()
    assert shown("q=Goneby") == {"Goneby"}


def test_an_agreement_is_entered_changed_extended_and_taken_out(as_alice: Client, alice: User) -> None:
    organization("University of Leeds")
    said = {
        "organization": "University of Leeds",
        "kind": "member",
        "tier": Tier.objects.get(slug="gold").pk,
        "starts_on": "2027-01-01",
        "ends_on": "2026-12-31",
        "grace_days": "90",
    }
    page = as_alice.post(reverse("training:new_agreement"), said)
    assert page.status_code == 422
    assert "The new agreement of University of Leeds would end on 31 December 2026" in page.content.decode()
    answer = as_alice.post(
        reverse("training:new_agreement"), said | {"ends_on": "2027-12-31", "code": "gold 27"}
    )
    row = Agreement.objects.get()
    assert answer["Location"] == reverse("training:agreement", args=[row.pk])
    form = as_alice.get(reverse("training:edit_agreement", args=[row.pk])).content.decode()
    assert "gold 27" in form
    answer = as_alice.post(reverse("training:extend", args=[row.pk]), {"days": "30", "reason": "Ill"})
    assert "It lasts 30 days longer." in toasts(as_alice, answer)
    answer = as_alice.post(reverse("training:remove_agreement", args=[row.pk]))
    assert answer["Location"] == reverse("training:agreements")
    assert not Agreement.objects.exists()


def test_a_code_in_use_is_said_at_its_field(as_alice: Client, leeds: Agreement) -> None:
    organization("Bath")
    page = as_alice.post(
        reverse("training:new_agreement"),
        {
            "organization": "Bath",
            "kind": "member",
            "tier": leeds.tier_id,
            "starts_on": "2027-01-01",
            "ends_on": "2027-12-31",
            "grace_days": "90",
            "code": "LEEDS-2027",
        },
    )
    assert "is in use by the agreement of University of Leeds (Silver)" in page.content.decode()
    assert Agreement.objects.count() == 1


def test_an_allowance_is_added_changed_and_removed(as_alice: Client, leeds: Agreement) -> None:
    public = BenefitKind.objects.get(slug="public-seats")
    as_alice.post(
        reverse("training:new_allowance", args=[leeds.pk]),
        {"benefit": public.pk, "granted": "10", "added": "", "code": "spring 27"},
    )
    row = Allowance.objects.get()
    assert (row.granted, row.added, row.code.text) == (10, 0, "spring 27")
    page = as_alice.get(reverse("training:agreement", args=[leeds.pk])).content.decode()
    assert "10 of 10 left" in page
    assert "spring 27" in page
    address = reverse("training:edit_allowance", args=[row.pk])
    seen = as_alice.get(address).context["form"]["seen"].value()
    as_alice.post(
        address, {"benefit": public.pk, "granted": "10", "added": "2", "code": "spring 27", "seen": seen}
    )
    row.refresh_from_db()
    assert row.total == 12
    as_alice.post(reverse("training:remove_allowance", args=[row.pk]))
    assert not Allowance.objects.exists()


def test_a_contact_is_added_and_removed(as_alice: Client, leeds: Agreement) -> None:
    agreeing.person("Ana Example")
    role = ContactRole.objects.get(slug="main")
    answer = as_alice.post(
        reverse("training:new_contact", args=[leeds.pk]), {"person": "Ana Example", "role": role.pk}
    )
    assert "Ana Example" in toasts(as_alice, answer)
    as_alice.post(reverse("training:remove_contact", args=[AgreementContact.objects.get().pk]))
    assert not AgreementContact.objects.exists()


def test_seats_are_given_from_the_list_of_who_takes_part(
    as_alice: Client, leeds: Agreement, alice: User
) -> None:
    event = agreeing.training(alice)
    held = agreeing.allowance(leeds, granted=1)
    rows = [learner(event, name) for name in ("Ana", "Bo")]
    listed = reverse("training:parts", args=[event.pk])
    assert "Give a seat" in as_alice.get(listed).content.decode()
    answer = as_alice.post(listed, {"bulk": "seat", "selected": [row.pk for row in rows]})
    give = answer["Location"]
    page = as_alice.post(give, {"allowance": held.pk})
    assert page.status_code == 422
    assert "Bo: The Silver agreement of University of Leeds has no seat left" in page.content.decode()
    assert not Use.objects.exists()
    answer = as_alice.post(give, {"allowance": held.pk, "reason": "A gift"})
    assert "2 seats are given." in toasts(as_alice, answer)
    shown = as_alice.get(listed).content.decode()
    assert "University of Leeds: Public instructor training" in shown
    assert "beyond" in shown
    assert "1 beyond 1" in as_alice.get(reverse("training:agreement", args=[leeds.pk])).content.decode()
    assert ">Bo<" not in as_alice.get(f"{listed}?seat=none").content.decode()
    as_alice.post(reverse("training:release_seat", args=[rows[1].pk]))
    assert Use.objects.count() == 1
    one = as_alice.post(reverse("training:give_seat", args=[rows[1].pk]), {"code": "nothing"})
    assert "No agreement has the code “nothing”" in one.content.decode()


def test_the_list_of_who_takes_part_costs_the_same_with_one_seat_and_three(
    as_alice: Client, leeds: Agreement, alice: User
) -> None:
    event, held = agreeing.training(alice), agreeing.allowance(leeds, granted=9)
    listed = reverse("training:parts", args=[event.pk])
    seats.give_seat(task=learner(event), allowance=held, actor=alice)
    as_alice.get(listed)
    one = queries_of(as_alice, listed)
    for _number in range(2):
        seats.give_seat(task=learner(event), allowance=held, actor=alice)
    assert queries_of(as_alice, listed) == one


def test_an_event_is_taken_from_an_allowance_and_its_page_says_so(
    as_alice: Client, leeds: Agreement, alice: User
) -> None:
    event = agreeing.training(title="Workshop", kind=EventKind.objects.get(slug="workshop"))
    held = agreeing.allowance(leeds, "workshops", 1)
    page = reverse("training:event", args=[event.pk])
    assert "University of Leeds" not in as_alice.get(page).content.decode()
    answer = as_alice.post(reverse("training:charge", args=[event.pk]), {"allowance": held.pk})
    assert answer["Location"] == page
    assert "University of Leeds" in as_alice.get(page).content.decode()
    assert queries_of(as_alice, page) <= 15
    as_alice.post(reverse("training:release_event", args=[event.pk]))
    assert not Use.objects.exists()


def test_a_membership_from_agreement_to_its_last_seat_and_renewal(as_alice: Client, alice: User) -> None:
    silver, public = Tier.objects.get(slug="silver"), BenefitKind.objects.get(slug="public-seats")
    set_tier_benefits(tier=silver, amounts={public: 2}, actor=alice)
    organization("University of Leeds")
    as_alice.post(
        reverse("training:new_agreement"),
        {
            "organization": "University of Leeds",
            "kind": "member",
            "tier": silver.pk,
            "starts_on": "2027-01-01",
            "ends_on": "2027-12-31",
            "grace_days": "90",
            "code": "tide 27",
        },
    )
    row, event = Agreement.objects.get(), agreeing.training(alice)
    page = reverse("training:agreement", args=[row.pk])
    learners = [learner(event, name) for name in ("Ana", "Bo", "Cy")]
    for task in learners[:2]:
        as_alice.post(reverse("training:give_seat", args=[task.pk]), {"code": "TIDE27"})
    assert "0 of 2 left" in as_alice.get(page).content.decode()
    refused = as_alice.post(reverse("training:give_seat", args=[learners[2].pk]), {"code": "TIDE27"})
    assert "has no seat left" in refused.content.decode()
    tasks.set_state(task=learners[0], state=TaskState.WITHDRAWN, actor=alice)
    as_alice.post(reverse("training:give_seat", args=[learners[2].pk]), {"code": "TIDE27"})
    told = as_alice.get(page).content.decode()
    assert "0 of 2 left" in told
    assert "given back" in told
    with time_machine.travel("2027-11-20 12:00Z"):
        events.finish(event=event, actor=alice)
        as_alice = signed_in(alice)  # the other session is over by then
        form = as_alice.get(reverse("training:renew", args=[row.pk])).context["form"]
        assert (form.initial["starts_on"], form.initial["ends_on"]) == (
            dt.date(2028, 1, 1),
            dt.date(2028, 12, 31),
        )
        answer = as_alice.post(
            reverse("training:renew", args=[row.pk]),
            {"starts_on": "2028-01-01", "ends_on": "2028-12-31", "tier": silver.pk, "with_contacts": "on"},
        )
        made = Agreement.objects.get(renews=row)
        assert answer["Location"] == reverse("training:agreement", args=[made.pk])
        assert "Renewed: this is the next agreement." in toasts(as_alice, answer)
        assert "2 of 2 left" in as_alice.get(answer["Location"]).content.decode()
        assert "Renewed by" in as_alice.get(page).content.decode()
    assert row.last_day == LAST


def test_a_tier_says_how_much_it_gives(as_alice: Client) -> None:
    silver, public = Tier.objects.get(slug="silver"), BenefitKind.objects.get(slug="public-seats")
    address = reverse("training:edit_row", args=["tiers", silver.pk])
    seen = as_alice.get(address).context["form"]["seen"].value()
    as_alice.post(
        address, {"name": "Silver", "slug": "silver", "order": 20, f"benefit-{public.pk}": "15", "seen": seen}
    )
    assert [(one.tier, one.benefit, one.amount) for one in TierBenefit.objects.all()] == [
        (silver, public, 15)
    ]
    as_alice.post(reverse("training:remove_row", args=["tiers", silver.pk]))
    assert not Tier.objects.filter(slug="silver").exists()


def test_strangers_see_and_change_nothing(
    as_nobody: Client, as_charlie: Client, as_bob: Client, leeds: Agreement
) -> None:
    for name in ("agreements", "new_agreement"):
        assert as_charlie.get(reverse(f"training:{name}")).status_code == 403
        assert as_nobody.get(reverse(f"training:{name}")).status_code == 302
    for name in ("agreement", "edit_agreement", "uses", "agreement_history", "renew", "extend"):
        assert as_bob.get(reverse(f"training:{name}", args=[leeds.pk])).status_code == 403


def test_who_may_only_look_changes_nothing(bob: User, leeds: Agreement) -> None:
    grant(user=bob, area=Area.TRAINING, level=Level.VIEW)
    client = signed_in(bob)
    page = client.get(reverse("training:agreement", args=[leeds.pk])).content.decode()
    assert "Renew" not in page
    assert client.get(reverse("training:edit_agreement", args=[leeds.pk])).status_code == 403
    assert client.post(reverse("training:remove_agreement", args=[leeds.pk])).status_code == 403
