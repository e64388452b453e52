"""Pages about GitHub: connect, choose, see what was read and when, pause, remove."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.connectors.github.problems import what_happened, what_to_do
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.shown import show
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.secrets import CannotDecrypt, decrypt, encrypt
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.ledger.github import actions, queries
from folkmoot.ledger.github.forms import ConnectionForm
from folkmoot.ledger.github.models import GithubConnection, GithubRepository, Stream, SyncState

PERMISSION = "settings.manage"


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _add(form: Any, error: ValidationError) -> None:
    """Put an action's error at the fields it names, else above the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


def _found(pk: int) -> GithubConnection:
    found = queries.with_counts().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def problem_of(error: str, detail: str) -> str:
    """Why something was not read, what to do, and what GitHub said."""
    return " ".join(str(part) for part in (what_happened(error), what_to_do(error), detail) if part)


@requires(PERMISSION)
@require_safe
def connection_list(request: HttpRequest) -> HttpResponse:
    return render(request, "ledger/github/connections.html", {"connections": queries.with_counts()})


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.connect(actor=_me(request), reads_with=form.reads_with(), **form.said())
        except ValidationError as error:
            _add(form, error)
        else:
            toast(request, _("Connected. Reading has begun."))
            return redirect("github:connection", pk=made.pk)
    return render(request, "ledger/github/new.html", {"form": form}, status=422 if form.errors else 200)


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(pk)
    form = ConnectionForm(request.POST or None, connection=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_connection(
                connection=found, actor=_me(request), reads_with=form.reads_with(), **form.said()
            )
        except ValidationError as error:
            _add(form, error)
        else:
            toast(request, _("Saved. It is read anew."))
            return redirect("github:connection", pk=pk)
    context = {"form": form, "connection": found}
    return render(request, "ledger/github/edit.html", context, status=422 if form.errors else 200)


class RepositoriesList(List):
    """What a connection reads, and how far it got."""

    key = "github.repositories"
    title = gettext_lazy("Repositories")
    columns = (
        Column(
            "repository",
            gettext_lazy("Repository"),
            value="full_name",
            link=lambda row: reverse("people:project", args=[row.project_id]) if row.project_id else None,
            sort="full_name",
        ),
        Column(
            "state",
            gettext_lazy("State"),
            value=lambda row: str(
                _("not read") if row.stale else _("read") if row.last_good else _("not yet")
            ),
            template="ledger/github/cells/state.html",
            sort="stale",
        ),
        Column("last_good", gettext_lazy("All of it read"), value="last_good", sort="last_good"),
        Column(
            "read",
            gettext_lazy("What was read"),
            value=lambda row: ", ".join(_read(state) for state in row.shown_states if state.last_good_at),
        ),
        Column(
            "problem",
            gettext_lazy("What stands in the way"),
            value=lambda row: "; ".join(
                f"{Stream(state.stream).label}: {problem_of(state.error, state.error_detail)}"
                for state in row.shown_states
                if state.stale_since
            ),
        ),
        Column(
            "left_out",
            gettext_lazy("Left out"),
            value=lambda row: "; ".join(why for state in row.shown_states for why in state.left_out),
            shown=False,
        ),
    )
    filters = (
        ChoiceFilter(
            "state",
            gettext_lazy("State"),
            choices=(
                ("stale", gettext_lazy("not read")),
                ("read", gettext_lazy("read")),
                ("new", gettext_lazy("not yet read")),
            ),
            apply=lambda rows, states: rows.filter(_of_states(states)),
        ),
    )
    default_sort = "repository"
    empty = Empty(
        gettext_lazy("No repositories yet"),
        gettext_lazy("They appear here once the lists of the organisations have been read."),
        icon="github",
    )

    def queryset(self) -> QuerySet[GithubRepository]:
        return queries.repositories_of(self.context["connection"])

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(full_name__icontains=words)

    def decorate(self, rows: Any) -> None:
        states = queries.states_of(list(rows))
        for row in rows:
            row.shown_states = states.get(row.pk, [])


def _of_states(states: list[str]) -> Q:
    wanted = Q(pk__in=[])
    if "stale" in states:
        wanted |= Q(stale__isnull=False)
    if "read" in states:
        wanted |= Q(stale=None, last_good__isnull=False)
    if "new" in states:
        wanted |= Q(stale=None, last_good=None)
    return wanted


def _read(state: SyncState) -> str:
    return f"{Stream(state.stream).label} {state.rows_read:,}"


@requires(PERMISSION)
@never_cache
def connection(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _found(pk)
    job = queries.job_of(found)
    return RepositoriesList(request, connection=found).respond(
        "ledger/github/connection.html",
        connection=found,
        shown=show(job) if job is not None else None,
        problem=problem_of(found.error, found.error_detail) if found.error else "",
        is_waiting=bool(found.resume_at and found.resume_at > clock.now()),
        streams=[stream.label for stream in Stream if stream.value in found.streams],
        webhook_url=request.build_absolute_uri(reverse("github:receive", args=[found.webhook_key])),
        secret=_shown_once(request),
    )


def _shown_once(request: HttpRequest) -> str:
    kept = request.session.pop("github_secret", "")
    try:
        return decrypt(kept) if kept else ""
    except CannotDecrypt:
        return ""


@requires(PERMISSION)
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    job = actions.read_now(connection=_found(pk), actor=_me(request))
    toast(request, _("It is read now.") if job else _("A reading waits already: it goes on by itself."))
    return redirect("github:connection", pk=pk)


@requires(PERMISSION)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    actions.pause(connection=_found(pk), actor=_me(request))
    toast(request, _("Paused: nothing is read."), undo_url=reverse("github:resume", args=[pk]))
    return redirect("github:connection", pk=pk)


@requires(PERMISSION)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    actions.resume(connection=_found(pk), actor=_me(request))
    toast(request, _("It is read again."))
    return redirect("github:connection", pk=pk)


@requires(PERMISSION)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove(connection=_found(pk), actor=_me(request))
    toast(request, _("Removed, with its token. What was read stays."))
    return redirect("github:connections")


@requires(PERMISSION)
@require_POST
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret for webhooks, shown on the next page and never again."""
    secret = actions.new_secret(connection=_found(pk), actor=_me(request))
    request.session["github_secret"] = encrypt(secret)  # the session lies in the database
    return redirect("github:connection", pk=pk)
