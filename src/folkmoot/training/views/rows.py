"""Settings: programmes, kinds of events and parts, curricula, patterns of certificates; tiers, benefits, contacts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import Column, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.training.actions import base
from folkmoot.training.actions.rows import remove_row as remove
from folkmoot.training.actions.rows import save_row
from folkmoot.training.forms import progress as progress_forms
from folkmoot.training.forms import rows as forms
from folkmoot.training.models import (
    Badge,
    BenefitKind,
    CertificatePattern,
    ContactRole,
    Curriculum,
    EventKind,
    Involvement,
    Programme,
    Requirement,
    Survey,
    TaskKind,
    Tier,
)
from folkmoot.training.views.base import undo_url

ADMIN = "training.admin"


@dataclass(frozen=True)
class Table:
    """One kind of such rows: its word in the address, what it is, who uses it."""

    word: str
    model: Any
    form: Any
    title: Any
    about: Any
    new: Any
    #: The relation that says how often a row is used.
    used_by: str


TABLES = {
    table.word: table
    for table in (
        Table(
            "programmes",
            Programme,
            forms.ProgrammeForm,
            _("Programmes"),
            _("Under whose name events happen: a lesson programme, a series of conferences."),
            _("New programme"),
            "events",
        ),
        Table(
            "kinds",
            EventKind,
            forms.EventKindForm,
            _("Kinds of events"),
            _("What an event can be, and what events of this kind have."),
            _("New kind of event"),
            "events",
        ),
        Table(
            "parts",
            TaskKind,
            forms.TaskKindForm,
            _("Kinds of parts"),
            _("What people do at events, and whether their names stand on public pages."),
            _("New kind of part"),
            "tasks",
        ),
        Table(
            "curricula",
            Curriculum,
            forms.CurriculumForm,
            _("Curricula"),
            _("What is taught: lessons that belong together."),
            _("New curriculum"),
            "events",
        ),
        Table(
            "certificates",
            CertificatePattern,
            forms.PatternForm,
            _("Patterns of certificates"),
            _("What a certificate looks like: an SVG with gaps for facts."),
            _("New pattern"),
            "kinds",
        ),
        Table(
            "surveys",
            Survey,
            forms.SurveyForm,
            _("Surveys"),
            _(
                "Which surveys events get by themselves: before, after and months later, for whom, at which address."
            ),
            _("New survey"),
            "links",
        ),
        Table(
            "tiers",
            Tier,
            forms.TierForm,
            _("Tiers"),
            _("Levels of agreements, and what such an agreement gives to begin with."),
            _("New tier"),
            "agreements",
        ),
        Table(
            "benefits",
            BenefitKind,
            forms.BenefitKindForm,
            _("Benefits"),
            _("What agreements give: seats at trainings, workshops, credits."),
            _("New benefit"),
            "allowances",
        ),
        Table(
            "contacts",
            ContactRole,
            forms.ContactRoleForm,
            _("Roles of contacts"),
            _("As what people speak for a member or partner, and who of them sees who got seats."),
            _("New role of contacts"),
            "contacts",
        ),
        Table(
            "requirements",
            Requirement,
            progress_forms.RequirementForm,
            _("Requirements"),
            _("What trainees do on the way to a badge, and in how many days."),
            _("New requirement"),
            "progress",
        ),
        Table(
            "involvements",
            Involvement,
            progress_forms.InvolvementForm,
            _("Ways to get involved"),
            _("Where a requirement can be met in one of several ways: which, and what each asks for."),
            _("New way"),
            "progress",
        ),
        Table(
            "badges",
            Badge,
            progress_forms.BadgeForm,
            _("Badges"),
            _("What people are awarded, what leads to it, and which role it opens."),
            _("New badge"),
            "awards",
        ),
    )
}


def _table(word: str) -> Table:
    if word not in TABLES:
        raise Http404
    return TABLES[word]


def rows_url(table: Table) -> str:
    """The address of one of these lists."""
    return reverse("training:rows", args=[table.word])


class RowList(List):
    """Rows of one table."""

    key = "training_rows"
    title = _("Training & events")
    default_sort = "name"
    filters = (
        FlagFilter("archived", _("Archived"), lambda qs, on: qs.filter(is_archived=on), default=False),
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        table: Table = context["table"]
        self.key = f"training_{table.word}"  # type: ignore[misc]
        self.columns = (  # type: ignore[misc]
            Column(
                "name",
                _("Name"),
                "name",
                link=lambda row: reverse("training:edit_row", args=[table.word, row.pk]),
                sort="name" if table.model is CertificatePattern else "order,name",
            ),
            Column("slug", _("Short name"), "slug", sort="slug"),
            Column("used", _("Used"), "used", sort="used", number=True),
        )
        self.empty = Empty(  # type: ignore[misc]
            _("Nothing here yet"), table.about, icon="easel"
        )

    def queryset(self) -> QuerySet[Any]:
        table: Table = self.context["table"]
        rows: QuerySet[Any] = table.model._default_manager.annotate(used=Count(table.used_by, distinct=True))
        return rows

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(name__icontains=fold(words))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def rows(request: HttpRequest, table: str) -> HttpResponseBase:
    """One of these lists."""
    found = _table(table)
    return RowList(request, table=found).respond("training/settings/rows.html", tables=list(TABLES.values()))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_row(request: HttpRequest, table: str) -> HttpResponse:
    """Adds a programme, kind, curriculum or pattern."""
    found = _table(table)

    def act(form: forms.RowForm) -> str:
        made = save_row(row=found.model(), values=form.values(), actor=user_of(request))
        toast(request, _now("“%(name)s” is there.") % {"name": made}, undo_url=_undo(request, made))
        return rows_url(found)

    return answer_form(
        request,
        partial(_make, request, found),
        act,
        title=found.new,
        submit=_now("Add"),
        cancel=rows_url(found),
        template="training/form.html",
    )


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_row(request: HttpRequest, table: str, pk: int) -> HttpResponse:
    """Changes a programme, kind, curriculum or pattern, or archives it."""
    found = _table(table)
    row = get_object_or_404(found.model, pk=pk)

    def act(form: forms.RowForm) -> str:
        before = base.current_version(row)
        saved = save_row(row=row, values=form.values(), actor=user_of(request), seen=form.version)
        undo = _undo(request, saved) if base.current_version(saved) != before else ""
        toast(request, _now("Saved."), undo_url=undo)
        return rows_url(found)

    return answer_form(
        request,
        partial(_make, request, found, instance=row),
        act,
        title=_now("Edit %(name)s") % {"name": row},
        submit=_now("Save"),
        cancel=rows_url(found),
        template="training/piece.html",
        remove=reverse("training:remove_row", args=[found.word, row.pk]),
    )


def _make(request: HttpRequest, table: Table, *data: Any, **more: Any) -> Any:
    """The form of a row, with the files that were sent along."""
    return table.form(*data, *([request.FILES] if data else []), **more)


def _undo(request: HttpRequest, row: Any) -> str:
    return undo_url(user_of(request), last_change(row), ADMIN)


@requires(ADMIN)
@require_POST
def remove_row(request: HttpRequest, table: str, pk: int) -> HttpResponse:
    """Deletes a row that nothing uses."""
    found = _table(table)
    row, user = get_object_or_404(found.model, pk=pk), user_of(request)
    done: list[str] = []

    def act() -> tuple[str, str]:
        what = remove(row=row, actor=user)
        done.append(rows_url(found))
        return _now("“%(name)s” is deleted.") % {"name": row}, undo_url(user, what, ADMIN)

    response = answer_action(request, act, reverse("training:edit_row", args=[found.word, pk]))
    if done:
        response["Location"] = done[0]
    return response
