"""Ticking what is done of a stage's checklist."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.models import ChecklistItem, ChecklistTick, Submission


@transaction.atomic
def tick(*, submission: Submission, item: ChecklistItem, actor: Actor) -> ChecklistTick:
    """Say that an entry is done; ticked already stays as it is.

    Raises:
        ValidationError: the entry is another programme's, or not used any more.
    """
    if item.stage.programme_id != submission.programme_id:
        raise ValidationError(_("This entry belongs to another programme."))
    known = ChecklistTick.objects.filter(submission=submission, item=item).first()
    if known is not None:
        return known
    if item.is_archived:
        raise ValidationError(_("This entry is not used any more. Reload the page."))
    made, _new = ChecklistTick.objects.get_or_create(submission=submission, item=item, defaults={"by": actor})
    return made


@transaction.atomic
def untick(*, submission: Submission, item: ChecklistItem, actor: Actor) -> bool:
    """Say that an entry is not done after all.

    Returns:
        whether it was ticked.
    """
    removed, _by = ChecklistTick.objects.filter(submission=submission, item=item).delete()
    return bool(removed)
