"""Organisations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Flag, Given, LongText, Number, Text, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import add_once, edit_seen, found
from folkmoot.people import actions
from folkmoot.people.api.kinds import ORGANIZATIONS
from folkmoot.people.api.people import TagTold
from folkmoot.people.models import Organization
from folkmoot.people.queries import lists
from folkmoot.people.queries.organizations import of_kind

router = Router()


class OrganizationTold(Told):
    """A university, company, foundation or community."""

    id: int
    name: str
    website: str
    location: str
    country: str = Field(description="ISO 3166-1, two capital letters; empty: not known.")
    description: str
    is_archived: bool
    kinds: list[str] = Field(description="Short names of what it is to the community: `partner`, `funder`.")
    domains: list[str] = Field(description="Of its web and mail addresses.")
    tags: list[TagTold]
    created_at: dt.datetime
    updated_at: dt.datetime


class OrganizationsTold(Pages):
    """A page of organisations."""

    results: list[OrganizationTold]


class OrganizationsAsked(Asked):
    """The filters of the list of organisations."""

    q: Word | SkipJsonSchema[None] = Field(
        default=None, description="Name or place; typing errors are forgiven."
    )
    tag: list[Number] = Field(default=[], description="Tags, one of which they have.")
    kind: list[Word] = Field(default=[], description="Short names of kinds, one of which they are.")
    country: list[Word] = Field(default=[], description="Countries by their code, in one of which they are.")
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived ones, or only others."
    )


class OrganizationEdit(Given):
    """What may be said about an organisation; what is left out stays."""

    name: Word = Field(default="", max_length=200)
    website: Text = ""
    location: Text = ""
    country: Text = Field(default="", max_length=2, description="ISO 3166-1, two capital letters.")
    description: LongText = ""


class OrganizationNew(OrganizationEdit):
    """A new organisation."""

    name: Word = Field(max_length=200)


def _tell(rows: list[Organization]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "tags", "kinds", "domains")
    changed = changed_at(ORGANIZATIONS, [row.pk for row in rows])
    plain = ("id", "name", "website", "location", "country", "description", "created_at")
    return [
        {
            **{name: getattr(row, name) for name in plain},
            "is_archived": row.archived_at is not None,
            "kinds": [kind.slug for kind in row.kinds.all()],
            "domains": [domain.domain for domain in row.domains.all()],
            "tags": [{"facet": tag.facet, "name": tag.name} for tag in row.tags.all()],
            "updated_at": changed.get(row.pk, row.updated_at),
        }
        for row in rows
    ]


@reads(router, "/organizations", "organizations:read", OrganizationsTold)
def list_organizations(request: HttpRequest, response: HttpResponse, asked: Query[OrganizationsAsked]) -> Any:
    """List organisations."""
    rows = lists.organizations()
    if asked.q is not None:
        rows = lists.found(rows, asked.q)
    if asked.tag:
        rows = lists.tagged(rows, asked.tag)
    if asked.kind:
        rows = of_kind(rows, asked.kind)
    if asked.country:
        rows = rows.filter(country__in=asked.country)
    if asked.archived is not None:
        rows = lists.archived_organizations(rows, asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(ORGANIZATIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/organizations/{organization_id}", "organizations:read", OrganizationTold)
def get_organization(request: HttpRequest, organization_id: Number) -> Any:
    """Read an organisation."""
    return _tell([found(ORGANIZATIONS, organization_id)])[0]


@adds(router, "/organizations", "organizations:write", OrganizationTold)
def add_organization(request: HttpRequest, response: HttpResponse, payload: OrganizationNew) -> Any:
    """Add an organisation.

    One of this name is answered as it is (names compare without regard to case).
    """
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row, is_new = add_once(
        request,
        Organization,
        lambda: actions.add_organization(actor=caller.user, reason=caller.reason, **fields),
    )
    response["Location"] = f"/api/v1/organizations/{row.pk}"
    return Status(201 if is_new else 200, _tell([row])[0])


@edits(router, "/organizations/{organization_id}", "organizations:write", OrganizationTold)
def edit_organization(request: HttpRequest, organization_id: Number, payload: OrganizationEdit) -> Any:
    """Change an organisation."""
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row = edit_seen(
        request,
        found(ORGANIZATIONS, organization_id),
        lambda held: etag_of(body_of(OrganizationTold, _tell([held])[0])),
        lambda held: actions.edit_organization(
            organization=held, actor=caller.user, reason=caller.reason, **fields
        ),
    )
    return _tell([row])[0]
