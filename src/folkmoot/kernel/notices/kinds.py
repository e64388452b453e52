"""What a notice can be about, and what else a weekly digest tells: declared by the areas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice.

    Attributes:
        label: what happened, as a list's filter or a digest names it ("Mentioned in a note").
        area: the area it belongs to; ``""``: each notice says which.
        level: only people who hold at least this level in the area get and see it.
    """

    key: str
    label: Any
    area: str = ""
    level: Level = Level.VIEW
    icon: str = "bell"
    order: int = 0

    def areas(self) -> list[str]:
        """The areas that a notice of this kind can belong to."""
        return [self.area] if self.area else [area.value for area in Area]

    def may_see(self, user: User, area: str) -> bool:
        """Whether a person gets and sees a notice of this kind about an area."""
        return bool(user.is_active) and area in self.areas() and user.level_in(area) >= self.level


notice_kinds: Registry[NoticeKind] = Registry("kind of notice")


@dataclass(frozen=True)
class DigestLine:
    """One line of a weekly digest beside its notices: "People: 3 things need someone"; ``url`` is a path."""

    area: str
    text: str
    url: str


@dataclass(frozen=True)
class DigestPart:
    """What an app adds to the weekly digest.

    ``find(user, now, areas)`` returns lines about those areas that the person may see, in a fixed number of queries.
    """

    key: str
    label: Any
    find: Callable[[User, dt.datetime, frozenset[str]], Iterable[DigestLine]]
    order: int = 0


digest_parts: Registry[DigestPart] = Registry("part of the digest")
