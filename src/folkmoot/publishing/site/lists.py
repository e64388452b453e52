"""The list of articles."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.publishing.models import Article, ArticleState, Site


def _sites() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Site.objects.values_list("pk", "name")]


class ArticleList(List):
    """Articles of all sites."""

    key = "articles"
    title = _("Articles")
    columns = (
        Column(
            "title",
            _("Title"),
            "title",
            link=lambda row: reverse("publishing:article", args=[row.pk]),
            sort="folded",
        ),
        Column("site", _("Site"), "site.name", sort="site__name"),
        Column("state", _("State"), "state", template="publishing/cells/article_state.html"),
        Column("date", _("Date"), "published_on", sort="published_on", template="people/cells/day.html"),
        Column(
            "authors",
            _("Authors"),
            lambda row: ", ".join(sorted(person.name for person in row.authors.all())),
        ),
        Column("posts", _("Posts about it"), "posts_count", sort="posts_count", number=True),
        Column("language", _("Language"), "language", sort="language", shown=False),
        Column("address", _("Address"), "url", shown=False),
        Column("file", _("File"), "path", shown=False),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=lambda: ArticleState.choices,
            apply=lambda qs, wanted: qs.filter(state__in=wanted),
        ),
        ChoiceFilter(
            "site",
            _("Site"),
            choices=_sites,
            apply=lambda qs, wanted: qs.filter(site__in=wanted),  # only those that are offered come here
        ),
    )
    default_sort = "-date"
    search_label = _("Title")
    empty = Empty(
        _("No articles yet"),
        _(
            "Blog posts and news are written here, proposed as pull requests, and announced when they are live."
        ),
        _("New article"),
        "publishing:new_article",
        "publishing.contribute",
        icon="journal-text",
    )

    def queryset(self) -> QuerySet[Article]:
        return (
            Article.objects.select_related("site")
            .prefetch_related("authors")
            .annotate(posts_count=Count("posts", distinct=True))
            .defer("body", "front")
        )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(folded__contains=fold(words))
