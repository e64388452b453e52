"""Signing in, users and the first run, as a person meets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.mail import EmailMessage
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.users import actions
from folkmoot.kernel.welcome import gate
from tests.browser.conftest import DESK, PHONE, Visit
from tests.conftest import PASSWORD

Open = Callable[..., Visit]


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def providers(settings: Any) -> None:
    app = {"client_id": "folkmoot", "secret": "hush"}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [app]}, "orcid": {"APPS": [app]}}


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_pages(visit: Open, alice: User, bob: User, providers: None, width: int, scheme: str) -> None:
    # An accent of the community's own must be readable in both themes, wherever it is used.
    Community.objects.create(pk=1, name="Tidewater Commons", accent="#7c3aed")
    invitation, token = actions.invite(email="new@example.org", levels={Area.PEOPLE: Level.VIEW}, actor=alice)
    nobody, admin = visit(width=width, scheme=scheme), visit(alice, width=width, scheme=scheme)
    for address in (
        "/accounts/login/",
        "/accounts/login/code/",
        f"/invitation/{token}/",
        "/invitation/nothing/",
    ):
        nobody.go(address)
        nobody.said = [line for line in nobody.said if "404" not in line]  # the last one is not there
        nobody.check()
    for address in (
        "/accounts/security/",
        "/accounts/profile/",
        "/accounts/lend/",
        "/settings/users/",
        f"/settings/users/{bob.pk}/",
        f"/settings/users/{bob.pk}/switch-off/",
        "/settings/users/invite/",
        "/settings/users/invitations/",
        f"/settings/users/invitations/{invitation.pk}/",
        "/settings/users/log/",
        "/settings/community/",
        "/welcome/people/",
        "/welcome/data/",
    ):
        admin.go(address)
        admin.check()


def test_a_passkey_is_added_and_signs_in(visit: Open, alice: User) -> None:
    window = visit(alice)
    page = window.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    window.go("/accounts/2fa/passkeys/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert Authenticator.objects.filter(user=alice, type="webauthn").count() == 1
    page.context.clear_cookies()
    window.go("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Today|Good"))
    window.check()


def test_a_passkey_that_is_not_there_is_told(visit: Open, alice: User) -> None:
    window = visit()
    page = window.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    window.go("/accounts/login/")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {"protocol": "u2f", "transport": "usb"}})
    page.route("**/passkeys/login/", lambda route: route.abort())
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work")


def test_the_link_of_the_mail_signs_in(visit: Open, alice: User, mailoutbox: list[EmailMessage]) -> None:
    window = visit()
    page = window.page
    window.go("/accounts/login/code/")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    found = re.search(r"http\S+/accounts/login/code/confirm/#\S+", mailoutbox[0].body)
    assert found
    second = page.context.new_page()
    second.goto(found[0])
    expect(second).to_have_url(f"{window.base}/")
    assert window.said == []


def test_the_first_run(visit: Open, transactional_db: None) -> None:
    gate.assume(False)
    window = visit(width=PHONE)
    page = window.page
    window.go("/people/")
    expect(page.get_by_role("heading", name="This Folkmoot is new")).to_be_visible()
    window.check()
    window.go(gate.link().partition("8000")[2])
    page.get_by_label("Name of the community").fill("Tidewater Commons")
    page.get_by_label("Accent colour").fill("#ffd700")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("4.5 is needed")
    page.get_by_label("Accent colour").fill("#9d174d")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Fiscal year begins in").select_option("7")
    page.get_by_role("button", name="Go on").click()
    window.check()
    page.get_by_label("Your name").fill("Ada First")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Later").click()
    page.get_by_role("link", name="Nothing yet: go to Today").click()
    expect(page).to_have_url(f"{window.base}/")
    assert Community.objects.get().fiscal_year_start == 7
