"""Pages about API tokens: shown once, one's own, everybody's for admins."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens import actions
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.kernel.users.models import RightsEvent
from tests.api.conftest import Program
from tests.conftest import signed_in


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_token_is_shown_once_and_works(as_bob: Client, bob: User) -> None:
    form = text(as_bob.get("/settings/tokens/new/"))
    assert ("people:read" in form, "people:write" in form) == (True, False)  # bob may look at people only
    made = as_bob.post("/settings/tokens/new/", {"name": "dash", "scopes": ["people:read"], "days": "30"})
    (token,) = re.findall(r"<code[^>]*data-token>([^<]+)</code>", text(made))
    assert (Program(token).get("people").status_code, "no-store" in made["Cache-Control"]) == (200, True)
    row = ApiToken.objects.get()
    assert (row.owner, token.startswith(row.prefix), token in row.secret_hash) == (bob, True, False)
    listed = text(as_bob.get("/settings/tokens/"))
    assert (row.prefix in listed, token in listed) == (True, False)
    event = RightsEvent.objects.get(kind="token_made")
    assert (event.subject, event.detail) == (bob, "dash: people:read")


def test_what_can_be_no_token(as_bob: Client, bob: User) -> None:
    for data, field in (
        ({"name": "", "scopes": ["people:read"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["people:write"]}, "scopes"),
        ({"name": "x", "scopes": ["people:read"], "days": "9999"}, "days"),
    ):
        answer = as_bob.post("/settings/tokens/new/", data)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    with pytest.raises(ValidationError) as refused:
        actions.make_token(owner=bob, name="\x00", scopes=["people:write"], days=0, actor=bob)
    assert set(refused.value.message_dict) == {"name", "scopes", "days"}
    assert ApiToken.objects.count() == 0


def test_revoking(as_bob: Client, as_charlie: Client, as_alice: Client, bob: User) -> None:
    row, token = actions.make_token(owner=bob, name="dash", scopes=["people:read"], actor=bob)
    url = f"/settings/tokens/{row.pk}/revoke/"
    assert as_charlie.post(url).status_code == 403
    assert Program(token).get("people").status_code == 200
    assert as_alice.post(url).status_code == 302  # an admin may
    assert Program(token).get("people").status_code == 401
    assert as_bob.post(url).status_code == 302
    assert RightsEvent.objects.filter(kind="token_revoked").count() == 1


def test_everybodys_are_for_admins(as_bob: Client, as_alice: Client, bob: User, alice: User) -> None:
    actions.make_token(owner=bob, name="bobs dash", scopes=["people:read"], actor=bob)
    actions.make_token(owner=alice, name="alices dash", scopes=["people:read"], actor=alice)
    assert as_bob.get("/settings/tokens/all/").status_code == 403
    mine, all_of_them = text(as_alice.get("/settings/tokens/")), text(as_alice.get("/settings/tokens/all/"))
    assert ("alices dash" in mine, "bobs dash" in mine) == (True, False)
    assert ("alices dash" in all_of_them, "bobs dash" in all_of_them) == (True, True)
    assert "bobs dash" in text(as_alice.get("/settings/tokens/all/?q=Bob"))


def test_the_list_asks_as_much_for_three(alice: User) -> None:
    client = signed_in(alice)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/settings/tokens/all/").status_code == 200
        return len(seen.captured_queries)

    actions.make_token(owner=alice, name="one", scopes=["people:read"], actor=alice)
    before = count()
    for name in ("two", "three"):
        actions.make_token(owner=alice, name=name, scopes=["people:read"], actor=alice)
    assert count() == before


def test_so_many_tokens_and_no_more(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_TOKENS", 1)
    row, _token = actions.make_token(owner=alice, name="one", scopes=["people:read"], actor=alice)
    with pytest.raises(ValidationError):
        actions.make_token(owner=alice, name="two", scopes=["people:read"], actor=alice)
    actions.revoke_token(token=row, actor=alice)
    actions.make_token(owner=alice, name="two", scopes=["people:read"], days=None, actor=alice)
    assert ApiToken.objects.get(name="two").expires_at is None
