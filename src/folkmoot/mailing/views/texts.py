"""The texts of a rule, one for each language: how each reads on a real record, adding, changing, removing one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists.filters import words
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo
from folkmoot.mailing import languages, queries
from folkmoot.mailing.actions import texts as actions
from folkmoot.mailing.forms import TextForm
from folkmoot.mailing.lists import UNDOING
from folkmoot.mailing.models import MailRule, RuleText
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.public import MessageKind, message_kinds
from folkmoot.outbox.public import render as fill

MANAGE = "mailing.manage"


def _rule(request: HttpRequest, pk: int) -> tuple[MailRule, MessageKind]:
    rows = queries.rules_for(user_of(request)).select_related("template").prefetch_related("texts")
    found = get_object_or_404(rows, pk=pk)
    if found.subject not in subjects:
        raise Http404
    return found, message_kinds.get(subjects.get(found.subject).kind)


def _text(request: HttpRequest, pk: int, language: str) -> tuple[MailRule, RuleText, MessageKind]:
    rule, kind = _rule(request, pk)
    demand(request.user, MANAGE, rule)
    found = next((one for one in rule.texts.all() if one.language == language), None)
    if found is None:
        raise Http404
    return rule, found, kind


def page_of(rule: MailRule, language: str) -> str:
    """The address of a text."""
    return reverse("mailing:rule_text", args=[rule.pk, language])


def _undo_url(request: HttpRequest, what: Undo) -> str:
    return UNDOING.address(user_of(request), MANAGE, undo=what.as_json())


@requires("mailing.view")
@require_safe
def text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """A text as it would leave, on a record chosen by ``?q=`` and ``?record=``."""
    rule, kind = _rule(request, pk)
    offered = languages.offered(rule)
    if language not in offered:
        raise Http404
    asked = next(iter(words(request.GET, "q")), "")
    number = next(iter(words(request.GET, "record")), "")
    record = kind.record(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    rendered, problems = None, []
    try:
        with translation.override(language):
            values = kind.values(user_of(request), record) if record is not None else kind.examples()
        rendered = fill(kind, *offered[language], values)
    except ValidationError as error:
        problems = error.messages
    context = {
        "rule": rule,
        "language": language,
        "language_label": languages.label(language),
        "is_own": language == rule.language,
        "warnings": languages.warnings(rule, language),
        "kind": kind,
        "rendered": rendered,
        "problems": problems,
        "record_name": str(record) if record is not None else "",
        "number": number if record is not None else "",
        "asked": asked,
        "records": list(kind.records(asked)) if asked else [],
        "others": [(code, languages.label(code)) for code in offered if code != language],
    }
    return render(request, "mailing/text.html", context)


def _form(
    request: HttpRequest, rule: MailRule, found: RuleText | None, kind: MessageKind, title: str, cancel: str
) -> HttpResponse:
    @transaction.atomic
    def act(form: TextForm) -> str:
        values: dict[str, Any] = {"language": found.language if found else "", **form.values()}
        row = actions.save_text(rule=rule, text=found, actor=user_of(request), **values)
        toast(
            request,
            _("Saved. Look how it reads on a real record."),
            undo_url=_undo_url(request, actions.undo_of(row)),
        )
        return page_of(rule, row.language)

    return answer_form(
        request,
        partial(TextForm, rule=rule, text=found),
        act,
        title=title,
        submit=_("Save"),
        cancel=cancel,
        template="mailing/text_form.html",
        kind=kind,
        rule=rule,
        own_label=languages.label(rule.language),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes a text in one more language."""
    rule, kind = _rule(request, pk)
    demand(request.user, MANAGE, rule)
    title = _("%(rule)s: one more language") % {"rule": rule}
    return _form(request, rule, None, kind, title, reverse("mailing:rule", args=[pk]))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Changes a text."""
    rule, found, kind = _text(request, pk, language)
    title = f"{rule}: {languages.label(language)}"
    return _form(request, rule, found, kind, title, page_of(rule, language))


@requires(MANAGE)
@require_POST
def remove(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Takes a text away."""
    rule, found, _kind = _text(request, pk, language)

    @transaction.atomic
    def act() -> tuple[str, str]:
        undo = actions.remove_text(text=found, actor=user_of(request))
        left = MailRule.objects.get(pk=rule.pk)
        said = _("Removed: who reads it gets the text in %(language)s.") % {
            "language": languages.label(languages.choose(left, [language]))
        }
        return said, _undo_url(request, undo)

    return answer_action(request, act, reverse("mailing:rule", args=[pk]))
