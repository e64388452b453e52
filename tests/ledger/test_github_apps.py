"""Reading as a GitHub App: the key proves it, its tokens are renewed, and what is wrong with it is told in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from folkmoot.connectors.github import client as github_client
from folkmoot.connectors.github.client import RENEW_BEFORE
from folkmoot.kernel import clock
from folkmoot.ledger.github import queries, sync
from folkmoot.ledger.models import GithubConnection, Item
from tests.github_server import World, serving
from tests.ledger.githubbing import read, thing

pytestmark = pytest.mark.django_db


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def world(key: rsa.RSAPrivateKey) -> World:
    world = World(app_id="12345", app_key=key.public_key(), installations={77: "pyOpenSci"})
    guide = world.repo(501, "pyOpenSci/guide")
    guide.issues = [thing(1, world.user(7, "ana-p"), "2026-05-04 10:11:12", "Typo")]
    return world


@pytest.fixture
def address(world: World, settings: Any, monkeypatch: Any) -> Iterator[str]:
    monkeypatch.setattr(github_client, "WAITS", (0.0, 0.0))
    with serving(world) as found:
        settings.HTTP_ALLOW = [found.removeprefix("http://")]
        yield found


def form(address: str, key: Any, **changed: Any) -> dict[str, Any]:
    return {
        "name": "As an App",
        "app_id": "12345",
        "private_key": pem(key),
        "organizations": "pyOpenSci",
        "streams": ["facts", "issues"],
        "api_url": address,
        **changed,
    }


def connect(as_alice: Client, address: str, key: Any, **changed: Any) -> GithubConnection:
    answer = as_alice.post(reverse("github:new"), form(address, key, **changed))
    assert answer.status_code == 302, answer.context["form"].errors
    return GithubConnection.objects.get()


def test_connected_with_its_key_alone_and_read(
    as_alice: Client, address: str, key: rsa.RSAPrivateKey, world: World
) -> None:
    made = connect(as_alice, address, key)
    assert (made.installation_id, made.login, made.token, made.token_expires_at) == (
        "77",
        "pyOpenSci",
        "ghs_77-0",
        None,
    )
    assert queries.expiring_tokens(clock.now(), 14).read() == []
    with database.cursor() as cursor:
        cursor.execute("SELECT private_key, token FROM ledger_githubconnection")
        assert not any("PRIVATE" in kept or "ghs_" in kept for kept in cursor.fetchone())
    for name in ("connection", "edit"):
        page = as_alice.get(reverse(f"github:{name}", args=[made.pk])).content.decode()
        assert [word for word in ("PRIVATE KEY", "ghs_", pem(key)[40:80]) if word in page] == []
    assert (
        "of the App 12345, renewed every hour"
        in as_alice.get(reverse("github:connection", args=[made.pk])).content.decode()
    )
    assert "failed" not in read(made)
    assert list(Item.objects.values_list("title", flat=True)) == ["Typo"]
    assert world.app_tokens == ["ghs_77-0"]


def test_the_token_is_renewed_in_time_and_when_github_ended_it(
    as_alice: Client, address: str, key: rsa.RSAPrivateKey, world: World
) -> None:
    made = connect(as_alice, address, key)
    soon = clock.now() + RENEW_BEFORE - dt.timedelta(seconds=5)
    GithubConnection.objects.update(app_token_until=soon)
    assert "failed" not in read(sync.connections().get())
    made.refresh_from_db()
    assert (world.app_tokens, made.token) == (["ghs_77-0", "ghs_77-1"], "ghs_77-1")
    assert made.app_token_until is not None
    assert made.app_token_until > clock.now() + dt.timedelta(minutes=50)
    world.app_tokens.append("somebody else's")  # GitHub takes the last one only
    assert "failed" not in read(sync.connections().get())
    made.refresh_from_db()
    assert made.token == "ghs_77-3"
    # Tokens that end at once: one for each question, and the reading goes on all the same.
    world.app_token_seconds = 1
    GithubConnection.objects.update(app_token_until=clock.now())
    assert "failed" not in read(sync.connections().get())
    assert len(world.app_tokens) > 6


def test_what_is_wrong_with_an_app_is_told(
    as_alice: Client, address: str, key: rsa.RSAPrivateKey, world: World
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elliptic = ec.generate_private_key(ec.SECP256R1())

    def problems(**changed: Any) -> dict[str, list[str]]:
        answer = as_alice.post(reverse("github:new"), form(address, key, **changed))
        assert answer.status_code == 422
        return {name: list(words) for name, words in answer.context["form"].errors.items()}

    for wrong in ("nonsense", "ünï", pem(elliptic), pem(key)[:400]):
        assert list(problems(private_key=wrong)) == ["private_key"]
    assert "does not accept the App" in problems(private_key=pem(other))["app_id"][0]
    assert "does not accept the App" in problems(app_id="99")["app_id"][0]
    assert "does not accept the App" in problems(installation_id="78")["app_id"][0]
    assert list(problems(app_id="1 2")) == ["app_id"]
    assert list(problems(installation_id="../x")) == ["installation_id"]
    assert list(problems(private_key="")) == ["private_key"]
    assert list(problems(app_id="")) == ["app_id"]
    assert list(problems(app_id="", private_key="")) == ["token"]
    assert list(problems(token="ghp_x")) == ["token"]
    world.installations[78] = "sunpy"
    assert "77 (pyOpenSci), 78 (sunpy)" in problems()["installation_id"][0]
    world.installations.clear()
    assert "not installed anywhere" in problems()["installation_id"][0]
    assert GithubConnection.objects.count() == 0


def test_an_app_that_was_removed_stops_the_reading_in_words(
    as_alice: Client, address: str, key: rsa.RSAPrivateKey, world: World
) -> None:
    connect(as_alice, address, key)
    GithubConnection.objects.update(app_token_until=clock.now())
    world.installations.clear()
    assert read(sync.connections().get())["problem"] == "app"
    today = as_alice.get("/").content.decode()
    assert "GitHub does not accept the App" in today
    world.installations[77] = "pyOpenSci"
    made = GithubConnection.objects.get()
    answer = as_alice.post(reverse("github:edit", args=[made.pk]), form(address, key))
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.error == ""


def test_from_an_app_to_a_token_and_to_another_place(
    as_alice: Client, address: str, key: rsa.RSAPrivateKey, world: World
) -> None:
    world.installations[78] = "sunpy"
    made = connect(as_alice, address, key, installation_id="77")
    url = reverse("github:edit", args=[made.pk])
    asked = len(world.asked)
    assert as_alice.post(url, form(address, key, private_key="", name="Other")).status_code == 302
    assert len(world.asked) == asked  # nothing about the App changed: GitHub is not asked
    assert as_alice.post(url, form(address, key, private_key="", installation_id="78")).status_code == 302
    made.refresh_from_db()
    assert (made.installation_id, made.token, made.private_key.strip()) == (
        "78",
        "ghs_78-1",
        pem(key).strip(),
    )
    for elsewhere in ({}, {"installation_id": "77"}):
        answer = as_alice.post(url, form("https://ghe.example.org/api/v3", key, private_key="", **elsewhere))
        assert answer.status_code == 422
    token = form(address, key, app_id="", private_key="", installation_id="", token=world.token)
    assert as_alice.post(url, token).status_code == 302
    made.refresh_from_db()
    assert (made.is_app, made.private_key, made.token, made.login) == (
        False,
        "",
        world.token,
        "the-community",
    )
