"""Kinds of events, parts, a pattern of certificates, tiers and benefits to begin with: YAML that a person can read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.db import models, transaction

from folkmoot.kernel import audit
from folkmoot.training.models import (
    BenefitKind,
    CertificatePattern,
    ContactRole,
    EventKind,
    TaskKind,
    Tier,
    TierBenefit,
)

M = TypeVar("M", bound=models.Model)

FOLDER = Path(__file__).parent


@cache
def data() -> dict[str, list[dict[str, Any]]]:
    """What ``training.yml`` says."""
    said: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (FOLDER / "training.yml").read_text(encoding="utf-8")
    )
    return said


@transaction.atomic
def load() -> int:
    """Make the kinds, parts and patterns that are not there and never were.

    What a person edited or removed is left as it is: whatever once had a row here is known by its history.

    Returns:
        how many rows were made.
    """
    said = data()
    made = fresh(
        CertificatePattern,
        [
            CertificatePattern(
                slug=row["slug"],
                name=row["name"],
                svg=(FOLDER / row["file"]).read_text(encoding="utf-8"),
            )
            for row in said["patterns"]
        ],
    )
    patterns = {row.slug: row for row in CertificatePattern.objects.all()}
    kinds = [
        EventKind(
            **{name: value for name, value in row.items() if name != "certificate"},
            certificate=patterns.get(row.get("certificate", "")),
            order=(place + 1) * 10,
        )
        for place, row in enumerate(said["kinds"])
    ]
    parts = [TaskKind(**row, order=(place + 1) * 10) for place, row in enumerate(said["parts"])]
    made += fresh(EventKind, kinds) + fresh(TaskKind, parts)
    return made + _agreements(said)


def _agreements(said: dict[str, list[dict[str, Any]]]) -> int:
    """Benefits, tiers and roles of contacts."""
    kinds = {row.slug: row for row in EventKind.objects.all()}
    benefits = [
        BenefitKind(
            **{name: value for name, value in row.items() if name != "event_kind"},
            event_kind=kinds.get(row.get("event_kind", "")),
            order=(place + 1) * 10,
        )
        for place, row in enumerate(said["benefits"])
    ]
    tiers = [
        Tier(**{name: value for name, value in row.items() if name != "amounts"}, order=(place + 1) * 10)
        for place, row in enumerate(said["tiers"])
    ]
    roles = [ContactRole(**row, order=(place + 1) * 10) for place, row in enumerate(said["contact_roles"])]
    before = set(Tier.objects.values_list("slug", flat=True))
    made = fresh(BenefitKind, benefits) + fresh(Tier, tiers) + fresh(ContactRole, roles)
    return made + _amounts(said, before)


def _amounts(said: dict[str, list[dict[str, Any]]], before: set[str]) -> int:
    """How much the tiers give that were made just now; what is there already is the community's own."""
    tiers = {row.slug: row for row in Tier.objects.exclude(slug__in=before)}
    kinds = {row.slug: row for row in BenefitKind.objects.all()}
    rows = [
        TierBenefit(tier=tiers[row["slug"]], benefit=kinds[slug], amount=amount)
        for row in said["tiers"]
        if row["slug"] in tiers
        for slug, amount in row.get("amounts", {}).items()
        if slug in kinds
    ]
    audit.bulk_create(TierBenefit, rows, reason="setup")
    return len(rows)


def fresh(model: type[M], rows: list[M]) -> int:
    """Insert those whose short name is not there and never was."""
    history: Any = model.history.model  # type: ignore[attr-defined]
    known = {
        *model._default_manager.values_list("slug", flat=True),
        *history.objects.values_list("slug", flat=True),
    }
    new = [row for row in rows if row.slug not in known]  # type: ignore[attr-defined]
    audit.bulk_create(model, new, reason="setup")
    return len(new)
