"""Events: entering, announcing, cancelling, and what time does to them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.ledger.models import Activity
from folkmoot.training.actions import events, tasks
from folkmoot.training.models import Event, EventKind, Status, Task, TaskState
from folkmoot.training.settling import settle
from tests.factories import PersonFactory
from tests.training.conftest import part

UTC = dt.UTC


def errors(caught: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return caught.value.message_dict


def test_the_moments_follow_from_days_times_and_zone(workshop: Event) -> None:
    assert (workshop.slug, workshop.status) == ("2027-03-01-packaging-workshop", Status.PLANNED)
    assert workshop.starts_at == dt.datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert workshop.ends_at == dt.datetime(2027, 3, 2, 16, 30, tzinfo=UTC)


def test_without_times_it_lasts_until_the_midnight_after_its_last_day(rows: None, alice: User) -> None:
    # On 29 March 2026 clocks go forward in Berlin: the day has 23 hours.
    event = events.save_event(
        values={
            "title": "Sprint",
            "kind": EventKind.objects.get(slug="sprint"),
            "starts_on": dt.date(2026, 3, 29),
            "time_zone": "Europe/Berlin",
        },
        actor=alice,
    )
    assert event.starts_at == dt.datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert event.ends_at == dt.datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": " "}, {"title": ["This field cannot be blank."]}),
        (
            {"ends_on": dt.date(2027, 2, 28)},
            {
                "ends_on": [
                    "“Packaging workshop” would end on 28 February 2027 and begin on 1 March 2027: choose a later last "
                    "day, or an earlier first one."
                ]
            },
        ),
        (
            {"ends_on": dt.date(2027, 3, 1), "ends_time": dt.time(8)},
            {
                "ends_time": [
                    "“Packaging workshop” would end on 1 March 2027, 08:00 and begin on 1 March 2027, 09:00 "
                    "(Europe/London): choose a later end, or an earlier beginning."
                ]
            },
        ),
        (
            {"ends_time": None},
            {"ends_time": ["Say both times and the first day, or no time at all."]},
        ),
        (
            {"time_zone": "Europe/Leeds"},
            {"time_zone": ["“Europe/Leeds” is no time zone: choose one such as Europe/Berlin."]},
        ),
        ({"country": "UK"}, {"country": ["“UK” is no country: choose one of the list."]}),
        (
            {"longitude": None},
            {"latitude": ["Latitude (-90 to 90) and longitude (-180 to 180) go together."]},
        ),
        ({"registration_by": "elsewhere"}, {"registration_url": ["Say where people sign up."]}),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    workshop: Event, alice: User, values: events.EventFields, told: dict[str, list[str]]
) -> None:
    with pytest.raises(ValidationError) as caught:
        events.save_event(event=workshop, values=values, actor=alice)
    assert errors(caught) == told
    kept = Event.objects.get()
    assert (kept.title, kept.ends_on, kept.country) == ("Packaging workshop", dt.date(2027, 3, 2), "GB")


def test_a_short_name_in_use_is_refused_and_a_free_one_found(workshop: Event, alice: User) -> None:
    values: events.EventFields = {
        "title": "Packaging workshop",
        "kind": workshop.kind,
        "starts_on": dt.date(2027, 3, 1),
    }
    second = events.save_event(values=values, actor=alice)
    assert second.slug == "2027-03-01-packaging-workshop-2"
    with pytest.raises(ValidationError) as caught:
        events.save_event(values={**values, "slug": workshop.slug}, actor=alice)
    assert errors(caught) == {
        "slug": [
            "“2027-03-01-packaging-workshop” is the short name of “Packaging workshop” (1–2 March 2027). Free is: "
            "2027-03-01-packaging-workshop-3."
        ]
    }


def test_announcing_tells_the_ledger_once(workshop: Event, alice: User) -> None:
    for _time in range(2):
        events.announce(event=workshop, actor=alice)
    told = Activity.objects.get()
    assert (told.kind, told.source, told.detail["title"]) == (
        "training.announced",
        "training",
        "Packaging workshop",
    )
    workshop.refresh_from_db()
    assert workshop.status == Status.ANNOUNCED


def test_without_a_day_it_cannot_be_announced(rows: None, alice: User) -> None:
    event = events.save_event(
        values={"title": "Some day", "kind": EventKind.objects.get(slug="talk")}, actor=alice
    )
    with pytest.raises(ValidationError) as caught:
        events.announce(event=event, actor=alice)
    assert errors(caught) == {"starts_on": ["An event that is announced needs its first day."]}


def test_cancelling_needs_a_reason_and_can_be_taken_back(announced: Event, alice: User) -> None:
    with pytest.raises(ValidationError) as caught:
        events.cancel(event=announced, reason="  ", actor=alice)
    assert errors(caught) == {"reason": ["Say why."]}
    events.cancel(event=announced, reason="No instructor", actor=alice)
    announced.refresh_from_db()
    assert (announced.status, announced.status_reason) == (Status.CANCELLED, "No instructor")
    events.plan_again(event=announced, actor=alice)
    events.announce(event=announced, actor=alice)
    kinds = list(Activity.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["training.announced", "training.cancelled", "training.announced"]


def test_a_planned_event_is_cancelled_without_telling_anybody(workshop: Event, alice: User) -> None:
    events.cancel(event=workshop, reason="No room", actor=alice)
    assert not Activity.objects.exists()


def test_time_makes_it_run_and_be_done_and_the_ledger_hears_who_took_part(
    announced: Event, alice: User
) -> None:
    teacher, learner, absent, gone = (PersonFactory() for _n in range(4))
    tasks.add_task(event=announced, person=teacher, kind=part("instructor"), actor=alice)
    tasks.add_task(event=announced, person=learner, kind=part("learner"), actor=alice)
    missed = tasks.add_task(event=announced, person=absent, kind=part("learner"), actor=alice)
    left = tasks.add_task(event=announced, person=gone, kind=part("learner"), actor=alice)
    tasks.set_state(task=left, state=TaskState.WITHDRAWN, actor=alice)
    tasks.note_attendance(event=announced, tasks=[missed], attended=False, actor=alice)

    with time_machine.travel(dt.datetime(2027, 3, 1, 8, 59, tzinfo=UTC), tick=False):
        assert settle(None) == {"done": 0, "running": 0}
    with time_machine.travel(dt.datetime(2027, 3, 1, 9, 0, tzinfo=UTC), tick=False):
        assert settle(None) == {"done": 0, "running": 1}
        assert settle(None) == {"done": 0, "running": 0}
    with time_machine.travel(dt.datetime(2027, 3, 2, 16, 30, tzinfo=UTC), tick=False):
        assert settle(None) == {"done": 1, "running": 0}
        assert settle(None) == {"done": 0, "running": 0}
        run_in_foreground(Job.objects.get(kind="training.tell"))
    told = Activity.objects.exclude(kind="training.announced").order_by("pk")
    assert [(one.kind, one.identity.person, one.occurred_at) for one in told if one.identity] == [
        ("training.taught", teacher, announced.starts_at),
        ("training.attended", learner, announced.starts_at),
    ]


def test_a_part_is_taken_once_and_taken_up_again(workshop: Event, alice: User) -> None:
    person = PersonFactory(name="Ada Example")
    first = tasks.add_task(event=workshop, person=person, kind=part("helper"), actor=alice)
    with pytest.raises(ValidationError) as caught:
        tasks.add_task(event=workshop, person=person, kind=part("helper"), actor=alice)
    assert errors(caught) == {"person": ["Ada Example has this part already: Helper."]}
    tasks.set_state(task=first, state=TaskState.DECLINED, actor=alice)
    again = tasks.add_task(event=workshop, person=person, kind=part("helper"), actor=alice)
    assert (again.pk, again.state, Task.objects.count()) == (first.pk, TaskState.CONFIRMED, 1)


def test_a_full_event_takes_no_more_learners_but_helpers(workshop: Event, alice: User) -> None:
    events.save_event(event=workshop, values={"capacity": 1}, actor=alice)
    tasks.add_task(event=workshop, person=PersonFactory(), kind=part("learner"), actor=alice)
    with pytest.raises(ValidationError) as caught:
        tasks.add_task(event=workshop, person=PersonFactory(), kind=part("learner"), actor=alice)
    assert caught.value.messages == [
        "Packaging workshop is full (1 place). Give it more places, or put them on the waiting list."
    ]
    tasks.add_task(event=workshop, person=PersonFactory(), kind=part("helper"), actor=alice)
    assert Task.objects.count() == 2


def test_who_does_not_take_part_was_not_there(workshop: Event, alice: User) -> None:
    person = PersonFactory(name="Ada Example")
    task = tasks.add_task(
        event=workshop, person=person, kind=part("learner"), state=TaskState.INVITED, actor=alice
    )
    with pytest.raises(ValidationError) as caught:
        tasks.note_attendance(event=workshop, tasks=[task], attended=True, actor=alice)
    assert caught.value.messages == ["Ada Example does not take part: confirm that first."]
