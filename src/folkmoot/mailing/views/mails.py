"""Planned mails: the list, one of them as it will leave and why, and what a person does with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, undo
from folkmoot.mailing import engine, facts, languages, queries, sending
from folkmoot.mailing.actions import mails as actions
from folkmoot.mailing.forms import MailForm
from folkmoot.mailing.lists import UNDOING, MailList, undo_url
from folkmoot.mailing.models import MailState, PlannedMail, Together
from folkmoot.mailing.panels import TONES
from folkmoot.mailing.subjects import Subject, subjects
from folkmoot.outbox.public import message_kinds

MANAGE = "mailing.manage"


@requires("mailing.view")
@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: HttpRequest) -> HttpResponseBase:
    """The mails that one may see."""
    return MailList(request).respond("mailing/mails.html")


def _mail(request: HttpRequest, pk: int) -> PlannedMail:
    rows = queries.mails_for(user_of(request)).select_related(
        "rule__template", "rule__channel", "approved_by", "changed_by"
    )
    return get_object_or_404(rows, pk=pk)


def _to_change(request: HttpRequest, pk: int) -> PlannedMail:
    found = _mail(request, pk)
    demand(request.user, MANAGE, found)
    return found


def page_of(pk: int) -> str:
    """The address of a mail's page."""
    return reverse("mailing:mail", args=[pk])


@requires("mailing.view")
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as it will leave, why it is there, and what became of it."""
    found = _mail(request, pk)
    subject = subjects.get(found.subject) if found.subject in subjects else None
    loaded = subject.load([found.record_id]).get(found.record_id) if subject is not None else None
    context = {
        "mail": found,
        "rule": found.rule,
        "tone": "overdue" if found.problem or found.question else TONES[MailState(found.state)],
        "record_url": queries.record_url(found.subject, found.record_id) if loaded is not None else "",
        "subject_label": queries.subject_label(found.subject),
        "said": queries.described(found.rule),
        "asked": _asked(subject, found, loaded) if subject is not None and loaded is not None else [],
        "languages": [languages.label(code) for code in dict.fromkeys(found.languages)],
        "letter": _letter(subject, found, loaded)
        if found.is_open and subject and loaded is not None
        else None,
        "each": found.rule.together == Together.EACH,
        "deliveries": found.deliveries.order_by("pk"),
        "rests": found.is_open and not found.rule.is_active,
        "is_gone": loaded is None,
    }
    return render(request, "mailing/mail.html", context)


def _asked(subject: Subject, found: PlannedMail, loaded: Any) -> list[tuple[str, str, bool]]:
    labels = facts.labels_of(subject, found.rule.conditions)
    return [
        (
            facts.said(one.fact, one.operator, one.wanted, labels.get(one.fact.key, {})),
            facts.shown(one.fact, one.value, labels.get(one.fact.key, {})),
            one.holds,
        )
        for one in facts.ask(subject, found.rule.conditions, loaded, clock.now())
    ]


def _letter(subject: Subject, found: PlannedMail, loaded: Any) -> sending.Letter:
    only = found.to[0] if found.rule.together == Together.EACH and found.to else None
    return sending.letter(found, subject, loaded, only=only)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Sets recipients, moment and text by hand."""
    found, user = _to_change(request, pk), user_of(request)
    kind = message_kinds.get(subjects.get(found.subject).kind) if found.subject in subjects else None

    @transaction.atomic
    def act(form: MailForm) -> str:
        was = actions.kept(found)
        actions.edit(mail=found, actor=user, **form.values())
        toast(
            request,
            _("Saved. The rule does not change any more what you set by hand."),
            undo_url=undo_url(user, [was], ""),
        )
        return page_of(pk)

    return answer_form(
        request,
        partial(
            MailForm, mail=found, text=engine.text_of(found, found.rule, next(iter(found.languages), ""))
        ),
        act,
        title=_("Edit the mail about %(name)s") % {"name": found.record_name},
        submit=_("Save"),
        cancel=page_of(pk),
        template="mailing/mail_form.html",
        kind=kind,
    )


def _act(
    request: HttpRequest, pk: int, do: Callable[[PlannedMail], Any], said: str, after: str | None
) -> HttpResponse:
    found, user = _to_change(request, pk), user_of(request)
    was = actions.kept(found)

    @transaction.atomic
    def act() -> tuple[str, str]:
        do(found)
        return said, undo_url(user, [was], after) if after is not None else ""

    return answer_action(request, act, page_of(pk))


@requires(MANAGE)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to it as it is."""
    user, seen = user_of(request), request.POST.get("seen", "")[:64]
    return _act(
        request,
        pk,
        lambda one: actions.approve(mail=one, actor=user, seen=seen),
        _("Approved: it leaves at its moment."),
        MailState.APPROVED,
    )


@requires(MANAGE)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not leave."""
    user, why = user_of(request), request.POST.get("why", "")[:400]
    return _act(
        request,
        pk,
        lambda one: actions.cancel(mail=one, actor=user, why=why),
        _("It does not leave."),
        MailState.CANCELLED,
    )


@requires(MANAGE)
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans what was cancelled or not sent all the same."""
    user = user_of(request)
    return _act(
        request, pk, lambda one: actions.plan_again(mail=one, actor=user), _("Planned all the same."), ""
    )


@requires(MANAGE)
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Its reason went, and it leaves all the same."""
    user = user_of(request)
    return _act(request, pk, lambda one: actions.keep(mail=one, actor=user), _("It leaves all the same."), "")


@requires(MANAGE)
@require_POST
def send_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Hands it to the outbox at once."""
    user = user_of(request)
    return _act(
        request, pk, lambda one: actions.send_now(mail=one, actor=user), _("It is in the outbox."), None
    )


@requires(MANAGE)
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Takes back what a button did."""
    user = user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        payload = UNDOING.read(user, token)
        if "undo" in payload:
            demand(user, payload["may"])
            undo(what=Undo.from_json(payload["undo"]), actor=user)
        else:
            rows = [told for told in payload["mails"] if _may(request, told["pk"])]
            actions.take_back(before=rows, after=payload["after"], actor=user)
        return _("Taken back."), ""

    return answer_action(request, act, reverse("mailing:mails"))


def _may(request: HttpRequest, pk: int) -> bool:
    found = PlannedMail.objects.filter(pk=pk).first()
    return found is not None and user_of(request).has_perm(MANAGE, found)
