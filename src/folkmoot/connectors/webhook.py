"""Telling a program of somebody else's: a signed POST, as Standard Webhooks writes it (standardwebhooks.com).

A message may come twice, never silently not at all: whatever is no 2xx, and whatever no answer came to, is sent again
under the same ``webhook-id``, by which the other side knows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    Connector,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Setting,
    connectors,
)
from folkmoot.kernel import clock
from folkmoot.kernel.http import Client, Limits, NotSent, OutcomeUnknown, Refused, Verdict

#: What a secret begins with; the rest is the key in base64.
SECRET_MARK = "whsec_"  # noqa: S105 - a word, no secret
LIMITS = Limits(connect=5, read=10, write=10, total=20, size=64 * 1024, tries=1)


def key_of(secret: str) -> bytes:
    """The key in a secret.

    Raises:
        ValueError: it is none.
    """
    try:
        return base64.b64decode(secret.removeprefix(SECRET_MARK), validate=True)
    except binascii.Error:
        raise ValueError("the secret is no base64") from None


def signature(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 over id, time and body, in base64."""
    said = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), said, hashlib.sha256).digest()).decode("ascii")


def wrong_address(address: str) -> bool:
    """Whether this can be no webhook's address. Whether it may be asked, the guard sees at each request."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return True
    return parts.scheme not in ("http", "https") or not parts.hostname or bool(parts.username)


class WebhookSender(Sender):
    """A line to one address."""

    def __init__(self, access: Access) -> None:
        self._address, self._secret = access.text("address"), access.text("secret")
        self._client = Client(limits=LIMITS)

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        body = str(payload["body"]).encode()
        now = int(clock.now().timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": str(payload["id"]),
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._secret, str(payload["id"]), now, body),
        }
        try:
            answer = self._client.post(self._address, content=body, headers=headers)
        except Refused as problem:
            return Outcome.no(str(problem), channel=True)
        except (NotSent, OutcomeUnknown) as problem:
            # What may have arrived is sent again: the same id tells the other side that it is the same.
            return Outcome.no(str(problem), transient=True, channel=True)
        if answer.verdict is Verdict.YES:
            return Outcome.yes(str(answer.status))
        words = f"{answer.status} {answer.text[:200]}".strip()
        if answer.status == 429:
            return Outcome.no(words, transient=True, wait=answer.retry_after() or 60.0)
        return Outcome.no(words, transient=True, channel=True)

    def close(self) -> None:
        self._client.close()


class Webhook(Connector):
    """A signed POST to an address."""

    key = "webhook"
    label = _("Webhook")
    medium = "webhook"
    settings = (
        Setting("address", _("Address"), _("Where changes are posted to."), is_required=True),
        Setting("secret", _("Secret"), _("Signs what is sent."), is_secret=True, is_required=True),
    )
    readback = Readback.NONE
    order = 900

    def open(self, access: Access) -> Sender:
        return WebhookSender(access)

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """As for all connectors; and the address is one."""
        found = super().wrong_settings(access)
        if "address" not in found and wrong_address(access.text("address")):
            found["address"] = str(_("Address"))
        return found

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        return [] if payload.get("id") and payload.get("body") else [str(_("It says nothing."))]


def as_payload(identifier: str, body: str) -> dict[str, Any]:
    """What the outbox keeps of a message."""
    return {"id": identifier, "body": body}


connectors.register(Webhook())
