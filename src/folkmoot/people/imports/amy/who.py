"""Who of AMY's people and organisations is who here."""

from __future__ import annotations

from collections.abc import Iterable

from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import SourceRecord

PEOPLE, ORGANIZATIONS = "workshops.person", "workshops.organization"


def amy_people(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of a person (as text) -> the person here, who they are now after merges; one statement.

    Nobody is in it who was left out, was removed here, or asked to be forgotten.
    """
    return _now(PEOPLE, "person", pks)


def amy_organizations(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of an organisation (as text) -> the organisation here, after merges; one statement."""
    return _now(ORGANIZATIONS, "organization", pks)


def amy_users(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of a person (as text) -> the user who signs in as that person here, if any; one statement."""
    return _now(PEOPLE, "person__user", pks)


def _now(part: str, about: str, pks: Iterable[str | int | None]) -> dict[str, int]:
    keys = {str(pk) for pk in pks if pk is not None and pk != ""}
    if not keys:
        return {}
    column = about if "__" in about else f"{about}_id"
    found = SourceRecord.objects.filter(source=AMY, part=part, key__in=keys, **{f"{about}__isnull": False})
    return dict(found.values_list("key", column))
