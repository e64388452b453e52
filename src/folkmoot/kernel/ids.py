"""Tokens that stand for something in a link."""

from __future__ import annotations

import secrets


def token(length: int = 24) -> str:
    """An unguessable URL-safe token made of ``length`` random bytes."""
    return secrets.token_urlsafe(length)
