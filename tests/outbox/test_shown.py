"""The page of a post: as its readers see it, what was tried, and what followed from each answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.connectors.base import Outcome
from folkmoot.connectors.posts import Content, Media, Mention
from folkmoot.kernel import clock
from folkmoot.outbox import actions, shown
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery, State
from tests.outbox.conftest import make_channel, post
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db
POST = Content(
    "Welcome @ada@example.social to https://example.org #OpenScience <b>",
    title="A title",
    language="en",
    media=(Media("a.png", "image/png", "Two people at a table", 800, 600),),
    mentions=(Mention("@ada@example.social", "ada@example.social", "123"),),
    part=1,
    parts=2,
    options={"visibility": "public"},
)


def page(client: Client, delivery: Delivery) -> str:
    answer = client.get(reverse("outbox:delivery", args=[delivery.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_post_is_shown_as_its_readers_see_it(as_alice: Client, board: Channel) -> None:
    delivery = actions.queue(
        channel=board, kind="x", area="people", title="One", payload=POST.as_payload(), asked_by=None
    )
    text = page(as_alice, delivery)
    expected = (
        "<strong>@ada@example.social</strong>",
        '<span class="post-link">https://example.org</span>',
        "<strong>#OpenScience</strong>",
        "&lt;b&gt;",
        "Two people at a table",
        "800 × 600",
        "A title",
        "part 1 of 2",
    )
    assert [words for words in expected if words not in text] == []
    found = shown.post(delivery)
    assert found is not None
    assert "".join(piece.text for piece in found.segments) == POST.text


def test_what_followed_from_each_try(as_alice: Client, board: Channel, script: Script) -> None:
    script.will("send", Outcome.no("503", transient=True), Outcome.unknown("cut"), Outcome.no("422 too long"))
    delivery = post(board)
    for _ in range(8):
        loop.turn()
        Delivery.objects.filter(state__in=[State.SCHEDULED, State.UNCERTAIN]).update(next_at=clock.now())
    delivery.refresh_from_db()
    told = [(one.attempt.words, one.decided) for one in shown.steps(delivery, list(delivery.attempts.all()))]
    assert told == [
        ("503", "It is certainly not there, so it is sent again."),
        ("cut", "Nobody knows whether it is there, so the other side is asked before anything is sent."),
        ("not there", "It is certainly not there, so it is sent again."),
        ("422 too long", "Trying again would not help, so it stays refused."),
    ]
    text = page(as_alice, delivery)
    assert [words for _answer, words in told if words not in text] == []


def test_what_a_person_has_to_decide(board: Channel, tmp_path: Path) -> None:
    mute = make_channel(tmp_path, "mute")
    delivery = actions.queue(
        channel=mute,
        kind="x",
        area="people",
        title="x",
        payload={"name": "x", "fault": "accept_then_drop"},
        asked_by=None,
    )
    loop.turn()
    delivery.refresh_from_db()
    (step,) = shown.steps(delivery, list(delivery.attempts.all()))
    assert step.decided.startswith("It cannot be found out by machine")


def test_taking_it_away_from_its_page(as_alice: Client, board: Channel, script: Script) -> None:
    delivery = post(board)
    loop.turn()
    assert "Take it away" in page(as_alice, delivery)
    as_alice.post(reverse("outbox:withdraw", args=[delivery.pk]))
    gone = delivery.later.get()
    script.will("withdraw", Outcome.unknown("cut"))
    loop.turn()
    assert "doing it twice does no more than once" in page(as_alice, gone)
    Delivery.objects.filter(pk=gone.pk).update(next_at=clock.now() - dt.timedelta(seconds=1))
    loop.turn()
    text = page(as_alice, delivery)
    assert ("taken away" in text, "Take it away" in text) == (True, False)
    assert "What was sent is taken away." in page(as_alice, gone)
