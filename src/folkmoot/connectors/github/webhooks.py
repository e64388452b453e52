"""Webhooks: whether a delivery is GitHub's, and what it is about.

Source: GitHub Docs, "Validating webhook deliveries": ``X-Hub-Signature-256`` is the HMAC-SHA256 of the raw body.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256


def signature(secret: str, body: bytes) -> str:
    """What GitHub sends as ``X-Hub-Signature-256``."""
    return "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()


def is_signed(secret: str, body: bytes, given: str) -> bool:
    """Whether the body was signed with the secret; without a secret nothing is. Takes the same time either way."""
    return bool(secret) and hmac.compare_digest(
        signature(secret, body).encode(), given.encode("utf-8", "replace")
    )


@dataclass(frozen=True)
class Delivery:
    """What a delivery is about; nothing else of it is used: what happened is read from GitHub itself."""

    event: str
    action: str
    repository_number: str
    repository: str


def read(event: str, body: bytes) -> Delivery:
    """The repository and the action of a delivery.

    Raises:
        ValueError: the body is no JSON object.
    """
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("the body is no JSON object")
    repository = found.get("repository")
    repository = repository if isinstance(repository, dict) else {}
    number = repository.get("id")
    return Delivery(
        event=event,
        action=str(found.get("action") or "")[:60],
        repository_number=str(number) if isinstance(number, int) else "",
        repository=str(repository.get("full_name") or "")[:200],
    )
