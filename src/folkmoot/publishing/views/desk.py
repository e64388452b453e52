"""One request of the composer: the post, what its form says, what is to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.ui.answers import user_of
from folkmoot.outbox.public import Channel, instant
from folkmoot.publishing import drafting
from folkmoot.publishing.actions.base import CORRECTABLE
from folkmoot.publishing.composing import texts_version
from folkmoot.publishing.drafting import BASE, Draft
from folkmoot.publishing.forms.posts import PostForm, WhenForm
from folkmoot.publishing.models import Article, Post, PostState
from folkmoot.publishing.moments import Moment
from folkmoot.publishing.queries import composer as queries


@dataclass
class Desk:
    """One request of the composer: the post, what the form says, what is to be shown."""

    request: HttpRequest
    post: Post | None
    channels: list[Channel]
    draft: Draft
    form: PostForm
    when: WhenForm
    theirs: Draft | None = None
    #: The field that gets the focus after a button.
    focus: str = ""
    #: What a button could not do, in words.
    said: list[str] = field(default_factory=list)
    #: Problems of single channels, by number.
    channel_errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """Who writes."""
        return user_of(self.request)

    @property
    def is_correction(self) -> bool:
        """It has left: what is saved is a correction."""
        return self.post is not None and self.post.state in CORRECTABLE

    def as_written(self) -> Post:
        """The post with the language, link and campaign that the form says; not to be saved."""
        shown = Post(pk=self.post.pk if self.post else None)
        for name in ("language", "link"):
            setattr(shown, name, str(self.form[name].value() or "")[:500])
        campaign = str(self.form["campaign"].value() or "")
        shown.campaign_id = (
            int(campaign) if campaign.isascii() and campaign.isdigit() and len(campaign) < 19 else None
        )
        return shown

    def context(self) -> dict[str, Any]:
        """For the templates."""
        page = queries.composing(self.draft, self.as_written(), self.channels, theirs=self.theirs)
        post = self.post
        return {
            "post": post,
            "form": self.form,
            "when": self.when,
            "page": page,
            "focus": self.focus,
            "focus_key": self.focus.split("-")[1] if "-" in self.focus else "",
            "compose_url": reverse("publishing:new_post"),
            "said": self.said,
            "channel_errors": [
                (name, words) for name, errors in self.channel_errors.items() for words in errors
            ],
            "is_correction": self.is_correction,
            "seen": self.form["seen"].value() if "seen" in self.form.fields else "",
            "seen_texts": self.request.POST.get("seen_texts", "")
            if self.request.method == "POST" and self.theirs is None
            else texts_version(drafting.draft_of(post))
            if post is not None
            else "",
            "moments": moments_of(self.when, page.zones),
        }


def moments_of(when: WhenForm, zones: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """When it leaves on other clocks than the one that was chosen: whose clock, and what it says then."""
    values = {name: str(when[name].value() or "") for name in ("date", "time", "zone")}
    if not values["date"] or not values["time"]:
        return []
    try:
        wall = dt.datetime.fromisoformat(f"{values['date']}T{values['time']}").replace(tzinfo=None)
        moment = Moment(wall, values["zone"], instant(wall, values["zone"]))
    except (ValueError, ValidationError):
        return []
    here = timezone.get_current_timezone_name()
    clocks = {here: _("on your clock")} if here != values["zone"] else {}
    for name, zone in zones:
        if zone not in (values["zone"], here):
            clocks[zone] = f"{clocks[zone]}, {name}" if zone in clocks else name
    return [(whose, f"{moment.in_zone(zone)} ({zone.replace('_', ' ')})") for zone, whose in clocks.items()]


def kept_post(request: HttpRequest) -> Post | None:
    """The draft that was kept while the page of a new post was open."""
    word = request.POST.get("post", "")
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        return None
    return to_edit(request, get_object_or_404(Post, pk=int(word)))


def to_edit(request: HttpRequest, post: Post) -> Post:
    """What is scheduled or has left is changed only by whoever may schedule."""
    if post.state == PostState.SCHEDULED or post.state in CORRECTABLE:
        demand(request.user, "publishing.manage")
    return post


def desk_of(request: HttpRequest, post: Post | None) -> Desk:
    channels = queries.offered(post)
    if request.method == "POST":
        draft = drafting.typed(request.POST, channels)
        form = PostForm(request.POST, instance=post)
        when = WhenForm(request.POST, post=post)
    elif post is not None:
        draft, form, when = drafting.draft_of(post), PostForm(instance=post), WhenForm(post=post)
    else:
        draft, form, when = _asked_for(request, channels)
    return Desk(request, post, channels, draft, form, when)


def _asked_for(request: HttpRequest, channels: Sequence[Channel]) -> tuple[Draft, PostForm, WhenForm]:
    """A new post as an address asks for it: ``?date=…&channel=…&campaign=…&title=…&text=…&link=…``, or one about
    an article: ``&article=…&waits_for_link=on``."""
    asked = request.GET
    wanted = set(asked.getlist("channel"))
    chosen = [channel.pk for channel in channels if str(channel.pk) in wanted]
    text = drafting.TextDraft(BASE, parts=(drafting.PartDraft(asked.get("text", "")[:5000]),))
    first = {name: asked.get(name, "")[:500] for name in ("title", "link", "language", "project", "campaign")}
    about = asked.get("article", "")
    if about.isascii() and about.isdigit() and len(about) < 19 and Article.objects.filter(pk=about).exists():
        first["article"] = about
    more = {"waits_for_link": asked.get("waits_for_link") == "on", "tags": asked.getlist("tag")[:20]}
    form = PostForm(initial={**first, **more, "owner": request.user.pk})
    when = WhenForm(initial={name: asked[name][:64] for name in ("date", "time", "zone") if asked.get(name)})
    return Draft({BASE: text}, tuple(chosen)), form, when
