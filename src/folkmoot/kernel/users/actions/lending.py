"""Lending one's rights while one is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, order
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.users.actions.rights import held
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import Delegation, RightsEventKind

#: The longest time away that one lending covers.
LONGEST_DAYS = 366


@transaction.atomic
def lend(
    *,
    from_user: User,
    to_user: User,
    areas: Sequence[Area],
    first_day: dt.date,
    last_day: dt.date,
    actor: User,
) -> Delegation:
    """Let a colleague hold one's levels from the first to the last day, both in, in one's own time zone.

    The right to give rights (admin in Settings) is never lent: there, the colleague manages (``User.levels``).

    Raises:
        PermissionDenied: somebody else's rights, and the actor is no admin of the settings.
        ValidationError: days in the wrong order, past or too many; no area, or one the lender has no level in; a
            colleague who is switched off, or the same person.
    """
    if actor.pk != from_user.pk and not actor.has_perm("settings.admin"):
        raise PermissionDenied("lend")
    zone = from_user.time_zone or settings.DISPLAY_TIME_ZONE
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    problems: dict[str, str] = {}
    if from_user.pk == to_user.pk:
        problems["to_user"] = _("Choose somebody else than the one who is away.")
    elif not User.objects.filter(pk=to_user.pk, is_active=True).exists():
        problems["to_user"] = _("The account of %(name)s is switched off.") % {"name": to_user}
    if last_day < first_day:
        problems["last_day"] = order.days(_("Lending to %(name)s") % {"name": to_user}, first_day, last_day)
    elif last_day < today:
        problems["last_day"] = _("The last day is past.")
    elif (last_day - first_day).days >= LONGEST_DAYS:
        problems["last_day"] = _("Lend for a year at most.")
    own = held(from_user)
    missing = [str(area.label) for area in areas if area not in own]
    if not areas:
        problems["areas"] = _("Choose at least one area.")
    elif missing:
        problems["areas"] = _("%(name)s has no right in %(areas)s.") % {
            "name": from_user,
            "areas": ", ".join(missing),
        }
    if problems:
        raise ValidationError(problems)
    row = Delegation(
        from_user=from_user,
        to_user=to_user,
        areas=[area.value for area in Area if area in areas],
        first_day=first_day,
        last_day=last_day,
        zone=zone,
    )
    row.set_instants()
    row.save()
    names = ", ".join(str(name) for name in row.area_names)
    tell(
        RightsEventKind.LENT,
        actor=actor,
        subject=to_user,
        detail=f"{from_user}: {names}, {first_day.isoformat()} – {last_day.isoformat()}",
    )
    return row


@transaction.atomic
def end_lending(*, delegation: Delegation, actor: User | None) -> None:
    """End it now, by who lent, who holds, or an admin of the settings; ending it twice does nothing.

    Raises:
        PermissionDenied: the actor is none of them.
    """
    concerned = (delegation.from_user_id, delegation.to_user_id)
    if actor is not None and actor.pk not in concerned and not actor.has_perm("settings.admin"):
        raise PermissionDenied("end_lending")
    now = clock.now()
    if Delegation.objects.filter(pk=delegation.pk, ended_at__isnull=True, ends_at__gt=now).update(
        ended_at=now
    ):
        tell(
            RightsEventKind.LENDING_ENDED,
            actor=actor,
            subject=delegation.to_user,
            detail=str(delegation.from_user),
        )
