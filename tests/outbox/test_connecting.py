"""Connecting a channel by going to its platform and coming back: for the one who went, once, and in time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from folkmoot.connectors.base import CannotOpen, MustConnect, Renewed
from folkmoot.kernel import clock
from folkmoot.kernel.http import NotSent
from folkmoot.outbox import mail
from folkmoot.outbox.models import Channel
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db
FORM = {"name": "Ours", "setting_server": "https://platform.example", "setting_client_secret": "app-secret"}


def url(name: str, *args: Any) -> str:
    return reverse(f"outbox:{name}", args=args)


def go(client: Client, **changed: Any) -> str:
    """Fill in the form; the state that the platform gets."""
    answer = client.post(url("new_channel", "journeyed"), {**FORM, **changed})
    assert answer.status_code == 200
    return state_of(answer)


def state_of(answer: Any) -> str:
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found, "a page of ours leads there"
    there = urlsplit(found[1])
    assert (there.scheme, there.netloc) == ("https", "platform.example")
    return parse_qs(there.query)["state"][0]


def come_back(client: Client, state: str, **more: str) -> Any:
    return client.get(url("connected"), {"state": state, "code": "the-code", **more})


def test_there_and_back(as_alice: Client, script: Script) -> None:
    until = clock.now() + dt.timedelta(hours=2)
    script.will("finish", Renewed({"token": "t7", "x": ""}, renew_at=until, settings={"handle": "@us@there"}))
    page = as_alice.get(url("new_channel", "journeyed")).content.decode()
    assert [words for words in ("To publish.", url("connected")) if words not in page] == []
    state = go(as_alice)
    assert not Channel.objects.exists()
    kept = "".join(str(one.get_decoded()) for one in Session.objects.all())
    assert not [secret for secret in ("proof-key", "app-secret") if secret in kept]
    answer = come_back(as_alice, state)
    made = Channel.objects.get()
    assert (answer.status_code, answer.url) == (302, url("channel", made.pk))
    assert (made.name, made.medium, made.renew_at, made.expires_at) == ("Ours", "post", until, None)
    assert made.access.secrets == {"client_secret": "app-secret", "token": "t7"}
    assert made.settings == {"server": "https://platform.example", "handle": "@us@there"}
    assert (
        "start",
        ("https://platform.example", "app-secret", mail.absolute(url("connected"))),
    ) in script.asked
    assert ("finish", ("app-secret", "the-code", "proof-key")) in script.asked
    assert made.facts_at is not None  # it was tested
    assert come_back(as_alice, state).status_code == 422  # once
    assert Channel.objects.count() == 1


def test_what_was_learnt_there_stays_when_the_form_is_saved(as_alice: Client, script: Script) -> None:
    script.will("finish", Renewed({"token": "t7"}, settings={"handle": "@us"}))
    come_back(as_alice, go(as_alice))
    made = Channel.objects.get()
    as_alice.post(url("channel", made.pk), {**FORM, "name": "Renamed", "setting_client_secret": ""})
    made.refresh_from_db()
    assert (made.name, made.settings["handle"], made.access.text("token")) == ("Renamed", "@us", "t7")
    assert "@us" in as_alice.get(url("channel", made.pk)).content.decode()


def test_only_in_the_session_that_went_and_in_time(
    as_alice: Client, as_bob: Client, alice: Any, script: Script
) -> None:
    from tests.conftest import signed_in

    state = go(as_alice)
    other = signed_in(alice)
    assert come_back(other, state).status_code == 422
    assert come_back(as_bob, state).status_code == 403
    assert come_back(as_alice, state + "x").status_code == 422
    assert come_back(as_alice, "").status_code == 422
    with time_machine.travel(clock.now() + dt.timedelta(minutes=16), tick=False):
        assert come_back(as_alice, state).status_code == 422
    assert not Channel.objects.exists()
    assert "finish" not in script.what()


@pytest.mark.parametrize(
    ("answers", "query", "words"),
    [
        ([], {"error": "access_denied", "error_description": "The user <b>said</b> no"}, "The user &lt;b&gt;said"),
        ([MustConnect("the code is over")], {}, "the code is over"),
        ([NotSent("POST", "https://platform.example", "no route")], {}, "no route"),
        ([], {"code": ""}, "no code"),
    ],
)  # fmt: skip
def test_what_goes_wrong_there_is_told(
    as_alice: Client, script: Script, answers: list[Any], query: dict[str, str], words: str
) -> None:
    state = go(as_alice)
    script.will("finish", *answers)
    answer = come_back(as_alice, state, **query)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("changed", "answer", "words"),
    [
        ({"setting_server": ""}, None, "This is needed."),
        ({}, MustConnect("it is no server of ours"), "it is no server of ours"),
        ({}, NotSent("POST", "https://platform.example", "no route"), "no route"),
        ({"name": "Taken"}, None, "There is a channel of this name already."),
    ],
)
def test_what_is_wrong_before_going_is_told_at_the_form(
    as_alice: Client, script: Script, changed: dict[str, str], answer: Any, words: str
) -> None:
    Channel.objects.create(kind="scripted", name="Taken", medium="post")
    if answer:
        script.will("start", answer)
    page = as_alice.post(url("new_channel", "journeyed"), {**FORM, **changed})
    assert (page.status_code, words in page.content.decode()) == (422, True)


def test_who_has_a_token_need_not_go(as_alice: Client, script: Script) -> None:
    answer = as_alice.post(url("new_channel", "journeyed"), {**FORM, "setting_token": "mine"})
    made = Channel.objects.get()
    assert (answer.status_code, made.access.text("token"), script.what()) == (302, "mine", [])


def test_connecting_anew_and_testing(as_alice: Client, script: Script) -> None:
    come_back(as_alice, go(as_alice))
    made = Channel.objects.get()
    Channel.objects.update(
        expires_at=clock.now(), failing_since=clock.now(), failing_words="It has to be connected anew."
    )
    assert "Connect anew" in as_alice.get(url("channel", made.pk)).content.decode()
    state = state_of(as_alice.post(url("reconnect", made.pk)))
    script.will("finish", Renewed({"token": "t9"}, expires_at=clock.now() + dt.timedelta(days=60)))
    assert come_back(as_alice, state).status_code == 302
    made = Channel.objects.get()
    assert (made.access.text("token"), made.access.text("client_secret")) == ("t9", "app-secret")
    assert (made.must_connect, made.failing_since) == (False, None)
    script.will("open", CannotOpen("the token was revoked"))
    as_alice.post(url("probe_channel", made.pk))
    made = Channel.objects.get()
    assert made.failing_words == "the token was revoked"
    as_alice.post(url("probe_channel", made.pk))
    assert Channel.objects.get().failing_since is None


def test_a_kind_that_is_not_connected_by_going_there(as_alice: Client, script: Script) -> None:
    made = Channel.objects.create(kind="scripted", name="Board", medium="post")
    assert as_alice.post(url("reconnect", made.pk)).status_code == 302
    assert script.what() == []
