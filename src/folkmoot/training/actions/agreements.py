"""Entering agreements, making them longer, renewing them; who holds them and who speaks for them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Sum
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import order, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.undo import Change, Undo, follows, last_change, removed
from folkmoot.people.public import Organization, Person
from folkmoot.training import agreement_telling
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    ContactRole,
    Extension,
    RegistrationCode,
    Tier,
    fold_code,
)
from folkmoot.training.queries import allowances, codes

#: The most days by which one extension makes an agreement longer, and the most other members of a consortium.
LONGEST, PARTIES = 3660, 200
#: Letters and digits that nobody takes for another.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_KEPT = (
    *("kind", "organization", "consortium", "grace_days", "contribution", "is_public", "document_url"),
    *("owner", "note"),
)


def _called(row: Agreement) -> str:
    """An agreement by whose it is, and by the days that it has now once it is there."""
    if row.pk is None:
        return _("The new agreement of %s") % row.holder
    there = Agreement.objects.select_related("organization", "tier").get(pk=row.pk)
    return _("The agreement “%s”") % there


saving.say({"agreement_ends_after_it_starts": ("ends_on", order.kept(_called, "starts_on", "ends_on"))})


class AgreementFields(TypedDict, total=False):
    """What may be said of an agreement; what is left out stays as it is."""

    kind: str
    organization: Organization
    consortium: str
    parties: Iterable[Organization]
    tier: Tier
    starts_on: dt.date
    ends_on: dt.date
    grace_days: int
    contribution: str
    is_public: bool
    document_url: str
    owner: User | None
    note: str
    code: str


@transaction.atomic
def save_agreement(
    *,
    values: AgreementFields,
    actor: Actor,
    agreement: Agreement | None = None,
    seen: int | None = None,
    with_benefits: bool = True,
) -> Agreement:
    """Enter an agreement, or change what is said of it; what is not named stays.

    A new one is whose who enters it, gets a code, and the benefits of its tier.

    Args:
        with_benefits: a new one gets the benefits of its tier.

    Raises:
        ValidationError: by field; a code in use, with whose it is; ``ChangedMeanwhile``.
    """
    row = base.locked(agreement, seen) if agreement is not None else Agreement(owner=actor)
    is_new = row.pk is None
    plain = {name: value for name, value in values.items() if name not in ("parties", "code")}
    if base.put(row, plain) or is_new:
        base.write(row, actor=actor)
    if "parties" in values:
        _set_parties(row, list(values["parties"]), actor)
    if is_new or "code" in values:
        set_code(agreement=row, text=values.get("code", ""), actor=actor)
    if is_new and with_benefits:
        for one in row.tier.benefits.select_related("benefit").order_by("benefit__order", "pk"):
            base.write(Allowance(agreement=row, benefit=one.benefit, granted=one.amount), actor=actor)
    rows_changed(Agreement, [row.pk])
    return row


def _set_parties(row: Agreement, wanted: list[Organization], actor: Actor) -> None:
    """The other members of a consortium, the main organisation left out."""
    if len(wanted) > PARTIES:
        raise ValidationError({"parties": _("At most %(n)d organisations.") % {"n": PARTIES}})
    by_pk = {one.pk: one for one in wanted if one.pk != row.organization_id}
    there = {one.organization_id: one for one in row.parties.all()}
    for pk, one in there.items():
        if pk not in by_pk:
            base.remove(one, actor=actor)
    for pk, organization in by_pk.items():
        if pk not in there:
            base.write(AgreementParty(agreement=row, organization=organization), actor=actor)


@transaction.atomic
def set_code(
    *, agreement: Agreement, text: str, actor: Actor, allowance: Allowance | None = None
) -> RegistrationCode | None:
    """Give an agreement, or one allowance of it, its code. Without a text an agreement that has none gets a new one,
    and an allowance has none any more.

    Raises:
        ValidationError: the code is in use; it says by which agreement.
    """
    text = base.line(text)[:60]
    found = RegistrationCode.objects.filter(agreement=agreement, allowance=allowance).first()
    if not text:
        if allowance is not None:
            if found is not None:
                base.remove(found, actor=actor)
            return None
        if found is not None:
            return found
        text = new_code(agreement)
    other = codes.known(text)
    if other is not None and (found is None or other.pk != found.pk):
        raise ValidationError(
            {
                "code": _(
                    "“%(code)s” is in use by the agreement of %(holder)s (%(tier)s): choose another code."
                )
                % {"code": text, "holder": other.agreement.holder, "tier": other.agreement.tier}
            },
            code="taken",
        )
    row = found or RegistrationCode(agreement=agreement, allowance=allowance)
    if base.put(row, {"text": text}) or row.pk is None:
        base.write(row, actor=actor)
        rows_changed(Agreement, [agreement.pk])
    return row


def new_code(agreement: Agreement) -> str:
    """A code that no agreement has."""
    while True:
        text = made_up_code(agreement.holder)
        if not RegistrationCode.objects.filter(folded=fold_code(text)).exists():
            return text


def made_up_code(holder: str) -> str:
    """A code that nobody guesses and everybody can read aloud: ``leeds-k7mx2q9d``."""
    name = slugify(holder)[:24].strip("-") or "code"
    return f"{name}-{''.join(secrets.choice(_READABLE) for _ in range(8))}"


@transaction.atomic
def extend(*, agreement: Agreement, days: int, reason: str, actor: Actor) -> Undo:
    """Make an agreement longer.

    Raises:
        ValidationError: no days, too many, or no reason.
    """
    row = base.locked(agreement)
    if days > LONGEST:
        raise ValidationError(
            {
                "days": ngettext(
                    "At most %(n)d day: renew it instead.", "At most %(n)d days: renew it instead.", LONGEST
                )
                % {"n": LONGEST}
            }
        )
    made = Extension(agreement=row, days=days, reason=base.line(reason)[:300], made_by=actor)
    base.write(made, actor=actor)
    changed = _reckon(row, actor)
    return Undo((*last_change(made).changes, *changed.changes))


@transaction.atomic
def remove_extension(*, extension: Extension, actor: Actor) -> Undo:
    """Take an extension back that was entered by mistake."""
    row = base.locked(extension.agreement)
    gone = removed(base.locked(extension), actor=actor)
    changed = _reckon(row, actor)
    return Undo((*gone.changes, *changed.changes))


def _reckon(row: Agreement, actor: Actor) -> Undo:
    """Bring the days by which it was extended to what its extensions say."""
    days = row.extensions.aggregate(days=Sum("days"))["days"] or 0
    if not base.put(row, {"extended_days": days}):
        return Undo()
    base.write(row, actor=actor)
    rows_changed(Agreement, [row.pk])
    return last_change(row)


@transaction.atomic
def renew(
    *,
    agreement: Agreement,
    starts_on: dt.date,
    ends_on: dt.date,
    tier: Tier,
    actor: Actor,
    rolled: Mapping[int, int] | None = None,
    code: str = "",
    with_contacts: bool = True,
) -> Undo:
    """Make the agreement that follows one, with a code of its own and the benefits of its tier. The ledger is told.

    Args:
        rolled: how much of which allowance (by number) it takes over.

    Returns:
        what takes all of it back; its first change is the new agreement.

    Raises:
        ValidationError: it is renewed already; it begins before the old one; more is taken over than is left.
    """
    old = base.locked(agreement)
    after = Agreement.objects.select_related("organization", "tier").filter(renews=old).first()
    if after is not None:
        raise ValidationError(
            _("It is renewed already: %(agreement)s. Change that one, or remove it first.")
            % {"agreement": after},
            code="renewed",
        )
    if starts_on <= old.starts_on:
        raise ValidationError(
            {"starts_on": _("The next agreement begins after this one did (%s).") % base.day(old.starts_on)},
            code="order",
        )
    made = Agreement(
        **{name: getattr(old, name) for name in _KEPT},
        tier=tier,
        starts_on=starts_on,
        ends_on=ends_on,
        renews=old,
    )
    base.write(made, actor=actor)
    changes = list(last_change(made).changes)
    for party in old.parties.select_related("organization"):
        changes += _written(AgreementParty(agreement=made, organization=party.organization), actor)
    if with_contacts:
        for one in old.contacts.select_related("person", "role"):
            changes += _written(AgreementContact(agreement=made, person=one.person, role=one.role), actor)
    found = set_code(agreement=made, text=code, actor=actor)
    if found is not None:
        changes += last_change(found).changes
    changes += _roll_over(old, made, rolled or {}, actor)
    rows_changed(Agreement, [made.pk, old.pk])
    agreement_telling.tell_renewed(made)
    return Undo(tuple(changes))


def _written(row: models.Model, actor: Actor) -> tuple[Change, ...]:
    base.write(row, actor=actor)
    return last_change(row).changes


def _roll_over(old: Agreement, made: Agreement, rolled: Mapping[int, int], actor: Actor) -> list[Change]:
    """The benefits of the tier, and what is taken over of the old agreement, each as an allowance."""
    granted = {one.benefit_id: one.amount for one in made.tier.benefits.all()}
    changes: list[Change] = []
    there = {one.pk: one for one in allowances.of_agreement(old).select_for_update(of=("self",))}
    for pk, amount in rolled.items():
        before = there.get(pk)
        if amount <= 0:
            continue
        if before is None:
            raise ValidationError(
                _("This allowance belongs to another agreement. Reload the page."), code="other"
            )
        if amount > max(before.left, 0):
            raise ValidationError(
                _("Only %(left)d of “%(benefit)s” is left: %(amount)d cannot be taken over.")
                % {"left": max(before.left, 0), "benefit": before.benefit.name, "amount": amount},
                code="beyond",
            )
        next_one = Allowance(
            agreement=made,
            benefit=before.benefit,
            curriculum=before.curriculum,
            granted=0 if before.curriculum_id else granted.pop(before.benefit_id, 0),
            rolled=amount,
            rolled_from=before,
        )
        changes += _written(next_one, actor)
    for benefit in made.tier.benefits.select_related("benefit").order_by("benefit__order", "pk"):
        if benefit.benefit_id in granted:
            row = Allowance(agreement=made, benefit=benefit.benefit, granted=benefit.amount)
            changes += _written(row, actor)
    return changes


@transaction.atomic
def remove_agreement(*, agreement: Agreement, actor: Actor) -> Undo:
    """Take out an agreement that was entered by mistake, with its contacts and allowances.

    Raises:
        ValidationError: something was taken from it, or another one continues it.
    """
    row = base.locked(agreement)
    number = sum(one.uses.count() for one in row.allowances.all())
    if number:
        raise ValidationError(
            ngettext(
                "It cannot be removed: %(n)d seat or event was taken from it. Give that back first.",
                "It cannot be removed: %(n)d seats or events were taken from it. Give them back first.",
                number,
            )
            % {"n": number},
            code="used",
        )
    if Agreement.objects.filter(renews=row).exists():
        raise ValidationError(_("Another agreement continues it: remove that one first."), code="renewed")
    changes: list[Change] = []
    # The order in which they can go: what names another row before that row.
    for rows in (row.codes, row.contacts, row.parties, row.extensions, row.allowances):
        for one in rows.all():
            changes += removed(one, actor=actor).changes
    changes += removed(row, actor=actor).changes
    rows_changed(Agreement, [row.pk])
    return Undo(tuple(changes))


@transaction.atomic
def add_contact(*, agreement: Agreement, person: Person, role: ContactRole, actor: Actor) -> AgreementContact:
    """Say who speaks for the other side, and as what.

    Raises:
        ValidationError: they have this role already, or their record is archived.
    """
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError({"person": _("This record is archived.")}, code="archived")
    row = AgreementContact(agreement=agreement, person=person, role=role)
    base.write(row, actor=actor)
    rows_changed(Agreement, [agreement.pk])
    return row


@transaction.atomic
def remove_contact(*, contact: AgreementContact, actor: Actor) -> Undo:
    """Somebody speaks for the other side no more."""
    row = base.locked(contact)
    undo = removed(row, actor=actor)
    rows_changed(Agreement, [row.agreement_id])
    return undo


@follows("training.agreement")
def _found_again(row: models.Model, kind: str, actor: Actor) -> None:
    """What is taken back is found by what it says then."""
    rows_changed(Agreement, [row.pk])
