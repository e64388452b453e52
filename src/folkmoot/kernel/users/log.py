"""Writing the log of rights and sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folkmoot.kernel.users.models import RightsEvent, RightsEventKind

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


def tell(
    kind: RightsEventKind,
    *,
    actor: User | None,
    subject: User | None,
    area: str = "",
    before: int | None = None,
    after: int | None = None,
    detail: Any = "",
) -> RightsEvent:
    """Add one line, in the caller's transaction; ``actor`` is ``None`` for the command line."""
    return RightsEvent.objects.create(
        kind=kind,
        actor=actor,
        subject=subject,
        area=area,
        before=before,
        after=after,
        detail=str(detail)[:300],
    )
