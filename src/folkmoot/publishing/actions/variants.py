"""What a post says: the base text, what channels get instead, parts of threads, pictures in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Limits, PostConnector
from folkmoot.kernel import clock
from folkmoot.kernel.search.index import rows_changed
from folkmoot.outbox.public import Channel
from folkmoot.publishing import content, threads
from folkmoot.publishing.actions import base, renditions
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Media, Part, PartMedia, Post, Variant

#: Most parts of a thread, and most code points of one: what any platform takes by far.
MOST_PARTS, MOST_TEXT = 50, 100_000

#: A picture and what it shows in this part's language (empty: as the picture says itself).
Picture = tuple[Media, str]


@transaction.atomic
def save_variant(
    *,
    post: Post,
    channel: Channel | None,
    text_parts: Sequence[str] | None = None,
    media: Sequence[Sequence[Picture]] | None = None,
    title: str | None = None,
    language: str | None = None,
    link: str | None = None,
    options: Mapping[str, Any] | None = None,
    follows_base: bool | None = None,
    actor: Actor,
    correcting: bool = False,
) -> Variant:
    """Write the base (``channel=None``) or what a channel gets; what is ``None`` stays.

    A variant that no longer follows the base begins with the base's text and pictures; one that follows it again keeps
    its own for later. Other content than was agreed to makes the post a draft again.

    Args:
        text_parts: the whole thread, part by part.
        media: the pictures of each part; parts that are not named keep theirs.
        options: what only this platform knows.
        correcting: of what has left, for a correction.

    Raises:
        ValidationError: by field; the post does not go to this channel; it has left.
    """
    post = base.held(post)
    base.need_editable(post, correcting=correcting)
    variant = Variant.objects.filter(post=post, channel=channel).select_related("channel").first()
    if variant is None:
        raise ValidationError(_("The post does not go to this channel."), code="channel")
    variant.post = post
    follows = variant.follows_base if follows_base is None else follows_base and channel is not None
    parting = variant.follows_base and not follows
    values: dict[str, Any] = {
        "title": title,
        "language": language,
        "link": link,
        "options": dict(options) if options is not None else None,
        "follows_base": follows,
    }
    if base.put(variant, {name: value for name, value in values.items() if value is not None}):
        base.write(variant, actor=actor)
    if parting and text_parts is None:
        text_parts, media = _of_base(post, variant, media)
    if text_parts is not None:
        _write_parts(variant, text_parts, actor)
    changed_pictures = media is not None and _write_pictures(variant, media, actor)
    if changed_pictures or parting:
        renditions.make_later(post=post, actor=actor)
    if not base.content_changed(post, actor=actor):
        Post.objects.filter(pk=post.pk).update(changed_at=clock.now())
        rows_changed(Post, [post.pk])
    return variant


def _of_base(
    post: Post, variant: Variant, media: Sequence[Sequence[Picture]] | None
) -> tuple[Sequence[str], Sequence[Sequence[Picture]] | None]:
    """What the base says, unless the variant has had words of its own before."""
    own = list(variant.parts.order_by("position"))
    if any(part.text for part in own) or PartMedia.objects.filter(part__in=own).exists():
        return [part.text for part in own], media
    parts = list(
        Part.objects.filter(variant__post=post, variant__channel=None)
        .order_by("position")
        .prefetch_related("pictures__media")
    )
    if media is None:
        media = [[(use.media, use.alt) for use in part.pictures.all()] for part in parts]
    return [part.text for part in parts], media


def _write_parts(variant: Variant, texts: Sequence[str], actor: Actor) -> None:
    wanted = [base.block(text) for text in texts] or [""]
    if len(wanted) > MOST_PARTS:
        raise ValidationError(
            {"text": _("A thread has %(most)d parts at most.") % {"most": MOST_PARTS}}, code="parts"
        )
    if any(len(text) > MOST_TEXT for text in wanted):
        raise ValidationError(
            {"text": _("A text has %(most)d characters at most.") % {"most": MOST_TEXT}}, code="long"
        )
    there = {part.position: part for part in Part.objects.filter(variant=variant)}
    for position, text in enumerate(wanted, 1):
        part = there.pop(position, None) or Part(variant=variant, position=position)
        if part.pk is None or part.text != text:
            part.text = text
            base.write(part, actor=actor)
    for part in there.values():
        base.remove(part, actor=actor)


def _write_pictures(variant: Variant, media: Sequence[Sequence[Picture]], actor: Actor) -> bool:
    """
    Returns:
        whether any picture, its place or its words are others.
    """
    parts = list(Part.objects.filter(variant=variant).order_by("position"))
    if len(media) > len(parts):
        raise ValidationError({"media": _("There are pictures for a part that is not there.")}, code="parts")
    changed = False
    for part, pictures in zip(parts, media, strict=False):
        wanted: dict[int, tuple[int, str]] = {}
        for picture, alt in pictures:
            wanted.setdefault(picture.pk, (len(wanted) + 1, base.block(alt)))
        there = {use.media_id: use for use in PartMedia.objects.filter(part=part)}
        for use in [use for pk, use in there.items() if pk not in wanted]:
            base.remove(use, actor=actor)
            changed = True
        for pk, (position, alt) in wanted.items():
            use = there.get(pk) or PartMedia(part=part, media_id=pk)
            if use.pk is None or (use.position, use.alt) != (position, alt):
                use.position, use.alt = position, alt
                base.write(use, actor=actor)
                changed = True
    return changed


def split_into_thread(
    *,
    text: str,
    connector: PostConnector,
    limits: Limits,
    numbered: bool = False,
    shown: Callable[[str], str] | None = None,
) -> list[str]:
    """A long text as parts that the platform takes each (:func:`threads.split`)."""
    return threads.split(text, connector=connector, limits=limits, numbered=numbered, shown=shown)


@transaction.atomic
def split_variant(*, post: Post, channel: Channel, numbered: bool = False, actor: Actor) -> Variant:
    """Write what a channel gets as a thread of parts that it takes each, cut at ends of sentences and words.

    Its pictures go with the first part.

    Raises:
        ValidationError: the platform takes no threads; as for :func:`save_variant`.
    """
    connector, limits = content.connector_of(channel), content.limits_of(channel)
    if connector is None or limits.parts == 1:
        raise ValidationError(_("Threads are not taken here: write one part."), code="thread")
    source = next(
        (each for each in content.sources([post])[post.pk] if each.variant.channel_id == channel.pk), None
    )
    if source is None:
        raise ValidationError(_("The post does not go to this channel."), code="channel")
    whole = "\n\n".join(part.text for part in source.parts)
    pictures = [(one.media, one.alt) for part in source.parts for one in part.pictures]
    parts = split_into_thread(
        text=whole,
        connector=connector,
        limits=limits,
        numbered=numbered,
        shown=content.as_shown(post, channel, [whole]),
    )
    return save_variant(
        post=post,
        channel=channel,
        text_parts=parts,
        media=[pictures, *([[] for _part in parts[1:]])],
        follows_base=False,
        actor=actor,
    )
