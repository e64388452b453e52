"""Who opens the pages of coming from AMY: the connection is the installation's, the counts are the register's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people import amy_urls

pytestmark = pytest.mark.django_db
#: What each answers to a coordinator of people, and to an admin. There is no connection yet, and no import.
ANSWERS = {
    "amy": ("get", 403, 200),
    "amy_connect": ("get", 403, 200),
    "amy_read": ("post", 403, 404),
    "amy_forget": ("post", 403, 404),
    "amy_report": ("get", 200, 200),
    "amy_report_file": ("get", 404, 404),
}


def address(name: str) -> str:
    return reverse(f"people:{name}", args=[1] if name in ("amy_read", "amy_forget") else [])


def test_every_address_is_in_the_table() -> None:
    assert sorted(ANSWERS) == sorted(str(pattern.name) for pattern in amy_urls.urlpatterns)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_who_may_open_it(
    name: str, client: Client, alice: User, mary: User, bob: User, charlie: User
) -> None:
    method, coordinator, admin = ANSWERS[name]

    def answer(user: User | None) -> int:
        client.logout()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return int(getattr(client, method)(address(name)).status_code)

    assert [answer(user) for user in (None, charlie, bob, mary, alice)] == [302, 403, 403, coordinator, admin]


@pytest.mark.parametrize("name", ["amy_read", "amy_forget"])
def test_what_changes_something_is_posted(name: str, client: Client, alice: User) -> None:
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(address(name)).status_code == 405
