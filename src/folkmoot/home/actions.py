"""Putting a Today item off, and taking that back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.home.models import Snooze
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User

#: How far ahead something can be put off.
LONGEST = dt.timedelta(days=366)


@transaction.atomic
def put_off(*, actor: User, key: str, until: dt.datetime) -> Snooze:
    """Hide a Today item from its actor's page until a moment (aware); again with another moment changes it.

    Raises:
        ValidationError: no key, a moment that has passed, or one more than a year ahead.
    """
    now = clock.now()
    if not key or len(key) > 200 or not key.isprintable():
        raise ValidationError(_("This row cannot be put off."))
    if until <= now:
        raise ValidationError(_("Choose a day after today."))
    if until > now + LONGEST:
        raise ValidationError(_("Choose a day within a year."))
    Snooze.objects.filter(user=actor, until__lte=now).delete()
    return Snooze.objects.update_or_create(user=actor, key=key, defaults={"until": until})[0]


@transaction.atomic
def take_back(*, actor: User, key: str) -> bool:
    """Show an item again that its actor put off.

    Returns:
        whether it was put off.
    """
    return Snooze.objects.filter(user=actor, key=key).delete()[0] > 0
