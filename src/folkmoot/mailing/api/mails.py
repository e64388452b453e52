"""What mails are planned about which record, what left, and what did not. Read only: the house itself sends."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Day, Flag, Number, Told, Word
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import Problem
from folkmoot.mailing import queries
from folkmoot.mailing.api.scopes import READ
from folkmoot.mailing.models import PlannedMail

router = Router(tags=["Mails"])
StateWord = Literal["planned", "waiting", "approved", "handed", "cancelled", "skipped"]
CONTACT = "people.contact:read"


class RecipientTold(Told):
    """Whom it goes to."""

    person_id: int | None
    name: str
    address: str | None = Field(description="null without the scope `people.contact:read`.")


class DeliveryTold(Told):
    """One message of it in the outbox."""

    id: int
    state: str
    due_at: dt.datetime
    sent_at: dt.datetime | None


class MailTold(Told):
    """A mail that a rule plans about one record."""

    id: int
    rule_id: int
    rule: str = Field(description="The rule's name.")
    about: str = Field(description="What kind of record: `training.event`.")
    record_id: int
    record: str = Field(description="As it was called last.")
    state: StateWord = Field(
        description="`handed`: to the outbox, where `deliveries` tell what became of it."
    )
    due_at: dt.datetime | None
    reason: str = Field(description="Why it is cancelled or not sent.")
    problem: str = Field(description="What keeps it from leaving.")
    question: str = Field(description="What a person has to decide.")
    to: list[RecipientTold]
    cc: list[RecipientTold]
    bcc: list[RecipientTold]
    languages: list[str] = Field(
        description="The language of its text, or where each recipient gets a mail, of each in the order of `to`."
    )
    deliveries: list[DeliveryTold]
    handed_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class MailsTold(Pages):
    """A page of mails."""

    results: list[MailTold]


class MailsAsked(Asked):
    """The filters of the list of planned mails."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Part of the record's or rule's name.")
    state: list[StateWord] = Field(default=[], description="Only these.")
    rule: list[Number] = Field(default=[], description="Of these rules.")
    about: list[Word] = Field(default=[], description="Kinds of records: `training.event`.")
    record: list[Number] = Field(default=[], description="About records of these numbers; goes with `about`.")
    on: Word | SkipJsonSchema[None] = Field(
        default=None, description="Those on the page of a record: `people.person:17`."
    )
    trouble: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those that need a person, or the others."
    )
    due_since: Day | SkipJsonSchema[None] = Field(
        default=None, description="That leave on this day or later."
    )
    due_until: Day | SkipJsonSchema[None] = Field(
        default=None, description="That leave on this day or earlier."
    )


def _recipients(people: list[Any], *, contact: bool) -> list[dict[str, Any]]:
    return [
        {"person_id": number, "name": name, "address": address if contact else None}
        for name, address, number in people
    ]


def _tell(rows: list[PlannedMail], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of mails, in one query; their rule is read beforehand."""
    prefetch_related_objects(rows, "deliveries")
    contact = caller.may(CONTACT)
    names = ("id", "rule_id", "record_id", "state", "due_at", "reason", "problem", "question", "languages")
    return [
        {
            **{name: getattr(row, name) for name in (*names, "handed_at", "created_at")},
            "rule": row.rule.name,
            "about": row.subject,
            "record": row.record_name,
            **{name: _recipients(getattr(row, name), contact=contact) for name in ("to", "cc", "bcc")},
            "deliveries": [
                {"id": one.pk, "state": one.state, "due_at": one.due_at, "sent_at": one.sent_at}
                for one in sorted(row.deliveries.all(), key=lambda one: one.pk)
            ],
            "updated_at": row.changed_at,
        }
        for row in rows
    ]


@reads(router, "/mails", READ, MailsTold)
def list_mails(request: HttpRequest, response: HttpResponse, asked: Query[MailsAsked]) -> Any:
    """List mails by rule.

    Planned, sent and not sent ones, about records of the areas in which the token's owner works. What the outbox does
    with a mail does not change its `updated_at`.
    """
    caller = callers.of(request)
    rows = queries.mails_for(caller.user)
    if asked.q is not None:
        rows = queries.called(rows, asked.q)
    for name, values in (
        ("state", asked.state),
        ("rule", asked.rule),
        ("subject", asked.about),
        ("record_id", asked.record),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.on is not None:
        rows = queries.on_record(rows, asked.on)
    if asked.trouble is not None:
        rows = rows.filter(queries.TROUBLE) if asked.trouble else rows.exclude(queries.TROUBLE)
    if asked.due_since is not None:
        rows = rows.filter(due_at__date__gte=asked.due_since)
    if asked.due_until is not None:
        rows = rows.filter(due_at__date__lte=asked.due_until)
    if asked.updated_since is not None:
        rows = rows.filter(changed_at__gte=asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: _tell(found, caller))


@reads(router, "/mails/{mail_id}", READ, MailTold)
def get_mail(request: HttpRequest, mail_id: Number) -> Any:
    """Read a mail by rule."""
    caller = callers.of(request)
    row = queries.mails_for(caller.user).filter(pk=mail_id).first()
    if row is None:
        raise Problem("not-found", f"There is no mail {mail_id}.")
    return _tell([row], caller)[0]
