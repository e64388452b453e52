"""The one place where a mail about notices leaves, and what its mails look like."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.notices import hours
from folkmoot.kernel.notices.kinds import DigestLine
from folkmoot.kernel.notices.models import Frequency, Notice
from folkmoot.kernel.text import clean

UNSUBSCRIBE_SALT = "notices.unsubscribe"
#: How many notices a mail names; the rest are on the page.
SHOWN = 50


class NotSent(Exception):
    """The mail was surely not taken: it may be tried again."""


class OutcomeUnknown(Exception):
    """The connection broke after the mail had begun to leave: it may have arrived, so it is not tried again."""


@dataclass(frozen=True)
class Mail:
    """A mail to one person, ready to leave. ``key`` is the same for the same mail, and stands in its Message-ID."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


def send(mail: Mail) -> None:
    """Hand a mail over.

    Raises:
        NotSent: it was refused, or nobody answered.
        OutcomeUnknown: it is not known whether it was taken.
    """
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        headers={**mail.headers, "Message-ID": f"<{mail.key}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        raise NotSent(f"The mail server cannot be reached: {problem}") from problem
    try:
        taken = connection.send_messages([message])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as problem:
        raise NotSent(f"The mail server refused: {problem}") from problem
    except (OSError, smtplib.SMTPException) as problem:
        raise OutcomeUnknown(f"The connection to the mail server broke: {problem}") from problem
    finally:
        connection.close()
    if not taken:
        raise NotSent("The mail server took nothing.")


def unsubscribe_token(user: User) -> str:
    """What stands in the address that stops a person's mail; only this installation can make it."""
    return signing.dumps(user.pk, salt=UNSUBSCRIBE_SALT)


def user_of_token(token: str) -> User | None:
    """Whose mail a token stops; ``None`` when it is garbled or the account is gone."""
    try:
        pk = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def absolute(path: str) -> str:
    """A path of this installation as a whole address."""
    return settings.BASE_URL.rstrip("/") + path


def compose(
    *,
    key: str,
    user: User,
    notices: Sequence[Notice],
    frequency: Frequency,
    parts: Sequence[tuple[str, Sequence[DigestLine]]] = (),
) -> Mail:
    """The mail with these notices (and, in a weekly digest, what the areas add), in the person's language, else the
    installation's.
    """
    with (
        translation.override(user.language or settings.LANGUAGE_CODE),
        timezone.override(hours.zone_of(user)),
    ):
        community = Community.current().name
        stop = absolute(reverse("notices:unsubscribe", args=[unsubscribe_token(user)]))
        context = {
            "community": community,
            "user": user,
            "frequency": frequency,
            "heading": _heading(frequency, community),
            "notices": [
                (notice, absolute(reverse("notices:open", args=[notice.pk]))) for notice in notices[:SHOWN]
            ],
            "more": max(0, len(notices) - SHOWN),
            "all_url": absolute(reverse("notices:list")),
            "parts": [(label, [(line, absolute(line.url)) for line in lines]) for label, lines in parts],
            "preferences_url": absolute(reverse("notices:preferences")),
            "stop_url": stop,
        }
        return Mail(
            key=key,
            to=user.email,
            subject=clean(f"[{community}] {_subject(notices, frequency)}"),
            text=render_to_string("notices/mail.txt", context),
            html=render_to_string("notices/mail.html", context),
            headers={
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )


def _subject(notices: Sequence[Notice], frequency: Frequency) -> str:
    if len(notices) == 1 and frequency == Frequency.AT_ONCE:
        return notices[0].title
    if not notices:
        return _("Your week")
    number = len(notices)
    return ngettext("%(n)d notice", "%(n)d notices", number) % {"n": number}


def _heading(frequency: Frequency, community: str) -> str:
    values = {"community": community}
    if frequency == Frequency.WEEKLY:
        return _("Your week in %(community)s") % values
    if frequency == Frequency.DAILY:
        return _("Your day in %(community)s") % values
    return _("News for you in %(community)s") % values
