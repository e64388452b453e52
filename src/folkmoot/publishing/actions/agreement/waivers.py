"""Waivers: somebody lets a post pass a rule."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Level
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.agreement.states import need
from folkmoot.publishing.models import Post, Waiver
from folkmoot.publishing.policy import engine

#: How long a waiver may hold, in days.
MOST_DAYS = 365


@transaction.atomic
def waive(*, post: Post, rule: str, reason: str, days: int, actor: User) -> Waiver:
    """Let a post pass a rule that blocks it. The same rule again replaces the reason and the end.

    Raises:
        PermissionDenied: the actor does not manage publishing.
        ValidationError: by field: no such rule, or one that blocks nothing; no reason; no end.
    """
    need(actor, Level.MANAGE)
    post = base.locked(post)
    words = base.line(reason)
    problems = {}
    found = engine.rules_in_force().rule(rule)
    if found is None:
        problems["rule"] = _("There is no rule “%(id)s”.") % {"id": rule[:60]}
    elif found.severity != engine.BLOCK:
        problems["rule"] = _("This rule holds nothing up: there is nothing to let pass.")
    if not words:
        problems["reason"] = _("Say why it may pass.")
    if not 1 <= days <= MOST_DAYS:
        problems["days"] = _("A waiver holds from 1 to %(n)s days.") % {"n": MOST_DAYS}
    if problems:
        raise ValidationError(problems)
    now = clock.now()
    waiver = Waiver.objects.filter(post=post, rule=rule, withdrawn_at=None).first() or Waiver(
        post=post, rule=rule
    )
    waiver.reason, waiver.by, waiver.at = words[:300], actor, now
    waiver.until = now + dt.timedelta(days=days)
    return base.write(waiver, actor=actor, reason=words)


@transaction.atomic
def withdraw_waiver(*, waiver: Waiver, actor: User) -> Waiver:
    """The rule holds again for the post. Twice does nothing more.

    Raises:
        PermissionDenied: the actor does not manage publishing.
    """
    need(actor, Level.MANAGE)
    waiver = base.locked(waiver)
    if waiver.withdrawn_at is None:
        waiver.withdrawn_at = clock.now()
        base.write(waiver, actor=actor)
    return waiver
