"""What all actions of publishing share: words for what the database forbids, times, and what an edit means for a post
that somebody agreed to.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, order, saving
from folkmoot.kernel.saving import (
    Actor,
    ChangedMeanwhile,
    block,
    current_version,
    line,
    locked,
    put,
    remove,
    uses,
    write,
)
from folkmoot.kernel.text import fold
from folkmoot.outbox import public as outbox
from folkmoot.outbox.public import Delivery
from folkmoot.publishing import content
from folkmoot.publishing.models import (
    EDITABLE,
    BookEntry,
    Post,
    PostApproval,
    PostState,
    Publication,
)
from folkmoot.publishing.queries.agreement import CONTENT_CHANGED

__all__ = [
    "Actor",
    "ChangedMeanwhile",
    "block",
    "content_changed",
    "current_version",
    "fold",
    "has_left",
    "held",
    "line",
    "locked",
    "need_editable",
    "planned",
    "put",
    "remove",
    "to_state",
    "uses",
    "wall",
    "write",
]

#: States in which a post's content may be changed for a correction.
CORRECTABLE = (PostState.PUBLISHED, PostState.TROUBLE)

saving.say(
    {
        "post_has_a_title": ("title", gettext_lazy("Give the post a title, for lists.")),
        "campaign_once": ("name", gettext_lazy("There is a campaign of this name already.")),
        "campaign_has_a_name": ("name", gettext_lazy("A campaign needs a name.")),
        "campaign_ends_after_it_starts": ("ends_on", order.kept(order.quoted, "starts_on", "ends_on")),
        "checklistentry_says_what": ("text", gettext_lazy("Say what there is to do.")),
        "bookentry_once": ("alias", gettext_lazy("Somebody has this alias already.")),
        "bookentry_has_names": ("name", gettext_lazy("Give an alias and a name.")),
        "bookhandle_once": ("platform", gettext_lazy("There is a handle on this platform already.")),
        "bookhandle_says_who": ("handle", gettext_lazy("Give the handle.")),
        "media_focus_inside": ("focus_x", gettext_lazy("This point lies outside of the picture.")),
        "variant_once": ("channel", gettext_lazy("The post has this channel already.")),
    }
)
saving.SHOWN_AS.update({"publishing.post.folded": "title"})
saving.derives(Post, folded=lambda row: fold(row.title)[:200])
saving.derives(BookEntry, alias=lambda row: fold(row.alias))


def need_editable(post: Post, *, correcting: bool = False) -> None:
    """
    Args:
        correcting: what has left may be changed too, in order to be corrected where it is.

    Raises:
        ValidationError: its content cannot be changed any more.
    """
    if post.state in EDITABLE or (correcting and post.state in CORRECTABLE):
        return
    if post.state == PostState.CANCELLED:
        raise ValidationError(_("This post was cancelled. Take it up again to change it."), code="state")
    raise ValidationError(
        _("This post has left and stays as it is. Correct it, or publish it again."), code="state"
    )


def held(post: Post, seen: int | None = None) -> Post:
    """The post as it is now, held with its deliveries until the transaction ends: the deliveries first, as the outbox
    does when it tells of one, so that the two never wait for each other.

    Raises:
        ChangedMeanwhile, ValidationError: as for :func:`locked`.
    """
    if post.pk is not None:
        mine = Publication.objects.filter(variant__post=post).values_list("delivery_id", flat=True)
        wanted = list(mine)
        if wanted:
            rows = Delivery.objects.filter(Q(pk__in=wanted) | Q(about__in=wanted)).order_by("pk")
            list(rows.select_for_update(of=("self",)).values_list("pk"))
    return locked(post, seen)


def planned(post: Post) -> list[Delivery]:
    """Its deliveries of which nothing can have left yet, the last parts first."""
    rows = Publication.objects.filter(variant__post=post, delivery__state__in=outbox.PLANNED)
    return [row.delivery for row in rows.select_related("delivery").order_by("variant", "-part")]


def has_left(post: Post) -> bool:
    """Something of it is there, is leaving, or may be there."""
    gone = (
        outbox.State.SENT,
        outbox.State.SENDING,
        outbox.State.UNCERTAIN,
        outbox.State.NEEDS_PERSON,
    )
    return Publication.objects.filter(variant__post=post, delivery__state__in=gone).exists()


def to_state(post: Post, state: PostState, *, actor: Actor, reason: str = "") -> Post:
    """Write another state; the same again writes nothing."""
    if post.state != state:
        post.state, post.changed_at = state, clock.now()
        write(post, actor=actor, reason=reason)
    return post


def content_changed(post: Post, *, actor: Actor) -> bool:
    """Reckon the hash anew. Other content than was agreed to: approvals end, what is planned does not leave, and a post
    that waits, is approved or scheduled is a draft again.

    Returns:
        whether it is other content.

    Raises:
        OutboxStateError: a part of it is leaving at this moment.
    """
    fresh = content.content_hash(post)
    if fresh == post.content_sha256:
        return False
    if post.state == PostState.SCHEDULED and has_left(post):
        raise ValidationError(
            _("A part of this post has left already. Wait until all of it is there, then correct it."),
            code="state",
        )
    post.content_sha256 = fresh
    void(post, actor=actor)
    if post.state == PostState.DRAFT:
        for delivery in planned(post):
            outbox.cancel(delivery=delivery, actor=actor)
    return True


def void(post: Post, *, actor: Actor) -> None:
    """Write that readers will see something else than was agreed to: approvals end, and who waited is a draft again."""
    if post.state in (PostState.REVIEW, PostState.APPROVED, PostState.SCHEDULED):
        post.state = PostState.DRAFT
    post.changed_at = clock.now()
    write(post, actor=actor, reason=CONTENT_CHANGED)
    PostApproval.objects.filter(post=post, withdrawn_at=None).update(withdrawn_at=clock.now())


def wall(value: dt.datetime | str | None) -> dt.datetime | None:
    """A wall time as people give it: without a zone, to the minute.

    Raises:
        ValidationError: it is none.
    """
    if not value:
        return None
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValidationError({"wall_time": _("This is no date and time: 2026-11-20 09:00.")}) from None
    return value.replace(tzinfo=None, second=0, microsecond=0)
