"""What a post's page shows; a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import Delivery, State
from folkmoot.publishing import content
from folkmoot.publishing.content import connector_of
from folkmoot.publishing.models import (
    ChecklistEntry,
    Post,
    PostState,
    Publication,
    Reading,
    Variant,
)
from folkmoot.publishing.moments import Moment, moment_of
from folkmoot.publishing.policy.reading import Looked
from folkmoot.publishing.previews import Preview, preview_of
from folkmoot.publishing.queries.post_agreement import Agreement, post_agreement
from folkmoot.publishing.queries.post_lists import tone_of

#: Posts of the same campaign that are shown.
RELATED = 8
#: How each state of a delivery looks.
DELIVERY_TONES = {
    State.WAITING: "due",
    State.SCHEDULED: "new",
    State.CLAIMED: "new",
    State.SENDING: "new",
    State.UNCERTAIN: "due",
    State.NEEDS_PERSON: "overdue",
    State.SENT: "done",
    State.FAILED: "overdue",
    State.MISSED: "overdue",
    State.WITHHELD: "overdue",
    State.CANCELLED: "quiet",
}


@dataclass(frozen=True)
class Leg:
    """A part on its way to a channel, or there."""

    publication: Publication
    delivery: Delivery
    attempts: int
    reading: Reading | None

    @property
    def tone(self) -> str:
        """The tone of its state's badge."""
        return DELIVERY_TONES.get(State(self.delivery.state), "quiet")

    @property
    def figures(self) -> list[tuple[str, int]]:
        """What the platform tells of it; what it does not tell is left out."""
        if self.reading is None:
            return []
        read = self.reading
        told = (
            (npgettext("figure of a post", "like", "likes", read.likes or 0), read.likes),
            (npgettext("figure of a post", "share", "shares", read.shares or 0), read.shares),
            (npgettext("figure of a post", "reply", "replies", read.replies or 0), read.replies),
            (npgettext("figure of a post", "quote", "quotes", read.quotes or 0), read.quotes),
            (npgettext("figure of a post", "view", "views", read.views or 0), read.views),
            (npgettext("figure of a post", "click", "clicks", read.clicks or 0), read.clicks),
        )
        return [(label, number) for label, number in told if number is not None]


@dataclass(frozen=True)
class Place:
    """A post on one channel."""

    variant: Variant
    preview: Preview
    moment: Moment | None
    legs: list[Leg]
    earlier: list[Leg] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """Where it can be read."""
        return [leg.delivery.remote_url for leg in self.legs if leg.delivery.remote_url]

    @property
    def is_there(self) -> bool:
        """All of it has been sent."""
        return bool(self.legs) and all(leg.delivery.state == State.SENT for leg in self.legs)


@dataclass(frozen=True)
class PostPage:
    """Everything beside the post's own line."""

    places: list[Place]
    tags: list[Any]
    people: list[Any]
    checklist: list[ChecklistEntry]
    related: list[Post]
    moment: Moment | None
    tone: str
    turn: str
    #: What is to be done next: "edit", "hand_in", "approve", "time", "schedule", "move", "look", "reopen", or nothing.
    step: str
    agreement: Agreement
    #: Something of it is there.
    has_left: bool
    #: Its saved content is another than what is there.
    is_corrected: bool

    @property
    def trouble(self) -> int | None:
        """The delivery to look at first, where something went wrong."""
        for place in self.places:
            for leg in place.legs:
                if leg.tone == "overdue":
                    return leg.delivery.pk
        return None

    @property
    def done(self) -> int:
        """Entries of the checklist that are ticked."""
        return sum(entry.done_at is not None for entry in self.checklist)

    @property
    def problems(self) -> list[tuple[Place, str, str]]:
        """What a platform would refuse, and the composer's field where it is mended."""
        return [
            (
                place,
                words,
                f"text-{'base' if place.variant.follows_base else place.variant.channel_id}-{part.number}",
            )
            for place in self.places
            for part in place.preview.parts
            for words in part.problems
        ]


def read(pk: int) -> Post | None:
    """The post with what its first lines name, its tags and people; three queries."""
    return (
        Post.objects.select_related(
            "campaign", "owner", "written_by", "project", "sponsor", "series", "article__site"
        )
        .prefetch_related("tags", "people")
        .filter(pk=pk)
        .first()
    )


def post_page(post: Post, user: User) -> PostPage:
    """What the page shows to somebody."""
    (whole,) = content.read_whole([post])
    contents = {source.variant.pk: parts for source, parts in zip(whole.sources, whole.contents, strict=True)}
    variants = [source.variant for source in whole.sources if source.variant.channel is not None]
    variants.sort(key=lambda each: (each.channel.name if each.channel else "", each.pk))
    legs = _legs(variants)
    places = [_place(each, contents[each.pk], legs[each.pk]) for each in variants]
    sent = [leg for place in places for leg in place.legs if leg.delivery.state == State.SENT]
    agreement = post_agreement(Looked.at(whole), user)
    step = next_step(post, places, needs_agreement=agreement.needs_agreement)
    return PostPage(
        places=places,
        tags=list(post.tags.all()),
        people=list(post.people.all()),
        checklist=list(post.checklist.select_related("done_by")),
        related=related(post),
        moment=moment_of(post),
        tone=tone_of(post.state),
        turn=turn_words(post, step),
        step=step,
        agreement=agreement,
        has_left=bool(sent),
        is_corrected=any(leg.publication.content_sha256 != post.content_sha256 for leg in sent),
    )


def next_step(post: Post, places: Sequence[Place], *, needs_agreement: bool) -> str:
    """What brings a post further; ``""``: nothing has to be done."""
    state = post.state
    if state == PostState.DRAFT:
        if not places or any(place.preview.problems for place in places):
            return "edit"
        if needs_agreement:
            return "hand_in"
        return "schedule" if post.due_at else "time"
    if state == PostState.APPROVED:
        return "schedule" if post.due_at else "time"
    return {
        PostState.REVIEW: "approve",
        PostState.SCHEDULED: "move",
        PostState.TROUBLE: "look",
        PostState.CANCELLED: "reopen",
    }.get(PostState(state), "")


def _legs(variants: Sequence[Variant]) -> dict[int, list[Leg]]:
    """The publications of variants with deliveries, tries and newest figures; two queries."""
    rows = list(
        Publication.objects.filter(variant__in=variants)
        .select_related("delivery")
        .annotate(attempts_made=Count("delivery__attempts"))
        .order_by("variant", "-version", "part")
    )
    readings = {
        row.publication_id: row for row in Reading.objects.filter(publication__in=rows, is_newest=True)
    }
    found: dict[int, list[Leg]] = defaultdict(list)
    for row in rows:
        attempts: int = row.attempts_made
        found[row.variant_id].append(Leg(row, row.delivery, attempts, readings.get(row.pk)))
    return found


def _place(variant: Variant, contents: Sequence[Any], legs: list[Leg]) -> Place:
    channel = variant.channel
    assert channel is not None  # noqa: S101 - the query asks for those
    newest = max((leg.publication.version for leg in legs), default=0)
    return Place(
        variant=variant,
        preview=preview_of(channel, connector_of(channel), contents),
        moment=moment_of(variant),
        legs=[leg for leg in legs if leg.publication.version == newest],
        earlier=[leg for leg in legs if leg.publication.version != newest],
    )


def related(post: Post) -> list[Post]:
    """Other posts of its campaign, those next in time first; at most one query."""
    if post.campaign_id is None:
        return []
    rows: Any = Post.objects.filter(campaign=post.campaign_id).exclude(pk=post.pk)
    found = list(rows.exclude(state=PostState.CANCELLED).order_by("-due_at", "-pk")[:RELATED])
    for row in found:
        row.tone = tone_of(row.state)
        row.moment = moment_of(row)
    return found


def turn_words(post: Post, step: str) -> str:
    """Whose turn it is, in words; ``""``: nobody's."""
    owner = post.owner or post.written_by
    name = owner.name if owner else ""
    if step == "schedule":
        return _("whoever plans: schedule it")
    if step == "time":
        return _("whoever plans: give it a time")
    if step == "approve":
        return _("whoever may approve it")
    if step == "hand_in":
        return _("%(name)s: hand it in") % {"name": name} if name else _("whoever wrote it: hand it in")
    if step == "edit":
        return _("%(name)s writes it") % {"name": name} if name else _("somebody has to write it")
    if step == "look":
        return _("%(name)s: something did not arrive") % {"name": name or _("whoever plans")}
    return ""
