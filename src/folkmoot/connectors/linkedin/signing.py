"""Connecting to LinkedIn, and renewing what was given.

Sources: Microsoft Learn, LinkedIn, "Authorization Code Flow (3-legged OAuth)" (an access lasts 60 days), "Refresh
Tokens with OAuth 2.0" (for approved apps only; 365 days from the first sign-in, which no renewing makes longer), "Sign
In with LinkedIn using OpenID Connect" (``/v2/userinfo``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors import oauth
from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Renewed
from folkmoot.connectors.linkedin.client import SITE_URL, connect, must
from folkmoot.connectors.posts import SignIn
from folkmoot.kernel import clock
from folkmoot.kernel.http import Client

#: An access that can be renewed is so this long before its end.
RENEW_BEFORE = dt.timedelta(days=7)


def _site(access: Access) -> str:
    return (access.text("site_url") or SITE_URL).rstrip("/")


class LinkedInSignIn(SignIn):
    """There and back with the app's own id and secret."""

    needs = ("client_id", "client_secret")

    def __init__(self, scopes: tuple[str, ...], *, as_person: bool) -> None:
        self._scopes, self._as_person = scopes, as_person

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        values = {
            "response_type": "code",
            "client_id": access.text("client_id"),
            "redirect_uri": back,
            "state": state,
            "scope": " ".join(self._scopes),
        }
        return oauth.journey(f"{_site(access)}/oauth/v2/authorization", values), {}

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        values = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        grant = _ask(access, values)
        return _renewed(grant, self._who(access, grant.access) if self._as_person else {})

    def _who(self, access: Access, token: str) -> dict[str, Any]:
        try:
            with connect(access, token) as client:
                told = must(client.get("/v2/userinfo"))
        except CannotOpen as problem:
            raise MustConnect(str(problem)) from None
        if not told.get("sub"):
            raise MustConnect(_now("LinkedIn does not say who signed in."))
        return {"person": f"urn:li:person:{told['sub']}", "handle": str(told.get("name") or "")}


def renew(access: Access) -> Renewed:
    """A new access by the refresh token.

    Raises:
        MustConnect: LinkedIn gave no refresh token, as it does to approved apps only; or it is over.
        HttpProblem: nobody answers.
    """
    token = access.text("refresh_token")
    if not token:
        words = _now("LinkedIn gives this app no way to renew its access, which lasts for 60 days.")
        raise MustConnect(f"{words} {_now('Connect the channel anew.')}")
    return _renewed(_ask(access, {"grant_type": "refresh_token", "refresh_token": token}), {}, access)


def _ask(access: Access, values: Mapping[str, str]) -> oauth.Grant:
    app = {"client_id": access.text("client_id"), "client_secret": access.text("client_secret")}
    with Client() as client:
        return oauth.ask(client, f"{_site(access)}/oauth/v2/accessToken", {**values, **app})


def _renewed(grant: oauth.Grant, settings: dict[str, Any], before: Access | None = None) -> Renewed:
    """The end is that of the refresh token, where there is one: renewing does not move it."""
    until = grant.until or clock.now() + dt.timedelta(days=60)
    refresh = grant.refresh or (before.text("refresh_token") if before else "")
    if not refresh:
        return Renewed({"access_token": grant.access}, None, until, settings)
    end = grant.refresh_until or _end(before)
    if end is not None:
        settings = {**settings, "signed_in_until": end.isoformat()}
    renew_at = min(until - RENEW_BEFORE, end) if end else until - RENEW_BEFORE
    secrets = {"access_token": grant.access, "refresh_token": grant.refresh}
    return Renewed(secrets, max(renew_at, clock.now()), end, settings)


def _end(before: Access | None) -> dt.datetime | None:
    """What was said of the end at the sign-in."""
    written = before.text("signed_in_until") if before else ""
    return clock.parse_datetime(written) if written else None
