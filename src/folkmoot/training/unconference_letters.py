"""Mails to people who propose sessions: which kinds there are, and what their gaps are filled with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Variable, queue_mail
from folkmoot.people.public import write_to
from folkmoot.training.letters import absolute, text_in, try_to, when, where
from folkmoot.training.models import Proposal, ProposalState
from folkmoot.training.seeds.unconference import texts

__all__ = [
    "CANCELLED",
    "KINDS",
    "MOVED",
    "PLACED",
    "PROVE",
    "SALT",
    "VARIABLES",
    "found",
    "own_page",
    "preview",
    "send",
    "token_of",
    "try_to",
    "values",
]

SALT = "training.proposal"
PROVE = "training.session_prove"
PLACED, MOVED = "training.session_placed", "training.session_moved"
CANCELLED = "training.session_cancelled"

KINDS: tuple[tuple[str, Any], ...] = (
    (PROVE, _("Unconference: confirm your address")),
    (PLACED, _("Unconference: your session has a place")),
    (MOVED, _("Unconference: your session has moved")),
    (CANCELLED, _("Unconference: your session does not take place")),
)

VARIABLES: tuple[Variable, ...] = (
    Variable("recipient", _("their name"), "Lio Brandt"),
    Variable("session", _("what they proposed"), "Tea and tide tables"),
    Variable("event", _("the event"), "Summer unconference"),
    Variable("days", _("when the event is"), "1 March 2027"),
    Variable("place", _("where the event is"), "Library, Leeds, United Kingdom"),
    Variable("room", _("the session's space"), "Room 2"),
    Variable("when", _("when the session is"), "1 March, 10:00–10:45"),
    Variable("link", _("their own page about it"), "https://example.org/events/proposed/x/", is_url=True),
    Variable("board", _("the board"), "https://example.org/events/summer/board/", is_url=True),
    Variable("contact", _("whom to ask"), "workshops@example.org"),
    Variable("community", _("the community's name"), "Open Moot"),
)


@dataclass(frozen=True)
class Letter:
    """A proposal, the link to its own page, and what is news."""

    proposal: Proposal
    name: str = ""
    link: str = ""
    news: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.proposal.title


def token_of(proposal: Proposal) -> str:
    """What stands in the address of a proposal's own page."""
    stamp = int(proposal.proposed_at.timestamp() * 1_000_000)
    return signing.dumps([proposal.pk, stamp], salt=SALT, compress=True)


def own_page(proposal: Proposal) -> str:
    """The path of a proposal's own page, for who proposed it."""
    return reverse("events:proposal", args=[token_of(proposal)])


def values(user: User | None, letter: Letter) -> Mapping[str, str]:
    """What fills the gaps; ``""`` for what is not known."""
    event = letter.proposal.unconference.event
    return {
        "recipient": letter.name,
        "session": letter.proposal.title,
        "event": event.title,
        "days": when(event),
        "place": where(event),
        "room": letter.news.get("room", ""),
        "when": letter.news.get("when", ""),
        "link": letter.link,
        "board": absolute(reverse("events:board", args=[event.slug])),
        "contact": event.contact,
        "community": Community.current().name,
    }


def found(words: str) -> list[tuple[int, str]]:
    """Proposals to preview a text on."""
    rows = Proposal.objects.filter(state=ProposalState.OPEN, folded__contains=fold(words))
    return list(rows.values_list("pk", "title")[:20])


def preview(pk: int) -> Letter | None:
    """A letter to look at a text with: with links that lead nowhere."""
    row = Proposal.objects.select_related("unconference__event").filter(pk=pk).first()
    known = {variable.name: variable.example for variable in VARIABLES}
    return Letter(row, known["recipient"], known["link"], known) if row else None


def send(kind: str, proposal: Proposal, *, key: str, news: Mapping[str, str] | None = None) -> None:
    """Queue a mail to who proposed something; the same ``key`` once.

    Args:
        news: ``room`` and ``when`` of its session.

    Raises:
        ValidationError: there is no channel for mail, the text needs what is not known, or the address gets no mail.
    """
    with translation.override(proposal.language or settings.LANGUAGE_CODE):
        person = proposal.person
        name = proposal.proposer_name or (person.name if person else "")
        letter = Letter(proposal, name, absolute(own_page(proposal)), news or {})
        more: dict[str, Any] = {
            "values": dict(values(None, letter)),
            "is_personal": True,
            "language": proposal.language,
            "key": key,
            **text_in(kind, texts()[kind], proposal.language or settings.LANGUAGE_CODE),
        }
        if person is None:
            queue_mail(kind=kind, to=proposal.email, to_name=name, asked_by=None, **more)
        elif proposal.email:
            write_to(person=person, actor=None, kind=kind, address=proposal.email, **more)
        else:
            write_to(person=person, actor=None, kind=kind, **more)
