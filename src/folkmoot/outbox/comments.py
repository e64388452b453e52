"""A comment as it leaves: on which issue, its Markdown, and the mark by which it is found again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

MEDIUM = "comment"


def payload(*, repository: str, issue: int, body: str, token: uuid.UUID) -> dict[str, Any]:
    """What the outbox freezes; the mark is as unguessable as the delivery's token."""
    return {"repository": repository, "issue": issue, "body": body, "marker": token.hex}


def place(repository: str, issue: int) -> str:
    """Where it goes to: ``owner/name#12``."""
    return f"{repository}#{issue}"


def place_of(payload: Mapping[str, Any]) -> str:
    """Where a frozen comment goes to; ``""`` once its content is blank."""
    return place(str(payload["repository"]), int(payload["issue"])) if payload.get("repository") else ""
