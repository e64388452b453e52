"""Which posts need whose approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import saving
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Post, PostApprovalRule, PostState
from folkmoot.publishing.queries import agreement as queries

FIELDS = (
    *("name", "tag", "channel", "kind", "level", "role_kind"),
    *("four_eyes", "people_needed", "days", "is_exempt"),
)

saving.say(
    {
        "postapprovalrule_once": ("name", gettext_lazy("There is a rule of this name already.")),
        "postapprovalrule_needs_somebody": ("people_needed", gettext_lazy("At least one person.")),
    }
)


def _need_admin(actor: Actor) -> None:
    if actor is not None and actor.level_in(Area.PUBLISHING) < Level.ADMIN:
        raise PermissionDenied("publishing.admin")


@transaction.atomic
def save_rule(*, rule: PostApprovalRule | None, values: Mapping[str, Any], actor: Actor) -> PostApprovalRule:
    """Add a rule, or change one. It holds for every post that has not left; what waits for nobody any more is approved.

    Args:
        values: of :data:`FIELDS`; what is left out stays.

    Raises:
        PermissionDenied: the actor does not administer publishing.
        ValidationError: by field.
    """
    _need_admin(actor)
    row = base.locked(rule) if rule is not None else PostApprovalRule()
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise ValueError(f"an approval rule has no {', '.join(sorted(unknown))}")
    changed = base.put(row, values)
    problems = {}
    if row.level < Level.CONTRIBUTE:
        problems["level"] = _("Who approves can at least contribute.")
    if row.days == 0:
        problems["days"] = _("At least one day, or leave it empty.")
    if row.is_exempt and not (row.tag_id or row.channel_id or row.kind):
        problems["is_exempt"] = _(
            "Say which posts need no approval: by tag, channel or kind. To ask for none at all, remove the rules."
        )
    if problems:
        raise ValidationError(problems)
    if changed or row.pk is None:
        base.write(row, actor=actor)
        _look_again(actor)
    return row


@transaction.atomic
def remove_rule(*, rule: PostApprovalRule, actor: Actor) -> None:
    """Take a rule away; posts that waited for it alone are approved.

    Raises:
        PermissionDenied: the actor does not administer publishing.
    """
    _need_admin(actor)
    base.remove(base.locked(rule), actor=actor)
    _look_again(actor)


def _look_again(actor: Actor) -> None:
    """Posts that waited, and fall under no unmet rule any more."""
    waiting = list(Post.objects.select_for_update().filter(state=PostState.REVIEW))
    agreed = queries.is_agreed_many(waiting)
    for post in waiting:
        if agreed[post.pk]:
            base.to_state(post, PostState.APPROVED, actor=actor, reason="approval rules changed")


def load_rules() -> str:
    """A new installation begins with one rule: somebody else agrees to everything."""
    if PostApprovalRule.objects.exists():
        return ""
    save_rule(rule=None, values={"name": str(_("Somebody else agrees"))}, actor=None)
    return "Somebody else than the writer agrees to every post."
