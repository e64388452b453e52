"""Seats of learners and allowances of events: given, refused, given back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.undo import last_change, undo
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.training.actions import agreements, events, seats, tasks
from folkmoot.training.actions.rows import save_row
from folkmoot.training.models import (
    Agreement,
    Allowance,
    Curriculum,
    Event,
    EventKind,
    Task,
    TaskState,
    Use,
)
from folkmoot.training.queries import allowances as balances
from tests.training import agreeing
from tests.training.agreeing import learner
from tests.training.conftest import part

pytestmark = pytest.mark.usefixtures("rows")


@pytest.fixture
def leeds(rows: None, alice: User) -> Iterator[Agreement]:
    with time_machine.travel("2027-02-01 12:00Z"):
        yield agreeing.agreement(alice)


@pytest.fixture
def held(leeds: Agreement) -> Allowance:
    return agreeing.allowance(leeds, granted=2)


@pytest.fixture
def event(leeds: Agreement) -> Event:
    return agreeing.training()


def left(row: Allowance) -> int:
    return balances.balance(row).left


def refusal(caught: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return caught.value.messages


def test_a_seat_by_the_code_of_an_agreement_takes_what_fits_and_has_something_left(
    leeds: Agreement, event: Event, alice: User
) -> None:
    agreeing.allowance(leeds, "workshops", 5)
    credit = agreeing.allowance(leeds, "credits", 3)
    public = agreeing.allowance(leeds, "public-seats", 1)
    first = seats.give_seat(task=learner(event), by_code="LEEDS - 2027", actor=alice)
    assert (first.allowance, first.amount, first.is_in_house, first.reason) == (public, 1, False, "")
    second = seats.give_seat(task=learner(event), by_code="leeds-2027", actor=alice)
    assert (second.allowance, second.amount) == (credit, 1)
    assert [left(row) for row in (public, credit)] == [0, 2]


def test_the_same_seat_twice_does_nothing_more_and_another_gives_the_first_back(
    leeds: Agreement, held: Allowance, event: Event, alice: User
) -> None:
    task = learner(event)
    use = seats.give_seat(task=task, allowance=held, actor=alice)
    assert seats.give_seat(task=task, by_code="leeds-2027", actor=alice).pk == use.pk
    assert Use.history.count() == 1
    other = agreeing.allowance(leeds, "in-house-seats", 1)
    moved = seats.give_seat(task=task, allowance=other, actor=alice)
    assert (moved.pk, moved.is_in_house, left(held), left(other)) == (use.pk, True, 2, 0)
    undo(what=last_change(moved), actor=alice)
    assert (left(held), left(other)) == (1, 1)


def test_a_seat_beyond_the_allowance_needs_a_reason(held: Allowance, event: Event, alice: User) -> None:
    for _number in range(2):
        seats.give_seat(task=learner(event), allowance=held, actor=alice)
    last = learner(event)
    with pytest.raises(ValidationError) as caught:
        seats.give_seat(task=last, by_code="leeds-2027", actor=alice, reason="  ")
    assert refusal(caught) == [
        "The Silver agreement of University of Leeds has no seat left in “Public instructor training” (2 of 2 used): "
        "add seats, choose another, or give one beyond with a reason."
    ]
    assert Use.objects.count() == 2
    use = seats.give_seat(task=last, by_code="leeds-2027", actor=alice, reason="Promised in May")
    assert (use.reason, left(held)) == ("Promised in May", -1)
    assert list(balances.over_used()) == [held]


def test_without_any_day_in_the_agreement_a_reason_is_needed(
    held: Allowance, event: Event, alice: User
) -> None:
    task = learner(agreeing.training(starts_on=dt.date(2028, 5, 1), ends_on=dt.date(2028, 5, 2)))
    with time_machine.travel("2028-04-20 12:00Z"), pytest.raises(ValidationError) as caught:
        seats.give_seat(task=task, allowance=held, actor=alice)
    assert refusal(caught) == [
        "“Public instructor training” of University of Leeds holds from 1 January 2027 to 31 December 2027, and "
        "neither today nor Instructor training lies in that: choose another, or say why it is given all the same."
    ]
    with time_machine.travel("2028-03-20 12:00Z"):  # in the days of grace
        assert seats.give_seat(task=task, allowance=held, actor=alice).reason == ""


def test_an_open_seat_needs_an_event_that_offers_them(event: Event, alice: User) -> None:
    task = learner(event)
    with pytest.raises(ValidationError) as caught:
        seats.give_seat(task=task, open=True, actor=alice)
    assert refusal(caught) == [
        "Instructor training offers no open seats: choose an agreement, or offer them when you edit the event."
    ]
    events.save_event(event=event, values={"open_seats": True}, actor=alice)
    use = seats.give_seat(task=task, open=True, actor=alice)
    assert (use.allowance, use.amount) == (None, 0)


def test_who_cannot_have_a_seat_is_told_why(
    leeds: Agreement, held: Allowance, event: Event, alice: User
) -> None:
    def told(task: Task, **how: object) -> str:
        with pytest.raises(ValidationError) as caught:
            seats.give_seat(task=task, actor=alice, **(how or {"allowance": held}))  # type: ignore[arg-type]
        return " ".join(caught.value.messages)

    person = learner(event, "Ana").person
    teaches = tasks.add_task(event=event, person=person, kind=part("instructor"), actor=alice)
    assert told(teaches) == "Ana is no learner at Instructor training: only learners have seats."
    sprint = agreeing.training(title="Sprint", kind=EventKind.objects.get(slug="sprint"))
    assert told(learner(sprint)) == (
        "Learners at Sprint have no seats: events of the kind “Sprint” take none."
    )
    gone = tasks.set_state(task=learner(event, "Bo"), state=TaskState.WITHDRAWN, actor=alice)
    assert told(gone) == "Bo does not take part in Instructor training: confirm that first."
    task = learner(event)
    assert told(task, by_code="nothing") == (
        "No agreement has the code “nothing”: look whether it is written as they got it."
    )
    assert told(task, by_code="x", open=True) == (
        "Say one thing: a code, an allowance, or that the seat is open."
    )
    assert told(task, allowance=held, in_house=True) == (
        "“Public instructor training” gives seats that are public."
    )
    assert told(task, allowance=agreeing.allowance(leeds, "workshops")) == (
        "“Workshops” is counted in events and gives no seats."
    )
    frozen = agreeing.allowance(leeds, is_frozen=True)
    assert told(task, allowance=frozen) == (
        "“Public instructor training” of University of Leeds is frozen: choose another, or lift that first."
    )
    python = save_row(row=Curriculum(), values={"name": "Python"}, actor=alice)
    limited = agreeing.allowance(leeds, curriculum=python)
    assert told(task, allowance=limited) == (
        "This allowance is for the curriculum “Python”, which Instructor training does not teach."
    )
    assert Use.objects.count() == 0


def test_a_code_of_an_agreement_that_gives_no_seats_says_so(event: Event, alice: User) -> None:
    with pytest.raises(ValidationError) as caught:
        seats.give_seat(task=learner(event), by_code="leeds-2027", actor=alice)
    assert refusal(caught) == [
        "The agreement of University of Leeds (Silver) gives no seats for Instructor training: add an allowance to it."
    ]


def test_credits_need_a_price(leeds: Agreement, event: Event, alice: User) -> None:
    credit = agreeing.allowance(leeds, "credits", 5)
    kind = EventKind.objects.get(slug="instructor-training")
    save_row(row=kind, values={"seat_price": 3}, actor=alice)
    event.refresh_from_db()
    seats.give_seat(task=learner(event), allowance=credit, actor=alice)
    assert left(credit) == 2
    with pytest.raises(ValidationError) as caught:
        seats.give_seat(task=learner(event), allowance=credit, actor=alice)
    assert refusal(caught) == [
        "The Silver agreement of University of Leeds has too few credits: it takes 3 and 2 are left (3 of 5 used). "
        "Add some, choose another, or go beyond with a reason."
    ]
    save_row(row=kind, values={"seat_price": None}, actor=alice)
    with pytest.raises(ValidationError) as caught:
        seats.give_seat(task=learner(event), allowance=credit, actor=alice)
    assert refusal(caught) == [
        "Events of the kind “Instructor training” have no price in credits: set it in the settings of kinds."
    ]


def test_who_withdraws_gives_the_seat_back_and_the_undo_takes_it_again(
    held: Allowance, event: Event, alice: User
) -> None:
    task = learner(event)
    seats.give_seat(task=task, allowance=held, actor=alice)
    assert left(held) == 1
    row = tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=alice)
    assert left(held) == 2
    undo(what=last_change(row), actor=alice)
    assert left(held) == 1
    gone = tasks.remove_task(task=row, actor=alice)
    assert (left(held), Use.objects.count()) == (2, 0)
    undo(what=gone, actor=alice)
    assert (left(held), Use.objects.get().task) == (1, task)


def test_a_cancelled_event_gives_back_what_it_took_and_the_undo_takes_it_again(
    leeds: Agreement, held: Allowance, event: Event, alice: User
) -> None:
    seats.give_seat(task=learner(event), allowance=held, actor=alice)
    workshops = agreeing.allowance(leeds, "workshops", 1)
    workshop = agreeing.training(title="Workshop", kind=EventKind.objects.get(slug="workshop"))
    seats.charge_event(event=workshop, allowance=workshops, actor=alice)
    assert (left(held), left(workshops)) == (1, 0)
    for one in (event, workshop):
        events.cancel(event=one, reason="Storm", actor=alice)
    assert (left(held), left(workshops)) == (2, 1)
    for one in (event, workshop):
        undo(what=last_change(one), actor=alice)
    assert (left(held), left(workshops)) == (1, 0)
    events.cancel(event=workshop, reason="Storm", actor=alice)
    with pytest.raises(ValidationError, match="Workshop is cancelled: take that back first"):
        seats.charge_event(event=workshop, allowance=workshops, actor=alice)


def test_what_happened_is_used_and_what_is_ahead_is_planned(
    held: Allowance, event: Event, alice: User
) -> None:
    seats.give_seat(task=learner(event), allowance=held, actor=alice)
    found = balances.balance(held)
    assert (found.used, found.planned) == (0, 1)
    with time_machine.travel("2027-03-05 12:00Z"):
        events.finish(event=event, actor=alice)
    found = balances.balance(held)
    assert (found.used, found.planned, found.left) == (1, 0, 1)


def test_an_event_is_taken_from_one_allowance_and_never_beyond_without_a_reason(
    leeds: Agreement, alice: User
) -> None:
    workshops = agreeing.allowance(leeds, "workshops", 1)
    kind = EventKind.objects.get(slug="workshop")
    first, second = (agreeing.training(title=title, kind=kind) for title in ("One", "Two"))
    seats.charge_event(event=first, allowance=workshops, actor=alice)
    with pytest.raises(ValidationError) as caught:
        seats.charge_event(event=second, allowance=workshops, actor=alice)
    assert refusal(caught) == [
        "The Silver agreement of University of Leeds has no event left in “Workshops” (1 of 1 used): add events, "
        "choose another, or give one beyond with a reason."
    ]
    seats.charge_event(event=second, allowance=workshops, actor=alice, reason="A gift")
    assert left(workshops) == -1
    undo(what=seats.release_event(event=first, actor=alice), actor=alice)
    assert left(workshops) == -1
    seats.release_event(event=first, actor=alice)
    assert left(workshops) == 0


def test_several_seats_are_given_all_or_none(held: Allowance, event: Event, alice: User) -> None:
    rows = [learner(event, name) for name in ("Ana", "Bo", "Cy")]
    with pytest.raises(ValidationError) as caught:
        seats.give_seats(tasks=rows, allowance=held, actor=alice)
    assert refusal(caught)[0].startswith("Cy: The Silver agreement of University of Leeds has no seat left")
    assert Use.objects.count() == 0
    what = seats.give_seats(tasks=rows, allowance=held, actor=alice, reason="All of them")
    assert sorted(use.reason for use in Use.objects.all()) == ["", "", "All of them"]
    undo(what=what, actor=alice)
    assert Use.objects.count() == 0


def test_a_merge_of_learners_keeps_one_seat_and_brings_both_back(
    held: Allowance, event: Event, alice: User
) -> None:
    one, two = learner(event, "Ana"), learner(event, "Anna")
    for task in (one, two):
        seats.give_seat(task=task, allowance=held, actor=alice)
    merge = merge_people(survivor=one.person, gone=two.person, actor=alice)
    assert left(held) == 1
    unmerge(merge=merge, actor=alice)
    assert left(held) == 0


def test_a_renewed_agreement_gives_seats_of_its_own(
    leeds: Agreement, held: Allowance, event: Event, alice: User
) -> None:
    agreements.renew(
        agreement=leeds,
        starts_on=dt.date(2028, 1, 1),
        ends_on=dt.date(2028, 12, 31),
        tier=leeds.tier,
        rolled={held.pk: 2},
        actor=alice,
        code="leeds-2028",
    )
    assert left(held) == 0
    with pytest.raises(ValidationError, match="2 of 2 used"):
        seats.give_seat(task=learner(event), allowance=held, actor=alice)
