"""What the pages of reviews share: addresses, and taking back what was just done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.kernel.undo import Undo, undo
from folkmoot.reviews.actions import stages
from folkmoot.reviews.models import Sighting, Submission

UNDOING = Undoing("reviews.undo", "reviews:undo")


def page_of(submission: Submission) -> str:
    """The address of a submission's page."""
    return reverse("reviews:submission", args=[submission.pk])


@dataclass(frozen=True)
class Seen:
    """What a move, hold or decision made, and what was before."""

    submission: int
    sighting: int
    before: Mapping[str, Any]


def seen(sighting: Sighting | int | None, submission: Submission, before: Mapping[str, Any]) -> list[Seen]:
    """For the undo of one submission: nothing when nothing was done."""
    if sighting is None:
        return []
    return [Seen(submission.pk, sighting if isinstance(sighting, int) else sighting.pk, before)]


def undo_url(user: User, what: Undo, permission: str = "reviews.contribute") -> str:
    """The address that takes changes back; good for this user and one day."""
    return UNDOING.address(user, permission, undo=what.as_json())


def undo_seen_url(user: User, what: Sequence[Seen], permission: str = "reviews.contribute") -> str:
    """The address that takes moves, holds and decisions back; ``""`` when there are none."""
    if not what:
        return ""
    rows = [[one.submission, one.sighting, _as_json(one.before)] for one in what]
    return UNDOING.address(user, permission, seen=rows)


def _as_json(before: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in before.items()}


def _from_json(before: Mapping[str, Any]) -> dict[str, Any]:
    read = {"closed_at": dt.datetime.fromisoformat, "accepted_on": dt.date.fromisoformat}
    return {
        key: read[key](value) if key in read and value is not None else value for key, value in before.items()
    }


@requires("reviews.contribute")
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what the signed address names."""
    user = user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        payload = UNDOING.read(user, token)
        demand(user, payload["may"])
        if "undo" in payload:
            undo(what=Undo.from_json(payload["undo"]), actor=user)
        for pk, sighting, before in payload.get("seen", ()):
            submission = Submission.objects.filter(pk=pk).first()
            if submission is None:
                raise ValidationError(_("There is nothing to undo any more."))
            stages.take_back(
                submission=submission, sightings=[sighting], before=_from_json(before), actor=user
            )
        return _("Taken back."), ""

    return answer_action(request, act, reverse("reviews:list"))
