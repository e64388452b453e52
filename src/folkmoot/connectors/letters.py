"""A mail as a payload: what its keys are, and how it becomes a message (RFC 5322, MIME).

Keys: ``message_id`` ``from`` ``envelope_from`` ``to`` ``to_name`` ``reply_to`` ``subject`` ``text`` ``html``
``headers``.
"""

from __future__ import annotations

import datetime as dt
import re
from email.utils import format_datetime, parseaddr, quote

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.connectors.base import Payload, Setting

MAIL_SETTINGS = (
    Setting(
        "from",
        gettext_lazy("From"),
        gettext_lazy("Name &lt;address&gt;. Empty: the address in FOLKMOOT_MAIL_FROM."),
    ),
    Setting("reply_to", gettext_lazy("Reply to"), gettext_lazy("Where answers go. Empty: to the sender.")),
)
#: Larger than this, a mail is refused by many servers; in bytes of text and HTML together.
LARGEST = 1_000_000
#: Characters of a name that have to stand in quotes (RFC 5322, section 3.2.3).
_SPECIAL = re.compile(r'[\[\]\\()<>@,:;".]')


def build(payload: Payload, at: dt.datetime) -> EmailMultiAlternatives:
    """The message of a payload, dated ``at``."""
    to = named(str(payload.get("to_name") or ""), str(payload["to"]))
    headers = {
        **payload.get("headers", {}),
        "Message-ID": payload["message_id"],
        "Date": format_datetime(at),
    }
    letter = EmailMultiAlternatives(
        str(payload["subject"]),
        str(payload["text"]),
        from_email=str(payload["from"]),
        to=[to],
        reply_to=[str(payload["reply_to"])] if payload.get("reply_to") else None,
        headers=headers,
    )
    if payload.get("html"):
        letter.attach_alternative(str(payload["html"]), "text/html")
    return letter


def problems(payload: Payload) -> list[str]:
    """What no mail server would take."""
    found = []
    for name in ("to", "envelope_from"):
        try:
            validate_email(str(payload.get(name) or ""))
        except ValidationError:
            found.append(_("“%(address)s” is no mail address.") % {"address": payload.get(name) or ""})
    if not str(payload.get("subject") or "").strip():
        found.append(_("The mail has no subject."))
    if not str(payload.get("text") or "").strip():
        found.append(_("The mail has no text."))
    if len(str(payload.get("text"))) + len(str(payload.get("html"))) > LARGEST:
        found.append(_("The mail is longer than many mail servers take."))
    return found


def named(name: str, address: str) -> str:
    """``Name <address>``, the name as it is written: whoever sends it encodes it."""
    if not name:
        return address
    shown = f'"{quote(name)}"' if _SPECIAL.search(name) else name
    return f"{shown} <{address}>"


def bare(address: str) -> str:
    """The address in ``Name <address>``; ``""`` when there is none."""
    return parseaddr(address)[1]


def domain(address: str) -> str:
    """What stands after the ``@``; ``localhost`` when nothing does."""
    return bare(address).rpartition("@")[2] or "localhost"
