"""Signing in with another account: GitHub, ORCID, any OpenID Connect provider.

django-allauth does the protocol; what is stricter here: PKCE wherever the provider knows it, the nonce of an OpenID
Connect answer and its signature are always checked (OpenID Connect Core 1.0, 3.1.3.7), and an e-mail counts only when
the provider says that it is verified.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.orcid.provider import OrcidProvider
from allauth.socialaccount.providers.orcid.views import OrcidOAuth2Adapter
from django.http import Http404, HttpRequest
from django.urls import reverse

from folkmoot.kernel.ids import token


def _setting(provider: str, key: str, default: str) -> str:
    """An address of the provider; the settings change it for tests alone."""
    return str(app_settings.PROVIDERS.get(provider, {}).get(key, default)).rstrip("/")


# --- GitHub: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps


class GitHubAdapter(GitHubOAuth2Adapter):  # type: ignore[misc]
    """The addresses are read when they are needed."""

    @property
    def access_token_url(self) -> str:
        return _setting("github", "WEB_URL", "https://github.com") + "/login/oauth/access_token"

    @property
    def authorize_url(self) -> str:
        return _setting("github", "WEB_URL", "https://github.com") + "/login/oauth/authorize"

    @property
    def profile_url(self) -> str:
        return _setting("github", "API_URL", "https://api.github.com") + "/user"

    @property
    def emails_url(self) -> str:
        return _setting("github", "API_URL", "https://api.github.com") + "/user/emails"

    def get_provider(self) -> Any:
        return provider(self.request, "github")


class GitHub(GitHubProvider):  # type: ignore[misc]
    """Asks for the verified e-mails beside the public profile."""

    oauth2_adapter_class = GitHubAdapter

    def get_default_scope(self) -> list[str]:
        return ["read:user", "user:email"]

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        return [
            EmailAddress(email=each["email"], primary=each["primary"], verified=each["verified"] is True)
            for each in data.get("emails", [])
        ]


# --- ORCID: https://info.orcid.org/documentation/api-tutorials/


class OrcidAdapter(OrcidOAuth2Adapter):  # type: ignore[misc]
    """The public API: the iD, the name and what e-mails the person shows."""

    @property
    def access_token_url(self) -> str:
        return _setting("orcid", "WEB_URL", "https://orcid.org") + "/oauth/token"

    @property
    def authorize_url(self) -> str:
        return _setting("orcid", "WEB_URL", "https://orcid.org") + "/oauth/authorize"

    @property
    def profile_url(self) -> str:
        return _setting("orcid", "API_URL", "https://pub.orcid.org") + "/v3.0/%s/record"

    def get_provider(self) -> Any:
        return provider(self.request, "orcid")


class Orcid(OrcidProvider):  # type: ignore[misc]
    """A record's e-mails say themselves whether ORCID has verified them."""

    oauth2_adapter_class = OrcidAdapter

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = super().extract_common_fields(data)
        found.pop("email", None)
        return found

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        emails = ((data.get("person") or {}).get("emails") or {}).get("email") or []
        return [
            EmailAddress(
                email=each["email"], primary=bool(each.get("primary")), verified=each.get("verified") is True
            )
            for each in emails
            if each.get("email")
        ]

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """The iD and the name: the rest of the record is none of our business."""
        name = (data.get("person") or {}).get("name") or {}
        parts = ((name.get(key) or {}).get("value") for key in ("given-names", "family-name"))
        return {
            "orcid-identifier": data.get("orcid-identifier"),
            "name": " ".join(part for part in parts if part),
        }


# --- OpenID Connect


class OidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Checks the signature and the nonce of the ID token, and that the user info is about the same person."""

    #: The nonce that was sent, set by the callback.
    nonce = ""

    def get_provider(self) -> Any:
        return provider(self.request, self.provider_id)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        given = kwargs["response"].get("id_token")
        if not given:
            raise OAuth2Error("The provider sent no ID token")
        claims = self._decode_id_token(app, given)
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("The ID token answers another question: its nonce differs")
        info = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if info and info.get("sub") != claims.get("sub"):
            raise OAuth2Error("The user info is about somebody else than the ID token")
        data = {"id_token": claims, "userinfo": {**claims, **info}}
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
                verify_signature=True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error(f"The ID token cannot be read: {error}") from error
        return found


class Oidc(OpenIDConnectProvider):  # type: ignore[misc]
    """One provider, named by the settings."""

    oauth2_adapter_class = OidcAdapter

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        claims = data.get("userinfo") or {}
        email = claims.get("email")
        verified = claims.get("email_verified") is True
        return [EmailAddress(email=email, primary=True, verified=verified)] if email else []

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        claims = data.get("userinfo") or {}
        kept = ("sub", "name", "preferred_username", "email")
        return {key: claims[key] for key in kept if key in claims}


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    """Gives the adapter the nonce that went out with the question."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        if state:
            self.adapter.nonce = (state.get("data") or {}).get("nonce", "")
        return state, response


# --- what this installation offers


@dataclass(frozen=True)
class Offered:
    """A way to sign in that is configured."""

    key: str
    label: str
    icon: str


_CLASSES = {"github": GitHub, "orcid": Orcid, "openid_connect": Oidc}
_LABELS = {"github": "GitHub", "orcid": "ORCID"}
_ICONS = {"github": "github", "orcid": "person-badge", "oidc": "box-arrow-in-right"}


def offered() -> list[Offered]:
    """The providers whose settings are there, in a fixed order."""
    configured = app_settings.PROVIDERS
    found = [
        Offered(key, _LABELS[key], _ICONS[key]) for key in _LABELS if configured.get(key, {}).get("APPS")
    ]
    for app in configured.get("openid_connect", {}).get("APPS", ()):
        key = app["provider_id"]
        found.append(Offered(key, app["name"], _ICONS.get(key, _ICONS["oidc"])))
    return found


def label(key: str) -> str:
    """How a provider is called; its key when it is configured no more."""
    return next((each.label for each in offered() if each.key == key), _LABELS.get(key, key))


def provider(request: HttpRequest, key: str) -> Any:
    """django-allauth's provider behind a key, in this house's stricter form.

    Raises:
        Http404: it is not configured.
    """
    if key not in {each.key for each in offered()}:
        raise Http404(key)
    app = get_adapter().get_app(request, provider=key)
    return _CLASSES[app.provider](request, app=app)


def start(
    request: HttpRequest,
    key: str,
    *,
    process: str,
    next_url: str | None = None,
    invitation: int | None = None,
) -> Any:
    """The answer that leads to the provider: a redirect, or the page that says why it cannot be reached.

    Raises:
        Http404: it is not configured.
    """
    found = provider(request, key)
    data: dict[str, Any] = {"invitation": invitation}
    params = found.get_auth_params()
    if isinstance(found, Oidc):
        data["nonce"] = params["nonce"] = token()
    return found.redirect(request, process=process, next_url=next_url, data=data, auth_params=params)


def callback(request: HttpRequest, key: str) -> Any:
    """What the provider answered.

    Raises:
        Http404: it is not configured.
    """
    found = provider(request, key)
    adapter = OidcAdapter(request, key) if isinstance(found, Oidc) else found.oauth2_adapter_class(request)
    return Callback.adapter_view(adapter)(request)


def callback_path(key: str) -> str:
    """Where the provider sends people back to; its settings must name it."""
    return reverse(f"{key}_callback") if key in _LABELS else reverse("openid_connect_callback", args=[key])
