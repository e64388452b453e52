"""What comes back: bounces and complaints in a mailbox, a provider's webhooks, and what follows for an address."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.connectors.mailbox import reports_of
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox import actions, queries
from folkmoot.outbox.actions import Withheld
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Bounce, Channel, Delivery, State, Suppression
from tests.outbox.conftest import letter

pytestmark = pytest.mark.django_db


def dsn(delivery: Delivery, *, code: str = "5.1.1", action: str = "failed", address: str = "") -> bytes:
    """A delivery status notification (RFC 3464), as Postfix writes it."""
    to = address or delivery.recipient
    return f"""From: MAILER-DAEMON@mx.example.net
To: moot@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {code}
Diagnostic-Code: smtp; 550 {code} no such user

--b
Content-Type: message/rfc822

Message-ID: {delivery.planned_id}
To: {to}
Subject: Hello

--b--
""".replace("\n", "\r\n").encode()


@pytest.fixture
def sent(mail_channel: Channel, alice: User) -> Delivery:
    delivery = letter(alice)
    while loop.turn():
        pass
    delivery.refresh_from_db()
    return delivery


def take(raw: bytes, key: str) -> list[Bounce | None]:
    return [actions.came_back(report=report, source="mailbox 1") for report in reports_of(raw, key)]


def test_a_hard_bounce_strikes_the_address_off_once(sent: Delivery, alice: User) -> None:
    assert [row and row.kind for row in take(dsn(sent), "1:1")] == ["hard"]
    assert take(dsn(sent), "1:1") == [None]
    row = Suppression.objects.get()
    assert (row.address, row.why, row.words, row.delivery) == (
        "ana@example.org",
        "hard",
        "550 5.1.1 no such user",
        sent,
    )
    with pytest.raises(Withheld, match="the address does not exist"):
        letter(alice, is_personal=True)
    actions.lift(suppression=row, why="new mailbox", actor=alice)
    assert letter(alice).state == State.SCHEDULED


def test_a_bounce_about_a_mail_that_is_not_ours_is_nothing(sent: Delivery) -> None:
    forged = dsn(sent).replace(sent.planned_id.encode(), b"<fm-AAAAAAAAAAAAAAAAAAAAAA@example.org>")
    assert take(forged, "1:2") == [None]
    assert take(dsn(sent, address="victim@example.org"), "1:3") == [None]
    assert reports_of(b"Subject: hi\r\n\r\nHello", "1:4") == []
    assert not Suppression.objects.exists()


def test_soft_bounces_are_counted_by_days(sent: Delivery) -> None:
    for day in range(5):
        assert not Suppression.objects.exists()
        with time_machine.travel(dt.datetime(2026, 11, 1 + day, 12, tzinfo=dt.UTC), tick=False):
            take(dsn(sent, code="4.2.2", action="delayed"), f"1:{day}a")
            take(dsn(sent, code="4.2.2", action="delayed"), f"1:{day}b")
    assert Suppression.objects.get().why == "soft"


def test_a_complaint_counts_at_once(sent: Delivery) -> None:
    raw = f"""From: fbl@example.net
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1

--b
Content-Type: message/rfc822

Message-ID: {sent.planned_id}

--b--
""".encode()
    take(raw, "1:9")
    assert [(row.address, row.why) for row in Suppression.objects.all()] == [("ana@example.org", "complaint")]


def test_a_bounce_proves_that_the_mail_was_taken(sent: Delivery) -> None:
    Delivery.objects.filter(pk=sent.pk).update(state=State.NEEDS_PERSON, sent_at=None)
    take(dsn(sent), "1:1")
    sent.refresh_from_db()
    assert (sent.state, sent.attempts.last().kind) == (State.SENT, "report")


def test_unsubscribing_stops_a_topic_and_nothing_personal(mail_channel: Channel, alice: User) -> None:
    actions.unsubscribe(address="ana@example.org", topic="letters")
    with pytest.raises(Withheld, match="unsubscribed"):
        letter(alice)
    assert letter(alice, is_personal=True).state == State.SCHEDULED


def test_it_is_looked_up_again_when_the_mail_leaves(
    mail_channel: Channel, alice: User, mailoutbox: list[Any]
) -> None:
    delivery = letter(alice)
    actions.unsubscribe(address="Ana@Example.org", topic="")
    while loop.turn():
        pass
    delivery.refresh_from_db()
    assert (delivery.state, mailoutbox) == (State.WITHHELD, [])
    assert delivery.words == "No mail to this address: unsubscribed."


# --- a provider's webhook


@pytest.fixture
def provider(db: None) -> Channel:
    return Channel.objects.create(
        kind="provider",
        name="Postmark",
        medium="mail",
        is_default=True,
        settings={"provider": "postmark", "from": "moot@example.org"},
        secrets=json.dumps({"api_key": "key-key-key", "webhook_secret": "hook:hunter2hunter2"}),
    )


def hook(client: Client, channel: Channel, event: dict[str, Any], password: str = "hunter2hunter2") -> int:
    basic = base64.b64encode(f"hook:{password}".encode()).decode()
    answer = client.post(
        reverse("outbox:webhook", args=[channel.pk]),
        json.dumps(event),
        content_type="application/json",
        headers={"authorization": f"Basic {basic}"},
    )
    return answer.status_code


def event(delivery: Delivery, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "RecordType": kind,
        "MessageID": "pm-1",
        "ID": 7,
        "Recipient": delivery.recipient,
        "Email": delivery.recipient,
        "DeliveredAt": "2026-11-20T12:00:00Z",
        "BouncedAt": "2026-11-20T12:00:00Z",
        "Metadata": {"folkmoot": delivery.planned_id},
        **more,
    }


def test_a_webhook_settles_what_nobody_knew(provider: Channel, alice: User, as_nobody: Client) -> None:
    delivery = letter(alice)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.UNCERTAIN)
    assert hook(as_nobody, provider, event(delivery, "Delivery"), password="wrong") == 400
    assert hook(as_nobody, provider, event(delivery, "Delivery")) == 200
    delivery.refresh_from_db()
    assert (delivery.state, delivery.remote_id) == (State.SENT, "pm-1")


def test_a_webhook_of_another_channel_moves_nothing(
    provider: Channel, mail_channel_beside: Channel, alice: User, as_nobody: Client
) -> None:
    delivery = letter(alice, channel=mail_channel_beside)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.UNCERTAIN)
    assert hook(as_nobody, provider, event(delivery, "Delivery")) == 200
    delivery.refresh_from_db()
    assert delivery.state == State.UNCERTAIN


@pytest.fixture
def mail_channel_beside(db: None) -> Channel:
    return Channel.objects.create(kind="house", name="Beside", medium="mail")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"RecordType": "Bounce", "Type": "HardBounce"}, "hard"),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, "complaint"),
    ],
)
def test_bounces_and_complaints_by_webhook(
    provider: Channel, alice: User, as_nobody: Client, told: dict[str, Any], why: str
) -> None:
    delivery = letter(alice)
    for _ in range(2):
        assert hook(as_nobody, provider, event(delivery, "") | told) == 200
    assert [(row.address, row.why) for row in Suppression.objects.all()] == [("ana@example.org", why)]
    assert Bounce.objects.count() == 1


def test_no_webhook_without_a_secret(
    provider: Channel, mail_channel_beside: Channel, as_nobody: Client
) -> None:
    Channel.objects.filter(pk=provider.pk).update(secrets="")
    assert hook(as_nobody, provider, {}) == 404
    assert hook(as_nobody, mail_channel_beside, {}) == 404


def test_an_address_is_entered_and_lifted_with_a_reason(alice: User) -> None:
    with pytest.raises(ValidationError):
        actions.suppress(address="nobody", why="manual", source="person", actor=alice)
    row = actions.suppress(address="Ana@Example.org", why="manual", source="person", actor=alice)
    with pytest.raises(ValidationError, match="Say why"):
        actions.lift(suppression=row, why=" ", actor=alice)
    assert queries.suppressions_of("ana@EXAMPLE.org").count() == 1
