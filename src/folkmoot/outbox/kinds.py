"""What an area declares to write mail and to keep mail from leaving: kinds of message, checks of a recipient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from django.db.models import Q

    from folkmoot.kernel.accounts.models import User
    from folkmoot.outbox.models import Delivery


@dataclass(frozen=True)
class Variable:
    """Something that a text may name: ``{{ name }}``. An address of the web is set as a link."""

    name: str
    label: Any
    example: str
    is_url: bool = False


@dataclass(frozen=True)
class MessageKind:
    """A kind of mail: whose it is, and what its texts may name.

    Attributes:
        variables: all of them; a text that names another is refused.
        values: ``values(user, record)`` reads them from a record, ``""`` for what is not known; ``user`` writes.
        records: ``records(words)`` finds records to preview a text on: at most 20 pairs of number and name.
        record: ``record(pk)`` is the record of that number, ``None`` when there is none.
        is_personal: an answer to one person: no unsubscribing.
        topic: what one unsubscribes from.
        told: ``told(user)`` says which deliveries that are stuck the area's own rows on Today tell this person of: the
            outbox does not tell them of these once more. ``None``: the area tells of none.
    """

    key: str
    label: Any
    area: str
    variables: tuple[Variable, ...]
    values: Callable[[User | None, Any], Mapping[str, str]]
    records: Callable[[str], Iterable[tuple[int, str]]]
    record: Callable[[int], Any]
    is_personal: bool = False
    topic: str = ""
    told: Callable[[User], Q] | None = None
    order: int = 0

    def examples(self) -> dict[str, str]:
        """A made-up value for each variable."""
        return {variable.name: variable.example for variable in self.variables}


message_kinds: Registry[MessageKind] = Registry("kind of message")


@dataclass(frozen=True)
class RecipientCheck:
    """Asked before a mail is queued and again right before it leaves.

    ``why_not(delivery)`` returns ``""``, or in words why this recipient does not get this message.
    """

    key: str
    why_not: Callable[[Delivery], str]
    order: int = 0


recipient_checks: Registry[RecipientCheck] = Registry("check of a recipient")


@dataclass(frozen=True)
class NotYet:
    """It may leave, but not yet: it is asked again in so many seconds, until its time is over."""

    words: str
    seconds: float = 60.0


@dataclass(frozen=True)
class LeaveCheck:
    """Asked right before a message leaves, each time, corrections and withdrawals too.

    ``why_not(delivery)`` returns ``""``, or in words why it does not leave: then it is withheld and whoever asked for
    it is told; or :class:`NotYet`.

    Attributes:
        kinds: of messages that it is asked for; empty: all.
        asks_outside: it may ask the network, so it is asked while no transaction is open; the others are asked in the
            very transaction that lets the message leave.
    """

    key: str
    why_not: Callable[[Delivery], str | NotYet]
    kinds: frozenset[str] = frozenset()
    asks_outside: bool = False
    order: int = 0


leave_checks: Registry[LeaveCheck] = Registry("check before leaving")


@dataclass(frozen=True)
class Topic:
    """What one can unsubscribe from, as the page says it."""

    key: str
    label: Any
    order: int = 0


topics: Registry[Topic] = Registry("topic of mails")
