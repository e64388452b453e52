"""The reports' pages."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import STAFF, Scope, metrics
from folkmoot.kernel.permissions.access import demand, public, requires
from folkmoot.kernel.reporting import Report, ReportKind, report_sections, reports
from folkmoot.kernel.ui.toasts import toast
from folkmoot.ledger.public import known_sources
from folkmoot.reports import actions, periods, queries, scopes
from folkmoot.reports.forms import NoteForm, ShareForm
from folkmoot.reports.models import Share
from folkmoot.reports.renderers import FORMATS, file_name
from folkmoot.reports.renderers.html import arrange
from folkmoot.reports.renderers.words import subtitle


@requires("reports.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return redirect("reports:community")


@requires("reports.view")
@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """A report for a period; what cannot be read in the address is said, and the last quarter is shown."""
    _kind(request, key)
    scope, problem = _scope(request)
    built = queries.build(key, scope, user=_user(request))
    here = _address(key)
    query = urlencode(_shown(request, scope))
    context = {
        "report": built,
        "subtitle": subtitle(built),
        "scope": scope,
        "problem": problem,
        "query": query,
        "picker": periods.picker(scope.period, clock.today(), here, _rest(request)),
        "address": here,
        "narrowed": scopes.is_narrowed(scope),
        "kinds": _kinds(request, key, query),
        "files": [
            (form.suffix, f"{reverse('reports:file', args=[key, form.suffix])}?{query}")
            for form in FORMATS.values()
        ],
        "sections": arrange(built),
        "medium": "page",
        "sources": known_sources(),
        "without_staff": STAFF in scope.exclude,
        "asked_as_of": bool(request.GET.get("as_of")),
    }
    return render(request, "reports/report.html", context, status=400 if problem else 200)


@requires("reports.view")
@require_safe
def file(request: HttpRequest, key: str, suffix: str) -> HttpResponse:
    """A report as a file."""
    _kind(request, key)
    scope, problem = _scope(request)
    if problem:
        return HttpResponse(problem, status=400, content_type="text/plain; charset=utf-8")
    return _file(queries.build(key, scope, user=_user(request), links=False), suffix)


@requires("reports.contribute")
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, key: str, section: str) -> HttpResponse:
    """Write the note on a section: in place with htmx, else on a page of its own."""
    kind = _kind(request, key)
    if section not in report_sections or report_sections.get(section).report != key:
        raise Http404
    declared = report_sections.get(section)
    demand(request.user, declared.permission)
    scope, problem = _scope(request)
    if problem:
        raise Http404(problem)
    row = queries.note(key, section, str(scope.period))
    back = f"{_address(key)}?{urlencode(_shown(request, scope))}"
    form = NoteForm(request.POST or None, initial={"body": row.body if row else ""})
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_note(
                report=key,
                section=section,
                period=scope.period,
                body=form.cleaned_data["body"],
                actor=_user(request),
            )
        except ValidationError as problems:
            form.add_error("body", problems)
        else:
            toast(request, _("Note kept.") if form.cleaned_data["body"].strip() else _("Note removed."))
            return redirect(back)
    context = {
        "form": form,
        "kind": kind,
        "section": declared,
        "period": scope.period,
        "back": back,
        "action": request.get_full_path(),
    }
    template = "reports/note_form.html" if request.headers.get("HX-Request") else "reports/note.html"
    return render(request, template, context)


@requires("reports.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, key: str) -> HttpResponse:
    """Make a link for somebody outside; it is shown once."""
    kind = _kind(request, key)
    scope, problem = _scope(request)
    if problem:
        raise Http404(problem)
    form = ShareForm(request.POST or None)
    made = link = None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.share(report=key, scope=scope, actor=_user(request), **form.cleaned_data)
        except ValidationError as problems:
            form.add_error(None, problems)
        else:
            link = request.build_absolute_uri(reverse("reports:shared", args=[secret]))
    context = {
        "form": form,
        "kind": kind,
        "scope": scope,
        "days": queries.days_in_words(scope.period),
        "limits": queries.limits_in_words(scope),
        "made": made,
        "link": link,
        "back": f"{_address(key)}?{urlencode(_shown(request, scope))}",
    }
    response = render(request, "reports/share.html", context)
    response["Cache-Control"] = "no-store"
    return response


@requires("reports.manage")
@require_safe
def shares(request: HttpRequest) -> HttpResponse:
    """All shared links."""
    now = clock.now()
    rows = [
        {
            "share": row,
            "title": reports.get(row.report).title if row.report in reports else row.report,
            "period": periods.label(row.scope.get("period", "")),
            "is_open": row.is_open(now),
            "address": f"{_address(row.report)}?{urlencode(row.scope)}" if row.report in reports else "",
        }
        for row in queries.shares()[:500]
    ]
    return render(request, "reports/shares.html", {"rows": rows})


@requires("reports.manage")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = actions.withdraw(share=get_object_or_404(Share, pk=pk), actor=_user(request))
    toast(request, _("The link for %(recipient)s shows nothing any more.") % {"recipient": row.recipient})
    return redirect("reports:shares")


@public
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """A report for who has its link: content without a way further."""
    try:
        row, built = _shared(token)
    except queries.ShareUnknown:
        return _no_share(request, 404)
    except queries.ShareOver:
        return _no_share(request, 410)
    files = [
        (form.suffix, reverse("reports:shared_file", args=[token, form.suffix])) for form in FORMATS.values()
    ]
    context = {
        "report": built,
        "subtitle": subtitle(built),
        "share": row,
        "files": files,
        "sections": arrange(built),
    }
    return _private(render(request, "reports/shared.html", context))


@public
@require_safe
def shared_file(request: HttpRequest, token: str, suffix: str) -> HttpResponse:
    """A shared report as a file."""
    try:
        _row, built = _shared(token)
    except queries.ShareUnknown:
        return _no_share(request, 404)
    except queries.ShareOver:
        return _no_share(request, 410)
    return _private(_file(built, suffix))


@requires("reports.view")
@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """Every metric with its formula, window, what it leaves out and where the definition comes from."""
    shown = [metric for metric in metrics if request.user.has_perm(metric.permission)]
    return render(request, "reports/definitions.html", {"metrics": shown, "period": scopes.parse({}).period})


def _kind(request: HttpRequest, key: str) -> ReportKind:
    if key not in reports:
        raise Http404
    kind = reports.get(key)
    demand(request.user, kind.permission)
    return kind


def _kinds(request: HttpRequest, here: str, query: str) -> list[dict[str, Any]]:
    """The reports that the reader may open, with their addresses for the same question."""
    return [
        {"title": kind.title, "url": f"{_address(kind.key)}?{query}", "is_current": kind.key == here}
        for kind in reports
        if request.user.has_perm(kind.permission)
    ]


def _user(request: HttpRequest) -> User:
    """Who is signed in; ``requires`` let nobody else in."""
    return cast(User, request.user)


def _address(key: str) -> str:
    return reverse("reports:community") if key == "community" else reverse("reports:report", args=[key])


def _said(request: HttpRequest) -> dict[str, str]:
    """The scope's words in the address; the picker's own days make a period of their own."""
    words = {word: request.GET.get(word, "").strip() for word in scopes.WORDS}
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    if first or last:
        words["period"] = f"{first or last}..{last or first}"
    return {word: value for word, value in words.items() if value}


def _scope(request: HttpRequest) -> tuple[Scope, str]:
    try:
        return scopes.parse(_said(request)), ""
    except scopes.PROBLEMS as problem:
        return scopes.parse({}), str(problem)


def _shown(request: HttpRequest, scope: Scope) -> dict[str, str]:
    """The scope for an address of this page: ``as_of`` only where the reader asked for a day."""
    words = scopes.said(scope)
    return (
        words
        if request.GET.get("as_of")
        else {word: value for word, value in words.items() if word != "as_of"}
    )


def _rest(request: HttpRequest) -> dict[str, str]:
    return {word: value for word, value in _said(request).items() if word != "period"}


def _file(built: Report, suffix: str) -> HttpResponse:
    if suffix not in FORMATS:
        raise Http404
    form = FORMATS[suffix]
    response = HttpResponse(form.render(built), content_type=form.media_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name(built, suffix)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _shared(token: str) -> tuple[Share, Report]:
    row = queries.open_share(token)
    try:
        return row, queries.shared_report(row)
    except (LookupError, *scopes.PROBLEMS):
        raise queries.ShareOver from None


def _no_share(request: HttpRequest, status: int) -> HttpResponse:
    return _private(render(request, "reports/no_share.html", {"gone": status == 410}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Kept by nobody on the way, found by no search engine, the secret told to no other site."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
