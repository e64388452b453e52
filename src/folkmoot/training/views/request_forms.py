"""Making forms for requests: the list, one form with its fields, a preview."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import Column, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.training.actions import base
from folkmoot.training.actions import request_forms as actions
from folkmoot.training.forms.asking import AskForm
from folkmoot.training.forms.requests import FieldForm, RequestFormForm
from folkmoot.training.models import FormField, RequestForm, RequestState
from folkmoot.training.queries import asking as queries
from folkmoot.training.views.base import undo_url

ADMIN = "training.admin"


def page_of(form: RequestForm) -> str:
    """The address of the page on which a form is made."""
    return reverse("training:request_form", args=[form.pk])


class FormList(List):
    """Forms with which people ask for something."""

    key = "request_forms"
    title = _("Forms for requests")
    columns = (
        Column("title", _("Title"), "title", link=page_of, sort="order,title"),
        Column("outcome", _("What comes of it"), "get_outcome_display", sort="outcome"),
        Column("kind", _("Kind of event"), "kind.name", sort="kind__name"),
        Column(
            "open",
            _("Open"),
            lambda row: _now("yes") if queries.door(row) == queries.Door.OPEN else _now("no"),
        ),
        Column("waiting", _("Waiting"), "waiting", sort="waiting", number=True),
        Column("received", _("Received"), "received", sort="received", number=True),
        Column("owner", _("Whose"), "owner.name", sort="owner__name"),
        Column("slug", _("Short name"), "slug", sort="slug", shown=False),
    )
    filters = (
        FlagFilter("archived", _("Archived"), lambda qs, on: qs.filter(is_archived=on), default=False),
    )
    default_sort = "title"
    empty = Empty(
        _("No form yet"),
        _("With a form people ask for a workshop, a training, or an answer."),
        _("New form"),
        "training:new_request_form",
        ADMIN,
        icon="ui-checks",
    )

    def queryset(self) -> QuerySet[Any]:
        arrived = Q(requests__received_at__isnull=False, requests__merged_into=None)
        return RequestForm.objects.select_related("kind", "owner").annotate(
            received=Count("requests", filter=arrived),
            waiting=Count("requests", filter=arrived & Q(requests__state=RequestState.PENDING)),
        )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(title__icontains=words)


@requires("training.manage")
def forms(request: HttpRequest) -> HttpResponseBase:
    """All forms for requests."""
    return FormList(request).respond("training/requests/settings/forms.html")


@requires("training.manage")
@require_GET
def form_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One form: what it asks, in its order, and its address."""
    row = get_object_or_404(RequestForm.objects.select_related("kind", "programme", "owner"), pk=pk)
    fields = list(row.fields.order_by("position", "pk"))
    labels = {field.key: field.label for field in fields}
    for field in fields:
        field.when_label = labels.get(field.shown_when, "")  # type: ignore[attr-defined]
    context = {
        "form_row": row,
        "fields": [field for field in fields if not field.is_archived],
        "archived": [field for field in fields if field.is_archived],
        "rules": row.rules.filter(is_archived=False).count(),
        "is_open": queries.door(row) == queries.Door.OPEN,
        "address": request.build_absolute_uri(reverse("events:ask", args=[row.slug])),
    }
    return render(request, "training/requests/settings/form.html", context)


@requires("training.manage")
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What everybody sees of a form; nothing can be sent from there."""
    row = get_object_or_404(RequestForm, pk=pk)
    form = AskForm(asked=queries.asked_now(row))
    context = {"form_row": row, "form": form, "intro": as_html(row.intro), "landing": as_html(row.landing)}
    return render(request, "training/requests/settings/preview.html", context)


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_form(request: HttpRequest) -> HttpResponse:
    """Makes a form."""

    def act(form: RequestFormForm) -> str:
        made = actions.save_form(values=form.values(), actor=user_of(request))
        toast(request, _now("“%(name)s” is there. Say what it asks.") % {"name": made})
        return page_of(made)

    return answer_form(
        request,
        partial(RequestFormForm, initial={"is_open": False}),
        act,
        title=_now("New form"),
        submit=_now("Add"),
        cancel=reverse("training:request_forms"),
        template="training/form.html",
    )


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a form, opens, closes or archives it."""
    row, user = get_object_or_404(RequestForm, pk=pk), user_of(request)

    @transaction.atomic
    def act(form: RequestFormForm) -> str:
        saved = actions.save_form(form=row, values=form.values(), actor=user, seen=form.version)
        changed = base.current_version(saved) != form.version
        undo = undo_url(user, last_change(saved), ADMIN) if changed else ""
        toast(request, _now("Saved."), undo_url=undo)
        return page_of(row)

    return answer_form(
        request,
        partial(RequestFormForm, instance=row),
        act,
        title=_now("Edit %(name)s") % {"name": row},
        submit=_now("Save"),
        cancel=page_of(row),
        template="training/form.html",
    )


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks something more."""
    row, user = get_object_or_404(RequestForm, pk=pk), user_of(request)

    def act(form: FieldForm) -> str:
        values: Any = form.values()
        actions.save_field(form=row, values=values, actor=user)
        return page_of(row)

    return answer_form(
        request,
        partial(FieldForm, form=row),
        act,
        title=_now("New field"),
        about=row.title,
        submit=_now("Ask it"),
        cancel=page_of(row),
        template="training/form.html",
    )


def _field(pk: int) -> FormField:
    return get_object_or_404(FormField.objects.select_related("form"), pk=pk)


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is asked; answers that were given stay as they were asked."""
    row, user = _field(pk), user_of(request)

    @transaction.atomic
    def act(form: FieldForm) -> str:
        values: Any = form.values()
        saved = actions.save_field(form=row.form, field=row, values=values, actor=user, seen=form.version)
        changed = base.current_version(saved) != form.version
        undo = undo_url(user, last_change(saved), ADMIN) if changed else ""
        toast(request, _now("Saved."), undo_url=undo)
        return page_of(row.form)

    return answer_form(
        request,
        partial(FieldForm, form=row.form, instance=row),
        act,
        title=_now("Field"),
        about=row.form.title,
        submit=_now("Save"),
        cancel=page_of(row.form),
        template="training/form.html",
    )


@requires(ADMIN)
@require_POST
def place_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves a field up or down."""
    row, user = _field(pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.place_field(field=row, up=request.POST.get("to") == "up", actor=user)
        return _now("Moved."), ""

    return answer_action(request, act, page_of(row.form))


@requires(ADMIN)
@require_POST
def drop_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks something no more; answers that were given stay."""
    row, user = _field(pk), user_of(request)

    def act() -> tuple[str, str]:
        archived, undo = actions.drop_field(field=row, actor=user)
        words = _now("It is asked no more. The answers stay.") if archived else _now("Removed.")
        return words, undo_url(user, undo, ADMIN)

    return answer_action(request, act, page_of(row.form))


@requires(ADMIN)
@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks an archived field again."""
    row, user = _field(pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.ask_again(field=row, actor=user)
        return _now("It is asked again."), ""

    return answer_action(request, act, page_of(row.form))
