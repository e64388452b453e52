"""Signing in with an OpenID Connect provider, against one that is certified (npm: oidc-provider)."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.users import actions
from folkmoot.kernel.users.models import RightsEvent
from tests.conftest import signed_in
from tests.kernel.other_side import STATES, change_state, leave, query, signed_in_as, walk

HOME = "http://testserver/accounts/oidc/login/callback/"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _running() -> Iterator[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node to run the OpenID Connect provider with")
    if not (ROOT / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed: run make test, or npm ci")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [node, str(Path(__file__).with_name("oidc_provider.mjs")), str(port), HOME],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watch = threading.Timer(30, process.kill)
    watch.start()
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    watch.cancel()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def provider(_running: str, settings: Any) -> str:
    app = {
        "provider_id": "oidc",
        "name": "Tidewater Login",
        "client_id": "folkmoot",
        "secret": "a-secret-of-the-tests-that-is-long-enough",
        "settings": {"server_url": _running, "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.HTTP_ALLOW = [_running.removeprefix("http://")]
    be(_running, "known")
    return _running


def be(provider: str, who: str) -> None:
    assert httpx.get(f"{provider}/as/{who}").text == who


def question(client: Client) -> str:
    return leave(client, "/accounts/with/oidc/")


def test_the_button_is_there_only_when_configured(as_nobody: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Go on with" not in as_nobody.get("/accounts/login/").content.decode()
    assert as_nobody.post("/accounts/with/oidc/").status_code == 404
    assert as_nobody.get("/accounts/oidc/login/callback/?code=x&state=y").status_code == 404


def test_whoever_has_the_verified_email_is_signed_in_and_linked(
    provider: str, bob: User, as_nobody: Client
) -> None:
    assert "Go on with Tidewater Login" in as_nobody.get("/accounts/login/").content.decode()
    address = question(as_nobody)
    sent = query(address)
    assert (sent["code_challenge_method"], sent["response_type"]) == ("S256", "code")
    assert len(sent["nonce"]) >= 32
    answer = as_nobody.get(walk(address, HOME))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert signed_in_as(as_nobody) == bob.pk
    linked = SocialAccount.objects.get()
    assert (linked.user_id, linked.provider, linked.uid) == (bob.pk, "oidc", "known")
    assert linked.extra_data == {"sub": "known", "name": "Bob at the other side", "email": "bob@example.org"}
    kinds = list(RightsEvent.objects.filter(subject=bob).order_by("pk").values_list("kind", "detail"))
    assert kinds[-1] == ("signed_in", "Tidewater Login")
    # From now on the link counts, whatever the e-mail is.
    User.objects.filter(pk=bob.pk).update(email="bob@elsewhere.example")
    bob.emailaddress_set.all().delete()  # type: ignore[attr-defined]
    again = Client()
    again.get(walk(question(again), HOME))
    assert signed_in_as(again) == bob.pk


@pytest.mark.parametrize("who", ["unverified", "stranger"])
def test_nobody_else_gets_in_and_no_account_is_made(
    provider: str, who: str, bob: User, as_nobody: Client
) -> None:
    be(provider, who)
    answer = as_nobody.get(walk(question(as_nobody), HOME))
    assert answer.status_code == 403
    assert "Nobody here has this Tidewater Login account" in answer.content.decode()
    assert signed_in_as(as_nobody) is None
    assert [User.objects.count(), SocialAccount.objects.count()] == [1, 0]


def test_who_is_switched_off_stays_out(provider: str, bob: User, alice: User, as_nobody: Client) -> None:
    actions.switch_off(user=bob, actor=alice)
    answer = as_nobody.get(walk(question(as_nobody), HOME))
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert signed_in_as(as_nobody) is None


def refused(client: Client, back: str) -> None:
    answer = client.get(back)
    assert answer.status_code == 401
    assert "The other side's answer could not be used" in answer.content.decode()
    assert signed_in_as(client) is None
    assert SocialAccount.objects.count() == 0


def test_a_wrong_pkce_verifier_is_refused(provider: str, bob: User, as_nobody: Client) -> None:
    address = question(as_nobody)
    back = walk(address, HOME)
    change_state(as_nobody, query(address)["state"], lambda state: state.update(pkce_code_verifier="w" * 43))
    refused(as_nobody, back)


def test_a_replayed_code_is_refused(provider: str, bob: User, as_nobody: Client) -> None:
    first = question(as_nobody)
    back = walk(first, HOME)
    verifier = as_nobody.session[STATES][query(first)["state"]][0]["pkce_code_verifier"]
    nonce = query(first)["nonce"]
    as_nobody.get(back)
    assert signed_in_as(as_nobody) == bob.pk
    SocialAccount.objects.all().delete()
    thief = Client()
    second = query(question(thief))["state"]

    def as_the_first(state: dict[str, Any]) -> None:
        state["pkce_code_verifier"] = verifier
        state["data"]["nonce"] = nonce

    change_state(thief, second, as_the_first)
    refused(thief, back.replace(query(first)["state"], second))


def test_an_answer_is_taken_once(provider: str, bob: User, as_nobody: Client) -> None:
    back = walk(question(as_nobody), HOME)
    as_nobody.get(back)
    as_nobody.post("/accounts/logout/")
    SocialAccount.objects.all().delete()
    refused(as_nobody, back)


def test_a_wrong_state_is_refused(provider: str, bob: User, as_nobody: Client) -> None:
    address = question(as_nobody)
    back = walk(address, HOME)
    refused(as_nobody, back.replace(query(address)["state"], "n" * 16))
    refused(Client(), back)  # the right one, in a browser that never asked


def test_a_wrong_nonce_is_refused(provider: str, bob: User, as_nobody: Client) -> None:
    address = question(as_nobody)
    back = walk(address, HOME)
    change_state(as_nobody, query(address)["state"], lambda state: state["data"].update(nonce="another"))
    refused(as_nobody, back)


def test_an_unknown_redirect_is_refused_by_the_provider(provider: str, as_nobody: Client) -> None:
    address = question(as_nobody)
    answer = httpx.get(address.replace("testserver", "evil.example"))
    assert answer.status_code == 400
    assert "redirect_uri" in answer.text


def test_who_declines_is_told_so(provider: str, bob: User, as_nobody: Client) -> None:
    state = query(question(as_nobody))["state"]
    answer = as_nobody.get(f"/accounts/oidc/login/callback/?error=access_denied&state={state}", follow=True)
    assert "You cancelled it on the other side" in answer.content.decode()


def test_an_unreachable_provider_is_told(provider: str, settings: Any, as_nobody: Client) -> None:
    settings.HTTP_ALLOW = []  # the guard lets nobody ask this machine's own addresses
    answer = as_nobody.post("/accounts/with/oidc/")
    assert answer.status_code == 502
    assert "Tidewater Login cannot be reached" in answer.content.decode()


def test_linking_from_the_security_page(provider: str, charlie: User) -> None:
    be(provider, "stranger")
    client = signed_in(charlie)
    asked = client.post("/accounts/with/oidc/link/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    wrong = client.post(
        "/accounts/reauthenticate/", {"password": "wrong", "next": "/accounts/with/oidc/link/"}
    )
    assert (wrong.status_code, SocialAccount.objects.count()) == (200, 0)
    # The right password goes on with what was asked for.
    address = leave(
        client,
        "/accounts/reauthenticate/",
        password="correct horse battery",
        next="/accounts/with/oidc/link/",
    )
    client.get(walk(address, HOME))
    linked = SocialAccount.objects.get()
    assert (linked.user_id, linked.uid) == (charlie.pk, "stranger")
    assert "stranger@example.net" in client.get("/accounts/security/").content.decode()
    client.post(f"/accounts/security/unlink/{linked.pk}/")
    assert SocialAccount.objects.count() == 0


def test_nobody_unlinks_for_somebody_else(provider: str, bob: User, as_charlie: Client) -> None:
    linked = SocialAccount.objects.create(user=bob, provider="oidc", uid="known")
    assert as_charlie.post(f"/accounts/security/unlink/{linked.pk}/").status_code == 404
    assert SocialAccount.objects.count() == 1


def test_an_invitation_is_accepted_with_it(provider: str, alice: User, as_nobody: Client) -> None:
    from folkmoot.kernel.permissions.areas import Area, Level

    be(provider, "stranger")
    _invitation, token = actions.invite(
        email="new@example.org", levels={Area.PEOPLE: Level.MANAGE}, actor=alice
    )
    page = as_nobody.get(f"/invitation/{token}/").content.decode()
    assert "Go on with Tidewater Login" in page
    as_nobody.get(walk(leave(as_nobody, f"/invitation/{token}/with/oidc/"), HOME))
    made = User.objects.get(email="new@example.org")
    assert signed_in_as(as_nobody) == made.pk
    assert (made.name, made.levels, made.has_usable_password()) == ("Stranger", {"people": 3}, False)
    assert SocialAccount.objects.get().user_id == made.pk
    # It is used up: the same link makes nobody else.
    assert "accepted already" in Client().get(f"/invitation/{token}/").content.decode()
