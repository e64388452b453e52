"""Mail through a provider's web API, by django-anymail: one connector for all of them.

A refusal that names its reason (4xx) is a no; a time-out, a broken line or the provider's own error (5xx) is unknown.
What became of an unknown one the provider's webhook tells, since each mail carries its Message-ID as metadata.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInsecureWebhookWarning,
    AnymailRecipientsRefused,
)
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    Connector,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Setting,
    connectors,
)
from folkmoot.connectors.letters import MAIL_SETTINGS, build, problems
from folkmoot.kernel import clock
from folkmoot.kernel.ops import redact

#: Where a mail's number is found again in a webhook.
METADATA = "folkmoot"


@dataclass(frozen=True)
class Provider:
    """One provider: its backend, what the API key is called there, what signs its webhooks, and its webhook's view."""

    label: str
    backend: str
    key_name: str
    webhook: str = ""
    signed_by: str = ""
    domain_name: str = ""


PROVIDERS: Mapping[str, Provider] = {
    "brevo": Provider("Brevo", "brevo", "api_key", "brevo.BrevoTrackingWebhookView"),
    "mailersend": Provider(
        "MailerSend",
        "mailersend",
        "api_token",
        "mailersend.MailerSendTrackingWebhookView",
        "signing_secret",
    ),
    "mailgun": Provider(
        "Mailgun",
        "mailgun",
        "api_key",
        "mailgun.MailgunTrackingWebhookView",
        "webhook_signing_key",
        "sender_domain",
    ),
    "postmark": Provider("Postmark", "postmark", "server_token", "postmark.PostmarkTrackingWebhookView"),
    "sendgrid": Provider("SendGrid", "sendgrid", "api_key", "sendgrid.SendGridTrackingWebhookView"),
    "sparkpost": Provider("SparkPost", "sparkpost", "api_key", "sparkpost.SparkPostTrackingWebhookView"),
}


class ProviderSender(Sender):
    """A session with a provider."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        try:
            message = build(payload, clock.now(), sending.read)
        except LookupError as problem:
            return Outcome.no(_said(problem))
        message.metadata = {METADATA: payload["message_id"]}  # type: ignore[attr-defined]
        try:
            self._backend.send_messages([message])
        except AnymailRecipientsRefused as problem:
            return Outcome.no(_said(problem))
        except AnymailAPIError as problem:
            return _of_error(problem)
        except AnymailError as problem:
            return Outcome.no(_said(problem))  # it could not be put into the provider's words: nothing left
        return _of_status(message)

    def close(self) -> None:
        self._backend.close()


def _of_status(message: EmailMultiAlternatives) -> Outcome:
    status = getattr(message, "anymail_status", None)
    states = set(getattr(status, "status", None) or ())
    remote_id = str(getattr(status, "message_id", "") or "")
    if states & {"sent", "queued"}:
        return Outcome.yes(", ".join(sorted(states)), remote_id=remote_id[:300])
    if states & {"rejected", "invalid", "failed"}:
        return Outcome.no(f"the provider says: {', '.join(sorted(map(str, states)))}")
    return Outcome.unknown("the provider's answer does not say what became of it")


def _of_error(problem: AnymailAPIError) -> Outcome:
    words = _said(problem)
    code = getattr(problem, "status_code", None)
    if isinstance(problem, requests.ConnectTimeout | requests.exceptions.SSLError) or _never_left(problem):
        return Outcome.no(words, transient=True, channel=True)
    if code is None or code >= 500 or code == 408:
        return Outcome.unknown(words)
    if 200 <= code < 300:
        return Outcome.unknown(words)  # taken, it seems, but the answer cannot be read
    if code == 429:
        answer = getattr(problem, "response", None)
        asked = str(answer.headers.get("retry-after", "")) if answer is not None else ""
        return Outcome.no(words, transient=True, wait=float(asked) if asked.isdigit() else 60.0)
    if code in (401, 403):
        return Outcome.no(words, transient=True, channel=True)
    return Outcome.no(words)


def _never_left(problem: BaseException) -> bool:
    """Whether the connection was refused or the name unknown, so that nothing was sent."""
    seen: BaseException | None = problem
    while seen is not None:
        if type(seen).__name__ in ("NewConnectionError", "NameResolutionError"):
            return True
        reason = next((arg.reason for arg in seen.args if hasattr(arg, "reason")), None)
        if isinstance(reason, BaseException) and type(reason).__name__ in (
            "NewConnectionError",
            "NameResolutionError",
            "ConnectTimeoutError",
        ):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _said(problem: Exception) -> str:
    return redact.text(" ".join(str(problem).split()))[:500] or type(problem).__name__


@connectors.declare
class MailProvider(Connector):
    """A mail provider with a web API."""

    key = "provider"
    label = _("Mail provider")
    medium = "mail"
    order = 30
    readback = Readback.NONE
    #: The provider's webhook is waited for.
    looks = (120, 600)
    settings = (
        Setting(
            "provider",
            _("Provider"),
            kind="choice",
            is_required=True,
            choices=tuple((key, one.label) for key, one in PROVIDERS.items()),
        ),
        Setting("api_key", _("API key"), is_secret=True, is_required=True),
        Setting("domain", _("Sending domain"), _("Mailgun asks for it.")),
        Setting("api_url", _("Address of the API"), _("Empty: the provider's usual one.")),
        Setting(
            "webhook_secret",
            _("Secret of the webhook"),
            _("The provider's signing key; where it signs nothing, user:password for basic authentication."),
            is_secret=True,
        ),
        *MAIL_SETTINGS,
    )

    def plan(self, payload: Payload, key: str) -> str:
        return str(payload["message_id"])

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        return problems(payload)

    def open(self, access: Access) -> Sender:
        provider = PROVIDERS.get(access.text("provider"))
        if provider is None:
            raise CannotOpen("the channel names no provider")
        options: dict[str, Any] = {provider.key_name: access.text("api_key")}
        if provider.domain_name and access.text("domain"):
            options[provider.domain_name] = access.text("domain")
        if access.text("api_url"):
            options["api_url"] = access.text("api_url")
        module = import_module(f"anymail.backends.{provider.backend}")
        try:
            backend: BaseEmailBackend = module.EmailBackend(fail_silently=False, **options)
            backend.open()
        except Exception as problem:
            raise CannotOpen(_said(problem)) from problem
        return ProviderSender(backend)


def webhook(access: Access, request: HttpRequest) -> HttpResponseBase | None:
    """Check and read what a provider's webhook brought; anymail's signal ``tracking`` tells each event.

    Returns:
        the answer; ``None`` when the channel takes no webhooks, since it has no secret to check them by.
    """
    provider, secret = PROVIDERS.get(access.text("provider")), access.text("webhook_secret")
    if provider is None or not provider.webhook or not secret:
        return None
    module, _dot, name = provider.webhook.partition(".")
    view = getattr(import_module(f"anymail.webhooks.{module}"), name)
    options = {provider.signed_by: secret} if provider.signed_by else {"webhook_secret": secret}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)
        made = view(**options)
        made.setup(request)
        answer: HttpResponseBase = made.dispatch(request)
    return answer
