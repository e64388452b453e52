"""SMTP: until the final dot everything is a no; after it only the server's answer counts."""

from __future__ import annotations

import email
import socket
from typing import Any

import pytest

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Payload, connectors
from folkmoot.connectors.letters import problems
from folkmoot.kernel.http import Verdict
from tests.outbox import smtp_server
from tests.sending import sending

ID = "<fm-AAAAAAAAAAAAAAAAAAAAAA@example.org>"


def payload(**more: Any) -> Payload:
    return {
        "message_id": ID,
        "from": "Moot <moot@example.org>",
        "envelope_from": "moot@example.org",
        "to": "ana@example.net",
        "to_name": "Ana Pérez",
        "reply_to": "alice@example.org",
        "subject": "Grüße",
        "text": "Hello\n.\n..dots\n",
        "html": "<p>Hello</p>",
        "headers": {"List-Unsubscribe": "<https://example.org/x>"},
        **more,
    }


def send(server: smtp_server.Server, times: int = 1, **more: Any) -> list[Outcome]:
    line = connectors.get("smtp").open(
        Access(1, {"host": "127.0.0.1", "port": server.port, "security": "none"}, {})
    )
    try:
        return [line.send(payload(**more), sending()) for _ in range(times)]
    finally:
        line.close()


@pytest.mark.parametrize(
    ("fault", "verdict", "transient", "taken"),
    [
        ("", Verdict.YES, False, 1),
        ("mail:451 4.3.0 later", Verdict.NO, True, 0),
        ("mail:550 5.7.1 not you", Verdict.NO, False, 0),
        ("rcpt:450 4.2.0 grey", Verdict.NO, True, 0),
        ("rcpt:550 5.1.1 no such user", Verdict.NO, False, 0),
        ("rcpt:drop", Verdict.NO, True, 0),
        ("data:554 5.5.1 no", Verdict.NO, False, 0),
        ("data:drop", Verdict.NO, True, 0),
        ("text:drop", Verdict.NO, True, 0),
        ("dot:451 4.3.0 later", Verdict.NO, True, 0),
        ("dot:554 5.7.1 spam", Verdict.NO, False, 0),
        ("dot:drop", Verdict.UNKNOWN, False, 0),
        ("dot:take-and-drop", Verdict.UNKNOWN, False, 1),
    ],
)
def test_what_is_yes_no_and_unknown(fault: str, verdict: Verdict, transient: bool, taken: int) -> None:
    long = {"text": "x" * 70 + "\n" + ("y" * 70 + "\n") * 90_000} if fault == "text:drop" else {}
    with smtp_server.running(*([fault] if fault else [])) as server:
        # The body is larger than what the sockets hold, so that a line broken in its midst is felt.
        (outcome,) = send(server, **long)
        assert (outcome.verdict, outcome.transient, len(server.taken)) == (verdict, transient, taken)


def test_an_address_that_does_not_exist_is_known_by_its_code() -> None:
    with smtp_server.running("rcpt:550 5.1.1 no such user", "rcpt:550 5.7.1 policy") as server:
        dead, refused = send(server, 2)
    assert (dead.address_is_dead, refused.address_is_dead) == (True, False)


def test_one_line_for_many_and_a_new_one_when_the_server_hung_up() -> None:
    with smtp_server.running() as server:
        send(server, 3)
        assert (server.connections, len(server.taken)) == (1, 3)
    with smtp_server.running("dot:take-and-drop") as server:
        assert [one.verdict for one in send(server, 2)] == [Verdict.UNKNOWN, Verdict.YES]
        assert (server.connections, len(server.taken)) == (2, 2)
    with smtp_server.running() as server:
        line = connectors.get("smtp").open(
            Access(1, {"host": "127.0.0.1", "port": server.port, "security": "none"}, {})
        )
        line.send(payload(), sending())
        server.faults.append("mail:drop")  # it hung up while nothing was sent: one more line, nothing lost
        assert line.send(payload(), sending()).verdict is Verdict.YES
        line.close()


def test_what_arrives_is_what_was_frozen() -> None:
    with smtp_server.running() as server:
        send(server)
        (raw,) = server.taken
    message = email.message_from_bytes(raw.replace(b"\r\n..", b"\r\n."), policy=email.policy.default)
    assert (message["Message-ID"], message["Subject"], message["To"], message["Reply-To"]) == (
        ID,
        "Grüße",
        "Ana Pérez <ana@example.net>",
        "alice@example.org",
    )
    assert message["List-Unsubscribe"] == "<https://example.org/x>"
    text, html = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "Hello\n.\n..dots\n"
    assert html.get_content().strip() == "<p>Hello</p>"
    assert b"Bcc" not in raw


def test_nobody_answers_or_refuses_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CannotOpen, match="Connection refused"):
        connectors.get("smtp").open(Access(1, {"host": "127.0.0.1", "port": port, "security": "none"}, {}))
    with smtp_server.running() as server, pytest.raises(CannotOpen, match="AUTH"):
        connectors.get("smtp").open(
            Access(
                1,
                {"host": "127.0.0.1", "port": server.port, "security": "none", "user": "u"},
                {"password": "hunter2hunter2"},
            )
        )
    with smtp_server.running() as server, pytest.raises(CannotOpen, match="STARTTLS"):
        connectors.get("smtp").open(Access(1, {"host": "127.0.0.1", "port": server.port}, {}))


def test_what_no_server_would_take() -> None:
    assert problems(payload()) == []
    assert problems(payload(to="nobody", subject=" ", text="")) == [
        "“nobody” is no mail address.",
        "The mail has no subject.",
        "The mail has no text.",
    ]
