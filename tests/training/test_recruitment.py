"""Openings and sign-ups: what can be done, what is refused and in which words, what is taken back."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.undo import undo
from folkmoot.ledger.models import Activity
from folkmoot.training.actions import openings, tasks
from folkmoot.training.actions.events import cancel, save_event
from folkmoot.training.actions.openings import save_opening
from folkmoot.training.actions.signing_up import (
    accept,
    decide_many,
    decline,
    sign_up,
    wait_again,
    withdraw,
)
from folkmoot.training.models import (
    Event,
    Opening,
    Priority,
    RecruitmentRules,
    SignUp,
    SoughtPart,
    Task,
    TaskState,
)
from folkmoot.training.queries import clashes
from folkmoot.training.queries import openings as queries
from tests.factories import EventFactory, PersonFactory, TaskFactory, UserFactory
from tests.training.conftest import part
from tests.training.recruiting import another, candidate, consent, seek

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]
NOW = "2027-01-15 12:00 +0000"


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def refused(problem: pytest.ExceptionInfo[ValidationError]) -> str:
    return " ".join(problem.value.messages)


# ---------------------------------------------------------------- openings


def test_an_opening_says_whom_it_seeks(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=2, helper=3)
    assert (row.state, row.owner, row.closed_because) == ("open", alice, "")
    assert sorted(row.sought.values_list("kind__slug", "number")) == [("helper", 3), ("instructor", 2)]
    assert [one.kind for one in Activity.objects.all()] == ["training.opened"]


def test_what_is_sought_changes_and_is_taken_back(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=2, helper=3)
    wanted = {part("instructor"): 1, part("host"): 1, part("helper"): 0}
    _row, what = save_opening(
        event=workshop, opening=row, values={"note": "Hurry"}, sought=wanted, actor=alice
    )
    assert sorted(row.sought.values_list("kind__slug", "number")) == [("host", 1), ("instructor", 1)]
    undo(what=what, actor=alice)
    row.refresh_from_db()
    assert row.note == ""
    assert sorted(row.sought.values_list("kind__slug", "number")) == [("helper", 3), ("instructor", 2)]


def test_an_opening_is_taken_back_as_long_as_nobody_signed_up(workshop: Event, alice: User) -> None:
    row, what = save_opening(event=workshop, values={}, sought={part("helper"): 1}, actor=alice)
    wish = sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    with pytest.raises(ValidationError):
        undo(what=what, actor=alice)
    assert SignUp.objects.get() == wish
    SignUp.objects.all().delete()
    undo(what=what, actor=alice)
    assert not Opening.objects.exists()


def test_an_opening_made_by_mistake_goes_and_comes_back(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=1)
    what = openings.remove_opening(opening=row, actor=alice)
    assert not SoughtPart.objects.exists()
    undo(what=what, actor=alice)
    assert list(Opening.objects.get().sought.values_list("kind__slug", "number")) == [("instructor", 1)]
    sign_up(opening=row, person=candidate("Ana"), kind=part("instructor"), actor=alice)
    with pytest.raises(ValidationError, match="close the opening instead"):
        openings.remove_opening(opening=row, actor=alice)


@pytest.mark.parametrize(
    ("sought", "words"),
    [({}, "Say whom you seek"), ({"helper": 0}, "Say whom you seek"), ({"learner": 1}, "people register")],
)
def test_an_opening_seeks_somebody_who_does_something(
    workshop: Event, alice: User, sought: dict[str, int], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        seek(workshop, alice, **sought)
    assert not Opening.objects.exists()


def test_one_opening_for_an_event_and_none_for_what_is_over(workshop: Event, alice: User) -> None:
    seek(workshop, alice, helper=1)
    with pytest.raises(ValidationError, match="Packaging workshop already"):
        seek(workshop, alice, helper=1)
    for event in (
        EventFactory(kind=workshop.kind, status="cancelled"),
        EventFactory(kind=workshop.kind, starts_on=dt.date(2027, 1, 1), ends_on=dt.date(2027, 1, 1)),
    ):
        with pytest.raises(ValidationError, match="Plan it again first"):
            seek(event, alice, helper=1)


def test_a_cancelled_event_closes_its_opening(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    cancel(event=workshop, reason="No room", actor=alice)
    row.refresh_from_db()
    assert (row.state, row.closed_because) == ("closed", "cancelled")
    with pytest.raises(ValidationError, match="Plan it again first"):
        openings.reopen(opening=row, actor=alice)


def test_closing_and_opening_by_hand(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    openings.close(opening=row, actor=alice)
    closed = openings.close(opening=row, actor=alice)
    assert (closed.closed_because, closed.history.count()) == ("by_hand", 2)
    with pytest.raises(ValidationError, match="Open it again first"):
        sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    assert openings.reopen(opening=row, actor=alice).is_open


@pytest.mark.parametrize(
    ("days", "online", "priority"),
    [
        (91, False, Priority.LOW),
        (90, False, Priority.MEDIUM),
        (61, False, Priority.MEDIUM),
        (60, False, Priority.HIGH),
        (61, True, Priority.LOW),
        (60, True, Priority.MEDIUM),
        (31, True, Priority.MEDIUM),
        (30, True, Priority.HIGH),
    ],
)
def test_the_priority_follows_from_the_days_to_the_start(
    workshop: Event, alice: User, days: int, online: bool, priority: int
) -> None:
    day = dt.date(2027, 1, 16) + dt.timedelta(days=days - 1)
    event = EventFactory(
        kind=workshop.kind,
        starts_on=day,
        ends_on=day,
        starts_time=dt.time(12),
        ends_time=dt.time(13),
        is_online=online,
    )
    row = seek(event, alice, helper=1)
    assert queries.openings().get(pk=row.pk).urgency == priority
    save_opening(
        event=event, opening=row, values={"priority": Priority.LOW}, sought={part("helper"): 1}, actor=alice
    )
    assert queries.openings().get(pk=row.pk).urgency == Priority.LOW


def test_the_limits_are_rows(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)  # 45 days
    assert queries.openings().get(pk=row.pk).urgency == Priority.HIGH
    openings.save_rules(values={"in_person_high": 10, "in_person_medium": 20}, actor=alice)
    assert queries.openings().get(pk=row.pk).urgency == Priority.LOW
    openings.save_rules(values={"in_person_medium": 50}, actor=alice)
    assert queries.openings().get(pk=row.pk).urgency == Priority.MEDIUM
    assert RecruitmentRules.objects.count() == 1
    with pytest.raises(ValidationError) as problem:
        openings.save_rules(values={"online_high": 61}, actor=alice)
    assert problem.value.message_dict == {
        "online_high": ["High priority comes later than medium: give it fewer days."]
    }


# ---------------------------------------------------------------- signing up


def test_somebody_signs_up_and_is_accepted(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=2)
    ana = candidate("Ana", user=UserFactory())
    wish = sign_up(
        opening=row, person=ana, kind=part("instructor"), actor=ana.user, interest="I love it", is_own=True
    )
    assert (wish.state, wish.is_own, wish.interest) == ("pending", True, "I love it")
    assert [(one.user, one.title) for one in Notice.objects.all()] == [
        (alice, "Ana signed up for Packaging workshop: Instructor")
    ]
    saved, _what = accept(sign_up=wish, actor=alice)
    task = Task.objects.get()
    assert (task.person, task.kind.slug, task.state) == (ana, "instructor", "confirmed")
    assert (saved.state, saved.task, saved.decided_by) == ("accepted", task, alice)
    again, nothing = accept(sign_up=wish, actor=alice)
    assert (again.history.count(), nothing.changes) == (2, ())
    row.refresh_from_db()
    assert row.is_open
    assert [one.kind for one in Activity.objects.order_by("pk")] == [
        "training.opened",
        "training.signed_up",
        "training.sign_up_accepted",
    ]


def test_the_last_one_closes_the_opening_and_the_undo_opens_it(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    wish = sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    _saved, what = accept(sign_up=wish, actor=alice)
    row.refresh_from_db()
    assert (row.state, row.closed_because) == ("closed", "filled")
    undo(what=what, actor=alice)
    row.refresh_from_db()
    wish.refresh_from_db()
    assert (row.state, row.closed_because, row.closed_at) == ("open", "", None)
    assert (wish.state, wish.task, wish.decided_at) == ("pending", None, None)
    assert not Task.objects.exists()


def test_whoever_leaves_opens_it_again(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    wish = sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    accept(sign_up=wish, actor=alice)
    _saved, what = withdraw(sign_up=wish, actor=alice)
    row.refresh_from_db()
    wish.refresh_from_db()
    assert (row.state, wish.state, Task.objects.get().state) == ("open", "withdrawn", "withdrawn")
    undo(what=what, actor=alice)
    row.refresh_from_db()
    wish.refresh_from_db()
    assert (row.state, wish.state, Task.objects.get().state) == ("closed", "accepted", "confirmed")
    assert wish.task == Task.objects.get()


def test_what_happens_to_the_part_happens_to_the_sign_up(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    wish = sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    accept(sign_up=wish, actor=alice)
    task = Task.objects.get()
    tasks.set_state(task=task, state=TaskState.DECLINED, actor=alice)
    wish.refresh_from_db()
    row.refresh_from_db()
    assert (wish.state, row.state) == ("withdrawn", "open")
    tasks.set_state(task=task, state=TaskState.CONFIRMED, actor=alice)
    wish.refresh_from_db()
    row.refresh_from_db()
    assert (wish.state, row.state) == ("accepted", "closed")


def test_parts_given_by_hand_fill_an_opening_too(workshop: Event, alice: User) -> None:
    """A learner, one who is only asked and one in a single session do not."""
    row = seek(workshop, alice, instructor=1)
    tasks.add_task(event=workshop, person=PersonFactory(), kind=part("learner"), actor=alice)
    asked = tasks.add_task(
        event=workshop, person=PersonFactory(), kind=part("instructor"), actor=alice, state="invited"
    )
    row.refresh_from_db()
    assert row.is_open
    tasks.set_state(task=asked, state=TaskState.CONFIRMED, actor=alice)
    row.refresh_from_db()
    assert row.closed_because == "filled"
    tasks.remove_task(task=asked, actor=alice)
    row.refresh_from_db()
    assert row.is_open


def test_declined_and_waiting_again(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=1)
    ana = candidate("Ana")
    wish = sign_up(opening=row, person=ana, kind=part("helper"), actor=alice)
    saved, _what = decline(sign_up=wish, actor=alice)
    assert (saved.state, saved.decided_by) == ("declined", alice)
    saved, _what = wait_again(sign_up=wish, actor=alice)
    assert (saved.state, saved.decided_by, saved.decided_at) == ("pending", None, None)
    withdraw(sign_up=wish, actor=alice)
    with pytest.raises(ValidationError, match="Ana has withdrawn"):
        accept(sign_up=wish, actor=alice)
    assert sign_up(opening=row, person=ana, kind=part("helper"), actor=alice).pk == wish.pk
    assert SignUp.objects.get().state == "pending"


# --------------------------------------------------------------- bad input


def test_an_overlapping_booking_is_named(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=1)
    ana = candidate("Ana")
    other = another(workshop, days=1, title="Sprint in Kyiv")
    TaskFactory(event=other, person=ana, kind=part("helper"))
    with pytest.raises(ValidationError) as problem:
        sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice)
    assert problem.value.message_dict == {
        "even_so": [
            "Ana takes a part in another event while Packaging workshop is on: Sprint in Kyiv (2 March 2027, "
            "Helper). Choose somebody else, or tick that it can be so."
        ]
    }
    wish = sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice, even_so=True)
    with pytest.raises(ValidationError, match="Sprint in Kyiv"):
        accept(sign_up=wish, actor=alice)
    assert accept(sign_up=wish, actor=alice, even_so=True)[0].state == "accepted"


def test_who_withdrew_consent_is_refused(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=1)
    ana = PersonFactory(name="Ana")
    words = (
        "Ana has not agreed to be contacted, or withdrew that. Ask them to agree under “My record”, or note on their "
        "page what they agreed to."
    )
    with pytest.raises(ValidationError) as problem:
        sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice)
    assert problem.value.message_dict == {"person": [words]}
    consent(ana)
    with time_machine.travel("2027-01-16 12:00 +0000", tick=False):
        wish = sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice)
        consent(ana, given=False)
        with pytest.raises(ValidationError) as problem:
            accept(sign_up=wish, actor=alice)
        assert refused(problem) == words
        with pytest.raises(ValidationError, match="Agree under “My record”"):
            sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice, is_own=True)
    assert not Task.objects.exists()


def test_an_event_that_has_enough_people_is_named(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, instructor=1, helper=1)
    first, second = (
        sign_up(opening=row, person=candidate(name), kind=part("instructor"), actor=alice)
        for name in ("Ana", "Ben")
    )
    accept(sign_up=first, actor=alice)
    with pytest.raises(ValidationError) as problem:
        accept(sign_up=second, actor=alice)
    assert refused(problem) == (
        "Packaging workshop has the 1 person it needs already (Instructor). Seek more people first, or decline."
    )
    wanted = {part("instructor"): 2, part("helper"): 1}
    save_opening(event=workshop, opening=row, values={}, sought=wanted, actor=alice)
    assert accept(sign_up=second, actor=alice)[0].state == "accepted"


def test_a_part_that_is_not_sought_or_taken_already(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=2)
    ana = candidate("Ana")
    with pytest.raises(ValidationError, match="“Instructor” is not sought for Packaging workshop"):
        sign_up(opening=row, person=ana, kind=part("instructor"), actor=alice)
    TaskFactory(event=workshop, person=ana, kind=part("helper"))
    with pytest.raises(ValidationError, match="Ana has this part already: Helper"):
        sign_up(opening=row, person=ana, kind=part("helper"), actor=alice)


def test_several_at_once_are_all_or_none(workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=2)
    wishes = [
        sign_up(opening=row, person=candidate(name), kind=part("helper"), actor=alice)
        for name in ("Ana", "Ben", "Cleo")
    ]
    with pytest.raises(ValidationError) as problem:
        decide_many(sign_ups=wishes, state="accepted", actor=alice)
    assert refused(problem) == (
        "Cleo, Packaging workshop: Packaging workshop has the 2 people it needs already (Helper). Seek more people "
        "first, or decline. Nothing was changed."
    )
    assert not Task.objects.exists()
    number, what = decide_many(sign_ups=wishes[:2], state="accepted", actor=alice)
    row.refresh_from_db()
    assert (number, row.closed_because) == (2, "filled")
    undo(what=what, actor=alice)
    row.refresh_from_db()
    assert (row.state, Task.objects.count()) == ("open", 0)
    assert set(SignUp.objects.values_list("state", flat=True)) == {"pending"}


# ----------------------------------------------------------------- clashes


def test_what_lies_around_an_event_is_a_clash(workshop: Event, alice: User) -> None:
    """1 and 2 March: fourteen days before and after; another day is none; what does not happen is none."""
    ana = PersonFactory()
    for title, days, more in (
        ("Too early", -16, {}),
        ("Early", -15, {}),
        ("Same day", 0, {}),
        ("Right after", 2, {}),
        ("Late", 16, {}),
        ("Too late", 17, {}),
        ("Off", 1, {"status": "cancelled"}),
    ):
        TaskFactory(event=another(workshop, days=days, title=title, **more), person=ana, kind=part("helper"))
    TaskFactory(
        event=another(workshop, days=3, title="Declined"), person=ana, kind=part("helper"), state="declined"
    )
    TaskFactory(event=another(workshop, days=4, title="Theirs"), kind=part("helper"))
    found = [
        (clash.event.title, clash.days, clash.overlaps) for clash in clashes.clashes_of(ana.pk, workshop)
    ]
    assert found == [
        ("Same day", 0, True),
        ("Right after", 0, False),
        ("Early", 14, False),
        ("Late", 14, False),
    ]
    openings.save_rules(values={"clash_days": 1}, actor=alice)
    assert [one.event.title for one in clashes.clashes_of(ana.pk, workshop)] == ["Same day", "Right after"]


def test_other_sign_ups_are_clashes_too_but_do_not_stop_one(workshop: Event, alice: User) -> None:
    ana = candidate("Ana")
    other = another(workshop, days=0)
    sign_up(opening=seek(other, alice, helper=1), person=ana, kind=part("helper"), actor=alice)
    row = seek(workshop, alice, helper=1)
    wish = sign_up(opening=row, person=ana, kind=part("helper"), actor=alice)
    assert [(one.event, one.is_sign_up) for one in clashes.clashes_of(ana.pk, workshop)] == [(other, True)]
    decline(sign_up=SignUp.objects.get(opening__event=other), actor=alice)
    assert clashes.clashes_of(ana.pk, workshop) == []
    assert wish.state == "pending"


def test_an_event_without_a_day_clashes_with_nothing(workshop: Event, alice: User) -> None:
    save_event(
        event=workshop,
        values={"starts_on": None, "ends_on": None, "starts_time": None, "ends_time": None},
        actor=alice,
    )
    workshop.refresh_from_db()
    ana = PersonFactory()
    TaskFactory(event=EventFactory(kind=workshop.kind), person=ana, kind=part("helper"))
    assert clashes.clashes_of(ana.pk, workshop) == []
