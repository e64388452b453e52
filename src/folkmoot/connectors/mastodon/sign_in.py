"""Connecting an account by going to its server and coming back.

Every connection registers an app of its own there, so that no server's operator is asked first, and what was posted
through it says so. Source: Mastodon's documentation, ``methods/apps``, ``methods/oauth``, "OAuth scopes".
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Access, MustConnect, Renewed
from folkmoot.connectors.mastodon.server import address_of, line, row_of, said
from folkmoot.connectors.posts import Scope, SignIn
from folkmoot.kernel.http import Answer, HttpProblem, OutcomeUnknown, Verdict

SCOPES = (
    Scope("write:statuses", _("To publish, correct and take away posts.")),
    Scope("write:media", _("To upload pictures.")),
    Scope("read:statuses", _("To find a post whose answer was lost, and to read its figures.")),
    Scope("read:accounts", _("To know whose account it is, and how many follow it.")),
)
_WANTED = " ".join(each.name for each in SCOPES)


class MastodonSignIn(SignIn):
    """OAuth 2 with PKCE; servers before 4.3 ignore the latter."""

    needs = ("server",)

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        server = _server(access)
        app = {
            "client_name": "Folkmoot",
            "redirect_uris": back,
            "scopes": _WANTED,
            "website": settings.BASE_URL,
        }
        with line(server) as http:
            row = _taken(http.post("/api/v1/apps", json=app))
        kept = {
            "client_id": str(row.get("client_id") or ""),
            "client_secret": str(row.get("client_secret") or ""),
            "verifier": secrets.token_urlsafe(48),
        }
        if not kept["client_id"]:
            raise MustConnect(_now("The server did not register Folkmoot: it is perhaps no Mastodon."))
        challenge = hashlib.sha256(kept["verifier"].encode()).digest()
        query = {
            "response_type": "code",
            "client_id": kept["client_id"],
            "redirect_uri": back,
            "scope": _WANTED,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{server}/oauth/authorize?{urlencode(query)}", kept

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        server = _server(access)
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": kept["client_id"],
            "client_secret": kept["client_secret"],
            "redirect_uri": back,
            "scope": _WANTED,
            "code_verifier": kept["verifier"],
        }
        with line(server) as http:
            row = _taken(http.post("/oauth/token", data=given))
        token = str(row.get("access_token") or "")
        if not token:
            raise MustConnect(_now("The server gave no token: connect once more."))
        granted = set(str(row.get("scope") or _WANTED).split())
        if lacking := [
            each.name for each in SCOPES if not {each.name, each.name.partition(":")[0]} & granted
        ]:
            raise MustConnect(
                _now("The server did not give all rights; these lack: %(names)s.")
                % {"names": ", ".join(lacking)}
            )
        return Renewed(secrets={"token": token}, settings=_learnt(server, token))


def _server(access: Access) -> str:
    found = address_of(access.text("server"))
    if not found:
        raise MustConnect(_now("Name the server by its address, such as https://fosstodon.org."))
    return found


def _learnt(server: str, token: str) -> dict[str, str]:
    """Whose account it is. The token is there already, so that nothing is lost when this cannot be told now."""
    with contextlib.suppress(HttpProblem), line(server, token) as http:
        answer = http.get("/api/v1/accounts/verify_credentials")
        row = row_of(answer)
        if answer.verdict is Verdict.YES and row and row.get("acct"):
            host = server.partition("://")[2]
            return {"handle": f"@{row['acct']}@{host}", "profile": str(row.get("url") or "")}
    return {}


def _taken(answer: Answer) -> dict[str, Any]:
    """The object that was answered.

    Raises:
        MustConnect: it was refused, in words.
        OutcomeUnknown: the server fails.
    """
    row = row_of(answer)
    if answer.verdict is Verdict.YES and row is not None:
        return row
    if answer.verdict is Verdict.NO:
        raise MustConnect(_now("The server refuses: %(words)s") % {"words": said(answer)})
    raise OutcomeUnknown(answer.method, answer.url, said(answer))
