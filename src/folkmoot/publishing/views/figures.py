"""The rows behind a figure of publishing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import Column
from folkmoot.kernel.ui.lists.filters import Filter
from folkmoot.ledger.public import FigureRows, rows_filters
from folkmoot.publishing.metrics.base import PUBLISHING
from folkmoot.publishing.queries.figures import with_readings


class RowsList(FigureRows):
    """The posts on channels behind a figure."""

    key = "publishing.figure_rows"
    area = PUBLISHING
    usual = "posts_planned"
    search_label = _("Post")
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "post",
            _("Post"),
            value=lambda row: row.variant.post.title,
            link=lambda row: reverse("publishing:post", args=[row.variant.post_id]),
        ),
        Column("channel", _("Channel"), value="delivery.channel.name"),
        Column("due", _("Was to leave"), value=lambda row: row.delivery.due_at),
        Column("left", _("Left"), value=lambda row: row.delivery.sent_at),
        Column("state", _("State"), value=lambda row: row.delivery.get_state_display()),
        Column(
            "reactions",
            _("Reactions"),
            value=lambda row: row.engagement if row.reading_at else None,
            number=True,
        ),
        Column("views", _("Views"), value="reading_views", number=True),
        Column("read", _("Told on"), value="reading_at", shown=False),
    )
    filters: ClassVar[tuple[Filter, ...]] = rows_filters(PUBLISHING, "project")

    def arranged(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        if "reading_at" not in rows.query.annotations:
            rows = with_readings(rows, scope.known_until)
        return rows.select_related("variant__post", "delivery__channel").order_by("-delivery__due_at", "-pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(variant__post__title__icontains=words)


@requires("publishing.view")
def figure_rows(request: HttpRequest) -> HttpResponseBase:
    """The rows behind a figure; the address says which."""
    return RowsList(request).answer()
