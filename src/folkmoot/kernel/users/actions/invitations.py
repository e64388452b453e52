"""Inviting somebody, and what they do with it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ids import token as new_token
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.text import clean, fold
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import Invitation, RightsEventKind

#: How long a link holds.
DAYS = 7


class InvitationProblem(Exception):
    """A link that cannot be used; the text says why and what to do."""


def hashed(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def invite(
    *, email: str, levels: Mapping[Area, Level], actor: User, name: str = "", message: str = ""
) -> tuple[Invitation, str]:
    """Make an invitation.

    Returns:
        the invitation and the token of its link, which is not kept.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
        ValidationError: no e-mail address, or one that signs in or is invited already.
    """
    demand(actor, "settings.admin")
    email = fold(email)
    validate_email(email)
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        raise ValidationError(
            _("%(email)s has an account already: change its rights on its page.")
            if known.is_active
            else _("%(email)s has an account that is switched off: switch it on again on its page."),
            params={"email": email},
        )
    if _open(email).exists():
        raise ValidationError(
            _("%(email)s is invited already: send that invitation again."), params={"email": email}
        )
    token = new_token()
    invitation = Invitation.objects.create(
        token_hash=hashed(token),
        email=email,
        name=clean(name),
        levels={area.value: int(level) for area, level in levels.items()},
        message=message.strip(),
        invited_by=actor,
        expires_at=clock.now() + dt.timedelta(days=DAYS),
    )
    tell(RightsEventKind.INVITED, actor=actor, subject=None, detail=_told(invitation))
    return invitation, token


@transaction.atomic
def send_again(*, invitation: Invitation, actor: User) -> str:
    """Give an open invitation a new link for another week; the old link ends.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
        ValidationError: it was accepted or withdrawn meanwhile.
    """
    demand(actor, "settings.admin")
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    _need_open(invitation)
    token = new_token()
    invitation.token_hash = hashed(token)
    invitation.expires_at = clock.now() + dt.timedelta(days=DAYS)
    invitation.save(update_fields=["token_hash", "expires_at"])
    tell(RightsEventKind.INVITED_AGAIN, actor=actor, subject=None, detail=invitation.email)
    return token


@transaction.atomic
def withdraw(*, invitation: Invitation, actor: User | None) -> None:
    """End an open invitation; doing it twice does nothing.

    Raises:
        PermissionDenied: the actor is no admin of the settings.
        ValidationError: it was accepted already.
    """
    if actor is not None:
        demand(actor, "settings.admin")
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.withdrawn_at is not None:
        return
    _need_open(invitation)
    invitation.withdrawn_at = clock.now()
    invitation.save(update_fields=["withdrawn_at"])
    tell(RightsEventKind.WITHDRAWN, actor=actor, subject=None, detail=invitation.email)


def usable(token: str) -> Invitation:
    """The invitation behind a link.

    Raises:
        InvitationProblem: there is none, or it was used or withdrawn, or is too old.
    """
    return _checked(Invitation.objects.filter(token_hash=hashed(token)).select_related("invited_by").first())


@transaction.atomic
def accept(*, invitation: Invitation, name: str = "", password: str | None = None) -> User:
    """Make the account with the rights of the invitation, once. Without a password, another way to sign in must follow.

    Raises:
        InvitationProblem: it was used, withdrawn or ran out meanwhile.
        ValidationError: the password is too weak.
    """
    found = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    invitation = _checked(found)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise InvitationProblem(_("There is an account with this e-mail already: sign in with it."))
    if password is not None:
        validate_password(password, User(email=invitation.email, name=clean(name)))
    inviter = invitation.invited_by
    user = add_user(
        email=invitation.email, name=clean(name) or invitation.name, password=password, by_themself=True
    )
    tell(RightsEventKind.ACCEPTED, actor=user, subject=user)
    for area in Area:
        if area in invitation.levels:
            grant(user=user, area=area, level=Level(invitation.levels[area]), actor=inviter)
    invitation.accepted_at = clock.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return user


def _open(email: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(email__iexact=email, accepted_at__isnull=True, withdrawn_at__isnull=True)


def _need_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise ValidationError(_("The invitation was accepted already."))
    if invitation.withdrawn_at is not None:
        raise ValidationError(_("The invitation was withdrawn already: invite them anew."))


def _checked(invitation: Invitation | None) -> Invitation:
    again = _("Ask the people who run this community for a new invitation.")
    if invitation is None:
        raise InvitationProblem(
            _("This link leads to no invitation: it may have been cut off on its way.") + " " + again
        )
    if invitation.accepted_at is not None:
        raise InvitationProblem(_("This invitation was accepted already: sign in with your account."))
    if invitation.withdrawn_at is not None:
        raise InvitationProblem(_("This invitation was withdrawn.") + " " + again)
    if invitation.has_run_out(clock.now()):
        raise InvitationProblem(
            _("This invitation is older than %(days)d days.") % {"days": DAYS} + " " + again
        )
    return invitation


def _told(invitation: Invitation) -> str:
    rights = ", ".join(f"{area} {level}" for area, level in invitation.rights)
    return f"{invitation.email}: {rights}" if rights else invitation.email
