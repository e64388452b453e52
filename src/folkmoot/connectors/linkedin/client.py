"""LinkedIn's versioned interface: its headers, and what its answers mean.

Sources: Microsoft Learn, LinkedIn, "Versioning" (a version answers 426 once it is over, about a year after it came),
"Error Handling", "API Rate Limits" (limits of a day begin anew at midnight UTC), "Posts API".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Access, CannotOpen, Outcome
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, Limits, OutcomeUnknown, Verdict

API_URL = "https://api.linkedin.com"
SITE_URL = "https://www.linkedin.com"
#: The version that this connector was written for.
VERSION = "202606"
#: For how long a version works at least.
VERSION_LASTS = dt.timedelta(days=365)
#: When somebody is told that it will not for much longer.
VERSION_WARNS = dt.timedelta(days=300)
#: How long to wait when a limit says nothing of it; no header tells.
WAIT_SECONDS = 900.0
_VERSION = re.compile(r"20\d\d(0[1-9]|1[0-2])")
_DUPLICATE = re.compile(r"duplicate of (urn:li:(?:share|ugcPost|activity):\d+)", re.IGNORECASE)


def version_of(access: Access) -> str:
    """The version that a channel asks for."""
    return access.text("version").strip() or VERSION


def is_version(text: str) -> bool:
    """It is written as a version: YYYYMM."""
    return _VERSION.fullmatch(text) is not None


def age(version: str) -> dt.timedelta:
    """How long ago a version came."""
    return clock.now() - dt.datetime(int(version[:4]), int(version[4:]), 1, tzinfo=dt.UTC)


def connect(access: Access, token: str = "") -> Client:
    """A client with a channel's token, or the one given."""
    return Client(
        access.text("api_url") or API_URL,
        {
            "authorization": f"Bearer {token or access.text('access_token')}",
            "linkedin-version": version_of(access),
            "x-restli-protocol-version": "2.0.0",
            "accept": "application/json",
        },
        Limits(total=40.0),
    )


def said(answer: Answer) -> str:
    """What LinkedIn says of a refusal, short."""
    found: Any = None
    if answer.content:
        try:
            found = answer.json()
        except OutcomeUnknown:
            found = answer.text
    words = found.get("message") or found.get("code") if isinstance(found, Mapping) else found
    return f"{answer.status} {' '.join(str(words or '').split())[:250]}".strip()


def duplicate_of(answer: Answer) -> str:
    """The post that LinkedIn holds for the same, when that is why it refuses."""
    found = _DUPLICATE.search(answer.text) if answer.status in (400, 409, 422) else None
    return found[1] if found else ""


def refused(answer: Answer) -> Outcome:
    """What an answer that is no yes means for a post."""
    words = said(answer)
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.unknown(words)
    if answer.status == 401:
        told = _now("LinkedIn does not take the access any more: it is over, or was taken back.")
        return Outcome.no(f"{told} {words}", transient=True, channel=True, expired=True)
    if answer.status == 403:
        told = _now("The access lacks a right: connect the channel anew, as somebody who may post there.")
        return Outcome.no(f"{told} {words}", transient=True, channel=True)
    if answer.status == 426:
        told = _now("LinkedIn has ended this version of its interface: write a newer one in the channel.")
        return Outcome.no(f"{told} {words}", transient=True, channel=True)
    if answer.status == 429:
        told = _now("LinkedIn's limit is reached.")
        return Outcome.no(f"{told} {words}", transient=True, wait=answer.retry_after() or WAIT_SECONDS)
    if answer.status == 409:
        return Outcome.no(words, transient=True)
    return Outcome.no(f"{_now('LinkedIn does not take this post.')} {words}")


def must(answer: Answer) -> dict[str, Any]:
    """The body of a yes.

    Raises:
        CannotOpen: the access is refused, or the version of the interface.
        OutcomeUnknown: it is no yes for another reason.
    """
    if answer.status in (401, 403, 426):
        raise CannotOpen(refused(answer).words)
    if answer.verdict is not Verdict.YES:
        raise OutcomeUnknown(answer.method, answer.url, said(answer))
    found = answer.json()
    if not isinstance(found, dict):
        raise OutcomeUnknown(answer.method, answer.url, "answered with something else than an object")
    return found
