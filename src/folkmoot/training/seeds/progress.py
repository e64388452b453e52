"""Requirements, ways to get involved and badges to begin with: YAML that a person can read."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from django.db import transaction

from folkmoot.people.public import RoleKind
from folkmoot.training.models import Badge, CertificatePattern, EventKind, Involvement, Requirement
from folkmoot.training.seeds import FOLDER, fresh


@cache
def data() -> dict[str, list[dict[str, Any]]]:
    """What ``progress.yml`` says."""
    said: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (FOLDER / "progress.yml").read_text(encoding="utf-8")
    )
    return said


def _but(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@transaction.atomic
def load_progress() -> int:
    """Make the requirements, ways to get involved and badges that are not there and never were.

    Returns:
        how many rows were made.
    """
    said = data()
    kinds = {row.slug: row for row in EventKind.objects.all()}
    made = fresh(
        Requirement,
        [
            Requirement(
                **_but(row, "event_kind"), event_kind=kinds.get(row.get("event_kind", "")), order=place * 10
            )
            for place, row in enumerate(said["requirements"], 1)
        ],
    )
    requirements = {row.slug: row for row in Requirement.objects.all()}
    made += fresh(
        Involvement,
        [
            Involvement(
                **_but(row, "requirement"), requirement=requirements[row["requirement"]], order=place * 10
            )
            for place, row in enumerate(said["involvements"], 1)
            if row["requirement"] in requirements
        ],
    )
    roles = {row.slug: row for row in RoleKind.objects.all()}
    patterns = {row.slug: row for row in CertificatePattern.objects.all()}
    before = set(Badge.objects.values_list("slug", flat=True))
    made += fresh(
        Badge,
        [
            Badge(
                **_but(row, "requirements", "role_kind", "certificate"),
                role_kind=roles.get(row.get("role_kind", "")),
                certificate=patterns.get(row.get("certificate", "")),
                order=place * 10,
            )
            for place, row in enumerate(said["badges"], 1)
        ],
    )
    new = {row.slug: row for row in Badge.objects.exclude(slug__in=before)}
    for row in said["badges"]:
        if row["slug"] in new:
            leads = [requirements[slug] for slug in row.get("requirements", ()) if slug in requirements]
            new[row["slug"]].requirements.set(leads)
    return made
