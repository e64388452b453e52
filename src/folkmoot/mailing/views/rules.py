"""Rules: the list, one rule, writing it, trying it, switching it on and off."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import saving
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.mailing import engine, languages, queries
from folkmoot.mailing.actions import rules as actions
from folkmoot.mailing.forms import Conditions, RuleForm
from folkmoot.mailing.lists import UNDOING, RuleList
from folkmoot.mailing.models import OPEN, MailRule, MailState
from folkmoot.mailing.rules import DECIDES, subjects_of
from folkmoot.mailing.subjects import Subject, subjects
from folkmoot.outbox.public import MessageTemplate, message_kinds
from folkmoot.outbox.public import render as fill

MANAGE = "mailing.manage"


@requires("mailing.view")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponseBase:
    """The rules that one may see."""
    return RuleList(request).respond("mailing/rules.html")


def _rule(request: HttpRequest, pk: int) -> MailRule:
    rows = queries.rules_for(user_of(request)).select_related("template", "channel")
    rows = rows.prefetch_related("texts")
    return get_object_or_404(rows, pk=pk)


def _to_change(request: HttpRequest, pk: int) -> MailRule:
    found = _rule(request, pk)
    demand(request.user, MANAGE, found)
    return found


def _subject(found: MailRule) -> Subject:
    if found.subject not in subjects:
        raise Http404
    return subjects.get(found.subject)


def page_of(rule: MailRule) -> str:
    """The address of a rule's page."""
    return reverse("mailing:rule", args=[rule.pk])


@requires("mailing.view")
@require_safe
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule in words, what it has planned and sent, and on request what it would do now."""
    found = _rule(request, pk)
    subject = subjects.get(found.subject) if found.subject in subjects else None
    states = dict.fromkeys(MailState.values, 0)
    states |= dict(found.planned.order_by().values_list("state").annotate(n=Count("pk")))
    trial = None
    if subject is not None and "try" in request.GET:
        trial = engine.trial(found, subject)
    context = {
        "rule": found,
        "subject_label": queries.subject_label(found.subject),
        "said": queries.described(found),
        "open_mails": sum(states[state] for state in OPEN),
        "waiting": states[MailState.WAITING],
        "sent": states[MailState.HANDED],
        "not_sent": states[MailState.CANCELLED] + states[MailState.SKIPPED],
        "troubled": found.planned.filter(state__in=OPEN).exclude(problem="").order_by("-tried_at").first(),
        "trial": trial,
        "is_known": subject is not None,
        "text_problems": _text_problems(found, subject),
        "texts": [
            (code, languages.label(code), said[0], languages.warnings(found, code))
            for code, said in languages.offered(found).items()
        ],
        "fallback": languages.label(languages.choose(found, ())),
    }
    return render(request, "mailing/rule.html", context)


def _text_problems(found: MailRule, subject: Subject | None) -> list[str]:
    """What is wrong with a rule's text whatever the record: a variable that there is not."""
    if subject is None:
        return [_("This version knows no such kind of record.")]
    kind = message_kinds.get(subject.kind)
    problems = [_("Its text is archived.")] if found.template.archived_at else []
    try:
        fill(kind, found.template.subject, found.template.body, kind.examples())
    except ValidationError as error:
        problems += error.messages
    return problems


@requires(MANAGE)
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Asks what the new rule is about."""
    keys = subjects_of(request.user, DECIDES)
    known = [subject for subject in subjects if subject.key in keys]
    return render(request, "mailing/new.html", {"subjects": known})


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_about(request: HttpRequest, subject: str) -> HttpResponse:
    """Writes a new rule."""
    if subject not in subjects:
        raise Http404
    declared = subjects.get(subject)
    demand(request.user, MANAGE, declared)
    return _form(request, declared, None)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a rule."""
    found = _to_change(request, pk)
    return _form(request, _subject(found), found)


def _form(request: HttpRequest, subject: Subject, found: MailRule | None) -> HttpResponse:
    user, trial = user_of(request), None
    if request.method == "POST":
        form = RuleForm(request.POST, subject=subject, rule=found)
        conditions = Conditions.of_post(subject, request.POST)
        do = request.POST.get("do", "save")
        if do == "add":
            conditions.add(request.POST.get("new_fact", ""))
            form.silence()
        elif do.startswith("drop:"):
            conditions.drop(do.removeprefix("drop:"))
            form.silence()
        elif form.is_valid():
            values = {**form.values(), "conditions": conditions.values()}
            try:
                if do == "try":
                    trial = engine.trial(_unsaved(subject, values), subject)
                else:
                    return _saved(request, subject, found, values, form.version)
            except ValidationError as error:
                form.refuse(error)
    else:
        form = RuleForm(subject=subject, rule=found)
        conditions = Conditions(subject, found.conditions if found else [])
    context = {
        "form": form,
        "subject": subject,
        "conditions": conditions,
        "rule": found,
        "trial": trial,
        "kind": message_kinds.get(subject.kind),
        "has_texts": MessageTemplate.objects.filter(kind=subject.kind, archived_at=None).exists(),
        "title": _("Edit %(name)s") % {"name": found} if found else _("New rule"),
        "cancel": page_of(found) if found else reverse("mailing:rules"),
        "may_try": True,
        "user": user,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mailing/rule_form.html", context, status=status)


def _unsaved(subject: Subject, values: dict[str, Any]) -> MailRule:
    """A rule to try, that is not kept.

    Raises:
        ValidationError: by field.
    """
    row = MailRule(subject=subject.key)
    saving.put(row, values)
    actions.checked(subject, row)
    return row


@transaction.atomic
def _saved(
    request: HttpRequest, subject: Subject, found: MailRule | None, values: dict[str, Any], seen: int | None
) -> HttpResponse:
    user = user_of(request)
    before = saving.current_version(found) if found else 0
    row = actions.save_rule(rule=found, subject=subject.key, values=values, actor=user, seen=seen)
    changed = saving.current_version(row) != before
    said = _("Saved.") if found else _("Saved, switched off. Look what it would do, then switch it on.")
    toast(request, said, undo_url=_undo_url(request, row) if changed else "")
    return HttpResponseRedirect(page_of(row))


def _undo_url(request: HttpRequest, row: MailRule) -> str:
    return UNDOING.address(user_of(request), MANAGE, undo=last_change(row).as_json())


@requires(MANAGE)
@require_POST
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on it plans mails."""
    found = _to_change(request, pk)

    @transaction.atomic
    def act() -> tuple[str, str]:
        row = actions.switch_on(rule=found, actor=user_of(request))
        return _("Switched on: it looks at every record now, which may take a moment."), _undo_url(
            request, row
        )

    return answer_action(request, act, page_of(found))


@requires(MANAGE)
@require_POST
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    """It plans nothing more; what is planned rests."""
    found = _to_change(request, pk)

    @transaction.atomic
    def act() -> tuple[str, str]:
        row = actions.switch_off(rule=found, actor=user_of(request))
        resting = row.planned.filter(state__in=OPEN).count()
        said = ngettext(
            "Switched off: %(n)d mail that it has planned rests.",
            "Switched off: %(n)d mails that it has planned rest.",
            resting,
        ) % {"n": resting}
        return said, _undo_url(request, row)

    return answer_action(request, act, page_of(found))


@requires(MANAGE)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes it out of use, with what it has planned."""
    found = _to_change(request, pk)

    def act() -> tuple[str, str]:
        actions.archive(rule=found, actor=user_of(request))
        return _("Archived: what it had planned does not leave."), ""

    return answer_action(request, act, page_of(found))


@requires(MANAGE)
@require_POST
def unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    """Brings it back, switched off."""
    found = _to_change(request, pk)

    def act() -> tuple[str, str]:
        actions.archive(rule=found, actor=user_of(request), bring_back=True)
        return _("In use again, switched off."), ""

    return answer_action(request, act, page_of(found))


@requires("mailing.view")
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a rule."""
    found = _rule(request, pk)
    versions: Any = MailRule.history
    rows = list(versions.filter(id=pk).select_related("history_user").order_by("-history_id")[:100])
    shown = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        changes = [
            (field.verbose_name, getattr(before, field.attname), getattr(row, field.attname))
            for field in MailRule.history.model.tracked_fields
            if before is not None and getattr(before, field.attname) != getattr(row, field.attname)
        ]
        shown.append((row, changes))
    return render(request, "mailing/history.html", {"rule": found, "versions": shown})
