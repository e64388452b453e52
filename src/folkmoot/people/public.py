"""What the ledger and the areas may use of the register."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from folkmoot.kernel.text import fold
from folkmoot.people.identities import ensure_identities, looks_like_bot
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Team,
    Term,
    repository_key,
)
from folkmoot.people.seeds import load as load_seeds

__all__ = [
    "Affiliation",
    "Identity",
    "Organization",
    "Person",
    "Project",
    "RoleKind",
    "Tag",
    "Team",
    "Term",
    "ensure_identities",
    "load_seeds",
    "looks_like_bot",
    "projects_by_name",
    "projects_by_repository",
    "repository_key",
    "staff_terms",
]


def staff_terms() -> QuerySet[Term]:
    """Terms of all kinds of role that count as staff, past and future ones too; ``.on(day)`` narrows them to a day."""
    return Term.objects.filter(role_kind__is_staff=True)


def projects_by_name(names: Iterable[str], *, kind: str = "") -> dict[str, Project]:
    """Projects by folded name, in one query.

    A package stands before a repository, a repository before a lesson, where several kinds share the name.

    Args:
        kind: only this kind.
    """
    found = Project.objects.filter(folded__in={fold(name) for name in names})
    if kind:
        found = found.filter(kind=kind)
    rank = {Project.Kind.PACKAGE: 2, Project.Kind.REPOSITORY: 1, Project.Kind.LESSON: 0}
    return {
        project.folded: project for project in sorted(found, key=lambda one: rank[Project.Kind(one.kind)])
    }


def projects_by_repository(addresses: Iterable[str]) -> dict[str, Project]:
    """Projects by repository key (:func:`repository_key`), in one query."""
    keys = {key for address in addresses if (key := repository_key(address))}
    return {project.repository_key: project for project in Project.objects.filter(repository_key__in=keys)}
