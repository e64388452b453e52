"""How somebody signs in, and where they are signed in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.signin import providers


@dataclass(frozen=True)
class Linked:
    """Another account that signs in as this user; ``pk`` is ``None`` while it could be linked but is not."""

    key: str
    label: str
    icon: str
    pk: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Passkey:
    """A passkey or security key."""

    pk: int
    name: str
    is_passwordless: bool
    created_at: dt.datetime
    last_used_at: dt.datetime | None


@dataclass
class WaysIn:
    """How a user can sign in beside the link by e-mail, which everybody can ask for."""

    has_password: bool
    has_app: bool = False
    passkeys: list[Passkey] = field(default_factory=list)
    recovery_codes: int | None = None
    linked: list[Linked] = field(default_factory=list)
    linkable: list[Linked] = field(default_factory=list)

    @property
    def has_second_step(self) -> bool:
        """A password alone does not sign them in."""
        return self.has_app or bool(self.passkeys)


def ways_in(user: User) -> WaysIn:
    """In two queries."""
    found = WaysIn(has_password=user.has_usable_password())
    for row in Authenticator.objects.filter(user=user).order_by("created_at"):
        if row.type == Authenticator.Type.TOTP:
            found.has_app = True
        elif row.type == Authenticator.Type.RECOVERY_CODES:
            found.recovery_codes = len(row.wrap().get_unused_codes())
        else:
            key = row.wrap()
            found.passkeys.append(
                Passkey(row.pk, key.name, bool(key.is_passwordless), row.created_at, row.last_used_at)
            )
    offered = {each.key: each for each in providers.offered()}
    for account in SocialAccount.objects.filter(user=user).order_by("date_joined"):
        offer = offered.pop(account.provider, None)
        icon = offer.icon if offer else "box-arrow-in-right"
        label = providers.label(account.provider)
        found.linked.append(Linked(account.provider, label, icon, account.pk, account_name(account)))
    found.linkable = [Linked(each.key, each.label, each.icon) for each in offered.values()]
    return found


def account_name(account: SocialAccount) -> str:
    """What the other side calls the person: login, iD or e-mail."""
    data: dict[str, Any] = account.extra_data or {}
    return str(data.get("login") or data.get("preferred_username") or data.get("email") or account.uid)


@dataclass(frozen=True)
class Proven:
    """A handle or address that somebody has shown to be theirs by signing in with it.

    Attributes:
        system: ``email``, ``github``, ``orcid``, or the key of another provider.
        number: the provider's own unchanging number, where it has one beside the handle.
    """

    system: str
    value: str
    number: str = ""


def proven(user: User) -> list[Proven]:
    """By what a user is known for certain: verified e-mails and linked accounts; two queries."""
    emails = EmailAddress.objects.filter(user=user, verified=True).order_by("pk")
    found = [Proven("email", row.email) for row in emails]
    for account in SocialAccount.objects.filter(user=user).order_by("pk"):
        if account.provider == "github":
            found.append(Proven("github", account_name(account), str(account.uid)))
        elif account.provider == "orcid":
            found.append(Proven("orcid", str(account.uid)))
    return found


@dataclass(frozen=True)
class Session:
    """One place where somebody is signed in."""

    pk: int
    device: str
    icon: str
    ip: str
    since: dt.datetime
    is_here: bool


_SYSTEMS = (
    ("iPhone", "iPhone", "phone"),
    ("iPad", "iPad", "tablet"),
    ("Android", "Android", "phone"),
    ("Windows", "Windows", "laptop"),
    ("Mac OS", "macOS", "laptop"),
    ("CrOS", "ChromeOS", "laptop"),
    ("Linux", "Linux", "laptop"),
)
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def device(user_agent: str) -> tuple[str, str]:
    """Browser and system in words, and an icon; what is neither is shown by its first word."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system, icon = next(((name, icon) for mark, name, icon in _SYSTEMS if mark in user_agent), ("", "globe"))
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}, icon
    words = re.findall(r"[\w.\-]+", user_agent)
    return browser or system or (words[0] if words else _("Unknown device")), icon


def sessions(user: User, here: str) -> list[Session]:
    """Where a user is signed in, this place (by its session's key) first, then the newest."""
    rows = UserSession.objects.purge_and_list(user)
    found = [
        Session(row.pk, *device(row.user_agent), row.ip, row.created_at, row.session_key == here)
        for row in rows
    ]
    return sorted(found, key=lambda row: (not row.is_here, -row.since.timestamp()))
