"""Making users and giving rights."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.text import clean, fold
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import RightsEventKind


@transaction.atomic
def add_user(
    *,
    email: str,
    name: str = "",
    password: str | None = None,
    actor: User | None = None,
    by_themself: bool = False,
) -> User:
    """Make a user, or return the one with this e-mail with name and password set when given.

    ``by_themself``: who makes the account is whom it is for (the first one, or with an invitation).

    Raises:
        ValidationError: the password is too weak, or the e-mail is none.
    """
    email = fold(email)
    user = User.objects.filter(email__iexact=email).first() or User(email=email)
    is_new = user.pk is None
    user.name = clean(name) or user.name
    if password:
        validate_password(password, user)
        user.set_password(password)
    elif not user.pk:
        user.set_unusable_password()
    user.full_clean(exclude=["password"])
    user.save()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"primary": True, "verified": True}
    )
    if is_new:
        tell(RightsEventKind.ADDED, actor=user if by_themself else actor, subject=user)
    elif password:
        tell(RightsEventKind.PASSWORD, actor=actor, subject=user)
    return user


@transaction.atomic
def grant(*, user: User, area: Area, level: Level | None, actor: User | None = None) -> None:
    """Give the user a level in an area, in place of the one they have; ``None`` takes the right away.

    Raises:
        ValidationError: nobody would be left who may give rights.
    """
    held = Grant.objects.filter(user=user, area=area).first()
    before = held.level if held else None
    if before == level:
        return
    if area == Area.SETTINGS and before == Level.ADMIN:
        need_another_admin(user)
    if level is None and held:
        held._history_user = actor  # type: ignore[attr-defined]
        held.delete()
    elif level is not None:
        row = held or Grant(user=user, area=area)
        row.level = level
        row._history_user = actor  # type: ignore[attr-defined]
        row.save()
    tell(RightsEventKind.RIGHT, actor=actor, subject=user, area=area.value, before=before, after=level)
    user.__dict__.pop("levels", None)


def need_another_admin(user: User) -> None:
    """See to it that somebody else may give rights; call it before a right or an account goes.

    Raises:
        ValidationError: the user is the last one who signs in and is admin in Settings.
    """
    admins = Grant.objects.filter(area=Area.SETTINGS, level=Level.ADMIN, user__is_active=True)
    # Locked, so that two admins who remove each other at the same time do not both succeed.
    left = [row.user_id for row in admins.select_for_update(of=("self",))]
    if left == [user.pk]:
        raise ValidationError(
            _("%(name)s is the last one who may give rights: make somebody else admin in Settings first.")
            % {"name": user}
        )


def grant_all(*, user: User, level: Level, actor: Any = None) -> None:
    """Give the user this level in every area."""
    for area in Area:
        grant(user=user, area=area, level=level, actor=actor)


@transaction.atomic
def change_profile(
    *,
    user: User,
    actor: User,
    name: str | None = None,
    time_zone: str | None = None,
    theme: str | None = None,
    language: str | None = None,
) -> None:
    """Change what a person set about themself; ``None`` leaves a value as it is.

    Raises:
        PermissionDenied: somebody else's profile.
        ValidationError: an unknown time zone, appearance or language.
    """
    if user.pk != actor.pk:
        raise PermissionDenied("profile")
    wished = {
        "name": clean(name) if name is not None else None,
        "time_zone": time_zone,
        "theme": theme,
        "language": language,
    }
    changed = [
        field for field, value in wished.items() if value is not None and getattr(user, field) != value
    ]
    for field in changed:
        setattr(user, field, wished[field])
    if user.time_zone and user.time_zone not in clock.zones():
        raise ValidationError({"time_zone": _("There is no time zone %(name)s.") % {"name": user.time_zone}})
    if user.language and user.language not in dict(settings.LANGUAGES):
        raise ValidationError({"language": _("There is no such language.")})
    if changed:
        user.full_clean(exclude=["password"])
        user.save(update_fields=changed)
