"""Pages about AMY: where it is asked, reading it, and the counts on both sides."""

from __future__ import annotations

import csv
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.shown import show
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import safe_cell
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.actions import amy as actions
from folkmoot.people.forms.amy import AmyForm
from folkmoot.people.imports.amy.mapped import amy_pages
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import AmyConnection
from folkmoot.people.queries import amy_report
from folkmoot.people.views.base import user_of

PERMISSION = "settings.manage"


@requires(PERMISSION)
@require_safe
def connection(request: HttpRequest) -> HttpResponse:
    row = AmyConnection.objects.first()
    job = Job.objects.filter(kind=actions.KIND).order_by("-pk").first() if row is not None else None
    runs = ImportRun.objects.filter(source=AMY).select_related("job").order_by("-pk")[:10]
    context = {"connection": row, "shown": show(job) if job is not None else None, "runs": runs}
    return render(request, "people/amy.html", context)


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def connect(request: HttpRequest) -> HttpResponse:
    row = AmyConnection.objects.first()
    form = AmyForm(request.POST or None, connection=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.connect_amy(**form.cleaned_data, actor=user_of(request))
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            toast(request, _("AMY answers. Read it when you like."))
            return redirect("people:amy")
    context = {
        "form": form,
        "title": _("Connection to AMY"),
        "submit": _("Ask AMY, and keep it"),
        "cancel": reverse("people:amy"),
    }
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


@requires(PERMISSION)
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AmyConnection, pk=pk)
    actions.read_amy(connection=row, apply=False, actor=user_of(request))
    toast(request, _("Reading has begun. Nothing changes before you have seen what would happen."))
    return redirect("people:amy")


@requires(PERMISSION)
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AmyConnection, pk=pk)
    actions.forget_amy(connection=row, actor=user_of(request))
    toast(request, _("The token is forgotten. What was imported stays."))
    return redirect("people:amy")


@requires("people.manage")
@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    runs = amy_report.runs_to_report()
    run = _chosen(request, runs)
    report = amy_report.report(run) if run is not None else None
    context: dict[str, Any] = {
        "runs": runs,
        "run": run,
        "report": report,
        "named": amy_report.NAMED,
        "lines": [(line, _page_of(line.model), line.named[: amy_report.NAMED]) for line in report.lines]
        if report is not None
        else [],
    }
    return render(request, "people/amy_report.html", context)


@requires("people.manage")
@require_safe
def counts_file(request: HttpRequest) -> HttpResponseBase:
    run = _chosen(request, amy_report.runs_to_report())
    if run is None:
        raise Http404
    writer = csv.writer(_Echo())
    lines = (
        writer.writerow([safe_cell(cell) for cell in row]) for row in amy_report.rows(amy_report.report(run))
    )
    answer = StreamingHttpResponse(("\ufeff" if n == 0 else "") + line for n, line in enumerate(lines))
    answer["Content-Type"] = "text/csv; charset=utf-8"
    answer["Content-Disposition"] = f'attachment; filename="amy-counts-{run.pk}.csv"'
    return answer


class _Echo:
    def write(self, value: str) -> str:
        return value


def _chosen(request: HttpRequest, runs: list[ImportRun]) -> ImportRun | None:
    asked = request.GET.get("run", "")
    if not asked:
        return runs[0] if runs else None
    return next((run for run in runs if str(run.pk) == asked), None)


def _page_of(model: str) -> str:
    return reverse(amy_pages[model]) if model in amy_pages else ""
