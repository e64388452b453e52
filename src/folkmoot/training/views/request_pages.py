"""The page of one request, and what is done with it there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import Panels
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.rows import together
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo
from folkmoot.people.public import Asked
from folkmoot.training.actions import asking, base, scoring
from folkmoot.training.actions import requests as actions
from folkmoot.training.forms.requests import (
    AssignForm,
    CorrectForm,
    DecideForm,
    MergeForm,
    PlanForm,
    PointsForm,
)
from folkmoot.training.models import Outcome, Request, RequestFile, RequestState
from folkmoot.training.queries import request_pages as pages
from folkmoot.training.views.base import history_page, undo_url
from folkmoot.training.views.base import page_of as page_of_event
from folkmoot.training.views.requests import MANAGE, page_of


def _row(pk: int) -> Request:
    row = pages.read(pk)
    if row is None:
        raise Http404
    return row


@requires(MANAGE)
@require_GET
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what was answered, what may be the same, whose record, points with reasons, what happened."""
    user, row = user_of(request), _row(pk)
    asked = Asked(
        user, row, group=request.GET.get("about", "")[:60], before=request.GET.get("before", "")[:200]
    )
    cards = Panels(user, row)
    rows = together({**asked.rows(), **cards.rows()})
    offered = asking.person_of(row.email) if row.person_id is None and row.proven_at else None
    context = {
        "asked": row,
        "record": row,
        "page": pages.request_page(row, offered),
        "panels": cards.told(rows),
        "timeline": asked.told(rows),
        "is_first_page": not request.GET.get("before"),
        "waits": row.state == RequestState.PENDING and row.merged_into_id is None,
        "plans_event": row.form.outcome == Outcome.EVENT,
        "gives_place": row.form.outcome == Outcome.TRAINING,
    }
    return render(request, "training/requests/request.html", context)


def _step(
    request: HttpRequest, pk: int, do: Callable[..., Undo], said: Any, permission: str = MANAGE
) -> HttpResponse:
    """Do what one button asks for; the toast takes it back."""
    row, user = _row(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = do(request=row, actor=user)
        return said % {"name": row.name}, undo_url(user, undo, permission)

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a request one's own."""
    user = user_of(request)
    return _step(request, pk, partial(actions.assign, user=user), gettext_lazy("“%(name)s” is yours."))


@requires(MANAGE)
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Lays a request to the record that has its proven address."""
    return _step(request, pk, actions.link, gettext_lazy("“%(name)s” belongs to the record now."))


@requires(MANAGE)
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a request off a record."""
    return _step(request, pk, actions.unlink, gettext_lazy("“%(name)s” belongs to no record now."))


@requires(MANAGE)
@require_POST
def make_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes the record of whoever asked, with the address that they proved."""
    row, user = _row(pk), user_of(request)

    def act() -> tuple[str, str]:
        person = actions.make_record(request=row, actor=user)
        return _("“%(name)s” belongs to a record now.") % {"name": person.name}, ""

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def take_up_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A request that was decided waits again."""
    return _step(request, pk, actions.take_up_again, gettext_lazy("“%(name)s” waits again."))


@requires(MANAGE)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that whoever asked does not want it any more."""
    return _step(request, pk, actions.withdraw, gettext_lazy("“%(name)s” is withdrawn."))


def _form(
    request: HttpRequest, row: Request, make: Any, act: Any, *, title: str, submit: str, **more: Any
) -> HttpResponse:
    return answer_form(
        request,
        make,
        act,
        title=title,
        submit=submit,
        cancel=page_of(row),
        template="training/form.html",
        about=f"{row.form.title}: {row.name}",
        **more,
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Says whose a request is."""
    row, user = _row(pk), user_of(request)

    @transaction.atomic
    def act(form: AssignForm) -> str:
        undo = actions.assign(request=row, user=form.cleaned_data["user"], actor=user)
        toast(request, _("Saved."), undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    make = partial(AssignForm, initial={"user": row.assigned_to_id})
    return _form(request, row, make, act, title=_("Whose is this request?"), submit=_("Save"))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Says yes to a request; where it asks for an event, with the one that is planned, filled in from the answers."""
    row, user = _row(pk), user_of(request)

    @transaction.atomic
    def yes(form: DecideForm) -> str:
        undo = actions.accept(request=row, reason=form.cleaned_data["reason"], actor=user)
        toast(request, _("Accepted."), undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    @transaction.atomic
    def plan(form: PlanForm) -> str:
        values: Any = form.values()
        event, undo = actions.accept_into_event(
            request=row, values=values, as_host=form.is_host, reason=form.word, actor=user
        )
        toast(
            request,
            _("“%(name)s” is planned, and the request accepted.") % {"name": event.title},
            undo_url=undo_url(user, undo, MANAGE),
        )
        return page_of_event(event)

    if row.form.outcome == Outcome.TRAINING:
        return HttpResponseRedirect(reverse("training:match_request", args=[row.pk]))
    if row.form.outcome != Outcome.EVENT:
        return _form(request, row, DecideForm, yes, title=_("Accept this request"), submit=_("Accept"))
    make = partial(PlanForm, request=row, initial={**pages.prefilled(row), "as_host": True})
    return _form(
        request,
        row,
        make,
        plan,
        title=_("Accept, and plan the event"),
        submit=_("Accept, and plan it"),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Says no to a request."""
    row, user = _row(pk), user_of(request)

    @transaction.atomic
    def act(form: DecideForm) -> str:
        undo = actions.discard(request=row, reason=form.cleaned_data["reason"], actor=user)
        toast(request, _("Discarded."), undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    return _form(request, row, DecideForm, act, title=_("Discard this request"), submit=_("Discard"))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects what was answered."""
    row, user = _row(pk), user_of(request)

    @transaction.atomic
    def act(form: CorrectForm) -> str:
        said = form.cleaned_data
        undo = actions.correct(
            request=row,
            name=said["name"],
            answers=form.answers(),
            organization=said["organization"],
            actor=user,
            seen=said["seen"],
        )
        toast(request, _("Saved."), undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    make = partial(CorrectForm, request=row, version=base.current_version(row))
    return _form(request, row, make, act, title=_("Correct the answers"), submit=_("Save"))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def points(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives points by hand."""
    row, user = _row(pk), user_of(request)

    def act(form: PointsForm) -> str:
        said = form.values()
        scoring.score_by_hand(
            request=row, points=said["score_manual"], notes=said["score_notes"], actor=user, seen=form.version
        )
        return page_of(row)

    make = partial(PointsForm, instance=row)
    return _form(request, row, make, act, title=_("Points by hand"), submit=_("Save"), said=_("Saved."))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merges another request into this one; the answers of both stay readable."""
    row, user = _row(pk), user_of(request)
    wished = request.GET.get("other", "")

    @transaction.atomic
    def act(form: MergeForm) -> str:
        other = Request.objects.filter(pk=form.cleaned_data["number"]).exclude(state=RequestState.DRAFT)
        gone = other.select_related("form").first()
        if gone is None:
            raise ValidationError({"number": _("There is no such request.")})
        undo = actions.merge(survivor=row, gone=gone, actor=user)
        toast(request, _("They are one request now."), undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    make = partial(MergeForm, initial={"number": wished if wished.isdecimal() and len(wished) < 19 else None})
    return _form(
        request,
        row,
        make,
        act,
        title=_("Merge another request into this one"),
        submit=_("Merge"),
    )


@requires(MANAGE)
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a request."""
    row = _row(pk)
    return history_page(request, row, page_of(row))


# ------------------------------------------------------------------- files


@requires(MANAGE)
@never_cache
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file that came with a request: to keep, never shown in the browser."""
    row = get_object_or_404(RequestFile.objects.exclude(request__state=RequestState.DRAFT), pk=pk)
    try:
        content = default_storage.open(row.path)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=True, filename=row.name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
