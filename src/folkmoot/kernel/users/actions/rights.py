"""Giving and taking rights."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant


def held(user: User) -> dict[str, int]:
    """The levels that were given to the user; what is lent to them for some days is left out."""
    return dict(Grant.objects.filter(user=user).values_list("area", "level"))


@transaction.atomic
def change_levels(*, user: User, levels: Mapping[Area, Level | None], actor: User) -> int:
    """Set the user's level in each named area; ``None`` takes the right away.

    Returns:
        in how many areas that changed something.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
        ValidationError: somebody raises their own level, or nobody would be left who may give rights.
    """
    demand(actor, "settings.admin")
    before = held(user)
    changes = {area: level for area, level in levels.items() if before.get(area) != level}
    if user.pk == actor.pk:
        raised = [str(area.label) for area, level in changes.items() if (level or 0) > before.get(area, 0)]
        if raised:
            raise ValidationError(
                _("You cannot raise your own rights (%(areas)s): ask another admin.")
                % {"areas": ", ".join(raised)}
            )
    for area, level in changes.items():
        grant(user=user, area=area, level=level, actor=actor)
    return len(changes)
