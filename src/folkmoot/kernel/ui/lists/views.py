"""Saved views: tabs above a list that one person made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean
from folkmoot.kernel.ui.models import SavedView

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

MAX_VIEWS = 20


def saved_views(user: User, list_key: str) -> list[SavedView]:
    """The person's tabs of a list, oldest first. One query."""
    return list(SavedView.objects.filter(user=user, list_key=list_key)[:MAX_VIEWS])


@transaction.atomic
def save_view(*, user: User, list_key: str, name: str, query: str) -> SavedView:
    """Keep a list's filters under a name; the same name again is changed.

    Raises:
        ValidationError: no name, or 20 are kept already.
    """
    name = clean(name)[:60]
    if not name:
        raise ValidationError(_("Give the view a name."))
    mine = SavedView.objects.filter(user=user, list_key=list_key)
    if mine.exclude(name=name).count() >= MAX_VIEWS:
        raise ValidationError(_("You have %(n)s views of this list: remove one first.") % {"n": MAX_VIEWS})
    return SavedView.objects.update_or_create(
        user=user, list_key=list_key, name=name, defaults={"query": query[:2000]}
    )[0]


@transaction.atomic
def remove_view(*, user: User, list_key: str, view_id: int) -> None:
    """Remove one of the person's own views; another's is left alone."""
    SavedView.objects.filter(user=user, list_key=list_key, pk=view_id).delete()
