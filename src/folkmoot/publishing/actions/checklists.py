"""What has to be done for a post or a campaign, and that it is done."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Undo, removed
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Campaign, ChecklistEntry, Post


@transaction.atomic
def add_entry(
    *, post: Post | None = None, campaign: Campaign | None = None, text: str, actor: Actor
) -> ChecklistEntry:
    """Add something to the checklist of a post or of a campaign, at its end; the same text again is the same entry.

    Raises:
        ValidationError: no text, or it is too long; not for one of the two.
    """
    if (post is None) == (campaign is None):
        raise ValidationError(_("A checklist belongs to a post or to a campaign."), code="owner")
    mine = ChecklistEntry.objects.filter(post=post, campaign=campaign)
    known = mine.filter(text=base.line(text)).first()
    if known is not None:
        return known
    last = mine.aggregate(last=Max("position"))["last"]
    entry = ChecklistEntry(post=post, campaign=campaign, position=0 if last is None else last + 1)
    base.put(entry, {"text": text})
    return base.write(entry, actor=actor)


@transaction.atomic
def edit_entry(*, entry: ChecklistEntry, text: str, actor: Actor) -> ChecklistEntry:
    """Say it otherwise.

    Raises:
        ValidationError: no text.
    """
    entry = base.locked(entry)
    if base.put(entry, {"text": text}):
        base.write(entry, actor=actor)
    return entry


@transaction.atomic
def tick(*, entry: ChecklistEntry, done: bool, actor: Actor) -> ChecklistEntry:
    """Say that it is done, or that it is not. Twice does nothing more."""
    entry = base.locked(entry)
    if (entry.done_at is not None) != done:
        entry.done_at, entry.done_by = (clock.now(), actor) if done else (None, None)
        base.write(entry, actor=actor)
    return entry


@transaction.atomic
def order_entries(*, entries: Iterable[ChecklistEntry], actor: Actor) -> None:
    """Put entries in this order."""
    for position, entry in enumerate(entries):
        fresh = base.locked(entry)
        if base.put(fresh, {"position": position}):
            base.write(fresh, actor=actor)


@transaction.atomic
def remove_entry(*, entry: ChecklistEntry, actor: Actor) -> Undo:
    """Take it off the list."""
    return removed(base.locked(entry), actor=actor)
