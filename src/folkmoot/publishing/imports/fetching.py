"""Pictures that a file of posts names by their addresses: fetched by a job, else told of on the post."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Client, HttpProblem, Limits
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.publishing import pictures
from folkmoot.publishing.actions.checklists import add_entry
from folkmoot.publishing.actions.media import keep_drawn
from folkmoot.publishing.actions.variants import Picture, save_variant
from folkmoot.publishing.models import Media, Part

JOB = "publishing.fetch_pictures"


def run(context: JobContext) -> dict[str, int]:
    """The job: picture by picture, from where it was left."""
    wanted = context.arguments["pictures"]
    at, fetched, missing = context.cursor or [0, 0, 0]
    actor = context.job.created_by
    with Client(limits=Limits(size=pictures.MAX_BYTES)) as client:
        for number in range(at, len(wanted)):
            pk, url, alt = wanted[number]
            drawn, why = _drawn(client, url)
            with transaction.atomic():
                done = _put(pk, url, alt, drawn, why, actor)
                fetched, missing = fetched + done, missing + (not done)
                context.checkpoint([number + 1, fetched, missing], done=number + 1, total=len(wanted))
    return {"fetched": fetched, "missing": missing}


def _drawn(client: Client, url: str) -> tuple[pictures.Drawn | None, str]:
    try:
        answer = client.get(url)
    except HttpProblem as error:
        return None, str(error)
    if answer.status != 200:
        return None, _("the other side answers %(status)s") % {"status": answer.status}
    try:
        return pictures.drawn_anew(io.BytesIO(answer.content), len(answer.content)), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


def _put(pk: int, url: str, alt: str, drawn: pictures.Drawn | None, why: str, actor: User | None) -> bool:
    """Show the picture in its part, or write on the post's list what is missing; a part that is gone needs none."""
    part = Part.objects.filter(pk=pk).select_related("variant__post", "variant__channel").first()
    if part is None:
        return False
    post = part.variant.post
    try:
        if drawn is not None:
            name = urlsplit(url).path.rpartition("/")[2] or "picture"
            media = keep_drawn(drawn=drawn, name=name, actor=actor, alt=alt)
            _show(part, media, alt, actor)
            return True
    except ValidationError as error:
        why = " ".join(error.messages)
    text = _("Add the picture %(url)s: it could not be fetched (%(why)s)") % {"url": url[:150], "why": why}
    add_entry(post=post, text=text[:300], actor=actor)
    return False


def _show(part: Part, media: Media, alt: str, actor: User | None) -> None:
    parts = Part.objects.filter(variant=part.variant).order_by("position").prefetch_related("pictures__media")
    shown: list[list[Picture]] = []
    for each in parts:
        mine: list[Picture] = [(use.media, use.alt) for use in each.pictures.all()]
        if each.pk == part.pk and media.pk not in {one.pk for one, _alt in mine}:
            mine.append((media, "" if alt == media.alt else alt))
        shown.append(mine)
    save_variant(post=part.variant.post, channel=part.variant.channel, media=shown, actor=actor)
