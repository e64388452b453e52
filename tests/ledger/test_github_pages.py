"""Settings > GitHub, and where GitHub sends its webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from folkmoot.connectors.github import client as github_client
from folkmoot.connectors.github.webhooks import signature
from folkmoot.kernel import clock
from folkmoot.kernel.jobs.models import Job
from folkmoot.ledger.github.models import Stream
from folkmoot.ledger.models import GithubConnection, GithubRepository, SyncState, WebhookDelivery
from folkmoot.people.models import Project
from tests.github_server import TOKEN, World, serving

pytestmark = pytest.mark.django_db
BUTTONS = ("read", "pause", "resume", "remove", "webhook")


@pytest.fixture
def github(settings: Any, monkeypatch: Any) -> Iterator[str]:
    monkeypatch.setattr(github_client, "WAITS", (0.0, 0.0))
    with serving(World()) as address:
        settings.HTTP_ALLOW = [address.removeprefix("http://")]
        yield address


@pytest.fixture
def connection(db: None) -> GithubConnection:
    return GithubConnection.objects.create(
        name="pyOpenSci", token=TOKEN, webhook_secret="a secret", organizations=["pyOpenSci"]
    )


def repository(connection: GithubConnection, number: int, **state: Any) -> GithubRepository:
    project = Project.objects.create(name=f"r{number}", kind="repository")
    row = GithubRepository.objects.create(
        connection=connection,
        host="github.com",
        number=str(number),
        full_name=f"pyOpenSci/r{number}",
        project=project,
    )
    for stream in (Stream.FACTS, Stream.ISSUES):
        SyncState.objects.create(
            repository=row, stream=stream, rows_read=12, last_good_at=clock.now(), **state
        )
    return row


def form(address: str, **more: str) -> dict[str, Any]:
    return {
        "name": "pyOpenSci",
        "token": TOKEN,
        "organizations": "pyOpenSci\n@ropensci",
        "repositories": "https://github.com/sunpy/sunpy.git",
        "streams": ["facts", "issues"],
        "api_url": address,
        **more,
    }


def test_connecting(as_alice: Client, github: str) -> None:
    page = as_alice.get(reverse("github:connections")).content.decode()
    assert "Not connected" in page
    answer = as_alice.post(reverse("github:new"), form(github))
    made = GithubConnection.objects.get()
    assert (answer.status_code, answer["location"]) == (302, reverse("github:connection", args=[made.pk]))
    assert (made.organizations, made.repositories, made.streams, made.reads_register, made.login) == (
        ["pyOpenSci", "ropensci"], ["sunpy/sunpy"], ["facts", "issues"], False, "the-community",
    )  # fmt: skip
    assert Job.objects.get().arguments == {"connection": made.pk, "finds": True}
    for name in ("connection", "edit"):
        page = as_alice.get(reverse(f"github:{name}", args=[made.pk])).content.decode()
        assert TOKEN not in page
        assert made.webhook_secret not in page
    as_alice.post(reverse("github:edit", args=[made.pk]), form(github, token="", organizations="PyBaMM"))
    made.refresh_from_db()
    assert (made.organizations, made.token) == (["PyBaMM"], TOKEN)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"token": "ghp_wrong"},
            "GitHub does not take the token: it has expired, was revoked, or is missing.",
        ),
        ({"token": "two words"}, "This is not a token"),
        ({"organizations": "py open"}, None),
        ({"organizations": "a/b"}, "“a/b” is no organisation: write its name, such as pyOpenSci."),
        ({"repositories": "sunpy"}, "“sunpy” is no repository: write owner and name"),
        ({"repositories": "../secrets"}, "is no repository"),
        ({"organizations": "", "repositories": ""}, "Choose an organisation, a repository"),
        ({"api_url": "ftp://x"}, "Write the address as https://github.example.org/api/v3."),
        ({"api_url": "https://10.0.0.1/api/v3"}, "The address of this GitHub may not be asked from here."),
        ({"name": " "}, "required"),
        ({"streams": []}, "required"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    as_alice: Client, github: str, said: dict[str, Any], words: str | None
) -> None:
    answer = as_alice.post(reverse("github:new"), {**form(github), **said})
    if words is None:
        assert GithubConnection.objects.get().organizations == ["py", "open"]
        return
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not GithubConnection.objects.exists()


def test_a_name_twice(as_alice: Client, github: str, connection: GithubConnection) -> None:
    answer = as_alice.post(reverse("github:new"), form(github))
    assert (answer.status_code, GithubConnection.objects.count()) == (422, 1)
    assert "There is a connection of this name already." in answer.content.decode()


def test_buttons(as_alice: Client, connection: GithubConnection) -> None:
    def post(name: str) -> str:
        answer = as_alice.post(reverse(f"github:{name}", args=[connection.pk]), follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "It is read now." in post("read")
    assert "A reading waits already" in post("read")
    assert Job.objects.count() == 1
    assert "Paused: nothing is read." in post("pause")
    connection.refresh_from_db()
    assert connection.is_paused
    assert "It is read again." in post("resume")
    page = post("webhook")
    connection.refresh_from_db()
    assert connection.webhook_secret != "a secret"
    assert connection.webhook_secret in page
    assert (
        connection.webhook_secret
        not in as_alice.get(reverse("github:connection", args=[connection.pk])).content.decode()
    )
    row = repository(connection, 1)
    assert "What was read stays." in post("remove")
    row.refresh_from_db()
    assert (row.connection, row.states.count(), GithubConnection.objects.count()) == (None, 2, 0)


@pytest.mark.parametrize("number", [1, 3])
def test_repositories(
    as_alice: Client,
    connection: GithubConnection,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for one in range(number):
        repository(connection, one)
    stale = {"stale_since": clock.now(), "error": "scope", "error_detail": "403 Resource not accessible"}
    repository(connection, 9, **stale)
    as_alice.get(reverse("github:connection", args=[connection.pk]))
    with django_assert_num_queries(10):
        page = as_alice.get(reverse("github:connection", args=[connection.pk])).content.decode()
    assert page.count("facts 12, issues and pull requests 12") == number + 1
    assert "issues and pull requests: The token may not read this. Give the token the rights" in page
    only = as_alice.get(reverse("github:connection", args=[connection.pk]) + "?state=stale").content.decode()
    assert ("r9" in only, "pyOpenSci/r0" in only) == (True, False)


def test_who_may(as_bob: Client, as_charlie: Client, as_nobody: Client, connection: GithubConnection) -> None:
    for client, status in ((as_bob, 403), (as_charlie, 403), (as_nobody, 302)):
        for name in BUTTONS:
            assert client.post(reverse(f"github:{name}", args=[connection.pk])).status_code == status
        assert client.get(reverse("github:connections")).status_code == status
    assert GithubConnection.objects.count() == 1


# --- webhooks


def deliver(connection: GithubConnection, event: str = "issues", **more: Any) -> Any:
    body = json.dumps(
        {"action": "opened", "repository": {"id": 1, "full_name": "pyOpenSci/r1"}, **more.pop("body", {})}
    )
    raw = more.pop("raw", body.encode())
    headers = {
        "x-github-event": event,
        "x-github-delivery": more.pop("number", "d-1"),
        "x-hub-signature-256": signature(more.pop("secret", "a secret"), raw),
        **more.pop("headers", {}),
    }
    address = reverse("github:receive", args=[more.pop("key", connection.webhook_key)])
    return Client(enforce_csrf_checks=True).post(
        address, raw, content_type="application/json", headers=headers
    )


def test_a_delivery_queues_a_reading_once(connection: GithubConnection) -> None:
    row = repository(connection, 1)
    answer = deliver(connection)
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    assert Job.objects.get().arguments == {
        "connection": connection.pk,
        "repository": row.pk,
        "streams": ["issues", "threads"],
    }
    assert (deliver(connection).status_code, Job.objects.count()) == (200, 1)  # the same again
    assert (deliver(connection, number="d-2").status_code, Job.objects.count()) == (
        202,
        1,
    )  # one waits already
    assert (deliver(connection, "star", number="d-3").status_code, Job.objects.count()) == (202, 2)
    assert (deliver(connection, "ping", number="d-4").status_code, Job.objects.count()) == (202, 2)
    elsewhere = {"repository": {"id": 77}}
    assert deliver(connection, number="d-5", body=elsewhere).status_code == 202
    assert Job.objects.count() == 2
    assert deliver(connection, "repository", number="d-6", body=elsewhere).status_code == 202
    assert Job.objects.latest("pk").arguments == {"connection": connection.pk, "finds": True}


def test_what_is_no_delivery_of_github(connection: GithubConnection) -> None:
    repository(connection, 1)
    refused = [
        deliver(connection, secret="another"),
        deliver(connection, headers={"x-hub-signature-256": ""}),
        deliver(connection, key="no-such-key"),
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in refused} == {
        (401, "the signature does not fit: check address and secret of the webhook")
    }
    assert deliver(connection, raw=b"[1]").status_code == 400
    assert deliver(connection, raw=b"{").status_code == 400
    assert deliver(connection, headers={"x-github-delivery": ""}).status_code == 400
    assert Client().get(reverse("github:receive", args=[connection.webhook_key])).status_code == 405
    GithubConnection.objects.update(webhook_secret="")
    assert deliver(connection, secret="").status_code == 401
    assert (WebhookDelivery.objects.count(), Job.objects.count()) == (0, 0)
