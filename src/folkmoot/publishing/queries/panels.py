"""What pages of people, projects and organisations show of posts about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.plugs import TimelineEntry, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.publishing.models import Post, PostState
from folkmoot.publishing.queries.post_lists import tone_of

#: Posts that a card shows.
SHOWN = 8
GROUP = "posts"
#: By kind of record: the fields of a post that name it.
ABOUT: Mapping[str, tuple[str, ...]] = {
    "people.person": ("people",),
    "people.project": ("project",),
    "people.organization": ("sponsor",),
}


def posts_about(record: Any) -> QuerySet[Post]:
    """The posts about a record of the register, but those that were cancelled."""
    wanted = Q()
    for field in ABOUT[record._meta.label_lower]:
        wanted |= Q(**{field: record})
    return Post.objects.filter(wanted).exclude(state=PostState.CANCELLED)


def published_about(record: Any) -> QuerySet[Post]:
    """Those of them that are out."""
    return posts_about(record).filter(state=PostState.PUBLISHED, due_at__isnull=False)


def about(user: Any, record: Any) -> Rows:
    """For a card: the newest posts about a record."""
    rows = posts_about(record).order_by("-changed_at", "-pk")
    return Rows(rows, "pk", "title", "state", "due_at", "changed_at", most=SHOWN)


def told(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Posts for a card, the latest first."""
    found = [
        {**row, "tone": tone_of(row["state"]), "state_label": PostState(row["state"]).label}
        for row in sorted(rows, key=lambda row: (row["changed_at"], row["pk"]), reverse=True)
    ]
    return {"posts": found} if found else None


def timeline_rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """For timelines: posts about a record that are out."""
    if group not in ("", GROUP):
        return None
    rows = older(published_about(record), "due_at", before)
    return Rows(rows, "pk", "title", "due_at", most=limit, campaign=F("campaign__name"))


def tell(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each of them as an entry."""
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["due_at"],
            group=GROUP,
            icon="megaphone",
            verb=_("A post was published:"),
            title=row["title"],
            url=reverse("publishing:post", args=[row["pk"]]),
            meta=(row["campaign"],) if row["campaign"] else (),
        )
