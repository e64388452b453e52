"""Signing in: a link by e-mail, second steps, passkeys, lock-out, sessions."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from folkmoot.kernel import secrets
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.signin.kept import reencrypt
from folkmoot.kernel.signin.queries import device
from folkmoot.kernel.users.models import RightsEvent
from tests.conftest import PASSWORD, signed_in
from tests.kernel.other_side import signed_in_as


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Any:
    cache.clear()
    yield
    cache.clear()


def with_password(client: Client, email: str = "bob@example.org", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def last_event(user: User) -> tuple[str, str]:
    return RightsEvent.objects.filter(subject=user).order_by("-pk").values_list("kind", "detail")[0]


# --- the link by e-mail


def mailed_code(mail: EmailMessage) -> str:
    found = re.search(r"/accounts/login/code/confirm/#(\S+)", mail.body)
    assert found, mail.body
    assert f"or type this code there: {found[1]}" in mail.body
    return found[1]


def test_a_link_by_mail_signs_in(bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]) -> None:
    answer = as_nobody.post("/accounts/login/code/", {"email": "BOB@example.org", "next": "/people/"})
    assert answer.headers["Location"] == "/accounts/login/code/confirm/?next=%2Fpeople%2F"
    assert [mail.to for mail in mailoutbox] == [["bob@example.org"]]
    assert mailoutbox[0].subject == "[Folkmoot] Sign in"
    code = mailed_code(mailoutbox[0])
    done = as_nobody.post("/accounts/login/code/confirm/", {"code": code, "next": "/people/"})
    assert done.headers["Location"] == "/people/"
    assert signed_in_as(as_nobody) == bob.pk
    assert last_event(bob) == ("signed_in", "link by e-mail")


def test_the_code_works_in_its_browser_only_and_once(
    bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]
) -> None:
    as_nobody.post("/accounts/login/code/", {"email": "bob@example.org"})
    code = mailed_code(mailoutbox[0])
    thief = Client()
    assert thief.post("/accounts/login/code/confirm/", {"code": code}).status_code == 302
    assert signed_in_as(thief) is None
    as_nobody.post("/accounts/login/code/confirm/", {"code": code})
    as_nobody.post("/accounts/logout/")
    as_nobody.post("/accounts/login/code/confirm/", {"code": code})
    assert signed_in_as(as_nobody) is None


def test_a_code_runs_out(bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        as_nobody.post("/accounts/login/code/", {"email": "bob@example.org"})
        clock.shift(15 * 60 + 1)
        as_nobody.post("/accounts/login/code/confirm/", {"code": mailed_code(mailoutbox[0])})
    assert signed_in_as(as_nobody) is None


def test_wrong_codes_end_it(bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]) -> None:
    as_nobody.post("/accounts/login/code/", {"email": "bob@example.org"})
    for _ in range(3):
        as_nobody.post("/accounts/login/code/confirm/", {"code": "wrong"})
    as_nobody.post("/accounts/login/code/confirm/", {"code": mailed_code(mailoutbox[0])})
    assert signed_in_as(as_nobody) is None


def test_who_has_no_account_learns_it_by_mail_only(as_nobody: Client, mailoutbox: list[EmailMessage]) -> None:
    answer = as_nobody.post("/accounts/login/code/", {"email": "stranger@example.net"})
    assert answer.headers["Location"] == "/accounts/login/code/confirm/"
    assert "There is no account with it." in mailoutbox[0].body
    assert User.objects.count() == 0


def test_who_is_switched_off_gets_no_code(
    bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.update(is_active=False)
    as_nobody.post("/accounts/login/code/", {"email": "bob@example.org"})
    assert "login/code/confirm" not in mailoutbox[0].body


# --- the lock


def test_five_wrong_passwords_lock_for_five_minutes(bob: User, as_nobody: Client) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        for _ in range(5):
            page = with_password(as_nobody, password="wrong").content.decode()
            assert "There is no account with this e-mail and password." in page
        page = with_password(as_nobody).content.decode()
        assert "this account is locked for five minutes" in page
        assert signed_in_as(as_nobody) is None
        clock.shift(5 * 60 + 1)
        with_password(as_nobody)
    assert signed_in_as(as_nobody) == bob.pk
    kinds = list(RightsEvent.objects.filter(subject=bob).order_by("pk").values_list("kind", flat=True))
    assert kinds[2:] == ["refused"] * 5 + ["signed_in"]


def test_what_a_stranger_types_is_not_kept(as_nobody: Client) -> None:
    with_password(as_nobody, email="oops-my-password@example.org")
    assert RightsEvent.objects.count() == 0


# --- second steps


def app_of(user: User) -> tuple[str, list[str]]:
    """Give the user an authenticator app and recovery codes."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).get_unused_codes()


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app(bob: User, mailoutbox: list[EmailMessage]) -> None:
    client = signed_in(bob)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'<code class="secret">(\w+)</code>', page)
    assert found
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1])})
    assert done.headers["Location"] == "/accounts/2fa/recovery-codes/"
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"<li><code>\w+</code></li>", shown)) == 10
    stored = Authenticator.objects.get(user=bob, type="totp").data["secret"]
    assert found[1] not in stored
    kinds = RightsEvent.objects.filter(subject=bob, kind="second_step_on").count()
    assert kinds == 2
    assert [mail.to for mail in mailoutbox] == [["bob@example.org"]]
    assert "If this was not you, set a new password at once" in mailoutbox[0].body


def test_the_app_is_asked_for_after_the_password(bob: User, as_nobody: Client) -> None:
    secret, codes = app_of(bob)
    assert with_password(as_nobody).headers["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in_as(as_nobody) is None
    assert as_nobody.get("/people/").status_code == 302
    page = as_nobody.post("/accounts/2fa/authenticate/", {"code": "123"}).content.decode()
    assert "This code is not right" in page
    good = code_of(secret)
    as_nobody.post("/accounts/2fa/authenticate/", {"code": good})
    assert signed_in_as(as_nobody) == bob.pk
    assert last_event(bob) == ("signed_in", "password, authenticator app")
    # The same code again, within its 30 seconds, is refused.
    other = Client()
    with_password(other)
    other.post("/accounts/2fa/authenticate/", {"code": good})
    assert signed_in_as(other) is None
    # A recovery code works, once.
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert signed_in_as(other) == bob.pk
    third = Client()
    with_password(third)
    third.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert signed_in_as(third) is None


def test_the_app_is_asked_for_after_a_link_by_mail_too(
    bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]
) -> None:
    app_of(bob)
    as_nobody.post("/accounts/login/code/", {"email": "bob@example.org"})
    answer = as_nobody.post("/accounts/login/code/confirm/", {"code": mailed_code(mailoutbox[0])})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in_as(as_nobody) is None


def test_the_keys_of_apps_follow_a_rotation(bob: User, settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SECRET_KEYS = [old]
    secret, codes = app_of(bob)
    settings.SECRET_KEYS = [new, old]
    assert reencrypt(secrets.encrypted_again) == 2
    assert reencrypt(secrets.encrypted_again) == 0
    settings.SECRET_KEYS = [new]
    rows = {row.type: row.wrap() for row in Authenticator.objects.filter(user=bob)}
    assert rows["totp"].validate_code(code_of(secret)) is True
    assert rows["recovery_codes"].get_unused_codes() == codes


def test_passkeys_are_asked_for_with_a_challenge(as_nobody: Client) -> None:
    answer = as_nobody.get("/accounts/2fa/passkeys/login/", headers={"x-requested-with": "XMLHttpRequest"})
    asked = answer.json()["request_options"]["publicKey"]
    assert (asked["rpId"], asked["userVerification"]) == ("testserver", "required")
    assert len(asked["challenge"]) >= 22
    for wrong in ("", "nonsense", "{}", '{"id": "x"}', '{"rawId": 1, "response": []}'):
        assert as_nobody.post("/accounts/2fa/passkeys/login/", {"credential": wrong}).status_code < 500
    assert signed_in_as(as_nobody) is None


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "{}", '{"id": "x"}', '{"rawId": 1, "response": []}', "[1]", "3"]
)
def test_a_passkey_that_cannot_be_read_is_not_added(wrong: str, bob: User) -> None:
    client = signed_in(bob)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/passkeys/add/").status_code == 200
    answer = client.post("/accounts/2fa/passkeys/add/", {"name": "laptop", "credential": wrong})
    assert (answer.status_code, Authenticator.objects.count()) == (200, 0)


# --- pages


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/security/",
        "/accounts/profile/",
        "/accounts/lend/",
    ],
)
def test_pages_hold_no_inline_code(url: str, alice: User) -> None:
    client = Client() if "login" in url else signed_in(alice)
    page = client.get(url).content.decode()
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert [attributes for attributes in scripts if "application/json" not in attributes] == []
    assert re.findall(r"<[^>]+\s(?:style|on\w+)=", page) == []


def test_sessions_are_listed_and_ended(bob: User, alice: User) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    here = Client(headers={"user-agent": firefox})
    there = Client(
        headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605"}
    )
    for client in (here, there):
        with_password(client)
    page = here.get("/accounts/security/").content.decode()
    assert ["Firefox on Linux" in page, "Safari on iPhone" in page] == [True, True]
    other = UserSession.objects.get(session_key=there.session.session_key)
    assert signed_in(alice).post(f"/accounts/security/sessions/{other.pk}/end/").status_code == 404
    here.post(f"/accounts/security/sessions/{other.pk}/end/")
    assert [here.get("/people/").status_code, there.get("/people/").status_code] == [200, 302]
    with_password(there)
    here.post("/accounts/security/sessions/end/")
    assert [here.get("/people/").status_code, there.get("/people/").status_code] == [200, 302]


def test_devices_in_words() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
    assert device(edge) == ("Edge on Windows", "laptop")
    assert device("curl/8.5.0") == ("curl", "globe")
    assert device("") == ("Unknown device", "globe")
    assert device('"><script>') == ("script", "globe")
