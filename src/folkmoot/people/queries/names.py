"""Organisations and projects by what sources call them: by their own name, or by one that a merge took from them."""

from __future__ import annotations

from collections.abc import Iterable

from folkmoot.kernel.text import fold
from folkmoot.people.models import Organization, OtherName, Project


def organizations_by_name(names: Iterable[str]) -> dict[str, Organization]:
    """Organisations by folded name, in at most two queries; who bears a name comes before who had it once."""
    folded = {fold(name) for name in names} - {""}
    found = {one.folded: one for one in Organization.objects.filter(folded__in=folded)}
    left = folded - set(found)
    if left:
        rows = OtherName.objects.filter(folded__in=left, organization__isnull=False)
        found |= {
            row.folded: row.organization
            for row in rows.select_related("organization")
            if row.organization is not None
        }
    return found


def former_project_names(folded: Iterable[str]) -> dict[tuple[str, str], Project]:
    """Projects by a kind and folded name that they had before a merge; one query."""
    wanted = set(folded) - {""}
    if not wanted:
        return {}
    rows = OtherName.objects.filter(folded__in=wanted, project__isnull=False).select_related("project")
    return {(row.kind, row.folded): row.project for row in rows if row.project is not None}


def repositories_taken_by_merges(beginning: str) -> list[tuple[str, Project]]:
    """Repository keys with this beginning that projects had before a merge, each with the project that stayed."""
    rows = OtherName.objects.filter(repository_key__startswith=beginning, project__isnull=False)
    return [
        (row.repository_key, row.project)
        for row in rows.select_related("project").order_by("pk")
        if row.project is not None
    ]


def former_repositories(keys: Iterable[str]) -> dict[str, Project]:
    """Projects by a repository key that they had before a merge; one query."""
    wanted = set(keys) - {""}
    if not wanted:
        return {}
    rows = OtherName.objects.filter(repository_key__in=wanted).select_related("project")
    return {row.repository_key: row.project for row in rows if row.project is not None}
