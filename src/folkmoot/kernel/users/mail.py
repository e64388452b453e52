"""The mail with an invitation's link."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.community import Community
from folkmoot.kernel.users.models import Invitation


def link(token: str) -> str:
    """The address that accepts an invitation."""
    return f"{settings.BASE_URL}{reverse('users:accept', args=[token])}"


def send(invitation: Invitation, token: str) -> str:
    """Send the link and note when; returns why it could not be sent, or ``""``."""
    community = Community.current().name
    text = render_to_string(
        "users/invitation.txt",
        {"invitation": invitation, "link": link(token), "community": community, "by": invitation.invited_by},
    )
    subject = _("You are invited to %(community)s") % {"community": community}
    try:
        EmailMessage(subject, text.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [invitation.email]).send()
    except (OSError, smtplib.SMTPException) as error:
        return str(error) or type(error).__name__
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=clock.now())
    return ""
