"""Who may look into the outbox, change what waits, approve, and pause."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_any_level, has_level

SEES, CHANGES = Level.CONTRIBUTE, Level.MANAGE


@rules.predicate
def manages_its_area(user: Any, delivery: Any) -> bool:
    """The user manages the area that the delivery belongs to; without one, some area."""
    if not getattr(user, "is_active", False):
        return False
    if delivery is None:
        return any(user.level_in(area) >= CHANGES for area in Area)
    return bool(user.level_in(delivery.area) >= CHANGES)


@rules.predicate
def may_say_what_became_of_it(user: Any, delivery: Any) -> bool:
    """The user manages its area, or is the one whom the channel names to post by hand."""
    from folkmoot.outbox.by_hand import is_its_hand

    if not getattr(user, "is_active", False):
        return False
    if delivery is None:
        return any(user.level_in(area) >= SEES for area in Area)
    return bool(user.level_in(delivery.area) >= CHANGES) or is_its_hand(user, delivery)


#: The list and its pages; each sees what belongs to areas that they contribute to.
rules.add_perm("outbox.view", has_any_level(SEES))
#: Moving, cancelling, sending now or again what waits.
rules.add_perm("outbox.change", manages_its_area)
#: Saying that a post by hand is done, or is not.
rules.add_perm("outbox.tell", may_say_what_became_of_it)
#: Stopping everything, in a bad moment: whoever manages anything may; letting it go again too.
rules.add_perm("outbox.switch", has_any_level(CHANGES))
#: Mail texts; those of a kind: whoever manages its area.
rules.add_perm("outbox.write", manages_its_area)
#: Channels with their passwords, approval rules.
rules.add_perm("outbox.admin", has_level(Area.SETTINGS, Level.ADMIN))
#: Addresses that get no mail.
rules.add_perm("outbox.suppress", has_any_level(CHANGES))


def areas_of(user: Any, level: Level = SEES) -> list[str]:
    """The areas in which the user holds at least this level."""
    if not getattr(user, "is_active", False):
        return []
    return [area.value for area in Area if user.level_in(area) >= level]
