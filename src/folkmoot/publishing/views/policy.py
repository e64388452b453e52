"""The policy in the browser: the rules, what they would mean, and how they were before."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import current_version
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.publishing.actions.policy import add_shipped_rule, save_policy, tidied
from folkmoot.publishing.forms.agreement import PolicyForm
from folkmoot.publishing.models import Policy
from folkmoot.publishing.policy import shipped
from folkmoot.publishing.policy.loading import CannotRead, Problem, default_text, load
from folkmoot.publishing.policy.registry import checks
from folkmoot.publishing.policy.rules import CONDITIONS
from folkmoot.publishing.queries import policy as queries
from folkmoot.publishing.views.base import undo_url

#: Versions that the history shows.
VERSIONS = 50


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """The rules in YAML: tried on the last posts, then saved; beside them every check with what can be set."""
    row = Policy.objects.filter(pk=1).first()
    text = row.text if row is not None else default_text()
    saved = tidied(text)
    context: dict[str, Any] = {"checks": list(checks), "conditions": CONDITIONS.items()}
    if request.method == "POST":
        form = PolicyForm(request.POST)
        if form.is_valid():
            text = form.cleaned_data["text"]
            problems = _problems(text)
            if problems:
                context["problems"] = _shown(problems, text)
                form.add_error("text", _("The rules cannot be read. Nothing was saved."))
            elif request.POST.get("do") == "try":
                context["trial"] = queries.trial(load(text))
            elif rule := request.POST.get("add", ""):
                if tidied(text) == saved:
                    return _add_rule(request, rule, saved)
                form, text = _typed_with(form, rule)
                if text == saved:  # pressed twice
                    return HttpResponseRedirect(reverse("publishing:policy"))
                context["added"] = rule
            else:
                try:
                    save_policy(text=text, actor=user_of(request), seen=form.cleaned_data["seen"] or None)
                    toast(request, _("These rules hold from now on."))
                    return HttpResponseRedirect(reverse("publishing:policy"))
                except ValidationError as error:
                    form.refuse(error)
    else:
        form = PolicyForm(initial={"text": text, "seen": current_version(row) if row is not None else 0})
        if _problems(text):
            context["problems"] = _shown(_problems(text), text)
    context |= {"form": form, "offers": shipped.missing(text)}
    return render(request, "publishing/policy/policy.html", context, status=422 if form.errors else 200)


def _add_rule(request: HttpRequest, rule: str, saved: str) -> HttpResponse:
    def act() -> tuple[str, str]:
        user = user_of(request)
        row = add_shipped_rule(rule=rule, actor=user)
        undo = undo_url(user, last_change(row), "publishing.admin") if row.text != saved else ""
        return _("The rule “%(id)s” holds from now on.") % {"id": rule}, undo

    return answer_action(request, act, reverse("publishing:policy"))


def _typed_with(form: PolicyForm, rule: str) -> tuple[PolicyForm, str]:
    """What somebody is writing, with a shipped rule in it; nothing is saved."""
    text = tidied(form.cleaned_data["text"])
    try:
        text = shipped.with_rule(text, rule)
    except shipped.CannotAdd as error:
        form.add_error("text", str(error))
        return form, text
    return PolicyForm({"text": text, "seen": form.cleaned_data["seen"]}), text


def _problems(text: str) -> list[Problem]:
    try:
        load(text)
    except CannotRead as error:
        return error.problems
    return []


def _shown(problems: list[Problem], text: str) -> list[tuple[Problem, str]]:
    """Each problem with the line that it stands on."""
    lines = text.split("\n")
    return [
        (each, lines[each.line - 1].strip()[:120] if 0 < each.line <= len(lines) else "") for each in problems
    ]


@requires("publishing.admin")
@require_GET
def policy_history(request: HttpRequest) -> HttpResponse:
    """Every version of the rules, with who saved it."""
    return render(request, "publishing/policy/history.html", {"versions": queries.versions()[:VERSIONS]})


@requires("publishing.admin")
@require_POST
def restore_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets an earlier version of the rules hold again."""
    version = queries.versions().filter(history_id=pk).first()
    if version is None:
        raise Http404

    def act() -> tuple[str, str]:
        save_policy(
            text=version.text, actor=user_of(request), reason=f"as of {version.history_date:%Y-%m-%d %H:%M}"
        )
        return _("The earlier rules hold again."), ""

    return answer_action(request, act, reverse("publishing:policy"))
