"""What leaves: the list, one delivery, and what a person does with it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox import actions, by_hand, comments, queries, shown
from folkmoot.outbox.actions.deliveries import AGAIN
from folkmoot.outbox.forms import EditForm, MoveForm
from folkmoot.outbox.lists import OutboxList, tone
from folkmoot.outbox.models import STUCK, Delivery, State
from folkmoot.outbox.views.base import act, answer_form, user_of


@requires("outbox.view")
@require_http_methods(["GET", "HEAD", "POST"])
def deliveries(request: HttpRequest) -> HttpResponseBase:
    return OutboxList(request).respond(
        "outbox/list.html",
        switch=queries.is_paused(),
        paused_channels=queries.channels().filter(paused_at__isnull=False),
    )


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    return get_object_or_404(queries.deliveries_for(user_of(request)), pk=pk)


def _to_change(request: HttpRequest, pk: int) -> Delivery:
    found = _delivery(request, pk)
    demand(request.user, "outbox.change", found)
    return found


def _page(pk: int) -> str:
    return reverse("outbox:delivery", args=[pk])


@requires("outbox.view")
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    found, user = _delivery(request, pk), user_of(request)
    missing = queries.missing_approvals(found) if found.state == State.WAITING else []
    may_change = user.has_perm("outbox.change", found)
    hand = by_hand.shown(found)
    context = {
        "delivery": found,
        "hand": hand,
        "may_tell": hand is not None and user.has_perm("outbox.tell", found),
        "tone": tone(found),
        "steps": shown.steps(found, list(found.attempts.select_related("by"))),
        "post": shown.post(found),
        "withdrawn": found.is_withdrawn,
        "later": found.later.order_by("pk"),
        "can_withdraw": may_change and shown.can_withdraw(found),
        "approvals": found.approvals.select_related("by", "rule"),
        "missing": missing,
        "may_approve": any(queries.may_approve(user, rule, found) for rule in missing),
        "may_change": may_change,
        "can_change": may_change and found.is_planned,
        "can_cancel": may_change and not (hand and hand.waits) and (found.is_planned or found.state in STUCK),
        "can_send_again": may_change and found.state in AGAIN,
        "asks": may_change and hand is None and found.state in (State.NEEDS_PERSON, State.UNCERTAIN),
        "kind": queries.kind_label(found.kind),
        "switch": queries.is_paused(),
        "bounces": found.bounces.all(),
        "files": found.attachments.defer("content"),
        "others": shown.others(found),
        "has_text": "markdown" in found.payload or found.channel.medium == comments.MEDIUM,
        "place": comments.place_of(found.payload) if found.channel.medium == comments.MEDIUM else "",
    }
    return render(request, "outbox/delivery.html", context)


@requires("outbox.view")
@require_safe
def attachment(request: HttpRequest, pk: int, number: int) -> FileResponse:
    found = get_object_or_404(_delivery(request, pk).attachments, number=number)
    kind = found.type.partition(";")[0]
    return FileResponse(
        BytesIO(bytes(found.content)), as_attachment=True, filename=found.name, content_type=kind
    )


@requires("outbox.change")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)

    def make(data: Any = None) -> EditForm:
        payload = found.payload
        initial = {
            "subject": payload.get("subject", found.title),
            "markdown": payload.get("markdown", payload.get("body")),
        }
        return EditForm(data, initial=initial)

    def do(form: EditForm) -> str:
        actions.edit(delivery=found, actor=user_of(request), **form.cleaned_data)
        toast(request, _("Saved. Approvals given before do not hold for the new text."))
        return _page(pk)

    return answer_form(
        request,
        make,
        do,
        title=_("Change “%(title)s”") % {"title": found.title},
        submit=_("Save"),
        cancel=_page(pk),
    )


@requires("outbox.change")
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)

    def make(data: Any = None) -> MoveForm:
        initial = {"wall_time": found.wall_time, "zone": found.zone} if found.wall_time else {}
        return MoveForm(data, initial=initial)

    def do(form: MoveForm) -> str:
        actions.reschedule(delivery=found, actor=user_of(request), **form.cleaned_data)
        toast(request, _("It leaves at the new time."))
        return _page(pk)

    return answer_form(
        request, make, do, title=_("When “%(title)s” leaves") % {"title": found.title}, submit=_("Set the time"),
        cancel=_page(pk),
    )  # fmt: skip


@requires("outbox.view")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    found = _delivery(request, pk)
    seen = request.POST.get("seen", "")
    return act(
        request,
        lambda: actions.approve(delivery=found, actor=user_of(request), seen=seen),
        _("Approved."),
        _page(pk),
    )


@requires("outbox.change")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    return act(
        request,
        lambda: actions.cancel(delivery=found, actor=user_of(request)),
        _("It does not leave."),
        _page(pk),
    )


@requires("outbox.change")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    return act(
        request,
        lambda: actions.withdraw(delivery=found, asked_by=user_of(request)),
        _("It is being taken away."),
        _page(pk),
    )


@requires("outbox.change")
@require_POST
def send_now(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    return act(
        request,
        lambda: actions.send_now(delivery=found, actor=user_of(request)),
        _("It leaves now."),
        _page(pk),
    )


@requires("outbox.change")
@require_POST
def it_is_there(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    url = request.POST.get("url", "").strip()[:500]
    return act(
        request,
        lambda: actions.it_is_there(delivery=found, actor=user_of(request), url=url),
        _("Noted: it arrived."),
        _page(pk),
    )


@requires("outbox.change")
@require_POST
def it_is_not(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    return act(
        request,
        lambda: actions.it_is_not(delivery=found, actor=user_of(request)),
        _("Noted: it is sent again."),
        _page(pk),
    )


@requires("outbox.switch")
@require_POST
def pause_all(request: HttpRequest) -> HttpResponse:
    return act(
        request,
        lambda: actions.pause_all(why=request.POST.get("why", ""), actor=user_of(request)),
        _("Nothing leaves until somebody resumes it."),
        reverse("outbox:list"),
        undo_url=reverse("outbox:resume_all"),
    )


@requires("outbox.switch")
@require_POST
def resume_all(request: HttpRequest) -> HttpResponse:
    return act(
        request,
        lambda: actions.resume_all(actor=user_of(request)),
        _("Messages leave again."),
        reverse("outbox:list"),
        undo_url=reverse("outbox:pause_all"),
    )
