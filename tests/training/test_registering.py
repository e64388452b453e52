"""Registering: the form, the proof by mail, places and the waiting list, a cancelled event."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.ui.guarded import SALT
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import Correspondence, Person
from folkmoot.training.actions import events, registering, registrations, tasks
from folkmoot.training.actions.place_letters import token_of
from folkmoot.training.actions.questions import save_question
from folkmoot.training.exports.calendar import uid_of
from folkmoot.training.models import Event, Question, Registration, Task, TaskState
from folkmoot.training.queries.places import Door, door
from tests.factories import IdentityFactory, PersonFactory
from tests.training.conftest import part

UTC = dt.UTC
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def here(announced: Event, alice: User) -> Any:
    """The announced workshop with its form here and two places; mail can leave. It is January 2027."""
    cache.clear()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    with time_machine.travel(NOW, tick=False):
        yield events.save_event(
            event=announced,
            values={"registration_by": "here", "capacity": 2, "contact": "workshops@example.org"},
            actor=alice,
        )


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ada Example",
        "email": "ada@example.org",
        "affiliation": "Harbour Lab",
        "needs": "Captions",
        "began": signing.dumps(clock.now().timestamp() - 30, salt=SALT),
    } | changes


def address(event: Event) -> str:
    return reverse("events:register", args=[event.slug])


def own_page(registration: Registration) -> str:
    return reverse("events:place", args=[token_of(registration)])


def registered(event: Event, name: str) -> Registration:
    """Somebody registers, and proves it."""
    row = registering.register(event=event, values={"name": name, "email": f"{name.lower()}@example.org"})
    return registering.prove(registration=row)


def mails() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("kind", "recipient"))


def test_a_registration_counts_once_its_mail_was_answered(as_nobody: Client, here: Event) -> None:
    known = IdentityFactory(system="email", value="ada@example.org", person=PersonFactory(name="Ada E."))
    PersonFactory(name="Ada Example")  # the same name is not the same person
    asked = save_question(
        event=here,
        values={"text": "Which laptop?", "kind": Question.Kind.ONE, "choices": ["Linux", "Other"]},
        actor=None,
    )
    page = as_nobody.get(address(here)).content.decode()
    assert "Which laptop?" in page
    done = as_nobody.post(
        address(here), filled(**{f"question-{asked.pk}": "Linux", "email": "Ada@Example.org"})
    )
    assert (done.status_code, done["Location"]) == (302, f"{address(here)}?sent=1")
    assert "Look into your mail" in as_nobody.get(done["Location"]).content.decode()
    row = Registration.objects.get()
    assert (row.state, row.answers, row.needs, row.person) == (
        "unproven",
        {str(asked.pk): "Linux"},
        "Captions",
        None,
    )
    assert not Task.objects.exists()
    (sent,) = Delivery.objects.all()
    assert (sent.kind, sent.recipient, sent.payload["reply_to"]) == (
        "training.prove",
        "ada@example.org",
        "workshops@example.org",
    )
    link = re.search(r"/events/place/[^/]+/", sent.payload["text"])
    assert link is not None
    assert link[0] == own_page(row)
    # Looking at the page, as programs that check links do, proves nothing.
    assert "Confirm your registration" in as_nobody.get(link[0]).content.decode()
    row.refresh_from_db()
    assert row.state == "unproven"
    for _time in range(2):
        assert as_nobody.post(link[0], {"do": "confirm"}).status_code == 302
    row.refresh_from_db()
    task = Task.objects.get()
    assert (row.state, row.person, row.task, task.kind.slug, task.state) == (
        "confirmed",
        known.person,
        task,
        "learner",
        "confirmed",
    )
    assert Correspondence.objects.get(is_recipient=True).person == known.person
    assert mails() == [("training.prove", "ada@example.org"), ("training.place", "ada@example.org")]
    answer = as_nobody.get(link[0])
    assert "You have a place" in answer.content.decode()
    assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex, nofollow", True)


def test_who_is_not_known_gets_a_record_with_a_proven_address(here: Event) -> None:
    row = registered(here, "Ada")
    assert row.person is not None
    assert list(row.person.identities.values_list("system", "value", "is_verified")) == [
        ("email", "ada@example.org", True)
    ]


def test_one_address_registers_once_and_nobody_else_learns_it(as_nobody: Client, here: Event) -> None:
    first = as_nobody.post(address(here), filled())
    old = own_page(Registration.objects.get())
    with time_machine.travel(NOW + dt.timedelta(minutes=5), tick=False):
        second = as_nobody.post(address(here), filled(name="Ada Again", email="ADA@example.org"))
        row = Registration.objects.get()
        assert row.name == "Ada Again"
        assert as_nobody.get(old).status_code == 404  # the newer mail replaced it
        registering.prove(registration=row)
        third = as_nobody.post(address(here), filled(name="Mallory"))
    assert (first.status_code, second["Location"], third["Location"]) == (
        302,
        first["Location"],
        first["Location"],
    )
    row.refresh_from_db()
    assert (row.name, row.state, Registration.objects.count()) == ("Ada Again", "confirmed", 1)
    assert [kind for kind, _to in mails()] == [
        "training.prove",
        "training.prove",
        "training.place",
        "training.registered_already",
    ]


def test_a_second_address_of_the_same_person_takes_no_second_place(here: Event) -> None:
    person = PersonFactory()
    for value in ("ada@example.org", "a.example@lab.example.org"):
        IdentityFactory(system="email", value=value, person=person)
    registered(here, "Ada")
    again = registering.register(event=here, values={"name": "A", "email": "a.example@lab.example.org"})
    again = registering.prove(registration=again)
    assert (again.state, again.reason) == ("cancelled", "Registered with another address already.")
    assert Task.objects.count() == 1


def test_the_waiting_list_keeps_the_order_of_the_proofs(here: Event) -> None:
    rows = {}
    late = registering.register(event=here, values={"name": "Late", "email": "late@example.org"})
    for minute, name in enumerate(("Ada", "Ben", "Cai", "Dee")):
        with time_machine.travel(NOW + dt.timedelta(minutes=minute), tick=False):
            rows[name] = registered(here, name)
    with time_machine.travel(NOW + dt.timedelta(minutes=9), tick=False):
        registering.prove(registration=late)
    assert [row.state for row in rows.values()] == ["confirmed", "confirmed", "waiting", "waiting"]
    assert door(here) == Door.FULL
    registering.withdraw(registration=rows["Ben"])
    states = dict(Registration.objects.values_list("name", "state"))
    assert states == {
        "Ada": "confirmed",
        "Ben": "cancelled",
        "Cai": "confirmed",
        "Dee": "waiting",
        "Late": "waiting",
    }
    assert mails()[-1] == ("training.moved_up", "cai@example.org")
    assert Task.objects.get(person=rows["Ben"].person).state == TaskState.WITHDRAWN


def test_more_places_and_a_part_taken_out_fill_from_the_list(here: Event, alice: User) -> None:
    _ada, _ben, cai, dee = (registered(here, name) for name in ("Ada", "Ben", "Cai", "Dee"))
    events.save_event(event=here, values={"capacity": 3}, actor=alice)
    cai.refresh_from_db()
    assert cai.state == "confirmed"
    assert cai.task is not None
    tasks.remove_task(task=cai.task, actor=alice)
    cai.refresh_from_db()
    dee.refresh_from_db()
    assert (cai.state, dee.state) == ("cancelled", "confirmed")


def test_a_part_given_back_by_hand_takes_the_registration_along(here: Event, alice: User) -> None:
    row = registered(here, "Ada")
    assert row.task is not None
    tasks.set_state(task=row.task, state=TaskState.DECLINED, actor=alice)
    row.refresh_from_db()
    assert row.state == "cancelled"
    tasks.set_state(task=Task.objects.get(), state=TaskState.CONFIRMED, actor=alice)
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_nobody_moves_up_once_the_event_has_begun(here: Event) -> None:
    rows = [registered(here, name) for name in ("Ada", "Ben", "Cai")]
    with time_machine.travel(dt.datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False):
        registering.withdraw(registration=rows[0])
    rows[2].refresh_from_db()
    assert rows[2].state == "waiting"


def test_who_came_back_registers_anew(here: Event) -> None:
    first = registered(here, "Ada")
    registering.withdraw(registration=first)
    second = registered(here, "Ada")
    first.refresh_from_db()
    assert (first.state, first.task, second.state, Task.objects.count()) == (
        "cancelled",
        None,
        "confirmed",
        1,
    )


def test_deciding_by_hand(here: Event, alice: User) -> None:
    _ada, _ben, cai, dee = (registered(here, name) for name in ("Ada", "Ben", "Cai", "Dee"))
    with pytest.raises(ValidationError) as caught:
        registrations.accept(registration=dee, actor=alice)
    assert caught.value.messages == [
        "Packaging workshop is full (2 places). Give it more places, or put them on the waiting list."
    ]
    registrations.move_up(registration=dee, actor=alice)
    registrations.decline(registration=_ada, actor=alice, reason="Members first")
    for row in (cai, dee, _ada):
        row.refresh_from_db()
    assert (cai.state, dee.state, _ada.state, _ada.reason) == (
        "waiting",
        "confirmed",
        "cancelled",
        "Members first",
    )
    told = Delivery.objects.get(kind="training.declined")
    assert (told.recipient, "Members first" in told.payload["text"]) == ("ada@example.org", True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "ada"}, "email"),
        ({"homepage": "https://spam.example"}, "__all__"),
        ({"began": ""}, "__all__"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    as_nobody: Client, here: Event, changes: dict[str, str], field: str
) -> None:
    answer = as_nobody.post(address(here), filled(**changes))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Registration.objects.exists()


def test_every_kind_of_question_is_answered(as_nobody: Client, here: Event) -> None:
    kinds = Question.Kind
    rows = {
        kind: save_question(
            event=here,
            values={
                "text": f"About {kind}",
                "kind": kind,
                "choices": ["a", "b", "c"] if kind in (kinds.ONE, kinds.SOME) else [],
                "is_required": True,
            },
            actor=None,
        )
        for kind in kinds
    }
    missing = as_nobody.post(address(here), filled())
    assert list(missing.context["form"].errors) == [f"question-{row.pk}" for row in rows.values()]
    said = {
        kinds.LINE: "one",
        kinds.TEXT: "two\r\nlines",
        kinds.ONE: "b",
        kinds.SOME: ["a", "c"],
        kinds.YES: "on",
    }
    wrong = as_nobody.post(address(here), filled(**{f"question-{rows[kinds.ONE].pk}": "z"}))
    assert f"question-{rows[kinds.ONE].pk}" in wrong.context["form"].errors
    sent = as_nobody.post(
        address(here), filled(**{f"question-{rows[kind].pk}": answer for kind, answer in said.items()})
    )
    assert sent.status_code == 302
    assert Registration.objects.get().answers == {
        str(rows[kinds.LINE].pk): "one",
        str(rows[kinds.TEXT].pk): "two\nlines",
        str(rows[kinds.ONE].pk): "b",
        str(rows[kinds.SOME].pk): ["a", "c"],
        str(rows[kinds.YES].pk): True,
    }


@pytest.mark.parametrize(
    ("values", "words", "stands"),
    [
        (
            {"registration_opens_at": NOW + dt.timedelta(days=1)},
            "Registration has not opened yet",
            Door.EARLY,
        ),
        ({"registration_closes_at": NOW}, "Registration is closed", Door.CLOSED),
        ({"status": "cancelled", "status_reason": "No room"}, "This event is cancelled", Door.CANCELLED),
        ({"status": "done"}, "This event is over", Door.OVER),
    ],
)
def test_a_closed_door_says_why(
    as_nobody: Client, here: Event, values: dict[str, Any], words: str, stands: Door
) -> None:
    Event.objects.update(**values)
    here.refresh_from_db()
    assert door(here) == stands
    shown = as_nobody.get(address(here))
    assert (shown.status_code, words in shown.content.decode()) == (200, True)
    assert as_nobody.post(address(here), filled()).status_code == 409
    with pytest.raises(ValidationError):
        registering.register(event=here, values={"name": "Ada", "email": "ada@example.org"})
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"visibility": "private"}, {"status": "planned"}, {"registration_by": ""}, {"status": "stalled"}],
)
def test_what_is_not_for_everybody_has_no_form(
    as_nobody: Client, here: Event, values: dict[str, str]
) -> None:
    Event.objects.update(**values)
    assert as_nobody.get(address(here)).status_code == 404


def test_a_full_event_offers_its_waiting_list(as_nobody: Client, here: Event) -> None:
    for name in ("Ada", "Ben"):
        registered(here, name)
    assert "Join the waiting list" in as_nobody.get(address(here)).content.decode()


def test_one_address_gets_few_mails(as_nobody: Client, here: Event) -> None:
    answers = [as_nobody.post(address(here), filled()).status_code for _time in range(6)]
    assert answers == [302] * 5 + [422]


def test_without_a_way_for_mail_nothing_is_kept(as_nobody: Client, here: Event) -> None:
    Channel.objects.all().delete()
    answer = as_nobody.post(address(here), filled())
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["email"])
    assert not Registration.objects.exists()


def test_what_nobody_confirmed_is_forgotten(as_nobody: Client, here: Event) -> None:
    old = registering.register(event=here, values={"name": "Ada", "email": "ada@example.org"})
    kept = registered(here, "Ben")
    page = own_page(old)
    with time_machine.travel(NOW + dt.timedelta(days=7), tick=False):
        assert as_nobody.get(page).status_code == 404
        assert registering.forget_unproven(now=clock.now()) == 1
    assert list(Registration.objects.all()) == [kept]
    history: Any = Registration.history
    assert set(history.values_list("id", flat=True)) == {kept.pk}


def test_a_broken_link_opens_nothing(as_nobody: Client, here: Event) -> None:
    row = registered(here, "Ada")
    for token in ("nonsense", signing.dumps([row.pk, 1], salt="training.place"), token_of(row)[:-2] + "xx"):
        assert as_nobody.get(reverse("events:place", args=[token])).status_code == 404


def test_a_place_is_given_back_by_its_page(as_nobody: Client, here: Event) -> None:
    row = registered(here, "Ada")
    assert as_nobody.post(own_page(row), {"do": "withdraw"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "Register again" in as_nobody.get(own_page(row)).content.decode()


def test_a_cancelled_event_tells_everybody_once(here: Event, alice: User) -> None:
    teacher = IdentityFactory(system="email", value="tea@example.org", person=PersonFactory()).person
    gone = IdentityFactory(system="email", value="gone@example.org", person=PersonFactory()).person
    tasks.add_task(event=here, person=teacher, kind=part("instructor"), actor=alice)
    left = tasks.add_task(event=here, person=gone, kind=part("helper"), actor=alice)
    tasks.set_state(task=left, state=TaskState.WITHDRAWN, actor=alice)
    tasks.add_task(event=here, person=PersonFactory(), kind=part("host"), actor=alice)  # no address is known
    for name in ("Ada", "Ben", "Cai"):
        registered(here, name)
    registering.register(event=here, values={"name": "Dee", "email": "dee@example.org"})
    before = Delivery.objects.count()
    for _time in range(2):
        events.cancel(event=here, reason="The instructor is ill", actor=alice)
    (job,) = Job.objects.filter(kind="training.call_off")
    assert Delivery.objects.count() == before
    run_in_foreground(job)
    told = Delivery.objects.filter(kind="training.event_cancelled").order_by("recipient")
    assert [one.recipient for one in told] == [
        "ada@example.org",
        "ben@example.org",
        "cai@example.org",
        "tea@example.org",
    ]
    assert all("The instructor is ill" in one.payload["text"] for one in told)
    assert Delivery.objects.count() == before + 4
    (file,) = told[0].attachments.all()
    assert (file.name, file.type) == (f"{here.slug}.ics", "text/calendar; method=CANCEL; charset=utf-8")
    calendar = Calendar.from_ical(bytes(file.content))
    (entry,) = calendar.walk("VEVENT")
    assert (calendar["method"], entry["status"], str(entry["organizer"])) == (
        "CANCEL",
        "CANCELLED",
        "mailto:workshops@example.org",
    )
    assert entry["uid"] == uid_of(here)
    assert [one.attachments.count() for one in told] == [1, 1, 1, 1]


def test_an_event_taken_up_again_tells_nobody(here: Event, alice: User) -> None:
    registered(here, "Ada")
    events.cancel(event=here, reason="Ill", actor=alice)
    events.plan_again(event=here, actor=alice)
    run_in_foreground(Job.objects.get(kind="training.call_off"))
    assert not Delivery.objects.filter(kind="training.event_cancelled").exists()


def test_an_event_of_the_past_is_cancelled_quietly(here: Event, alice: User) -> None:
    registered(here, "Ada")
    with time_machine.travel(dt.datetime(2027, 4, 1, tzinfo=UTC), tick=False):
        events.cancel(event=here, reason="It never took place", actor=alice)
    assert not Job.objects.filter(kind="training.call_off").exists()


def test_an_archived_record_comes_back(here: Event, alice: User) -> None:
    person = PersonFactory(archived_at=NOW)
    IdentityFactory(system="email", value="ada@example.org", person=person)
    row = registered(here, "Ada")
    person = Person.objects.get(pk=person.pk)
    assert (row.person, row.state, person.archived_at) == (person, "confirmed", None)
