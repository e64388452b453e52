"""Saving what the composer holds, and telling an edit that another person made meanwhile."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.saving import Actor, ChangedMeanwhile, locked
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Tag
from folkmoot.publishing.actions.planning import set_time, set_variant_time
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.drafting import BASE, Draft, TextDraft, draft_of, first_words
from folkmoot.publishing.models import Media, Post, Variant


def texts_version(draft: Draft) -> str:
    """A fingerprint of all texts, to see whether somebody else changed them meanwhile."""
    value = [
        [
            text.key,
            text.is_own,
            text.title,
            text.language,
            text.link,
            sorted((name, str(option)) for name, option in text.options.items()),
            [text.date, text.time, text.zone],
            [[part.text, [[one.media, one.alt] for one in part.pictures]] for part in text.parts],
        ]
        for text in sorted(draft.texts.values(), key=lambda each: each.key)
        if text.key == BASE or int(text.key) in draft.channels
    ]
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def tags_named(names: Sequence[str]) -> list[Tag]:
    """Tags by name, in the facet "tag" before others; what is not there yet is made."""
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(fold(name), name)
    there: dict[str, Tag] = {}
    for tag in Tag.objects.filter(folded__in=wanted).order_by("pk"):
        if tag.folded not in there or tag.facet == "tag":
            there[tag.folded] = tag
    return [
        there.get(key) or Tag.objects.get_or_create(facet="tag", folded=key, defaults={"name": name})[0]
        for key, name in wanted.items()
    ]


@transaction.atomic
def save_composed(
    *,
    post: Post | None,
    values: Mapping[str, Any],
    tags: Sequence[str],
    draft: Draft,
    channels: Sequence[Channel],
    wall_time: dt.datetime | None,
    zone: str,
    actor: Actor,
    seen: int | None = None,
    seen_texts: str = "",
    correcting: bool = False,
) -> Post:
    """Save a post with all its texts, channels and times, or nothing of it.

    Args:
        values: of the post; an empty title becomes the first words of its text.
        channels: those that the form offers; the draft says which of them get it.
        wall_time, zone: the post's time; ``None``: none yet.
        seen, seen_texts: what was there when the form was opened.
        correcting: of what has left; its channels and times stay as they are.

    Raises:
        ChangedMeanwhile: somebody else saved the post or its texts since.
        ValidationError: by field; an own time of a channel as ``when-<number>``.
    """
    if post is not None:
        locked(post)
        if seen_texts and texts_version(draft_of(post)) != seen_texts:
            raise ChangedMeanwhile(
                _(
                    "Somebody saved other texts after you opened this post. What you typed is still here: "
                    "compare and save again."
                ),
                code="changed",
            )
    wanted = [channel for channel in channels if channel.pk in draft.channels]
    told: Any = {
        **values,
        "title": values.get("title") or first_words(draft) or _("Untitled"),
        "tags": tags_named(tags),
    }
    saved = save_post(
        post=post,
        values=told,
        channels=None if correcting else wanted,
        actor=actor,
        seen=seen,
        correcting=correcting,
    )
    pictures = Media.objects.in_bulk(draft.media)
    for channel in (None, *wanted):
        _save_text(
            saved,
            channel,
            draft.text_of(BASE if channel is None else str(channel.pk)),
            pictures,
            actor,
            correcting,
        )
    if correcting:
        return Post.objects.get(pk=saved.pk)
    set_time(post=saved, wall_time=wall_time, zone=zone if wall_time else "", actor=actor)
    for channel in wanted:
        _save_time(saved, channel, draft.text_of(str(channel.pk)), zone, actor)
    return Post.objects.get(pk=saved.pk)


def _save_text(
    post: Post,
    channel: Channel | None,
    text: TextDraft,
    pictures: Mapping[int, Media],
    actor: Actor,
    correcting: bool,
) -> None:
    has_words = channel is None or text.is_own or any(not part.is_empty for part in text.parts)
    save_variant(
        post=post,
        channel=channel,
        text_parts=[part.text for part in text.parts] if has_words else None,
        media=[
            [(pictures[one.media], one.alt) for one in part.pictures if one.media in pictures]
            for part in text.parts
        ]
        if has_words
        else None,
        title=text.title,
        language=text.language,
        link=text.link,
        options=text.options,
        follows_base=channel is not None and not text.is_own,
        actor=actor,
        correcting=correcting,
    )


def _save_time(post: Post, channel: Channel, text: TextDraft, zone: str, actor: Actor) -> None:
    """A channel's own time, where it has one."""
    field = f"when-{channel.pk}"
    if bool(text.date) != bool(text.time):
        raise ValidationError({field: _("Give a day and a time, or neither.")})
    wall = None
    if text.date:
        try:
            wall = dt.datetime.fromisoformat(f"{text.date}T{text.time}").replace(
                second=0, microsecond=0, tzinfo=None
            )
        except ValueError:
            raise ValidationError({field: _("This is no day and time.")}) from None
    variant = Variant.objects.select_related("post").get(post=post, channel=channel)
    try:
        set_variant_time(
            variant=variant, wall_time=wall, zone=(text.zone or zone) if wall else "", actor=actor
        )
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
