"""What could not be read: told, and settled."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.reviews import history
from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.models import Flag, LabelMeaning, Programme, Submission
from folkmoot.reviews.models.programmes import label_key


@transaction.atomic
def raise_flag(
    *,
    programme: Programme,
    field: str,
    value: str,
    reason: str,
    source: str,
    submission: Submission | None = None,
    kind: str = Flag.Kind.VALUE,
    place: str = "",
    line: int | None = None,
) -> Flag:
    """Tell that something cannot be read. The same again is the same flag; one that a person settled stays settled.

    Raises:
        ValidationError: the submission is another programme's.
    """
    if submission is not None and submission.programme_id != programme.pk:
        raise ValidationError({"submission": _("This submission belongs to another programme.")})
    now = clock.now()
    flag, made = Flag.objects.select_for_update().get_or_create(
        programme=programme,
        submission=submission,
        kind=kind,
        field=field[:100],
        value=value[:500],
        defaults={
            "reason": reason[:500],
            "source": source,
            "place": place[:200],
            "line": line,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    )
    if not made:
        if flag.settled_by_id is None:
            flag.settled_at = None
        flag.last_seen_at, flag.reason, flag.place, flag.line = now, reason[:500], place[:200], line
        flag.save(update_fields=["settled_at", "last_seen_at", "reason", "place", "line"])
    return flag


@transaction.atomic
def settle_flags(*, flags: Sequence[Flag], actor: Actor) -> list[int]:
    """Say that these are fine as they are, or that somebody has seen to them.

    Returns:
        the numbers of those that were open.
    """
    pks = [flag.pk for flag in flags]
    rows = Flag.objects.select_for_update().filter(pk__in=pks, settled_at=None).order_by("pk")
    open_ones = list(rows.values_list("pk", flat=True))
    Flag.objects.filter(pk__in=open_ones).update(settled_at=clock.now(), settled_by=actor)
    return open_ones


@transaction.atomic
def open_again(*, flags: Sequence[Flag], actor: Actor) -> int:
    """Take a settling back; how many were settled."""
    rows = Flag.objects.filter(pk__in=[flag.pk for flag in flags], settled_at__isnull=False)
    return rows.update(settled_at=None, settled_by=None)


@transaction.atomic
def settle_label(*, meaning: LabelMeaning) -> int:
    """Read what was seen with a label anew: it means something now, and nobody needs to be asked about it any more.

    Returns:
        how many flags were settled.
    """
    history.read_again(meaning.programme, meaning.label)
    rows = Flag.objects.filter(programme=meaning.programme_id, kind=Flag.Kind.LABEL, settled_at=None)
    same = [pk for pk, value in rows.values_list("pk", "value") if label_key(value) == meaning.folded]
    return Flag.objects.filter(pk__in=same).update(settled_at=clock.now())
