"""Mails of the register to one person about what they asked for."""

from __future__ import annotations

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.people.models import Claim

log = structlog.get_logger(__name__)


def send_decision(claim: Claim) -> None:
    """Tell the one who asked for a record what was decided, after the commit."""
    granted = claim.state == Claim.State.GRANTED
    with _their_language(claim.user):
        subject = _("Your record is yours") if granted else _("Your request for a record")
        text = _text("people/mail/claim_decided.txt", granted=granted, reason=claim.reason)
    _send(claim.user.email, subject, text)


def send_erased(email: str, language: str, outcome: list[str]) -> None:
    """Tell somebody that they were forgotten, and what is kept; the address is used once more and then gone."""
    with translation.override(language or settings.LANGUAGE_CODE):
        _send(email, _("You were erased"), _text("people/mail/erased.txt", kept=outcome))


def send_refused(user: User, reason: str) -> None:
    """Tell somebody that they were not erased, and why."""
    with _their_language(user):
        _send(user.email, _("About your erasure"), _text("people/mail/erasure_refused.txt", reason=reason))


def _their_language(user: User) -> translation.override:
    return translation.override(user.language or settings.LANGUAGE_CODE)


def _text(template: str, **context: object) -> str:
    context |= {
        "community": Community.current().name,
        "link": f"{settings.BASE_URL}{reverse('own:record')}",
    }
    return render_to_string(template, context).strip() + "\n"


def _send(email: str, subject: str, text: str) -> None:
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [email])

    def leave() -> None:
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as error:
            log.warning("a mail of the register could not be sent", error=type(error).__name__)

    transaction.on_commit(leave)
