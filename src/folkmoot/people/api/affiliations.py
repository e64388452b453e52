"""Who belongs to which organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Day, DayOrNone, Given, Number, Told
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people import actions
from folkmoot.people.api.kinds import AFFILIATIONS
from folkmoot.people.models import Affiliation, Organization, Person

router = Router()
_NAMES = {"person": "person_id", "organization": "organization_id"}


class AffiliationTold(Told):
    """A person belonging to an organisation, from day to day (both included); null: open or not known."""

    id: int
    person_id: int
    organization_id: int
    title: str = Field(description="The position; empty: not known.")
    started_on: dt.date | None
    ended_on: dt.date | None
    source: str = Field(description="Where it was learned; `folkmoot`: written here.")
    updated_at: dt.datetime | None


class AffiliationsTold(Pages):
    """A page of affiliations."""

    results: list[AffiliationTold]


class AffiliationsAsked(Asked):
    """Whose, where, when."""

    person: list[Number] = Field(default=[], description="Of these people.")
    organization: list[Number] = Field(default=[], description="To these organisations.")
    on: Day | SkipJsonSchema[None] = Field(default=None, description="Those that hold on this day.")


class AffiliationEdit(Given):
    """The days of an affiliation."""

    started_on: DayOrNone = None
    ended_on: DayOrNone = None


class AffiliationNew(AffiliationEdit):
    """A new affiliation."""

    person_id: Number
    organization_id: Number


def _tell(rows: list[Affiliation]) -> list[dict[str, Any]]:
    changed = changed_at(AFFILIATIONS, [row.pk for row in rows])
    plain = ("id", "person_id", "organization_id", "title", "started_on", "ended_on", "source")
    return [
        {**{name: getattr(row, name) for name in plain}, "updated_at": changed.get(row.pk)} for row in rows
    ]


@reads(router, "/affiliations", "people:read", AffiliationsTold)
def list_affiliations(request: HttpRequest, response: HttpResponse, asked: Query[AffiliationsAsked]) -> Any:
    """List affiliations."""
    rows = Affiliation.objects.all()
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.organization:
        rows = rows.filter(organization__in=asked.organization)
    if asked.on is not None:
        rows = rows.filter(
            Q(started_on=None) | Q(started_on__lte=asked.on), Q(ended_on=None) | Q(ended_on__gte=asked.on)
        )
    if asked.updated_since is not None:
        rows = changed_since(AFFILIATIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/affiliations/{affiliation_id}", "people:read", AffiliationTold)
def get_affiliation(request: HttpRequest, affiliation_id: Number) -> Any:
    """Read an affiliation."""
    return _tell([found(AFFILIATIONS, affiliation_id)])[0]


@adds(router, "/affiliations", "people:write", AffiliationTold)
def add_affiliation(request: HttpRequest, response: HttpResponse, payload: AffiliationNew) -> Any:
    """Note that a person belongs to an organisation.

    The same one from the same day is answered as it is, with the last day set when one is given.
    """
    caller = callers.of(request)
    person = named(Person, payload.person_id, "person_id")
    organization = named(Organization, payload.organization_id, "organization_id")
    fields: Any = payload.model_dump(include={"started_on", "ended_on"})
    row, is_new = add_once(
        request,
        Affiliation,
        lambda: actions.add_affiliation(
            person=person,  # type: ignore[arg-type]
            organization=organization,  # type: ignore[arg-type]
            actor=caller.user,
            reason=caller.reason,
            **fields,
        ),
        _NAMES,
    )
    response["Location"] = f"/api/v1/affiliations/{row.pk}"
    return Status(201 if is_new else 200, _tell([row])[0])


@edits(router, "/affiliations/{affiliation_id}", "people:write", AffiliationTold)
def edit_affiliation(request: HttpRequest, affiliation_id: Number, payload: AffiliationEdit) -> Any:
    """Change the days of an affiliation."""
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row = edit_seen(
        request,
        found(AFFILIATIONS, affiliation_id),
        lambda held: etag_of(body_of(AffiliationTold, _tell([held])[0])),
        lambda held: actions.edit_affiliation(
            affiliation=held, actor=caller.user, reason=caller.reason, **fields
        ),
        _NAMES,
    )
    return _tell([row])[0]
