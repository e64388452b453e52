"""Who belongs to which organisation, from when to when."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.organizations import add_organization
from folkmoot.people.actions.undo import Undo, last_change, removed
from folkmoot.people.models import Affiliation, DismissedAffiliation, Organization, Person


class AffiliationFields(TypedDict, total=False):
    """What may be said about somebody's belonging to an organisation."""

    started_on: dt.date | None
    ended_on: dt.date | None
    title: str


@transaction.atomic
def add_affiliation(
    *,
    person: Person,
    organization: Organization | str,
    actor: Actor,
    started_on: dt.date | None = None,
    ended_on: dt.date | None = None,
    title: str = "",
    reason: str = "",
) -> Affiliation:
    """Note that a person belongs to an organisation; a name makes the organisation when there is none of it.

    The same one from the same day is returned, with ``ended_on`` and ``title`` set when they are given.

    Raises:
        ValidationError: by field.
    """
    if isinstance(organization, str):
        if not base.line(organization):
            raise ValidationError({"organization": _("Name the organisation.")})
        try:
            organization = add_organization(actor=actor, reason=reason, name=organization)
        except ValidationError as error:
            raise ValidationError({"organization": error.messages}) from None
    known = Affiliation.objects.filter(
        person=person, organization=organization, started_on=started_on
    ).first()
    if known is not None:
        given: AffiliationFields = {}
        if ended_on is not None:
            given["ended_on"] = ended_on
        if title:
            given["title"] = title
        return edit_affiliation(affiliation=known, actor=actor, reason=reason, **given)
    row = Affiliation(person=person, organization=organization)
    base.put(row, {"started_on": started_on, "ended_on": ended_on, "title": title})
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_affiliation(
    *,
    affiliation: Affiliation,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[AffiliationFields],
) -> Affiliation:
    """Correct the days or the position.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    affiliation = base.locked(affiliation, seen)
    if base.put(affiliation, fields):
        base.write(affiliation, actor=actor, reason=reason)
    return affiliation


@transaction.atomic
def remove_affiliation(*, affiliation: Affiliation, actor: Actor, reason: str = "") -> Undo:
    """Delete an affiliation that never was."""
    return removed(base.locked(affiliation), actor=actor, reason=reason)


@transaction.atomic
def dismiss_affiliation(
    *, person: Person, organization: Organization, actor: Actor, reason: str = ""
) -> Undo:
    """Say that a person does not belong to the organisation that a mail address suggests; it is not suggested again."""
    if DismissedAffiliation.objects.filter(person=person, organization=organization).exists():
        return Undo()
    row = DismissedAffiliation(person=person, organization=organization)
    return last_change(base.write(row, actor=actor, reason=reason))
