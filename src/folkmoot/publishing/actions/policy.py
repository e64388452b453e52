"""The community's policy: saved when it can be read, with its history."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Policy
from folkmoot.publishing.policy.loading import CannotRead, default_text, load


@transaction.atomic
def save_policy(*, text: str, actor: Actor, reason: str = "", seen: int | None = None) -> Policy:
    """Let other rules hold from now on. The same text again changes nothing.

    Args:
        seen: :func:`base.current_version` when the page was opened.

    Raises:
        PermissionDenied: the actor does not administer publishing.
        ValidationError: it cannot be read, each problem with its line and field; ``ChangedMeanwhile``.
    """
    if actor is not None and actor.level_in(Area.PUBLISHING) < Level.ADMIN:
        raise PermissionDenied("publishing.admin")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"
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


def load_policy() -> str:
    """A new installation begins with the shipped rules. Where there are some, nothing is done."""
    if Policy.objects.exists():
        return ""
    save_policy(text=default_text(), actor=None)
    return "The policy for posts holds; change it under Settings."
