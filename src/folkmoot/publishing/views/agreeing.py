"""Handing in and approving posts, one or several that were chosen in the list, with what takes it back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.lists import Done
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.models import Post, PostState
from folkmoot.publishing.views.base import each_of, told, undo_rows_url


def hand_in_one(post: Post, user: User) -> tuple[Post, list[list[Any]]]:
    """Hand a draft in, and say what takes that back; nothing where it was handed in already."""
    is_draft = post.state == PostState.DRAFT
    done = agreement.hand_in(post=post, actor=user)
    return done, [[done.pk, agreement.handed_in_version(done)]] if is_draft else []


def approve_one(post: Post, user: User, seen: str = "") -> tuple[Post, list[list[Any]]]:
    """Approve a post, and say what takes that back; nothing where this person had agreed already."""
    had = agreement.approvals_by(user, post)
    done = agreement.approve(post=post, actor=user, seen=seen)
    given = agreement.approvals_by(user, post) - had
    return done, [[done.pk, sorted(given)]] if given else []


def hand_in_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Hand drafts in for approval."""
    was: list[list[Any]] = []
    done, refused = each_of(list(queryset), lambda row: was.extend(hand_in_one(row, user)[1]))
    text = ngettext("%(n)d post waits for approval.", "%(n)d posts wait for approval.", len(done))
    undo = undo_rows_url(user, "hand_in", was, "publishing.contribute")
    return Done(told(text % {"n": len(done)}, refused), undo)


def approve_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Approve posts as they are now."""
    was: list[list[Any]] = []
    done, refused = each_of(list(queryset), lambda row: was.extend(approve_one(row, user)[1]))
    text = ngettext("You approved %(n)d post.", "You approved %(n)d posts.", len(done))
    undo = undo_rows_url(user, "approve", was, "publishing.contribute")
    return Done(told(text % {"n": len(done)}, refused), undo)
