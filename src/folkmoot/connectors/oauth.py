"""OAuth 2 as platforms speak it: a code or a refresh token against an access.

Sources: RFC 6749, sections 4.1, 5.2 and 6; RFC 7636 (PKCE).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import MustConnect
from folkmoot.kernel import clock
from folkmoot.kernel.http import Client, OutcomeUnknown, Verdict

#: Errors that are the app's, not the grant's (RFC 6749, section 5.2).
_OF_THE_APP = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True)
class Grant:
    """What a token address gave.

    Attributes:
        refresh: empty: none was given.
        until: when the access is over (UTC); ``None``: it was not said.
        refresh_until: when the refresh token is over (UTC); ``None``: it was not said.
    """

    access: str
    refresh: str = ""
    until: dt.datetime | None = None
    refresh_until: dt.datetime | None = None


def verifier() -> str:
    """A secret that only who began the journey knows (RFC 7636: 43 to 128 characters)."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """What is shown of the secret beforehand (S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def journey(address: str, values: Mapping[str, str]) -> str:
    """The address to send somebody to."""
    return f"{address}?{urlencode(values)}"


def ask(
    client: Client, address: str, values: Mapping[str, str], *, user: str = "", password: str = ""
) -> Grant:
    """Exchange a code or a refresh token.

    Args:
        user: the app's id, where it proves itself by a header (with ``password``, its secret).

    Raises:
        MustConnect: the platform refuses for good: the code or token is over, or the app is not what it says.
        HttpProblem: nobody answers, or not now.
    """
    headers = {"accept": "application/json"}
    if password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["authorization"] = f"Basic {pair}"
    answer = client.post(address, data=dict(values), headers=headers)
    if answer.verdict is Verdict.UNKNOWN or answer.status == 429:
        raise OutcomeUnknown("POST", address, f"answered {answer.status}")
    found = answer.json() if answer.content else {}
    found = found if isinstance(found, dict) else {}
    if answer.verdict is not Verdict.YES or not found.get("access_token"):
        raise MustConnect(_refusal(answer.status, found))
    now = clock.now()
    return Grant(
        str(found["access_token"]),
        str(found.get("refresh_token") or ""),
        _after(now, found.get("expires_in")),
        _after(now, found.get("refresh_token_expires_in")),
    )


def _after(now: dt.datetime, seconds: Any) -> dt.datetime | None:
    return now + dt.timedelta(seconds=int(seconds)) if str(seconds or "").isdecimal() else None


def _refusal(status: int, found: Mapping[str, Any]) -> str:
    said = str(found.get("error_description") or found.get("error") or "")[:200]
    if found.get("error") in _OF_THE_APP:
        return f"{_now('The id or the secret of the app is wrong.')} {status} {said}".strip()
    return f"{_now('The platform gives no access: connect the channel anew.')} {status} {said}".strip()
