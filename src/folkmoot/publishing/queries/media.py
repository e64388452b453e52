"""Reads about pictures: the library, where each is used, small files for lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from folkmoot.connectors.posts import Limits
from folkmoot.publishing.models import EDITABLE, Media, PartMedia, Post, PostState, Rendition
from folkmoot.publishing.sizes import made_for

#: A picture in lists.
THUMBNAIL = Limits(image_side=480, image_bytes=200_000, images=1)


def pictures() -> QuerySet[Media]:
    """All pictures, with how many parts use each as ``uses_count``."""
    return Media.objects.select_related("uploaded_by", "card").annotate(uses_count=Count("uses"))


def found(queryset: QuerySet[Media], words: str) -> QuerySet[Media]:
    """Pictures whose name, description or credit holds the words."""
    return queryset.filter(Q(name__icontains=words) | Q(alt__icontains=words) | Q(credit__icontains=words))


def url_of(sha256: str) -> str:
    """Where somebody who is signed in sees a picture's file."""
    return reverse("publishing:picture_file", args=[sha256])


def thumbnails(rows: Iterable[Media]) -> dict[int, str]:
    """The address of a small file of each picture, or of the picture itself where none was made; one query."""
    known = {row.pk: row for row in rows}
    if not known:
        return {}
    small = dict(
        Rendition.objects.filter(media__in=known, made_for=made_for(THUMBNAIL)).values_list(
            "media_id", "sha256"
        )
    )
    return {pk: url_of(small.get(pk, row.sha256)) for pk, row in known.items()}


def decorate(rows: Sequence[Any]) -> None:
    """Lay beside each picture its small file (``thumbnail``) and the people whom it shows (``shown``); two queries."""
    small = thumbnails(rows)
    people: dict[int, list[str]] = defaultdict(list)
    links = Media.people.through._default_manager.filter(media__in=[row.pk for row in rows])
    for pk, name in links.order_by("person__sort_key").values_list("media_id", "person__name"):
        people[pk].append(name)
    for row in rows:
        row.thumbnail, row.shown = small[row.pk], people[row.pk]


def posts_with(media: Media) -> list[Post]:
    """The posts that show a picture, the newest first; one query."""
    used = PartMedia.objects.filter(media=media).values("part__variant__post")
    return list(Post.objects.filter(pk__in=used).order_by("-due_at", "-pk")[:50])


def offered(words: str = "", most: int = 24) -> list[Any]:
    """Pictures to choose from in the composer, the newest first; two queries."""
    rows: list[Any] = list((found(Media.objects.all(), words) if words else Media.objects.all())[:most])
    small = thumbnails(rows)
    for row in rows:
        row.thumbnail = small[row.pk]
    return rows


def agreed_with(media: Media) -> int:
    """How many posts that were handed in or agreed to show a picture: changing it makes them drafts again."""
    waiting = [state for state in EDITABLE if state != PostState.DRAFT]
    shown = Post.objects.filter(state__in=waiting, variants__parts__pictures__media=media)
    return shown.distinct().count()
