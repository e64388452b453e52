"""Bad input for every address of the house: a clear page, never a 500, and nothing changed by who has no right."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as house
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client, override_settings
from django.test.utils import _TestState
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.kernel.accounts.actions import add_user, grant, grant_all
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import PUBLIC, permission_of
from folkmoot.kernel.permissions.areas import Area, Level
from tests.bad_input import (
    JUNK,
    PARAMETERS,
    PROFILE,
    Body,
    belongings,
    build_world,
    fields_of,
    junk_file,
    plain_bodies,
    query_string,
    variants,
)
from tests.test_walk import STOPS, Stop

pytestmark = pytest.mark.django_db

#: A probe that may say that the house is not ready: that is its answer, not a failure.
MAY_SAY_503 = {"readyz"}
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE")


class World:
    """The cast with a browser each, in a house with a row of everything; every request is taken back."""

    def __init__(self) -> None:
        self.users: dict[str, User | None] = {"nobody": None}
        for name in ("alice", "bob", "charlie"):
            self.users[name] = add_user(
                email=f"{name}@example.org", name=name.title(), password="long enough"
            )
        alice, bob = self.users["alice"], self.users["bob"]
        assert alice
        assert bob
        grant_all(user=alice, level=Level.ADMIN)
        grant(user=bob, area=Area.PEOPLE, level=Level.VIEW)
        self.words = build_world(alice)
        self.clients: dict[str, Client] = {}
        for name, user in self.users.items():
            self.clients[name] = Client(raise_request_exception=False)
            if user:
                self.clients[name].force_login(
                    user, backend="allauth.account.auth_backends.AuthenticationBackend"
                )
        self.owned = belongings(alice)
        self.problems: list[BaseException] = []
        self.changes: list[str] = []
        self.fields: dict[str, dict[str, list[str]]] = {}

    def may(self, who: str, stop: Stop) -> bool:
        permission, user = permission_of(stop.view), self.users[who]
        return permission == PUBLIC or (user is not None and user.has_perm(permission))

    def ask(self, who: str, stop: Stop, url: str, body: Body | None = None) -> HttpResponse:
        """One request: it never breaks, and who may not is refused before anything is written."""
        client = self.clients[who]
        cookies, tried = (
            copy.deepcopy(client.cookies),
            f"{who} {'POST' if body else 'GET'} {url[:300]} {body or ''}",
        )
        self.problems.clear()
        self.changes.clear()
        with transaction.atomic(), connection.execute_wrapper(self._note):
            try:
                response = (
                    client.get(url)
                    if body is None
                    else client.post(url, copy.copy(body.data), content_type=body.content_type)
                )
                if response.streaming:
                    response.streaming_content = [b"".join(response.streaming_content)]
                broken = self.problems or (response.status_code >= 500 and stop.name not in MAY_SAY_503)
                assert not broken, f"{tried}: {response.status_code} {self.problems}"
                if who != "alice" and self.changes:
                    alice = self.users["alice"]
                    assert alice
                    assert belongings(alice) == self.owned, f"{tried} changed what is alice's"
                if not self.may(who, stop):
                    assert self.changes == [], f"{tried} wrote without the right"
                    assert refused(response, who), f"{tried}: {response.status_code}"
            finally:
                transaction.set_rollback(True)
                client.cookies = cookies
        return response

    def addresses(self, stop: Stop) -> list[str]:
        """The address with everything in the place of its arguments; the first one leads to a real row."""
        return variants(stop, self.words.get(stop.name, ""))

    def asked_by(self, stop: Stop, url: str) -> dict[str, list[str]]:
        """The fields of the page's forms, found once."""
        if url not in self.fields:
            response = self.ask("alice", stop, url)
            html = "text/html" in response.get("Content-Type", "")
            self.fields[url] = fields_of(response.content.decode()) if html else {}
        return self.fields[url]

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(CHANGES):
            self.changes.append(sql[:200])
        return execute(sql, params, many, context)

    def heard(self, sender: Any, **_kwargs: Any) -> None:
        import sys

        error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
        if error is not None:
            self.problems.append(error)


def refused(response: HttpResponse, who: str) -> bool:
    """Sent to sign in, or told that the right is missing; an address that means nothing is not found."""
    if response.status_code in (400, 404, 413):
        return True
    if who == "nobody":
        return (response.status_code, response["Location"].split("?")[0]) == (302, house_login())
    return response.status_code == 403


def refuses_the_method(response: HttpResponse) -> bool:
    """The address reads nothing of what is sent so: other junk fares the same."""
    return response.status_code == 405


def house_login() -> str:
    from django.shortcuts import resolve_url

    return resolve_url(house.LOGIN_URL)


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("junk")
    with (
        override_settings(DATA_DIR=folder, MEDIA_ROOT=str(folder)),
        # Nobody asks here what a page was made of; keeping a copy of that for each template takes a tenth of the time.
        patch.object(Template, "_render", _TestState.saved_data.template_render),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        cache.clear()
        made = World()
        got_request_exception.connect(made.heard)
        yield made
        got_request_exception.disconnect(made.heard)
        cache.clear()
        transaction.set_rollback(True)


each_stop = pytest.mark.parametrize("stop", STOPS, ids=[stop.name for stop in STOPS])


@pytest.mark.sqlite  # rights are asked before tables; what follows sends as those without them, too, on both databases
@each_stop
def test_who_may_not_changes_nothing(world: World, stop: Stop) -> None:
    """The id of a real row in the address, the page's own values in the form: still refused, and nothing written."""
    url = world.addresses(stop)[0]
    own = next(plain_bodies(world.asked_by(stop, url)))
    for who in ("nobody", "charlie", "bob"):
        world.ask(who, stop, url)
        world.ask(who, stop, url, own)


@each_stop
def test_junk_in_every_field(world: World, stop: Stop) -> None:
    """Each kind of junk in all fields and parameters at once, by who may do everything."""
    url = world.addresses(stop)[0]
    asked = world.asked_by(stop, url)
    for value in ("\0", str(2**63), "http://[::1"):
        pairs = [(name, value) for name in [*asked, *PARAMETERS]]
        if refuses_the_method(world.ask("alice", stop, f"{url}?{query_string(pairs)}")):
            break
    for body in plain_bodies(asked):
        if refuses_the_method(world.ask("alice", stop, url, body)):
            break


@each_stop
def test_junk_anywhere(world: World, stop: Stop) -> None:
    """Junk in the address, in repeated and unknown parameters and in single fields, as hypothesis mixes it."""
    addresses = world.addresses(stop)
    asked = world.asked_by(stop, addresses[0])

    @PROFILE
    @given(st.data())
    def one_request(data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(["alice", "alice", "alice", "bob", "charlie", "nobody"]))
        url = data.draw(st.sampled_from(addresses))
        values = {name: st.sampled_from([*JUNK, *own[:40]]) for name, own in asked.items()}
        names = st.sampled_from([*asked, *PARAMETERS])
        pairs = [
            (name, data.draw(values.get(name, st.sampled_from(JUNK))))
            for name in data.draw(st.lists(names, max_size=4))
        ]
        url += f"?{query_string([(name, value[:3000]) for name, value in pairs])}" if pairs else ""
        body = None
        if data.draw(st.booleans()):
            left = data.draw(st.lists(st.sampled_from(sorted(asked)), max_size=3)) if asked else []
            own = {name: (found[-1] if found else "x") for name, found in asked.items() if name not in left}
            changed = data.draw(st.lists(names, min_size=1, max_size=3))
            junk = {
                name: data.draw(st.one_of(values.get(name, st.sampled_from(JUNK)), st.builds(junk_file)))
                for name in changed
            }
            body = Body(own | junk)
        world.ask(who, stop, url, body)

    one_request()
