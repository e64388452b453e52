"""Domains of organisations, as they are compared: lower case, ASCII (IDNA 2008), without ``www.``."""

from __future__ import annotations

import re

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.people import seeds
from folkmoot.people.actions.base import line

_LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")
_MOST = 253


def normal_domain(text: str) -> str:
    """``https://WWW.Bücher.example/x`` -> ``xn--bcher-kva.example``; a mail address gives what follows its @.

    Raises:
        ValidationError: it is no domain, or one at which anybody can have an address.
    """
    said = line(text)
    host = said.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
    host = re.sub(r":\d+$", "", host).strip().rstrip(".").lower().removeprefix("www.")
    try:
        # Old names that IDNA 2008 forbids (with "_", say) are told below; here only what is not ASCII is put into it.
        domain = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        domain = ""
    labels = domain.split(".")
    if len(domain) > _MOST or len(labels) < 2 or not all(_LABEL.match(label) for label in labels):
        raise ValidationError(
            _("“%(text)s” is no domain. Write it as harbour.example, without anything before or after.")
            % {"text": said[:80]},
            code="no_domain",
        )
    if labels[-1].isdigit():
        raise ValidationError(
            _("“%(text)s” is a number of a computer: write its name.") % {"text": said[:80]}, code="no_domain"
        )
    if domain in seeds.data("mail-providers"):
        raise ValidationError(
            _("Anybody can have an address at %(domain)s: it does not tell where somebody belongs.")
            % {"domain": domain},
            code="anybody",
        )
    return domain


def with_those_above(address: str) -> list[str]:
    """The domain of a mail address and all above it, the nearest first; nothing for what is no address."""
    _user, _sep, host = address.rpartition("@")
    host = host.strip().rstrip(".").lower()
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return []
    labels = host.split(".") if host else []
    return [".".join(labels[start:]) for start in range(max(0, len(labels) - 1))]
