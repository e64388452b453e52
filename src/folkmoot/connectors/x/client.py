"""X's interface: what its answers mean.

Sources: docs.x.com, "Rate limits" (``x-rate-limit-reset`` is Unix time; there is no Retry-After), "Response codes and
errors" (problems with a type), "Create Post".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Rate
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, Limits, OutcomeUnknown, Verdict

API_URL = "https://api.x.com"
SITE_URL = "https://x.com"
#: How long to wait when a limit does not say, in seconds: its windows are a quarter of an hour.
WAIT_SECONDS = 900.0
#: Limits that may be used up, and when each begins anew.
_LIMITS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
#: Problems that are the app's or the account's, not the post's (the end of their type).
_OF_CHANNEL = (
    "client-forbidden",
    "client-not-enrolled",
    "credits",
    "oauth1-permissions",
    "unsupported-authentication",
    "usage-capped",
)
_DUPLICATE = re.compile(r"duplicate content", re.IGNORECASE)


def connect(access: Access, token: str = "") -> Client:
    """A client with a channel's token, or the one given."""
    return Client(
        access.text("api_url") or API_URL,
        {"authorization": f"Bearer {token or access.text('access_token')}", "accept": "application/json"},
        Limits(total=40.0),
    )


def _problem(answer: Answer) -> Mapping[str, Any]:
    if not answer.content:
        return {}
    try:
        found = answer.json()
    except OutcomeUnknown:
        return {"detail": answer.text}
    if not isinstance(found, dict):
        return {}
    errors = found.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return {**first, **found}


def said(answer: Answer) -> str:
    """What X says of a refusal, short."""
    problem = _problem(answer)
    words = problem.get("detail") or problem.get("message") or problem.get("title") or ""
    return f"{answer.status} {' '.join(str(words).split())[:250]}".strip()


def is_duplicate(answer: Answer) -> bool:
    """X refuses since the account has posted the very same."""
    return answer.status == 403 and _DUPLICATE.search(answer.text) is not None


def wait_of(answer: Answer) -> float:
    """How long a limit lasts, in seconds: until the last of those that are used up begins anew."""
    resets = []
    for name in _LIMITS:
        reset = answer.headers.get(f"{name}-reset", "")
        if reset.isdecimal() and answer.headers.get(f"{name}-remaining", "0") == "0":
            resets.append((dt.datetime.fromtimestamp(int(reset), dt.UTC) - clock.now()).total_seconds())
    return max(1.0, *resets) if resets else WAIT_SECONDS


def rate_of(answer: Answer) -> Rate | None:
    """What the headers say of the limits: the one with the least left, and when it begins anew."""
    found = []
    for name in _LIMITS:
        left, reset = answer.headers.get(f"{name}-remaining", ""), answer.headers.get(f"{name}-reset", "")
        if left.isdecimal() and reset.isdecimal():
            found.append(Rate(int(left), dt.datetime.fromtimestamp(int(reset), dt.UTC)))
    return min(found, key=lambda rate: (rate.remaining, -rate.reset_at.timestamp())) if found else None


def refused(answer: Answer) -> Outcome:
    """What an answer that is no yes means for a post."""
    words, kind = said(answer), str(_problem(answer).get("type") or "").rpartition("/")[2]
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.unknown(words)
    if answer.status == 401:
        told = _now("X does not take the access any more: it is over, or was taken back.")
        return Outcome.no(f"{told} {words}", transient=True, channel=True, expired=True)
    if answer.status == 402 or kind in _OF_CHANNEL:
        told = _now("X lets this app post nothing now: its credits are used up, or it lacks a right.")
        return Outcome.no(f"{told} {words}", transient=True, channel=True)
    if answer.status == 429:
        told = _now("X's limit is reached.")
        return Outcome.no(f"{told} {words}", transient=True, wait=wait_of(answer))
    return Outcome.no(f"{_now('X does not take this post.')} {words}")


def must(answer: Answer) -> dict[str, Any]:
    """The body of a yes.

    Raises:
        CannotOpen: the access is refused.
        OutcomeUnknown: it is no yes for another reason.
    """
    if answer.status in (401, 402, 403):
        raise CannotOpen(refused(answer).words)
    if answer.verdict is not Verdict.YES:
        raise OutcomeUnknown(answer.method, answer.url, said(answer))
    found = answer.json()
    if not isinstance(found, dict):
        raise OutcomeUnknown(answer.method, answer.url, "answered with something else than an object")
    return found
