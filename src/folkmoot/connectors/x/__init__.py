"""X: off unless this installation allows it, since X charges for every post.

Sources: docs.x.com, "Pricing" (a post 0.015 US dollars, one with an address 0.200), "OAuth 2.0 Authorization Code Flow
with PKCE" (an access lasts two hours; ``offline.access`` gives a refresh token), "Counting characters".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings as house
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from twitter_text import extract_urls_with_indices

from folkmoot.connectors import oauth
from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    MustConnect,
    Payload,
    Readback,
    Renewed,
    Sender,
    Setting,
    connectors,
)
from folkmoot.connectors.counting import URL, weighted
from folkmoot.connectors.posts import (
    ADDRESS,
    Ability,
    Content,
    Limits,
    Measure,
    PostConnector,
    Scope,
    SignIn,
    Unit,
)
from folkmoot.connectors.x.client import SITE_URL, connect
from folkmoot.connectors.x.sender import XSender, whole
from folkmoot.kernel import clock
from folkmoot.kernel.http import Client

#: What a post costs, and one with an address, in US dollars.
PRICE, PRICE_WITH_ADDRESS = Decimal("0.015"), Decimal("0.200")
#: An access is renewed so long before its end.
RENEW_BEFORE = dt.timedelta(minutes=10)
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")


class XSignIn(SignIn):
    """There and back with the app's own id; PKCE proves that the same installation comes back."""

    needs = ("client_id", "client_secret")

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        verifier = oauth.verifier()
        values = {
            "response_type": "code",
            "client_id": access.text("client_id"),
            "redirect_uri": back,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        site = (access.text("site_url") or SITE_URL).rstrip("/")
        return oauth.journey(f"{site}/i/oauth2/authorize", values), {"verifier": verifier}

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": str(kept["verifier"]),
        }
        grant = _ask(access, values)
        sender = XSender(connect(access, grant.access), Access(access.channel), 0)
        try:
            return _renewed(grant, sender.facts())
        except CannotOpen as problem:
            raise MustConnect(str(problem)) from None
        finally:
            sender.close()


def _ask(access: Access, values: Mapping[str, str]) -> oauth.Grant:
    app, secret = access.text("client_id"), access.text("client_secret")
    with connect(access, "none") as known, Client() as client:
        address = f"{known.base_url.rstrip('/')}/2/oauth2/token"
        return oauth.ask(client, address, {**values, "client_id": app}, user=app, password=secret)


def _renewed(grant: oauth.Grant, settings: Mapping[str, Any]) -> Renewed:
    if not grant.refresh:
        words = _now("X gave no refresh token, so that the access would be over in two hours.")
        raise MustConnect(f"{words} {_now('Connect the channel anew.')}")
    until = grant.until or clock.now() + dt.timedelta(hours=2)
    secrets = {"access_token": grant.access, "refresh_token": grant.refresh}
    return Renewed(secrets, until - RENEW_BEFORE, None, dict(settings))


@connectors.declare
class X(PostConnector):
    """An account on X."""

    key = "x"
    label = _("X")
    order = 90
    icon = "twitter-x"
    pace = 6
    proof = "documentation"
    abilities = frozenset(
        {
            Ability.THREAD,
            Ability.IMAGES,
            Ability.ALT,
            Ability.WITHDRAW,
            Ability.FIGURES,
            Ability.FOLLOWERS,
            Ability.READ_BACK,
        }
    )
    #: Source: twitter-text, configuration v3; "Media best practices" (4 pictures of 5 MB); "Create media metadata".
    limits = Limits(
        text=280,
        unit=Unit.WEIGHTED,
        url=URL,
        images=4,
        image_bytes=5 * 1024 * 1024,
        image_side=8192,
        alt=1000,
        types=("image/jpeg", "image/png", "image/webp"),
    )
    readback = Readback.MARKER
    looks = (30, 120, 600)
    guide = (
        _(
            "X charges your developer account for every post: 0.015 US dollars, and 0.200 with an address in it."
        ),
        _(
            "On developer.x.com make an app with OAuth 2.0, of the type Web App, with the rights Read and write, and "
            "give it the address below as callback."
        ),
        _("Buy credits there. Reading figures costs too, a little for each post."),
    )
    scopes = (
        Scope("tweet.write", _("to post and to withdraw")),
        Scope("tweet.read", _("to find a post again whose answer was lost, and to count")),
        Scope("users.read", _("to know which account it is, and how many follow it")),
        Scope("media.write", _("to put pictures there")),
        Scope("offline.access", _("to renew the access, which lasts for two hours")),
    )
    settings = (
        Setting(
            "monthly_cap",
            _("Spend at most, in US dollars a month"),
            _(
                "When a post would go beyond, it is held until the month (UTC) is over or you allow more, and you are "
                "told."
            ),
            kind="number",
            is_required=True,
            default=10,
        ),
        Setting("client_id", _("Client ID"), _("Of your app, under Keys and tokens, OAuth 2.0.")),
        Setting("client_secret", _("Client secret"), _("Beside it. Stored encrypted."), is_secret=True),
        Setting(
            "access_token", _("Access token"), _("Comes by connecting. Stored encrypted."), is_secret=True
        ),
        Setting(
            "refresh_token", _("Refresh token"), _("Comes by connecting. Stored encrypted."), is_secret=True
        ),
    )
    options = (
        Setting(
            "answers",
            _("Who may answer"),
            kind="choice",
            choices=(
                ("", _("everybody")),
                ("following", _("whom the account follows")),
                ("mentionedUsers", _("who is mentioned")),
            ),
        ),
    )
    sign_in: ClassVar[SignIn | None] = XSignIn()

    def is_offered(self) -> bool:
        return bool(house.X_ALLOWED)

    def open(self, access: Access) -> Sender:
        if not house.X_ALLOWED:
            raise CannotOpen(_now("This installation does not allow X: FOLKMOOT_X is not set."))
        return self.open_to_ask(access)

    def open_to_ask(self, access: Access) -> Sender:
        """Asking is allowed all the same: what may have left has to be found."""
        if not access.text("access_token"):
            raise CannotOpen(_now("The channel is not connected yet."))
        return XSender(connect(access), access, len(self.looks))

    def renew(self, access: Access) -> Renewed | None:
        token = access.text("refresh_token")
        if not token:
            raise MustConnect(_now("There is nothing to renew the access with: connect the channel anew."))
        grant = _ask(access, {"grant_type": "refresh_token", "refresh_token": token})
        return _renewed(grant, {})

    def length(self, text: str, limits: Limits) -> int:
        return weighted(text)

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """With the link that is put beneath the text."""
        return super().measures(Content(**{**content.__dict__, "text": whole(content)}), limits)

    def price(self, payload: Payload) -> Decimal | None:
        """What X charges. An address is what X makes a link of, also without a scheme; with one, any is."""
        text = whole(Content.of(payload))
        has_address = ADDRESS.search(text) or extract_urls_with_indices(text)
        return PRICE_WITH_ADDRESS if has_address else PRICE

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = super().problems(payload, access)
        answers = str(Content.of(payload).options.get("answers") or "")
        if answers not in {str(value) for value, _label in self.options[0].choices}:
            found.append(_now("X does not know this choice of who may answer."))
        return found
