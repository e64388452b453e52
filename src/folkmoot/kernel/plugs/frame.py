"""The frame: entries of the navigation, things that the search and "New" offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class NavEntry:
    """An entry of the navigation; with a ``parent`` it stands below that entry."""

    key: str
    label: Any
    url_name: str
    icon: str = ""
    permission: str = ""
    parent: str = ""
    order: int = 0
    #: A number shown beside it (what is open), or ``None`` to show none. At most one query.
    badge: Callable[[User], int | None] | None = None
    #: What the address takes.
    arguments: tuple[str, ...] = ()
    #: Names of further pages that belong to it, though their addresses begin otherwise.
    also: tuple[str, ...] = ()


navigation: Registry[NavEntry] = Registry("navigation entry")


@dataclass(frozen=True)
class Command:
    """Something to do that the search box and the "New" menu offer ("Import", "New person")."""

    key: str
    label: Any
    url_name: str
    permission: str
    icon: str = "arrow-right"
    in_new_menu: bool = False
    order: int = 0


commands: Registry[Command] = Registry("command")
