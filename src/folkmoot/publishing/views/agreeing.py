"""Handing in and approving several posts that were chosen in the list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.lists import Done
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.models import Post
from folkmoot.publishing.views.chosen import each_of, told


def hand_in_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Hand drafts in for approval."""
    done, refused = each_of(list(queryset), lambda row: agreement.hand_in(post=row, actor=user))
    text = ngettext("%(n)d post waits for approval.", "%(n)d posts wait for approval.", len(done))
    return Done(told(text % {"n": len(done)}, refused))


def approve_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Approve posts as they are now."""
    done, refused = each_of(list(queryset), lambda row: agreement.approve(post=row, actor=user))
    text = ngettext("You approved %(n)d post.", "You approved %(n)d posts.", len(done))
    return Done(told(text % {"n": len(done)}, refused))
