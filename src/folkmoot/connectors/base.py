"""What the outbox asks of an outside system, and what a system answers.

A connector is a declaration: what the platform allows, which settings it needs, how a lost answer is found again.
What it opens is a :class:`Sender`, which lives for a few messages. Retries, pauses, rates and the words in the
database are the outbox's; a connector of a simple platform is short.

Three answers, and no fourth: **yes** (it is there), **no** (it is certainly not there), **unknown**. Only a no is tried
again; an unknown is asked for first.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from folkmoot.kernel.http import Answer, NotSent, OutcomeUnknown, Refused, Verdict
from folkmoot.kernel.registry import Registry

#: What is sent, as JSON holds it; its keys are the medium's own.
Payload = Mapping[str, Any]


class Readback(Enum):
    """How a connector finds out what became of a message whose answer was lost."""

    #: By an id that was chosen before it was sent: found or not found, both certain.
    EXACT = "exact"
    #: By a mark inside it, or by its content: found is certain.
    MARKER = "marker"
    #: Not at all by itself: an answer may still come in (a webhook, a bounce), else a person looks.
    NONE = "none"


@dataclass(frozen=True)
class Rate:
    """What the headers of an answer say of the account's limit: how many more may be sent until ``reset_at`` (UTC)."""

    remaining: int
    reset_at: dt.datetime


@dataclass(frozen=True)
class Outcome:
    """What became of one message.

    Attributes:
        words: what the other side said, for people; without secrets.
        remote_id: its name there, where it has one.
        transient: of a no: trying again may help.
        wait: of a no: how many seconds the other side asks to wait (a rate limit: no failure).
        channel: of a no: it is the channel that fails (wrong password, no connection), not this message.
        address_is_dead: of a no: the recipient's address does not exist.
        expired: of a no: the access is over and may be renewed; then it is tried again at once.
        remote: what else the other side calls it by (a content hash): later parts of a thread, corrections and
            withdrawals get it back.
        rate: what is left of the account's limit; with nothing left the channel rests until the reset.
        by_hand: of an unknown: a person does it, and tells.
    """

    verdict: Verdict
    words: str = ""
    remote_id: str = ""
    remote_url: str = ""
    transient: bool = False
    wait: float | None = None
    channel: bool = False
    address_is_dead: bool = False
    expired: bool = False
    remote: Mapping[str, Any] = field(default_factory=dict)
    rate: Rate | None = None
    by_hand: bool = False

    @classmethod
    def yes(
        cls,
        words: str = "",
        *,
        remote_id: str = "",
        remote_url: str = "",
        remote: Mapping[str, Any] | None = None,
        rate: Rate | None = None,
    ) -> Outcome:
        """It is there."""
        return cls(Verdict.YES, words, remote_id, remote_url, remote=remote or {}, rate=rate)

    @classmethod
    def no(cls, words: str, **more: Any) -> Outcome:
        """It is certainly not there."""
        return cls(Verdict.NO, words, **more)

    @classmethod
    def unknown(cls, words: str) -> Outcome:
        """It may be there."""
        return cls(Verdict.UNKNOWN, words)

    @classmethod
    def person(cls, words: str) -> Outcome:
        """A person has to do it; nothing was sent."""
        return cls(Verdict.UNKNOWN, words, by_hand=True)

    @classmethod
    def of_problem(cls, problem: NotSent | OutcomeUnknown) -> Outcome:
        """From a request that got no usable answer."""
        if isinstance(problem, NotSent):
            return cls.no(str(problem), transient=not isinstance(problem, Refused), channel=True)
        return cls.unknown(str(problem))

    @classmethod
    def of_answer(cls, answer: Answer, *, remote_id: str = "", remote_url: str = "") -> Outcome:
        """From an answer whose status says it all: 429 waits, 401 and 403 are the channel's, other 4xx are final."""
        words = f"{answer.status} {answer.text[:200]}".strip()
        if answer.verdict is Verdict.YES:
            return cls.yes(str(answer.status), remote_id=remote_id, remote_url=remote_url)
        if answer.verdict is Verdict.UNKNOWN:
            return cls.unknown(words)
        if answer.status == 429:
            return cls.no(words, transient=True, wait=answer.retry_after() or 60.0)
        if answer.status in (401, 403):
            return cls.no(words, transient=True, channel=True)
        return cls.no(words)


@dataclass(frozen=True)
class Setting:
    """One thing a channel of this kind has to know: ``kind`` is ``text``, ``number``, ``choice`` or ``flag``."""

    name: str
    label: Any
    help: Any = ""
    kind: str = "text"
    is_secret: bool = False
    is_required: bool = False
    default: str | int | bool = ""
    choices: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Access:
    """A channel as its connector sees it: its number, settings and secrets, and what its server last said of itself."""

    channel: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A setting or secret as text; ``""`` when nobody gave it."""
        return str(self.secrets.get(name) or self.settings.get(name) or "")

    def number(self, name: str, otherwise: int = 0) -> int:
        """A setting as a whole number."""
        value = str(self.settings.get(name) or "")
        return int(value) if value.isdecimal() else otherwise


@dataclass(frozen=True)
class Sent:
    """A message that is there: its name, its address, and what else the other side calls it by."""

    remote_id: str
    remote_url: str = ""
    remote: Mapping[str, Any] = field(default_factory=dict)


def _no_files(name: str) -> bytes:
    raise LookupError(f"no file {name}")


@dataclass(frozen=True)
class Sending:
    """What the outbox knows of a message beside its payload; the same for every try of the same content.

    Attributes:
        key: never used for other content: an idempotency key.
        stamped_at: when its first try began (UTC); what the other side shows as the moment of writing.
        planned_id: the id that was chosen beforehand (:meth:`Connector.plan`), or ``""``.
        number: of this try, from one.
        previous: what it follows in its thread.
        root: the first of its thread.
        read: the content of a file that the payload names.

    Raises:
        LookupError: by ``read``: there is no such file.
    """

    key: str
    stamped_at: dt.datetime
    planned_id: str = ""
    number: int = 1
    previous: Sent | None = None
    root: Sent | None = None
    read: Callable[[str], bytes] = _no_files


@dataclass(frozen=True, kw_only=True)
class Tried(Sending):
    """The attempt whose answer was lost.

    Attributes:
        began_at: when the last try began.
        looks: how often it was asked for already.
        taken: names there of other messages of this channel since then: none of them is this one.
    """

    began_at: dt.datetime
    looks: int = 0
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Renewed:
    """A new access.

    Attributes:
        secrets: what replaces the stored secrets of the same name; an empty one replaces nothing.
        renew_at: when it has to be renewed again (UTC); ``None``: it lasts.
        expires_at: when no renewing helps any more and a person has to connect anew (UTC); ``None``: never.
        settings: what was learnt of the account ("handle"), beside.
    """

    secrets: Mapping[str, str]
    renew_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


class MustConnect(Exception):
    """The access is over and cannot be renewed: a person has to connect the channel anew. The text says why."""


class Sender(ABC):
    """An open line to the outside system. Used by one thread, for a few messages; close it."""

    @abstractmethod
    def send(self, payload: Payload, sending: Sending) -> Outcome:
        """Send it once. What is raised counts as unknown."""

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """What became of it: yes, no, or still unknown. Asks only, sends nothing (or what is truly idempotent)."""
        return Outcome.unknown("")

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        """Put another content in the place of what is there. Twice does no more than once."""
        return Outcome.no("")

    def withdraw(self, sent: Sent) -> Outcome:
        """Take it away; yes when it is gone already."""
        return Outcome.no("")

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """How messages fare there, by their name: ``likes``, ``shares``, ``replies``, ``quotes``, ``views``.

        What is not told is left out; a message that is gone has no entry.

        Raises:
            HttpProblem: nobody answers.
        """
        return {}

    def followers(self) -> int | None:
        """How many follow the account; ``None`` where the platform does not tell."""
        return None

    def facts(self) -> Mapping[str, Any]:
        """What the server says of its limits, for :attr:`Access.facts`; asked for once a day."""
        return {}

    def account(self) -> str:
        """Ask whom the access belongs to, as a test of it that leaves no trace: ``@ada@example.social``.

        ``""``: this platform is not asked.

        Raises:
            CannotOpen: the access is refused; in words.
            HttpProblem: nobody answers.
        """
        return ""

    def close(self) -> None:
        """Hang up."""
        return


class CannotOpen(Exception):
    """The line cannot be opened: nothing was sent. The text says why, without secrets."""


class Connector(ABC):
    """An outside system that messages go to. Subclasses declare and open."""

    key: ClassVar[str]
    label: ClassVar[Any]
    #: ``mail``, ``post``, ``comment`` …: what its payloads look like.
    medium: ClassVar[str]
    #: What somebody has to do on the other side first, shown above the form of a new channel; a sentence each.
    guide: ClassVar[Sequence[Any]] = ()
    #: How many messages a minute are usual there, offered for a new channel; ``None``: no limit.
    pace: ClassVar[int | None] = None
    settings: ClassVar[Sequence[Setting]] = ()
    readback: ClassVar[Readback] = Readback.NONE
    #: When a lost answer is asked for, in seconds after it was lost; after the last look a person has to.
    looks: ClassVar[Sequence[int]] = ()
    #: What the platform allows, shown to whoever writes: ``{"text": 500}``.
    allows: ClassVar[Mapping[str, int]] = {}
    order: ClassVar[int] = 0
    #: A person does the sending, and tells where it is.
    is_manual: ClassVar[bool] = False

    @abstractmethod
    def open(self, access: Access) -> Sender:
        """A line for a few messages.

        Raises:
            CannotOpen: nobody answers, or refuses us.
        """

    def open_to_ask(self, access: Access) -> Sender:
        """A line that only asks what became of something; the same as for sending unless that needs less."""
        return self.open(access)

    def plan(self, payload: Payload, key: str) -> str:
        """The id that the message will have there, where it can be chosen beforehand; ``""``: the other side does."""
        return ""

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        """What the platform would refuse, a sentence each; asked before anything is queued."""
        return []

    def price(self, payload: Payload) -> Decimal | None:
        """What sending it costs, in US dollars; ``None``: nothing."""
        return None

    def renew(self, access: Access) -> Renewed | None:
        """A new access for one that is over or soon will be; ``None``: there is nothing to renew.

        Raises:
            MustConnect: only a person can.
            HttpProblem: nobody answers; asked again later.
        """
        return None

    def looks_of(self, access: Access) -> Sequence[int]:
        """:attr:`looks`, where they hang on how the channel is set up."""
        return self.looks

    def is_offered(self) -> bool:
        """Whether new channels of this kind can be made here."""
        return True

    def warnings(self, access: Access) -> list[str]:
        """What will stop working, or is about to, a sentence each; shown on the channel's page."""
        return []

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """What is wrong with a channel's settings: a sentence by setting."""
        return {
            one.name: str(one.label)
            for one in self.settings
            if one.is_required and not access.text(one.name).strip()
        }


connectors: Registry[Connector] = Registry("connector")


def load() -> None:
    """Import every connector, so that each declares itself."""
    package = importlib.import_module("folkmoot.connectors")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"folkmoot.connectors.{module.name}")
