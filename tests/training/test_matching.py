"""Giving those who applied a place in a training, with seats by their code."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people.models import Person
from folkmoot.training.actions import asking
from folkmoot.training.actions.events import save_event
from folkmoot.training.models import Event, EventKind, Request, RequestForm, Task, Use
from tests.training.agreeing import agreement, allowance
from tests.training.test_asking import forms
from tests.training.test_requests import LISTED, undo_of

__all__ = ["forms"]


@pytest.fixture
def training(forms: None, alice: User) -> Event:
    """An instructor training with two places and open seats."""
    event = save_event(
        values={
            "title": "Instructor training",
            "kind": EventKind.objects.get(slug="instructor-training"),
            "starts_on": dt.date(2027, 3, 1),
            "capacity": 2,
        },
        actor=alice,
    )
    Event.objects.filter(pk=event.pk).update(open_seats=True)
    event.refresh_from_db()
    return event


def applied(name: str, code: str = "", *, proven: bool = True) -> Request:
    answers = {"organisation": "Harbour", "country": "GB"} | ({"member-code": code} if code else {})
    row = asking.send(
        form=RequestForm.objects.get(slug="training"),
        values={"name": name, "email": f"{name.lower()}@example.org", "answers": answers},
    )
    return asking.prove(request=row) if proven else row


def states() -> list[str]:
    return list(Request.objects.order_by("pk").values_list("state", flat=True))


def test_an_application_to_its_seat(training: Event, as_alice: Client) -> None:
    """The journey: three are ticked, two get the places that are there; one undo takes all of it back."""
    rows = [applied("Ada"), applied("Ben"), applied("Cai"), applied("Dee", proven=False)]
    to = as_alice.post(reverse(LISTED), {"bulk": "match", "selected": [row.pk for row in rows]})["Location"]
    said = {"event": training.pk, "seat": "open", "beyond": "", "reason": "Welcome"}
    page = as_alice.post(to, said)
    told = [(one.request.name, one.seat, one.is_new, bool(one.problem)) for one in page.context["outlook"]]
    assert told == [
        ("Ada", "an open seat", True, False),
        ("Ben", "an open seat", True, False),
        ("Cai", "", False, True),
        ("Dee", "", False, True),
    ] or told == [
        ("Dee", "", False, True),
        ("Ada", "an open seat", True, False),
        ("Ben", "an open seat", True, False),
        ("Cai", "", False, True),
    ]
    text = page.content.decode()
    assert "Instructor training is full (2 places)" in text
    # Nothing of it has happened.
    assert (Person.objects.count(), Task.objects.count(), Use.objects.count()) == (0, 0, 0)
    assert states() == ["pending", "pending", "pending", "unproven"]
    able = ",".join(map(str, page.context["able"]))
    done = as_alice.post(to, {**said, "do": "apply", "able": able})
    assert states() == ["accepted", "accepted", "pending", "unproven"]
    assert list(Task.objects.order_by("pk").values_list("person__name", "kind__slug", "event")) == [
        ("Ada", "learner", training.pk),
        ("Ben", "learner", training.pk),
    ]
    assert Use.objects.filter(task__isnull=False, allowance=None).count() == 2
    ada = Request.objects.get(name="Ada")
    assert (ada.event, ada.reason, ada.person is not None) == (training, "Welcome", True)
    as_alice.post("/training/undo/" + undo_of(done, as_alice))
    assert states() == ["pending", "pending", "pending", "unproven"]
    assert (Task.objects.count(), Use.objects.count()) == (0, 0)


def test_what_changed_meanwhile_is_shown_again(training: Event, as_alice: Client) -> None:
    ada, ben = applied("Ada"), applied("Ben")
    to = as_alice.get(reverse("training:match_request", args=[ada.pk]))["Location"]
    said = {"event": training.pk, "seat": "none"}
    stale = as_alice.post(to, {**said, "do": "apply", "able": str(ben.pk)})
    assert (stale.status_code, states()) == (422, ["pending", "pending"])
    as_alice.post(to, {**said, "do": "apply", "able": str(ada.pk)})
    assert states() == ["accepted", "pending"]


def test_a_code_that_opens_nothing_is_said(training: Event, as_alice: Client) -> None:
    row = applied("Ada", code="no-such")
    to = as_alice.get(reverse("training:match_request", args=[row.pk]))["Location"]
    page = as_alice.post(to, {"event": training.pk, "seat": "code"})
    [one] = page.context["outlook"]
    assert one.problem == "No agreement has the code “no-such”: look whether it is written as they got it."
    shown = as_alice.get(reverse("training:accept_request", args=[row.pk]))
    assert shown["Location"] == reverse("training:match_request", args=[row.pk])


def test_seats_by_the_code_of_an_agreement(training: Event, as_alice: Client, alice: User) -> None:
    """One seat is left: the second applicant is left out, unless somebody says why they get one all the same."""
    allowance(agreement(alice), granted=1)
    rows = [applied("Ada", code="LEEDS-2027"), applied("Ben", code="leeds-2027")]
    to = as_alice.post(reverse(LISTED), {"bulk": "match", "selected": [row.pk for row in rows]})["Location"]
    said = {"event": training.pk, "seat": "code", "beyond": "", "reason": ""}
    first, second = as_alice.post(to, said).context["outlook"]
    assert (first.problem, bool(second.problem)) == ("", True)
    page = as_alice.post(to, {**said, "beyond": "Agreed by telephone"})
    assert [(one.problem, one.beyond) for one in page.context["outlook"]] == [
        ("", ""),
        ("", "Agreed by telephone"),
    ]
    able = ",".join(map(str, page.context["able"]))
    as_alice.post(to, {**said, "beyond": "Agreed by telephone", "do": "apply", "able": able})
    assert states() == ["accepted", "accepted"]
    assert list(Use.objects.order_by("pk").values_list("amount", "reason")) == [
        (1, ""),
        (1, "Agreed by telephone"),
    ]


def test_strangers_match_nobody(training: Event, as_bob: Client, as_nobody: Client) -> None:
    row = applied("Ada")
    at = reverse("training:match_request", args=[row.pk])
    clients: list[Any] = [as_bob, as_nobody]
    assert [client.get(at).status_code for client in clients] == [403, 302]
