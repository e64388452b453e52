"""Who belonged where on which day, how organisations stand to each other, and what a mail address suggests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.domains import with_those_above
from folkmoot.people.models import (
    Affiliation,
    DismissedAffiliation,
    Identity,
    Organization,
    OrganizationDomain,
    OrganizationKind,
    OrganizationRelation,
    Person,
)

Kind = OrganizationRelation.Kind
#: Before the word of a relation that is told from its other end.
BACKWARDS = "~"


def on_day(day: Any, prefix: str = "") -> Q:
    """A condition on what is dated from a first to a last day: it covers the day. Both count; undated is open.

    Args:
        day: a date, or an expression of one.
        prefix: the way to the dated row (``"affiliations__"``).
    """
    starts: dict[str, Any] = {f"{prefix}started_on": None}
    ends: dict[str, Any] = {f"{prefix}ended_on": None}
    return (Q(**starts) | Q(**{f"{prefix}started_on__lte": day})) & (
        Q(**ends) | Q(**{f"{prefix}ended_on__gte": day})
    )


def organizations_on(who: Person | Identity, day: dt.date) -> list[Organization]:
    """The organisations that somebody belonged to on a day, by name; one query.

    An affiliation without a first day began before all days that are known, one without a last has not ended.
    """
    person = who.person_id if isinstance(who, Identity) else who.pk
    held = Affiliation.objects.filter(on_day(day), person=person)
    return list(Organization.objects.filter(pk__in=held.values("organization")).order_by("folded", "pk"))


def overlapping(affiliation: Affiliation) -> list[Affiliation]:
    """Other affiliations of the person with the same organisation that share a day with this one; one query."""
    same = Affiliation.objects.filter(
        person=affiliation.person_id, organization=affiliation.organization_id
    ).exclude(pk=affiliation.pk)
    if affiliation.started_on:
        same = same.filter(Q(ended_on=None) | Q(ended_on__gte=affiliation.started_on))
    if affiliation.ended_on:
        same = same.filter(Q(started_on=None) | Q(started_on__lte=affiliation.ended_on))
    return list(same.order_by("started_on", "pk"))


@dataclass(frozen=True)
class Suggestion:
    """An organisation that somebody may belong to (its number and name), and the address that says so."""

    organization_id: int
    name: str
    address: str


def _domains_above(person: Person) -> dict[str, list[str]]:
    """Each mail address of a person with its domain and those above it, the nearest first."""
    addresses = sorted(
        (one for one in person.identities.all() if one.system == "email"), key=lambda one: one.pk
    )
    return {one.value: with_those_above(one.value) for one in addresses}


def suggested_organizations(person: Person) -> Rows | None:
    """What :func:`suggestions_of` needs of a person: organisations at or above whose domain they have a mail address.

    Archived ones are left out. No query where their identities were read.
    """
    wanted = {domain for domains in _domains_above(person).values() for domain in domains}
    if not wanted:
        return None
    known, dismissed = (
        Exists(table.objects.filter(person=person, organization=OuterRef("organization")))
        for table in (Affiliation, DismissedAffiliation)
    )
    domains = OrganizationDomain.objects.filter(domain__in=wanted, organization__archived_at=None)
    return Rows(
        domains.order_by("pk"),
        "domain",
        "organization_id",
        name="organization__name",
        is_known=ExpressionWrapper(known | dismissed, output_field=BooleanField()),
    )


def suggestions_of(person: Person, rows: Sequence[Row]) -> list[Suggestion]:
    """The organisation with the nearest domain of each address, each once; nothing is made by this. Those that they
    belong to or belonged to, and those that somebody dismissed, are left out.
    """
    by_domain = {row["domain"]: row for row in rows}
    found: dict[int, Suggestion] = {}
    for address, domains in _domains_above(person).items():
        nearest = next((by_domain[domain] for domain in domains if domain in by_domain), None)
        if nearest is not None and not nearest["is_known"]:
            pk = nearest["organization_id"]
            found.setdefault(pk, Suggestion(pk, nearest["name"], address))
    return list(found.values())


@dataclass(frozen=True)
class Related:
    """One relation as the page of one of its two organisations tells it."""

    relation: OrganizationRelation
    words: str
    other: Organization
    is_past: bool


def relation_words() -> list[tuple[str, str]]:
    """How a relation is called, from the end where it begins and, after :data:`BACKWARDS`, from the other."""
    return [
        (Kind.PART_OF.value, _("is a part of")),
        (BACKWARDS + Kind.PART_OF, _("has as a part")),
        (Kind.MEMBER_OF.value, _("is a member of")),
        (BACKWARDS + Kind.MEMBER_OF, _("has as a member")),
        (Kind.SUCCEEDED_BY.value, _("was succeeded by")),
        (BACKWARDS + Kind.SUCCEEDED_BY, _("succeeded")),
    ]


def related(organization: Organization, day: dt.date) -> list[Related]:
    """How the organisation stands to others and they to it, what holds on the day first; one query."""
    words = dict(relation_words())
    rows = OrganizationRelation.objects.filter(Q(organization=organization) | Q(other=organization))
    found = []
    for row in rows.select_related("organization", "other"):
        here = row.organization_id == organization.pk
        said = words[row.kind if here else BACKWARDS + row.kind]
        is_past = row.kind != Kind.SUCCEEDED_BY and row.ended_on is not None and row.ended_on < day
        found.append(Related(row, said, row.other if here else row.organization, is_past))
    order = {kind: place for place, kind in enumerate(Kind)}
    return sorted(
        found,
        key=lambda one: (
            one.is_past,
            order[Kind(one.relation.kind)],
            one.relation.organization_id != organization.pk,
            one.other.folded,
            one.relation.pk,
        ),
    )


def organization_kinds() -> QuerySet[OrganizationKind]:
    """All kinds in their order, each with how many organisations are of it (``number``)."""
    return OrganizationKind.objects.annotate(number=Count("organizations")).order_by("order", "name", "pk")


def of_kind(queryset: QuerySet[Organization], slugs: Sequence[str]) -> QuerySet[Organization]:
    """Those that are of one of these kinds."""
    through: Any = Organization.kinds.through
    chosen = through.objects.filter(organizationkind__slug__in=slugs).values("organization_id")
    return queryset.filter(pk__in=chosen)


def kind_choices() -> list[tuple[str, str]]:
    """Short name and name of each kind of organisation, in their order."""
    return list(OrganizationKind.objects.order_by("order", "name").values_list("slug", "name"))


def known_countries() -> list[str]:
    """The codes of countries in which there is an organisation."""
    rows = Organization.objects.exclude(country="").order_by("country")
    return list(rows.values_list("country", flat=True).distinct())
