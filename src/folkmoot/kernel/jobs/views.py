"""Pages of background work."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from folkmoot import __version__
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions, queries
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import job_kinds
from folkmoot.kernel.jobs.shown import show
from folkmoot.kernel.permissions.access import demand, public, requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.kernel.ui.toasts import toast

#: Work that has been due for longer than this is a failure of the house, in seconds.
OVERDUE_SECONDS = 15 * 60


def _kinds() -> list[tuple[str, Any]]:
    return [(kind.key, kind.label) for kind in job_kinds]


class JobsList(List):
    """Background work, newest first."""

    key = "jobs"
    title = gettext_lazy("Jobs")
    columns = (
        Column(
            "kind",
            gettext_lazy("Work"),
            value=queries.label,
            link=lambda job: reverse("jobs:job", args=[job.pk]),
            sort="kind",
        ),
        Column(
            "state",
            gettext_lazy("State"),
            value="get_state_display",
            sort="state",
            template="jobs/state.html",
        ),
        Column("done", gettext_lazy("Done"), value="done", sort="done", number=True),
        Column(
            "attempts", gettext_lazy("Tries"), value="attempts", sort="attempts", number=True, shown=False
        ),
        Column("error", gettext_lazy("Error"), value=queries.error_summary),
        Column("by", gettext_lazy("Asked by"), value=lambda job: str(job.created_by or ""), shown=False),
        Column("created", gettext_lazy("Since"), value="created_at", sort="created_at"),
        Column("finished", gettext_lazy("Ended"), value="finished_at", sort="finished_at"),
    )
    filters = (
        ChoiceFilter(
            "state",
            gettext_lazy("State"),
            choices=JobState.choices,
            apply=lambda jobs, states: jobs.filter(state__in=states),
        ),
        ChoiceFilter(
            "kind",
            gettext_lazy("Work"),
            choices=_kinds,
            apply=lambda jobs, kinds: jobs.filter(kind__in=kinds),
        ),
    )
    default_sort = "-created"
    empty = Empty(
        gettext_lazy("No jobs yet"),
        gettext_lazy("Imports, reports and clean-ups that run in the background appear here."),
        icon="list-check",
    )

    def queryset(self) -> QuerySet[Job]:
        return queries.jobs_for(self.user)


@requires("jobs.view")
def jobs(request: HttpRequest) -> HttpResponseBase:
    return JobsList(request).respond("jobs/list.html")


def _job(request: HttpRequest, pk: int) -> Job:
    job = Job.objects.select_related("created_by").filter(pk=pk).first()
    if job is None or job.kind not in job_kinds:
        raise Http404
    demand(request.user, job_kinds.get(job.kind).permission)
    return job


@requires("jobs.view")
@never_cache
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "jobs/job.html", {"shown": show(_job(request, pk))})


@requires("jobs.view")
@never_cache
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job is, asked for every second; when it has ended the page is loaded again."""
    found = _job(request, pk)
    response = render(request, "jobs/progress.html", {"shown": show(found)})
    if found.is_finished:
        response["HX-Refresh"] = "true"
    return response


def _act(request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
    found = _job(request, pk)
    user = request.user if isinstance(request.user, User) else None
    try:
        act(job=found, actor=user)
    except actions.JobStateError as error:
        toast(request, error, failed=True)
    else:
        toast(request, done)
    return redirect("jobs:job", pk=pk)


@requires("jobs.view")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.cancel, _("The job stops at its next step."))


@requires("jobs.view")
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.retry, _("The job is tried again."))


@requires("jobs.view")
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.dismiss, _("Laid aside."))


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For monitors: whether the database answers and whether due work is taken up. 503 when not."""
    answer: dict[str, Any] = {
        "status": "ok",
        "database": "ok",
        "oldest_due_job_seconds": 0,
        "jobs_due": 0,
        "version": __version__,
    }
    try:
        backlog = queries.backlog(clock.now())
    except DatabaseError:
        return JsonResponse({**answer, "status": "failing", "database": "failing"}, status=503)
    answer["oldest_due_job_seconds"] = round(backlog.oldest_seconds)
    answer["jobs_due"] = backlog.jobs
    if backlog.oldest_seconds > OVERDUE_SECONDS:
        return JsonResponse({**answer, "status": "late"}, status=503)
    return JsonResponse(answer)
