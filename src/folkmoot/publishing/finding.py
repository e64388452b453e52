"""How posts and campaigns are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.search.kinds import Document, Follow, Naming, SearchKind, search_kinds
from folkmoot.publishing import addresses
from folkmoot.publishing.models import Campaign, Part, Post, Variant


def post_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Posts by title, what they say, channels, campaign, tags, whom they name; five queries."""
    texts: dict[int, list[str]] = defaultdict(list)
    parts = Part.objects.filter(variant__post__in=ids).order_by("variant", "position")
    for pk, text in parts.values_list("variant__post_id", "text"):
        texts[pk].append(text)
    channels: dict[int, list[str]] = defaultdict(list)
    variants = Variant.objects.filter(post__in=ids, channel__isnull=False).order_by("channel__name")
    for pk, name in variants.values_list("post_id", "channel__name"):
        channels[pk].append(name or "")
    words: dict[int, list[str]] = defaultdict(list)
    for relation, column in ((Post.tags.through, "tag__name"), (Post.people.through, "person__name")):
        rows = relation._default_manager.filter(post__in=ids).order_by(column)
        for pk, name in rows.values_list("post_id", column):
            words[pk].append(name)
    for row in Post.objects.filter(pk__in=ids).select_related("campaign"):
        shown = [str(row.get_state_display()), row.wall_time[:10], ", ".join(channels[row.pk])]
        campaign = [row.campaign.name] if row.campaign is not None else []
        yield Document(
            row.pk,
            row.title,
            " · ".join(word for word in shown if word),
            " ".join([*texts[row.pk], *campaign, *words[row.pk], row.link]),
            addresses.post_page(row.pk),
        )


def campaign_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Campaigns by name, what they are for, tags; two queries."""
    tags: dict[int, list[str]] = defaultdict(list)
    rows = Campaign.tags.through._default_manager.filter(campaign__in=ids).order_by("tag__name")
    for pk, name in rows.values_list("campaign_id", "tag__name"):
        tags[pk].append(name)
    for row in Campaign.objects.filter(pk__in=ids):
        days = " – ".join(day.isoformat() for day in (row.starts_on, row.ends_on) if day is not None)
        text = " ".join([row.goal, row.utm, *tags[row.pk]])
        yield Document(row.pk, row.name, days, text, addresses.campaign_page(row.pk))


search_kinds.register(
    SearchKind(
        "post",
        _("Posts"),
        "megaphone",
        "publishing.view",
        "publishing",
        Post,
        post_documents,
        (
            Follow(Variant, "post_id"),
            Follow(Post.tags.through, "post_id"),
            Follow(Post.people.through, "post_id"),
        ),
        (
            Naming("variants__channel"),
            Naming("campaign"),
            Naming("people"),
            Naming("tags"),
        ),
        order=60,
    )
)
search_kinds.register(
    SearchKind(
        "campaign",
        _("Campaigns"),
        "flag",
        "publishing.view",
        "publishing",
        Campaign,
        campaign_documents,
        (Follow(Campaign.tags.through, "campaign_id"),),
        (Naming("tags"),),
        order=61,
    )
)
