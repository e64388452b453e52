"""A mail as it leaves: its payload with Message-ID, sender, footer and the way out of it (RFC 8058)."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from folkmoot.connectors.letters import bare, domain
from folkmoot.kernel.community import Community
from folkmoot.kernel.text import clean, fold
from folkmoot.outbox.models import Channel
from folkmoot.outbox.render import Rendered

UNSUBSCRIBE_SALT = "outbox.unsubscribe"
#: How payloads name a file of theirs.
FILE = "attachment:"
#: A name and an address.
Named = tuple[str, str]


@dataclass(frozen=True)
class File:
    """A file that goes with a mail; ``type`` as in MIME: ``application/pdf``, ``text/calendar; method=CANCEL``."""

    name: str
    content: bytes
    type: str = "application/octet-stream"

    @property
    def file_name(self) -> str:
        """Its name without what no program should take for a path."""
        return re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "-", clean(self.name)).strip(" .-")[-150:] or "file"

    @property
    def sha256(self) -> str:
        """What its content is known by."""
        return hashlib.sha256(self.content).hexdigest()


def message_id(token: uuid.UUID, sender: str) -> str:
    """The Message-ID of a delivery: fixed before it leaves, unguessable, the same at every try."""
    name = base64.urlsafe_b64encode(token.bytes).rstrip(b"=").decode()
    return f"<fm-{name}@{domain(sender)}>"


def unsubscribe_token(address: str, topic: str) -> str:
    """What stands in the address that stops mail of a topic (``""``: all that is not personal) to an address."""
    return signing.dumps([fold(address), topic], salt=UNSUBSCRIBE_SALT, compress=True)


def read_unsubscribe_token(token: str) -> tuple[str, str] | None:
    """Address and topic; ``None`` when the token is not one of ours."""
    try:
        address, topic = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(address), str(topic)


def absolute(path: str) -> str:
    """A path of this installation as a whole address."""
    return settings.BASE_URL.rstrip("/") + path


def sender_of(channel: Channel) -> str:
    """Whom mails of a channel are from: ``Name <address>``."""
    own = clean(channel.settings.get("from"))
    return own or settings.DEFAULT_FROM_EMAIL


def payload(
    *,
    channel: Channel,
    token: uuid.UUID,
    to: str,
    to_name: str,
    rendered: Rendered,
    reply_to: str = "",
    topic: str = "",
    is_personal: bool = False,
    language: str = "",
    more_to: Iterable[Named] = (),
    cc: Iterable[Named] = (),
    bcc: Iterable[Named] = (),
    files: Sequence[File] = (),
) -> dict[str, Any]:
    """What a mail connector sends. Everything but the date of sending is in it; of files their names and hashes."""
    sender = sender_of(channel)
    text, html, stop = texts(
        rendered=rendered, to=to, topic=topic, is_personal=is_personal, language=language
    )
    headers = (
        {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        if stop
        else {}
    )
    return {
        "message_id": message_id(token, sender),
        "from": sender,
        "envelope_from": bare(sender),
        "to": to,
        "to_name": clean(to_name),
        "reply_to": clean(reply_to) or clean(channel.settings.get("reply_to")),
        "subject": rendered.subject,
        "markdown": rendered.markdown,
        "language": language,
        "text": text,
        "html": html,
        "headers": headers,
        **_beside(to, more_to=more_to, cc=cc, bcc=bcc),
        **({"attachments": [told(file) for file in files]} if files else {}),
    }


def _beside(to: str, **lists: Iterable[Named]) -> dict[str, Any]:
    """Who gets the mail beside the first, each once, where somebody does."""
    seen = {fold(to)}
    found: dict[str, Any] = {}
    for key, people in lists.items():
        rows = []
        for name, address in people:
            if fold(address) not in seen:
                seen.add(fold(address))
                rows.append([clean(name), clean(address)])
        if rows:
            found[key] = rows
    return found


def told(file: File) -> dict[str, Any]:
    """How a payload names a file."""
    return {
        "file": FILE + file.sha256,
        "name": file.file_name,
        "type": file.type,
        "size": len(file.content),
        "sha256": file.sha256,
    }


def texts(
    *, rendered: Rendered, to: str, topic: str, is_personal: bool, language: str
) -> tuple[str, str, str]:
    """Plain text and HTML with their footer, and the address that stops such mail (``""``: a personal one)."""
    stop = "" if is_personal else absolute(reverse("outbox:unsubscribe", args=[unsubscribe_token(to, topic)]))
    with translation.override(language or settings.LANGUAGE_CODE):
        context = {
            "rendered": rendered,
            "community": Community.current().name,
            "stop_url": stop,
        }
        text = render_to_string("outbox/mail.txt", context)
        html = render_to_string("outbox/mail.html", context)
    return text, html, stop
