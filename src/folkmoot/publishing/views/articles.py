"""Pages of articles: begun, written, proposed as a pull request, merged at their time."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.reading import as_html, minutes
from folkmoot.kernel.saving import current_version
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.outbox.public import PLANNED
from folkmoot.publishing.actions import articles as actions
from folkmoot.publishing.forms.articles import LONGEST, ArticleForm, MergeForm, SiteForm, StartForm
from folkmoot.publishing.models import Article, LinkCheck, Site
from folkmoot.publishing.site import files
from folkmoot.publishing.site.lists import ArticleList
from folkmoot.publishing.views.base import history_page

FORM = "publishing/site/form.html"


def page_of(article: Article) -> str:
    """The address of an article's page here."""
    return reverse("publishing:article", args=[article.pk])


@requires("publishing.view")
def article_list(request: HttpRequest) -> HttpResponseBase:
    """Articles of all sites."""
    return ArticleList(request).respond(
        "publishing/site/articles.html", new_url=reverse("publishing:new_article")
    )


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begins an article."""
    if not Site.objects.filter(archived_at=None).exists():
        return render(request, "publishing/site/no_site.html")

    def act(form: StartForm) -> str:
        values = form.cleaned_data
        article = actions.start_article(
            site=values["site"],
            title=values["title"],
            slug=values["slug"],
            day=values["day"],
            authors=values["authors"],
            language=values["language"],
            actor=user_of(request),
        )
        return reverse("publishing:edit_article", args=[article.pk])

    return answer_form(
        request,
        StartForm,
        act,
        title=_("New article"),
        submit=_("Start writing"),
        cancel=reverse("publishing:articles"),
        template=FORM,
    )


@requires("publishing.view")
@require_GET
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """An article: as it will read, where it stands, what announces it."""
    row = _article(pk)
    context = {
        "article": row,
        "authors": list(row.authors.order_by("sort_key", "pk")),
        "posts": list(row.posts.order_by("due_at", "pk")[:50]),
        "reading": as_html(row.body),
        "minutes": minutes(row.body),
        "check": LinkCheck.objects.filter(url=row.url).first() if row.url else None,
        "is_planned": row.merge is not None and row.merge.state in PLANNED,
        "post_url": f"{reverse('publishing:new_post')}?{_about(row)}",
    }
    return render(request, "publishing/site/article.html", context)


def _about(row: Article) -> str:
    """What the composer is to begin with: a post about the article that waits until its page is live."""
    asked = {"title": row.title[:200], "text": row.title, "link": row.url, "language": row.language}
    return urlencode({**asked, "article": row.pk, "waits_for_link": "on"})


def _article(pk: int) -> Article:
    return get_object_or_404(
        Article.objects.select_related("site__channel", "proposal", "merge", "owner"), pk=pk
    )


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes an article's text and front matter."""
    row = _article(pk)

    def act(form: ArticleForm) -> str:
        values = form.cleaned_data
        actions.edit_article(
            article=row,
            actor=user_of(request),
            title=values["title"],
            slug=values["slug"],
            day=values["day"],
            front_text=values["front"],
            body=values["body"],
            language=values["language"],
            authors=values["authors"],
            owner=row.owner,
            seen=values["version"],
        )
        return page_of(row)

    return answer_form(
        request,
        partial(ArticleForm, article=row, version=current_version(row)),
        act,
        title=_("Edit %(name)s") % {"name": row},
        about=row.path,
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
        draft=f"article-{row.pk}",
        template="publishing/site/editor.html",
        reading=as_html(request.POST.get("body", "")[:LONGEST] if request.method == "POST" else row.body),
    )


@requires("publishing.contribute")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What is being written, as it will read."""
    return render(
        request, "publishing/site/reading.html", {"reading": as_html(request.POST.get("body", "")[:LONGEST])}
    )


@requires("publishing.contribute")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a draft."""
    row = _article(pk)

    def act() -> tuple[str, str]:
        actions.remove_article(article=row, actor=user_of(request))
        return _("Deleted."), ""

    return answer_action(request, act, reverse("publishing:articles"))


@requires("publishing.manage")
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens a pull request with the article, or brings the open one up to date."""
    row = _article(pk)

    def act() -> tuple[str, str]:
        actions.propose(article=row, actor=user_of(request))
        return _("On its way: the pull request opens within a minute."), ""

    return answer_action(request, act, page_of(row))


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans when the pull request is merged."""
    row = _article(pk)

    def act(form: MergeForm) -> str:
        actions.plan_merge(
            article=row,
            wall_time=form.cleaned_data["wall_time"],
            zone=form.cleaned_data["zone"],
            actor=user_of(request),
        )
        return page_of(row)

    zone = row.zone or row.site.zone or timezone.get_current_timezone_name()
    return answer_form(
        request,
        partial(MergeForm, initial={"zone": zone, "wall_time": row.wall_time}),
        act,
        title=_("Plan the merge"),
        about=row.title,
        submit=_("Plan it"),
        said=_("Planned."),
        cancel=page_of(row),
        template=FORM,
    )


@requires("publishing.view")
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The article as its file."""
    row = _article(pk)
    answer = HttpResponse(files.document_of(row).text, content_type="text/markdown; charset=utf-8")
    name = row.path.rpartition("/")[2] or f"{row.slug}.md"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return answer


@requires("publishing.view")
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed an article, and when."""
    row = _article(pk)
    return history_page(request, row, page_of(row))


# --------------------------------------------------------------------- sites


@requires("publishing.admin")
@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """Websites made of files."""
    rows = list(Site.objects.select_related("channel").order_by("archived_at", "name", "pk"))
    return render(request, "publishing/site/sites.html", {"sites": rows})


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def new_site(request: HttpRequest) -> HttpResponse:
    """Adds a website."""
    return _site_form(request, None, title=_("New site"), submit=_("Add site"))


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def edit_site(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a website."""
    row = get_object_or_404(Site, pk=pk)
    return _site_form(request, row, title=_("Edit %(name)s") % {"name": row}, submit=_("Save"))


def _site_form(request: HttpRequest, row: Site | None, **words: Any) -> HttpResponse:
    def act(form: SiteForm) -> str:
        seen = form.version if row is not None else None
        actions.save_site(site=row, values=form.values(), actor=user_of(request), seen=seen)
        return reverse("publishing:sites")

    return answer_form(
        request,
        partial(SiteForm, instance=row) if row is not None else SiteForm,
        act,
        said=_("Saved."),
        cancel=reverse("publishing:sites"),
        template=FORM,
        **words,
    )


@requires("publishing.admin")
@require_POST
def set_site_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a website out of use, or brings it back."""
    row, user = get_object_or_404(Site, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        aside = row.archived_at is None
        actions.set_site_aside(site=row, actor=user, aside=aside)
        undo = reverse("publishing:set_site_aside", args=[row.pk])
        return (_("Set aside.") if aside else _("In use again.")), undo

    return answer_action(request, act, reverse("publishing:sites"))
