"""Callers: programs with tokens of alice, of bob (who may look at people), and of charlie (who may nothing)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import make_token
from folkmoot.kernel.tokens.scopes import open_to


class Program:
    """A program with a token."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client()

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """The answer to a request below ``/api/v1/``, or to a whole address; ``data`` is sent as JSON."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        body = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
        return self.client.generic(method, address, headers=sent, **body)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: Any, **headers: str) -> Any:
        return self.ask("POST", path, data, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.ask("PATCH", path, data, **headers)

    def all(self, path: str) -> list[Any]:
        """The results of all pages."""
        found: list[Any] = []
        answer = self.get(path)
        while True:
            assert answer.status_code == 200, answer.content
            body = answer.json()
            found += body["results"]
            if body["next"] is None:
                return found
            joined = "&" if "?" in path else "?"
            answer = self.get(f"{path}{joined}cursor={body['next']}")


@pytest.fixture(autouse=True)
def _no_request_counted() -> None:
    cache.clear()


@pytest.fixture
def program() -> Callable[..., Program]:
    """Makes a program of a user's, with these scopes, or with all that the user has a right for."""

    def make(user: User, *scopes: str) -> Program:
        wanted = scopes or [scope.key for scope in open_to(user)]
        return Program(make_token(owner=user, name="test", scopes=wanted, actor=user)[1])

    return make


@pytest.fixture
def alices(alice: User, program: Callable[..., Program]) -> Program:
    """A program of alice's that may do everything."""
    return program(alice)
