"""What the pages of training share: addresses, and taking back what was just done."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.kernel.undo import Undo, undo
from folkmoot.people.public import history
from folkmoot.training.addresses import event_page
from folkmoot.training.models import Event

SALT = "training.selection"
UNDOING = Undoing("training.undo", "training:undo")
HISTORY_PAGE = 100


def page_of(event: Event) -> str:
    """The address of an event's page."""
    return event_page(event.pk)


def undo_url(user: User, what: Undo, permission: str = "training.contribute") -> str:
    """The address that takes changes back; good for this user and one day. ``""`` when there are none."""
    return UNDOING.address(user, permission, undo=what.as_json()) if what.changes else ""


def selection(numbers: list[int]) -> str:
    """The part of an address that names chosen rows; nobody else can make one."""
    return signing.dumps(numbers, salt=SALT, compress=True)


def chosen_numbers(chosen: str) -> list[int]:
    """The rows that the address names.

    Raises:
        Http404: it was altered, or is older than a day.
    """
    try:
        numbers: list[int] = signing.loads(chosen, salt=SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        raise Http404 from None
    return numbers


@requires("training.contribute")
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what the signed address names."""
    user = user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        payload = UNDOING.read(user, token)
        demand(user, payload["may"])
        undo(what=Undo.from_json(payload["undo"]), actor=user)
        return _("Taken back."), ""

    return answer_action(request, act, reverse("training:list"))


def history_page(request: HttpRequest, record: Any, address: str) -> HttpResponse:
    """Edits of a record and of what belongs to it."""
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), 1000) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    entries, more = history(record, with_notes=False, limit=HISTORY_PAGE, offset=(number - 1) * HISTORY_PAGE)
    return render(
        request,
        "people/history.html",
        {
            "record": record,
            "record_url": address,
            "entries": entries,
            "newer": number - 1,
            "older": number + 1 if more else 0,
        },
    )
