"""Taking back what was just done: a hand-in, an approval."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Level
from folkmoot.publishing import telling
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.agreement.states import need
from folkmoot.publishing.models import Post, PostApproval, PostState
from folkmoot.publishing.queries import agreement as queries

#: Why the history of a post has an entry.
HAND_IN_BACK, APPROVAL_BACK = "hand-in taken back", "approval taken back"


def handed_in_version(post: Post) -> int:
    """The entry of the post's history that says that it was handed in last; 0: it never was."""
    history: Any = Post.history
    rows = history.filter(id=post.pk, history_change_reason=queries.HANDED_IN).order_by("-history_id")
    return rows.values_list("history_id", flat=True).first() or 0


def approvals_by(user: User, post: Post) -> set[int]:
    """The numbers of this person's approvals of the post that hold."""
    rows = PostApproval.objects.filter(post=post, by=user, withdrawn_at=None)
    return set(rows.values_list("pk", flat=True))


@transaction.atomic
def take_back_hand_in(*, post: Post, version: int, actor: User) -> Post:
    """Make what was handed in a draft again, as long as nobody has agreed to it. Twice does nothing more.

    Args:
        version: of the hand-in that is meant (:func:`handed_in_version`).

    Raises:
        PermissionDenied: the actor may not write posts.
        ValidationError: somebody has agreed, it went further, or it was handed in again since.
    """
    need(actor, Level.CONTRIBUTE)
    post = base.locked(post)
    if post.state == PostState.DRAFT:
        return post
    if handed_in_version(post) != version:
        raise ValidationError(_("It was handed in again since, so it was left as it is."), code="changed")
    if post.state not in (PostState.REVIEW, PostState.APPROVED):
        raise ValidationError(
            _("It is “%(state)s” by now, so it was left as it is.") % {"state": post.get_state_display()},
            code="state",
        )
    if PostApproval.objects.filter(post=post, content_sha256=post.content_sha256, withdrawn_at=None).exists():
        raise ValidationError(
            _("Somebody has agreed to it since. Send it back, with a reason, if it has to change."),
            code="agreed",
        )
    base.to_state(post, PostState.DRAFT, actor=actor, reason=HAND_IN_BACK)
    telling.no_longer_asked(post)
    return post


@transaction.atomic
def take_back_approval(*, post: Post, approvals: Iterable[int], actor: User) -> Post:
    """Take one's own approvals away again: the post waits as before, and whoever may agree is asked again.

    What does not hold any more (it was taken back, or the text was changed) stays as it is.

    Args:
        approvals: their numbers.

    Raises:
        PermissionDenied: the actor may not approve anything.
        ValidationError: the post went further by that: it is scheduled or has left.
    """
    need(actor, Level.CONTRIBUTE)
    post = base.locked(post)
    mine = PostApproval.objects.filter(pk__in=list(approvals), post=post, by=actor, withdrawn_at=None)
    if not mine.exists():
        return post
    if post.state not in (PostState.REVIEW, PostState.APPROVED):
        raise ValidationError(
            _("It is “%(state)s” by now, so your approval stays. Send it back if it must not leave.")
            % {"state": post.get_state_display()},
            code="state",
        )
    mine.update(withdrawn_at=clock.now())
    if not queries.is_agreed(post):
        telling.no_longer_approved(post)
        base.to_state(post, PostState.REVIEW, actor=actor, reason=APPROVAL_BACK)
        telling.handed_in(post, queries.approvers(post), actor)
    return post
