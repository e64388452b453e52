"""What becomes of an event that is deleted, moves, or is booked twice; and short names and places that are taken."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.search.find import search
from folkmoot.kernel.undo import undo
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.training.actions import events, notes, pieces, registering, tasks
from folkmoot.training.actions.deleting import delete_event
from folkmoot.training.exports.calendar import uid_of
from folkmoot.training.models import (
    AHEAD,
    Curriculum,
    Event,
    EventLink,
    EventNote,
    Question,
    Session,
    Status,
    TaskState,
)
from tests.factories import (
    EventFactory,
    IdentityFactory,
    PersonFactory,
    ProjectFactory,
    RegistrationFactory,
    RequestFactory,
    TagFactory,
    TaskFactory,
)
from tests.training.conftest import part

UTC = dt.UTC
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=UTC)


# ------------------------------------------------------------------ deleting


def whole(event: Event) -> Event:
    """The event with a row of everything that is its own."""
    event.curricula.add(Curriculum.objects.create(slug="basics", name="Basics"))
    event.lessons.add(ProjectFactory())
    event.tags.add(TagFactory())
    Event.objects.filter(pk=event.pk).update(detail={"x": [1]})
    Session.objects.create(event=event, title="Talk", uid="u1")
    EventLink.objects.create(event=event, kind="notes", url="https://pad.example/x")
    Question.objects.create(event=event, text="Why?")
    notes.add_note(about=event, body="A wish", actor=None)
    event.refresh_from_db()
    return event


def test_a_planned_event_is_deleted_with_what_is_its_own_and_brought_back(
    workshop: Event, alice: User, as_alice: Client
) -> None:
    row = whole(workshop)
    before = {
        "event": Event.objects.filter(pk=row.pk).values().get() | {"updated_at": None},
        "sets": [
            sorted(getattr(row, name).values_list("pk", flat=True))
            for name in ("curricula", "lessons", "tags")
        ],
        "pieces": [list(model.objects.values()) for model in (EventLink, EventNote, Question)],
    }
    session = Session.objects.values("pk", "title", "uid", "event_id").get()
    page = reverse("training:event", args=[row.pk])
    done = as_alice.post(reverse("training:delete", args=[row.pk]), {"next": page})
    assert done["Location"] == reverse("training:list")
    assert [model.objects.count() for model in (Event, Session, EventLink, Question, EventNote)] == [0] * 5
    assert search("packaging", alice, ["event"]) == []
    text = as_alice.get(done["Location"]).content.decode()
    assert "“Packaging workshop” is deleted." in text
    as_alice.post("/training/undo/" + text.split("/training/undo/")[-1].split('"')[0])
    again = Event.objects.get()
    assert before == {
        "event": Event.objects.filter(pk=row.pk).values().get() | {"updated_at": None},
        "sets": [
            sorted(getattr(again, name).values_list("pk", flat=True))
            for name in ("curricula", "lessons", "tags")
        ],
        "pieces": [list(model.objects.values()) for model in (EventLink, EventNote, Question)],
    }
    assert Session.objects.values("pk", "title", "uid", "event_id").get() == session
    assert [hit.title for hit in search("packaging", alice, ["event"])] == ["Packaging workshop"]


def test_what_stands_in_the_way_is_said(workshop: Event, alice: User) -> None:
    TaskFactory(event=workshop, kind=part("instructor"))
    RegistrationFactory(event=workshop)
    RequestFactory(event=workshop)
    with pytest.raises(ValidationError) as caught:
        delete_event(event=workshop, actor=alice)
    assert caught.value.messages == [
        "“Packaging workshop” cannot be deleted: 1 part in an event, 1 registration, 1 request. "
        "Cancel it instead, or take these out of it first."
    ]
    assert Event.objects.filter(pk=workshop.pk).exists()


@pytest.mark.parametrize("status", [status for status in Status.values if status != "planned"])
def test_what_somebody_may_know_of_is_cancelled_instead(workshop: Event, alice: User, status: str) -> None:
    Event.objects.filter(pk=workshop.pk).update(status=status)
    with pytest.raises(ValidationError, match="is not only planned: cancel it instead"):
        delete_event(event=workshop, actor=alice)


def test_what_was_announced_once_is_not_deleted(workshop: Event, alice: User, as_alice: Client) -> None:
    events.announce(event=workshop, actor=alice)
    events.plan_again(event=workshop, actor=alice)
    done = as_alice.post(reverse("training:delete", args=[workshop.pk]))
    assert done["Location"] == reverse("training:event", args=[workshop.pk])
    assert "is not only planned" in as_alice.get(done["Location"]).content.decode()


def test_deleting_is_for_who_manages_and_offered_where_it_can_be(workshop: Event, as_alice: Client) -> None:
    page, delete = (reverse(f"training:{name}", args=[workshop.pk]) for name in ("event", "delete"))
    assert delete in as_alice.get(page).content.decode()
    Event.objects.filter(pk=workshop.pk).update(status="announced")
    assert delete not in as_alice.get(page).content.decode()


def test_an_event_whose_name_is_taken_meanwhile_does_not_come_back(workshop: Event, alice: User) -> None:
    what = delete_event(event=workshop, actor=alice)
    EventFactory(slug=workshop.slug, kind=workshop.kind)
    with pytest.raises(ValidationError):
        undo(what=what, actor=alice)
    assert Event.objects.count() == 1


# ------------------------------------------------------------------- moving


@pytest.fixture
def known(workshop: Event, alice: User) -> Any:
    """The workshop is announced; somebody teaches, somebody registered, somebody waits for the click, one left."""
    cache.clear()
    settings = {"from": "Moot <moot@example.org>"}
    Channel.objects.create(kind="house", name="Mail", medium="mail", is_default=True, settings=settings)
    with time_machine.travel(NOW, tick=False):
        events.save_event(
            event=workshop,
            values={"registration_by": "here", "contact": "workshops@example.org"},
            actor=alice,
        )
        row = events.announce(event=workshop, actor=alice)
        teacher = IdentityFactory(system="email", value="tea@example.org", person=PersonFactory()).person
        tasks.add_task(event=row, person=teacher, kind=part("instructor"), actor=alice)
        gone = IdentityFactory(system="email", value="gone@example.org", person=PersonFactory()).person
        left = tasks.add_task(event=row, person=gone, kind=part("helper"), actor=alice)
        tasks.set_state(task=left, state=TaskState.WITHDRAWN, actor=alice)
        registering.prove(
            registration=registering.register(event=row, values={"name": "Ada", "email": "ada@example.org"})
        )
        registering.register(event=row, values={"name": "Dee", "email": "dee@example.org"})
        yield row


def form_of(client: Client, event: Event, **changed: Any) -> Any:
    address = reverse("training:edit", args=[event.pk])
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: value for name, value in values.items() if value not in (None, False, [])}
    return client.post(address, values | changed)


def told() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="training.event_moved").order_by("recipient"))


def test_who_takes_part_is_told_that_it_moved(known: Event, as_alice: Client) -> None:
    shown = as_alice.get(reverse("training:edit", args=[known.pk])).content.decode()
    assert "Tell the 2 people who take part" in shown
    before = Calendar.from_ical(as_alice.get(f"/events/{known.slug}.ics").content).walk("VEVENT")[0]
    with time_machine.travel(NOW + dt.timedelta(seconds=1), tick=False):
        done = form_of(as_alice, known, starts_on="2027-03-08", ends_on="2027-03-09", city="York", tell="on")
        assert done.status_code == 302
        assert "Saved; those who take part are told." in as_alice.get(done["Location"]).content.decode()
        run_in_foreground(Job.objects.get(kind="training.tell_moved"))
    assert [one.recipient for one in told()] == ["ada@example.org", "tea@example.org"]
    text = told()[0].payload["text"]
    assert (
        "Until now: 1 March 2027, 09:00 to 2 March 2027, 16:30 (Europe/London); Library, Leeds, United Kingdom"
        in text
    )
    assert "When it is: 8 March 2027, 09:00 to 9 March 2027, 16:30 (Europe/London)" in text
    assert "Where it is: Library, York, United Kingdom" in text
    (file,) = told()[1].attachments.all()
    assert file.type == "text/calendar; method=PUBLISH; charset=utf-8"
    calendar = Calendar.from_ical(bytes(file.content))
    (entry,) = calendar.walk("VEVENT")
    assert (calendar["method"], entry["uid"], entry["dtstart"].dt.date()) == (
        "PUBLISH",
        uid_of(known),
        dt.date(2027, 3, 8),
    )
    assert entry["sequence"] == before["sequence"] + 1


def test_nobody_is_told_unless_asked_for_or_nothing_moved(known: Event, as_alice: Client) -> None:
    form_of(as_alice, known, city="York")
    form_of(as_alice, known, summary="Only words", tell="on")
    assert not Job.objects.filter(kind="training.tell_moved").exists()


def test_what_was_taken_back_before_the_mails_left_tells_nobody(
    known: Event, as_alice: Client, alice: User
) -> None:
    form_of(as_alice, known, city="York", tell="on")
    events.save_event(event=known, values={"city": "Leeds"}, actor=alice)
    run_in_foreground(Job.objects.get(kind="training.tell_moved"))
    assert told() == []


def test_each_is_told_once_though_the_job_runs_twice(known: Event, as_alice: Client) -> None:
    form_of(as_alice, known, city="York", tell="on")
    job = Job.objects.get(kind="training.tell_moved")
    run_in_foreground(job)
    Job.objects.filter(pk=job.pk).update(state="queued", cursor=None)
    run_in_foreground(Job.objects.get(pk=job.pk))
    assert len(told()) == 2


@pytest.mark.parametrize("status", ["planned", "done", "cancelled", "stalled"])
def test_where_nobody_knows_of_it_nothing_is_asked(known: Event, as_alice: Client, status: str) -> None:
    Event.objects.filter(pk=known.pk).update(status=status)
    assert "tell" not in as_alice.get(reverse("training:edit", args=[known.pk])).context["form"].fields


# ------------------------------------------------------------- booked twice


def other(event: Event, **values: Any) -> Event:
    made: Event = EventFactory(
        **{
            "title": "Other workshop",
            "kind": event.kind,
            "status": "announced",
            "starts_on": dt.date(2027, 3, 2),
            "ends_on": dt.date(2027, 3, 2),
            **values,
        }
    )
    return made


def booked(client: Client, event: Event) -> list[tuple[str, str]]:
    page = client.get(reverse("training:event", args=[event.pk])).context["page"]
    return [(one.what, one.event) for one in page.bookings]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"venue": "LIBRARY", "city": "leeds"}, True),
        ({"venue": "Library"}, True),
        ({"venue": "Library", "city": "York"}, False),
        ({"venue": "Town hall", "city": "Leeds"}, False),
        ({"venue": "Library", "city": "Leeds", "status": "cancelled"}, False),
        (
            {
                "venue": "Library",
                "city": "Leeds",
                "starts_on": dt.date(2027, 3, 3),
                "ends_on": dt.date(2027, 3, 3),
            },
            False,
        ),
    ],
)
def test_a_venue_that_is_booked_twice_names_the_other_event(
    as_alice: Client, workshop: Event, values: dict[str, Any], named: bool
) -> None:
    other(workshop, **values)
    assert booked(as_alice, workshop) == ([("Library, Leeds", "Other workshop")] if named else [])


def test_somebody_who_teaches_in_two_events_at_once_is_named(
    as_alice: Client, workshop: Event, alice: User
) -> None:
    person = PersonFactory(name="Ana Teacher")
    second = other(workshop)
    TaskFactory(event=second, person=person, kind=part("helper"))
    TaskFactory(event=second, person=PersonFactory(), kind=part("instructor"))
    done = as_alice.post(
        reverse("training:new_part", args=[workshop.pk]),
        {"person": "Ana Teacher", "kind": part("instructor").pk, "state": "confirmed"},
    )
    assert done.status_code == 302
    shown = as_alice.get(done["Location"]).content.decode()
    assert "At the same time: Other workshop (2 March 2027, Helper)." in shown
    assert booked(as_alice, workshop) == [("Ana Teacher (there: Helper)", "Other workshop")]
    assert booked(as_alice, second) == []  # who helps there teaches here: it is this event's to settle
    assert set(AHEAD) >= {workshop.status}


def test_a_room_with_two_sessions_at_once_says_so(as_alice: Client, workshop: Event, alice: User) -> None:
    at = dt.datetime(2027, 3, 1, 10, tzinfo=UTC)
    hour = dt.timedelta(hours=1)
    for title, room, begins in (
        ("Talk", "A1", at),
        ("Panel", "a1", at + hour / 2),
        ("Break", "A1", at + 2 * hour),
    ):
        pieces.save_session(
            event=workshop, actor=alice, title=title, room=room, starts_at=begins, ends_at=begins + hour
        )
    page = as_alice.get(reverse("training:event", args=[workshop.pk]))
    assert [(row.title, twice) for row, _when, twice in page.context["page"].sessions] == [
        ("Talk", "Panel"),
        ("Panel", "Talk"),
        ("Break", ""),
    ]
    assert "the room is also that of “Panel”" in page.content.decode()


# ------------------------------------------------- places and short names


def test_fewer_places_than_people_is_refused_with_what_to_do(workshop: Event, alice: User) -> None:
    for _one in range(2):
        TaskFactory(event=workshop, kind=part("learner"))
    with pytest.raises(ValidationError) as caught:
        events.save_event(event=workshop, values={"capacity": 1}, actor=alice)
    assert caught.value.message_dict == {
        "capacity": ["2 people have a place already: give at least so many, or take some out first."]
    }
    events.save_event(event=workshop, values={"capacity": 2}, actor=alice)
    # What an import brought stays editable in all else.
    Event.objects.filter(pk=workshop.pk).update(capacity=1)
    workshop.refresh_from_db()
    assert events.save_event(event=workshop, values={"summary": "Full"}, actor=alice).summary == "Full"


def test_a_short_name_in_use_names_the_event_and_the_next_free_one(workshop: Event, alice: User) -> None:
    EventFactory(kind=workshop.kind, slug=f"{workshop.slug}-2")
    with pytest.raises(ValidationError) as caught:
        events.save_event(values={"title": "Twin", "kind": workshop.kind, "slug": workshop.slug}, actor=alice)
    assert caught.value.message_dict == {
        "slug": [
            f"“{workshop.slug}” is the short name of “Packaging workshop” (1–2 March 2027). "
            f"Free is: {workshop.slug}-3."
        ]
    }


# ------------------------------------------------------------- languages


def test_languages_are_called_by_their_names(as_nobody: Client, as_alice: Client, announced: Event) -> None:
    Event.objects.filter(pk=announced.pk).update(languages=["en", "pt-BR", "tlh"])
    for client, address in (
        (as_nobody, reverse("events:event", args=[announced.slug])),
        (as_alice, reverse("training:event", args=[announced.pk])),
    ):
        assert "English, Brazilian Portuguese, tlh" in client.get(address).content.decode()
