"""Reading the page of a workshop, and taking over what it says."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.training.models import Event, Request
from folkmoot.training.queries import request_pages
from folkmoot.training.views.base import page_of, undo_url
from folkmoot.training.workshop_pages import comparing, reading


def _ask(request: HttpRequest, about: Event | Request, page: str) -> HttpResponse:
    def act() -> tuple[str, str]:
        reading.ask(about=about, actor=user_of(request))
        return _("The page is being read. What it says stands here in a moment: load this page again."), ""

    return answer_action(request, act, page)


@requires("training.contribute")
@require_POST
def read_event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads the page of an event."""
    row = get_object_or_404(Event, pk=pk)
    return _ask(request, row, page_of(row))


@requires("training.manage")
@require_POST
def read_request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads the page that a request names."""
    row = request_pages.read(pk)
    if row is None:
        raise Http404
    return _ask(request, row, reverse("training:request", args=[row.pk]))


@requires("training.contribute")
@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets an event say what its page says: one thing, or all."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        keys = request.POST.getlist("take")[:20]
        undo = comparing.take_over(event=row, keys=keys or comparing.PARTS, actor=user)
        return _("Taken over from its page."), undo_url(user, undo)

    return answer_action(request, act, page_of(row))
