"""How reviews work: programmes, their stages, labels, rules and checklists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.undo import Undo
from folkmoot.reviews.actions import programmes as actions
from folkmoot.reviews.actions.flags import settle_label
from folkmoot.reviews.forms.programmes import ItemForm, LabelForm, ProgrammeForm, RuleForm, StageForm
from folkmoot.reviews.models import ChecklistItem, Flag, HoldUpRule, LabelMeaning, Programme, Stage
from folkmoot.reviews.queries.pages import by_turn, label_groups, rule_words
from folkmoot.reviews.views.base import undo_url
from folkmoot.reviews.views.submissions import history_page

ADMIN = "reviews.admin"


def programme_url(row: Programme) -> str:
    """The address of a programme's page."""
    return reverse("reviews:programme", args=[row.pk])


def stage_url(row: Stage) -> str:
    """The address of a stage's page."""
    return reverse("reviews:stage", args=[row.pk])


@requires(ADMIN)
@require_GET
def programmes(request: HttpRequest) -> HttpResponse:
    """Programmes of review."""
    rows = Programme.objects.annotate(
        stages_count=Count("stages", filter=Q(stages__is_archived=False), distinct=True),
        submissions_count=Count("submissions", distinct=True),
    ).order_by("is_archived", "name", "pk")
    return render(request, "reviews/settings/programmes.html", {"programmes": list(rows)})


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_programme(request: HttpRequest) -> HttpResponse:
    """Adds a programme."""

    def act(form: ProgrammeForm) -> str:
        return programme_url(actions.add_programme(actor=user_of(request), **form.values()))

    return _form(
        request,
        ProgrammeForm,
        act,
        title=_("New programme"),
        submit=_("Add programme"),
        cancel=reverse("reviews:programmes"),
    )


def _form(request: HttpRequest, make: Any, act: Any, **context: Any) -> HttpResponse:
    return answer_form(request, make, act, template="reviews/form.html", **context)


@requires(ADMIN)
@require_GET
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """A programme with its stages, labels and rules."""
    row = get_object_or_404(Programme, pk=pk)
    stages = list(
        row.stages.annotate(
            here=Count("submissions", filter=Q(submissions__outcome=""), distinct=True),
            to_do=Count("checklist", filter=Q(checklist__is_archived=False), distinct=True),
        ).order_by("position", "pk")
    )
    context = {
        "programme": row,
        "stages": [stage for stage in stages if not stage.is_archived],
        "set_aside": [stage for stage in stages if stage.is_archived],
        "labels": label_groups(list(row.labels.select_related("stage").order_by("label"))),
        "rules": [(rule, rule_words(rule)) for rule in row.rules.order_by("-is_active", "kind", "days")],
        "unknown": unknown_labels(row),
    }
    return render(request, "reviews/settings/programme.html", context)


def unknown_labels(row: Programme) -> list[str]:
    """Labels that were seen and have no meaning; one query."""
    found = (
        Flag.objects.filter(programme=row, kind=Flag.Kind.LABEL, settled_at=None)
        .order_by("value")
        .values_list("value", flat=True)
    )
    return list(dict.fromkeys(found))[:100]


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a programme."""
    row = get_object_or_404(Programme, pk=pk)

    def act(form: ProgrammeForm) -> str:
        actions.edit_programme(programme=row, actor=user_of(request), seen=form.version, **form.values())
        return programme_url(row)

    return _form(
        request,
        partial(ProgrammeForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row},
        submit=_("Save"),
        said=_("Saved."),
        cancel=programme_url(row),
    )


@requires(ADMIN)
@require_POST
def remove_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a programme of which nothing hangs."""
    row = get_object_or_404(Programme, pk=pk)
    remove = partial(actions.remove_programme, programme=row)
    return _remove(request, row, remove, programme_url(row), reverse("reviews:programmes"))


def _remove(
    request: HttpRequest, row: Any, remove: Callable[..., Undo], stays: str, gone: str
) -> HttpResponse:
    user, done = user_of(request), []

    def act() -> tuple[str, str]:
        undo = undo_url(user, remove(actor=user), ADMIN)
        done.append(row)
        return _("“%(name)s” is deleted.") % {"name": row}, undo

    response = answer_action(request, act, stays)
    if done:
        response["Location"] = gone
    return response


@requires(ADMIN)
@require_GET
def programme_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a programme, its stages, labels and rules."""
    return history_page(request, get_object_or_404(Programme, pk=pk), programme_url)


# -------------------------------------------------------------------- stages


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a stage to a programme."""
    row = get_object_or_404(Programme, pk=pk)

    def act(form: StageForm) -> str:
        actions.add_stage(programme=row, actor=user_of(request), **form.values())
        return programme_url(row)

    return _form(
        request,
        StageForm,
        act,
        title=_("New stage of %(name)s") % {"name": row},
        submit=_("Add stage"),
        cancel=programme_url(row),
    )


@requires(ADMIN)
@require_GET
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    """A stage with its checklist."""
    row = get_object_or_404(Stage.objects.select_related("programme"), pk=pk)
    items = list(row.checklist.order_by("position", "pk"))
    context = {
        "stage": row,
        "parts": by_turn([item for item in items if not item.is_archived]),
        "set_aside": [item for item in items if item.is_archived],
    }
    return render(request, "reviews/settings/stage.html", context)


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a stage."""
    row = get_object_or_404(Stage, pk=pk)

    def act(form: StageForm) -> str:
        actions.edit_stage(stage=row, actor=user_of(request), seen=form.version, **form.values())
        return stage_url(row)

    return _form(
        request,
        partial(StageForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row},
        submit=_("Save"),
        said=_("Saved."),
        cancel=stage_url(row),
    )


def _by(request: HttpRequest) -> int:
    wished = request.POST.get("by", "")
    if wished not in ("-1", "1"):
        raise ValidationError(_("Say where to: up or down."))
    return int(wished)


@requires(ADMIN)
@require_POST
def place_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves a stage up or down."""
    row = get_object_or_404(Stage.objects.select_related("programme"), pk=pk)

    def act() -> tuple[str, str]:
        moved = actions.place_stage(stage=row, by=_by(request), actor=user_of(request))
        return (_("“%(name)s” is moved.") if moved else _("“%(name)s” is at the end already.")) % {
            "name": row
        }, ""

    response = answer_action(request, act, programme_url(row.programme))
    response["Location"] += f"#stage-{row.pk}"
    return response


@requires(ADMIN)
@require_POST
def remove_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a stage in which nothing ever stood."""
    row = get_object_or_404(Stage.objects.select_related("programme"), pk=pk)
    remove = partial(actions.remove_stage, stage=row)
    return _remove(request, row, remove, stage_url(row), programme_url(row.programme))


# -------------------------------------------------------------------- labels


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what a label means."""
    row = get_object_or_404(Programme, pk=pk)
    return _label(request, row, LabelMeaning(programme=row, label=request.GET.get("label", "")[:100]))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what a label means."""
    row = get_object_or_404(LabelMeaning.objects.select_related("programme"), pk=pk)
    return _label(request, row.programme, row)


def _label(request: HttpRequest, programme: Programme, row: LabelMeaning) -> HttpResponse:
    user = user_of(request)

    def act(form: LabelForm) -> str:
        saved = actions.save_label(
            programme=programme,
            actor=user,
            meaning=row if row.pk else None,
            seen=form.version,
            **form.values(),
        )
        settle_label(meaning=saved)
        return programme_url(programme) + "#labels"

    return answer_form(
        request,
        partial(LabelForm, instance=row, programme=programme),
        act,
        title=_("What “%(label)s” means") % {"label": row} if row.pk else _("What a label means"),
        submit=_("Save"),
        said=_("Saved. Submissions show it at once."),
        cancel=programme_url(programme),
        template="reviews/settings/label.html" if row.pk else "reviews/form.html",
        label=row,
    )


@requires(ADMIN)
@require_POST
def remove_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a label's meaning away."""
    row = get_object_or_404(LabelMeaning.objects.select_related("programme"), pk=pk)
    back = programme_url(row.programme)
    return _remove(request, row, partial(actions.remove_label, label=row), back, back)


# --------------------------------------------------------------------- rules


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a rule for what is held up."""
    row = get_object_or_404(Programme, pk=pk)
    return _rule(request, row, HoldUpRule(programme=row))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a rule for what is held up."""
    row = get_object_or_404(HoldUpRule.objects.select_related("programme"), pk=pk)
    return _rule(request, row.programme, row)


def _rule(request: HttpRequest, programme: Programme, row: HoldUpRule) -> HttpResponse:
    def act(form: RuleForm) -> str:
        actions.save_rule(
            programme=programme,
            actor=user_of(request),
            rule=row if row.pk else None,
            seen=form.version,
            **form.values(),
        )
        return programme_url(programme) + "#rules"

    return answer_form(
        request,
        partial(RuleForm, instance=row),
        act,
        title=_("Edit a rule") if row.pk else _("New rule"),
        submit=_("Save") if row.pk else _("Add rule"),
        said=_("Saved.") if row.pk else "",
        cancel=programme_url(programme),
        template="reviews/settings/rule.html" if row.pk else "reviews/form.html",
        rule=row,
    )


@requires(ADMIN)
@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a rule."""
    row = get_object_or_404(HoldUpRule.objects.select_related("programme"), pk=pk)
    back = programme_url(row.programme)
    return _remove(request, row, partial(actions.remove_rule, rule=row), back, back)


# ---------------------------------------------------------------- checklists


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds an entry to a stage's checklist."""
    row = get_object_or_404(Stage, pk=pk)
    return _item(request, row, ChecklistItem(stage=row))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes an entry of a checklist."""
    row = get_object_or_404(ChecklistItem.objects.select_related("stage"), pk=pk)
    return _item(request, row.stage, row)


def _item(request: HttpRequest, stage: Stage, row: ChecklistItem) -> HttpResponse:
    def act(form: ItemForm) -> str:
        actions.save_item(
            stage=stage,
            actor=user_of(request),
            item=row if row.pk else None,
            seen=form.version,
            **form.values(),
        )
        return stage_url(stage)

    return answer_form(
        request,
        partial(ItemForm, instance=row),
        act,
        title=_("Edit an entry") if row.pk else _("New entry of the checklist"),
        submit=_("Save") if row.pk else _("Add entry"),
        said=_("Saved.") if row.pk else "",
        cancel=stage_url(stage),
        template="reviews/settings/item.html" if row.pk else "reviews/form.html",
        item=row,
    )


@requires(ADMIN)
@require_POST
def place_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves an entry of a checklist up or down."""
    row = get_object_or_404(ChecklistItem.objects.select_related("stage"), pk=pk)

    def act() -> tuple[str, str]:
        moved = actions.place_item(item=row, by=_by(request), actor=user_of(request))
        return (_("Moved.") if moved else _("It is at the end already.")), ""

    response = answer_action(request, act, stage_url(row.stage))
    response["Location"] += f"#item-{row.pk}"
    return response


@requires(ADMIN)
@require_POST
def remove_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes an entry that nobody has ticked."""
    row = get_object_or_404(ChecklistItem.objects.select_related("stage"), pk=pk)
    back = stage_url(row.stage)
    return _remove(request, row, partial(actions.remove_item, item=row), back, back)
