"""``folkmoot outbox``."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from folkmoot.kernel.cli import Problem
from folkmoot.outbox import commands
from folkmoot.outbox.models import Channel, Delivery, Switch
from tests.outbox.conftest import Queue

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    result = CliRunner().invoke(commands.outbox, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_pause_resume(queue: Queue, channel: Channel) -> None:
    queue("one")
    assert "Message one" in run("list")
    assert "Message one" not in run("list", "--state", "missed")
    run("pause", "wrong figures")
    assert Switch.current().paused_why == "wrong figures"
    run("resume")
    assert Switch.current().paused_at is None
    run("pause", "down", "--channel", channel.name)
    channel.refresh_from_db()
    assert channel.paused_why == "down"
    run("resume", "--channel", channel.name)
    with pytest.raises(Problem, match="there is no channel 'x'; known: faulty 0"):
        run("resume", "--channel", "x")
    with pytest.raises(Problem, match="there is no state 'x'"):
        run("list", "--state", "x")


def test_a_test_mail(mail_channel: Channel) -> None:
    run("send-test", "ana@example.org")
    assert Delivery.objects.get().recipient == "ana@example.org"
    with pytest.raises(Problem, match="is no mail address"):
        run("send-test", "nobody")


def test_no_channel_for_mail(db: None) -> None:
    with pytest.raises(Problem, match="there is no channel for mail"):
        run("send-test", "ana@example.org")
