"""Accepting requests by the API: with the event that is planned, or with a place in a training."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.audit import plain_reason
from folkmoot.people.models import Organization
from folkmoot.training.actions import requests as actions
from folkmoot.training.models import Event, Request, Task, Use
from tests.api.conftest import Program
from tests.factories import EventFactory, EventKindFactory, OrganizationFactory, RequestFactory
from tests.training.agreeing import agreement, allowance
from tests.training.conftest import rows as rows
from tests.training.test_asking import address, link_in_mail, workshop
from tests.training.test_asking import forms as forms
from tests.training.test_matching import applied
from tests.training.test_matching import training as training


@pytest.fixture
def asked(forms: None, as_nobody: Client) -> Request:
    """A workshop that somebody asked for, whose address is proven."""
    OrganizationFactory(name="Harbour University")
    as_nobody.post(address(), workshop(**{"f-contacts": "Bo <bo@example.org>\nCy"}))
    as_nobody.post(link_in_mail(), {"do": "confirm"})
    return Request.objects.get()


def refusals(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(one["field"], one["detail"]) for one in answer.json()["errors"]]


def test_a_workshop_is_planned_from_the_answers(asked: Request, alice: User, alices: Program) -> None:
    person = actions.make_record(request=asked, actor=alice)
    path = f"requests/{asked.pk}/accept"
    seen = alices.get(f"requests/{asked.pk}")
    assert alices.post(path, {}, If_Match='"other"').status_code == 412
    body = {"reason": "Gladly", "event": {"city": "York", "starts_time": "09:00", "ends_time": "16:00"}}
    told = alices.post(path, body, If_Match=seen["ETag"]).json()
    event = Event.objects.get()
    assert (told["state"], told["reason"], told["event_id"], told["task_id"], told["assigned_to_id"]) == (
        "accepted",
        "Gladly",
        event.pk,
        None,
        alice.pk,
    )
    host = Organization.objects.get(name="Harbour University")
    assert (event.title, event.host, event.kind, event.programme, event.owner) == (
        "Workshop: Harbour University",
        host,
        asked.form.kind,
        asked.form.programme,
        alice,
    )
    assert (event.starts_on, event.ends_on, event.city, event.country, event.capacity) == (
        dt.date(2027, 3, 1),
        dt.date(2027, 3, 2),
        "York",
        "GB",
        25,
    )
    assert (event.starts_time, event.time_zone, event.languages) == (dt.time(9), "UTC", ["en", "cy"])
    assert list(Task.objects.values_list("person", "kind__slug")) == [(person.pk, "host")]
    entry = asked.history.order_by("-history_id").first()
    assert (entry.history_user, entry.history_change_reason) == (alice, "accepted (API: test)")
    assert plain_reason(entry.history_change_reason) == "accepted"
    # Sent again it plans nothing more.
    again = alices.post(path, body)
    assert (again.status_code, again.json(), Event.objects.count()) == (200, told, 1)


def test_an_event_that_cannot_be_leaves_the_request_waiting(asked: Request, alices: Program) -> None:
    path = f"requests/{asked.pk}/accept"
    for event, field in (
        ({"ends_on": "2027-02-01"}, "event.ends_on"),
        ({"country": "XX"}, "event.country"),
        ({"kind": "nosuch"}, "event.kind"),
        ({"host_id": 999999}, "event.host_id"),
        ({"curricula": ["nosuch"]}, "event.curricula"),
        ({"status": "announced"}, "event.status"),
    ):
        assert [where for where, _words in refusals(alices.post(path, {"event": event}))] == [field], event
    assert refusals(alices.post(path, {"event_id": 1})) == [
        ("event_id", "Nothing of that comes of a request with this form.")
    ]
    asked.refresh_from_db()
    assert (asked.state, Event.objects.count(), Task.objects.count()) == ("pending", 0, 0)


def test_who_has_no_record_or_should_not_hosts_nothing(asked: Request, alice: User, alices: Program) -> None:
    actions.make_record(request=asked, actor=alice)
    assert alices.post(f"requests/{asked.pk}/accept", {"as_host": False}).status_code == 200
    assert (Event.objects.count(), Task.objects.count()) == (1, 0)


def test_an_application_gets_its_place_and_seat(training: Event, alice: User, alices: Program) -> None:
    granted = allowance(agreement(alice), "public-seats", 1)
    ada, ben = applied("Ada", "leeds-2027"), applied("Ben")
    other = EventFactory(kind=EventKindFactory())
    path = f"requests/{ada.pk}/accept"
    wanted = {"event_id": training.pk}
    for body, refusal in (
        ({}, ("event_id", "Name the training in which they get a place.")),
        ({"event_id": 999999}, ("event_id", "There is no event 999999.")),
        (
            {"event_id": other.pk},
            ("event_id", f"The event {other.pk} is no training for which one applies with this form."),
        ),
        ({**wanted, "event": {}}, ("event", "Nothing of that comes of a request with this form.")),
    ):
        assert refusals(alices.post(path, body)) == [refusal], body
    told = alices.post(path, {**wanted, "reason": "Welcome"}).json()
    task = Task.objects.get()
    assert (told["state"], told["event_id"], told["task_id"], told["person_id"], told["reason"]) == (
        "accepted",
        training.pk,
        task.pk,
        task.person_id,
        "Welcome",
    )
    assert list(Use.objects.values_list("task", "allowance", "amount")) == [(task.pk, granted.pk, 1)]
    assert alices.post(path, wanted).json() == told
    assert alices.post(f"requests/{ben.pk}/accept", {**wanted, "seat": "none"}).status_code == 200
    assert (Task.objects.count(), Use.objects.count()) == (2, 1)
    full = alices.post(f"requests/{applied('Cai').pk}/accept", wanted)
    assert [where for where, _words in refusals(full)] == [""]
    assert "Instructor training is full (2 places)" in full.json()["detail"]
    unproven = alices.post(f"requests/{applied('Dee', proven=False).pk}/accept", wanted)
    assert unproven.status_code == 422
    assert Task.objects.count() == 2


def test_what_needs_nothing_made_is_accepted_by_both_ways(alices: Program, db: None) -> None:
    request = RequestFactory()
    request.form.outcome = "inquiry"
    request.form.save()
    path = f"requests/{request.pk}/accept"
    assert refusals(alices.post(path, {"seat": "open"})) == [
        ("seat", "Nothing of that comes of a request with this form.")
    ]
    told = alices.post(path, {"reason": "Welcome"}).json()
    assert (told["state"], told["reason"], told["event_id"]) == ("accepted", "Welcome", None)
    Request.objects.update(state="draft")
    assert alices.post(path, {}).status_code == 404
