"""Who may see Today: everybody who is signed in; each sees what their areas allow."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.permissions.predicates import has_any_level, is_signed_in

rules.add_perm("home.view_today", is_signed_in)
#: Whom Today is for. A member without any right is led to their own record instead.
rules.add_perm("home.work", has_any_level(Level.VIEW))


@rules.predicate
def works_in(user: Any, area: Any) -> bool:
    """The user contributes to the area; without one: to some area."""
    if not user.is_active:
        return False
    held = [user.level_in(area)] if area else user.levels.values()
    return any(level >= Level.CONTRIBUTE for level in held)


#: Giving things on Today to somebody.
rules.add_perm("home.assign", works_in)
