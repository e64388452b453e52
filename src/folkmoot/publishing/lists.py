"""The list of posts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateFilter,
    Empty,
    FlagFilter,
    List,
    TextFilter,
)
from folkmoot.publishing.models import Kind, Post, PostState
from folkmoot.publishing.queries import post_lists as queries
from folkmoot.publishing.views import agreeing, chosen
from folkmoot.publishing.views.pages import page_of


def _when(row: Any) -> str:
    return f"{row.wall_time.replace('T', ' ')} {row.zone}" if row.wall_time else ""


class PostList(List):
    """Everything that is planned, was published, or is still being written."""

    key = "posts"
    title = _("Posts")
    columns = (
        Column("title", _("Post"), "title", link=page_of, sort="folded"),
        Column(
            "state", _("State"), "get_state_display", sort="state", template="publishing/cells/state.html"
        ),
        Column(
            "when", _("When"), "moment", sort="due_at", template="publishing/cells/moment.html", export=_when
        ),
        Column(
            "channels",
            _("Channels"),
            "places",
            template="publishing/cells/places.html",
            export=lambda row: ", ".join(place["name"] for place in row.places),
        ),
        Column("campaign", _("Campaign"), "campaign.name", sort="campaign__name"),
        Column("owner", _("Who looks after it"), "owner.name", sort="owner__name"),
        Column("tags", _("Tags"), lambda row: ", ".join(row.tag_names)),
        Column("kind", _("Kind"), "get_kind_display", sort="kind", shown=False),
        Column("language", _("Language"), "language", sort="language", shown=False),
        Column("link", _("Link"), "link", shown=False),
        Column("writer", _("Written by"), "written_by.name", shown=False),
        Column(
            "changed",
            _("Changed"),
            "changed_at",
            sort="changed_at",
            shown=False,
            template="people/cells/when.html",
        ),
    )
    tabs = (
        (_("Mine"), "mine=1"),
        (_("Waits for approval"), "state=review"),
        (_("Scheduled"), "state=scheduled&sort=when"),
        (_("Needs a look"), "state=trouble"),
        (_("Published"), "state=published&sort=-when"),
    )
    default_sort = "-changed"
    search_label = _("Title, text, campaign, link")
    bulk_actions = (
        BulkAction(
            "move", _("Move to another day"), "publishing.manage", chosen.to_move, icon="calendar-event"
        ),
        BulkAction("tag", _("Add tags"), "publishing.contribute", chosen.to_tag, icon="tag"),
        BulkAction(
            "campaign", _("Set the campaign"), "publishing.contribute", chosen.to_campaign, icon="flag"
        ),
        BulkAction(
            "hand_in", _("Hand in"), "publishing.contribute", agreeing.hand_in_many, icon="send-check"
        ),
        BulkAction("approve", _("Approve"), "publishing.view", agreeing.approve_many, icon="check2"),
        BulkAction(
            "schedule", _("Schedule"), "publishing.manage", chosen.schedule_many, icon="calendar-check"
        ),
        BulkAction("cancel", _("Cancel"), "publishing.manage", chosen.cancel_many, icon="x-circle"),
    )
    empty = Empty(
        _("No posts yet"),
        _(
            "Here is everything that you plan to say, where it goes and when. Write the first one, or import a plan."
        ),
        _("Write a post"),
        "publishing:new_post",
        "publishing.contribute",
        icon="megaphone",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user: Any = request.user
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "state",
                _("State"),
                choices=PostState.choices,
                apply=lambda qs, states: qs.filter(state__in=states),
            ),
            ChoiceFilter(
                "channel",
                _("Channel"),
                choices=queries.channel_choices,
                apply=lambda qs, ids: queries.on_channels(qs, queries.numbers(ids)),
            ),
            ChoiceFilter(
                "campaign",
                _("Campaign"),
                choices=queries.campaign_choices,
                apply=lambda qs, ids: qs.filter(campaign__in=queries.numbers(ids)),
            ),
            ChoiceFilter(
                "tag",
                _("Tag"),
                choices=queries.tag_choices,
                apply=lambda qs, ids: queries.tagged(qs, queries.numbers(ids)),
            ),
            ChoiceFilter(
                "owner",
                _("Who looks after it"),
                choices=queries.owner_choices,
                apply=lambda qs, ids: qs.filter(owner__in=queries.numbers(ids)),
            ),
            ChoiceFilter(
                "kind", _("Kind"), choices=Kind.choices, apply=lambda qs, kinds: qs.filter(kind__in=kinds)
            ),
            ChoiceFilter(
                "language",
                _("Language"),
                choices=queries.language_choices,
                apply=lambda qs, codes: qs.filter(language__in=codes),
            ),
            DateFilter("from", _("From"), apply=queries.since),
            DateFilter("until", _("Until"), apply=queries.until),
            FlagFilter("mine", _("Mine"), apply=lambda qs, on: queries.of_user(qs, user, on)),
            TextFilter("link", _("Link"), apply=lambda qs, text: qs.filter(link__icontains=text)),
        )

    def queryset(self) -> QuerySet[Post]:
        return queries.posts()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queries.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        queries.decorate(rows)
