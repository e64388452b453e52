"""Files that go with a mail, and people who get it together: frozen, sent over SMTP, shown, forgotten."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from folkmoot.connectors.mailbox import Report
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import Outcome as Erased
from folkmoot.kernel.erasure import Subject
from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop
from folkmoot.outbox.erasing import _forget
from folkmoot.outbox.mail import File
from folkmoot.outbox.models import Attachment, Bounce, Channel, Delivery, State
from tests.outbox import smtp_server
from tests.outbox.conftest import letter

PDF = File("Certificate: Ana/Quintanar.pdf", b"%PDF-1.7 made up \x00\xff", "application/pdf")
ICS = File(
    "event.ics", b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n", "text/calendar; method=CANCEL"
)


def channel_of(server: smtp_server.Server) -> Channel:
    settings = {
        "from": "Moot <moot@example.org>",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
    }
    return Channel.objects.create(kind="smtp", name="SMTP", medium="mail", is_default=True, settings=settings)


def sent(server: smtp_server.Server) -> EmailMessage:
    (raw,) = server.taken
    found = email.message_from_bytes(raw.replace(b"\r\n..", b"\r\n."), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.django_db(transaction=True)
def test_files_arrive_as_they_were_frozen() -> None:
    with smtp_server.running() as server:
        channel_of(server)
        delivery = letter(None, files=[PDF, ICS])
        assert loop.turn() == 1
        message = sent(server)
    pdf, ics = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == (
        "Certificate- Ana-Quintanar.pdf",
        "application/pdf",
        PDF.content,
    )
    assert (ics.get_content_type(), ics["Content-Type"].params["method"]) == ("text/calendar", "CANCEL")
    assert ics.get_payload(decode=True) == ICS.content
    delivery.refresh_from_db()
    assert (delivery.state, delivery.is_intact) == (State.SENT, True)
    assert [one["sha256"] for one in delivery.payload["attachments"]] == [PDF.sha256, ICS.sha256]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_changed_or_is_gone_keeps_the_mail_from_leaving() -> None:
    with smtp_server.running() as server:
        channel_of(server)
        changed, gone = letter(None, files=[PDF]), letter(None, files=[PDF])
        Attachment.objects.filter(delivery=changed).update(content=b"another")
        Attachment.objects.filter(delivery=gone).delete()
        loop.turn()
        assert server.taken == []
    states = list(Delivery.objects.order_by("pk").values_list("state", "words"))
    assert [state for state, _words in states] == [State.FAILED, State.FAILED]
    assert "is not the one that was queued" in states[0][1]
    assert "no file attachment:" in states[1][1]


@pytest.mark.django_db(transaction=True)
def test_several_people_get_one_mail_and_the_first_decides() -> None:
    more: dict[str, Any] = {
        "more_to": [("Bo Reyes", "bo@example.org"), ("Ana again", "ANA@example.org")],
        "cc": [("", "office@example.org"), ("Bo once more", "bo@example.org")],
        "bcc": [("", "archive@example.org")],
    }
    with smtp_server.running() as server:
        channel_of(server)
        delivery = letter(None, **more)
        loop.turn()
        message = sent(server)
        assert b"archive@example.org" not in server.taken[0]
    assert [str(one) for one in message["To"].addresses] == [
        "Ana Quintanar <ana@example.org>",
        "Bo Reyes <bo@example.org>",
    ]
    assert message["Cc"] == "office@example.org"
    delivery.refresh_from_db()
    assert delivery.payload["bcc"] == [["", "archive@example.org"]]


def test_one_who_gets_no_mail_keeps_it_from_all(mail_channel: Channel) -> None:
    actions.suppress(address="bo@example.org", why="manual", source="test", actor=None)
    with pytest.raises(actions.Withheld, match=r"bo@example\.org: No mail to this address"):
        letter(None, cc=[("Bo", "bo@example.org")])
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"files": [File("a.bin", b"x" * 7_000_001)]}, "at most 7 MB together"),
        ({"files": [PDF] * 11}, "at most 10 files"),
        ({"files": [File("a", b"x", "no type")]}, "“no type” is no type of a file"),
        ({"cc": [("", "nobody")]}, "“nobody” is no mail address"),
        ({"cc": [("", f"p{n}@example.org") for n in range(100)]}, "at most 100 people"),
    ],
)
def test_what_no_server_would_take_is_not_queued(
    mail_channel: Channel, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        letter(None, **more)
    assert (Delivery.objects.count(), Attachment.objects.count()) == (0, 0)


def test_the_page_shows_files_and_everybody_who_gets_it(
    mail_channel: Channel, alice: User, as_alice: Client, as_bob: Client
) -> None:
    delivery = letter(alice, files=[PDF], cc=[("Office", "office@example.org")])
    page = as_alice.get(reverse("outbox:delivery", args=[delivery.pk])).content.decode()
    for text in ("Certificate- Ana-Quintanar.pdf", PDF.sha256, "Copy to", "Office office@example.org"):
        assert text in page
    address = reverse("outbox:attachment", args=[delivery.pk, 1])
    answer = as_alice.get(address)
    assert (b"".join(answer), answer["Content-Type"]) == (PDF.content, "application/pdf")  # type: ignore[call-overload]
    assert "attachment" in answer["Content-Disposition"]
    assert as_alice.get(reverse("outbox:attachment", args=[delivery.pk, 2])).status_code == 404
    assert as_bob.get(address).status_code == 403


def test_a_bounce_counts_for_the_address_that_it_names(mail_channel: Channel) -> None:
    delivery = letter(None, cc=[("Bo", "bo@example.org")])
    for address in ("bo@example.org", "stranger@example.org", ""):
        report = Report(delivery.planned_id, address, "hard", "no such user", f"1:{address}")
        actions.came_back(report=report, source="test")
    assert list(Bounce.objects.values_list("address", flat=True)) == ["bo@example.org"]


def test_files_are_forgotten_with_the_mail(mail_channel: Channel) -> None:
    letter(None, files=[PDF])
    kept = letter(None, to="eve@example.org", to_name="Eve", values={"person": "Eve"}, files=[ICS])
    names, emails = frozenset({"Ana Quintanar"}), frozenset({"ana@example.org"})
    subject = Subject(frozenset({1}), frozenset(), names, emails, emails, None, "Somebody")
    with transaction.atomic():
        _forget(subject, Erased())
    assert list(Attachment.objects.values_list("delivery", flat=True)) == [kept.pk]
