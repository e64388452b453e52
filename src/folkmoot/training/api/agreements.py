"""Agreements with members and partners: what they give, what used it, who speaks for them; tiers and benefits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Literal

from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.training.api.common import ArchivedAsked, moments, plain, sees_notes
from folkmoot.training.api.kinds import AGREEMENTS, BENEFITS, TIERS
from folkmoot.training.api.rows import narrowed
from folkmoot.training.models import Agreement, Allowance, BenefitKind, RegistrationCode, Tier
from folkmoot.training.queries import agreements as queries
from folkmoot.training.queries import allowances
from folkmoot.training.queries.lists import owned_by

router = Router()
KindWord = Literal["member", "partner"]
StandingWord = Literal["planned", "running", "grace", "over"]


class ContactTold(Told):
    """Somebody who speaks for the other side; their address is in the register."""

    person_id: int
    name: str
    role: str = Field(description="The short name of their role.")


class ExtensionTold(Told):
    """Days by which it was made longer."""

    days: int
    reason: str
    made_at: dt.datetime


class AllowanceTold(Told):
    """How much of a benefit it gives, and what is left."""

    id: int
    benefit: str = Field(description="The short name of the benefit.")
    granted: int = Field(description="As agreed.")
    added: int = Field(description="Bought or given since.")
    rolled: int = Field(description="Taken over from the agreement before.")
    used: int = Field(description="By events that happened or do.")
    planned: int = Field(description="By events ahead.")
    rolled_over: int = Field(description="Passed on to the next agreement.")
    left: int = Field(description="Below zero: more was taken than there is.")
    starts_on: dt.date | None = Field(description="null: the agreement's first day.")
    ends_on: dt.date | None = Field(description="null: the agreement's last day and its days of grace.")
    curriculum: str | None = Field(description="Only for this curriculum.")
    is_frozen: bool
    code: str = Field(description="The code that opens it; empty: none of its own.")
    note: str | None = Field(description="null without the scope `training.notes:read`.")


class AgreementTold(Told):
    """What was agreed with a member or a partner, or a consortium of several organisations."""

    id: int
    kind: KindWord
    organization_id: int = Field(description="The main party.")
    consortium: str = Field(description="Its name, where several organisations hold it together.")
    party_ids: list[int] = Field(description="The other organisations of the consortium.")
    holder: str = Field(description="The consortium's or the organisation's name.")
    tier: str = Field(description="The short name of the tier.")
    standing: StandingWord = Field(description="Where it stands today; it follows from its days.")
    starts_on: dt.date
    ends_on: dt.date = Field(description="As agreed.")
    last_day: dt.date = Field(description="With its extensions.")
    grace_days: int
    grace_until: dt.date = Field(description="Until when its codes hold.")
    extensions: list[ExtensionTold]
    contribution: Literal["", "financial", "person-days", "other"]
    is_public: bool
    is_over_used: bool
    document_url: str
    renews_id: int | None = Field(description="The agreement that this one continues.")
    is_renewed: bool
    owner_id: int | None = Field(description="Whose it is: the number of a user.")
    code: str = Field(description="The code of the agreement itself; empty: none.")
    contacts: list[ContactTold]
    allowances: list[AllowanceTold]
    note: str | None = Field(description="null without the scope `training.notes:read`.")
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class AgreementsTold(Pages):
    """A page of agreements."""

    results: list[AgreementTold]


class AgreementsAsked(Asked):
    """The filters of the list of agreements."""

    q: Word | SkipJsonSchema[None] = Field(
        default=None, description="Organisation, consortium, code, contact, as the search finds them."
    )
    standing: list[StandingWord] = Field(default=[], description="Those that stand so today.")
    tier: list[Word] = Field(default=[], description="Short names of tiers.")
    kind: list[KindWord] = Field(default=[], description="Members, partners.")
    within: Number | SkipJsonSchema[None] = Field(
        default=None, description="Those that run and end within so many days."
    )
    organization: list[Number] = Field(
        default=[], description="Held by these organisations, alone or together with others."
    )
    country: list[Word] = Field(default=[], description="Codes of countries of the main parties.")
    owner: list[Word] = Field(default=[], description="Numbers of users, or `none`: nobody's.")
    over: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those of which more was taken than there is, or the others."
    )
    renewed: Flag | SkipJsonSchema[None] = Field(default=None, description="Those that are renewed, or not.")
    consortium: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those that several organisations hold together, or the others."
    )
    mine: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those of the token's owner, or the others."
    )
    public: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those in the public list, or the others."
    )


class TierBenefitTold(Told):
    """How much of a benefit a new agreement gives."""

    benefit: str = Field(description="The short name of the benefit.")
    amount: int


class TierTold(Told):
    """A level of agreements."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    kind: Literal["", "member", "partner"] = Field(description="Empty: for both.")
    description: str
    benefits: list[TierBenefitTold]
    is_archived: bool
    updated_at: dt.datetime | None


class TiersTold(Pages):
    """A page of tiers."""

    results: list[TierTold]


class BenefitTold(Told):
    """Something that agreements give."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    description: str
    counts: Literal["seat", "event", "credit"] = Field(description="What it is counted in.")
    place: Literal["", "public", "in-house"] = Field(description="Where seats are; empty: either.")
    event_kind: str | None = Field(description="Only for events of this kind.")
    is_archived: bool
    updated_at: dt.datetime | None


class BenefitsTold(Pages):
    """A page of benefits."""

    results: list[BenefitTold]


def _allowances(rows: list[Any], notes: bool) -> dict[int, list[dict[str, Any]]]:
    """What each agreement gives, and what is left; one query."""
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    names = (
        *("id", "granted", "added", "rolled", "used", "planned", "rolled_over", "left"),
        *("starts_on", "ends_on", "is_frozen"),
    )
    given = Allowance.objects.filter(agreement__in=[row.pk for row in rows])
    for one in allowances.with_balance(given).select_related("benefit", "curriculum", "code"):
        told[one.agreement_id].append(
            {
                **plain(one, names),
                "benefit": one.benefit.slug,
                "curriculum": one.curriculum.slug if one.curriculum else None,
                "code": one.code.text if hasattr(one, "code") else "",
                "note": one.note if notes else None,
            }
        )
    return told


def tell_agreements(rows: list[Any], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of agreements as ``queries.agreements`` reads them, in seven queries."""
    at, notes = moments(AGREEMENTS, rows), sees_notes(caller)
    prefetch_related_objects(rows, "parties", "extensions", "contacts__person", "contacts__role")
    given = _allowances(rows, notes)
    own = RegistrationCode.objects.filter(agreement__in=[row.pk for row in rows], allowance=None)
    codes = dict(own.values_list("agreement_id", "text"))
    names = (
        *(
            "id",
            "kind",
            "organization_id",
            "consortium",
            "holder",
            "standing",
            "starts_on",
            "ends_on",
            "last_day",
        ),
        *(
            "grace_days",
            "grace_until",
            "contribution",
            "is_public",
            "is_over_used",
            "document_url",
            "renews_id",
        ),
        *("is_renewed", "owner_id", "source", "created_at"),
    )
    return [
        {
            **plain(row, names),
            "party_ids": sorted(one.organization_id for one in row.parties.all()),
            "tier": row.tier.slug,
            "extensions": [plain(one, ("days", "reason", "made_at")) for one in row.extensions.all()],
            "code": codes.get(row.pk, ""),
            "contacts": [
                {"person_id": one.person_id, "name": one.person.name, "role": one.role.slug}
                for one in row.contacts.all()
            ],
            "allowances": given[row.pk],
            "note": row.note if notes else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


def _narrowed(rows: QuerySet[Any], asked: AgreementsAsked, caller: callers.Caller) -> QuerySet[Any]:
    if asked.q is not None:
        rows = queries.found(rows, asked.q)
    if asked.standing:
        rows = queries.stands(rows, asked.standing)
    if asked.within is not None:
        rows = queries.ends_within(rows, [str(asked.within)])
    for name, values in (
        ("tier__slug", asked.tier),
        ("kind", asked.kind),
        ("organization__country", asked.country),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.organization:
        rows = rows.filter(pk__in=queries.held_by(asked.organization).values("pk"))
    if asked.owner:
        rows = owned_by(rows, asked.owner)
    for name, flag in (
        ("is_over_used", asked.over),
        ("is_renewed", asked.renewed),
        ("is_public", asked.public),
    ):
        if flag is not None:
            rows = rows.filter(**{name: flag})
    if asked.consortium is not None:
        rows = rows.exclude(consortium="") if asked.consortium else rows.filter(consortium="")
    if asked.mine is not None:
        mine = {"owner": caller.user}
        rows = rows.filter(**mine) if asked.mine else rows.exclude(**mine)
    return rows


@reads(router, "/agreements", AGREEMENTS.scope, AgreementsTold)
def list_agreements(request: HttpRequest, response: HttpResponse, asked: Query[AgreementsAsked]) -> Any:
    """List agreements.

    With members and partners, of organisations and consortia, with what is left of what they give. An agreement counts
    as changed when a contact, extension, allowance or code of it is; what used it is in `/uses`.
    """
    caller = callers.of(request)
    rows = _narrowed(queries.agreements(), asked, caller)
    if asked.updated_since is not None:
        rows = changed_since(AGREEMENTS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_agreements(found, caller))


@reads(router, "/agreements/{agreement_id}", AGREEMENTS.scope, AgreementTold)
def get_agreement(request: HttpRequest, agreement_id: Number) -> Any:
    """Read an agreement."""
    row: Agreement = found(AGREEMENTS, agreement_id, queries.agreements())
    return tell_agreements([row], callers.of(request))[0]


def _tell_tiers(rows: list[Tier]) -> list[dict[str, Any]]:
    at = moments(TIERS, rows)
    prefetch_related_objects(rows, "benefits__benefit")
    names = ("id", "slug", "name", "kind", "description", "is_archived")
    return [
        {
            **plain(row, names),
            "benefits": [{"benefit": one.benefit.slug, "amount": one.amount} for one in row.benefits.all()],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/tiers", TIERS.scope, TiersTold)
def list_tiers(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List tiers of agreements.

    With what a new agreement gives.
    """
    rows = narrowed(TIERS, Tier.objects.all(), asked)
    return page(request, response, rows, asked, tell=_tell_tiers)


def _tell_benefits(rows: list[BenefitKind]) -> list[dict[str, Any]]:
    at = moments(BENEFITS, rows)
    names = ("id", "slug", "name", "description", "counts", "place", "is_archived")
    return [
        {
            **plain(row, names),
            "event_kind": row.event_kind.slug if row.event_kind else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/benefits", BENEFITS.scope, BenefitsTold)
def list_benefits(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List benefits that agreements give."""
    rows = narrowed(BENEFITS, BenefitKind.objects.select_related("event_kind"), asked)
    return page(request, response, rows, asked, tell=_tell_benefits)
