"""Mail over SMTP, spoken by hand so that yes, no and unknown can be told apart (RFC 5321).

Until the final dot of DATA is written nothing can have been taken: a refusal, a broken line or silence before it is a
*no*. From the dot on only the server's answer counts: 2xx is yes, 4xx and 5xx are no, anything else is unknown.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.conf import settings as house
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors import mailbox
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
    Tried,
    connectors,
)
from folkmoot.connectors.letters import MAIL_SETTINGS, build, others, problems
from folkmoot.kernel import clock
from folkmoot.kernel.http import Verdict
from folkmoot.kernel.ops import redact

#: Seconds for each step; RFC 5321 asks for longer ones after the dot.
CONNECT, STEP, AFTER_DOT = 15.0, 60.0, 120.0
#: Enhanced codes (RFC 3463) of an address that does not exist.
DEAD = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
LOST = (smtplib.SMTPServerDisconnected, OSError)


@dataclass(frozen=True)
class Server:
    """Where the mail is handed in."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, access: Access) -> Server:
        """From a channel's settings."""
        return cls(
            access.text("host"),
            access.number("port", 587),
            access.text("security") or "starttls",
            access.text("user"),
            access.text("password"),
        )

    @classmethod
    def of_house(cls) -> Server:
        """From FOLKMOOT_MAIL_URL."""
        security = "tls" if house.EMAIL_USE_SSL else "starttls" if house.EMAIL_USE_TLS else "none"
        return cls(
            house.EMAIL_HOST,
            int(house.EMAIL_PORT or 25),
            security,
            house.EMAIL_HOST_USER or "",
            house.EMAIL_HOST_PASSWORD or "",
        )


class SmtpSender(Sender):
    """A connection to a mail server, opened anew when the server has hung up in between."""

    def __init__(self, server: Server, access: Access) -> None:
        self._server, self._access = server, access
        self._line: smtplib.SMTP | None = None
        self._used = False
        self._not_taken: list[str] = []
        self._connect()

    def _connect(self) -> None:
        server = self._server
        try:
            if server.security == "tls":
                line: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=CONNECT, context=ssl.create_default_context()
                )
            else:
                line = smtplib.SMTP(server.host, server.port, timeout=CONNECT)
            self._line, self._used = line, False
            line.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                line.starttls(context=ssl.create_default_context())
                line.ehlo()
            if server.user:
                line.login(server.user, server.password)
        except (OSError, smtplib.SMTPException, ValueError, UnicodeError) as problem:
            self.close()
            raise CannotOpen(f"{server.host}:{server.port}: {_said(problem)}") from problem
        if line.sock is not None:
            line.sock.settimeout(STEP)
            # The dot leaves by itself, after the text: it must not wait for the text to be acknowledged.
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        sender, recipient = str(payload["envelope_from"]), str(payload["to"])
        try:
            letter = build(payload, clock.now(), sending.read)
        except LookupError as problem:
            return Outcome.no(str(problem))
        content = letter.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        refused = self._introduce(sender, [recipient, *others(payload)])
        if refused is not None:
            return refused
        outcome = self._deliver(content)
        if outcome.verdict is Verdict.YES and self._not_taken:
            return Outcome.yes(f"{outcome.words}; but not for {', '.join(self._not_taken)}"[:500])
        return outcome

    def _introduce(self, sender: str, recipients: Sequence[str]) -> Outcome | None:
        """MAIL, RCPT and DATA; ``None`` when the server waits for the text. Nothing is taken by any of them."""
        for is_last in (False, True):
            used = self._used
            try:
                if self._line is None:
                    self._connect()
                return self._steps(sender, recipients)
            except CannotOpen as problem:
                return Outcome.no(str(problem), transient=True, channel=True)
            except LOST as problem:
                self.close()
                if is_last or not used:
                    return Outcome.no(
                        f"the line broke before the text was sent: {_said(problem)}", transient=True
                    )
        raise AssertionError("the last round returns")

    def _steps(self, sender: str, recipients: Sequence[str]) -> Outcome | None:
        """The first recipient decides; which of the others the server does not take is told with the outcome."""
        line = self._line
        self._not_taken = []
        assert line is not None  # noqa: S101 - opened by the caller
        self._used = True
        options = []
        if not "".join((sender, *recipients)).isascii():
            if not line.has_extn("smtputf8"):
                return Outcome.no("the mail server takes no addresses with letters beyond ASCII")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        elif line.has_extn("8bitmime"):
            options = ["BODY=8BITMIME"]
        first, *rest = recipients
        steps: list[Callable[[], tuple[int, bytes]]] = [
            lambda: line.mail(sender, options),
            lambda: line.rcpt(first),
            *(partial(line.rcpt, one) for one in rest),
            lambda: line.docmd("data"),
        ]
        for number, step in enumerate(steps):
            code, said = step()
            if code in (250, 251, 354):
                continue
            if 2 <= number < len(steps) - 1 and code != 421:
                self._not_taken.append(f"{rest[number - 2]} ({_words(code, said)})")
                continue
            self._reset()
            return refusal(code, said)
        return None

    def _deliver(self, content: bytes) -> Outcome:
        line = self._line
        assert line is not None  # noqa: S101 - opened before
        text = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r?\n", b"\r\n", content))
        try:
            line.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        except LOST as problem:
            self.close()
            return Outcome.no(f"the line broke before the text was whole: {_said(problem)}", transient=True)
        try:
            if line.sock is not None:
                line.sock.settimeout(AFTER_DOT)
            line.send(b".\r\n")
            code, said = line.getreply()
            if line.sock is not None:
                line.sock.settimeout(STEP)
        except (*LOST, smtplib.SMTPException) as problem:
            self.close()
            return Outcome.unknown(f"the line broke after the text was sent: {_said(problem)}")
        if 200 <= code < 300:
            return Outcome.yes(_words(code, said))
        if 400 <= code < 600:
            self._reset()
            return refusal(code, said)
        self.close()
        return Outcome.unknown(f"the mail server answered {_words(code, said)}")

    def _reset(self) -> None:
        try:
            if self._line is not None:
                self._line.rset()
        except (*LOST, smtplib.SMTPException):
            self.close()

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Look for the mail's copy, or for a bounce that names it, in the channel's mailbox."""
        return mailbox.find(self._access, tried.planned_id, tried.began_at)

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(Exception):
                line.quit()
            with contextlib.suppress(Exception):
                line.close()


class _Asking(Sender):
    """For looking into the mailbox alone: no mail server is needed for that."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        return Outcome.no("this line only asks")

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        return mailbox.find(self._access, tried.planned_id, tried.began_at)


def refusal(code: int, said: Any) -> Outcome:
    """What a refusal means: 4xx may be tried again, 421 and 454 are the server's own trouble, 5xx is final."""
    words = _words(code, said)
    if 400 <= code < 500:
        return Outcome.no(words, transient=True, channel=code in (421, 454))
    if code in (530, 535):
        return Outcome.no(words, transient=True, channel=True)
    dead = code in (550, 551, 553) and DEAD.search(words) is not None
    return Outcome.no(words, address_is_dead=dead)


def _words(code: int, said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(text.split())}"[:500]


def _said(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        return redact.text(_words(problem.smtp_code, problem.smtp_error))
    return redact.text(str(problem)) or type(problem).__name__


class Mail(Connector):
    """What all ways of sending mail share."""

    medium = "mail"
    settings: ClassVar[Sequence[Setting]] = MAIL_SETTINGS
    readback = Readback.MARKER

    def plan(self, payload: Payload, key: str) -> str:
        return str(payload["message_id"])

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        return problems(payload)

    def open_to_ask(self, access: Access) -> Sender:
        return _Asking(access)

    def looks_of(self, access: Access) -> tuple[int, ...]:
        return mailbox.LOOKS if mailbox.is_there(access) else ()


@connectors.declare
class Smtp(Mail):
    """A mail server of one's own choice."""

    key = "smtp"
    label = _("Mail server (SMTP)")
    order = 20
    settings = (
        Setting("host", _("Mail server"), is_required=True),
        Setting("port", _("Port"), kind="number", default=587),
        Setting(
            "security",
            _("Encryption"),
            kind="choice",
            default="starttls",
            choices=(("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none"))),
        ),
        Setting("user", _("User")),
        Setting("password", _("Password"), is_secret=True),
        *MAIL_SETTINGS,
        *mailbox.SETTINGS,
    )

    def open(self, access: Access) -> Sender:
        return SmtpSender(Server.of(access), access)


@connectors.declare
class HouseMail(Mail):
    """The mail server that this installation was given: FOLKMOOT_MAIL_URL."""

    key = "house"
    label = _("This installation's mail server (FOLKMOOT_MAIL_URL)")
    order = 10
    settings = (*MAIL_SETTINGS, *mailbox.SETTINGS)

    def open(self, access: Access) -> Sender:
        if house.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
            return SmtpSender(Server.of_house(), access)
        return Printed()


class Printed(Sender):
    """Mail that leaves for the terminal, a file or a test: whatever backend Django was given."""

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        try:
            letter = build(payload, clock.now(), sending.read)
        except LookupError as problem:
            return Outcome.no(str(problem))
        letter.send()
        return Outcome.yes("printed")
