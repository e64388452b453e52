"""Asking a Mastodon server, and what its answers mean.

Sources: Mastodon's documentation, "Getting started with the API", "Rate limits" (the reset is a moment in ISO 8601),
``entities/Error``, ``methods/instance``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Outcome, Rate
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, OutcomeUnknown, Verdict

_HOST = re.compile(r"[\w.:-]+")
_VERSION = re.compile(r"(\d+)\.(\d+)")


def address_of(server: str) -> str:
    """``https://HOST`` from whatever a person puts in: a host, an address, their own handle.

    Returns:
        ``""`` when there is no host in it.
    """
    server = server.strip()
    if "://" not in server:
        server = "https://" + server.rpartition("@")[2]
    parts = urlsplit(server)
    with contextlib.suppress(ValueError):
        host = parts.hostname or ""
        if parts.scheme in ("http", "https") and _HOST.fullmatch(host) and not parts.username:
            port = f":{parts.port}" if parts.port else ""
            return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
    return ""


def line(server: str, token: str = "") -> Client:
    """A client of one server."""
    return Client(base_url=server, headers={"authorization": f"Bearer {token}"} if token else {})


def said(answer: Answer) -> str:
    """The server's own words for an error."""
    with contextlib.suppress(OutcomeUnknown):
        body = answer.json()
        if isinstance(body, dict) and body.get("error"):
            words = f"{body['error']} {body.get('error_description') or ''}"
            return f"{answer.status} {' '.join(words.split())[:300]}"
    return f"{answer.status} {' '.join(answer.text.split())[:200]}".strip()


def rate_of(answer: Answer) -> Rate | None:
    """What the headers say of the account's limit: how much is left, and a moment in ISO 8601."""
    left = answer.headers.get("x-ratelimit-remaining", "")
    try:
        reset = dt.datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    if not left.isdigit():
        return None
    return Rate(int(left), reset if reset.tzinfo else reset.replace(tzinfo=dt.UTC))


def wait_of(answer: Answer) -> float:
    """How many seconds until a limit that was hit is lifted."""
    rate = rate_of(answer)
    if rate is None:
        return answer.retry_after() or 60.0
    return max(1.0, (rate.reset_at - clock.now()).total_seconds())


def refused(answer: Answer) -> Outcome:
    """What an answer that is no yes means for a message: 5xx leaves it open, 429 waits, 401 and 403 are the token's."""
    words = said(answer)
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.unknown(words)
    if answer.status == 429:
        text = _now("The server takes no more for now.")
        return Outcome.no(f"{text} {words}", transient=True, wait=wait_of(answer))
    if answer.status == 401:
        text = _now("The token does not hold any more: connect the channel anew.")
        return Outcome.no(f"{text} {words}", transient=True, channel=True)
    if answer.status == 403:
        text = _now(
            "The account or its token may not do this: it needs write:statuses, write:media, read:accounts and "
            "read:statuses."
        )
        return Outcome.no(f"{text} {words}", transient=True, channel=True)
    return Outcome.no(words)


def row_of(answer: Answer) -> dict[str, Any] | None:
    """The object that was answered; ``None`` when it is none."""
    try:
        body = answer.json()
    except OutcomeUnknown:
        return None
    return body if isinstance(body, dict) else None


def facts_of(instance: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of ``GET /api/v2/instance`` (or v1): lengths, sizes, and whether it is Mastodon itself."""
    found = instance.get("configuration")
    configuration: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    statuses, media = (configuration.get(name) or {} for name in ("statuses", "media_attachments"))
    types = [each for each in media.get("supported_mime_types") or () if str(each).startswith("image/")]
    numbers = {
        "text": statuses.get("max_characters"),
        "url": statuses.get("characters_reserved_per_url"),
        "images": statuses.get("max_media_attachments"),
        "alt": media.get("description_limit"),
        "image_bytes": media.get("image_size_limit"),
        "image_pixels": media.get("image_matrix_limit"),
    }
    version = str(instance.get("version") or "")
    return {
        **{name: int(each) for name, each in numbers.items() if isinstance(each, int) and each > 0},
        **({"types": types} if types else {}),
        "version": version[:100],
        "keeps_keys": keeps_keys(version),
    }


def keeps_keys(version: str) -> bool:
    """Whether the server honours ``Idempotency-Key``: Mastodon itself does.

    Others call themselves compatible (Pleroma, Akkoma, Friendica, Pixelfed), or have a version under 2 (GoToSocial).
    """
    found = _VERSION.match(version)
    return bool(found and int(found[1]) >= 3 and "compatible" not in version.lower())
