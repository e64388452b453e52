"""Sign-ins and changes of how somebody signs in, told to the log of rights."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as second_step
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.signin import kept as _kept  # noqa: F401 - registers itself
from folkmoot.kernel.signin import providers
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import RightsEventKind as Kind


def ways(request: Any, user: User) -> str:
    """How somebody signed in, in words: "password, authenticator app"."""
    names = []
    for record in get_authentication_records(request, user):
        if record.get("reauthenticated"):
            continue
        key = record.get("type") or record["method"]
        names.append(
            {
                "password": _("password"),
                "code": _("link by e-mail"),
                "totp": _("authenticator app"),
                "webauthn": _("passkey"),
                "recovery_codes": _("recovery code"),
                "socialaccount": providers.label(record.get("provider", "")),
            }.get(key, key)
        )
    return ", ".join(dict.fromkeys(names))


@receiver(account.user_logged_in)
def signed_in(request: Any, user: User, **rest: Any) -> None:
    """Somebody is in."""
    tell(Kind.SIGNED_IN, actor=user, subject=user, detail=ways(request, user))


@receiver(user_login_failed)
def refused(credentials: dict[str, Any], **rest: Any) -> None:
    """A wrong password for an account that exists; what was typed for others is not kept: it may be a password."""
    email = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.filter(email__iexact=str(email)).first() if email else None
    if user is not None:
        tell(Kind.REFUSED, actor=None, subject=user)


@receiver(account.password_changed)
@receiver(account.password_set)
@receiver(account.password_reset)
def password(user: User, **rest: Any) -> None:
    """Somebody has a new password."""
    tell(Kind.PASSWORD, actor=user, subject=user)


def step(authenticator: Authenticator) -> str:
    """A second step in words."""
    return {
        "totp": _("authenticator app"),
        "webauthn": _("passkey"),
        "recovery_codes": _("recovery codes"),
    }.get(str(authenticator.type), str(authenticator.type))


@receiver(second_step.authenticator_added)
def added(user: User, authenticator: Authenticator, **rest: Any) -> None:
    """A second step or passkey more."""
    tell(Kind.SECOND_STEP_ON, actor=user, subject=user, detail=step(authenticator))


@receiver(second_step.authenticator_removed)
def removed(user: User, authenticator: Authenticator, **rest: Any) -> None:
    """A second step or passkey less."""
    tell(Kind.SECOND_STEP_OFF, actor=user, subject=user, detail=step(authenticator))


@receiver(social.social_account_added)
def linked(sociallogin: Any, **rest: Any) -> None:
    """Another account may sign in as this user from now on."""
    user = sociallogin.user
    tell(Kind.LINKED, actor=user, subject=user, detail=providers.label(sociallogin.account.provider))


@receiver(social.social_account_removed)
def unlinked(socialaccount: Any, **rest: Any) -> None:
    """Another account signs in no more."""
    user = socialaccount.user
    tell(Kind.UNLINKED, actor=user, subject=user, detail=providers.label(socialaccount.provider))
