"""What the pages of campaigns show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from folkmoot.publishing.models import Campaign, PostState
from folkmoot.publishing.queries import post_lists

#: Posts that a campaign's page shows.
SHOWN = 100


def campaigns() -> QuerySet[Campaign]:
    """All campaigns, with how many posts each has (``posts_count``) and how many of them are out
    (``published_count``)."""
    counted = ~Q(posts__state=PostState.CANCELLED)
    return Campaign.objects.select_related("owner").annotate(
        posts_count=Count("posts", filter=counted),
        published_count=Count("posts", filter=Q(posts__state=PostState.PUBLISHED)),
    )


def posts_of(campaign: Campaign) -> list[Any]:
    """The posts of a campaign in the order of time, those without a time last, as lists show them; three queries."""
    rows: list[Any] = list(post_lists.posts().filter(campaign=campaign).order_by("due_at", "pk")[:SHOWN])
    rows.sort(key=lambda row: row.due_at is None)
    post_lists.decorate(rows)
    return rows


def states(rows: list[Any]) -> list[tuple[str, str, int]]:
    """How many posts stand in each state: tone, label, number."""
    found = []
    for state in PostState:
        number = sum(row.state == state for row in rows)
        if number:
            found.append((post_lists.TONES[state], str(state.label), number))
    return found
