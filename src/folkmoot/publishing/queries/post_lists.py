"""What the list of posts shows, and how it is narrowed; a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import MEDIUM, PostConnector
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Channel, channels
from folkmoot.people.public import Tag
from folkmoot.publishing.models import Campaign, Part, Post, PostState, Variant
from folkmoot.publishing.moments import moment_of

#: How urgent each state looks: the tone of its badge.
TONES = {
    PostState.DRAFT: "quiet",
    PostState.REVIEW: "due",
    PostState.APPROVED: "new",
    PostState.SCHEDULED: "new",
    PostState.PUBLISHED: "done",
    PostState.TROUBLE: "overdue",
    PostState.CANCELLED: "quiet",
}
#: Choices that a filter offers at most.
MOST = 300


def tone_of(state: str) -> str:
    """The tone of a state's badge."""
    return TONES[PostState(state)]


def platform_of(channel: Channel) -> PostConnector | None:
    """What speaks to a channel of posts; ``None``: this version knows no such platform."""
    found = connectors.get(channel.kind) if channel.kind in connectors else None
    return found if isinstance(found, PostConnector) else None


def icon_of(channel: Channel) -> str:
    """The icon of a channel's platform."""
    platform = platform_of(channel)
    return platform.icon if platform else "megaphone"


def gathered(places: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    """Icons with names, each icon once: with the names that it stands for, and how many these are."""
    found: dict[str, list[str]] = defaultdict(list)
    for icon, name in places:
        found[icon].append(name)
    return tuple((icon, ", ".join(names), len(names)) for icon, names in found.items())


def post_channels() -> QuerySet[Channel]:
    """The channels in use that posts go to."""
    return channels().filter(medium=MEDIUM)


def posts() -> QuerySet[Post]:
    """All posts, with campaign and owner."""
    return Post.objects.select_related("campaign", "owner", "written_by")


def decorate(rows: Sequence[Post]) -> None:
    """Lay beside each row its channels (``places``: name and icon; ``marks``: each icon once), its tags' names and its
    moment; two queries."""
    numbers = [row.pk for row in rows]
    places: dict[int, list[dict[str, str]]] = defaultdict(list)
    variants = Variant.objects.filter(post__in=numbers, channel__isnull=False).select_related("channel")
    for variant in variants.order_by("channel__name", "pk"):
        channel = variant.channel
        if channel is not None:
            places[variant.post_id].append({"name": channel.name, "icon": icon_of(channel)})
    tags: dict[int, list[str]] = defaultdict(list)
    links = Post.tags.through._default_manager.filter(post__in=numbers)
    for pk, name in links.order_by("tag__name").values_list("post_id", "tag__name"):
        tags[pk].append(name)
    for row in rows:
        any_row: Any = row
        any_row.places = places[row.pk]
        any_row.marks = gathered((place["icon"], place["name"]) for place in places[row.pk])
        any_row.tag_names = tags[row.pk]
        any_row.moment = moment_of(row)
        any_row.tone = tone_of(row.state)


def found(queryset: QuerySet[Post], words: str) -> QuerySet[Post]:
    """Posts whose title, text, campaign or link holds the words."""
    in_text = Part.objects.filter(variant__post=OuterRef("pk"), text__icontains=words)
    return queryset.filter(
        Q(folded__contains=fold(words))
        | Q(link__icontains=words)
        | Q(campaign__name__icontains=words)
        | Exists(in_text)
    )


def on_channels(queryset: QuerySet[Post], numbers: Sequence[int]) -> QuerySet[Post]:
    """Posts that go to one of these channels."""
    there = Variant.objects.filter(post=OuterRef("pk"), channel__in=numbers)
    return queryset.filter(Exists(there))


def tagged(queryset: QuerySet[Post], numbers: Sequence[int]) -> QuerySet[Post]:
    """Posts with one of these tags."""
    through = Post.tags.through._default_manager.filter(post=OuterRef("pk"), tag__in=numbers)
    return queryset.filter(Exists(through))


def bearing(queryset: QuerySet[Post], names: Sequence[str]) -> QuerySet[Post]:
    """Posts with one of these tags, by name."""
    rows = Post.tags.through._default_manager.filter(post=OuterRef("pk"))
    return queryset.filter(Exists(rows.filter(tag__folded__in=[fold(name) for name in names])))


def since(queryset: QuerySet[Post], day: dt.date) -> QuerySet[Post]:
    """Posts planned for this day or later, in the reader's zone."""
    return queryset.filter(due_at__gte=_begin(day))


def until(queryset: QuerySet[Post], day: dt.date) -> QuerySet[Post]:
    """Posts planned for this day or earlier, in the reader's zone."""
    if day == dt.date.max:
        return queryset.filter(due_at__isnull=False)
    return queryset.filter(due_at__lt=_begin(day + dt.timedelta(days=1)))


def _begin(day: dt.date) -> dt.datetime:
    """When a day begins on the reader's clock (UTC where that lies outside of what a clock can show)."""
    moment = dt.datetime.combine(day, dt.time())
    try:
        return timezone.make_aware(moment).astimezone(dt.UTC)
    except OverflowError:
        return moment.replace(tzinfo=dt.UTC)


def of_user(queryset: QuerySet[Post], user: User, on: bool) -> QuerySet[Post]:
    """Those that somebody looks after or wrote, or the others."""
    mine = Q(owner=user) | Q(owner=None, written_by=user)
    return queryset.filter(mine) if on else queryset.exclude(mine)


def numbers(words: Sequence[str]) -> list[int]:
    """Primary keys from an address."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


def channel_choices() -> list[tuple[str, str]]:
    """The channels that posts go to, those out of use last; one query."""
    rows = Channel.objects.filter(medium=MEDIUM).order_by("archived_at", "name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST]]


def campaign_choices() -> list[tuple[str, str]]:
    """Campaigns, the newest first; one query."""
    rows = Campaign.objects.order_by("archived_at", "-starts_on", "name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows[:MOST]]


def tag_choices() -> list[tuple[str, str]]:
    """Tags that posts bear; one query."""
    rows = Tag.objects.filter(Exists(Post.tags.through._default_manager.filter(tag=OuterRef("pk"))))
    return [(str(pk), name) for pk, name in rows.order_by("name").values_list("pk", "name")[:MOST]]


def owner_choices() -> list[tuple[str, str]]:
    """Who looks after posts; one query."""
    rows = User.objects.filter(Exists(Post.objects.filter(owner=OuterRef("pk"))))
    return [(str(pk), name) for pk, name in rows.order_by("name", "pk").values_list("pk", "name")[:MOST]]


def language_choices() -> list[tuple[str, str]]:
    """Languages that posts are in; one query."""
    rows = Post.objects.exclude(language="").order_by("language").values_list("language", flat=True)
    return [(code, code) for code in rows.distinct()[:MOST]]


def possible_owners(also: int | None = None) -> QuerySet[User]:
    """Who may write posts.

    Args:
        also: somebody who looks after a post already.
    """
    may = Q(is_active=True, grants__area=Area.PUBLISHING, grants__level__gte=Level.CONTRIBUTE)
    return User.objects.filter(may | Q(pk=also)).distinct().order_by("name", "pk")
