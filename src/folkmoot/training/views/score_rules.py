"""What gives applications points: the rules of one form."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.training.actions import scoring
from folkmoot.training.forms.requests import RuleForm
from folkmoot.training.models import RequestForm, RequestState, ScoreRule
from folkmoot.training.views.base import undo_url
from folkmoot.training.views.request_forms import ADMIN


def _page(form: RequestForm) -> str:
    return reverse("training:score_rules", args=[form.pk])


@requires("training.manage")
@require_GET
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a form, and how many requests they weigh."""
    form = get_object_or_404(RequestForm, pk=pk)
    found = list(form.rules.select_related("field").order_by("is_archived", "pk")[:200])
    context = {
        "form_row": form,
        "rules": [rule for rule in found if not rule.is_archived],
        "archived": [rule for rule in found if rule.is_archived],
        "waiting": form.requests.filter(state=RequestState.PENDING).count(),
    }
    return render(request, "training/requests/settings/rules.html", context)


def _said() -> str:
    return _("Saved. The requests that wait are reckoned anew.")


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a rule."""
    row, user = get_object_or_404(RequestForm, pk=pk), user_of(request)

    def act(form: RuleForm) -> str:
        values: Any = form.values()
        scoring.save_rule(form=row, values=values, actor=user)
        return _page(row)

    return answer_form(
        request,
        partial(RuleForm, form=row),
        act,
        title=_("New rule"),
        about=row.title,
        submit=_("Add"),
        said=_said(),
        cancel=_page(row),
        template="training/form.html",
    )


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a rule."""
    rule = get_object_or_404(ScoreRule.objects.select_related("form", "field"), pk=pk)
    user = user_of(request)

    def act(form: RuleForm) -> str:
        values: Any = form.values()
        scoring.save_rule(form=rule.form, rule=rule, values=values, actor=user, seen=form.version)
        return _page(rule.form)

    return answer_form(
        request,
        partial(RuleForm, form=rule.form, instance=rule),
        act,
        title=_("Rule"),
        about=rule.form.title,
        submit=_("Save"),
        said=_said(),
        cancel=_page(rule.form),
        template="training/piece.html",
        remove=reverse("training:remove_score_rule", args=[rule.pk]),
    )


@requires(ADMIN)
@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a rule out."""
    rule = get_object_or_404(ScoreRule.objects.select_related("form"), pk=pk)
    page, user = _page(rule.form), user_of(request)

    def act() -> tuple[str, str]:
        undo = scoring.remove_rule(rule=rule, actor=user)
        return _("The rule is gone."), undo_url(user, undo, ADMIN)

    response = answer_action(request, act, page)
    response["Location"] = page
    return response
