"""Registrations by the API: for somebody else, with answers as the form checks them; deciding about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import Person
from folkmoot.training.actions import registering
from folkmoot.training.actions.questions import save_question
from folkmoot.training.models import Event, Question, Registration, Task
from tests.api.conftest import Program
from tests.factories import EventFactory, IdentityFactory, PersonFactory, TaskKindFactory

NOW = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def coming(db: None) -> Iterator[Event]:
    """An announced event in March 2027 with one place, to which people register here; mail can leave. It is January."""
    house = {"from": "Moot <moot@example.org>"}
    Channel.objects.create(kind="house", name="Mail", medium="mail", is_default=True, settings=house)
    TaskKindFactory(slug="learner")
    day = dt.date(2027, 3, 1)
    with time_machine.travel(NOW, tick=False):
        yield EventFactory(
            title="Packaging", starts_on=day, ends_on=day, capacity=1, status="announced", registration_by="here"
        )  # fmt: skip


@pytest.fixture
def asked(coming: Event) -> dict[str, Question]:
    """A question of each kind, by it; the one with choices has to be answered."""
    found = {}
    for kind in Question.Kind.values:
        values: Any = {"text": f"By {kind}?", "kind": kind, "is_required": kind == Question.Kind.ONE}
        if kind in (Question.Kind.ONE, Question.Kind.SOME):
            values["choices"] = ["Linux", "Other"]
        found[kind] = save_question(event=coming, values=values, actor=None)
    return found


def known(name: str) -> Person:
    """Somebody of the register with an address."""
    person: Person = PersonFactory(name=name)
    IdentityFactory(person=person, system="email", value=f"{name.lower()}@example.org", is_verified=True)
    return person


def mails() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("kind", "recipient"))


def refusals(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(one["field"], one["detail"]) for one in answer.json()["errors"]]


def test_somebody_with_a_record_gets_a_place_and_the_next_waits(coming: Event, alices: Program) -> None:
    ada, ben = known("Ada"), known("Ben")
    path = f"events/{coming.pk}/registrations"
    body = {"person_id": ada.pk, "needs": "Captions"}
    made = alices.post(path, body, Idempotency_Key="one")
    told = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/registrations/{told['id']}")
    assert {name: told[name] for name in ("name", "email", "state", "person_id", "needs", "language")} == {
        "name": "Ada",
        "email": "ada@example.org",
        "state": "confirmed",
        "person_id": ada.pk,
        "needs": "Captions",
        "language": "en",
    }
    assert (Task.objects.get().pk, Task.objects.get().person) == (told["task_id"], ada)
    # Sent again, with the key or without: who is registered stays so, and gets no second mail.
    for headers in ({"Idempotency_Key": "one"}, {}):
        again = alices.post(path, body, **headers)
        assert (again.status_code, again.json()["id"]) == (200, told["id"])
    other = alices.post(path, {"person_id": ben.pk}, Idempotency_Key="one")
    assert (other.status_code, other.json()["title"]) == (
        422,
        "This idempotency key was used for something else",
    )
    waits = alices.post(path, {"person_id": ben.pk}).json()
    assert (waits["state"], waits["task_id"]) == ("waiting", None)
    assert mails() == [("training.place", "ada@example.org"), ("training.waiting", "ben@example.org")]


def test_somebody_without_a_record_proves_their_address_first(coming: Event, alices: Program) -> None:
    path = f"events/{coming.pk}/registrations"
    made = alices.post(path, {"name": "Cai", "email": "cai@example.org", "affiliation": "Harbour Lab"})
    assert (made.status_code, made.json()["state"], made.json()["person_id"]) == (201, "unproven", None)
    corrected = alices.post(path, {"name": "Cai Morgan", "email": "CAI@example.org"})
    assert (corrected.status_code, corrected.json()["name"]) == (200, "Cai Morgan")
    row = Registration.objects.get()
    refused = alices.ask("POST", f"registrations/{row.pk}/accept")
    assert refusals(refused) == [("", "Cai Morgan has not followed the link in the mail yet.")]
    assert Person.objects.count() == Task.objects.count() == 0
    registering.prove(registration=row)
    again = alices.post(path, {"name": "Somebody else", "email": "cai@example.org"})
    assert (again.status_code, again.json()["state"], again.json()["name"]) == (
        200,
        "confirmed",
        "Cai Morgan",
    )
    assert [kind for kind, _to in mails()] == ["training.prove", "training.prove", "training.place"]


def test_who_cannot_be_registered_is_told_why(coming: Event, alices: Program) -> None:
    ada, nobody, gone = known("Ada"), PersonFactory(name="Bo"), PersonFactory(archived_at=NOW)
    path = f"events/{coming.pk}/registrations"
    registering.register(event=coming, values={"name": "Ada", "email": "ada@example.org"})
    elsewhere = "Ada is not known by this address: add it to their record first."
    assert [
        refusals(alices.post(path, body))
        for body in (
            {"person_id": nobody.pk},
            {"person_id": gone.pk},
            {"person_id": 999999},
            {"person_id": ada.pk, "email": "other@example.org"},
            {"name": "Cai", "email": "no address"},
        )
    ] == [
        [("email", "No mail address of Bo is known.")],
        [("person_id", "This record is archived.")],
        [("person_id", "There is no person 999999.")],
        [("email", elsewhere)],
        [("email", "Enter a valid email address.")],
    ]
    assert {field for field, _words in refusals(alices.post(path, {}))} == {"name", "email"}
    Event.objects.update(status="planned")
    assert refusals(alices.post(path, {"person_id": ada.pk})) == [
        ("", "Packaging is not announced yet: do that first.")
    ]
    Event.objects.update(status="cancelled")
    assert refusals(alices.post(path, {"person_id": ada.pk})) == [("", "This event is cancelled.")]
    # Whether the form is open does not matter; what was not proven yet is theirs now.
    Event.objects.update(status="announced", registration_closes_at=NOW - dt.timedelta(days=1))
    taken = alices.post(path, {"person_id": ada.pk})
    assert (taken.status_code, taken.json()["state"], Registration.objects.count()) == (200, "confirmed", 1)


def test_answers_are_those_that_the_form_takes(
    coming: Event, asked: dict[str, Question], alices: Program
) -> None:
    number = {kind: str(question.pk) for kind, question in asked.items()}
    path, ada = f"events/{coming.pk}/registrations", known("Ada")
    told = alices.get(f"questions?event={coming.pk}").json()["results"]
    assert [(one["id"], one["kind"], one["choices"], one["is_required"]) for one in told] == [
        (asked[kind].pk, kind, asked[kind].choices, kind == "one") for kind in Question.Kind.values
    ]
    must = {number["one"]: "Linux"}
    for answers, wrong in (
        ({}, [(number["one"], "This field is required.")]),
        ({**must, "999": "x"}, [("999", "This event does not ask that now.")]),
        (
            {number["one"]: "BSD"},
            [(number["one"], "Select a valid choice. BSD is not one of the available choices.")],
        ),
        ({**must, number["some"]: "Linux"}, [(number["some"], "Answer with a list of choices.")]),
        ({**must, number["yes"]: "yes"}, [(number["yes"], "Answer with true or false.")]),
        ({**must, number["line"]: ["a"]}, [(number["line"], "Answer with a text.")]),
        (
            {**must, number["line"]: "x" * 301},
            [(number["line"], "Ensure this value has at most 300 characters (it has 301).")],
        ),
    ):
        answer = alices.post(path, {"person_id": ada.pk, "answers": answers})
        assert refusals(answer) == [(f"answers.{one}", words) for one, words in wrong]
    given = {
        **must,
        number["some"]: ["Other", "Linux"],
        number["yes"]: True,
        number["line"]: "",
        number["text"]: None,
    }
    made = alices.post(path, {"person_id": ada.pk, "answers": given})
    assert made.status_code == 201, made.content
    assert [(one["question_id"], one["answer"]) for one in made.json()["answers"]] == [
        (asked["one"].pk, "Linux"),
        (asked["some"].pk, "Other, Linux"),
        (asked["yes"].pk, "yes"),
    ]


def test_what_was_said_is_corrected(
    coming: Event, asked: dict[str, Question], alice: User, alices: Program
) -> None:
    one, line, yes = (str(asked[kind].pk) for kind in ("one", "line", "yes"))
    ada = known("Ada")
    made = alices.post(
        f"events/{coming.pk}/registrations",
        {"person_id": ada.pk, "answers": {one: "Linux", line: "Tea", yes: True}},
    )
    path = f"registrations/{made.json()['id']}"
    seen = alices.get(path)
    changed = alices.patch(
        path, {"needs": "Captions", "answers": {one: "Other", line: None}}, If_Match=seen["ETag"]
    )
    assert changed.status_code == 200, changed.content
    row = Registration.objects.get()
    assert (row.answers, row.needs, row.name) == ({one: "Other", yes: True}, "Captions", "Ada")
    entry, before = row.history.order_by("-history_id")[:2]
    assert (entry.history_user, entry.history_change_reason) == (alice, "corrected (API: test)")
    assert before.answers == {one: "Linux", line: "Tea", yes: True}
    assert alices.patch(path, {"needs": ""}, If_Match=seen["ETag"]).status_code == 412
    for body, field in (
        ({"answers": {one: None}}, f"answers.{one}"),
        ({"answers": {one: "BSD"}}, f"answers.{one}"),
        ({"name": ""}, "name"),
        ({"email": "other@example.org"}, "email"),
        ({"state": "confirmed"}, "state"),
    ):
        assert [where for where, _words in refusals(alices.patch(path, body))] == [field], body
    entries = row.history.count()
    assert alices.patch(path, {"needs": "Captions", "answers": {one: "Other"}}).status_code == 200
    assert row.history.count() == entries
    # What is not asked any more stays as it was answered.
    Question.objects.filter(pk=asked["yes"].pk).update(is_archived=True)
    assert refusals(alices.patch(path, {"answers": {yes: False}})) == [
        (f"answers.{yes}", "This event does not ask that now.")
    ]
    assert alices.patch(path, {"answers": {line: "Tea"}}).status_code == 200
    assert Registration.objects.get().answers == {one: "Other", yes: True, line: "Tea"}


def test_the_waiting_list_is_decided_about(coming: Event, alices: Program) -> None:
    path = f"events/{coming.pk}/registrations"
    ada, ben, cai = (
        alices.post(path, {"person_id": known(name).pk}).json()["id"] for name in ("Ada", "Ben", "Cai")
    )

    def act(number: int, what: str, body: Any = None, **headers: str) -> Any:
        return alices.ask("POST", f"registrations/{number}/{what}", body, **headers)

    def states() -> list[str]:
        return [alices.get(f"registrations/{number}").json()["state"] for number in (ada, ben, cai)]

    assert states() == ["confirmed", "waiting", "waiting"]
    assert refusals(act(ben, "accept")) == [
        ("", "Packaging is full (1 place). Give it more places, or put them on the waiting list.")
    ]
    assert refusals(act(ada, "move-up")) == [("", "Ada is not on the waiting list.")]
    assert act(cai, "move-up", None, If_Match='"other"').status_code == 412
    assert act(cai, "move-up").json()["state"] == "waiting"
    declined = act(ada, "decline", {"reason": "Members first"}).json()
    assert (declined["state"], declined["reason"], declined["task_id"]) == (
        "cancelled",
        "Members first",
        Task.objects.get(person__name="Ada").pk,
    )
    assert states() == ["cancelled", "waiting", "confirmed"]  # the head of the list moved up by itself
    for _twice in range(2):
        assert act(ada, "decline", {}).json()["reason"] == "Members first"
        assert act(cai, "accept").json()["state"] == "confirmed"
    Event.objects.update(capacity=2)
    assert act(ben, "accept").json()["state"] == "confirmed"
    assert act(999999, "accept").status_code == 404
    assert mails()[-3:] == [
        ("training.moved_up", "cai@example.org"),
        ("training.declined", "ada@example.org"),
        ("training.moved_up", "ben@example.org"),
    ]
