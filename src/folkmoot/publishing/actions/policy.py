"""The community's policy: saved when it can be read, with its history."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Policy
from folkmoot.publishing.policy import shipped
from folkmoot.publishing.policy.loading import CannotRead, default_text, load


def tidied(text: str) -> str:
    """A policy as it is kept: ends of lines as on Unix, one at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


@transaction.atomic
def save_policy(*, text: str, actor: Actor, reason: str = "", seen: int | None = None) -> Policy:
    """Let other rules hold from now on. The same text again changes nothing.

    Args:
        seen: :func:`base.current_version` when the page was opened.

    Raises:
        PermissionDenied: the actor does not administer publishing.
        ValidationError: it cannot be read, each problem with its line and field; ``ChangedMeanwhile``.
    """
    _need_admin(actor)
    text = tidied(text)
    try:
        load(text)
    except CannotRead as error:
        raise ValidationError({"text": [str(each) for each in error.problems]}) from None
    row = Policy.objects.filter(pk=1).first()
    row = base.locked(row, seen) if row is not None else Policy(pk=1, text="")
    if row.text != text:
        row.text, row.changed_at = text, clock.now()
        base.write(row, actor=actor, reason=reason)
    return row


def _need_admin(actor: Actor) -> None:
    if actor is not None and actor.level_in(Area.PUBLISHING) < Level.ADMIN:
        raise PermissionDenied("publishing.admin")


@transaction.atomic
def add_shipped_rule(*, rule: str, actor: Actor) -> Policy:
    """Take a shipped rule into the community's policy, behind its last; one that is there already changes nothing.

    Raises:
        PermissionDenied: the actor does not administer publishing.
        ValidationError: there is no such rule, or the policy is written so that it has to be added by hand.
    """
    _need_admin(actor)
    row = Policy.objects.filter(pk=1).first()
    text = base.locked(row).text if row is not None else default_text()
    try:
        text = shipped.with_rule(text, rule)
    except (shipped.CannotAdd, CannotRead) as error:
        raise ValidationError(str(error)) from None
    return save_policy(text=text, actor=actor, reason=f"shipped rule {rule}")


def load_policy() -> str:
    """A new installation begins with the shipped rules. Where there are some, nothing is done."""
    if Policy.objects.exists():
        return ""
    save_policy(text=default_text(), actor=None)
    return "The policy for posts holds; change it under Settings."
