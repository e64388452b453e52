"""A channel's mailbox over IMAP, read only: copies of what was sent, bounces (RFC 3464) and complaints (RFC 5965).

A bounce is believed only where it names a message of ours by its Message-ID, which nobody can guess: otherwise anybody
could have an address struck off by writing a bounce about it.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message

from django.utils.translation import gettext_lazy as _
from flufl.bounce import all_failures
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Setting
from folkmoot.kernel.ops import redact
from folkmoot.kernel.text import fold

#: When the mailbox is asked for a mail whose answer was lost, in seconds after it.
LOOKS = (30, 120, 600)
TIMEOUT = 30.0
#: Message-IDs of this software, as ``outbox.mail`` makes them.
OURS = re.compile(r"<fm-[A-Za-z0-9_-]{20,}@[^<>\s]+>")
#: At most so many messages are read in one go.
MOST = 500
#: So many of the newest are looked through for one that names a mail.
NEWEST = 100

SETTINGS = (
    Setting("imap_host", _("Mailbox (IMAP server)"), _("Where bounces arrive. Empty: none is read.")),
    Setting("imap_port", _("Mailbox port"), kind="number", default=993),
    Setting(
        "imap_security",
        _("Mailbox encryption"),
        kind="choice",
        default="tls",
        choices=(("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("none"))),
    ),
    Setting("imap_user", _("Mailbox user")),
    Setting("imap_password", _("Mailbox password"), is_secret=True),
    Setting("imap_folder", _("Folder of bounces"), default="INBOX"),
    Setting(
        "sent_folder",
        _("Folder of copies"),
        _("Where the server keeps a copy of each mail it takes here, such as Sent. Empty: it keeps none."),
    ),
)


@dataclass(frozen=True)
class Report:
    """A bounce or complaint about one mail of ours.

    Attributes:
        message_id: which mail.
        address: whom it was for, folded; for a complaint ``""`` where the report hides it.
        kind: ``hard``, ``soft`` or ``complaint``.
        words: the first line of why.
        key: the same report has the same key.
    """

    message_id: str
    address: str
    kind: str
    words: str
    key: str


@dataclass(frozen=True)
class Reading:
    """What a look into the mailbox brought, and where the next one begins."""

    reports: list[Report]
    cursor: dict[str, int]
    messages: int
    #: The folder holds more.
    is_more: bool = False


def is_there(access: Access) -> bool:
    """Whether the channel has a mailbox."""
    return bool(access.text("imap_host"))


@contextmanager
def opened(access: Access) -> Iterator[BaseMailBox]:
    """The mailbox, signed in.

    Raises:
        CannotOpen: nobody answers, or refuses us.
    """
    host, port, security = (
        access.text("imap_host"),
        access.number("imap_port", 993),
        access.text("imap_security") or "tls",
    )
    box: BaseMailBox | None = None
    try:
        box = _connected(host, port, security)
        box.login(access.text("imap_user"), access.text("imap_password"), initial_folder=None)
        yield box
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as problem:
        raise CannotOpen(f"{host}:{port}: {redact.text(str(problem)) or type(problem).__name__}") from problem
    finally:
        if box is not None:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.client.logout()


def _connected(host: str, port: int, security: str) -> BaseMailBox:
    if security == "none":
        return MailBoxUnencrypted(host, port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    made = MailBoxStartTls if security == "starttls" else MailBox
    return made(host, port, timeout=TIMEOUT, ssl_context=context)


def find(access: Access, message_id: str, since: dt.datetime) -> Outcome:
    """Whether the mailbox shows that a mail was taken: its copy, or a bounce that names it.

    That it is not there proves nothing, so the answer is never no.
    """
    if not is_there(access):
        return Outcome.unknown("the channel has no mailbox to look into")
    folders = [name for name in (access.text("sent_folder"), access.text("imap_folder") or "INBOX") if name]
    try:
        with opened(access) as box:
            for folder in folders:
                box.folder.set(folder, readonly=True)
                if box.uids(f'HEADER Message-ID "{message_id}"'):
                    return Outcome.yes(f"its copy lies in {folder}", remote_id=message_id)
                if _names(box, message_id, since):
                    return Outcome.yes(f"an answer to it lies in {folder}", remote_id=message_id)
    except CannotOpen as problem:
        return Outcome.unknown(str(problem))
    return Outcome.unknown(f"neither a copy nor a bounce in {', '.join(folders)}")


def _names(box: BaseMailBox, message_id: str, since: dt.datetime) -> bool:
    """Whether a message that came since then names it. Servers search bounces unlike, so the newest are read here."""
    day = (since - dt.timedelta(days=1)).strftime("%d-%b-%Y")
    newest = box.uids(f"SINCE {day}")[-NEWEST:]
    return any(
        message_id in message.obj.as_string()
        for uid in reversed(newest)
        for message in box.fetch(f"UID {uid}", mark_seen=False, bulk=False)
    )


def read(access: Access, cursor: dict[str, int]) -> Reading:
    """The bounces and complaints that came since ``cursor``; nothing in the mailbox is changed.

    Raises:
        CannotOpen: the mailbox cannot be read.
    """
    folder = access.text("imap_folder") or "INBOX"
    with opened(access) as box:
        box.folder.set(folder, readonly=True)
        validity = int(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])
        last = cursor.get("uid", 0) if cursor.get("validity") == validity else 0
        uids = sorted(int(uid) for uid in box.uids(f"UID {last + 1}:*") if int(uid) > last)
        reports: list[Report] = []
        taken = uids[:MOST]
        for uid in taken:
            for message in box.fetch(f"UID {uid}", mark_seen=False, bulk=False):
                reports += reports_of(message.obj.as_bytes(), f"{validity}:{uid}")
        newest = taken[-1] if taken else last
        return Reading(reports, {"validity": validity, "uid": newest}, len(taken), len(uids) > len(taken))


def reports_of(raw: bytes, key: str) -> list[Report]:
    """The bounces and complaints in a message; none when it is neither, or names no mail of ours."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    ours = OURS.findall(raw.decode("ascii", "replace"))
    if not ours:
        return []
    message_id = ours[0]
    if _is_complaint(message):
        return [Report(message_id, "", "complaint", _subject(message), key)]
    soft, hard = all_failures(message)
    found = [("hard", one) for one in sorted(hard)]
    found += [("soft", one) for one in sorted(soft) if one not in hard]
    words = _diagnosis(raw) or _subject(message)
    return [
        Report(message_id, fold(one.decode("utf-8", "replace")), kind, words, f"{key}:{number}")
        for number, (kind, one) in enumerate(found)
    ]


def _is_complaint(message: Message) -> bool:
    return (
        message.get_content_type() == "multipart/report"
        and str(message.get_param("report-type") or "").lower() == "feedback-report"
    )


def _subject(message: Message) -> str:
    return " ".join(str(message.get("Subject") or "").split())[:300]


def _diagnosis(raw: bytes) -> str:
    found = re.search(rb"(?im)^Diagnostic-Code:\s*(?:smtp;)?\s*(.+(?:\r?\n[ \t].+)*)", raw)
    return " ".join(found[1].decode("utf-8", "replace").split())[:300] if found else ""
