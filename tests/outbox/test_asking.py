"""Asking platforms how posts fare and what they take; and the spread of what is planned for one moment."""

from __future__ import annotations

import datetime as dt

import pytest
from typer.testing import CliRunner

from folkmoot.connectors.base import CannotOpen
from folkmoot.kernel import clock
from folkmoot.outbox import actions, commands
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.outbox.public import figures_of, followers_of
from tests.outbox.conftest import post
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db


def there(channel: Channel, *texts: str) -> list[Delivery]:
    made = [post(channel, text) for text in texts]
    for _ in range(3):
        loop.turn()
    return list(Delivery.objects.filter(pk__in=[one.pk for one in made]).order_by("pk"))


def test_figures_by_one_line_for_each_channel(board: Channel, script: Script) -> None:
    plain = Channel.objects.create(kind="plain", name="Plain", medium="post")
    one, two = there(board, "one", "two")
    (other,) = there(plain, "other")
    waiting = post(board, "later", wall_time=dt.datetime(2100, 1, 1), zone="UTC")
    script.asked.clear()
    script.will("figures", {"r-one": {"likes": 3}, "unknown": {"likes": 9}})
    assert figures_of([one, two, other, waiting]) == {one.pk: {"likes": 3}}
    assert script.what() == ["open", "figures"]
    script.will("open", CannotOpen("401"))
    assert figures_of([one]) == {}


def test_followers(board: Channel, script: Script) -> None:
    script.will("followers", 41)
    assert followers_of(board) == 41
    script.will("followers", ConnectionResetError())
    assert followers_of(board) is None
    board.expires_at = clock.now()
    assert followers_of(board) is None


def test_the_command_asks_for_facts(board: Channel, script: Script) -> None:
    script.will("facts", {"text": 300, "images": 4})
    told = CliRunner().invoke(commands.outbox, ["facts"])
    assert (told.exit_code, told.output.strip()) == (0, "Board: images 4, text 300")
    script.will("open", CannotOpen("the token was revoked"))
    told = CliRunner().invoke(commands.outbox, ["facts", "--channel", "Board"])
    assert (told.exit_code, told.output.strip()) == (1, "Board: the token was revoked")


def test_what_is_planned_for_one_moment_begins_within_a_second_of_it(board: Channel, script: Script) -> None:
    noon = {"wall_time": dt.datetime(2100, 1, 1, 12), "zone": "UTC"}
    first, *others = [post(board, str(number), **noon) for number in range(9)]
    assert first.next_at == first.due_at
    later = [(one.next_at - one.due_at).total_seconds() for one in others]
    assert [wait for wait in later if not 0 <= wait <= 1] == []
    assert len(set(later)) > 1
    paced = Channel.objects.create(kind="scripted", name="Paced", medium="post", per_minute=30)
    for number in range(2):
        assert post(paced, str(number), **noon).next_at == first.due_at
    moved = actions.reschedule(delivery=first, wall_time=dt.datetime(2100, 1, 2), zone="UTC", actor=None)
    assert moved.next_at == moved.due_at
