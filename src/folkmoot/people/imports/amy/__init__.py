"""Coming from AMY: the source, its things, and the register's parts of it."""

from folkmoot.people.imports.amy import (
    comments,
    consents,
    declared,
    inventory,
    organizations,
    persons,
    roles,
    source,
)

__all__ = ["comments", "consents", "declared", "inventory", "organizations", "persons", "roles", "source"]
