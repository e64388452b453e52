"""The access of an account: a session, begun with an app password and renewed until it cannot be.

Sources: lexicons ``com.atproto.server.createSession`` and ``refreshSession``: the access holds two hours, the token for
renewing it 90 days and only once. A session begins at most 30 times in five minutes and 300 times a day, so it is kept.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Access, MustConnect, Renewed
from folkmoot.connectors.bluesky.server import Xrpc, error_of, row_of, said
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, OutcomeUnknown, Verdict

SERVER = "https://bsky.social"
APPVIEW = "https://public.api.bsky.app"
#: Renewed so long before it is over.
EARLY = dt.timedelta(minutes=10)
#: When a server does not say how long it holds.
USUAL = dt.timedelta(hours=2)


def server_of(access: Access) -> str:
    """The account's server, without a slash at its end."""
    return (access.text("server").strip() or SERVER).rstrip("/")


def appview_of(access: Access) -> str:
    """Where figures are asked for."""
    return (access.text("appview").strip() or APPVIEW).rstrip("/")


def is_address(value: str) -> bool:
    """``https://HOST``, with a port at most."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.path.strip("/"))
            and (parts.port or 1) > 0
        )
    return False


def handle_of(access: Access) -> str:
    """Who it is, as createSession takes it: a handle, a DID or a mail address; a leading ``@`` is left out."""
    return (
        access.text("handle").strip().removeprefix("@").removeprefix("https://bsky.app/profile/").rstrip("/")
    )


def login_of(access: Access) -> str:
    """For whom and where a session is; one of another account must never be used."""
    return f"{handle_of(access).casefold()} {server_of(access)}"


def kept(access: Access) -> tuple[str, str]:
    """The access that is kept, and the DID that it is for; two empty texts when there is none for this login."""
    token = access.secrets.get("access", "")
    if not token or access.secrets.get("login") != login_of(access):
        return "", ""
    did = str(_claims(token).get("sub") or "")
    return (token, did) if did.startswith("did:") else ("", "")


def renewed(access: Access) -> Renewed:
    """A new session: from the token for renewing, else from the app password.

    Raises:
        MustConnect: the server does not take the password.
        HttpProblem: nobody answers.
    """
    line = Xrpc(server_of(access))
    try:
        refresh = access.secrets.get("refresh", "") if kept(access)[0] else ""
        if refresh:
            answer = line.call("com.atproto.server.refreshSession", token=refresh)
            if answer.verdict is Verdict.YES:
                return _session(answer, access)
            if answer.verdict is Verdict.UNKNOWN or answer.status == 429:
                raise OutcomeUnknown("POST", answer.url, said(answer))
        return _session(begun(line, access), access)
    finally:
        line.close()


def begun(line: Xrpc, access: Access) -> Answer:
    """A session begun with the app password.

    Raises:
        MustConnect: the server does not take it.
        HttpProblem: nobody answers, or it was asked too often.
    """
    body = {"identifier": handle_of(access), "password": access.text("password")}
    answer = line.call("com.atproto.server.createSession", body)
    if answer.verdict is Verdict.YES:
        return answer
    if answer.verdict is Verdict.UNKNOWN or answer.status == 429:
        raise OutcomeUnknown("POST", answer.url, said(answer))
    if error_of(answer) == "AuthFactorTokenRequired":
        raise MustConnect(_now("Make an app password: the account's own one asks for a code by mail."))
    raise MustConnect(
        _now("The server does not take this handle and app password: %(words)s") % {"words": said(answer)}
    )


def _session(answer: Answer, access: Access) -> Renewed:
    row = row_of(answer)
    token, refresh = str(row.get("accessJwt") or ""), str(row.get("refreshJwt") or "")
    if not token or not refresh:
        raise OutcomeUnknown(answer.method, answer.url, "it answered without a token")
    until = _claims(token).get("exp")
    over = dt.datetime.fromtimestamp(until, dt.UTC) if isinstance(until, int) else clock.now() + USUAL
    return Renewed(
        secrets={"access": token, "refresh": refresh, "login": login_of(access)},
        renew_at=max(clock.now() + dt.timedelta(minutes=1), over - EARLY),
        settings={"account": f"@{row['handle']}"} if row.get("handle") else {},
    )


def _claims(token: str) -> dict[str, Any]:
    """What a token (JWT) says of itself. Nothing is trusted because of it: the server checks its own tokens."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
