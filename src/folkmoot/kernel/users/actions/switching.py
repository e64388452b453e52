"""Switching accounts off and on again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import need_another_admin
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.plugs import handovers
from folkmoot.kernel.users.actions.invitations import withdraw
from folkmoot.kernel.users.actions.lending import end_lending
from folkmoot.kernel.users.actions.sessions import end_sessions
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import Delegation, Invitation, RightsEventKind


@transaction.atomic
def switch_off(*, user: User, actor: User, colleague: User | None = None) -> dict[str, int]:
    """End somebody's access: their sessions end, open things go to the colleague, all history stays.

    What they lent or hold of others ends, and open invitations that they sent are withdrawn. Their rights stay with
    the account, so that switching it on again brings back what was. Doing it twice does nothing.

    Returns:
        how many things of each kind (:class:`folkmoot.kernel.plugs.Handover`) were handed over.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
        ValidationError: oneself, the last admin, open things without a colleague, or a colleague who is switched off.
    """
    demand(actor, "settings.admin")
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        return {}
    if user.pk == actor.pk:
        raise ValidationError(_("You cannot switch yourself off: ask another admin."))
    if colleague is not None and not User.objects.filter(pk=colleague.pk, is_active=True).exclude(pk=user.pk):
        raise ValidationError({"colleague": _("Choose a colleague who signs in.")})
    need_another_admin(user)
    open_things = {source.key: source.count(user) for source in handovers}
    if colleague is None and any(open_things.values()):
        raise ValidationError({"colleague": _("There are open things: choose who takes them over.")})
    moved = {}
    if colleague is not None:
        moved = {
            source.key: source.move(user, colleague, actor) for source in handovers if open_things[source.key]
        }
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user=user, actor=actor)
    now = clock.now()
    lendings = Delegation.objects.filter(
        Q(from_user=user) | Q(to_user=user), ended_at__isnull=True, ends_at__gt=now
    )
    for lending in lendings.select_related("from_user", "to_user"):
        end_lending(delegation=lending, actor=actor)
    for invitation in Invitation.objects.filter(
        invited_by=user, accepted_at__isnull=True, withdrawn_at__isnull=True
    ):
        withdraw(invitation=invitation, actor=actor)
    tell(RightsEventKind.SWITCHED_OFF, actor=actor, subject=user, detail=colleague or "")
    return moved


@transaction.atomic
def switch_on(*, user: User, actor: User) -> None:
    """Let somebody sign in again, with the rights that they had; doing it twice does nothing.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
    """
    demand(actor, "settings.admin")
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        user.is_active = True
        tell(RightsEventKind.SWITCHED_ON, actor=actor, subject=user)
