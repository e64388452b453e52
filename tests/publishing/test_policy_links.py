"""The look at links: HEAD, then GET where that is needed; once a day; refused addresses are told, not asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
import time_machine

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Client
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import LinkCheck, Post
from folkmoot.publishing.policy import link_checks

pytestmark = pytest.mark.django_db


def serving(answers: dict[tuple[str, str], httpx.Response | Exception]) -> tuple[Client, list[str]]:
    """A client before servers that answer by method and address."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url}")
        found = answers[request.method, str(request.url)]
        if isinstance(found, Exception):
            raise found
        return found

    return Client(limits=link_checks._LIMITS, transport=httpx.MockTransport(answer)), asked


def test_a_page_is_asked_for_its_title() -> None:
    url, html = "https://a.example/", {"content-type": "text/html"}
    client, asked = serving(
        {
            ("HEAD", url): httpx.Response(200, headers=html),
            ("GET", url): httpx.Response(200, headers=html, text="<title>News &amp;\n more</title>"),
        }
    )
    row = link_checks.look(url, client)
    assert (row.status, row.title, row.final_url, asked) == (
        200,
        "News & more",
        url,
        [f"HEAD {url}", f"GET {url}"],
    )


def test_head_is_enough_for_a_file_and_not_believed_when_it_says_no() -> None:
    file, odd, gone = "https://a.example/x.pdf", "https://a.example/odd", "https://a.example/gone"
    client, asked = serving(
        {
            ("HEAD", file): httpx.Response(200, headers={"content-type": "application/pdf"}),
            ("HEAD", odd): httpx.Response(405),
            ("GET", odd): httpx.Response(200),
            ("HEAD", gone): httpx.Response(404),
            ("GET", gone): httpx.Response(404),
        }
    )
    assert [link_checks.look(url, client).status for url in (file, odd, gone)] == [200, 200, 404]
    assert asked == [f"HEAD {file}", f"HEAD {odd}", f"GET {odd}", f"HEAD {gone}", f"GET {gone}"]


def test_who_does_not_answer_keeps_the_title_from_before() -> None:
    url = "https://a.example/"
    LinkCheck.objects.create(url=url, status=200, title="News")
    client, _asked = serving({(method, url): httpx.ConnectError("no") for method in ("HEAD", "GET")})
    row = link_checks.look(url, client)
    assert (row.status, row.title, bool(row.words)) == (0, "News", True)


def test_addresses_of_this_machine_are_not_asked() -> None:
    row = link_checks.look("http://127.0.0.1/", Client(limits=link_checks._LIMITS, allow=[]))
    assert (row.status, "not a public address" in row.words) == (0, True)


def test_what_is_due(wanda: User, channel: Channel) -> None:
    def written(text: str, **values: Any) -> Post:
        post = save_post(values={"title": "A post"}, channels=[channel], actor=wanda)
        save_variant(post=post, channel=None, text_parts=[text], actor=wanda)
        Post.objects.filter(pk=post.pk).update(**values)
        return post

    written("https://b.example/?utm_source=x and https://a.example/")
    written("https://left.example/", state="published")
    LinkCheck.objects.create(url="https://a.example/", status=200)
    assert link_checks.due() == ["https://b.example/"]
    with time_machine.travel(clock.now() + dt.timedelta(days=1), tick=False):
        assert link_checks.due() == ["https://a.example/", "https://b.example/"]
