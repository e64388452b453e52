"""What the ledger, and whoever looks after a form, is told of requests."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock, events
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.saving import Actor
from folkmoot.people.public import home_identity
from folkmoot.training.models import Request

RECEIVED, ACCEPTED, DISCARDED = (
    "training.request_received",
    "training.request_accepted",
    "training.request_discarded",
)
SOURCE = "training"
ARRIVED = notice_kinds.register(
    NoticeKind(
        "training.request",
        _("A request came in, or was given to you"),
        Area.TRAINING,
        Level.MANAGE,
        icon="inbox",
    )
)


def facts(request: Request) -> dict[str, Any]:
    """What there is to tell of a request; nothing of what was answered."""
    return {
        "request": request.pk,
        "form": request.form.slug,
        "title": request.form.title,
        "outcome": request.form.outcome,
        "event": request.event_id,
        "organization": request.organization_id,
        "country": request.country,
    }


def tell(request: Request, kind: str, *, occasion: str, actor: Actor = None) -> int:
    """Note that a request was received, accepted or discarded, once for each occasion."""
    identity = home_identity(request.person, actor=actor).pk if request.person is not None else None
    return events.record(
        events.Happening(
            kind=kind,
            identity_id=identity,
            occurred_at=clock.now(),
            source=SOURCE,
            external_id=f"{kind}:{request.pk}:{occasion}",
            detail=facts(request),
        )
    )


def _path(request: Request) -> str:
    return reverse("training:request", args=[request.pk])


def tell_owner(request: Request) -> int:
    """Tell whoever looks after the form that a request came in."""
    owner = request.form.owner
    if owner is None:
        return 0
    return _notify(owner, request, actor=None, occasion="arrived")


def tell_assigned(request: Request, user: User, *, actor: Actor) -> int:
    """Tell somebody that a request is theirs now."""
    return _notify(user, request, actor=actor, occasion=f"assigned:{user.pk}")


def _notify(user: User, request: Request, *, actor: Actor, occasion: str) -> int:
    return notify(
        users=[user],
        kind=ARRIVED.key,
        title=f"{request.form.title}: {request.name}",
        url=_path(request),
        dedupe=f"training.request:{request.pk}:{occasion}",
        actor=actor,
        about=f"training.request:{request.pk}",
    )
