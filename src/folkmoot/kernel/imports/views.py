"""Pages of imports: choose, upload, say which column is which, look, import, undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions, columns, files, mending, queries, review, templates, undo
from folkmoot.kernel.imports.forms import ChoiceForm, ColumnsForm, UploadForm, add_problem
from folkmoot.kernel.imports.lists import AlikeList, DifferencesList, ImportsList, KeptList, RejectedList
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.imports.sources import FileProblem, Source, sources
from folkmoot.kernel.imports.tables import open_table
from folkmoot.kernel.imports.words import counter_label
from folkmoot.kernel.jobs import actions as jobs
from folkmoot.kernel.jobs.shown import show
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.toasts import toast

TONES = {
    RunState.MAPPING: "due",
    RunState.STAGED: "due",
    RunState.APPLIED: "done",
    RunState.REFUSED: "failed",
    RunState.FAILED: "failed",
    RunState.UNDONE: "quiet",
}
#: Up to so many changes an undo is tried out when its page is opened.
FORETELL_UP_TO = 20_000


@requires("imports.run")
def runs(request: HttpRequest) -> HttpResponseBase:
    return ImportsList(request).respond("imports/list.html")


@requires("imports.run")
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    return render(request, "imports/new.html", {"sources": queries.sources_for(_user(request))})


@requires("imports.run")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, key: str) -> HttpResponse:
    source = _source(request, key)
    form = UploadForm(source, request.POST, request.FILES) if request.method == "POST" else UploadForm(source)
    if form.is_bound and form.is_valid():
        try:
            path, origin = files.take_in(source, form.cleaned_data["files"])
            run = _begin(request, source, path, origin, form.options())
        except FileProblem as problem:
            add_problem(form, problem)
        else:
            return redirect("imports:run", pk=run.pk)
    context = {"source": source, "form": form}
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)


def _begin(
    request: HttpRequest, source: Source, path: Path, origin: str, options: dict[str, Any]
) -> ImportRun:
    if source.columns:
        try:
            files.headings(path)  # what is no table is told here, before anything is kept
        except FileProblem:
            files.remove_upload(path)
            raise
        return ImportRun.objects.create(
            source=source.key,
            path=str(path),
            origin=origin[:500],
            options=options,
            state=RunState.MAPPING,
            created_by=_user(request),
        )
    run, resumed = actions.start(
        source=source, path=path, origin=origin, options=options, actor=_user(request)
    )
    _tell_resumed(request, run, resumed)
    return run


def _tell_resumed(request: HttpRequest, run: ImportRun, resumed: bool) -> None:
    if resumed:
        toast(request, _("These very files were begun before: here they go on."))


@requires("imports.run")
@require_http_methods(["GET", "HEAD", "POST"])
def column_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if run.state != RunState.MAPPING:
        return redirect("imports:run", pk=run.pk)
    source, path = sources.get(run.source), Path(run.path)
    if not path.is_file():
        toast(request, _("The uploaded file is not there any more: send it again."), failed=True)
        return redirect("imports:upload", key=source.key)
    wanted = request.POST.get("sheet") or request.GET.get("sheet") or ""
    try:
        table = open_table(path, sheet=wanted)
        samples = table.samples()
    except FileProblem as problem:
        toast(request, problem, failed=True)
        if wanted:
            return redirect("imports:columns", pk=run.pk)
        return redirect("imports:upload", key=source.key)
    found = [heading for heading in table.headings if heading]
    form = ColumnsForm(source, found, columns.propose(source, found), request.POST or None, samples=samples)
    if request.method == "POST" and form.is_valid():
        try:
            mapping = form.mapping(path.name)
        except FileProblem as problem:
            add_problem(form, problem)
        else:
            columns.remember(source, found, mapping)
            run, resumed = actions.start(
                source=source,
                path=path,
                options={**run.options, "sheet": table.sheet if len(table.sheets) > 1 else ""},
                mapping=mapping,
                actor=_user(request),
                run=run,
            )
            _tell_resumed(request, run, resumed)
            return redirect("imports:run", pk=run.pk)
    context = {
        "run": run,
        "source": source,
        "form": form,
        "table": table,
        "headings": found,
        "samples": [[row.get(heading, "") for heading in found] for row in samples],
    }
    return render(request, "imports/columns.html", context, status=422 if form.errors else 200)


@requires("imports.run")
@never_cache
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    if found.state == RunState.MAPPING:
        return redirect("imports:columns", pk=pk)
    is_busy = found.job is not None and not found.job.is_finished
    counts = queries.counts_of(found)
    rejected = queries.rejected_of(found)
    context = {
        "run": found,
        "source": sources.get(found.source),
        "state": found.state,
        "tone": TONES.get(RunState(found.state), "new"),
        "is_busy": is_busy,
        "shown": show(found.job) if found.job is not None else None,
        "counts": _table(counts),
        "untouched": _untouched(counts),
        "results": [(label, reverse(name)) for label, name in sources.get(found.source).results],
        "notes": found.options.get("notes") or [],
        "alike_count": review.alike_of(found).count() if found.state == RunState.STAGED else 0,
        "chosen_count": len(found.options.get("choices") or {}),
        "differences": list(review.differences_of(found)[:10]) if found.state == RunState.STAGED else [],
        "differences_count": review.differences_of(found).count() if found.state == RunState.STAGED else 0,
        "rejected": list(rejected[:20]),
        "rejected_count": rejected.count(),
        "can_mend": mending.can_mend(found),
        "open_count": rejected.filter(dismissed_at=None, is_foretold=False).count(),
        "kept": queries.describe(list(queries.kept_of(found)[:20])),
        "kept_count": queries.kept_of(found).count(),
        "can_undo": not is_busy
        and found.state in (RunState.APPLIED, RunState.FAILED, RunState.UNDOING)
        and found.changes.filter(undone=False).exists(),
        "may_remove": not is_busy
        and found.state in (RunState.STAGED, RunState.REFUSED, RunState.FAILED)
        and not found.changes.exists(),
        "import_label": ngettext("Import %(n)s row", "Import %(n)s rows", found.staged)
        % {"n": f"{found.staged:,}"},
    }
    return render(request, "imports/run.html", context)


def _table(counts: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for numbers in counts.values() for name in numbers)
    return [
        {"name": counter_label(name), **{what: counts[what].get(name, 0) for what in counts}}
        for name in names
        if any(numbers.get(name) for numbers in counts.values())
    ]


def _untouched(counts: dict[str, dict[str, int]]) -> list[str]:
    """What the source could hold and this file did not."""
    names = dict.fromkeys(name for numbers in counts.values() for name in numbers)
    return [
        counter_label(name) for name in names if not any(numbers.get(name) for numbers in counts.values())
    ]


@requires("imports.run")
@require_safe
def template(request: HttpRequest, key: str, ending: str) -> HttpResponseBase:
    source = _source(request, key)
    if not source.columns or ending not in ("csv", "xlsx"):
        raise Http404
    return templates.download(source, ending)


@requires("imports.run")
@require_safe
def to_mend(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _run(request, pk)
    if not mending.can_mend(found):
        raise Http404
    response = StreamingHttpResponse(mending.lines(found), content_type="text/csv; charset=utf-8")
    name = mending.file_name(found)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@requires("imports.run")
def alike(request: HttpRequest, pk: int) -> HttpResponseBase:
    return AlikeList(request, run=_run(request, pk)).respond("imports/alike.html")


@requires("imports.run")
@require_http_methods(["GET", "HEAD", "POST"])
def alike_row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    found = _run(request, pk)
    staged = review.alike_of(found).filter(pk=row).first()
    if staged is None:
        raise Http404
    form = ChoiceForm(staged.payload, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose(
                run=found, rows=[staged.pk], choice=form.cleaned_data["choice"], actor=_user(request)
            )
            toast(request, _("Kept: it is done when the import is."))
        except actions.ImportStateError as error:
            toast(request, error, failed=True)
        return redirect("imports:alike", pk=found.pk)
    context = {"run": found, "row": staged, "form": form}
    return render(request, "imports/alike_row.html", context, status=422 if form.errors else 200)


@requires("imports.run")
def differences(request: HttpRequest, pk: int) -> HttpResponseBase:
    return DifferencesList(request, run=_run(request, pk)).respond("imports/differences.html")


@requires("imports.run")
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _run(request, pk)
    return RejectedList(request, run=found, can_mend=mending.can_mend(found)).respond("imports/rejected.html")


@requires("imports.run")
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    done = actions.dismiss_rejected(run=_run(request, pk), actor=_user(request))
    toast(request, ngettext("%(n)d row laid aside.", "%(n)d rows laid aside.", done) % {"n": done})
    return redirect("imports:run", pk=pk)


@requires("imports.run")
def kept(request: HttpRequest, pk: int) -> HttpResponseBase:
    return KeptList(request, run=_run(request, pk)).respond("imports/kept.html")


@requires("imports.run")
@require_http_methods(["GET", "HEAD", "POST"])
def undo_run(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    if request.method == "POST":
        return _act(request, found, actions.undo)
    changes = found.changes.filter(undone=False).count()
    foretold = undo.foretell_undo(found) if changes <= FORETELL_UP_TO else None
    context = {
        "run": found,
        "changes": changes,
        "foretold": foretold,
        "removed": sorted(foretold.undone.removed.items()) if foretold else [],
        "kept": queries.describe(list(foretold.kept)) if foretold else [],
    }
    return render(request, "imports/undo.html", context)


@requires("imports.run")
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _run(request, pk), actions.confirm)


@requires("imports.run")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _run(request, pk), actions.resume)


@requires("imports.run")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    try:
        actions.discard(run=found, actor=_user(request))
    except actions.ImportStateError as error:
        toast(request, error, failed=True)
        return redirect("imports:run", pk=pk)
    files.remove_upload(Path(found.path))
    toast(request, _("Removed: it had changed nothing."))
    return redirect("imports:list")


@requires("imports.run")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    if found.job is not None:
        try:
            jobs.cancel(job=found.job, actor=_user(request))
            toast(request, _("The import stops at its next step."))
        except jobs.JobStateError as error:
            toast(request, error, failed=True)
    return redirect("imports:run", pk=pk)


def _act(request: HttpRequest, found: ImportRun, act: Any) -> HttpResponse:
    try:
        act(run=found, actor=_user(request))
    except actions.ImportStateError as error:
        toast(request, error, failed=True)
    return redirect("imports:run", pk=found.pk)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _source(request: HttpRequest, key: str) -> Source:
    if key not in sources:
        raise Http404
    source = sources.get(key)
    demand(request.user, source.permission)
    return source


def _run(request: HttpRequest, pk: int) -> ImportRun:
    found = ImportRun.objects.select_related("job", "created_by", "undone_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    _source(request, found.source)
    return found
