"""A mail provider's API, which answers, refuses, falls silent: what is yes, no and unknown there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from folkmoot.connectors.base import Access, CannotOpen, Outcome, connectors
from folkmoot.kernel.http import Verdict
from tests.outbox.test_smtp import ID, payload
from tests.sending import sending

GOOD = {
    "To": "ana@example.net",
    "SubmittedAt": "2026-11-20T12:00:00Z",
    "MessageID": "pm-1",
    "ErrorCode": 0,
    "Message": "OK",
}


class Provider(BaseHTTPRequestHandler):
    """Answers as it was told, like Postmark."""

    answer: tuple[int, Any] | None = (200, GOOD)
    headers_out: dict[str, str] = {}
    seen: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).seen.append({**json.loads(body), "token": self.headers["X-Postmark-Server-Token"]})
        if self.answer is None:
            return  # it hangs up without a word
        status, said = self.answer
        self.send_response(status)
        for name, value in self.headers_out.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.answer, Provider.headers_out, Provider.seen = (200, GOOD), {}, []
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def send(url: str) -> Outcome:
    access = Access(1, {"provider": "postmark", "api_url": url}, {"api_key": "key-key-key"})
    line = connectors.get("provider").open(access)
    try:
        return line.send(payload(), sending())
    finally:
        line.close()


def test_a_mail_that_was_taken(provider: str) -> None:
    outcome = send(provider)
    assert (outcome.verdict, outcome.remote_id) == (Verdict.YES, "pm-1")
    (seen,) = Provider.seen
    assert (seen["To"], seen["Subject"], seen["token"], seen["Metadata"]) == (
        "Ana Pérez <ana@example.net>",
        "Grüße",
        "key-key-key",
        {"folkmoot": ID},
    )


@pytest.mark.parametrize(
    ("answer", "verdict", "flags"),
    [
        ((422, {"ErrorCode": 300, "Message": "Invalid 'From' address"}), Verdict.NO, (False, False)),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), Verdict.NO, (True, True)),
        ((500, {"ErrorCode": 100, "Message": "Maintenance"}), Verdict.UNKNOWN, (False, False)),
        ((503, b"<html>"), Verdict.UNKNOWN, (False, False)),
        ((200, b"<html>not json"), Verdict.UNKNOWN, (False, False)),
        (None, Verdict.UNKNOWN, (False, False)),
    ],
)
def test_what_is_no_and_unknown(
    provider: str, answer: tuple[int, Any] | None, verdict: Verdict, flags: tuple[bool, bool]
) -> None:
    Provider.answer = answer
    outcome = send(provider)
    assert (outcome.verdict, (outcome.transient, outcome.channel)) == (verdict, flags), outcome.words
    assert len(Provider.seen) == 1


def test_a_rate_limit_says_how_long(provider: str) -> None:
    Provider.answer, Provider.headers_out = (
        (429, {"ErrorCode": 429, "Message": "slow"}),
        {"retry-after": "17"},
    )
    outcome = send(provider)
    assert (outcome.verdict, outcome.wait, outcome.channel) == (Verdict.NO, 17.0, False)


def test_nobody_answers(provider: str) -> None:
    outcome = send("http://127.0.0.1:1/")
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, True, True)
    with pytest.raises(CannotOpen):
        connectors.get("provider").open(Access(1, {"provider": "nobody"}, {}))
