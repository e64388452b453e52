"""Pictures: uploaded once, described, removed where nothing uses them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.saving import uses
from folkmoot.people.public import Person
from folkmoot.publishing import pictures
from folkmoot.publishing.actions import base, renditions
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.cards.faint import Faint, as_rows
from folkmoot.publishing.models import EDITABLE, Media, PartMedia, Post, Rendition


class MediaFields(TypedDict, total=False):
    """What may be said of a picture."""

    name: str
    alt: str
    focus_x: float
    focus_y: float
    credit: str
    shows_people: bool
    people: Iterable[Person]


def upload_media(*, upload: UploadedFile[bytes], actor: Actor, alt: str = "", credit: str = "") -> Media:
    """Keep an uploaded picture, drawn anew from its pixels (:func:`pictures.drawn_anew`).

    The same picture again is the one that is there; what it says of itself stays.

    Raises:
        ValidationError: it is no picture, or too large.
    """
    drawn = pictures.drawn_anew(upload, upload.size or 0)  # type: ignore[arg-type]
    name = os.path.basename(str(upload.name or ""))
    return keep_drawn(drawn=drawn, name=name, alt=alt, credit=credit, actor=actor)


def keep_drawn(
    *,
    drawn: pictures.Drawn,
    name: str,
    actor: Actor,
    alt: str = "",
    credit: str = "",
    card: Any = None,
    card_values: dict[str, Any] | None = None,
    faint: Iterable[Faint] = (),
) -> Media:
    """Keep a picture that was drawn here; the same content once.

    Raises:
        ValidationError: the description is too long.
    """
    known = Media.objects.filter(sha256=drawn.sha256).first()
    if known is not None:
        if not default_storage.exists(known.file):
            renditions.stored(drawn, "publishing")
        return known
    media = Media(
        file=renditions.stored(drawn, "publishing"),
        name=base.line(name)[:200],
        sha256=drawn.sha256,
        type=drawn.type,
        width=drawn.width,
        height=drawn.height,
        size=len(drawn.content),
        alt=base.block(alt),
        credit=base.line(credit),
        card=card,
        card_values=card_values or {},
        faint=as_rows(faint),
        uploaded_by=actor,
    )
    try:
        with transaction.atomic():
            return base.write(media, actor=actor)
    except (IntegrityError, ValidationError):
        twin = Media.objects.filter(sha256=drawn.sha256).first()  # two uploads at one moment
        if twin is None:
            raise
        return twin


@transaction.atomic
def save_media(*, media: Media, values: MediaFields, actor: Actor, seen: int | None = None) -> Media:
    """Change what is said of a picture. Posts that show it say something else by that: those that somebody agreed to
    are drafts again.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``; a post with it is leaving.
    """
    media = base.locked(media, seen)
    plain = {name: value for name, value in values.items() if name != "people"}
    if base.put(media, plain):
        if media.people.exists() and not media.shows_people:
            media.shows_people = True
        base.write(media, actor=actor)
    if "people" in values:
        media.people.set(values["people"])
        if media.people.exists() and not media.shows_people:
            media.shows_people = True
            base.write(media, actor=actor)
    if {"alt", "focus_x", "focus_y"} & set(plain):
        shown = Post.objects.filter(state__in=EDITABLE, variants__parts__pictures__media=media)
        for post in shown.distinct():
            base.content_changed(base.held(post), actor=actor)
    return media


@transaction.atomic
def remove_media(*, media: Media, actor: Actor) -> None:
    """Delete a picture that nothing uses, with its sizes and files.

    Raises:
        ValidationError: a post, a pool or a template uses it; in words.
    """
    media = base.locked(media)
    found = uses(media, but=frozenset({"publishing.rendition"}))
    if found:
        raise ValidationError(
            _("This picture is used (%(uses)s) and stays.") % {"uses": ", ".join(found)}, code="used"
        )
    files = [media.file, *Rendition.objects.filter(media=media).values_list("file", flat=True)]
    Rendition.objects.filter(media=media).delete()
    base.remove(media, actor=actor)
    transaction.on_commit(lambda: remove_files(files))


def remove_files(files: Iterable[str]) -> None:
    """Delete files of pictures that no row names any more."""
    for name in set(files):
        kept = Media.objects.filter(file=name).exists() or Rendition.objects.filter(file=name).exists()
        if not kept:
            default_storage.delete(name)


def remove_unused_media(*, media: Iterable[Media], actor: Actor) -> int:
    """Delete those of these pictures that nothing uses.

    Returns:
        how many.
    """
    number = 0
    for one in media:
        if PartMedia.objects.filter(media=one).exists():
            continue
        try:
            remove_media(media=one, actor=actor)
        except ValidationError:
            continue
        number += 1
    return number
