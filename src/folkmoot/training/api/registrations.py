"""Who registered for events: personal, so that it has a scope of its own, for whose owner manages events."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.db.models import Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.kernel.text import fold
from folkmoot.training.api.common import moments, plain
from folkmoot.training.api.kinds import REGISTRATIONS
from folkmoot.training.models import Registration
from folkmoot.training.queries import places

router = Router()
RegistrationWord = Literal["unproven", "waiting", "confirmed", "cancelled"]


class AnswerTold(Told):
    """What somebody answered to a question of the event."""

    question_id: int
    question: str
    answer: str


class RegistrationTold(Told):
    """Somebody's wish for a place at an event."""

    id: int
    event_id: int
    name: str
    email: str
    affiliation: str
    answers: list[AnswerTold]
    needs: str = Field(description="What would help them to take part.")
    state: RegistrationWord
    person_id: int | None = Field(description="null: their address is not proven yet.")
    task_id: int | None = Field(description="Their part, where they have a place.")
    language: str
    registered_at: dt.datetime
    proven_at: dt.datetime | None
    queued_at: dt.datetime | None = Field(description="Since when they wait: the order of the waiting list.")
    decided_at: dt.datetime | None
    reason: str = Field(description="Why they have no place, as they were told.")
    updated_at: dt.datetime | None


class RegistrationsTold(Pages):
    """A page of registrations."""

    results: list[RegistrationTold]


class RegistrationsAsked(Asked):
    """The filters of the list of registrations, over all events."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Name, organisation or address.")
    event: list[Number] = Field(default=[], description="For these events.")
    person: list[Number] = Field(default=[], description="Of these people.")
    state: list[RegistrationWord] = Field(default=[], description="Only these.")


def tell_registrations(rows: list[Registration]) -> list[dict[str, Any]]:
    """What is sent of registrations; three queries."""
    at = moments(REGISTRATIONS, rows)
    prefetch_related_objects(rows, "event__questions")
    names = [name for name in RegistrationTold.model_fields if name not in ("answers", "updated_at")]
    return [
        {
            **plain(row, names),
            "answers": [
                {
                    "question_id": one.pk,
                    "question": one.text,
                    "answer": places.answer_words(one, row.answers[str(one.pk)]),
                }
                for one in row.event.questions.all()
                if str(one.pk) in row.answers
            ],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/registrations", REGISTRATIONS.scope, RegistrationsTold)
def list_registrations(request: HttpRequest, response: HttpResponse, asked: Query[RegistrationsAsked]) -> Any:
    """List registrations.

    With addresses, answers and needs.
    """
    rows = Registration.objects.all()
    if asked.q is not None:
        words = Q(name__icontains=asked.q) | Q(affiliation__icontains=asked.q)
        rows = rows.filter(words | Q(email_folded__contains=fold(asked.q)))
    for name, values in (("event", asked.event), ("person", asked.person), ("state", asked.state)):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.updated_since is not None:
        rows = changed_since(REGISTRATIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=tell_registrations)


@reads(router, "/registrations/{registration_id}", REGISTRATIONS.scope, RegistrationTold)
def get_registration(request: HttpRequest, registration_id: Number) -> Any:
    """Read a registration."""
    return tell_registrations([found(REGISTRATIONS, registration_id)])[0]
