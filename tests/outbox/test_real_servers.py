"""Mail through Debian's Postfix into Dovecot, and into smtp-sink: what our own server in Python cannot prove."""

from __future__ import annotations

import email
import email.policy
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

from folkmoot.connectors import mailbox
from folkmoot.connectors.base import CannotOpen
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Verdict
from folkmoot.outbox import jobs
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery, State, Suppression
from tests.outbox import servers
from tests.outbox.conftest import letter

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A short path that the servers' own users may pass."""
    with tempfile.TemporaryDirectory(prefix="moot-") as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def house(folder: Path) -> Iterator[servers.House]:
    with servers.postfix_and_dovecot(folder) as house:
        yield house


def smtp_channel(port: int, **more: object) -> Channel:
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from": "The Moot <moot@moot.test>",
        **more,
    }
    return Channel.objects.create(
        kind="smtp", name=f"SMTP {port}", medium="mail", is_default=True, settings=settings
    )


def send_all() -> None:
    while loop.turn():
        pass


def until(what: Callable[[], object], seconds: float = 15) -> None:
    """Servers take their time; a bound, not a wait."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_mail_arrives_whole_and_a_bounce_strikes_an_address_off(house: servers.House, alice: User) -> None:
    channel = smtp_channel(
        house.smtp,
        imap_host="127.0.0.1",
        imap_port=house.imap,
        imap_security="none",
        imap_user="moot",
    )
    channel.secrets = f'{{"imap_password": "{servers.PASSWORD}"}}'
    channel.save()
    there = letter(
        alice, to="ana@moot.test", to_name="Ana Pérez", subject="Grüße, {{ person }}", body="ñ … 🏳️‍🌈\n\n.\n"
    )
    gone = letter(alice, to="gone@moot.test")
    send_all()
    there.refresh_from_db()
    gone.refresh_from_db()
    assert (there.state, gone.state) == (State.SENT, State.SENT)  # Postfix took both

    def arrived() -> list[email.message.EmailMessage]:
        with MailBoxUnencrypted("127.0.0.1", house.imap).login("ana", servers.PASSWORD) as box:
            return [
                email.message_from_bytes(one.obj.as_bytes(), policy=email.policy.default)
                for one in box.fetch()
            ]

    until(arrived)
    (message,) = arrived()
    assert (message["Subject"], message["To"], message["Message-ID"]) == (
        "Grüße, Ana",
        "Ana Pérez <ana@moot.test>",
        there.planned_id,
    )
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").startswith("ñ … 🏳️‍🌈\n\n.\n")

    counts = {"messages": 0, "reports": 0, "new": 0}

    def came_back() -> bool:
        jobs.read_mailbox(channel, counts)
        return Suppression.objects.exists()

    until(came_back)
    assert counts == {"messages": 1, "reports": 1, "new": 1}
    row = Suppression.objects.get()
    assert (row.address, row.why, row.delivery_id) == ("gone@moot.test", "hard", gone.pk)
    jobs.read_mailbox(channel, counts)
    assert counts["messages"] == 1  # read once, and nothing in the mailbox was changed

    # A lost answer: the bounce proves that Postfix had taken it; of the other nothing is known.
    assert mailbox.find(channel.access, gone.planned_id, clock.now()).verdict is Verdict.YES
    assert mailbox.find(channel.access, there.planned_id, clock.now()).verdict is Verdict.UNKNOWN


def test_a_mailbox_that_refuses_us_is_told(house: servers.House) -> None:
    channel = smtp_channel(
        house.smtp, imap_host="127.0.0.1", imap_port=house.imap, imap_security="none", imap_user="moot"
    )
    with pytest.raises(CannotOpen):
        jobs.read_mailbox(channel, {})


def test_fifty_mails_into_the_sink(folder: Path, alice: User) -> None:
    with servers.smtp_sink(folder) as (port, kept):
        smtp_channel(port)
        wanted = {letter(alice, to=f"user{n}@moot.test").planned_id for n in range(50)}
        send_all()
        until(lambda: len(list(kept.iterdir())) == 50)
        found = [email.message_from_bytes(path.read_bytes())["Message-ID"] for path in kept.iterdir()]
    assert sorted(found) == sorted(wanted)


def test_a_server_that_hangs_up_after_the_dot(folder: Path, alice: User, tmp_path: Path) -> None:
    with servers.smtp_sink(tmp_path, "-q", ".") as (port, _kept):
        smtp_channel(port)
        delivery = letter(alice, to="ana@moot.test")
        send_all()
    delivery.refresh_from_db()
    assert (delivery.state, [one.outcome for one in delivery.attempts.all()]) == (
        State.NEEDS_PERSON,
        ["unknown"],
    )
    assert Delivery.objects.count() == 1
