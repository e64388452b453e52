"""What the pages of the handle book show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import PostConnector
from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, Person
from folkmoot.publishing.models import BookEntry, BookHandle, Part, Post
from folkmoot.publishing.queries.book import system_of

#: Names that are offered while somebody types one.
OFFERED = 8


@dataclass(frozen=True)
class HandleShown:
    """What somebody is called on a platform, and whether the register says so rather than the book."""

    platform: str
    label: str
    icon: str
    handle: str
    remote_id: str = ""
    is_from_register: bool = False


def platforms() -> list[PostConnector]:
    """The platforms that this version knows."""
    return [connector for connector in connectors if isinstance(connector, PostConnector)]


def platform_choices() -> list[tuple[str, Any]]:
    """The platforms, for filters."""
    return [(platform.key, platform.label) for platform in platforms()]


def decorate(rows: Sequence[Any]) -> None:
    """Lay beside each entry what it is called on each platform (``shown``); two queries."""
    own: dict[int, dict[str, BookHandle]] = defaultdict(dict)
    for one in BookHandle.objects.filter(entry__in=[row.pk for row in rows]):
        own[one.entry_id][one.platform] = one
    theirs: dict[int, dict[str, Identity]] = defaultdict(dict)
    people = [row.person_id for row in rows if row.person_id]
    for identity in Identity.objects.filter(person__in=people).order_by("-is_verified", "pk"):
        theirs[identity.person_id].setdefault(identity.system, identity)
    for row in rows:
        row.shown = _shown(own[row.pk], theirs[row.person_id] if row.person_id else {})


def _shown(own: dict[str, BookHandle], theirs: dict[str, Identity]) -> list[HandleShown]:
    found = []
    known = {platform.key for platform in platforms()}
    for platform in platforms():
        mine = own.get(platform.key)
        identity = theirs.get(system_of(platform.key))
        label, icon = str(platform.label), platform.icon
        if mine is not None:
            found.append(HandleShown(platform.key, label, icon, mine.handle, mine.remote_id))
        elif identity is not None:
            found.append(HandleShown(platform.key, label, icon, identity.value, is_from_register=True))
    found += [
        HandleShown(key, key, "at", one.handle, one.remote_id) for key, one in own.items() if key not in known
    ]
    return found


def in_words(row: Any) -> str:
    """The handles of an entry, for files."""
    return "; ".join(f"{each.platform}: {each.handle}" for each in row.shown)


def without(queryset: QuerySet[BookEntry], keys: Sequence[str]) -> QuerySet[BookEntry]:
    """Entries for which neither the book nor the register has a handle on these platforms."""
    for key in keys:
        own = BookHandle.objects.filter(entry=OuterRef("pk"), platform=key)
        theirs = Identity.objects.filter(person=OuterRef("person"), system=system_of(key))
        queryset = queryset.filter(~Exists(own), ~Exists(theirs))
    return queryset


def posts_naming(entry: BookEntry) -> list[Post]:
    """The posts whose text names an entry, the newest first; one query."""
    texts = Part.objects.filter(text__icontains=f"@[{entry.alias}]").values("variant__post")
    return list(Post.objects.filter(pk__in=texts).order_by("-due_at", "-pk")[:20])


def suggestions(words: str) -> list[dict[str, str]]:
    """Whom a writer may mean: entries of the handle book first, then people of the register; two queries."""
    asked = fold(words.strip("[]"))
    entries = BookEntry.objects.filter(Q(alias__startswith=asked) | Q(name__icontains=asked)).order_by(
        "alias"
    )
    found = [
        {"name": entry.name, "handle": f"[{entry.alias}]", "note": f"@[{entry.alias}]"}
        for entry in entries[:OFFERED]
    ]
    if asked and len(found) < OFFERED:
        people = Person.objects.filter(name__icontains=asked, erased_at=None, archived_at=None)
        known = {each["name"] for each in found}
        found += [
            {"name": name, "handle": f"[{name}]", "note": ""}
            for name in people.order_by("sort_key").values_list("name", flat=True)[: OFFERED - len(found)]
            if name not in known and "]" not in name
        ]
    return found
