"""Mail texts: writing them, and how they look on a real record."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.ui.lists.filters import words
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox import actions
from folkmoot.outbox.forms import TemplateForm
from folkmoot.outbox.kinds import MessageKind, message_kinds
from folkmoot.outbox.lists import TemplateList
from folkmoot.outbox.models import MessageTemplate
from folkmoot.outbox.render import render as fill
from folkmoot.outbox.rules import areas_of
from folkmoot.outbox.views.base import act, answer_form, user_of


@requires("outbox.write")
@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: HttpRequest) -> HttpResponseBase:
    return TemplateList(request).respond("outbox/templates.html", kinds=list(message_kinds))


def _to_change(request: HttpRequest, pk: int) -> tuple[MessageTemplate, MessageKind]:
    found, kind = _template(pk)
    demand(request.user, "outbox.write", kind)
    return found, kind


def _template(pk: int) -> tuple[MessageTemplate, MessageKind]:
    found = get_object_or_404(MessageTemplate, pk=pk)
    if found.kind not in message_kinds:
        raise Http404
    return found, message_kinds.get(found.kind)


def _page(pk: int) -> str:
    return reverse("outbox:template", args=[pk])


@requires("outbox.write")
@require_http_methods(["GET", "POST"])
def new_template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in message_kinds:
        raise Http404
    declared = message_kinds.get(kind)
    demand(request.user, "outbox.write", declared)

    def do(form: TemplateForm) -> str:
        made = actions.save_template(template=None, kind=kind, actor=user_of(request), **form.cleaned_data)
        toast(request, _("Saved. Look how it reads on a real record."))
        return _page(made.pk)

    return answer_form(
        request,
        lambda data=None: TemplateForm(data, kind=declared),
        do,
        "outbox/template_form.html",
        kind=declared,
        title=_("New text: %(kind)s") % {"kind": declared.label},
        cancel=reverse("outbox:templates"),
    )


@requires("outbox.write")
@require_http_methods(["GET", "POST"])
def edit_template(request: HttpRequest, pk: int) -> HttpResponse:
    found, kind = _to_change(request, pk)

    def do(form: TemplateForm) -> str:
        actions.save_template(template=found, kind=found.kind, actor=user_of(request), **form.cleaned_data)
        toast(request, _("Saved. What was queued before stays as it is."))
        return _page(pk)

    return answer_form(
        request,
        lambda data=None: TemplateForm(data, kind=kind, template=found),
        do,
        "outbox/template_form.html",
        kind=kind,
        title=found.name,
        cancel=_page(pk),
    )


def _values(request: HttpRequest, kind: MessageKind, record: str) -> tuple[dict[str, str], str]:
    """What fills the gaps: a record that the person may see, else made-up values; and what the record is called."""
    if record.isascii() and record.isdigit() and len(record) < 19 and kind.area in areas_of(request.user):
        row = kind.record(int(record))
        if row is not None:
            return dict(kind.values(user_of(request), row)), str(row)
    return kind.examples(), ""


@requires("outbox.write")
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """The text as it would leave, on a record chosen by ``?q=`` and ``?record=``."""
    found, kind = _template(pk)
    asked = next(iter(words(request.GET, "q")), "")
    record = next(iter(words(request.GET, "record")), "")
    values, name = _values(request, kind, record)
    rendered, problems = None, []
    try:
        rendered = fill(kind, found.subject, found.body, values)
    except ValidationError as error:
        problems = error.messages
    context = {
        "template": found,
        "kind": kind,
        "area": Area(kind.area).label,
        "rendered": rendered,
        "problems": problems,
        "record": record if name else "",
        "record_name": name,
        "asked": asked,
        "records": list(kind.records(asked)) if asked and kind.area in areas_of(request.user) else [],
    }
    return render(request, "outbox/template.html", context)


@requires("outbox.write")
@require_safe
def template_history(request: HttpRequest, pk: int) -> HttpResponse:
    found, _kind = _template(pk)
    history: Any = MessageTemplate.history
    versions = history.filter(id=pk).select_related("history_user").order_by("-history_id")[:100]
    return render(request, "outbox/template_history.html", {"template": found, "versions": versions})


@requires("outbox.write")
@require_POST
def test_template(request: HttpRequest, pk: int) -> HttpResponse:
    found, kind = _template(pk)
    user = user_of(request)
    values, _name = _values(request, kind, request.POST.get("record", ""))
    return act(
        request,
        lambda: actions.send_test(template=found, actor=user, values=values),
        _("A test is on its way to %(address)s.") % {"address": user.email},
        _page(pk),
    )


def _archive(request: HttpRequest, pk: int, *, bring_back: bool) -> HttpResponse:
    found, _kind = _to_change(request, pk)
    user = user_of(request)
    again = "archive" if bring_back else "unarchive"
    return act(
        request,
        lambda: actions.archive_template(template=found, actor=user, bring_back=bring_back),
        _("In use again.") if bring_back else _("Archived: it is offered no more."),
        _page(pk),
        undo_url=reverse(f"outbox:{again}_template", args=[pk]),
    )


@requires("outbox.write")
@require_POST
def archive_template(request: HttpRequest, pk: int) -> HttpResponse:
    return _archive(request, pk, bring_back=False)


@requires("outbox.write")
@require_POST
def unarchive_template(request: HttpRequest, pk: int) -> HttpResponse:
    return _archive(request, pk, bring_back=True)
