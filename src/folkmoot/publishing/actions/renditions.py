"""Pictures in the sizes that channels take: made once for the same limits, in a job, at the latest when scheduling."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Limits
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.publishing import content, pictures
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Media, Post, Rendition
from folkmoot.publishing.sizes import fits, made_for

JOB = "publishing.renditions"


def stored(drawn: pictures.Drawn, folder: str) -> str:
    """Put a picture's file into the storage, once for the same content.

    Returns:
        its name there.
    """
    name = f"{folder}/{drawn.sha256[:2]}/{drawn.sha256}.{drawn.suffix}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(drawn.content))
    return name


def make_rendition(*, media: Media, limits: Limits) -> Rendition | None:
    """The picture as these limits want it; ``None``: it is taken as it is. The same limits again: the same rendition.

    Raises:
        ValidationError: its file is gone, or cannot be made small enough.
    """
    if fits(media, limits):
        return None
    name = made_for(limits)
    known = Rendition.objects.filter(media=media, made_for=name).first()
    if known is not None:
        return known
    try:
        with default_storage.open(media.file) as file:
            drawn = pictures.made_to_fit(file.read(), limits)
    except OSError:
        raise ValidationError(
            _("The file of the picture “%(name)s” is gone: upload it again.") % {"name": media}
        ) from None
    made = Rendition(
        media=media,
        made_for=name,
        file=stored(drawn, "publishing/sizes"),
        sha256=drawn.sha256,
        type=drawn.type,
        width=drawn.width,
        height=drawn.height,
        size=len(drawn.content),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        return Rendition.objects.get(media=media, made_for=name)
    return made


def make_renditions(*, post: Post) -> list[Rendition]:
    """Every size that the post's channels need. Better outside of a transaction: it takes time.

    Raises:
        ValidationError: a picture cannot be made to fit; in words, with the channel.
    """
    found = []
    for source in content.sources([post])[post.pk]:
        channel = source.variant.channel
        limits = content.limits_of(channel)
        if content.connector_of(channel) is None:
            continue
        for media in _distinct(one.media for part in source.parts for one in part.pictures):
            try:
                made = make_rendition(media=media, limits=limits)
            except ValidationError as error:
                raise ValidationError([f"{channel}: {words}" for words in error.messages]) from error
            if made is not None:
                found.append(made)
    return found


def _distinct(media: Iterable[Media]) -> list[Media]:
    return list({one.pk: one for one in media}.values())


def make_later(*, post: Post, actor: Actor) -> None:
    """Queue a job that makes the post's sizes, so that previews and scheduling need not wait for them."""
    enqueue(kind=JOB, arguments={"post": post.pk}, created_by=actor)


def run(context: JobContext) -> dict[str, int]:
    """The job."""
    post = Post.objects.filter(pk=context.arguments["post"]).first()
    if post is None:
        return {"made": 0}
    try:
        return {"made": len(make_renditions(post=post))}
    except ValidationError as error:
        return {"made": 0, "problems": len(error.messages)}
