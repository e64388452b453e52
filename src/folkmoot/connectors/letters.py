"""A mail as a payload: what its keys are, and how it becomes a message (RFC 5322, MIME).

Keys: ``message_id`` ``from`` ``envelope_from`` ``to`` ``to_name`` ``reply_to`` ``subject`` ``text`` ``html``
``headers``. Where there are any: ``more_to`` ``cc`` ``bcc`` (each a list of pairs of name and address) and
``attachments`` (``file``: what ``read`` knows it by, ``name`` ``type`` ``size`` ``sha256``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from email.encoders import encode_base64
from email.mime.base import MIMEBase
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
#: What all files of a mail may weigh, in bytes: encoded a third more, and many servers take ten megabytes.
LARGEST_FILES = 7_000_000
#: Files of a mail, and people that it names beside the first.
MOST_FILES, MOST_PEOPLE = 10, 99
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?[a-z]+=[A-Za-z0-9-]+)*")
#: Characters of a name that have to stand in quotes (RFC 5322, section 3.2.3).
_SPECIAL = re.compile(r'[\[\]\\()<>@,:;".]')


def build(payload: Payload, at: dt.datetime, read: Callable[[str], bytes]) -> EmailMultiAlternatives:
    """The message of a payload, dated ``at``; ``read`` gives the content of its files.

    Raises:
        LookupError: a file is gone, or is not the one that was frozen.
    """
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
        to=[to, *(named(*pair) for pair in payload.get("more_to", []))],
        cc=[named(*pair) for pair in payload.get("cc", [])],
        bcc=[named(*pair) for pair in payload.get("bcc", [])],
        reply_to=[str(payload["reply_to"])] if payload.get("reply_to") else None,
        headers=headers,
    )
    if payload.get("html"):
        letter.attach_alternative(str(payload["html"]), "text/html")
    for one in payload.get("attachments", []):
        letter.attach(_file(one, read(str(one["file"]))))
    return letter


def _file(one: Payload, content: bytes) -> MIMEBase:
    if hashlib.sha256(content).hexdigest() != one["sha256"]:
        raise LookupError(f"the file {one['name']} is not the one that was queued")
    kind, *parameters = str(one["type"]).split(";")
    part = MIMEBase(*kind.split("/", 1))
    for parameter in parameters:
        name, value = parameter.strip().split("=", 1)
        part.set_param(name, value)
    part.set_payload(content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=str(one["name"]))
    return part


def others(payload: Payload) -> list[str]:
    """The addresses that a mail goes to beside the first."""
    return [str(address) for name in ("more_to", "cc", "bcc") for _name, address in payload.get(name, [])]


def problems(payload: Payload) -> list[str]:
    """What no mail server would take."""
    found = []
    for address in (str(payload.get("to") or ""), str(payload.get("envelope_from") or ""), *others(payload)):
        try:
            validate_email(address)
        except ValidationError:
            found.append(_("“%(address)s” is no mail address.") % {"address": address})
    if len(others(payload)) > MOST_PEOPLE:
        found.append(_("A mail goes to at most %(n)d people.") % {"n": MOST_PEOPLE + 1})
    found += _problems_of_files(payload)
    if not str(payload.get("subject") or "").strip():
        found.append(_("The mail has no subject."))
    if not str(payload.get("text") or "").strip():
        found.append(_("The mail has no text."))
    if len(str(payload.get("text"))) + len(str(payload.get("html"))) > LARGEST:
        found.append(_("The mail is longer than many mail servers take."))
    return found


def _problems_of_files(payload: Payload) -> list[str]:
    files = payload.get("attachments", [])
    found = []
    if len(files) > MOST_FILES:
        found.append(_("A mail takes at most %(n)d files.") % {"n": MOST_FILES})
    if sum(int(one["size"]) for one in files) > LARGEST_FILES:
        found.append(
            _("The files are larger than many mail servers take: at most %(n)d MB together.")
            % {"n": LARGEST_FILES // 1_000_000}
        )
    for one in files:
        if not _TYPE.fullmatch(str(one["type"])) or str(one["type"]).startswith(("multipart/", "message/")):
            found.append(_("“%(type)s” is no type of a file.") % {"type": one["type"]})
        if not str(one["name"]):
            found.append(_("A file needs a name."))
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
