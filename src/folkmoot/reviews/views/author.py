"""Public pages of authors: the form, kept while typing, and where their submission stands. Found by a secret link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.guarded import stamp, too_many
from folkmoot.reviews.actions import drafts
from folkmoot.reviews.forms.author import AuthorForm
from folkmoot.reviews.models import Programme, SubmissionDraft
from folkmoot.reviews.queries.author import standing_of

View = Callable[..., HttpResponse]
#: So many submissions from one address in an hour, and so many times kept in a minute.
MOST_SUBMITTED, MOST_KEPT = 10, 60


def _open(view: View) -> View:
    """Open to all, in no cache and no search engine; the link is told to nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return public(never_cache(answer))


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _programme(slug: str) -> Programme:
    return get_object_or_404(Programme, slug=slug, is_open=True, is_archived=False)


@_open
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """The form by which authors submit themselves, where a programme is open."""
    return _form(request, _programme(slug), None, "")


@_open
@require_http_methods(["GET", "POST"])
def at(request: HttpRequest, secret: str) -> HttpResponse:
    """What an author's link opens: the draft to go on with, or where the submission stands."""
    draft = drafts.draft_of(secret)
    if draft is None:
        raise Http404
    if draft.submission is not None:
        return _standing(request, draft)
    if not draft.programme.is_open or draft.programme.is_archived:
        return render(request, "reviews/author/closed.html", {"programme": draft.programme})
    return _form(request, draft.programme, draft, secret)


@_open
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft or submission of whoever is signed in."""
    draft = (
        SubmissionDraft.objects.select_related("programme", "submission__stage", "submission__programme")
        .filter(pk=pk, owner=_user(request))
        .first()
        if _user(request)
        else None
    )
    if draft is None:
        raise Http404
    if draft.submission is not None:
        return _standing(request, draft)
    return _form(request, draft.programme, draft, "")


def _form(
    request: HttpRequest, programme: Programme, draft: SubmissionDraft | None, secret: str
) -> HttpResponse:
    user = _user(request)
    if request.method == "POST":
        form = AuthorForm(request.POST)
        if form.is_valid():
            try:
                if too_many(request, "reviews.author.submit", MOST_SUBMITTED, 3600):
                    raise ValidationError(
                        _("Very much was submitted from your network just now. Try again in an hour.")
                    )
                posted = drafts.draft_of(request.POST.get("draft", "")[:100]) if draft is None else draft
                if draft is None and posted is not None and posted.programme_id == programme.pk:
                    draft, secret = posted, request.POST["draft"]
                if draft is None:
                    draft, secret = drafts.start_draft(
                        programme=programme, content=form.cleaned_data, owner=user
                    )
                drafts.submit_draft(draft=draft, content=form.cleaned_data)
                return HttpResponseRedirect(_address(draft, secret) + "?new=1")
            except ValidationError as error:
                refuse(form, error)
        data = request.POST.copy()
        if form.non_field_errors():
            data["began"] = stamp()
        form.data = data
    else:
        initial = dict(draft.content) if draft else {}
        if not draft and user is not None:
            initial = {"author_name": user.name, "email": user.email}
        form = AuthorForm(initial={**initial, "began": stamp()})
    mine = (
        SubmissionDraft.objects.filter(owner=user, programme=programme).exclude(pk=draft.pk if draft else 0)[
            :20
        ]
        if user is not None
        else ()
    )
    context = {
        "programme": programme,
        "guide": as_html(programme.guide),
        "form": form,
        "draft": draft,
        "secret": secret or request.POST.get("draft", "")[:100],
        "mine": list(mine),
        "link": request.build_absolute_uri(reverse("reviews:at", args=[secret])) if secret else "",
    }
    return render(request, "reviews/author/form.html", context, status=422 if form.errors else 200)


def _address(draft: SubmissionDraft, secret: str) -> str:
    return reverse("reviews:at", args=[secret]) if secret else reverse("reviews:own", args=[draft.pk])


@_open
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps what an author has typed so far, and says by which link they come back."""
    programme, user = _programme(slug), _user(request)
    secret, problem, draft = request.POST.get("draft", "")[:100], "", None
    try:
        if request.POST.get("homepage") or too_many(request, "reviews.author.keep", MOST_KEPT, 60):
            raise ValidationError(_("Not kept just now; it will be in a minute."))
        draft = drafts.draft_of(secret) if secret else None
        if draft is None and request.POST.get("own", "").isdecimal() and user is not None:
            draft = SubmissionDraft.objects.filter(
                pk=int(request.POST["own"][:18]), owner=user, programme=programme
            ).first()
        if draft is not None and draft.programme_id == programme.pk:
            drafts.save_draft(draft=draft, content=request.POST, owner=user)
        elif any(request.POST.get(name, "").strip() for name in ("title", "description", "message")):
            draft, secret = drafts.start_draft(programme=programme, content=request.POST, owner=user)
    except ValidationError as error:
        problem = " ".join(error.messages)
    link = request.build_absolute_uri(reverse("reviews:at", args=[secret])) if secret and draft else ""
    return render(
        request,
        "reviews/author/kept.html",
        {
            "secret": secret if draft else "",
            "draft": draft,
            "link": link,
            "problem": problem,
            "now": clock.now(),
        },
    )


def _standing(request: HttpRequest, draft: SubmissionDraft) -> HttpResponse:
    assert draft.submission is not None  # noqa: S101 - whoever calls has looked
    context = {
        "submission": draft.submission,
        "programme": draft.programme,
        "standing": standing_of(draft.submission),
        "is_new": request.GET.get("new") == "1",
        "link": request.build_absolute_uri(request.path),
    }
    return render(request, "reviews/author/standing.html", context)


@_open
@require_GET
def programmes(request: HttpRequest) -> HttpResponse:
    """Where authors can submit: the programmes that are open."""
    rows = list(Programme.objects.filter(is_open=True, is_archived=False).order_by("name"))
    if len(rows) == 1:
        return HttpResponseRedirect(reverse("reviews:submit", args=[rows[0].slug]))
    return render(request, "reviews/author/programmes.html", {"programmes": rows})
