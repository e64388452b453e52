"""The systems on which people have a handle or an address: how each writes it, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.registry import Registry
from folkmoot.kernel.text import fold

#: The system of the identity that a person has when no other is known.
INTERNAL = "folkmoot"


@dataclass(frozen=True)
class System:
    """A system: its name, its sign, how a handle on it is written, and the address that shows it.

    ``normalise`` takes what a person typed (a pasted address, too) and returns the handle as the system shows it;
    it raises ``ValidationError`` when it can be none. ``address`` holds ``{}`` where the handle goes.
    """

    key: str
    label: Any
    icon: str
    normalise: Callable[[str], str]
    address: str = ""
    example: str = ""
    order: int = 0

    def url(self, value: str) -> str:
        """Where the handle leads; empty when the system has no such page."""
        if self.key == "mastodon":
            user, _at, host = value.lstrip("@").partition("@")
            return f"https://{host}/@{quote(user)}" if host else ""
        return self.address.format(quote(value, safe="@.+-_[]")) if self.address else ""


systems: Registry[System] = Registry("system")


def normalise(system: str, value: str) -> str:
    """The handle as this system shows it; a system nobody declared takes it as it is.

    Raises:
        ValidationError: the system can have no such handle; the message says what it looks like.
    """
    return systems.get(system).normalise(value) if system in systems else value


def system_label(key: str) -> str:
    """The system's name as people know it; one nobody declared goes by its key."""
    return str(systems.get(key).label) if key in systems else key


def _last_part(value: str, *hosts: str) -> str:
    """The handle in a pasted address: what follows the host (and ``in/``, ``profile/``); else the text, without "@"."""
    pattern = r"^(?:https?://)?(?:www\.)?(?:{})/(?:in/|profile/|u/|users/)?@?([^/?#\s]+).*$"
    found = re.match(pattern.format("|".join(re.escape(host) for host in hosts)), value, re.IGNORECASE)
    return found.group(1) if found else value.lstrip("@").rstrip("/")


def _handle(pattern: str, message: Any, *hosts: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        handle = _last_part(value, *hosts) if hosts else value.lstrip("@")
        if not compiled.fullmatch(handle):
            raise ValidationError(message, code="handle")
        return handle

    return check


def orcid(value: str) -> str:
    """``https://orcid.org/0000-0002-1825-0097`` -> ``0000-0002-1825-0097``, its check digit proven.

    Source: ORCID, "Structure of the ORCID Identifier": ISO 7064 mod 11-2.

    Raises:
        ValidationError: sixteen digits are not there, or the last one does not fit the others.
    """
    bare = re.sub(r"^(?:https?://)?(?:www\.)?orcid\.org/", "", value.strip(), flags=re.I)
    digits = re.sub(r"[\s-]", "", bare).upper()
    if not re.fullmatch(r"[0-9]{15}[0-9X]", digits):
        raise ValidationError(_("An ORCID iD has sixteen digits: 0000-0002-1825-0097."), code="handle")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        raise ValidationError(
            _("A digit of this ORCID iD is wrong: the last one does not fit the others."), code="handle"
        )
    return "-".join(digits[n : n + 4] for n in range(0, 16, 4))


def email(value: str) -> str:
    """An e-mail address, without ``mailto:``.

    Raises:
        ValidationError: it is none.
    """
    address = re.sub(r"^mailto:", "", value.strip(), flags=re.I)
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(_("This is no e-mail address: name@example.org."), code="handle") from None
    return address


def mastodon(value: str) -> str:
    """``https://host/@user`` and ``user@host`` -> ``@user@host``.

    Raises:
        ValidationError: the host or the user is missing.
    """
    found = re.match(r"^https?://([^/\s]+)/@([^/?#@\s]+)", value) or re.match(
        r"^@?()([^@/\s]+)@([^@/\s]+)$", value
    )
    parts = [part for part in found.groups() if part] if found else []
    if len(parts) != 2:
        raise ValidationError(
            _("A Mastodon handle has a name and a server: @ana@example.social."), code="handle"
        )
    user, host = (parts[1], parts[0]) if value.startswith("http") else (parts[0], parts[1])
    return f"@{user}@{fold(host)}"


def _anything(value: str) -> str:
    return value


for _system in (
    System(
        "github",
        "GitHub",
        "github",
        _handle(
            r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})(?:\[bot\])?",
            _("A GitHub login has letters, digits and hyphens only."),
            "github.com",
        ),
        "https://github.com/{}",
        "ana-perez",
        order=10,
    ),
    System("email", _("E-mail"), "envelope", email, "mailto:{}", "ana@example.org", order=20),
    System("orcid", "ORCID", "person-badge", orcid, "https://orcid.org/{}", "0000-0002-1825-0097", order=30),
    System("mastodon", "Mastodon", "mastodon", mastodon, "", "@ana@example.social", order=40),
    System(
        "bluesky",
        "Bluesky",
        "bluesky",
        _handle(
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,}|did:[a-z]+:[A-Za-z0-9.:_-]+",
            _("A Bluesky handle is a domain: ana.bsky.social."),
            "bsky.app",
        ),
        "https://bsky.app/profile/{}",
        "ana.bsky.social",
        order=50,
    ),
    System(
        "linkedin",
        "LinkedIn",
        "linkedin",
        _handle(
            r"[^\s/@]{2,150}",
            _("Give the last part of the LinkedIn address: linkedin.com/in/ana-perez."),
            "linkedin.com",
        ),
        "https://www.linkedin.com/in/{}",
        "ana-perez",
        order=60,
    ),
    System(
        "gitlab",
        "GitLab",
        "gitlab",
        _handle(
            r"[A-Za-z0-9_.-]{2,255}",
            _("A GitLab name has letters, digits, dots, hyphens only."),
            "gitlab.com",
        ),
        "https://gitlab.com/{}",
        "ana-perez",
        order=70,
    ),
    System(
        "slack",
        "Slack",
        "slack",
        _handle(r"\S.{0,79}", _("Give the name shown on Slack.")),
        "",
        "ana.perez",
        order=80,
    ),
    System(
        "discourse",
        "Discourse",
        "chat-left-text",
        _handle(r"[\w.-]{2,60}", _("A Discourse name has letters, digits, dots, hyphens only.")),
        "",
        "ana_perez",
        order=90,
    ),
    System(
        "x",
        "X",
        "twitter-x",
        _handle(
            r"[A-Za-z0-9_]{1,15}",
            _("A name on X has up to 15 letters, digits and underscores."),
            "x.com",
            "twitter.com",
        ),
        "https://x.com/{}",
        "ana_perez",
        order=100,
    ),
    System(INTERNAL, "Folkmoot", "person", _anything, order=900),
):
    systems.register(_system)
