"""Connecting to Slack by going there: its OAuth, version 2.

Source: Slack's documentation, "Installing with OAuth" and "Using token rotation".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from folkmoot.connectors.base import Access, MustConnect, Renewed
from folkmoot.connectors.posts import SignIn
from folkmoot.connectors.slack.client import API_URL, Said, Slack
from folkmoot.kernel import clock

#: A token that rotates is renewed so long before its end; it lives for twelve hours.
BEFORE = dt.timedelta(hours=1)


class SlackSignIn(SignIn):
    """The app's own id and secret are needed; Slack asks which workspace, and whether it may."""

    needs = ("client_id", "client_secret")

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self._scopes = scopes

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        asked = {
            "client_id": access.text("client_id"),
            "scope": ",".join(self._scopes),
            "redirect_uri": back,
            "state": state,
        }
        return f"{_api(access).removesuffix('/api')}/oauth/v2/authorize?{urlencode(asked)}", {}

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        return _taken(access, {"code": code, "redirect_uri": back})


def renewed(access: Access) -> Renewed | None:
    """A new token, where the app has token rotation switched on; else there is nothing to renew."""
    if not access.text("refresh_token"):
        return None
    return _taken(access, {"grant_type": "refresh_token", "refresh_token": access.text("refresh_token")})


def _api(access: Access) -> str:
    return (access.text("api_url") or API_URL).rstrip("/")


def _taken(access: Access, given: Mapping[str, str]) -> Renewed:
    fields = {"client_id": access.text("client_id"), "client_secret": access.text("client_secret"), **given}
    slack = Slack(api_url=_api(access))
    try:
        found = slack.form("oauth.v2.access", fields)
    except Said as problem:
        if problem.wait is not None or problem.error == "team_added_to_org":
            raise
        raise MustConnect(problem.words) from None
    finally:
        slack.close()
    team = found.get("team")
    lasts = found.get("expires_in")
    until = clock.now() + dt.timedelta(seconds=int(lasts)) if lasts else None
    return Renewed(
        secrets={
            "token": str(found.get("access_token") or ""),
            "refresh_token": str(found.get("refresh_token") or ""),
        },
        renew_at=until - BEFORE if until else None,
        settings={
            "workspace": str(team.get("name") or "") if isinstance(team, dict) else "",
            "bot_user": str(found.get("bot_user_id") or ""),
        },
    )
