"""Rows that an installation starts with, and what the fields of known sources mean: YAML that a person can read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.models import GenericValue, OrganizationKind, RoleKind

FOLDER = Path(__file__).parent


@cache
def data(name: str) -> Any:
    """The content of ``<name>.yml`` in this folder."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


@cache
def role_kinds() -> dict[str, dict[str, Any]]:
    """The roles as seeded, by slug."""
    return {row["slug"]: row for row in data("role-kinds")}


@cache
def known_bots(system: str) -> frozenset[str]:
    """Folded handles on the system that are machines."""
    return frozenset(fold(handle) for handle in data("bots").get(system, ()))


@transaction.atomic
def load() -> int:
    """Make the kinds of role that are not there; one that a person edited or removed is left as it is.

    Returns:
        how many were made.
    """
    kinds = role_kinds()
    removed = RoleKind.history.filter(slug__in=kinds, history_type="-")
    known = set(removed.exclude(history_change_reason__startswith="undo of ").values_list("slug", flat=True))
    known |= set(RoleKind.objects.filter(slug__in=kinds).values_list("slug", flat=True))
    fresh = [RoleKind(**row) for slug, row in kinds.items() if slug not in known]
    audit.bulk_create(RoleKind, fresh, reason="seeds")
    return len(fresh)


@transaction.atomic
def load_organization_kinds() -> int:
    """Make the kinds of organisation that are not there; one that a person edited or removed is left as it is.

    Returns:
        how many were made.
    """
    kinds = {row["slug"]: row for row in data("organization_kinds")}
    removed = OrganizationKind.history.filter(slug__in=kinds, history_type="-")
    known = set(removed.values_list("slug", flat=True))
    known |= set(OrganizationKind.objects.filter(slug__in=kinds).values_list("slug", flat=True))
    fresh = [OrganizationKind(**row) for slug, row in kinds.items() if slug not in known]
    audit.bulk_create(OrganizationKind, fresh, reason="seeds")
    return len(fresh)


@transaction.atomic
def load_generic_values() -> int:
    """Fill the list of names and mailboxes that many share, while it is empty: what a person takes off stays off.

    Returns:
        how many were listed.
    """
    if GenericValue.objects.exists():
        return 0
    rows = [
        GenericValue(kind=kind, value=value) for kind, values in data("generic").items() for value in values
    ]
    for row in rows:
        row.folded = fold_accents(row.value) if row.kind == GenericValue.Kind.NAME else fold(row.value)
    return len(GenericValue.objects.bulk_create(rows))
