"""Connecting a channel by going to its platform and coming back (OAuth).

What has to be known again on coming back, the proof key included, stays here: encrypted, in the session of whoever
went. The platform gets a signed number alone, which is good once, in that session, for a quarter of an hour.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.connectors.base import Access, Connector, MustConnect, Renewed, connectors
from folkmoot.connectors.posts import SignIn
from folkmoot.kernel.http import HttpProblem
from folkmoot.kernel.ops.redact import hide
from folkmoot.kernel.secrets import CannotDecrypt, decrypt, encrypt
from folkmoot.outbox import mail
from folkmoot.outbox.models import Channel

_SALT = "outbox.connecting"
_SESSION = "outbox.connecting"
SECONDS = 15 * 60
#: Journeys of one session that may be open at once; the oldest are forgotten.
MOST = 5


@dataclass(frozen=True)
class Journey:
    """What was chosen before going: the form of a new channel, or the channel that is connected anew."""

    kind: str
    channel: int | None
    values: Mapping[str, Any]
    kept: Mapping[str, Any]


class CannotConnect(ValidationError):
    """The channel is not connected; the words say why."""


def sign_in_of(connector: Connector) -> SignIn | None:
    """How one connects to this platform by going there."""
    return getattr(connector, "sign_in", None)


def back() -> str:
    """Where platforms send people back to; they have to know it beforehand."""
    return mail.absolute(reverse("outbox:connected"))


def gained(connector: Connector) -> frozenset[str]:
    """The secrets that one gets by going there, so that nobody has to type them."""
    sign_in = sign_in_of(connector)
    if sign_in is None:
        return frozenset()
    return frozenset(
        one.name for one in connector.settings if one.is_secret and one.name not in sign_in.needs
    )


def has_to_go(connector: Connector, typed: Mapping[str, str]) -> bool:
    """Whether whoever filled in the form goes to the platform now: they typed no access of their own."""
    return sign_in_of(connector) is not None and not any(typed.get(name) for name in gained(connector))


def leave(
    session: SessionBase, connector: Connector, values: Mapping[str, Any], channel: Channel | None = None
) -> str:
    """The address of the platform to go to.

    Raises:
        CannotConnect: something is missing, the name is taken, the platform refuses or does not answer.
    """
    sign_in = sign_in_of(connector)
    if sign_in is None:
        raise CannotConnect(_("This kind of channel is not connected by going there."))
    access = _access(values, channel)
    wrong = connector.wrong_settings(access)
    if missing := {name: words for name, words in wrong.items() if name not in gained(connector)}:
        labels = {one.name: str(one.label) for one in connector.settings}
        raise ValidationError(
            {
                f"setting_{name}": _("This is needed.") if words == labels.get(name) else words
                for name, words in missing.items()
            }
        )
    if channel is None and Channel.objects.filter(name=values.get("name")).exists():
        raise ValidationError({"name": _("There is a channel of this name already.")})
    number = secrets.token_urlsafe(24)
    try:
        url, kept = sign_in.start(access, back=back(), state=signing.dumps(number, salt=_SALT))
    except (MustConnect, HttpProblem) as problem:
        raise CannotConnect(str(problem)) from None
    if not url.startswith(("https://", "http://")):
        raise CannotConnect(_("The platform gave no address to go to."))
    journey = {
        "kind": connector.key,
        "channel": channel.pk if channel else None,
        "values": dict(values),
        "kept": dict(kept),
    }
    open_ones = dict(session.get(_SESSION, {}))
    open_ones[number] = encrypt(json.dumps(journey))
    session[_SESSION] = dict(list(open_ones.items())[-MOST:])
    return url


def come_back(session: SessionBase, state: str) -> Journey:
    """The journey that a platform's answer belongs to; it is over with this.

    Raises:
        CannotConnect: it was not begun in this session, is too old, or was ended before.
    """
    unknown = CannotConnect(
        _(
            "This journey did not begin here, took longer than a quarter of an hour, or has ended. Begin again."
        )
    )
    try:
        number = str(signing.loads(state, salt=_SALT, max_age=SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        raise unknown from None
    open_ones = dict(session.get(_SESSION, {}))
    found = open_ones.pop(number, None)
    session[_SESSION] = open_ones
    if found is None:
        raise unknown
    try:
        row = json.loads(decrypt(found))
    except CannotDecrypt:
        raise unknown from None
    return Journey(row["kind"], row["channel"], row["values"], row["kept"])


def finish(journey: Journey, code: str, channel: Channel | None) -> Renewed:
    """The access, from the code that the platform sent along.

    Raises:
        CannotConnect: the platform refuses or does not answer.
    """
    sign_in = sign_in_of(connectors.get(journey.kind))
    if sign_in is None or not code:
        raise CannotConnect(_("The platform sent no code along. Begin again."))
    try:
        found = sign_in.finish(_access(journey.values, channel), code=code, back=back(), kept=journey.kept)
    except (MustConnect, HttpProblem) as problem:
        raise CannotConnect(str(problem)) from None
    hide(value for value in found.secrets.values() if value)
    return found


def _access(values: Mapping[str, Any], channel: Channel | None) -> Access:
    stored = channel.access if channel else Access(0)
    typed = {name: value for name, value in values.get("secrets", {}).items() if value}
    hide(typed.values())
    return Access(
        stored.channel,
        {**stored.settings, **values.get("settings", {})},
        {**stored.secrets, **typed},
        stored.facts,
    )
