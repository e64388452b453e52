"""Posts on a forum that runs Discourse.

A topic gets an external id that was chosen before it was sent, so that what became of it can be read exactly, and
Discourse itself refuses a second one. Replies have no such id: they carry a mark that no reader sees. What a moderator
has to see first counts as sent, and the words say that it waits.

Sources: see ``discourse/client.py``. The lengths are Discourse's defaults until the forum itself was asked.
"""

from __future__ import annotations

import dataclasses
import hashlib

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    Payload,
    Readback,
    Sender,
    Setting,
    connectors,
)
from folkmoot.connectors.discourse.client import Discourse
from folkmoot.connectors.discourse.sender import TopicSender
from folkmoot.connectors.markup import MarkupConnector, markdown, whole
from folkmoot.connectors.posts import Ability, Content, Limits
from folkmoot.connectors.webhook import wrong_address

#: site_settings.yml: ``min_first_post_length`` and ``min_post_length`` 20, ``max_post_length`` 32000,
#: ``min_topic_title_length`` 15, ``max_topic_title_length`` 255, ``max_image_size_kb`` 4096.
USUAL = Limits(
    text=32_000,
    least=20,
    title=255,
    least_title=15,
    images=20,
    image_bytes=4096 * 1024,
    types=("image/jpeg", "image/png", "image/gif"),
)


@connectors.declare
class DiscourseTopic(MarkupConnector):
    """A topic on a forum."""

    key = "discourse"
    label = _("Discourse")
    order = 60
    icon = "chat-square-text"
    abilities = frozenset(
        {
            Ability.THREAD,
            Ability.TITLE,
            Ability.IMAGES,
            Ability.ALT,
            Ability.CORRECT,
            Ability.WITHDRAW,
            Ability.FIGURES,
            Ability.READ_BACK,
            Ability.LIMITS,
        }
    )
    limits = USUAL
    options = (
        Setting("category", _("Category"), _("By its number, name or address; empty: the channel's.")),
        Setting("tags", _("Tags"), _("With commas between; empty: the channel's.")),
    )
    guide = (
        _("Make a user for your community on the forum; what is posted stands there under its name."),
        _(
            "As an administrator of the forum: Admin, API, New API key. User level: Single user, that user. Scope: "
            "Granular, with topics: read, write, update; posts: edit, delete; uploads: create."
        ),
        _(
            "A global key works too and lets the limits of the forum be read; it may do all that its user may."
        ),
    )
    settings = (
        Setting(
            "address", _("Address of the forum"), _("Such as https://forum.example.org."), is_required=True
        ),
        Setting("user", _("User name"), _("In whose name it is posted."), is_required=True),
        Setting("key", _("API key"), _("Stored encrypted."), is_secret=True, is_required=True),
        Setting(
            "category", _("Category"), _("By its number, name or address. Empty: the forum's own default.")
        ),
        Setting("tags", _("Tags"), _("With commas between.")),
    )
    readback = Readback.EXACT
    looks = (10, 60, 300)
    allows = {"text": USUAL.text, "title": USUAL.title}
    pace = 20

    def open(self, access: Access) -> Sender:
        if not access.text("key"):
            raise CannotOpen(_now("There is no key."))
        forum = Discourse(access.text("address"), access.text("key"), access.text("user"))
        return TopicSender(forum, access, len(self.looks))

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """The address is one of the web."""
        found = super().wrong_settings(access)
        if "address" not in found and wrong_address(access.text("address")):
            found["address"] = str(_("Address of the forum"))
        return found

    def plan(self, payload: Payload, key: str) -> str:
        """The topic's external id; replies have none."""
        content = Content.of(payload)
        if content.part > 1:
            return ""
        chosen = content.marker or key
        return f"folkmoot-{hashlib.sha256(chosen.encode()).hexdigest()[:40]}"

    def limits_of(self, access: Access | None) -> Limits:
        """As the forum's settings say."""
        facts = access.facts if access else {}

        def told(name: str, usual: int) -> int:
            value = facts.get(name)
            return value if isinstance(value, int) and value > 0 else usual

        return dataclasses.replace(
            USUAL,
            text=told("max_post_length", USUAL.text),
            least=told("min_first_post_length", told("min_post_length", USUAL.least)),
            title=told("max_topic_title_length", USUAL.title),
            least_title=told("min_topic_title_length", USUAL.least_title),
            image_bytes=told("max_image_size_kb", USUAL.image_bytes // 1024) * 1024,
        )

    def in_markup(self, content: Content) -> str:
        return markdown(whole(content))
