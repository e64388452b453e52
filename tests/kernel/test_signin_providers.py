"""GitHub and ORCID, against small servers that behave as their documentation says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from folkmoot.kernel.accounts.models import User
from tests.kernel.other_side import leave, query, signed_in_as

ORCID = "0000-0002-1825-0097"


class OtherSide(BaseHTTPRequestHandler):
    """Both at once. A code is good once; GitHub checks PKCE by its own rules, so the challenge is only kept."""

    emails: list[dict[str, Any]] = []
    orcid_emails: list[dict[str, Any]] = []
    codes: set[str] = set()
    seen: list[tuple[str, dict[str, str]]] = []

    def do_POST(self) -> None:
        """The token endpoints: docs.github.com "Authorizing OAuth apps", info.orcid.org "Getting an access token"."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.seen.append((self.path, form))
        if form.get("code") not in self.codes or form.get("client_secret") != "hush":
            self.answer(200, {"error": "bad_verification_code"})
            return
        self.codes.discard(form["code"])
        if self.path == "/login/oauth/access_token":
            self.answer(
                200, {"access_token": "gho_1", "scope": "read:user,user:email", "token_type": "bearer"}
            )
        else:
            self.answer(
                200,
                {"access_token": "orcid-1", "token_type": "bearer", "name": "Sofia Garcia", "orcid": ORCID},
            )

    def do_GET(self) -> None:
        """The APIs: GET /user and /user/emails; GET /v3.0/{orcid}/record."""
        self.seen.append((self.path, {"authorization": self.headers.get("Authorization", "")}))
        if self.path == "/user":
            self.answer(
                200, {"id": 583231, "login": "bob-on-github", "name": "Bob", "email": "public@example.net"}
            )
        elif self.path == "/user/emails":
            self.answer(200, self.emails)
        else:
            name = {"given-names": {"value": "Sofia"}, "family-name": {"value": "Garcia"}}
            person = {"name": name, "emails": {"email": self.orcid_emails}}
            identifier = {"uri": f"https://orcid.org/{ORCID}", "path": ORCID, "host": "orcid.org"}
            self.answer(
                200,
                {"orcid-identifier": identifier, "person": person, "activities-summary": {"much": "more"}},
            )

    def answer(self, status: int, data: object) -> None:
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def other_side(settings: Any) -> Iterator[type[OtherSide]]:
    class Fresh(OtherSide):
        emails, orcid_emails, codes, seen = [], [], {"good"}, []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    addresses = {"WEB_URL": f"http://{host}", "API_URL": f"http://{host}"}
    app = {"client_id": "folkmoot", "secret": "hush"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "github": {"APPS": [app], "OAUTH_PKCE_ENABLED": True, **addresses},
        "orcid": {"APPS": [app], **addresses},
    }
    settings.HTTP_ALLOW = [host]
    yield Fresh
    server.shutdown()
    server.server_close()
    thread.join(5)


def come_back(client: Client, key: str, code: str = "good") -> Any:
    state = query(leave(client, f"/accounts/with/{key}/"))["state"]
    return client.get(f"/accounts/{key}/login/callback/", {"code": code, "state": state})


def test_github_asks_as_documented(other_side: type[OtherSide], as_nobody: Client) -> None:
    address = leave(as_nobody, "/accounts/with/github/")
    sent = query(address)
    assert urlsplit(address).path == "/login/oauth/authorize"
    assert sorted(sent["scope"].split()) == ["read:user", "user:email"]
    assert (sent["client_id"], sent["code_challenge_method"]) == ("folkmoot", "S256")
    assert sent["redirect_uri"] == "http://testserver/accounts/github/login/callback/"


def test_a_verified_email_of_github_signs_in(
    other_side: type[OtherSide], bob: User, as_nobody: Client
) -> None:
    other_side.emails[:] = [
        {"email": "public@example.net", "primary": True, "verified": True, "visibility": "public"},
        {"email": "BOB@example.org", "primary": False, "verified": True, "visibility": None},
    ]
    answer = come_back(as_nobody, "github")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert signed_in_as(as_nobody) == bob.pk
    linked = SocialAccount.objects.get()
    assert (linked.provider, linked.uid, linked.extra_data["login"]) == ("github", "583231", "bob-on-github")
    assert "emails" not in linked.extra_data
    path, form = other_side.seen[0]
    assert (path, form["grant_type"], len(form["code_verifier"]) >= 43) == (
        "/login/oauth/access_token",
        "authorization_code",
        True,
    )


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_unverified_email_of_github_does_not(
    other_side: type[OtherSide], verified: object, bob: User, as_nobody: Client
) -> None:
    other_side.emails[:] = [{"email": "bob@example.org", "primary": True, "verified": verified}]
    assert come_back(as_nobody, "github").status_code == 403
    assert signed_in_as(as_nobody) is None
    assert [User.objects.count(), SocialAccount.objects.count()] == [1, 0]


def test_githubs_public_email_alone_does_not(other_side: type[OtherSide], as_nobody: Client) -> None:
    User.objects.create(email="public@example.net")
    assert come_back(as_nobody, "github").status_code == 403
    assert signed_in_as(as_nobody) is None


@pytest.mark.parametrize("key", ["github", "orcid"])
def test_a_code_that_the_other_side_does_not_know(
    other_side: type[OtherSide], key: str, as_nobody: Client
) -> None:
    answer = come_back(as_nobody, key, code="made-up")
    assert answer.status_code == 401
    assert "could not be used" in answer.content.decode()


def test_orcid_signs_in_by_its_link(other_side: type[OtherSide], bob: User, as_nobody: Client) -> None:
    SocialAccount.objects.create(user=bob, provider="orcid", uid=ORCID)
    come_back(as_nobody, "orcid")
    assert signed_in_as(as_nobody) == bob.pk
    extra = SocialAccount.objects.get().extra_data
    assert sorted(extra) == ["name", "orcid-identifier"]
    assert extra["name"] == "Sofia Garcia"


@pytest.mark.parametrize(("verified", "expected"), [(True, 302), (False, 403)])
def test_orcid_signs_in_by_a_public_verified_email(
    other_side: type[OtherSide], verified: bool, expected: int, bob: User, as_nobody: Client
) -> None:
    other_side.orcid_emails[:] = [{"email": "bob@example.org", "primary": True, "verified": verified}]
    assert come_back(as_nobody, "orcid").status_code == expected
    assert signed_in_as(as_nobody) == (bob.pk if verified else None)


def test_an_orcid_of_nobody_is_told(other_side: type[OtherSide], bob: User, as_nobody: Client) -> None:
    answer = come_back(as_nobody, "orcid")
    assert (answer.status_code, "Nobody here has this ORCID account" in answer.content.decode()) == (
        403,
        True,
    )
    assert User.objects.count() == 1
