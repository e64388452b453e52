"""Pages about webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.api.webhooks import actions, feed, queries
from folkmoot.api.webhooks.forms import WebhookForm
from folkmoot.api.webhooks.models import Webhook
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import Column, Empty, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox.public import Delivery

_STATES = {"paused": ("due", _("paused")), "failing": ("failed", _("failing")), "works": ("done", _("works"))}


class WebhookList(List):
    """Addresses that are told of changes."""

    key = "webhooks"
    title = _("Webhooks")
    columns = (
        Column(
            "name",
            _("Name"),
            value="channel.name",
            link=lambda row: reverse("webhooks:webhook", args=[row.pk]),
            sort="channel__name",
        ),
        Column("address", _("Address"), value=lambda row: row.channel.access.text("address")),
        Column("events", _("Is told of"), value=lambda row: ", ".join(row.events)),
        Column(
            "state",
            _("State"),
            value=lambda row: str(_STATES[queries.state(row)][1]),
            template="webhooks/state.html",
        ),
        Column("created", _("Since"), value="created_at", sort="created_at", shown=False),
    )
    default_sort = "name"
    empty = Empty(
        _("No webhooks yet"),
        _("A webhook tells a program of yours, such as a website build, when something here changed."),
        _("New webhook"),
        "webhooks:new",
        "settings.admin",
        "broadcast",
    )

    def queryset(self) -> QuerySet[Webhook]:
        return queries.webhooks()

    def search(self, queryset: QuerySet[Webhook], words: str) -> QuerySet[Webhook]:
        return queryset.filter(Q(channel__name__icontains=words))

    def decorate(self, rows: list[Any]) -> None:
        for row in rows:
            row.tone = _STATES[queries.state(row)][0]


@requires("settings.admin")
def webhooks(request: HttpRequest) -> HttpResponseBase:
    return WebhookList(request).respond("webhooks/list.html")


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _add(form: WebhookForm, error: ValidationError) -> None:
    """Put an action's error at the field it names, else above the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


@requires("settings.admin")
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = actions.add_webhook(**form.cleaned_data, actor=_me(request))
        except ValidationError as error:
            _add(form, error)
        else:
            return render(request, "webhooks/secret.html", {"row": row, "secret": secret})
    return render(request, "webhooks/form.html", {"form": form}, status=422 if form.errors else 200)


@requires("settings.admin")
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.webhooks(), pk=pk)
    tone, word = _STATES[queries.state(row)]
    context = {
        "row": row,
        "channel": row.channel,
        "address": row.channel.access.text("address"),
        "tone": tone,
        "word": word,
        "events": [(event, feed.label(event)) for event in row.events],
        "told": queries.told(row),
    }
    return render(request, "webhooks/webhook.html", context)


@requires("settings.admin")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.webhooks(), pk=pk)
    held = {
        "name": row.channel.name,
        "address": row.channel.access.text("address"),
        "events": row.events,
    }
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_webhook(webhook=row, **form.cleaned_data, actor=_me(request))
        except ValidationError as error:
            _add(form, error)
        else:
            toast(request, _now("Saved."))
            return redirect("webhooks:webhook", row.pk)
    context = {"form": form, "row": row}
    return render(request, "webhooks/form.html", context, status=422 if form.errors else 200)


@requires("settings.admin")
@require_POST
@never_cache
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.webhooks(), pk=pk)
    made = actions.change_secret(webhook=row, actor=_me(request))
    return render(request, "webhooks/secret.html", {"row": row, "secret": made})


def _press(
    request: HttpRequest, pk: int, act: Callable[[Webhook], object], said: str, undo: str = ""
) -> HttpResponse:
    row = get_object_or_404(queries.webhooks(), pk=pk)
    try:
        act(row)
        toast(request, said % {"name": row.channel.name}, undo_url=undo)
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    return redirect("webhooks:webhook", pk) if row.pk else redirect("webhooks:list")


@requires("settings.admin")
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    why = request.POST.get("why", "")[:200]
    undo = reverse("webhooks:resume", args=[pk])
    return _press(
        request,
        pk,
        lambda row: actions.pause_webhook(webhook=row, why=why, actor=_me(request)),
        _now("“%(name)s” is told nothing until it is resumed."),
        undo,
    )


@requires("settings.admin")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _press(
        request,
        pk,
        lambda row: actions.resume_webhook(webhook=row, actor=_me(request)),
        _now("“%(name)s” is told again, from where it stopped."),
    )


@requires("settings.admin")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    return _press(request, pk, lambda row: actions.send_test(webhook=row), _now("A test is on its way."))


@requires("settings.admin")
@require_POST
def again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    found = get_object_or_404(Delivery, pk=delivery)
    return _press(
        request,
        pk,
        lambda row: actions.send_again(webhook=row, delivery=found, actor=_me(request)),
        _now("It is on its way again."),
    )


@requires("settings.admin")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _press(
        request,
        pk,
        lambda row: actions.remove_webhook(webhook=row, actor=_me(request)),
        _now("“%(name)s” is told nothing any more."),
    )
