"""The names of organisations and projects that a merge would lose: sources go on saying them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from folkmoot.kernel.text import fold
from folkmoot.people.models import Merge, Organization, OtherName, Person


def keep_names(merge: Merge, survivor: Any, names: Sequence[tuple[str, str, str]]) -> None:
    """Remember those names (kind, name, repository key) that are not the survivor's own now."""
    if isinstance(survivor, Person):
        return
    own_name = (getattr(survivor, "kind", ""), survivor.folded)
    own_repository = getattr(survivor, "repository_key", "")
    column = "organization" if isinstance(survivor, Organization) else "project"
    for kind, name, repository in names:
        lost_name = name if (kind, fold(name)) != own_name else ""
        lost_repository = repository if repository != own_repository else ""
        if not lost_name and not lost_repository:
            continue
        same = Q(folded=fold(lost_name), kind=kind, **{f"{column}__isnull": False})
        if lost_name and OtherName.objects.filter(same).exists():
            lost_name = ""
        if lost_repository and OtherName.objects.filter(repository_key=lost_repository).exists():
            lost_repository = ""
        if lost_name or lost_repository:
            OtherName.objects.create(
                merge=merge,
                name=lost_name,
                kind=kind if lost_name else "",
                repository_key=lost_repository,
                **{f"{column}_id": survivor.pk},
            )
