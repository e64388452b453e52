"""What AMY's agreements are made of: roles of contacts, benefits, tiers, credits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.training.imports.amy.basics import RowsPart, label
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import AgreementKind, BenefitKind, ContactRole, Counts, Tier, TierBenefit


@source_parts.declare
class ContactRoles(RowsPart):
    """Roles of people in memberships."""

    key: ClassVar[str] = "amy.training.contact_roles"
    order: ClassVar[int] = 309
    models: ClassVar[tuple[str, ...]] = ("fiscal.membershippersonrole",)
    counters: ClassVar[tuple[str, ...]] = ("contact_roles",)
    model = ContactRole
    counter = "contact_roles"
    words_table = "contact_roles"
    columns: ClassVar[Mapping[str, str]] = {"name": "verbose_name"}

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"name": said.line("verbose_name", 100) or label(said.line("name", 100))}


@source_parts.declare
class Benefits(RowsPart):
    """Benefits that accounts buy: kinds of benefits."""

    key: ClassVar[str] = "amy.training.benefits"
    order: ClassVar[int] = 310
    models: ClassVar[tuple[str, ...]] = ("offering.benefit",)
    counters: ClassVar[tuple[str, ...]] = ("benefits",)
    model = BenefitKind
    counter = "benefits"
    columns: ClassVar[Mapping[str, str]] = {"is_archived": "active"}

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        values: dict[str, Any] = {"description": said.text("description")}
        if said.has("active"):
            values["is_archived"] = not said.is_true("active")
        return values

    def fixed(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"counts": Counts.EVENT if said.fields.get("unit_type") == "event" else Counts.SEAT}


@source_parts.declare
class Tiers(RowsPart):
    """Tiers of partnerships, and the credits that each gives."""

    key: ClassVar[str] = "amy.training.tiers"
    order: ClassVar[int] = 311
    models: ClassVar[tuple[str, ...]] = ("fiscal.partnershiptier",)
    counters: ClassVar[tuple[str, ...]] = ("tiers", "tier_benefits")
    model = Tier
    counter = "tiers"

    def fixed(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"kind": AgreementKind.PARTNER}

    def bring(self, chunk: Chunk) -> None:
        super().bring(chunk)
        chunk.find(more={said.key for said in chunk.said})
        credits = credits_kind(chunk)
        given = {row.tier_id: row for row in TierBenefit.objects.filter(benefit=credits)}
        wanted = []
        for said in chunk.said:
            tier, amount = chunk.rows.get(said.key), said.number("credits")
            if tier is not None and amount is not None:
                fixed = {"tier_id": tier, "benefit_id": credits.pk}
                wanted.append(
                    Wanted(
                        f"{said.key}#credits",
                        {"amount": amount},
                        given.get(tier),
                        fixed,
                        said.row,
                        {"amount": "credits"},
                    )
                )
        bring(chunk.changes, source=SOURCE, model=TierBenefit, wanted=wanted, counter="tier_benefits")


def credits_kind(chunk: Chunk) -> BenefitKind:
    """The benefit that is counted in credits: the one that the house comes with, or the first, or a new one."""
    rows = BenefitKind.objects.filter(counts=Counts.CREDIT).order_by("is_archived", "order", "pk")
    found = rows.first()
    if found is None:
        new = BenefitKind(slug=words()["credits"], name="Credits", counts=Counts.CREDIT)
        [found] = chunk.changes.create(BenefitKind, [new], counter="benefits")
    return found
