"""Somebody's own page about their registration: its address, and the mails that lead there."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.training import letters
from folkmoot.training.actions import base
from folkmoot.training.models import Registration, RegistrationState

SALT = "training.place"
#: For how long the link of the first mail can be followed; then the registration is forgotten.
GOOD_FOR = dt.timedelta(days=7)


def token_of(registration: Registration) -> str:
    """What stands in the address of somebody's own page; registering anew before the proof makes another."""
    stamp = int(registration.registered_at.timestamp() * 1_000_000)
    return signing.dumps([registration.pk, stamp], salt=SALT, compress=True)


def read(token: str) -> Registration | None:
    """Whose page an address leads to; ``None``: it is none of ours, was replaced by a newer one, or is too old to
    prove anything. One query.
    """
    try:
        pk, stamp = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    row = Registration.objects.select_related("event__kind", "person", "task").filter(pk=pk).first()
    if row is None or int(row.registered_at.timestamp() * 1_000_000) != stamp:
        return None
    if row.state == RegistrationState.UNPROVEN and row.registered_at + GOOD_FOR <= clock.now():
        return None
    return row


def link_of(registration: Registration) -> str:
    """The whole address of somebody's own page."""
    return letters.absolute(reverse("events:place", args=[token_of(registration)]))


def ask_for_proof(row: Registration) -> None:
    """Send the mail by which somebody proves their address.

    Raises:
        ValidationError: at ``email``: no mail can be sent there.
    """
    try:
        letters.send(letters.PROVE, row, key=f"training.prove:{_occasion(row)}", link=link_of(row))
    except ValidationError as problem:
        raise ValidationError(
            {"email": _("No mail can be sent to this address from here. Give another one, or write to us.")},
            code="mail",
        ) from problem


def _occasion(row: Registration) -> str:
    return f"{row.pk}:{base.current_version(row)}"


def remind(row: Registration) -> None:
    """Tell somebody that they are registered already; once an hour."""
    hour = clock.now().strftime("%Y-%m-%dT%H")
    letters.try_to(
        letters.AGAIN,
        lambda: letters.send(letters.AGAIN, row, key=f"training.again:{row.pk}:{hour}", link=link_of(row)),
    )


def tell(kind: str, row: Registration, reason: str = "") -> None:
    """Tell somebody how their registration stands now."""
    letters.try_to(
        kind,
        lambda: letters.send(kind, row, key=f"{kind}:{_occasion(row)}", link=link_of(row), reason=reason),
    )
