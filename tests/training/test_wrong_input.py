"""What cannot be is answered with the record's name and the next step, on the page on which it was tried; nothing is
changed. (Overlaps and short names that are taken: ``test_recruitment`` and ``test_events``.)
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions import pieces, request_forms, seats, unconferences
from folkmoot.training.actions.events import save_event
from folkmoot.training.models import (
    Agreement,
    Allowance,
    BenefitKind,
    Event,
    EventKind,
    Opening,
    Session,
    SignUp,
    Task,
    Use,
)
from tests.factories import PersonFactory, RequestFormFactory
from tests.training import agreeing
from tests.training.conftest import part
from tests.training.recruiting import candidate, consent, seek
from tests.training.unconferring import unconference

pytestmark = pytest.mark.django_db


def refused(client: Client, address: str, **said: Any) -> str:
    """What the page says when this is sent."""
    answer = client.post(address, said)
    assert answer.status_code == 422
    form = answer.context["form"]
    return " ".join(error for errors in form.errors.values() for error in errors)


def test_an_event_that_is_full(as_alice: Client, workshop: Event, alice: User) -> None:
    Event.objects.update(capacity=1)
    Task.objects.create(event=workshop, person=PersonFactory(name="Ada"), kind=part("learner"))
    PersonFactory(name="Ben")
    address = reverse("training:new_part", args=[workshop.pk])
    assert refused(as_alice, address, person="Ben", kind=part("learner").pk, state="confirmed") == (
        "Packaging workshop is full (1 place). Give it more places, or put them on the waiting list."
    )
    assert Task.objects.count() == 1
    # Whoever teaches takes no place of those who learn.
    said = {"person": "Ben", "kind": part("instructor").pk, "state": "confirmed"}
    assert as_alice.post(address, said).status_code == 302


def test_a_seat_beyond_the_allowance(as_alice: Client, rows: None, alice: User) -> None:
    held = agreeing.allowance(agreeing.agreement(alice), granted=1)
    event = agreeing.training(alice)
    seats.give_seat(task=agreeing.learner(event, "Ada"), allowance=held, actor=alice)
    ben = agreeing.learner(event, "Ben")
    address = reverse("training:give_seat", args=[ben.pk])
    assert refused(as_alice, address, code="leeds-2027") == (
        "Ben: The Silver agreement of University of Leeds has no seat left in “Public instructor training” (1 of 1 "
        "used): add seats, choose another, or give one beyond with a reason."
    )
    assert Use.objects.count() == 1
    assert as_alice.post(address, {"code": "leeds-2027", "reason": "Promised"}).status_code == 302
    assert list(Use.objects.filter(task=ben).values_list("allowance", "reason")) == [(held.pk, "Promised")]


def test_an_end_before_a_start(as_alice: Client, workshop: Event, alice: User) -> None:
    said = {
        "title": workshop.title,
        "kind": workshop.kind_id,
        "time_zone": "UTC",
        "visibility": "public",
        "starts_on": "2027-03-02",
        "ends_on": "2027-03-01",
    }
    assert refused(as_alice, reverse("training:edit", args=[workshop.pk]), **said) == (
        "“Packaging workshop” would end on 1 March 2027 and begin on 2 March 2027: choose a later last day, or an "
        "earlier first one."
    )
    row = agreeing.agreement(alice)
    told = refused(
        as_alice,
        reverse("training:edit_agreement", args=[row.pk]),
        organization="University of Leeds",
        kind="member",
        tier=row.tier_id,
        starts_on="2027-03-02",
        ends_on="2027-03-01",
        grace_days=row.grace_days,
    )
    assert told == (
        "The agreement “University of Leeds (Silver, 2027-01 – 2027-12)” would end on 1 March 2027 and begin on "
        "2 March 2027: choose a later last day, or an earlier first one."
    )
    held = agreeing.allowance(row)
    told = refused(
        as_alice,
        reverse("training:edit_allowance", args=[held.pk]),
        benefit=held.benefit_id,
        granted=2,
        starts_on="2027-03-02",
        ends_on="2027-03-01",
    )
    assert told == (
        "“Public instructor training” of the agreement “University of Leeds (Silver, 2027-01 – 2027-12)” would end on "
        "1 March 2027 and begin on 2 March 2027: choose a later last day, or an earlier first one."
    )
    workshop.refresh_from_db()
    assert (workshop.ends_on, Agreement.objects.get().ends_on, Allowance.objects.get().ends_on) == (
        dt.date(2027, 3, 2),
        agreeing.LAST,
        None,
    )
    assert Session.objects.count() == 0


def test_what_ends_before_it_begins_is_named_with_both_moments(announced: Event, alice: User) -> None:
    """Whoever writes it: what a form cannot send, an import or a program may."""
    held, form = unconference(announced, alice), RequestFormFactory(title="Ask for a workshop")
    early, late = dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC), dt.datetime(2027, 6, 1, 10, tzinfo=dt.UTC)
    backwards = (
        "would end on 1 June 2027, 10:00 and begin on 1 June 2027, 11:00 (Europe/London): choose a later end, or an "
        "earlier beginning."
    )
    closed = (
        "would close on 1 June 2027, 10:00 and open on 1 June 2027, 11:00 (Europe/London): close it later, or open it "
        "earlier."
    )
    for act, told in (
        (
            partial(pieces.save_session, event=announced, title="Opening", starts_at=late, ends_at=early),
            {"ends_at": [f"“Opening” {backwards}"]},
        ),
        (
            partial(pieces.save_session, event=announced, title="Opening", starts_at=late),
            {"ends_at": ["A session ends after it starts; say both or neither."]},
        ),
        (
            partial(
                unconferences.save_round, unconference=held, title="Round 9", starts_at=late, ends_at=early
            ),
            {"ends": [f"“Round 9” {backwards}"]},
        ),
        (
            partial(
                unconferences.save_unconference,
                unconference=held,
                proposals_open_at=late,
                proposals_close_at=early,
            ),
            {"proposals_close_at": [f"Proposals for “Packaging workshop” {closed}"]},
        ),
        (
            partial(
                unconferences.save_unconference, unconference=held, votes_open_at=late, votes_close_at=early
            ),
            {"votes_close_at": [f"Votes at “Packaging workshop” {closed}"]},
        ),
        (
            partial(
                save_event,
                event=announced,
                values={"registration_opens_at": late, "registration_closes_at": early},
            ),
            {"registration_closes_at": [f"Registration for “Packaging workshop” {closed}"]},
        ),
        (
            partial(request_forms.save_form, form=form, values={"opens_at": late, "closes_at": early}),
            {
                "closes_at": [
                    "“Ask for a workshop” would close on 1 June 2027, 09:00 and open on 1 June 2027, 10:00 (UTC): "
                    "close it later, or open it earlier."
                ]
            },
        ),
    ):
        with pytest.raises(ValidationError) as refusal:
            act(actor=alice)
        assert refusal.value.message_dict == told


def test_a_session_or_a_round_on_another_day_or_with_its_times_swapped(
    as_alice: Client, workshop: Event, alice: User
) -> None:
    held = unconference(workshop, alice)
    elsewhere = (
        "25 March 2027 is no day of “Packaging workshop” (1–2 March 2027): choose one of its days, or edit the event "
        "first."
    )
    swapped = "That is until 11:00 on the next day, 23 hours: change one of the times. At most 15 hours."
    for name, said in (("new_session", {"title": "Maps"}), ("new_round", {"kind": "talk"})):
        address = reverse(f"training:{name}", args=[workshop.pk])
        at = {**said, "day": "2027-03-02", "begins": "12:00", "ends": "13:00"}
        assert refused(as_alice, address, **at | {"day": "2027-03-25"}) == elsewhere
        assert refused(as_alice, address, **at | {"ends": "11:00"}) == swapped
        assert as_alice.post(address, at).status_code == 302
    several = reverse("training:new_rounds", args=[workshop.pk])
    said = {"day": "2027-03-25", "begins": "09:00", "minutes": "30", "pause": "10", "number": "3"}
    assert refused(as_alice, several, **said) == elsewhere
    assert (Session.objects.count(), held.rounds.count()) == (1, 4)
    # What was entered before the event moved is edited in everything else.
    row = Session.objects.get()
    Event.objects.update(starts_on=dt.date(2027, 4, 1), ends_on=dt.date(2027, 4, 2))
    address = reverse("training:edit_session", args=[row.pk])
    seen = as_alice.get(address).context["form"]["seen"].value()
    said = {"title": "Charts", "day": "2027-03-02", "begins": "12:00", "ends": "13:00", "seen": seen}
    assert as_alice.post(address, said).status_code == 302
    row.refresh_from_db()
    assert row.title == "Charts"


def test_an_allowance_of_nothing_or_of_far_too_much(as_alice: Client, rows: None, alice: User) -> None:
    held = agreeing.agreement(alice)
    address = reverse("training:new_allowance", args=[held.pk])
    said = {"benefit": BenefitKind.objects.get(slug="public-seats").pk}
    for nothing in ({}, {"granted": "0", "added": "0"}):
        assert refused(as_alice, address, **said, **nothing) == "Say how much was agreed: at least 1."
    most = "Ensure this value is less than or equal to 100000."
    assert refused(as_alice, address, **said, granted="100001") == most
    assert not held.allowances.exists()
    assert as_alice.post(address, {**said, "added": "100000"}).status_code == 302
    assert [(one.granted, one.added) for one in held.allowances.all()] == [(0, 100_000)]


def test_an_organisation_that_an_agreement_needs(as_alice: Client, rows: None) -> None:
    said = {
        "organization": "Nobody Inc",
        "kind": "member",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
    }
    answer = as_alice.post(reverse("training:new_agreement"), said)
    # It cannot be left empty, so nobody is told that it could.
    assert answer.context["form"].errors["organization"] == [
        "Nothing in the register is called “Nobody Inc”. Add it under People first."
    ]


def test_a_day_too_far_away_is_named(as_alice: Client, rows: None) -> None:
    said = {
        "title": "Far",
        "kind": EventKind.objects.get(slug="workshop").pk,
        "visibility": "public",
        "time_zone": "Pacific/Honolulu",
        "starts_on": "9999-12-31",
        "ends_on": "9999-12-31",
        "starts_time": "23:00",
        "ends_time": "23:59",
    }
    assert refused(as_alice, reverse("training:new"), **said) == (
        "9999-12-31 is too far away: choose a day nearer to today."
    )


def test_somebody_who_withdrew_their_consent(as_alice: Client, announced: Event, alice: User) -> None:
    """Neither put forward anew, nor accepted from before; their page is a click away."""
    row = seek(announced, alice, instructor=1)
    ana = candidate("Ana")
    address = reverse("training:new_sign_up", args=[row.pk])
    said = {"person": "Ana", "kind": part("instructor").pk}
    words = (
        "Ana has not agreed to be contacted, or withdrew that. Ask them to agree under “My record”, or note on their "
        "page what they agreed to."
    )
    consent(ana, given=False)
    assert refused(as_alice, address, **said) == words
    consent(ana)
    assert as_alice.post(address, said).status_code == 302
    consent(ana, given=False)
    wish = SignUp.objects.get()
    answer = as_alice.post(reverse("training:accept_sign_up", args=[wish.pk]), follow=True)
    assert (
        words in [str(message) for message in answer.context["messages"]] or words in answer.content.decode()
    )
    wish.refresh_from_db()
    assert (wish.state, Task.objects.count(), Opening.objects.get().state) == ("pending", 0, "open")
