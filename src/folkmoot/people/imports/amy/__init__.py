"""Coming from AMY: the source, its things, and the register's parts of it."""

from folkmoot.people.imports.amy import source

__all__ = ["source"]
