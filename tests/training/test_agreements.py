"""Agreements: what they say, codes, extensions, renewal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.undo import undo
from folkmoot.ledger.models import Activity
from folkmoot.training import agreement_telling
from folkmoot.training.actions import agreements, allowances, seats
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    BenefitKind,
    ContactRole,
    Event,
    EventKind,
    Extension,
    RegistrationCode,
    Standing,
    Tier,
    TierBenefit,
    Use,
)
from folkmoot.training.queries import allowances as balances
from folkmoot.training.queries.codes import find
from folkmoot.training.seeds import load
from tests.training import agreeing
from tests.training.agreeing import FIRST, LAST, learner, organization

pytestmark = pytest.mark.usefixtures("rows")
DAY = dt.timedelta(days=1)


def test_a_new_agreement_is_whose_who_enters_it_with_a_code_and_the_benefits_of_its_tier(
    alice: User,
) -> None:
    silver, public = Tier.objects.get(slug="silver"), BenefitKind.objects.get(slug="public-seats")
    allowances.set_tier_benefits(tier=silver, amounts={public: 10}, actor=alice)
    row = agreeing.agreement(alice, code="")
    assert (row.owner, row.last_day, row.grace_until) == (alice, LAST, LAST + 90 * DAY)
    assert row.codes.get().text.startswith("university-of-leeds-")
    assert [(one.benefit, one.granted) for one in row.allowances.all()] == [(public, 10)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"ends_on": dt.date(2026, 12, 31)},
            {
                "ends_on": [
                    "The agreement “University of Leeds (Silver, 2027-01 – 2027-12)” would end on 31 December 2026 "
                    "and begin on 1 January 2027: choose a later last day, or an earlier first one."
                ]
            },
        ),
        ({"starts_on": None}, {"starts_on": ["This field cannot be null."]}),
        ({"kind": "friend"}, {"kind": ["Value 'friend' is not a valid choice."]}),
        ({"document_url": "no address"}, {"document_url": ["Enter a valid URL."]}),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    alice: User, values: dict[str, Any], told: dict[str, list[str]]
) -> None:
    row = agreeing.agreement(alice)
    with pytest.raises(ValidationError) as caught:
        agreements.save_agreement(agreement=row, values=values, actor=alice)  # type: ignore[arg-type]
    assert caught.value.message_dict == told
    kept = Agreement.objects.get()
    assert (kept.starts_on, kept.ends_on) == (FIRST, LAST)


def test_a_far_day_is_no_accident(alice: User) -> None:
    row = agreeing.agreement(alice, ends_on=dt.date.max)
    assert row.grace_until == dt.date.max


def test_a_code_in_use_is_refused_with_whose_it_is(alice: User) -> None:
    first = agreeing.agreement(alice, code="Low Tide 27")
    with pytest.raises(ValidationError) as caught:
        agreeing.agreement(alice, organization=organization("Bath"), code="LOWTIDE27")
    words = "“LOWTIDE27” is in use by the agreement of University of Leeds (Silver): choose another code."
    assert caught.value.message_dict == {"code": [words]}
    # A code of an allowance is a code as well.
    with pytest.raises(ValidationError) as caught:
        agreeing.allowance(first, code="lowtide27")
    assert caught.value.message_dict == {"code": [words.replace("LOWTIDE27", "lowtide27")]}
    assert Agreement.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        RegistrationCode.objects.create(agreement=first, allowance=None, text="low tide 27")


def test_a_code_opens_from_the_first_day_until_the_days_of_grace_are_over(alice: User) -> None:
    row = agreeing.agreement(alice)
    assert find(" Leeds - 2027 ", on=FIRST) == row
    assert find("leeds-2027", on=LAST + 90 * DAY) == row
    assert find("leeds-2027", on=LAST + 91 * DAY) is None
    assert find("leeds-2027", on=FIRST - DAY) is None
    assert find("leeds-2028", on=FIRST) is None
    assert [find(odd, on=FIRST) for odd in ("", "  ", "\0", "x" * 500)] == [None] * 4
    agreements.save_agreement(agreement=row, values={"grace_days": 0}, actor=alice)
    assert find("leeds-2027", on=LAST + DAY) is None


def test_the_code_of_an_allowance_holds_as_long_as_the_allowance_and_not_while_it_is_frozen(
    alice: User,
) -> None:
    row = agreeing.agreement(alice)
    part = agreeing.allowance(row, code="Spring only", ends_on=dt.date(2027, 5, 31))
    assert find("springonly", on=dt.date(2027, 5, 31)) == part
    assert find("springonly", on=dt.date(2027, 6, 1)) is None
    allowances.save_allowance(agreement=row, allowance=part, values={"is_frozen": True}, actor=alice)
    assert find("springonly", on=dt.date(2027, 5, 31)) is None
    allowances.save_allowance(agreement=row, allowance=part, values={"code": ""}, actor=alice)
    assert find("springonly", on=dt.date(2027, 5, 1)) is None


def test_it_stands_where_its_days_say(alice: User) -> None:
    row = agreeing.agreement(alice)
    days = (FIRST - DAY, FIRST, LAST, LAST + DAY, LAST + 90 * DAY, LAST + 91 * DAY)
    assert [row.standing_on(day) for day in days] == [
        Standing.PLANNED,
        Standing.RUNNING,
        Standing.RUNNING,
        Standing.GRACE,
        Standing.GRACE,
        Standing.OVER,
    ]


def test_an_extension_moves_the_end_and_is_taken_back(alice: User) -> None:
    row = agreeing.agreement(alice)
    agreements.extend(agreement=row, days=30, reason="The trainers were ill", actor=alice)
    what = agreements.extend(agreement=row, days=12, reason="Holidays", actor=alice)
    row.refresh_from_db()
    assert (row.ends_on, row.last_day, row.grace_until) == (LAST, LAST + 42 * DAY, LAST + 132 * DAY)
    assert [(one.days, one.made_by) for one in row.extensions.all()] == [(30, alice), (12, alice)]
    undo(what=what, actor=alice)
    row.refresh_from_db()
    assert (row.last_day, Extension.objects.count()) == (LAST + 30 * DAY, 1)
    gone = agreements.remove_extension(extension=Extension.objects.get(), actor=alice)
    row.refresh_from_db()
    assert row.last_day == LAST
    undo(what=gone, actor=alice)
    row.refresh_from_db()
    assert row.last_day == LAST + 30 * DAY


@pytest.mark.parametrize(
    ("days", "reason", "told"),
    [
        (0, "So", {"days": ["Say by how many days: at least one."]}),
        (10, " ", {"reason": ["This field cannot be blank."]}),
        (5000, "So", {"days": ["At most 3660 days: renew it instead."]}),
    ],
)
def test_an_extension_needs_days_and_a_reason(
    alice: User, days: int, reason: str, told: dict[str, list[str]]
) -> None:
    row = agreeing.agreement(alice)
    with pytest.raises(ValidationError) as caught:
        agreements.extend(agreement=row, days=days, reason=reason, actor=alice)
    assert {name: words[-1:] for name, words in caught.value.message_dict.items()} == told


def test_a_consortium_has_one_main_organisation_and_others(alice: User) -> None:
    leeds, bath, york = (organization(name) for name in ("University of Leeds", "Bath", "York"))
    row = agreeing.agreement(alice, consortium="North and South", parties=[bath, leeds, york])
    assert (row.holder, row.organization) == ("North and South", leeds)
    assert [one.organization for one in row.parties.all()] == [bath, york]
    agreements.save_agreement(agreement=row, values={"parties": [york]}, actor=alice)
    assert [one.organization for one in row.parties.all()] == [york]


def test_a_renewal_takes_over_what_was_chosen_has_a_new_code_and_is_taken_back(alice: User) -> None:
    silver, gold = (Tier.objects.get(slug=slug) for slug in ("silver", "gold"))
    public, credits = (BenefitKind.objects.get(slug=slug) for slug in ("public-seats", "credits"))
    allowances.set_tier_benefits(tier=gold, amounts={public: 20, credits: 7}, actor=alice)
    row = agreeing.agreement(alice, tier=silver, parties=[organization("Bath")], note="Be kind")
    old = agreeing.allowance(row, granted=10)
    seats.give_seat(task=learner(agreeing.training()), allowance=old, actor=alice)
    agreements.add_contact(
        agreement=row, person=agreeing.person(), role=ContactRole.objects.get(slug="main"), actor=alice
    )
    what = agreements.renew(
        agreement=row,
        starts_on=LAST + DAY,
        ends_on=dt.date(2028, 12, 31),
        tier=gold,
        rolled={old.pk: 4},
        actor=alice,
    )
    made = Agreement.objects.get(renews=row)
    assert what.changes[0].pk == made.pk
    assert (made.organization, made.owner, made.note) == (row.organization, alice, "Be kind")
    assert made.codes.get().text != "leeds-2027"
    assert [one.organization.name for one in made.parties.all()] == ["Bath"]
    assert made.contacts.get().person == row.contacts.get().person
    told = balances.of_agreement(made)
    assert [(one.benefit, one.granted, one.rolled, one.left) for one in told] == [
        (public, 20, 4, 24),
        (credits, 7, 0, 7),
    ]
    before = balances.of_agreement(row).get()
    assert (before.given, before.planned, before.rolled_over, before.left) == (10, 1, 4, 5)
    told_ledger = Activity.objects.get(kind="training.agreement_renewed")
    assert told_ledger.detail["agreement"] == made.pk
    with pytest.raises(ValidationError, match="It is renewed already"):
        agreements.renew(agreement=row, starts_on=LAST + DAY, ends_on=LAST + 9 * DAY, tier=gold, actor=alice)
    undo(what=what, actor=alice)
    assert list(Agreement.objects.all()) == [row]
    assert (Allowance.objects.count(), RegistrationCode.objects.count()) == (1, 1)
    assert (AgreementContact.objects.count(), AgreementParty.objects.count()) == (1, 1)


def test_nobody_takes_over_more_than_is_left(alice: User) -> None:
    row = agreeing.agreement(alice)
    old = agreeing.allowance(row, granted=3)
    said: Any = {"agreement": row, "ends_on": LAST + 365 * DAY, "tier": row.tier, "actor": alice}
    with pytest.raises(ValidationError) as caught:
        agreements.renew(starts_on=LAST + DAY, rolled={old.pk: 4}, **said)
    assert caught.value.messages == [
        "Only 3 of “Public instructor training” is left: 4 cannot be taken over."
    ]
    with pytest.raises(ValidationError) as caught:
        agreements.renew(starts_on=FIRST, **said)
    assert caught.value.message_dict == {
        "starts_on": ["The next agreement begins after this one did (1 January 2027)."]
    }
    assert Agreement.objects.count() == 1


def test_what_something_was_taken_from_is_not_removed(alice: User) -> None:
    row = agreeing.agreement(alice)
    held = agreeing.allowance(row, code="alone")
    task = learner(agreeing.training())
    seats.give_seat(task=task, allowance=held, actor=alice)
    with pytest.raises(ValidationError, match="1 seat or event was taken from it"):
        agreements.remove_agreement(agreement=row, actor=alice)
    with pytest.raises(ValidationError, match="1 use of an allowance"):
        allowances.remove_allowance(allowance=held, actor=alice)
    seats.release_seat(task=task, actor=alice)
    what = agreements.remove_agreement(agreement=row, actor=alice)
    assert (Agreement.objects.count(), RegistrationCode.objects.count()) == (0, 0)
    undo(what=what, actor=alice)
    assert find("alone", on=FIRST) == held
    gone = allowances.remove_allowance(allowance=held, actor=alice)
    undo(what=gone, actor=alice)
    assert find("alone", on=FIRST) == held


def test_a_contact_has_a_role_once(alice: User) -> None:
    row, person = agreeing.agreement(alice), agreeing.person(name="Ana")
    role = ContactRole.objects.get(slug="billing")
    made = agreements.add_contact(agreement=row, person=person, role=role, actor=alice)
    with pytest.raises(ValidationError) as caught:
        agreements.add_contact(agreement=row, person=person, role=role, actor=alice)
    assert caught.value.message_dict == {"person": ["This person has this role in the agreement already."]}
    undo(what=agreements.remove_contact(contact=made, actor=alice), actor=alice)
    assert row.contacts.get().person == person


@time_machine.travel("2028-01-02 12:00Z", tick=False)
def test_the_ledger_is_told_once_what_began_and_ended_and_again_after_an_extension(alice: User) -> None:
    row = agreeing.agreement(alice)
    agreeing.agreement(
        alice,
        organization=organization("Bath"),
        code="b",
        starts_on=dt.date(2028, 2, 1),
        ends_on=dt.date(2029, 1, 31),
    )
    for _time in range(2):
        run_in_foreground(enqueue(kind=agreement_telling.JOB, arguments={}))
    told = Activity.objects.filter(kind__startswith="training.agreement").order_by("occurred_at")
    assert [(one.kind, one.occurred_at) for one in told] == [
        ("training.agreement_began", dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        ("training.agreement_ended", dt.datetime(2028, 1, 1, tzinfo=dt.UTC)),
    ]
    agreements.extend(agreement=row, days=5, reason="Late", actor=alice)
    with time_machine.travel("2028-01-09 12:00Z", tick=False):
        run_in_foreground(enqueue(kind=agreement_telling.JOB, arguments={}))
    ended = Activity.objects.filter(kind="training.agreement_ended").order_by("occurred_at")
    assert [one.detail["ends_on"] for one in ended] == ["2027-12-31", "2028-01-05"]


def test_the_database_keeps_what_must_hold(alice: User) -> None:
    row = agreeing.agreement(alice)
    held, event = agreeing.allowance(row), agreeing.training()
    task = learner(event)
    wrong: list[dict[str, Any]] = [
        {"allowance": held, "event": event, "task": task},
        {"allowance": held},
        {"allowance": None, "event": event, "amount": 0},
        {"allowance": None, "task": task, "amount": 1},
        {"allowance": held, "task": task, "amount": 0},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Use.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(ends_on=FIRST)
    assert Event.objects.filter(kind=EventKind.objects.get(slug="instructor-training")).count() == 1


def test_tiers_begin_with_what_members_usually_get_and_keep_what_was_edited(db: None, alice: User) -> None:
    for model in (TierBenefit, Tier):
        model.objects.all().delete()  # type: ignore[attr-defined]
        model.history.all().delete()  # type: ignore[attr-defined]
    load()
    said = TierBenefit.objects.order_by("tier__order", "benefit__order").values_list(
        "tier__slug", "benefit__slug", "amount"
    )
    assert list(said) == [
        ("bronze", "workshops", 2),
        ("silver", "workshops", 2),
        ("silver", "public-seats", 5),
        ("gold", "workshops", 1),
        ("gold", "public-seats", 16),
        ("platinum", "public-seats", 15),
    ]
    TierBenefit.objects.filter(tier__slug="silver").delete()
    assert (load(), TierBenefit.objects.filter(tier__slug="silver").count()) == (0, 0)
