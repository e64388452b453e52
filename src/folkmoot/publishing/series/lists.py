"""Lists of series and of templates."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.publishing.models import PostTemplate, Series, SeriesKind
from folkmoot.publishing.series.occasions import occasions
from folkmoot.publishing.series.rules import in_words


def rule_of(series: Series) -> str:
    """What makes a series' posts, in words."""
    if series.kind in (SeriesKind.RECURRING, SeriesKind.EVERGREEN):
        return in_words(series.rrule)
    if series.kind == SeriesKind.TRIGGERED:
        known = {one.key: str(one.label) for one in occasions}
        return known.get(series.occasion, series.occasion)
    what = series.after_series or series.after_tag
    return str(_("%(n)s days after “%(what)s”") % {"n": series.days_after, "what": what})


def state_of(series: Series) -> str:
    """Whether it makes posts, in a word."""
    if series.archived_at:
        return str(_("archived"))
    return str(_("paused") if series.paused_at else _("in use"))


class SeriesList(List):
    """Rules that make posts."""

    key = "post_series"
    title = _("Series")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=lambda row: reverse("publishing:series", args=[row.pk]),
            sort="name",
        ),
        Column("kind", _("Kind"), lambda row: row.get_kind_display(), sort="kind"),
        Column("rule", _("Rule"), rule_of),
        Column("posts", _("Posts"), "posts_count", sort="posts_count", number=True),
        Column("state", _("State"), state_of, template="publishing/cells/series_state.html"),
        Column("campaign", _("Campaign"), "campaign.name", shown=False),
        Column("owner", _("Who looks after it"), "owner", shown=False),
    )
    filters = (
        ChoiceFilter(
            "kind",
            _("Kind"),
            choices=lambda: SeriesKind.choices,
            apply=lambda qs, wanted: qs.filter(kind__in=wanted),
        ),
        FlagFilter(
            "archived",
            _("Archived"),
            apply=lambda qs, on: qs.filter(archived_at__isnull=not on),
            default=False,
        ),
    )
    default_sort = "name"
    search_label = _("Name")
    empty = Empty(
        _("No series yet"),
        _(
            "A series drafts posts by itself: every Tuesday, from a pool, after a release, weeks after a post."
        ),
        _("New series"),
        "publishing:new_series",
        "publishing.manage",
        icon="arrow-repeat",
    )

    def queryset(self) -> QuerySet[Series]:
        return Series.objects.select_related("campaign", "owner", "after_tag", "after_series").annotate(
            posts_count=Count("posts", distinct=True)
        )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(name__icontains=words)


class TemplateList(List):
    """Texts with gaps."""

    key = "post_templates"
    title = _("Templates of posts")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=lambda row: reverse("publishing:edit_template", args=[row.pk]),
            sort="name",
        ),
        Column(
            "for",
            _("For"),
            lambda row: next((str(one.label) for one in occasions if one.key == row.occasion), ""),
        ),
        Column("title", _("Title"), "title"),
        Column("language", _("Language"), "language", sort="language"),
        Column("series", _("Series"), "series_count", sort="series_count", number=True),
    )
    filters = (
        FlagFilter(
            "archived",
            _("Set aside"),
            apply=lambda qs, on: qs.filter(archived_at__isnull=not on),
            default=False,
        ),
    )
    default_sort = "name"
    search_label = _("Name or text")
    empty = Empty(
        _("No templates yet"),
        _(
            "A template is a text with gaps: the facts are filled in when a package is accepted or a release is out."
        ),
        _("New template"),
        "publishing:new_template",
        "publishing.manage",
        icon="file-earmark-text",
    )

    def queryset(self) -> QuerySet[PostTemplate]:
        return PostTemplate.objects.annotate(series_count=Count("series", distinct=True))

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=words) | Q(text__icontains=words))
