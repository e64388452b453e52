"""Mails to people who ask for something: which kinds there are, and what their gaps are filled with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Variable, queue_mail
from folkmoot.people.public import write_to
from folkmoot.training.letters import absolute, text_in, try_to
from folkmoot.training.models import RECEIVED as RECEIVED_STATES
from folkmoot.training.models import Request
from folkmoot.training.seeds.requests import texts

__all__ = [
    "DRAFT",
    "KINDS",
    "PROVE",
    "RECEIVED",
    "VARIABLES",
    "absolute",
    "found",
    "preview",
    "send",
    "try_to",
    "values",
]

PROVE, DRAFT, RECEIVED = "training.request_prove", "training.request_draft", "training.request_receipt"

KINDS: tuple[tuple[str, Any], ...] = (
    (PROVE, _("Request: confirm your address")),
    (DRAFT, _("Request: your draft")),
    (RECEIVED, _("Request: it has arrived")),
)

VARIABLES: tuple[Variable, ...] = (
    Variable("recipient", _("their name"), "Lio Brandt"),
    Variable("form", _("the form"), "Ask for a workshop"),
    Variable("link", _("their own page about it"), "https://example.org/events/asked/x/", is_url=True),
    Variable("sent", _("when it was sent"), "1 March 2027"),
    Variable("days", _("days to a decision"), "7"),
    Variable("contact", _("whom to ask"), "workshops@example.org"),
    Variable("community", _("the community's name"), "Open Moot"),
)


@dataclass(frozen=True)
class Letter:
    """A request, and the link to its own page."""

    request: Request
    name: str = ""
    link: str = ""

    def __str__(self) -> str:
        return str(self.request)


def values(user: User | None, letter: Letter) -> Mapping[str, str]:
    """What fills the gaps; ``""`` for what is not known."""
    row = letter.request
    return {
        "recipient": letter.name,
        "form": row.form.title,
        "link": letter.link,
        "sent": date_format(row.sent_at.date(), "DATE_FORMAT") if row.sent_at else "",
        "days": str(row.form.answer_days),
        "contact": row.form.contact,
        "community": Community.current().name,
    }


def found(words: str) -> list[tuple[int, str]]:
    """Requests to preview a text on."""
    rows = Request.objects.filter(state__in=RECEIVED_STATES, email_folded__contains=fold(words))
    return [(row.pk, str(row)) for row in rows.select_related("form")[:20]]


def preview(pk: int) -> Letter | None:
    """A letter to look at a text with: with links that lead nowhere."""
    row = Request.objects.select_related("form").filter(pk=pk).first()
    known = {variable.name: variable.example for variable in VARIABLES}
    return Letter(row, known["recipient"], known["link"]) if row else None


def send(kind: str, request: Request, *, key: str, link: str, email: str = "") -> None:
    """Queue a mail to whoever asks, to the address that they gave; the same ``key`` once.

    Raises:
        ValidationError: there is no channel for mail, the text needs what is not known, or the address gets no mail.
    """
    with translation.override(request.language or settings.LANGUAGE_CODE):
        more: dict[str, Any] = {
            "values": dict(values(None, Letter(request, request.name, link))),
            "reply_to": request.form.contact,
            "is_personal": True,
            "language": request.language,
            "key": key,
            **text_in(kind, texts()[kind], request.language or settings.LANGUAGE_CODE),
        }
        if request.person is None:
            to = email or request.email
            queue_mail(kind=kind, to=to, to_name=request.name, asked_by=None, **more)
        else:
            write_to(person=request.person, actor=None, kind=kind, address=email or request.email, **more)
