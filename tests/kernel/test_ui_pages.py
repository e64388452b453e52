"""The frame, sign-in, profile and error pages."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation
from folkmoot.kernel.ui.navigation import Navigation, new_commands
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A navigation of its own, so that the areas' entries do not matter."""
    monkeypatch.setattr(navigation, "_items", {})
    for entry in (
        NavEntry("today", "Today", "home:today", "sun", order=10),
        NavEntry("help", "Help", "home:help", "sun", "people.view", order=20, badge=lambda user: 3),
        NavEntry("own", "Own", "accounts:profile", "sun", order=25, badge=lambda user: 0),
        NavEntry(
            "own.password",
            "Password",
            "account_change_password",
            parent="own",
            also=("account_logout", "no:such"),
        ),
        NavEntry("own.closed", "Closed", "home:help", permission="settings.admin", parent="own"),
        NavEntry("nowhere", "Nowhere", "no:such", "sun", order=30),
        NavEntry("settings", "Settings", "", "gear", order=900),
        NavEntry("settings.page", "Page", "home:help", permission="settings.view", parent="settings"),
    ):
        navigation.register(entry)


def test_only_entries_that_are_permitted_and_served(
    entries: None, alice: User, bob: User, charlie: User
) -> None:
    assert [entry.key for entry in Navigation(alice, "/").entries] == ["today", "help", "own", "settings"]
    assert [entry.key for entry in Navigation(bob, "/").entries] == ["today", "help", "own"]
    assert [entry.key for entry in Navigation(charlie, "/").entries] == ["today", "own"]
    assert [child.key for child in Navigation(bob, "/").entries[2].children] == ["own.password"]
    assert Navigation(alice, "/").bottom[0].url == "/help/"  # opens its first entry


def test_the_longest_address_is_current(entries: None, bob: User) -> None:
    def current(path: str) -> list[tuple[str, bool]]:
        shown = Navigation(bob, path).entries
        return [(e.key, e.is_page) for top in shown for e in (top, *top.children) if e.is_current]

    assert current("/") == [("today", True)]
    assert current("/accounts/profile/") == [("own", True)]
    assert current("/accounts/profile/more/") == [("own", False)]
    assert current("/accounts/password/change/") == [("own", False), ("own.password", True)]
    assert current("/accounts/logout/") == [("own", False), ("own.password", False)]  # it says so
    assert current("/elsewhere/") == []


def test_badges(entries: None, bob: User) -> None:
    assert {entry.key: entry.badge for entry in Navigation(bob, "/").entries} == {
        "today": None,
        "help": 3,
        "own": None,
    }


def test_new_menu(monkeypatch: pytest.MonkeyPatch, alice: User, bob: User) -> None:
    monkeypatch.setattr(commands, "_items", {})
    commands.register(Command("a", "Person", "home:help", "people.manage", in_new_menu=True))
    commands.register(Command("b", "Go", "home:today", "people.view"))
    assert [command.label for command in new_commands(alice)] == ["Person"]
    assert new_commands(bob) == []


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_appearance_is_in_the_first_byte(as_bob: Client, bob: User, theme: str) -> None:
    User.objects.filter(pk=bob.pk).update(theme=theme)
    page = as_bob.get("/help/").content.decode()
    shown = "dark" if theme == "dark" else "light"
    assert re.search(rf'data-theme="{theme}"\s+data-bs-theme="{shown}"', page)


def test_preferences(as_bob: Client, bob: User) -> None:
    response = as_bob.post("/accounts/preferences/", {"theme": "dark", "next": "/help/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/help/")
    assert User.objects.get(pk=bob.pk).theme == "dark"
    as_bob.post("/accounts/preferences/", {"theme": "pink"})
    assert User.objects.get(pk=bob.pk).theme == "dark"
    response = as_bob.post("/accounts/preferences/", {"language": "es", "next": "//elsewhere.example/"})
    assert (response.headers["Location"], response.cookies["django_language"].value) == ("/", "es")
    assert 'lang="es"' in as_bob.get("/help/").content.decode()
    assert "django_language" not in as_bob.post("/accounts/preferences/", {"language": "xx-nope"}).cookies
    assert User.objects.get(pk=bob.pk).language == "es"


def test_the_chosen_language_follows_the_person(as_bob: Client, bob: User, as_nobody: Client) -> None:
    """On another device too, whatever that one asks for; a language that is gone counts as none."""
    User.objects.filter(pk=bob.pk).update(language="es")
    response = as_bob.get("/help/", headers={"accept-language": "en"})
    assert response.headers["Content-Language"] == "es"
    assert '<html lang="es"' in response.content.decode()
    response = as_nobody.get("/accounts/login/", headers={"accept-language": "en"})
    assert response.headers["Content-Language"] == "en"
    User.objects.filter(pk=bob.pk).update(language="tlh")
    assert as_bob.get("/help/", headers={"accept-language": "es"}).headers["Content-Language"] == "es"


def test_profile(as_bob: Client, bob: User) -> None:
    values = {"name": "Bob  Berg", "time_zone": "Europe/Berlin", "theme": "light"}
    assert as_bob.post("/accounts/profile/", values).headers["Location"] == "/accounts/profile/"
    bob.refresh_from_db()
    assert (bob.name, bob.time_zone, bob.theme) == ("Bob Berg", "Europe/Berlin", "light")
    page = as_bob.post(
        "/accounts/profile/", values | {"time_zone": "Mars/Phobos", "name": "No"}
    ).content.decode()
    assert 'href="#id_time_zone"' in page
    bob.refresh_from_db()
    assert (bob.name, bob.time_zone) == ("Bob Berg", "Europe/Berlin")
    assert "<dt>People</dt><dd>view</dd>" in page


def test_sign_in_and_out(as_nobody: Client, bob: User) -> None:
    page = as_nobody.post(
        "/accounts/login/", {"login": bob.email, "password": "wrong wrong"}
    ).content.decode()
    assert "There is no account with this e-mail and password." in page
    stranger = {"login": "nobody@example.org", "password": "wrong wrong"}
    assert (
        "There is no account with this e-mail and password."
        in as_nobody.post("/accounts/login/", stranger).content.decode()
    )
    response = as_nobody.post(
        "/accounts/login/?next=/help/", {"login": "BOB@example.org", "password": PASSWORD}
    )
    assert response.headers["Location"] == "/help/"
    assert as_nobody.get("/help/").status_code == 200
    as_nobody.post("/accounts/logout/")
    assert as_nobody.get("/help/").status_code == 302


def test_password_reset(as_nobody: Client, bob: User) -> None:
    assert as_nobody.post("/accounts/password/reset/", {"email": "nobody@example.org"}).status_code == 302
    assert [address for message in mail.outbox for address in message.to if address == bob.email] == []
    as_nobody.post("/accounts/password/reset/", {"email": bob.email})
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    page = as_nobody.get(link[1], follow=True)
    form = page.redirect_chain[-1][0]
    new = "another long sentence"
    assert as_nobody.post(form, {"password1": new, "password2": new}).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(new)
    assert "This link no longer works" in Client().get(link[1], follow=True).content.decode()


def test_password_change(as_bob: Client, bob: User) -> None:
    new = "another long sentence"
    posted = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert as_bob.post("/accounts/password/change/", posted).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(new)


def test_nobody_signs_up(as_nobody: Client) -> None:
    posted = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert "Accounts are made by invitation" in as_nobody.post("/accounts/signup/", posted).content.decode()
    assert User.objects.count() == 0


def test_not_found(as_bob: Client, as_nobody: Client) -> None:
    for client in (as_bob, as_nobody):
        response = client.get("/no/such/page/<b>/")
        assert response.status_code == 404
        assert "<code>/no/such/page/&lt;b&gt;/</code>" in response.content.decode()


def test_refusal_says_which_right_and_who_gives_it(alice: User, bob: User, rf: object) -> None:
    from folkmoot.kernel.ui.errors import givers, right_in_words

    assert right_in_words("funding.manage") == {"area": "Funding", "level": "manage"}
    assert right_in_words("imports.run") is None
    assert right_in_words("") is None
    assert givers() == [alice]


def test_an_expired_form(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/accounts/preferences/", {"theme": "dark"})
    assert response.status_code == 403
    assert "The form had expired, nothing was changed" in response.content.decode()


def test_the_error_page_needs_no_database(django_assert_num_queries: object, rf: object) -> None:
    from django.test import RequestFactory
    from django.views.defaults import server_error

    with django_assert_num_queries(0):  # type: ignore[operator]
        response = server_error(RequestFactory().get("/"))
    assert (response.status_code, "Something broke on our side" in response.content.decode()) == (500, True)


def test_a_broken_request_is_answered_in_words(as_bob: Client) -> None:
    response = as_bob.get("/help/", headers={"host": "elsewhere.example"})
    assert (response.status_code, "This request could not be understood" in response.content.decode()) == (
        400,
        True,
    )


@pytest.mark.parametrize("address", ["/", "/help/", "/accounts/profile/", "/accounts/login/", "/nowhere/"])
def test_pages_keep_to_the_content_security_policy(as_bob: Client, as_nobody: Client, address: str) -> None:
    for client in (as_bob, as_nobody):
        response = client.get(address)
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son[a-z]+=", page)
        if response.status_code != 302:
            assert "'unsafe" not in response["Content-Security-Policy"]
