"""What the sections of an area share: its figures, linked for who may open them; nothing before its first row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folkmoot.kernel.metrics import Measured, Scope, compute_all
from folkmoot.kernel.reporting import Block, Figure, ReportSection, Section, figure_of

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


def figures_of(
    scope: Scope, user: User | None, *keys: str, permission: str
) -> tuple[dict[str, Measured], tuple[Figure, ...]]:
    """Metrics, measured and as figures of a report.

    Args:
        permission: what the reader needs to open the rows behind them.
    """
    may_open = user is not None and user.has_perm(permission)
    measured = compute_all(scope, keys)
    return measured, tuple(figure_of(one, rows_link=may_open) for one in measured.values())


class AreaSection(ReportSection):
    """A section that an area tells of itself, in its own report or in the community's; declare subclasses.

    Attributes:
        area_permission: what the reader needs to open the rows behind its figures.
    """

    area_permission: str

    def is_empty(self, scope: Scope) -> bool:
        """Whether nothing of the area is known yet: then the report goes without the section."""
        raise NotImplementedError

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """What the section holds, when there is something to tell."""
        raise NotImplementedError

    def figures(
        self, scope: Scope, user: User | None, *keys: str
    ) -> tuple[dict[str, Measured], tuple[Figure, ...]]:
        """Metrics of the area, measured and as figures."""
        return figures_of(scope, user, *keys, permission=self.area_permission)

    def build(self, scope: Scope, user: User | None) -> Section | None:
        """The section; ``None`` before the area's first row."""
        if self.is_empty(scope):
            return None
        return Section(self.key, str(self.title), self.blocks(scope, user))
