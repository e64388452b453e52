"""What was contributed at a sprint."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.ledger.public import Item
from folkmoot.training.models import Event
from folkmoot.training.queries.sprints import contributions_of


class ContributionList(List):
    """The issues and pull requests that belong to a sprint."""

    key = "training.contributions"
    title = _("Contributions")
    search_label = _("Title")
    columns = (
        Column("title", _("Title"), value="item.title", link=lambda row: row.item.url, sort="item__title"),
        Column("author", _("By"), value="author_name", sort="author_name"),
        Column("kind", _("Kind"), value=lambda row: row.item.kind.replace("_", " "), sort="item__kind"),
        Column("state", _("State"), value=lambda row: row.item.get_state_display(), sort="item__state"),
        Column("project", _("Project"), value="item.project.name", sort="item__project__name"),
        Column("opened", _("Opened"), value="item.opened_at", sort="item__opened_at"),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=lambda: [choice for choice in Item.State.choices if choice[0]],
            apply=lambda qs, wanted: qs.filter(item__state__in=wanted),
        ),
        FlagFilter("bots", _("Bots"), apply=lambda qs, on: qs.filter(is_bot=on)),
    )
    default_sort = "-opened"
    empty = Empty(
        _("No contributions"),
        _("Issues and pull requests of a sprint come with an import of its table."),
        icon="git",
    )

    def queryset(self) -> QuerySet[Any]:
        return contributions_of(self.context["event"])

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(item__title__icontains=words)


@requires("training.view")
def contributions(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All contributions to one sprint."""
    event = get_object_or_404(Event, pk=pk)
    listing = ContributionList(request, event=event)
    return listing.respond(
        "training/contributions.html", event=event, event_url=reverse("training:event", args=[event.pk])
    )
