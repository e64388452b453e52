"""LinkedIn: the page of an organisation, and a person's own profile.

Two connectors, since they can do different things: a page's posts can be read back, counted and looked for; a person's
posts cannot be read at all, so that a lost answer needs a person.
"""

from __future__ import annotations

import re
from typing import ClassVar

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
from folkmoot.connectors.linkedin import client, signing
from folkmoot.connectors.linkedin.sender import LinkedInSender, whole
from folkmoot.connectors.posts import (
    Ability,
    Content,
    Limits,
    Measure,
    Mention,
    PostConnector,
    Scope,
    SignIn,
    Unit,
)

#: The number of a page, as its administrators see it in the address: ``linkedin.com/company/12345/admin``.
_PAGE = re.compile(r"(?:urn:li:organization:|.*/company/)?(\d{1,20})(?:/.*)?")
_APP = (
    Setting("client_id", _("Client ID"), _("Of your app on developer.linkedin.com, under Auth.")),
    Setting("client_secret", _("Client secret"), _("Beside it. Stored encrypted."), is_secret=True),
)
_TOKENS = (
    Setting(
        "version",
        _("Version of LinkedIn's interface"),
        _("YYYYMM. LinkedIn ends each about a year after it came: write a newer one when you are told."),
        default=client.VERSION,
    ),
    Setting(
        "access_token",
        _("Access token"),
        _("Comes by connecting. Stored encrypted."),
        is_secret=True,
    ),
    Setting(
        "refresh_token",
        _("Refresh token"),
        _("Comes by connecting, for approved apps only. Stored encrypted."),
        is_secret=True,
    ),
)
_GUIDE_APP = _(
    "On developer.linkedin.com make an app for your community, and give it the address below as a redirect URL under "
    "Auth."
)
_GUIDE_END = _(
    "An access lasts for 60 days. Approved apps renew it for a year by themselves; then, or without that, you connect "
    "anew. You are told 14, 7 and 2 days before."
)
_ABILITIES = frozenset({Ability.IMAGES, Ability.ALT, Ability.LINK_CARD, Ability.CORRECT, Ability.WITHDRAW})


class LinkedIn(PostConnector):
    """What both share."""

    icon = "linkedin"
    pace = 10
    proof = "documentation"
    #: Source: "Posts API" and "MultiImage API" (2 to 20 pictures), "Images API" (36,152,320 pixels; of bytes it says
    #: nothing: the limit is ours, so that uploading does not take too long). Alternative texts
    #: may be 4,086 characters long ("MultiImage API").
    limits = Limits(
        text=3000,
        unit=Unit.CODE_POINTS,
        images=20,
        image_pixels=36_152_320,
        image_bytes=8_000_000,
        alt=4086,
        types=("image/jpeg", "image/png", "image/gif"),
        parts=1,
    )
    may_read: ClassVar[bool] = False

    def author(self, access: Access) -> str:
        """The URN of who posts; ``""``: not known yet."""
        raise NotImplementedError

    def open(self, access: Access) -> Sender:
        author = self.author(access)
        if not access.text("access_token"):
            raise CannotOpen(_now("The channel is not connected yet."))
        if not author:
            raise CannotOpen(_now("It is not known as whom to post: connect the channel anew."))
        return LinkedInSender(client.connect(access), author, may_read=self.may_read, looks=len(self.looks))

    def renew(self, access: Access) -> Renewed | None:
        return signing.renew(access)

    def wrong_settings(self, access: Access) -> dict[str, str]:
        found = super().wrong_settings(access)
        if not client.is_version(client.version_of(access)):
            found["version"] = _now("Write the version as year and month: 202606.")
        return found

    def warnings(self, access: Access) -> list[str]:
        """The version of the interface is about to end."""
        version = client.version_of(access)
        if not client.is_version(version) or client.age(version) < client.VERSION_WARNS:
            return []
        if client.age(version) < client.VERSION_LASTS:
            words = _now("LinkedIn ends version %(version)s of its interface soon: write a newer one here.")
        else:
            words = _now(
                "LinkedIn may have ended version %(version)s of its interface: write a newer one here."
            )
        return [words % {"version": version}]

    def length(self, text: str, limits: Limits) -> int:
        """In UTF-16 units: LinkedIn does not say what it counts, and nothing it may count is more than that."""
        return len(text.encode("utf-16-le")) // 2

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """Before anything is escaped; with the link that is put beneath the text."""
        return super().measures(whole(content), limits)

    def written(self, mention: Mention) -> str:
        """By name: readers see the name, and whom it leads to goes along unseen."""
        return mention.text.lstrip("@") or mention.handle

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = super().problems(payload, access)
        if str(Content.of(payload).options.get("visibility") or "PUBLIC") not in ("PUBLIC", "CONNECTIONS"):
            found.append(_now("LinkedIn shows a post to everybody, or to connections."))
        return found


@connectors.declare
class LinkedInPage(LinkedIn):
    """The page of an organisation."""

    key = "linkedin-page"
    label = _("LinkedIn: page of an organisation")
    order = 30
    abilities = _ABILITIES | {Ability.FIGURES, Ability.FOLLOWERS, Ability.READ_BACK}
    readback = Readback.MARKER
    looks = (30, 120, 600)
    may_read = True
    guide = (
        _GUIDE_APP,
        _(
            "The app has to be linked to your page, and to be approved for the product Community Management API. "
            "LinkedIn looks at each request, which may take weeks."
        ),
        _("Whoever connects has to be an administrator of the page."),
        _GUIDE_END,
    )
    scopes = (
        Scope("w_organization_social", _("to post, correct and withdraw in the name of the page")),
        Scope("r_organization_social", _("to find a post again whose answer was lost")),
        Scope("rw_organization_admin", _("to count reactions and followers; nothing of the page is changed")),
    )
    settings = (
        Setting(
            "organization",
            _("Number of the page"),
            _("As in the address that its administrators see: linkedin.com/company/12345/admin."),
            is_required=True,
        ),
        *_APP,
        *_TOKENS,
    )
    sign_in: ClassVar[SignIn | None] = signing.LinkedInSignIn(
        ("w_organization_social", "r_organization_social", "rw_organization_admin"), as_person=False
    )

    def author(self, access: Access) -> str:
        found = _PAGE.fullmatch(access.text("organization").strip())
        return f"urn:li:organization:{found[1]}" if found else ""

    def wrong_settings(self, access: Access) -> dict[str, str]:
        found = super().wrong_settings(access)
        if not self.author(access):
            found["organization"] = _now("Write the number of the page.")
        return found


@connectors.declare
class LinkedInPerson(LinkedIn):
    """A person's own profile: sent, corrected and withdrawn, and never read."""

    key = "linkedin-person"
    label = _("LinkedIn: a person's profile")
    order = 31
    abilities = _ABILITIES
    readback = Readback.NONE
    guide = (
        _GUIDE_APP,
        _(
            "The app needs the products Share on LinkedIn and Sign In with LinkedIn using OpenID Connect; both come at "
            "once."
        ),
        _(
            "LinkedIn lets nobody read a person's posts: there are no figures, and when an answer is lost you are "
            "asked to look whether the post is there."
        ),
        _GUIDE_END,
    )
    scopes = (
        Scope("openid", _("to know who signed in")),
        Scope("profile", _("to know who signed in")),
        Scope("w_member_social", _("to post, correct and withdraw in your name")),
    )
    settings = (*_APP, *_TOKENS)
    options = (
        Setting(
            "visibility",
            _("Shown to"),
            kind="choice",
            choices=(("PUBLIC", _("everybody")), ("CONNECTIONS", _("connections"))),
            default="PUBLIC",
        ),
    )
    sign_in: ClassVar[SignIn | None] = signing.LinkedInSignIn(
        ("openid", "profile", "w_member_social"), as_person=True
    )

    def author(self, access: Access) -> str:
        return access.text("person")
