"""Who hears of it when something does not leave: whoever asked for it, else who manages the settings."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Delivery

MISSED, WITHHELD, ACCESS = "outbox.missed", "outbox.withheld", "outbox.access"


def of_state(state: str) -> str:
    """The outbox with what stands in a state."""
    return f"{reverse('outbox:list')}?state={state}"


@transaction.atomic
def tell_settings(*, kind: str, title: str, url: str, dedupe: str, body: str = "") -> int:
    """Tell everybody who manages the settings.

    Returns:
        how many were told.
    """
    people = User.objects.filter(
        is_active=True, grants__area=Area.SETTINGS, grants__level__gte=Level.MANAGE
    ).distinct()
    return notify(
        users=people,
        kind=kind,
        title=title,
        body=body,
        url=url,
        dedupe=dedupe,
        actor=None,
        area=Area.SETTINGS,
    )


@transaction.atomic
def tell_asker(user: int | None, *, kind: str, title: str, url: str, dedupe: str, body: str = "") -> None:
    """Tell whoever asked; when they are gone, those who manage the settings."""
    asked = User.objects.filter(pk=user, is_active=True).first() if user else None
    if asked is None:
        tell_settings(kind=kind, title=title, url=url, dedupe=dedupe, body=body)
        return
    notify(
        users=[asked],
        kind=kind,
        title=title,
        body=body,
        url=url,
        dedupe=dedupe,
        actor=None,
        area=_area_of(asked),
    )


def _area_of(user: User) -> str:
    """An area that the person may see, so that the notice reaches them."""
    return next((area.value for area in Area if user.level_in(area) >= Level.VIEW), Area.SETTINGS.value)


def tell_withheld(delivery: Delivery, words: str) -> None:
    """A check kept a message from leaving, at the last moment: once for each try."""
    tell_asker(
        delivery.asked_by_id,
        kind=WITHHELD,
        title=_("“%(title)s” was withheld") % {"title": delivery.title},
        body=words,
        url=reverse("outbox:delivery", args=[delivery.pk]),
        dedupe=f"{WITHHELD}:{delivery.pk}:{delivery.fence}",
    )
