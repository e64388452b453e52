"""The lists of pictures, of the handle book, of campaigns."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.publishing.models import BookEntry, Campaign, Media
from folkmoot.publishing.queries import book_pages, campaigns, media


class PictureList(List):
    """All pictures that posts can show."""

    key = "pictures"
    title = _("Pictures")
    columns = (
        Column(
            "name",
            _("Picture"),
            lambda row: row.name or row.sha256[:12],
            link=lambda row: reverse("publishing:picture", args=[row.pk]),
            sort="name",
        ),
        Column(
            "look", _("Look"), "thumbnail", template="publishing/cells/picture.html", export=lambda row: ""
        ),
        Column("alt", _("What it shows"), "alt", template="publishing/cells/alt.html"),
        Column("uses", _("Used"), "uses_count", sort="uses_count", number=True),
        Column("people", _("Who can be recognised"), lambda row: ", ".join(row.shown)),
        Column("credit", _("Whose picture it is"), "credit", sort="credit"),
        Column("size", _("Size"), lambda row: f"{row.width} × {row.height}", shown=False),
        Column("type", _("Kind of file"), "type", sort="type", shown=False),
        Column("uploaded_by", _("Uploaded by"), "uploaded_by.name", shown=False),
        Column("created", _("Uploaded"), "created_at", sort="created_at", template="people/cells/when.html"),
    )
    filters = (
        FlagFilter(
            "described",
            _("Description"),
            apply=lambda qs, on: qs.exclude(alt="") if on else qs.filter(alt=""),
            yes=_("there"),
            no=_("missing"),
        ),
        FlagFilter(
            "used",
            _("Used"),
            apply=lambda qs, on: qs.filter(uses_count__gt=0) if on else qs.filter(uses_count=0),
        ),
        FlagFilter("people", _("Shows people"), apply=lambda qs, on: qs.filter(shows_people=on)),
        FlagFilter("card", _("Drawn from a card"), apply=lambda qs, on: qs.filter(card__isnull=not on)),
    )
    tabs = ((_("Without a description"), "described=0"),)
    default_sort = "-created"
    search_label = _("Name, description, credit")
    empty = Empty(
        _("No pictures yet"),
        _("Here are the pictures that posts show, each with what it shows in words."),
        _("Upload pictures"),
        "publishing:upload",
        "publishing.contribute",
        icon="images",
    )

    def queryset(self) -> QuerySet[Media]:
        return media.pictures()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return media.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        media.decorate(rows)


class BookList(List):
    """Who is called what on which platform."""

    key = "handle_book"
    title = _("Handle book")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=lambda row: reverse("publishing:book_entry", args=[row.pk]),
            sort="name",
        ),
        Column(
            "alias", _("Alias"), lambda row: f"@[{row.alias}]", sort="alias", export=lambda row: row.alias
        ),
        Column(
            "handles",
            _("Handles"),
            "shown",
            template="publishing/cells/handles.html",
            export=book_pages.in_words,
        ),
        Column(
            "about",
            _("In the register"),
            lambda row: str(row.person or row.organization or row.project or ""),
        ),
    )
    filters = (
        ChoiceFilter(
            "missing",
            _("Without a handle on"),
            choices=book_pages.platform_choices,
            apply=book_pages.without,
        ),
        FlagFilter("person", _("A person"), apply=lambda qs, on: qs.filter(person__isnull=not on)),
    )
    default_sort = "name"
    search_label = _("Name, alias, handle")
    empty = Empty(
        _("Nobody in the handle book yet"),
        _("Whoever stands here is named by @[alias] in any text; each platform gets its own handle."),
        _("Add somebody"),
        "publishing:new_book_entry",
        "publishing.manage",
        icon="at",
    )

    def queryset(self) -> QuerySet[BookEntry]:
        return BookEntry.objects.select_related("person", "organization", "project")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(name__icontains=words) | Q(alias__contains=fold(words)) | Q(handles__handle__icontains=words)
        ).distinct()

    def decorate(self, rows: list[Any]) -> None:
        book_pages.decorate(rows)


class CampaignList(List):
    """What posts belong together for."""

    key = "campaigns"
    title = _("Campaigns")
    columns = (
        Column(
            "name",
            _("Campaign"),
            "name",
            link=lambda row: reverse("publishing:campaign", args=[row.pk]),
            sort="name",
        ),
        Column("starts", _("From"), "starts_on", sort="starts_on", template="people/cells/day.html"),
        Column("ends", _("Until"), "ends_on", sort="ends_on", template="people/cells/day.html"),
        Column("posts", _("Posts"), "posts_count", sort="posts_count", number=True),
        Column("published", _("Published"), "published_count", sort="published_count", number=True),
        Column("owner", _("Who looks after it"), "owner.name", sort="owner__name"),
        Column("goal", _("What it is for"), "goal", shown=False),
    )
    filters = (
        FlagFilter(
            "archived",
            _("Archived"),
            apply=lambda qs, on: qs.filter(archived_at__isnull=not on),
            default=False,
        ),
    )
    default_sort = "-starts"
    search_label = _("Name, purpose")
    empty = Empty(
        _("No campaigns yet"),
        _("A campaign holds the posts of one purpose together: a release, an event, a call."),
        _("New campaign"),
        "publishing:new_campaign",
        "publishing.manage",
        icon="flag",
    )

    def queryset(self) -> QuerySet[Campaign]:
        return campaigns.campaigns()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=words) | Q(goal__icontains=words))
