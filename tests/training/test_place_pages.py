"""Pages of those who run events: registrations, questions; what each right shows, and what it costs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.training.actions import events, registering
from folkmoot.training.actions.questions import save_question
from folkmoot.training.models import Event, Question, Registration
from tests.conftest import PASSWORD, signed_in
from tests.factories import RegistrationFactory
from tests.training.test_registering import here as here
from tests.training.test_registering import registered

Kind = Question.Kind


@pytest.fixture
def as_viewer(db: None) -> Client:
    """May only look at training."""
    user = add_user(email="vera@example.org", name="Vera Viewer", password=PASSWORD)
    grant(user=user, area=Area.TRAINING, level=Level.VIEW)
    return signed_in(user)


def listed(event: Event) -> str:
    return reverse("training:registrations", args=[event.pk])


def asked(event: Event, text: str, **more: Any) -> Question:
    return save_question(event=event, values={"text": text, **more}, actor=None)


def test_addresses_answers_and_needs_are_for_those_who_manage(
    here: Event, as_alice: Client, as_viewer: Client
) -> None:
    question = asked(here, "Which laptop?")
    RegistrationFactory(
        event=here,
        name="Ada Example",
        email="ada@example.org",
        answers={str(question.pk): "Linux"},
        needs="Captions",
    )
    RegistrationFactory(name="Elsewhere")
    secret = ("ada@example.org", "Which laptop?", "Linux", "Captions")
    for client, shown in ((as_alice, True), (as_viewer, False)):
        for query in ("", "?export=csv"):
            answer = client.get(listed(here) + query)
            text = (
                b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
                if getattr(answer, "streaming", False)
                else answer.content.decode()
            )
            assert ("Ada Example" in text, "Elsewhere" in text) == (True, False)
            assert [word in text for word in secret] == [shown] * 4
    row = Registration.objects.get(name="Ada Example")
    address = reverse("training:registration", args=[row.pk])
    assert as_viewer.get(address).status_code == 403
    page = as_alice.get(address).content.decode()
    assert [word in page for word in secret] == [True] * 4
    # What cannot be seen cannot be searched for either.
    found = as_viewer.get(listed(here) + "?q=ada%40example.org").content.decode()
    assert "Ada Example" not in found


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(here: Event, as_alice: Client, many: int) -> None:
    asked(here, "Which laptop?")
    for n in range(many):
        registered(here, f"P{n}")
    as_alice.get(listed(here))
    with CaptureQueriesContext(connection) as queries:
        page = as_alice.get(listed(here)).content.decode()
    assert sum(f"p{n}@example.org" in page for n in range(many)) == many
    assert len(queries) == LIST_QUERIES


LIST_QUERIES = 9


def test_bulk_gives_places_as_far_as_there_are_some(here: Event, as_alice: Client, alice: User) -> None:
    rows = [registered(here, name) for name in ("Ada", "Ben", "Cai", "Dee")]
    Event.objects.update(capacity=3)
    as_alice.post(listed(here), {"bulk": "accept", "selected": [row.pk for row in rows[2:]]})
    states = list(Registration.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["confirmed", "confirmed", "confirmed", "waiting"]


def test_several_are_declined_with_one_reason(here: Event, as_alice: Client) -> None:
    rows = [registered(here, name) for name in ("Ada", "Ben", "Cai")]
    to = as_alice.post(listed(here), {"bulk": "decline", "selected": [row.pk for row in rows[:2]]})
    assert "Ada, Ben" in as_alice.get(to["Location"]).content.decode()
    assert as_alice.post(to["Location"], {"reason": "Members first"}).status_code == 302
    states = list(Registration.objects.order_by("pk").values_list("state", "reason"))
    assert states == [("cancelled", "Members first"), ("cancelled", "Members first"), ("confirmed", "")]
    assert as_alice.get(to["Location"][:-3] + "xx/").status_code == 404


def test_one_is_moved_up_declined_and_taken_back(here: Event, as_alice: Client) -> None:
    ada, _ben, _cai, dee = (registered(here, name) for name in ("Ada", "Ben", "Cai", "Dee"))
    as_alice.post(reverse("training:move_up", args=[dee.pk]))
    as_alice.post(reverse("training:decline", args=[ada.pk]), {"reason": ""})
    dee.refresh_from_db()
    assert dee.state == "confirmed"
    as_alice.post(reverse("training:accept", args=[ada.pk]))
    ada.refresh_from_db()
    assert ada.state == "cancelled"  # all places are taken
    events.save_event(event=here, values={"capacity": 4}, actor=None)
    as_alice.post(reverse("training:accept", args=[ada.pk]))
    ada.refresh_from_db()
    assert ada.state == "confirmed"


def test_questions_are_asked_moved_and_dropped(here: Event, as_alice: Client, as_viewer: Client) -> None:
    new = reverse("training:new_question", args=[here.pk])
    for text in ("First?", "Second?"):
        assert as_alice.post(new, {"text": text, "kind": "line"}).status_code == 302
    few = as_alice.post(new, {"text": "Which?", "kind": "one", "choices": "only"})
    assert few.context["form"].errors == {"choices": ["Give at least two choices, one on each line."]}
    as_alice.post(new, {"text": "Which?", "kind": "one", "choices": "a\r\n\r\nb\r\na"})
    first, second, which = Question.objects.order_by("position")
    assert (which.text, which.choices) == ("Which?", ["a", "b"])
    as_alice.post(reverse("training:place_question", args=[second.pk]), {"to": "up"})
    assert list(Question.objects.order_by("position").values_list("text", flat=True)) == [
        "Second?",
        "First?",
        "Which?",
    ]
    RegistrationFactory(event=here, answers={str(first.pk): "yes"})
    for row in (first, second):
        as_alice.post(reverse("training:drop_question", args=[row.pk]))
    assert dict(Question.objects.values_list("text", "is_archived")) == {"First?": True, "Which?": False}
    as_alice.post(reverse("training:ask_again", args=[first.pk]))
    first.refresh_from_db()
    assert not first.is_archived
    edit = reverse("training:edit_question", args=[which.pk])
    page = as_alice.get(edit)
    assert page.context["form"].initial["choices"] == "a\nb"
    seen = page.context["form"].initial["seen"]
    saved = as_alice.post(
        edit, {"text": "Which one?", "kind": "one", "choices": "a\nb\nc", "is_required": "on", "seen": seen}
    )
    which.refresh_from_db()
    assert (saved.status_code, which.text, which.choices, which.is_required) == (
        302,
        "Which one?",
        ["a", "b", "c"],
        True,
    )
    assert as_viewer.get(reverse("training:questions", args=[here.pk])).status_code == 403
    shown = as_alice.get(reverse("training:questions", args=[here.pk])).content.decode()
    assert "Which one?" in shown


def test_the_events_page_has_the_cards(here: Event, as_alice: Client) -> None:
    for name in ("Ada", "Ben", "Cai"):
        registered(here, name)
    registering.register(event=here, values={"name": "Dee", "email": "dee@example.org"})
    page = as_alice.get(reverse("training:event", args=[here.pk])).content.decode()
    assert f'{listed(here)}?state=confirmed">2</a>' in page
    assert f'{listed(here)}?state=waiting&amp;sort=since">1</a>' in page
    assert reverse("training:certificates", args=[here.pk]) in page


def test_the_public_page_leads_to_the_form(here: Event, as_nobody: Client) -> None:
    page = as_nobody.get(reverse("events:event", args=[here.slug])).content.decode()
    assert f'href="{reverse("events:register", args=[here.slug])}"' in page
    with time_machine.travel(dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC), tick=False):
        late = as_nobody.get(reverse("events:event", args=[here.slug])).content.decode()
    assert f'href="{reverse("events:register", args=[here.slug])}"' not in late
