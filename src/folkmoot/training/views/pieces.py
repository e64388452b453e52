"""Sessions and links of an event."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.undo import Undo
from folkmoot.training.actions import pieces as actions
from folkmoot.training.forms.pieces import LinkForm, SessionForm
from folkmoot.training.models import Event, EventLink, Session
from folkmoot.training.views.base import page_of, undo_url

CONTRIBUTE = "training.contribute"


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a session to an event."""
    return _session(request, get_object_or_404(Event, pk=pk), None)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a session."""
    row = get_object_or_404(Session.objects.select_related("event"), pk=pk)
    return _session(request, row.event, row)


def _session(request: HttpRequest, event: Event, row: Session | None) -> HttpResponse:
    def act(form: SessionForm) -> str:
        actions.save_session(
            event=event, session=row, actor=user_of(request), seen=form.version, **form.values()
        )
        return page_of(event) + "#sessions"

    remove = reverse("training:remove_session", args=[row.pk]) if row else ""
    return answer_form(
        request,
        partial(SessionForm, instance=row or Session(event=event), event=event),
        act,
        title=_("Edit %(name)s") % {"name": row} if row else _("New session of %(name)s") % {"name": event},
        submit=_("Save") if row else _("Add session"),
        said=_("Saved.") if row else "",
        cancel=page_of(event),
        template="training/piece.html",
        remove=remove,
    )


@requires(CONTRIBUTE)
@require_POST
def remove_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a session out in which nobody has a part."""
    row = get_object_or_404(Session.objects.select_related("event"), pk=pk)
    return _remove(request, row, partial(actions.remove_session, session=row))


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a link to an event: a survey, materials, a recording."""
    return _link(request, get_object_or_404(Event, pk=pk), None)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a link of an event."""
    row = get_object_or_404(EventLink.objects.select_related("event"), pk=pk)
    return _link(request, row.event, row)


def _link(request: HttpRequest, event: Event, row: EventLink | None) -> HttpResponse:
    def act(form: LinkForm) -> str:
        actions.save_link(event=event, link=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(event) + "#links"

    remove = reverse("training:remove_link", args=[row.pk]) if row else ""
    return answer_form(
        request,
        partial(LinkForm, instance=row or EventLink(event=event)),
        act,
        title=_("Edit %(name)s") % {"name": row} if row else _("New link of %(name)s") % {"name": event},
        submit=_("Save") if row else _("Add link"),
        said=_("Saved.") if row else "",
        cancel=page_of(event),
        template="training/piece.html",
        remove=remove,
    )


@requires(CONTRIBUTE)
@require_POST
def remove_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a link of an event away."""
    row = get_object_or_404(EventLink.objects.select_related("event"), pk=pk)
    return _remove(request, row, partial(actions.remove_link, link=row))


def _remove(request: HttpRequest, row: Any, remove: Callable[..., Undo]) -> HttpResponse:
    user = user_of(request)

    def act() -> tuple[str, str]:
        name = str(row)
        undo = undo_url(user, remove(actor=user))
        return _("“%(name)s” is deleted.") % {"name": name}, undo

    return answer_action(request, act, page_of(row.event))
