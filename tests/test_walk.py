"""Every address of the house, walked by somebody who is not signed in and by people without the right."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from folkmoot.kernel.accounts.actions import add_user, grant, grant_all
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import PUBLIC, permission_of
from folkmoot.kernel.permissions.areas import Area, Level
from tests.conftest import PASSWORD, signed_in

Ask = Callable[[str, str, "Stop"], HttpResponse]

#: Made-up arguments for patterns that take some, by the pattern's full name. A new one is added here.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "no-such-key"},
}
#: What a made-up value of an argument looks like where the table above says nothing, by the converter's class.
BY_CONVERTER: dict[str, Any] = {
    "IntConverter": 987654321,
    "SlugConverter": "no-such-thing",
    "StringConverter": "no-such-thing",
    "PathConverter": "no/such/thing",
    "UUIDConverter": uuid.UUID(int=1),
}


@dataclass(frozen=True)
class Stop:
    """One address."""

    name: str
    url: str
    view: Callable[..., Any]


def patterns(
    resolver: URLResolver | None = None, namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, (*namespaces, *([entry.namespace] if entry.namespace else [])))
        else:
            yield ":".join((*namespaces, entry.name or "")), entry


def stops() -> list[Stop]:
    found = []
    for name, pattern in patterns():
        assert pattern.name, f"{pattern} has no name"
        arguments = ARGUMENTS.get(name) or {
            key: BY_CONVERTER[type(converter).__name__]
            for key, converter in pattern.pattern.converters.items()
        }
        missing = set(pattern.pattern.regex.groupindex) - set(arguments)
        assert not missing, f"{name} takes {missing}: give made-up ones in tests/test_walk.py"
        found.append(Stop(name, reverse(name, kwargs=arguments), pattern.callback))
    return found


STOPS = stops()
#: What nobody has a right in particular for: being signed in is enough.
SIGNED_IN_IS_ENOUGH = (
    "home.view_today",
    "tokens.own",
    "accounts.own_profile",
    "notices.own",
    "people.own",
    "search.use",
)
#: The API asks for a token itself; a session opens nothing there.
API = "api:"
#: Public addresses; one that is added belongs here only if strangers may truly see it.
PUBLIC_NAMES = {
    "account_change_password",  # these five ask for signing in themselves (django-allauth)
    "account_confirm_login_code",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_set_password",
    "account_signup",  # says that it is closed
    "contributors:people",  # these four of those who consented, and no more than they agreed to
    "contributors:people_json",
    "contributors:person",
    "contributors:photo",
    "events:atom",  # these eight of events that are for everybody, and names of those who consented
    "events:calendar",
    "events:event",
    "events:event_calendar",
    "events:geojson",
    "events:json",
    "events:list",
    "events:rss",
    "events:badge_picture",  # what a badge looks like, and nothing of who has it
    "events:certificate",  # by a code that nobody guesses, which whoever has the certificate passes on
    "events:certificate_pdf",
    "events:members",  # agreements that are public
    "events:members_json",
    "events:ask",  # forms that are open, as drafts by a secret link
    "events:request",  # by a signed link that is in the mail of who asked
    "events:requests",  # the forms that are listed for everybody
    "events:place",  # by a signed link that is in the mail
    "events:alike",  # these eight of unconferences of events that are for everybody
    "events:board",
    "events:board_code",
    "events:board_live",
    "events:board_pdf",
    "events:proposals",
    "events:propose",
    "events:vote",
    "events:vote_as",  # by a signed link on the page of a registration
    "events:proposal",  # by a signed link that is in the mail
    "events:register",  # of events that are for everybody and take registrations here
    "github:receive",  # only what GitHub signed
    "github_callback",  # only what a question of ours asked for is taken
    "healthz",
    "logo",
    "mfa_authenticate",  # between the password and the second step
    "mfa_login_webauthn",
    "metrics",  # by a token of its own, or from this machine
    "readyz",
    "reviews:at",  # by a secret link that the author has
    "reviews:invitation",  # by a signed link that works once, in the mail of who was asked
    "reviews:keep",  # what an author types, where a programme is open to authors
    "reviews:own",  # whose draft it is looks after itself; nobody else's is found
    "reviews:submit",  # where a programme is open to authors
    "reviews:submit_anywhere",
    "reports:shared",  # by a link that can be withdrawn
    "reports:shared_file",
    "publishing:feed",  # by an address with a token that can be withdrawn
    "notices:unsubscribe",  # by a signed link that is in the mail
    "openid_connect_callback",
    "outbox:unsubscribe",  # by a signed link that is in the mail
    "outbox:webhook",  # signed by the provider, or with the channel's password
    "orcid_callback",
    "signin:join",  # by a link that makes one account, where members sign in by themselves
    "signin:start",
    "publishing:preview",  # by a link that ends and can be withdrawn
    "publishing:preview_picture",
    "socialaccount_login_cancelled",
    "theme_css",
    "users:accept",  # by a link that works once
    "users:accept_with",
    "welcome:account",  # until the first account, by the link in the terminal
    "welcome:habits",
    "welcome:looks",
    "welcome:start",
}

ids = [stop.name for stop in STOPS]
#: Who is refused is so by their rights, before a view asks its tables: seen once, with SQLite.
refusal = pytest.mark.sqlite


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Client]]:
    """A browser of each of the cast, made once: what a request does is taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        alice, bob, charlie = (
            add_user(email=f"{name}@example.org", name=name.title(), password=PASSWORD)
            for name in ("alice", "bob", "charlie")
        )
        grant_all(user=alice, level=Level.ADMIN)
        grant(user=bob, area=Area.PEOPLE, level=Level.VIEW)
        yield {
            "nobody": Client(),
            "alice": signed_in(alice),
            "bob": signed_in(bob),
            "charlie": signed_in(charlie),
        }
        transaction.set_rollback(True)


@pytest.fixture
def ask(cast: dict[str, Client]) -> Ask:
    """Asks as one of the cast, by a browser that knows no more than that it is signed in."""

    def one(who: str, method: str, stop: Stop) -> HttpResponse:
        client = cast[who]
        cookies = copy.deepcopy(client.cookies)
        try:
            with transaction.atomic():
                response: HttpResponse = getattr(client, method)(stop.url)
                transaction.set_rollback(True)
        finally:
            client.cookies = cookies
        return response

    return one


@pytest.mark.parametrize("stop", STOPS, ids=ids)
def test_every_view_states_who_may_open_it(stop: Stop) -> None:
    assert permission_of(stop.view) is not None, f"{stop.name}: mark the view with @requires(…) or @public"


def test_what_is_public_is_listed_here() -> None:
    public = {stop.name for stop in STOPS if permission_of(stop.view) == PUBLIC}
    assert {name for name in public if not name.startswith(API)} <= PUBLIC_NAMES


@refusal
@pytest.mark.parametrize("stop", STOPS, ids=ids)
def test_nobody_is_sent_to_sign_in(stop: Stop, ask: Ask) -> None:
    response = ask("nobody", "get", stop)
    if permission_of(stop.view) == PUBLIC:
        assert response.status_code < 500
    else:
        assert (response.status_code, response.headers.get("Location", "").split("?")[0]) == (
            302,
            "/accounts/login/",
        )


@refusal
@pytest.mark.parametrize("stop", STOPS, ids=ids)
def test_who_has_no_right_is_refused(stop: Stop, ask: Ask) -> None:
    permission = permission_of(stop.view)
    for method in ("get", "post"):
        response = ask("charlie", method, stop)
        if permission == PUBLIC or permission in SIGNED_IN_IS_ENOUGH:
            assert response.status_code < 500
            assert response.status_code != 403, f"{stop.name} refuses though {permission} is for everybody"
        else:
            assert response.status_code == 403, f"{method} {stop.url}"


@refusal
@pytest.mark.parametrize("stop", STOPS, ids=ids)
def test_who_has_another_area_is_refused(stop: Stop, ask: Ask) -> None:
    """Bob may look at people: whatever asks for more is closed, and what he may open finds nothing made-up."""
    permission = permission_of(stop.view)
    response = ask("bob", "get", stop)
    if permission == PUBLIC or User.objects.get(email="bob@example.org").has_perm(permission):
        wanted = (200, 302, 400, 404, 405, *((401,) if stop.name.startswith(API) else ()))
        assert response.status_code in wanted, f"{stop.url}: {response.status_code}"
    else:
        assert response.status_code == 403, stop.url


@pytest.mark.parametrize("stop", STOPS, ids=ids)
def test_nothing_breaks_for_who_may_do_everything(stop: Stop, ask: Ask) -> None:
    """Made-up ids are not found; pages without rows open; a post without its fields is answered in words."""
    assert ask("alice", "get", stop).status_code < 500
    assert ask("alice", "post", stop).status_code < 500


def test_bobs_right_is_only_the_one() -> None:
    """The rights that the house knows: a new one must be thought of here."""
    asked = {permission_of(stop.view) for stop in STOPS} - {PUBLIC}
    import rules

    assert {permission for permission in asked if not rules.perm_exists(permission)} == set()
