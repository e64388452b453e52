"""Putting a Today item off, giving it to somebody, and taking that back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.home import queries
from folkmoot.home.models import Assignment, Snooze
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import is_own_path, notify, withdraw
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds

#: How far ahead something can be put off.
LONGEST = dt.timedelta(days=366)

ASSIGNED = notice_kinds.register(
    NoticeKind("home.assigned", gettext_lazy("Given to you on Today"), icon="person-check")
)


@transaction.atomic
def put_off(*, actor: User, key: str, until: dt.datetime) -> Snooze:
    """Hide a Today item from its actor's page until a moment (aware); again with another moment changes it.

    Raises:
        ValidationError: no key, a moment that has passed, or one more than a year ahead.
    """
    now = clock.now()
    if not key or len(key) > 200 or not key.isprintable():
        raise ValidationError(_("This row cannot be put off."))
    if until <= now:
        raise ValidationError(_("Choose a day after today."))
    if until > now + LONGEST:
        raise ValidationError(_("Choose a day within a year."))
    Snooze.objects.filter(user=actor, until__lte=now).delete()
    return Snooze.objects.update_or_create(user=actor, key=key, defaults={"until": until})[0]


@transaction.atomic
def take_back(*, actor: User, key: str) -> bool:
    """Show an item again that its actor put off.

    Returns:
        whether it was put off.
    """
    return Snooze.objects.filter(user=actor, key=key).delete()[0] > 0


@transaction.atomic
def assign(*, actor: User, key: str, user: User | None) -> User | None:
    """Give a Today item to somebody, who is told; ``None`` gives it back to whoever holds its area. Again: nothing.

    Returns:
        who had it before.

    Raises:
        ValidationError: the item needs nobody any more, or this person may not see it.
        PermissionDenied: the actor does not contribute to the item's area.
    """
    found = queries.find(actor, key)
    if found is None:
        raise ValidationError(_("This needs nobody any more."))
    item, permission = found
    if not actor.has_perm("home.assign", item.area):
        raise PermissionDenied("home.assign")
    if user is not None and not user.has_perm(permission):
        raise ValidationError(_("%(name)s may not see this, so it cannot be theirs.") % {"name": user})
    held = Assignment.objects.select_for_update().select_related("user").filter(key=key).first()
    before = held.user if held else None
    if before == user:
        return before
    about = f"today:{key}"[:200]
    if held is not None:
        withdraw(about=about, user=held.user)
        held.delete()
    if user is not None:
        row = Assignment.objects.create(key=key, area=item.area, user=user, by=actor)
        notify(
            users=[user],
            kind=ASSIGNED.key,
            area=item.area,
            title=_("%(who)s gives you: %(what)s") % {"who": actor, "what": item.title},
            body=item.why,
            url=item.action_url if is_own_path(item.action_url) else reverse("home:today"),
            dedupe=f"assigned:{row.pk}",
            about=about,
            actor=actor,
        )
    return before


def count_assigned(user: User) -> int:
    """How many Today items were given to a person. One query."""
    return Assignment.objects.filter(user=user).count()


@transaction.atomic
def hand_over(user: User, colleague: User, actor: User) -> int:
    """Give what a person was given on Today to a colleague.

    Returns:
        how many.
    """
    return Assignment.objects.filter(user=user).update(user=colleague, by=actor, at=clock.now())
