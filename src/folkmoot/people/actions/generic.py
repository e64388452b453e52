"""Names and mailboxes that many share: what coordinators put on the list, and take off it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.models import GenericValue

#: So many values may be given at once.
MOST = 500

Value = tuple[str, str]


def _folded(kind: str, value: str) -> str:
    return fold_accents(value) if kind == GenericValue.Kind.NAME else fold(value)


@transaction.atomic
def add_generic(*, kind: str, values: Iterable[str], actor: Actor) -> list[Value]:
    """Put names or mailboxes on the list of those that never count as a reason; what is there already stays.

    Args:
        kind: ``name`` or ``mailbox``; a mailbox without ``@`` is one at every domain.

    Returns:
        kind and value of those that are new, for the undo.

    Raises:
        ValidationError: none is given, one is too long, or there are more than :data:`MOST`.
    """
    if kind not in GenericValue.Kind.values:
        raise ValidationError({"kind": _("Choose: name or mailbox.")})
    wanted: dict[str, str] = {}
    for value in (base.line(each).rstrip("@") for each in values):
        if value:
            wanted.setdefault(_folded(kind, value), value)
    if not wanted:
        raise ValidationError({"values": _("Write a name or mailbox on each line.")})
    if len(wanted) > MOST:
        raise ValidationError({"values": _("Give at most %(most)d at once.") % {"most": MOST}})
    for value in wanted.values():
        if len(value) > 320:
            raise ValidationError(
                {"values": _("“%(value)s…” is too long: 320 characters fit.") % {"value": value[:40]}}
            )
    known = set(GenericValue.objects.filter(kind=kind, folded__in=wanted).values_list("folded", flat=True))
    fresh = [
        GenericValue(kind=kind, value=value, folded=folded)
        for folded, value in wanted.items()
        if folded not in known
    ]
    GenericValue.objects.bulk_create(fresh, ignore_conflicts=True)
    return [(row.kind, row.value) for row in fresh]


@transaction.atomic
def remove_generic(*, rows: Sequence[int], actor: Actor) -> list[Value]:
    """Take values off the list, by their numbers: they count as a reason again from the next search on.

    Returns:
        kind and value of those that were there, for the undo.
    """
    found = list(GenericValue.objects.select_for_update().filter(pk__in=rows))
    GenericValue.objects.filter(pk__in=[row.pk for row in found]).delete()
    return [(row.kind, row.value) for row in found]


@transaction.atomic
def put_back_generic(*, values: Sequence[Value], there: bool, actor: Actor) -> None:
    """Undo: make the list hold these values, or hold them no more. Twice does nothing the second time."""
    for kind in GenericValue.Kind.values:
        named = [value for of, value in values if of == kind]
        if there and named:
            add_generic(kind=kind, values=named, actor=actor)
        elif named:
            folded = [_folded(kind, value) for value in named]
            GenericValue.objects.filter(kind=kind, folded__in=folded).delete()
