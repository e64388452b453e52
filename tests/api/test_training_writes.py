"""Writing training by the API: the pages' actions, once for each key, onto what was seen, by whom may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.rows import together
from folkmoot.training.actions.events import save_event
from folkmoot.training.models import Event, Opening, Progress, Request, Requirement, Task
from folkmoot.training.queries.request_pages import step_rows, tell_steps
from tests.api.conftest import Program
from tests.factories import (
    EventFactory,
    EventKindFactory,
    OpeningFactory,
    PersonFactory,
    RequestFactory,
    SignUpFactory,
    SoughtPartFactory,
    TaskKindFactory,
)
from tests.training.recruiting import consent

ProgramOf = Callable[..., Program]
WRITES = ("training:write", "training:read", "trainees:read", "recruitment:read", "requests:read")


@pytest.fixture
def coming(db: None) -> Event:
    """An event ahead."""
    day = dt.date.today() + dt.timedelta(days=60)
    return EventFactory(starts_on=day, ends_on=day)


def test_an_event_is_entered_once_and_changed_onto_what_was_seen(alices: Program) -> None:
    EventKindFactory(slug="workshop")
    body = {
        "title": "Packaging",
        "kind": "workshop",
        "starts_on": "2099-03-01",
        "starts_time": "09:00",
        "ends_time": "16:30",
        "time_zone": "Europe/London",
        "languages": ["en", "pt-BR"],
        "capacity": 20,
    }
    made = alices.post("events", body, Idempotency_Key="one")
    assert made.status_code == 201, made.content
    again = alices.post("events", body, Idempotency_Key="one")
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    told = made.json()
    assert (told["slug"], told["status"], told["ends_on"]) == (
        "2099-03-01-packaging",
        "planned",
        "2099-03-01",
    )
    assert (told["starts_at"], told["ends_time"]) == ("2099-03-01T09:00:00Z", "16:30:00")
    assert made["Location"] == f"/api/v1/events/{told['id']}"
    path = f"events/{told['id']}"
    seen = alices.get(path)
    changed = alices.patch(path, {"venue": "Library"}, If_Match=seen["ETag"])
    assert (changed.status_code, changed.json()["venue"], changed.json()["capacity"]) == (200, "Library", 20)
    refused = alices.patch(path, {"venue": "Hall"}, If_Match=seen["ETag"])
    assert (refused.status_code, Event.objects.get().venue) == (412, "Library")
    # Its status goes by the actions of its page: with their words.
    assert alices.patch(path, {"status": "announced"}).json()["announced_at"] is not None
    for body, field in (
        ({"status": "cancelled"}, "status_reason"),
        ({"status": "done"}, ""),
        ({"status": "running"}, "status"),
        ({"ends_on": "2099-02-01"}, "ends_on"),
        ({"country": "XX"}, "country"),
        ({"kind": "nosuch"}, "kind"),
        ({"curricula": ["nosuch"]}, "curricula"),
        ({"host_id": 999999}, "host_id"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"starts_time": "9 o'clock"}, "starts_time"),
        ({"languages": ["English, please"]}, "languages.0"),
        ({"nosuch": 1}, "nosuch"),
    ):
        answer = alices.patch(path, body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), (
            body,
            answer.content,
        )
    off = alices.patch(path, {"status": "cancelled", "status_reason": "Nobody teaches"}).json()
    assert (off["status"], off["status_reason"]) == ("cancelled", "Nobody teaches")
    assert alices.patch(path, {"status": "planned"}).json()["status"] == "planned"


def test_a_part_is_given_changed_and_taken_out(coming: Event, alices: Program) -> None:
    TaskKindFactory(slug="learner")
    TaskKindFactory(slug="helper", name="Helper", does="helps")
    person = PersonFactory()
    body = {"person_id": person.pk, "part": "learner"}
    made = alices.post(f"events/{coming.pk}/tasks", body, Idempotency_Key="k")
    assert (made.status_code, made.json()["state"]) == (201, "confirmed")
    assert alices.post(f"events/{coming.pk}/tasks", body, Idempotency_Key="k").status_code == 200
    twice = alices.post(f"events/{coming.pk}/tasks", body)
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (422, "person_id")
    path = f"tasks/{made.json()['id']}"
    assert alices.patch(path, {"attended": True, "note": "Came late"}).json()["attended"] is True
    assert alices.patch(path, {"part": "helper"}).json()["part"] == "helper"
    refused = alices.patch(path, {"state": "withdrawn"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "attended")
    assert alices.patch(path, {"attended": None, "state": "withdrawn"}).json()["state"] == "withdrawn"
    seen = alices.get(path)
    assert alices.ask("DELETE", path, If_Match='"other"').status_code == 412
    gone = alices.ask("DELETE", path, If_Match=seen["ETag"])
    assert (gone.status_code, gone.json()["note"]) == (200, "Came late")
    assert (Task.objects.count(), alices.ask("DELETE", path).status_code) == (0, 410)
    assert alices.post(f"events/{coming.pk}/tasks", {**body, "person_id": 999999}).status_code == 422
    assert alices.post("events/999999/tasks", body).status_code == 404


def test_a_full_event_takes_nobody_more(coming: Event, alices: Program) -> None:
    TaskKindFactory(slug="learner")
    alices.patch(f"events/{coming.pk}", {"capacity": 1})
    for status in (201, 422):
        body = {"person_id": PersonFactory().pk, "part": "learner"}
        answer = alices.post(f"events/{coming.pk}/tasks", body)
        assert answer.status_code == status
    assert "is full (1 place)" in answer.json()["detail"]


def test_progress_for_one_and_for_many(alices: Program) -> None:
    Requirement.objects.create(slug="demo", name="Demonstration")
    Requirement.objects.create(slug="welcome", name="Welcome", needs_date=True)
    people = [PersonFactory() for _n in range(3)]
    body = {"person_id": people[0].pk, "requirement": "demo", "note": "Went well"}
    made = alices.post("progresses", body, Idempotency_Key="k")
    assert (made.status_code, made.json()["state"], made.json()["note"]) == (201, "passed", "Went well")
    path = f"progresses/{made.json()['id']}"
    assert alices.patch(path, {"state": "repeat"}).json()["state"] == "repeat"
    many = {"people_ids": [one.pk for one in people], "requirement": "demo", "state": "passed"}
    noted = alices.post("note-progress", many).json()
    assert (len(noted["progress_ids"]), noted["known_ids"], noted["untrained_ids"]) == (3, [], [])
    again = alices.post("note-progress", many).json()
    assert (again["progress_ids"], sorted(again["known_ids"])) == ([], sorted(one.pk for one in people))
    before = Progress.objects.count()
    for wrong, field in (
        ({**many, "requirement": "welcome"}, "happened_on"),
        ({**many, "people_ids": [*many["people_ids"], 999999]}, "people_ids"),
        ({**many, "people_ids": []}, "people_ids"),
        ({**many, "involvement": "nosuch"}, "involvement"),
    ):
        answer = alices.post("note-progress", wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.content
    assert Progress.objects.count() == before


def test_sign_ups_are_decided_and_the_opening_closes(coming: Event, alices: Program) -> None:
    kind = TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    opening = OpeningFactory(event=coming)
    SoughtPartFactory(opening=opening, kind=kind)
    ana, ben = consent(PersonFactory()), PersonFactory()
    body = {"person_id": ana.pk, "part": "instructor", "interest": "Gladly"}
    made = alices.post(f"openings/{opening.pk}/sign-ups", body)
    assert (made.status_code, made.json()["is_own"]) == (201, False)
    assert alices.post(f"openings/{opening.pk}/sign-ups", body).status_code == 200
    unasked = alices.post(f"openings/{opening.pk}/sign-ups", {**body, "person_id": ben.pk})
    assert (unasked.status_code, unasked.json()["errors"][0]["field"]) == (422, "person_id")
    path = f"sign-ups/{made.json()['id']}"
    accepted = alices.patch(path, {"state": "accepted"}).json()
    assert (accepted["state"], Task.objects.get().pk) == ("accepted", accepted["task_id"])
    told = alices.get(f"openings/{opening.pk}").json()
    assert (told["state"], told["closed_because"], told["sought"][0]["missing"]) == ("closed", "filled", 0)
    assert alices.patch(path, {"state": "declined"}).json()["task_id"] is None
    assert Opening.objects.get().is_open


def test_an_opening_is_made_once_for_an_event_ahead(
    coming: Event, alice: User, bob: User, alices: Program, program: ProgramOf
) -> None:
    TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    body = {
        "event_id": coming.pk,
        "sought": [{"part": "instructor", "number": 2}],
        "text": "Join us",
        "priority": "high",
    }
    grant(user=bob, area=Area.TRAINING, level=Level.CONTRIBUTE)
    refused = program(bob, "training:write", "recruitment:read").post("openings", body)
    assert (refused.status_code, Opening.objects.count()) == (403, 0)
    made = alices.post("openings", body, Idempotency_Key="one")
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["event_id"], told["owner_id"], told["state"], told["text"]) == (
        coming.pk,
        alice.pk,
        "open",
        "Join us",
    )
    assert [(one["part"], one["number"]) for one in told["sought"]] == [("instructor", 2)]
    assert made["Location"] == f"/api/v1/openings/{told['id']}"
    assert alices.post("openings", body, Idempotency_Key="one").status_code == 200
    twice = alices.post("openings", body)
    assert (twice.status_code, "change that opening" in twice.content.decode()) == (422, True)
    over = EventFactory(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 1, 1), status="done")
    late = alices.post("openings", {**body, "event_id": over.pk})
    assert late.status_code == 422
    nobody = alices.post("openings", {**body, "event_id": EventFactory().pk, "sought": []})
    assert nobody.status_code == 422
    unknown = alices.post("openings", {**body, "event_id": 987654})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "event_id")
    assert Opening.objects.get().event == coming


def test_an_opening_is_taken_out_while_nobody_has_signed_up(coming: Event, alices: Program) -> None:
    kind = TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    opening = OpeningFactory(event=coming, note="By mistake")
    SoughtPartFactory(opening=opening, kind=kind)
    path = f"openings/{opening.pk}"
    sign_up = SignUpFactory(opening=opening, kind=kind)
    used = alices.ask("DELETE", path)
    assert (used.status_code, used.json()["detail"]) == (
        422,
        f"Somebody has signed up for {coming.title}: close the opening instead.",
    )
    sign_up.delete()
    seen = alices.get(path)
    assert alices.ask("DELETE", path, If_Match='"other"').status_code == 412
    gone = alices.ask("DELETE", path, If_Match=seen["ETag"])
    assert (gone.status_code, gone.json()) == (200, seen.json())
    assert (Opening.objects.count(), alices.get(path).status_code) == (0, 410)
    assert alices.ask("DELETE", path).status_code == 410
    assert [one["id"] for one in alices.get("gone?kind=openings").json()["results"]] == [opening.pk]


def test_when_people_may_register_is_said_by_the_api(coming: Event, alices: Program) -> None:
    path = f"events/{coming.pk}"
    said = {
        "registration_opens_at": "2098-01-01T09:00:00Z",
        "registration_closes_at": "2098-02-01T09:00:00+01:00",
    }
    told = alices.patch(path, said).json()
    assert (told["registration_opens_at"], told["registration_closes_at"]) == (
        "2098-01-01T09:00:00Z",
        "2098-02-01T08:00:00Z",
    )
    wrong = alices.patch(path, {"registration_closes_at": "2097-01-01T09:00:00Z"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "registration_closes_at")
    assert alices.patch(path, {"registration_closes_at": None}).json()["registration_closes_at"] is None


def test_an_opening_is_changed_as_recruitment_is(
    alice: User, bob: User, coming: Event, alices: Program
) -> None:
    kind = TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    TaskKindFactory(slug="helper", name="Helper", does="helps")
    opening = OpeningFactory(event=coming)
    SoughtPartFactory(opening=opening, kind=kind)
    path = f"openings/{opening.pk}"
    closed = alices.patch(path, {"state": "closed", "note": "Later", "priority": "high"}).json()
    assert (closed["state"], closed["closed_because"], closed["note"]) == ("closed", "by_hand", "Later")
    assert (closed["priority"], closed["urgency"]) == ("high", "high")
    sought = [{"part": "instructor", "number": 2}, {"part": "helper", "number": 1}]
    opened = alices.patch(path, {"state": "open", "priority": None, "sought": sought, "owner_id": alice.pk})
    assert {one["part"]: one["number"] for one in opened.json()["sought"]} == {"helper": 1, "instructor": 2}
    for wrong, field in (({"owner_id": bob.pk}, "owner_id"), ({"sought": []}, "")):
        answer = alices.patch(path, wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.content
    seen = alices.get(path)
    assert alices.patch(path, {"text": "Come"}, If_Match=seen["ETag"]).status_code == 200
    assert alices.patch(path, {"text": "No"}, If_Match=seen["ETag"]).status_code == 412


def test_requests_are_decided(alice: User, bob: User, alices: Program) -> None:
    request = RequestFactory()
    request.form.outcome = "inquiry"
    request.form.save()
    path = f"requests/{request.pk}"
    told = alices.patch(path, {"assigned_to_id": alice.pk, "score_manual": 7, "score_notes": "Good"}).json()
    assert (told["assigned_to_id"], told["score"], told["score_notes"]) == (alice.pk, 7, "Good")
    accepted = alices.patch(path, {"state": "accepted", "reason": "Welcome"}).json()
    assert (accepted["state"], accepted["reason"]) == ("accepted", "Welcome")
    assert alices.patch(path, {"state": "discarded"}).status_code == 422
    assert alices.patch(path, {"state": "pending"}).json()["decided_at"] is None
    assert alices.patch(path, {"state": "discarded", "reason": "Twice"}).json()["state"] == "discarded"
    for wrong, field in (
        ({"assigned_to_id": bob.pk}, "assigned_to_id"),
        ({"score_manual": 10**6}, "score_manual"),
    ):
        assert alices.patch(path, wrong).json()["errors"][0]["field"] == field
    Request.objects.update(state="draft")
    assert alices.patch(path, {"state": "pending"}).status_code == 404


def test_what_a_page_changes_afterwards_names_no_token(alice: User, coming: Event, alices: Program) -> None:
    alices.patch(f"events/{coming.pk}", {"venue": "Hall"})
    save_event(event=coming, values={"venue": "Library"}, actor=alice)
    said = coming.history.order_by("history_id").values_list("history_change_reason", flat=True)
    assert list(said)[-2:] == ["API: test", None]


def test_the_steps_of_a_request_are_told_whoever_made_them(alice: User, alices: Program) -> None:
    request = RequestFactory()
    alices.patch(f"requests/{request.pk}", {"state": "discarded", "reason": "Twice"})
    entry = request.history.first()
    assert entry.history_change_reason == "discarded (API: test)"
    rows = step_rows(alice, request, "", None, 10)
    assert rows is not None
    told = tell_steps(alice, request, together({"steps": rows})["steps"])
    assert [str(one.verb) for one in told] == ["Discarded"]
