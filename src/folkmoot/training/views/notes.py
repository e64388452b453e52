"""Notes about events and requests."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.training.actions import notes as actions
from folkmoot.training.forms.notes import EventNoteForm, RequestNoteForm
from folkmoot.training.models import Event, EventNote, Request, RequestNote
from folkmoot.training.views.base import page_of, undo_url

MANAGE = "training.manage"


def _add(request: HttpRequest, about: Event | Request, page: str, permission: str) -> HttpResponse:
    user = user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        note = actions.add_note(about=about, body=request.POST.get("body", ""), actor=user)
        return _("The note is kept."), undo_url(user, last_change(note), permission)

    return answer_action(request, act, page)


def _edit(request: HttpRequest, note: Any, make: Any, about: str, page: str, permission: str) -> HttpResponse:
    user = user_of(request)

    @transaction.atomic
    def act(form: Any) -> str:
        undo = actions.edit_note(note=note, body=form.values()["body"], actor=user, seen=form.version)
        toast(request, _("Saved."), undo_url=undo_url(user, undo, permission))
        return page

    return answer_form(
        request,
        partial(make, instance=note),
        act,
        title=_("Edit the note"),
        submit=_("Save"),
        cancel=page,
        template="training/piece.html",
        about=about,
        remove=reverse(
            f"training:remove_{'event' if make is EventNoteForm else 'request'}_note", args=[note.pk]
        ),
    )


def _remove(request: HttpRequest, note: Any, page: str, permission: str) -> HttpResponse:
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_note(note=note, actor=user)
        return _("The note is gone."), undo_url(user, undo, permission)

    response = answer_action(request, act, page)
    if not type(note)._default_manager.filter(pk=note.pk).exists():
        response["Location"] = page  # the page that it was on is gone
    return response


@requires("training.contribute")
@require_POST
def add_event_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps a note about an event; those whom it mentions are told."""
    row = get_object_or_404(Event, pk=pk)
    return _add(request, row, page_of(row), "training.contribute")


def _of_event(request: HttpRequest, pk: int) -> EventNote:
    note = get_object_or_404(EventNote.objects.select_related("event"), pk=pk)
    demand(request.user, "training.change_note", note)
    return note


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def edit_event_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a note: its author, and whoever manages."""
    note = _of_event(request, pk)
    page = page_of(note.event)
    return _edit(request, note, EventNoteForm, note.event.title, page, "training.contribute")


@requires("training.contribute")
@require_POST
def remove_event_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a note away: its author, and whoever manages."""
    note = _of_event(request, pk)
    return _remove(request, note, page_of(note.event), "training.contribute")


def _request_page(row: Request) -> str:
    return reverse("training:request", args=[row.pk])


@requires(MANAGE)
@require_POST
def add_request_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes a note about a request; those whom it mentions are told."""
    row = get_object_or_404(Request.objects.exclude(state="draft"), pk=pk)
    return _add(request, row, _request_page(row), MANAGE)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_request_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a note."""
    note = get_object_or_404(RequestNote.objects.select_related("request__form"), pk=pk)
    row = note.request
    return _edit(request, note, RequestNoteForm, f"{row.form.title}: {row.name}", _request_page(row), MANAGE)


@requires(MANAGE)
@require_POST
def remove_request_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a note away."""
    note = get_object_or_404(RequestNote.objects.select_related("request"), pk=pk)
    return _remove(request, note, _request_page(note.request), MANAGE)
