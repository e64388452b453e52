"""Who signs in, who was invited, and the log of rights."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.users.models import Delegation, Invitation, RightsEvent, lent_now


def users() -> QuerySet[User]:
    """Everybody with an account, with their grants and what is lent to them now (``lent``)."""
    lent = Delegation.objects.filter(lent_now(clock.now())).select_related("from_user")
    return User.objects.prefetch_related(
        Prefetch("grants", Grant.objects.order_by("area")), Prefetch("delegations_held", lent, to_attr="lent")
    )


def rights_in_words(grants: dict[str, int]) -> str:
    """ "People: manage, Reports: view"; one word where all areas are alike."""
    if not grants:
        return _("none")
    if len(grants) == len(Area) and len(set(grants.values())) == 1:
        level = Level(next(iter(grants.values())))
        return _("%(level)s everywhere") % {"level": level.label}
    return ", ".join(f"{area.label}: {Level(grants[area]).label}" for area in Area if area in grants)


def invitations() -> QuerySet[Invitation]:
    """All invitations with who sent them."""
    return Invitation.objects.select_related("invited_by", "accepted_by")


def open_invitations(now: dt.datetime) -> QuerySet[Invitation]:
    """Those that can still be accepted."""
    return invitations().filter(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now)


def rights_log() -> QuerySet[RightsEvent]:
    """Every line of the log with the people in it."""
    return RightsEvent.objects.select_related("actor", "subject")


def told(event: RightsEvent) -> str:
    """What changed, in words: "Funding: view → manage"."""
    if event.area:
        label = Area(event.area).label if event.area in Area.values else event.area
        before = Level(event.before).label if event.before else _("none")
        after = Level(event.after).label if event.after else _("none")
        return f"{label}: {before} → {after}"
    return event.detail


def delegations_of(user: User) -> dict[str, list[Delegation]]:
    """What the user lends (``given``) and holds of others (``held``), now or later."""
    rows = Delegation.objects.filter(
        Q(from_user=user) | Q(to_user=user), ended_at__isnull=True, ends_at__gt=clock.now()
    ).select_related("from_user", "to_user")
    given = [row for row in rows if row.from_user_id == user.pk]
    return {"given": given, "held": [row for row in rows if row.from_user_id != user.pk]}
