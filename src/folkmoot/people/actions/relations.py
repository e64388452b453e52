"""How organisations stand to each other: a part of, a member of, succeeded by."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.organizations import add_organization
from folkmoot.people.actions.undo import Undo, removed
from folkmoot.people.models import Organization, OrganizationRelation

Kind = OrganizationRelation.Kind
#: Relations that lead upwards or onwards: nothing may come back to where it began.
ONE_WAY = (Kind.PART_OF, Kind.SUCCEEDED_BY)


class RelationFields(TypedDict, total=False):
    """What may be corrected of a relation."""

    started_on: dt.date | None
    ended_on: dt.date | None


@transaction.atomic
def add_relation(
    *,
    organization: Organization,
    kind: str,
    other: Organization | str,
    actor: Actor,
    started_on: dt.date | None = None,
    ended_on: dt.date | None = None,
    backwards: bool = False,
    reason: str = "",
) -> OrganizationRelation:
    """Say how one organisation stands to another, from a day to a day (both included; open where undated).

    Args:
        backwards: the relation leads from the other organisation to this one ("has as a part").

    A name makes the other organisation when there is none of it. The same relation again is returned as it is.

    Raises:
        ValidationError: by field; to itself, the days the wrong way round, or a circle ("a part of its own part").
    """
    if isinstance(other, str):
        if not base.line(other):
            raise ValidationError({"other": _("Name the organisation.")})
        try:
            other = add_organization(actor=actor, reason=reason, name=other)
        except ValidationError as error:
            raise ValidationError({"other": error.messages}) from None
    if backwards:
        organization, other = other, organization
    known = OrganizationRelation.objects.filter(
        organization=organization, kind=kind, other=other, started_on=started_on, ended_on=ended_on
    ).first()
    if known is not None:
        return known
    row = OrganizationRelation(
        organization=organization, kind=kind, other=other, started_on=started_on, ended_on=ended_on
    )
    base.check(row)
    _refuse_circle(row)
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_relation(
    *,
    relation: OrganizationRelation,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[RelationFields],
) -> OrganizationRelation:
    """Correct the days.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    relation = base.locked(relation, seen)
    if base.put(relation, fields):
        base.write(relation, actor=actor, reason=reason)
    return relation


@transaction.atomic
def remove_relation(*, relation: OrganizationRelation, actor: Actor, reason: str = "") -> Undo:
    """Delete a relation that never was. One that was, ends: give it a last day."""
    return removed(base.locked(relation), actor=actor, reason=reason)


def _refuse_circle(row: OrganizationRelation) -> None:
    """One look at all relations of the kind, which are held meanwhile, so that two people cannot close a circle."""
    if row.kind not in ONE_WAY:
        return
    list(
        Organization.objects.select_for_update()
        .filter(pk__in=[row.organization_id, row.other_id])
        .order_by("pk")
        .values_list("pk")
    )
    onwards: dict[int, list[int]] = defaultdict(list)
    rows = OrganizationRelation.objects.select_for_update().filter(kind=row.kind).order_by("pk")
    for start, end in rows.values_list("organization_id", "other_id"):
        onwards[start].append(end)
    seen, waiting = set(), [row.other_id]
    while waiting:
        here = waiting.pop()
        if here == row.organization_id:
            words = (
                _("%(other)s is a part of %(name)s already, directly or through others.")
                if row.kind == Kind.PART_OF
                else _("%(other)s was succeeded by %(name)s already, directly or through others.")
            )
            raise ValidationError(
                {
                    "other": ValidationError(
                        words % {"other": row.other, "name": row.organization}, code="circle"
                    )
                }
            )
        if here not in seen:
            seen.add(here)
            waiting += onwards[here]
