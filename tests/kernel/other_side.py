"""What tests of signing in with another account share: walking to the other side and back."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from django.test import Client

STATES = "socialaccount_states"


def leave(client: Client, url: str, **data: str) -> str:
    """Press a button that leads to a provider; returns the address that the browser is sent to."""
    page = client.post(url, data)
    assert page.status_code == 200, page
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return html.unescape(found[1])


def walk(address: str, home: str) -> str:
    """Follow the provider's redirects with a browser of its own until it sends the person home: path and query."""
    with httpx.Client(follow_redirects=False) as browser:
        for _ in range(12):
            answer = browser.get(address)
            assert answer.status_code in (302, 303), answer.text
            address = str(answer.next_request.url)  # type: ignore[union-attr]
            if address.startswith(home):
                parts = urlsplit(address)
                return f"{parts.path}?{parts.query}"
    raise AssertionError("the provider never sent us home")


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def change_state(client: Client, state: str, change: Any) -> None:
    """Alter what the session remembers of a question."""
    session = client.session
    states = session[STATES]
    change(states[state][0])
    session[STATES] = states
    session.save()


def signed_in_as(client: Client) -> int | None:
    """The id of whoever is signed in."""
    found = client.session.get("_auth_user_id")
    return int(found) if found else None
