"""Changing what the community is, and making the first account."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.text import clean

_FIELDS = ("name", "accent", "time_zone", "currency", "fiscal_year_start", "members", "contributors")


@transaction.atomic
def change_community(
    *,
    actor: User | None,
    logo: ContentFile[bytes] | None = None,
    remove_logo: bool = False,
    **wished: Any,
) -> Community:
    """Change the named fields of the community; ``actor`` is ``None`` for the first-run guide, before there is a user.

    Args:
        logo: a picture drawn by :func:`folkmoot.kernel.welcome.logo.drawn`.

    Raises:
        PermissionDenied: the actor may not manage the settings, or there is no actor and yet there are users.
        TypeError: a field that the community has not.
        ValidationError: a value that cannot be; by field.
    """
    if actor is not None:
        demand(actor, "settings.manage")
    elif User.objects.exists():
        raise PermissionDenied("community")
    unknown = set(wished) - set(_FIELDS)
    if unknown:
        raise TypeError(f"the community has no {', '.join(sorted(unknown))}")
    Community.objects.get_or_create(pk=1)
    row = Community.objects.select_for_update().get(pk=1)
    before = row.logo.name
    for name, value in wished.items():
        setattr(row, name, clean(value) if isinstance(value, str) else value)
    row.accent = row.accent.lower()
    if not row.name:
        raise ValidationError({"name": _("Write the name of the community.")})
    if row.time_zone and row.time_zone not in clock.zones():
        raise ValidationError({"time_zone": _("There is no time zone %(name)s.") % {"name": row.time_zone}})
    if remove_logo:
        row.logo = ""
    row.full_clean()
    if logo is not None:
        row.logo.save(logo.name or "logo.png", logo, save=False)
    row._history_user = actor  # type: ignore[attr-defined]
    row.save()
    if before and before != row.logo.name:
        storage = row.logo.storage
        transaction.on_commit(lambda: storage.delete(before))
    return row


@transaction.atomic
def make_first_user(*, email: str, name: str, password: str) -> User:
    """Make the first account, with every right.

    Raises:
        PermissionDenied: somebody was faster: there is a user already.
        ValidationError: no e-mail, or a password that is too weak.
    """
    # One row that everybody who comes here locks: only one of them finds nobody there.
    Community.objects.get_or_create(pk=1)
    Community.objects.select_for_update().get(pk=1)
    if User.objects.exists():
        raise PermissionDenied("first user")
    user = add_user(email=email, name=name, password=password, by_themself=True)
    grant_all(user=user, level=Level.ADMIN, actor=user)
    return user
