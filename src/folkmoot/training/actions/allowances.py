"""How much agreements give."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import order, saving
from folkmoot.kernel.undo import Change, Undo, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.agreements import set_code
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Agreement, Allowance, BenefitKind, Curriculum, Tier, TierBenefit


def _called(row: Allowance) -> str:
    said = {"benefit": row.benefit, "agreement": row.agreement}
    return _("“%(benefit)s” of the agreement “%(agreement)s”") % said


saving.say({"allowance_ends_after_it_starts": ("ends_on", order.kept(_called, "starts_on", "ends_on"))})


class AllowanceFields(TypedDict, total=False):
    """What may be said of an allowance; what is left out stays as it is."""

    benefit: BenefitKind
    granted: int
    added: int
    starts_on: dt.date | None
    ends_on: dt.date | None
    curriculum: Curriculum | None
    is_frozen: bool
    note: str
    code: str


@transaction.atomic
def save_allowance(
    *,
    agreement: Agreement,
    values: AllowanceFields,
    actor: Actor,
    allowance: Allowance | None = None,
    seen: int | None = None,
) -> Allowance:
    """Add an allowance to an agreement, or change one; what is not named stays.

    Raises:
        ValidationError: by field; a new one gives nothing; its benefit changes though something was taken; a code in
            use; ``ChangedMeanwhile``.
    """
    row = base.locked(allowance, seen) if allowance is not None else Allowance(agreement=agreement)
    if row.pk is None and not (values.get("granted") or values.get("added")):
        raise ValidationError({"granted": _("Say how much was agreed: at least 1.")}, code="nothing")
    benefit = values.get("benefit")
    if row.pk is not None and benefit is not None and benefit.pk != row.benefit_id and row.uses.exists():
        raise ValidationError(
            {"benefit": _("Something was taken from it already: add another allowance instead.")}, code="used"
        )
    plain = {name: value for name, value in values.items() if name != "code"}
    if base.put(row, plain) or row.pk is None:
        base.write(row, actor=actor)
    if "code" in values:
        set_code(agreement=agreement, allowance=row, text=values["code"], actor=actor)
    return row


@transaction.atomic
def remove_allowance(*, allowance: Allowance, actor: Actor) -> Undo:
    """Take out an allowance from which nothing was taken.

    Raises:
        ValidationError: something was, or the next agreement took it over; it says what and how many.
    """
    row = base.locked(allowance)
    base.unused(row, but=frozenset({"training.registrationcode"}))
    changes: list[Change] = []
    for code in row.agreement.codes.filter(allowance=row):
        changes += removed(code, actor=actor).changes
    changes += removed(row, actor=actor).changes
    return Undo(tuple(changes))


@transaction.atomic
def set_tier_benefits(*, tier: Tier, amounts: dict[BenefitKind, int | None], actor: Actor) -> None:
    """How much of each benefit a new agreement of a tier gives; ``None`` or 0: nothing of it. Others stay."""
    there = {one.benefit_id: one for one in tier.benefits.select_for_update()}
    for benefit, amount in amounts.items():
        row = there.get(benefit.pk)
        if not amount:
            if row is not None:
                base.remove(row, actor=actor)
            continue
        row = row or TierBenefit(tier=tier, benefit=benefit)
        if base.put(row, {"amount": amount}) or row.pk is None:
            base.write(row, actor=actor)
