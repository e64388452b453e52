"""What took something from allowances of agreements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Flag, Number, Told
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.training.api.common import moments, plain
from folkmoot.training.api.kinds import USES
from folkmoot.training.queries import agreement_pages as queries

router = Router()


class UseTold(Told):
    """An event, or the seat of a learner, that took something from an allowance; without one: an open seat."""

    id: int
    agreement_id: int | None
    allowance_id: int | None
    benefit: str | None = Field(description="The short name of the benefit.")
    event_id: int = Field(description="The event, or that of the seat.")
    task_id: int | None = Field(description="The learner's part; null: the event itself was taken.")
    person_id: int | None = Field(description="The learner.")
    amount: int
    counts: bool = Field(description="false: given back, since the event or the learner fell out.")
    is_in_house: bool
    reason: str = Field(description="Why it was given beyond what there was.")
    given_at: dt.datetime
    updated_at: dt.datetime | None


class UsesTold(Pages):
    """A page of uses."""

    results: list[UseTold]


class UsesAsked(Asked):
    """The filters of the list of what used an agreement, over all agreements."""

    agreement: list[Number] = Field(default=[], description="Of these agreements.")
    allowance: list[Number] = Field(default=[], description="Of these allowances.")
    event: list[Number] = Field(default=[], description="By these events, or by seats at them.")
    person: list[Number] = Field(default=[], description="Seats of these learners.")
    counts: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only those that count, or only those that were given back."
    )
    beyond: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only those beyond what there was, or only the others."
    )


def _tell(rows: list[Any]) -> list[dict[str, Any]]:
    at = moments(USES, rows)
    names = ("id", "allowance_id", "task_id", "amount", "counts", "is_in_house", "reason", "given_at")
    return [
        {
            **plain(row, names),
            "agreement_id": row.allowance.agreement_id if row.allowance else None,
            "benefit": row.allowance.benefit.slug if row.allowance else None,
            "event_id": row.at_event,
            "person_id": row.task.person_id if row.task else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/uses", USES.scope, UsesTold)
def list_uses(request: HttpRequest, response: HttpResponse, asked: Query[UsesAsked]) -> Any:
    """List what used allowances of agreements.

    Events and seats; those that were given back are told as such. A cancelled event does not change `updated_at` of its
    uses: read the events, too.
    """
    rows = queries.told_uses().select_related("allowance__benefit", "task")
    for name, values in (
        ("allowance__agreement", asked.agreement),
        ("allowance", asked.allowance),
        ("at_event", asked.event),
        ("task__person", asked.person),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.counts is not None:
        rows = rows.filter(counts=asked.counts)
    if asked.beyond is not None:
        rows = queries.beyond(rows, asked.beyond)
    if asked.updated_since is not None:
        rows = changed_since(USES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)
