"""Mastodon, and servers that speak its interface."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors import counting
from folkmoot.connectors.base import Access, CannotOpen, Payload, Readback, Sender, Setting, connectors
from folkmoot.connectors.mastodon.sender import MastodonSender, written
from folkmoot.connectors.mastodon.server import address_of, line
from folkmoot.connectors.mastodon.sign_in import SCOPES, MastodonSignIn
from folkmoot.connectors.posts import (
    Ability,
    Content,
    Limits,
    Measure,
    PostConnector,
    Segment,
    Unit,
    pieces,
)

VISIBILITIES = (
    ("public", _("Public: everybody, and in public timelines")),
    ("unlisted", _("Quiet: everybody, but in no public timeline")),
    ("private", _("Followers only")),
)
#: Mastodon shows so much of an address, without its scheme.
_SHOWN = 30


@connectors.declare
class Mastodon(PostConnector):
    """Posts and threads of one account."""

    key = "mastodon"
    label = _("Mastodon")
    icon = "mastodon"
    order = 200
    guide = (
        _("Have an account for your community on a server whose rules allow what you post."),
        _(
            "Name the server and go there: it asks whether Folkmoot may post in the account's name. Mark the account "
            "as automated in its profile when nobody posts by hand."
        ),
        _(
            "Or make the token yourself: on the server, Preferences, Development, New application, with the rights "
            "read:accounts, read:statuses, write:media and write:statuses; copy “Your access token”."
        ),
        _("A token does not end by itself. Take it back on the server: Account, Authorised apps."),
    )
    settings = (
        Setting(
            "server",
            _("Server"),
            _("Where the account is, such as https://fosstodon.org."),
            is_required=True,
        ),
        Setting("token", _("Access token"), _("Stored encrypted."), is_secret=True, is_required=True),
        Setting(
            "visibility",
            _("Who sees posts"),
            _("Unless a post says otherwise."),
            kind="choice",
            default="public",
            choices=VISIBILITIES,
        ),
    )
    options = (
        Setting("visibility", _("Who sees it"), kind="choice", choices=VISIBILITIES),
        Setting(
            "warning",
            _("Content warning"),
            _("Shown instead of the text until somebody opens it. Counts as text."),
        ),
        Setting("sensitive", _("Hide pictures until somebody asks for them"), kind="flag"),
    )
    readback = Readback.MARKER
    #: First only a look; the second is late enough to send again under the same key; the last one is sure.
    looks = (15, 90, 600)
    #: 300 posts in three hours are Mastodon's limit; bursts are told by its headers.
    pace = 30
    abilities = frozenset(
        {
            *(Ability.THREAD, Ability.IMAGES, Ability.ALT, Ability.LANGUAGE, Ability.LINK_CARD),
            *(Ability.CORRECT, Ability.WITHDRAW, Ability.FIGURES, Ability.FOLLOWERS),
            *(Ability.READ_BACK, Ability.LIMITS),
        }
    )
    limits = Limits(
        text=500,
        unit=Unit.GRAPHEMES,
        url=counting.URL,
        images=4,
        image_bytes=16 * 1024 * 1024,
        image_pixels=33_177_600,
        alt=1_500,
        types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    )
    allows = {"text": 500}
    scopes = SCOPES
    sign_in = MastodonSignIn()

    def open(self, access: Access) -> Sender:
        server, token = address_of(access.text("server")), access.text("token")
        if not server:
            raise CannotOpen(_now("The server is not named by an address."))
        if not token:
            raise CannotOpen(_now("There is no token: connect the account."))
        return MastodonSender(
            line(server, token),
            keeps_keys=bool(access.facts.get("keeps_keys")),
            looks=len(self.looks),
            visibility=access.text("visibility") or "public",
        )

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """The server must be an address."""
        found = super().wrong_settings(access)
        if access.text("server").strip() and not address_of(access.text("server")):
            found["server"] = _now("Name the server by its address, such as https://fosstodon.org.")
        return found

    def limits_of(self, access: Access | None) -> Limits:
        if access is None or not access.facts:
            return self.limits
        facts = access.facts
        told = {
            name: facts[name]
            for name in ("text", "url", "images", "alt", "image_bytes", "image_pixels")
            if isinstance(facts.get(name), int) and facts[name] > 0
        }
        types = tuple(each for each in facts.get("types") or () if isinstance(each, str))
        return replace(self.limits, types=types or self.limits.types, **told)

    def length(self, text: str, limits: Limits) -> int:
        return counting.mastodon(text, url=limits.url or counting.URL)

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """The warning counts, and so does the page that is added to the text."""
        warning = str(content.options.get("warning") or "")
        length = counting.mastodon(written(content), warning=warning, url=limits.url or counting.URL)
        return [Measure("text", length, limits.text, limits.unit)]

    def segments(self, content: Content) -> list[Segment]:
        """As Mastodon shows it: people without their server, addresses without their scheme and cut short."""
        whole = replace(content, text=written(content))
        return [_shown(each) for each in pieces(whole)]

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = super().problems(payload, access)
        visibility = str(Content.of(payload).options.get("visibility") or "public")
        if visibility not in dict(VISIBILITIES):
            found.append(_now("Mastodon does not know this visibility: %(name)s") % {"name": visibility})
        return found


def _shown(segment: Segment) -> Segment:
    if segment.kind == "mention" and segment.text.count("@") == 2:
        return replace(segment, text="@" + segment.text.split("@")[1])
    if segment.kind == "link":
        bare = segment.text.partition("://")[2].removeprefix("www.")
        return replace(segment, text=bare if len(bare) <= _SHOWN else f"{bare[:_SHOWN]}…")
    return segment
