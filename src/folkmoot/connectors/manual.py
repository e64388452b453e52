"""Channels that a person posts on: where there is no interface, or none that may be used.

Nothing is sent: at its minute the post waits for a person, who is told, finds the text ready to copy and the pictures
to download, posts it, and pastes the address. What a place takes is a setting, since nobody can be asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors import counting
from folkmoot.connectors.base import (
    Access,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Sent,
    Setting,
    connectors,
)
from folkmoot.connectors.markup import MarkupConnector, plain, whole
from folkmoot.connectors.posts import Ability, Content, Limits, Segment, Unit, pieces


@dataclass(frozen=True)
class Place:
    """Somewhere to post by hand.

    Attributes:
        intent: an address that opens the place with the text filled in; ``{text}``, ``{title}`` and ``{link}`` are
            replaced, ``{host}`` by that of the channel's own page.
        page: where one writes, when there is no such address.
        text: how long a text may be; 0: no limit that is known.
        unit: what it is counted in.
    """

    key: str
    label: Any
    intent: str = ""
    page: str = ""
    text: int = 0
    unit: Unit = Unit.CODE_POINTS


#: Addresses as the platforms' documents on sharing name them: LinkedIn's composer (``shareActive``), X ("Web intents"),
#: Bluesky ("Action intent links"), Mastodon (``/share``), Facebook ("Share dialog": an address only), Reddit (submit).
PLACES = {
    each.key: each
    for each in (
        Place("other", _("somewhere else")),
        Place(
            "linkedin",
            _("LinkedIn, a person’s own account"),
            "https://www.linkedin.com/feed/?shareActive=true&text={text}",
            text=3000,
        ),
        Place(
            "linkedin-newsletter", _("LinkedIn, a newsletter"), page="https://www.linkedin.com/article/new/"
        ),
        Place("x", _("X"), "https://x.com/intent/post?text={text}", text=280, unit=Unit.WEIGHTED),
        Place(
            "bluesky",
            _("Bluesky"),
            "https://bsky.app/intent/compose?text={text}",
            text=300,
            unit=Unit.GRAPHEMES,
        ),
        Place("mastodon", _("Mastodon"), "https://{host}/share?text={text}", text=500, unit=Unit.GRAPHEMES),
        Place("facebook", _("Facebook"), "https://www.facebook.com/sharer/sharer.php?u={link}"),
        Place("reddit", _("Reddit"), "https://www.reddit.com/submit?title={title}&text={text}"),
        Place("youtube", _("YouTube, the community page"), page="https://studio.youtube.com/"),
    )
}


@dataclass(frozen=True)
class ByHand:
    """What a person needs to post something: the text as it is copied, and where to."""

    text: str
    title: str
    link: str
    place: Place
    address: str


def by_hand(payload: Payload, access: Access) -> ByHand:
    """A post, as the person gets it.

    Raises:
        KeyError, TypeError: the payload is none of a post.
    """
    content, place = Content.of(payload), place_of(access)
    text = whole(content)
    if access.text("markup") != "markdown":
        text = plain(text)
    return ByHand(text, content.title, content.link, place, _address(place, access, content, text))


def place_of(access: Access | None) -> Place:
    """Where a channel posts to."""
    return PLACES.get(access.text("place") if access else "", PLACES["other"])


def _address(place: Place, access: Access, content: Content, text: str) -> str:
    page = access.text("page") or place.page
    host = urlsplit(page).hostname or ""
    if not place.intent or ("{host}" in place.intent and not host):
        return page if urlsplit(page).scheme in ("http", "https") else ""
    filled = place.intent
    for name, value in (("text", text), ("title", content.title), ("link", content.link)):
        filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
    return filled.replace("{host}", host)


class HandSender(Sender):
    """Nobody is called."""

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        return Outcome.person(_now("It waits for somebody to post it by hand."))

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        return Outcome.person(_now("It waits for somebody to change it by hand."))

    def withdraw(self, sent: Sent) -> Outcome:
        return Outcome.person(_now("It waits for somebody to delete it by hand."))


@connectors.declare
class Manual(MarkupConnector):
    """A post that a person puts there."""

    key = "manual"
    label = _("By hand")
    order = 90
    icon = "hand-index-thumb"
    is_manual = True
    abilities = frozenset(
        {Ability.THREAD, Ability.TITLE, Ability.IMAGES, Ability.ALT, Ability.CORRECT, Ability.WITHDRAW}
    )
    limits = Limits(images=20, types=("image/jpeg", "image/png", "image/gif"))
    guide = (
        _(
            "For places without an interface: a person’s own account, LinkedIn’s newsletters, YouTube’s community page."
        ),
        _(
            "At its minute the person below is told, posts it, and pastes the address. Until then it waits on Today."
        ),
    )
    settings = (
        Setting(
            "place",
            _("Where it is posted"),
            kind="choice",
            default="other",
            choices=tuple((each.key, each.label) for each in PLACES.values()),
        ),
        Setting(
            "page",
            _("Address of the page to post on"),
            _("Opened by whoever posts. Mastodon: any page of the account’s server."),
        ),
        Setting(
            "person",
            _("Who posts: a mail address"),
            _("They get the text and a link by mail at its minute. Empty: whoever planned the post is told."),
        ),
        Setting(
            "text",
            _("How long a text may be"),
            _("In characters as the place counts them. Empty: what is usual there."),
            kind="number",
        ),
        Setting(
            "title",
            _("Title"),
            kind="choice",
            default="no",
            choices=(("no", _("there is none")), ("yes", _("it must have one"))),
        ),
        Setting("title_length", _("How long a title may be"), _("Empty: no limit."), kind="number"),
        Setting("images", _("How many pictures"), _("Empty: up to 20."), kind="number"),
        Setting(
            "markup",
            _("The text to copy"),
            kind="choice",
            default="plain",
            choices=(("plain", _("plain, without Markdown")), ("markdown", _("as it was written"))),
        ),
    )
    readback = Readback.NONE

    def open(self, access: Access) -> Sender:
        return HandSender()

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """A page is an address of the web; somebody's address has an @."""
        found = super().wrong_settings(access)
        page, person = access.text("page"), access.text("person")
        if page and urlsplit(page).scheme not in ("http", "https"):
            found["page"] = str(_("Address of the page to post on"))
        if person and ("@" not in person or " " in person.strip()):
            found["person"] = str(_("Who posts: a mail address"))
        return found

    def limits_of(self, access: Access | None) -> Limits:
        """As the channel's settings say, else as is usual at its place."""
        place = place_of(access)
        given: Mapping[str, int] = (
            {name: access.number(name) for name in ("text", "title_length", "images")} if access else {}
        )
        return Limits(
            text=given.get("text") or place.text,
            unit=place.unit,
            title=given.get("title_length", 0),
            images=given.get("images") or self.limits.images,
            types=self.limits.types,
        )

    def needs_title(self, access: Access | None) -> bool:
        return access is not None and access.text("title") == "yes"

    def segments(self, content: Content) -> list[Segment]:
        """As it is pasted: without markup, addresses written out."""
        return pieces(dataclasses.replace(content, text=plain(whole(content))))

    def length(self, text: str, limits: Limits) -> int:
        if limits.unit is Unit.WEIGHTED:
            return counting.weighted(text)
        return counting.graphemes(text) if limits.unit is Unit.GRAPHEMES else len(text)
