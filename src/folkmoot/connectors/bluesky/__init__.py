"""Bluesky, and other servers of the AT Protocol."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    Payload,
    Readback,
    Renewed,
    Sender,
    Setting,
    connectors,
)
from folkmoot.connectors.bluesky.record import card_of, shown, tid
from folkmoot.connectors.bluesky.sender import BlueskySender
from folkmoot.connectors.bluesky.session import (
    appview_of,
    handle_of,
    is_address,
    renewed,
    server_of,
)
from folkmoot.connectors.counting import graphemes
from folkmoot.connectors.posts import (
    Ability,
    Content,
    Limits,
    Measure,
    PostConnector,
    Segment,
    Unit,
)
from folkmoot.kernel import clock


@connectors.declare
class Bluesky(PostConnector):
    """Posts and threads of one account."""

    key = "bluesky"
    label = _("Bluesky")
    icon = "bluesky"
    order = 210
    guide = (
        _("Have an account for your community; its handle may be your own domain."),
        _(
            "In the app: Settings, Privacy and security, App passwords, Add one. It may post in the account's name, "
            "but neither delete the account nor, unless you allow it, read its messages. Never put the account's "
            "own password here."
        ),
        _("Take it back in the same place at any time."),
    )
    settings = (
        Setting("handle", _("Handle"), _("Such as moot.bsky.social, or your own domain."), is_required=True),
        Setting("password", _("App password"), _("Stored encrypted."), is_secret=True, is_required=True),
        Setting("server", _("Server"), _("Empty: https://bsky.social.")),
        Setting("appview", _("Where figures are asked for"), _("Empty: https://public.api.bsky.app.")),
    )
    readback = Readback.EXACT
    looks = (2, 20, 120, 600)
    #: 5,000 points an hour, and a new post costs three.
    pace = 25
    abilities = frozenset(
        {
            *(Ability.THREAD, Ability.IMAGES, Ability.ALT, Ability.LANGUAGE, Ability.LINK_CARD),
            *(Ability.CORRECT, Ability.WITHDRAW, Ability.FIGURES, Ability.FOLLOWERS, Ability.READ_BACK),
        }
    )
    #: Servers before 2026 take pictures of a million bytes at most. The app takes 2,000 characters of description.
    limits = Limits(
        text=300,
        unit=Unit.GRAPHEMES,
        bytes=3_000,
        images=4,
        image_bytes=1_000_000,
        alt=2_000,
        types=("image/jpeg", "image/png", "image/webp", "image/gif"),
    )
    allows = {"text": 300}
    proof = "server"

    def open(self, access: Access) -> Sender:
        if not handle_of(access) or not access.text("password"):
            raise CannotOpen(_now("There is no handle or no app password."))
        return BlueskySender(access)

    def renew(self, access: Access) -> Renewed | None:
        return renewed(access)

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """Both addresses must be some."""
        found = super().wrong_settings(access)
        for name, address in (("server", server_of(access)), ("appview", appview_of(access))):
            if not is_address(address):
                found[name] = _now("This is no address of a server: %(address)s") % {"address": address}
        return found

    def plan(self, payload: Payload, key: str) -> str:
        """The key at which the post will stand."""
        return tid(clock.now(), key)

    def length(self, text: str, limits: Limits) -> int:
        return graphemes("".join(each.text for each in shown(Content(text))))

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """As it is posted: addresses cut short."""
        text = "".join(each.text for each in shown(content))
        return [
            Measure("text", graphemes(text), limits.text, limits.unit),
            Measure("bytes", len(text.encode()), limits.bytes, Unit.BYTES),
        ]

    def segments(self, content: Content) -> list[Segment]:
        return shown(content)

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = super().problems(payload, access)
        limits, card = self.limits_of(access), card_of(Content.of(payload))
        if card and card.image and card.image.size > limits.image_bytes:
            found.append(
                _now("The picture of the page is larger than %(n)s bytes, which is the most that is taken.")
                % {"n": limits.image_bytes}
            )
        return found
