"""Channels and approval rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import PostConnector
from folkmoot.connectors.provider import MailProvider
from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox import actions, connecting, mail, queries
from folkmoot.outbox.forms import ChannelForm, RuleForm
from folkmoot.outbox.models import ApprovalRule, Channel
from folkmoot.outbox.testing import send_test_of
from folkmoot.outbox.views.base import act, answer_form, user_of
from folkmoot.outbox.views.connecting import go


def _channel(pk: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("paused_by"), pk=pk)


def _page(pk: int) -> str:
    return reverse("outbox:channel", args=[pk])


@requires("outbox.admin")
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    rows = list(Channel.objects.order_by("archived_at", "name"))
    kinds = {connector.key: connector for connector in connectors}
    context = {
        "channels": [(row, kinds[row.kind].label if row.kind in kinds else row.kind) for row in rows],
        "kinds": [connector for connector in connectors if connector.is_offered()],
        "soon": clock.now() + dt.timedelta(days=queries.EXPIRY_DAYS[0]),
    }
    return render(request, "outbox/channels.html", context)


@requires("outbox.admin")
@require_http_methods(["GET", "POST"])
def new_channel(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in connectors or not connectors.get(kind).is_offered():
        raise Http404
    connector = connectors.get(kind)

    goes = connecting.sign_in_of(connector) is not None

    def do(form: ChannelForm) -> str | HttpResponse:
        values = form.values()
        if connecting.has_to_go(connector, values["secrets"]):
            return go(request, connector, values)
        made = actions.save_channel(channel=None, kind=kind, actor=user_of(request), **values)
        toast(
            request,
            _("The channel is ready. Send yourself a test.")
            if made.medium == "mail"
            else _("The channel is ready."),
        )
        return _page(made.pk)

    return answer_form(
        request,
        lambda data=None: ChannelForm(data, connector=connector),
        do,
        title=_("New channel: %(kind)s") % {"kind": connector.label},
        submit=_("Connect") if goes else _("Add channel"),
        cancel=reverse("outbox:channels"),
        guide=connector.guide,
        scopes=getattr(connector, "scopes", ()),
        back=connecting.back() if goes else "",
    )


@requires("outbox.admin")
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _channel(pk)
    if found.kind not in connectors:
        raise Http404
    connector = found.connector

    def do(form: ChannelForm) -> str:
        actions.save_channel(channel=found, kind=found.kind, actor=user_of(request), **form.values())
        toast(request, _("Saved."))
        return _page(pk)

    return answer_form(
        request,
        lambda data=None: ChannelForm(data, connector=connector, channel=found),
        do,
        "outbox/channel.html",
        channel=found,
        kind=connector.label,
        goes=connecting.sign_in_of(connector) is not None,
        is_tested=isinstance(connector, PostConnector) and not connector.is_manual,
        handle=found.settings.get("handle", ""),
        scopes=getattr(connector, "scopes", ()),
        soon=clock.now() + dt.timedelta(days=queries.EXPIRY_DAYS[0]),
        warnings=connector.warnings(found.access),
        hook=mail.absolute(reverse("outbox:webhook", args=[pk])) if found.kind == MailProvider.key else "",
    )


@requires("outbox.admin")
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    found = _channel(pk)
    return act(
        request,
        lambda: actions.pause_channel(channel=found, why=request.POST.get("why", ""), actor=user_of(request)),
        _("Nothing leaves on this channel until somebody resumes it."),
        _page(pk),
        undo_url=reverse("outbox:resume_channel", args=[pk]),
    )


@requires("outbox.admin")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    found = _channel(pk)
    return act(
        request,
        lambda: actions.resume_channel(channel=found, actor=user_of(request)),
        _("Messages leave again on this channel."),
        _page(pk),
        undo_url=reverse("outbox:pause_channel", args=[pk]),
    )


@requires("outbox.admin")
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    found = _channel(pk)
    return act(
        request,
        lambda: actions.archive_channel(channel=found, actor=user_of(request)),
        _("Out of use."),
        reverse("outbox:channels"),
        undo_url=reverse("outbox:unarchive_channel", args=[pk]),
    )


@requires("outbox.admin")
@require_POST
def unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    found = _channel(pk)
    return act(
        request,
        lambda: actions.unarchive_channel(channel=found, actor=user_of(request)),
        _("In use again."),
        _page(pk),
    )


@requires("outbox.admin")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    found, user = _channel(pk), user_of(request)
    return act(
        request,
        lambda: send_test_of(channel=found, to=user.email, asked_by=user),
        _("A test is on its way to %(address)s.") % {"address": user.email},
        _page(pk),
    )


# ---------------------------------------------------------- approval rules


@requires("outbox.admin")
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    rows = ApprovalRule.objects.select_related("channel")
    shown = [(row, queries.kind_label(row.kind), Level(row.level).label) for row in rows]
    return render(request, "outbox/rules.html", {"rules": shown})


def _save_rule(request: HttpRequest, found: ApprovalRule | None) -> Any:
    def do(form: RuleForm) -> str:
        actions.save_approval_rule(rule=found, actor=user_of(request), **form.cleaned_data)
        toast(request, _("Saved."))
        return reverse("outbox:rules")

    return do


@requires("outbox.admin")
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    return answer_form(
        request,
        lambda data=None: RuleForm(data),
        _save_rule(request, None),
        title=_("New approval rule"),
        submit=_("Add rule"),
        cancel=reverse("outbox:rules"),
    )


@requires("outbox.admin")
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ApprovalRule, pk=pk)
    return answer_form(
        request,
        lambda data=None: RuleForm(data, rule=found),
        _save_rule(request, found),
        "outbox/rule.html",
        rule=found,
        title=_("Approval rule"),
        submit=_("Save"),
        cancel=reverse("outbox:rules"),
    )


@requires("outbox.admin")
@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ApprovalRule, pk=pk)
    return act(
        request,
        lambda: actions.remove_approval_rule(rule=found, actor=user_of(request)),
        _("The rule is gone; what waited for it alone leaves at its time."),
        reverse("outbox:rules"),
    )
