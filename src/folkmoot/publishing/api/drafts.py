"""Writing drafts and handing them in. Nothing leaves by that: agreeing and scheduling stay with people on the pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Status
from pydantic import BeforeValidator, Field, WithJsonSchema

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Text, Word
from folkmoot.kernel.api.operations import acts, adds, edits
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Organization, Person, Project
from folkmoot.publishing.actions.agreement import hand_in
from folkmoot.publishing.actions.planning import set_time
from folkmoot.publishing.actions.posts import PostFields, save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.api.kinds import POSTS
from folkmoot.publishing.api.posts import PostTold, router, tell_posts
from folkmoot.publishing.composing import tags_named
from folkmoot.publishing.models import Campaign, Post, PostState

_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
#: The action's name of a field to the API's, where they differ.
NAMES = {"text": "parts", "campaign": "campaign_id", "project": "project_id", "sponsor": "sponsor_id"}


def _wall(value: Any) -> Any:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not _WALL.fullmatch(value):
        raise ValueError("a time on the wall without its zone is wanted, such as 2026-11-20T09:00")
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such time") from None
    return value


Wall = Annotated[
    str,
    BeforeValidator(_wall),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{4}-\d\d-\d\dT\d\d:\d\d)?$"}),
]


class TextGiven(Given):
    """What one channel gets instead of the base."""

    channel_id: Number = Field(description="One of the post's channels.")
    follows_base: bool = Field(
        default=False, strict=True, description="True: the base's text again; its own is kept for later."
    )
    parts: list[LongText] = Field(
        default=[], max_length=100, description="The whole thread; empty: as it is."
    )
    title: Text = ""
    language: Text = Field(default="", max_length=12)
    link: Text = ""


class PostEdit(Given):
    """What may be said of a draft; what is left out stays."""

    title: Word = Field(default="", max_length=200)
    parts: list[LongText] = Field(
        default=[], max_length=100, description="The text that all channels get, a thread part by part."
    )
    channels: list[Number] = Field(default=[], max_length=50, description="The channels that get it.")
    texts: list[TextGiven] = Field(default=[], max_length=50, description="Other texts, by channel.")
    campaign_id: NumberOrNone = None
    project_id: NumberOrNone = None
    sponsor_id: NumberOrNone = None
    people_ids: list[Number] = Field(default=[], max_length=50)
    tags: list[Word] = Field(
        default=[], max_length=50, description="Names; those that are not there are made."
    )
    language: Text = Field(default="", max_length=12)
    link: Text = ""
    waits_for_link: bool = Field(default=False, strict=True)
    wall_time: Wall = Field(
        default="", description="When it is to leave, on the wall of `zone`; empty: not known yet."
    )
    zone: Text = Field(default="", max_length=64, description="An IANA zone; goes with `wall_time`.")


class PostNew(PostEdit):
    """A new draft."""

    title: Word = Field(max_length=200)


def _etag(row: Post) -> str:
    return etag_of(body_of(PostTold, tell_posts([row])[0]))


def _fields(payload: PostEdit) -> PostFields:
    """The fields that were given, as the action takes them.

    Raises:
        Problem: 422, one of them names a record that is not there.
    """
    given = payload.model_fields_set
    plain = ("title", "language", "link", "waits_for_link")
    fields: Any = {name: getattr(payload, name) for name in plain if name in given}
    for name, model in (("campaign", Campaign), ("project", Project), ("sponsor", Organization)):
        if f"{name}_id" in given:
            fields[name] = named(model, getattr(payload, f"{name}_id"), f"{name}_id")
    if "people_ids" in given:
        fields["people"] = [named(Person, number, "people_ids") for number in payload.people_ids]
    return fields


def _channels(numbers: Sequence[int], field: str) -> list[Channel]:
    return [row for number in numbers if (row := named(Channel, number, field)) is not None]


def _save(row: Post | None, payload: PostEdit, actor: User) -> Post:
    """The draft with its texts and time, or nothing of it; in the transaction of the caller.

    Raises:
        ValidationError: by field; it is no draft.
        Problem: 422, a record that is named is not there.
    """
    if row is not None and row.state != PostState.DRAFT:
        raise ValidationError(
            _("Only drafts are changed here; this post is “%(state)s”. Take it back on its page first.")
            % {"state": row.get_state_display()},
            code="state",
        )
    given, fields = payload.model_fields_set, _fields(payload)
    if "tags" in given:
        fields["tags"] = tags_named(payload.tags)
    channels = _channels(payload.channels, "channels") if "channels" in given else None
    post = save_post(post=row, values=fields, channels=channels, actor=actor)
    if "parts" in given:
        save_variant(post=post, channel=None, text_parts=payload.parts, actor=actor)
    for text in payload.texts:
        said = text.model_fields_set
        (channel,) = _channels([text.channel_id], "texts")
        save_variant(
            post=post,
            channel=channel,
            text_parts=text.parts or None,
            title=text.title if "title" in said else None,
            language=text.language if "language" in said else None,
            link=text.link if "link" in said else None,
            follows_base=text.follows_base,
            actor=actor,
        )
    if given & {"wall_time", "zone"}:
        wall_time = payload.wall_time if "wall_time" in given else post.wall_time
        zone = payload.zone if "zone" in given else post.zone
        if wall_time and not zone:
            raise ValidationError({"zone": _("Say in which time zone that is.")})
        if wall_time and zone not in clock.zones():
            wrong = _("“%(zone)s” is no time zone: choose one such as Europe/Berlin.") % {"zone": zone}
            raise ValidationError({"zone": wrong})
        set_time(post=post, wall_time=wall_time or None, zone=zone if wall_time else "", actor=actor)
    return Post.objects.get(pk=post.pk)


@adds(router, "/posts", "publishing:write", PostTold)
def add_post(request: HttpRequest, response: HttpResponse, payload: PostNew) -> Any:
    """Add a draft of a post.

    It does not leave before somebody hands it in, those who have to agree have agreed, and somebody schedules it.
    """
    user = callers.of(request).user
    row, is_new = add_once(request, Post, lambda: _save(None, payload, user), NAMES)
    response["Location"] = f"/api/v1/posts/{row.pk}"
    return Status(201 if is_new else 200, tell_posts([row])[0])


@edits(router, "/posts/{post_id}", "publishing:write", PostTold)
def edit_post(request: HttpRequest, post_id: Number, payload: PostEdit) -> Any:
    """Change a draft.

    What is given is set, what is left out stays; of `texts` those of the channels that are named. What was handed in,
    agreed to or has left is not changed here.
    """
    user = callers.of(request).user
    row = edit_seen(request, found(POSTS, post_id), _etag, lambda row: _save(row, payload, user), NAMES)
    return tell_posts([row])[0]


@acts(router, "/posts/{post_id}/hand-in", "publishing:write", PostTold)
def hand_in_post(request: HttpRequest, post_id: Number) -> Any:
    """Hand in a draft.

    Who has to agree is told. It does not leave by that; handed in already, it stays as it is.
    """
    user = callers.of(request).user
    row = edit_seen(request, found(POSTS, post_id), _etag, lambda row: hand_in(post=row, actor=user), NAMES)
    return tell_posts([Post.objects.get(pk=row.pk)])[0]
