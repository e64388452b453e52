"""Asking a server of the AT Protocol, and what its answers mean.

Sources: AT Protocol, "HTTP API (XRPC)", lexicons ``com.atproto.repo.*`` and ``com.atproto.server.*``; Bluesky's
documentation, "Rate limits" (headers ``ratelimit-*``, the reset in seconds since 1970). What real servers answer beyond
that was seen on a PDS 0.5.35: an expired token is a 400 ``ExpiredToken``, an absent record a 400 ``RecordNotFound``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Outcome, Rate
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, OutcomeUnknown, Verdict

COLLECTION = "app.bsky.feed.post"
#: The access is over, however the server puts it: a renewed one helps.
_OVER = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
#: The account may not post, whatever the access.
_SHUT = frozenset({"AccountDeactivated", "AccountTakedown", "AccountSuspended"})


class Xrpc:
    """A line to one server, with the access of one account."""

    def __init__(self, server: str, access: str = "") -> None:
        self.http = Client(base_url=server)
        self._access = access

    def query(self, method: str, *, is_open: bool = False, **params: Any) -> Answer:
        """Read; ``is_open``: without the access, so that one that is over does not matter.

        Raises:
            HttpProblem: no usable answer came.
        """
        return self.http.get(f"/xrpc/{method}", params=params, headers={} if is_open else self._headers())

    def call(self, method: str, body: Mapping[str, Any] | None = None, *, token: str | None = None) -> Answer:
        """Write, once; ``token`` instead of the access.

        Raises:
            NotSent, OutcomeUnknown: no usable answer came.
        """
        return self.http.post(f"/xrpc/{method}", json=body, headers=self._headers(token))

    def upload(self, content: bytes, kind: str) -> Answer:
        """Put a blob there.

        Raises:
            NotSent, OutcomeUnknown: no usable answer came.
        """
        headers = {**self._headers(), "content-type": kind}
        return self.http.post("/xrpc/com.atproto.repo.uploadBlob", content=content, headers=headers)

    def _headers(self, token: str | None = None) -> dict[str, str]:
        token = self._access if token is None else token
        return {"authorization": f"Bearer {token}"} if token else {}

    def close(self) -> None:
        """Hang up."""
        self.http.close()


def row_of(answer: Answer) -> dict[str, Any]:
    """The object that was answered; empty when it is none."""
    try:
        body = answer.json()
    except OutcomeUnknown:
        return {}
    return body if isinstance(body, dict) else {}


def error_of(answer: Answer) -> str:
    """The name of the error: ``InvalidSwap``."""
    return str(row_of(answer).get("error") or "")


def said(answer: Answer) -> str:
    """The server's own words for an error."""
    row = row_of(answer)
    words = f"{row.get('error') or ''} {row.get('message') or ''}" if row else answer.text
    return f"{answer.status} {' '.join(words.split())[:300]}".strip()


def rate_of(answer: Answer) -> Rate | None:
    """What the headers say of the account's limit."""
    left, reset = (answer.headers.get(f"ratelimit-{name}", "") for name in ("remaining", "reset"))
    if not (left.isdigit() and reset.isdigit()):
        return None
    try:
        return Rate(int(left), dt.datetime.fromtimestamp(int(reset), dt.UTC))
    except (ValueError, OverflowError, OSError):
        return None


def wait_of(answer: Answer) -> float:
    """How many seconds until a limit that was hit is lifted."""
    asked, rate = answer.retry_after(), rate_of(answer)
    if asked is None and rate is not None:
        asked = (rate.reset_at - clock.now()).total_seconds()
    return max(1.0, asked if asked is not None else 60.0)


def refused(answer: Answer) -> Outcome:
    """What an answer that is no yes means for a message."""
    words, error = said(answer), error_of(answer)
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.unknown(words)
    if answer.status == 429:
        text = _now("The server takes no more for now.")
        return Outcome.no(f"{text} {words}", transient=True, wait=wait_of(answer))
    if error in _SHUT:
        text = _now("The account is deactivated or was taken down.")
        return Outcome.no(f"{text} {words}", transient=True, channel=True)
    if error in _OVER or answer.status == 401:
        return Outcome.no(words, transient=True, expired=True)
    if answer.status == 403:
        return Outcome.no(words, transient=True, channel=True)
    return Outcome.no(words)
