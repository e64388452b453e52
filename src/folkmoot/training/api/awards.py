"""Who has which badge, who can teach which lesson, and certificates as everybody may verify them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Day, Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.training.api.common import moments, plain
from folkmoot.training.api.kinds import AWARDS, CERTIFICATES, QUALIFICATIONS
from folkmoot.training.exports.telling import absolute
from folkmoot.training.models import Award, Certificate, Qualification
from folkmoot.training.queries import lists

router = Router()


class AwardTold(Told):
    """That somebody has a badge, since when, and until it was taken back."""

    id: int
    person_id: int
    name: str = Field(description="Of the person.")
    badge: str = Field(description="The short name of the badge.")
    awarded_on: dt.date
    event_id: int | None
    term_id: int | None = Field(description="The role that it opened.")
    revoked_at: dt.datetime | None
    revoked_because: str
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class AwardsTold(Pages):
    """A page of awards."""

    results: list[AwardTold]


class AwardsAsked(Asked):
    """The filters of the list of who has a badge, over all badges."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="People, as the search finds them.")
    badge: list[Word] = Field(default=[], description="Short names of badges.")
    person: list[Number] = Field(default=[], description="Of these people.")
    event: list[Number] = Field(default=[], description="Awarded at these events.")
    holds: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only those that hold, or only those that were taken back; else both."
    )
    certified: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only those with a certificate that holds, or only the others."
    )
    since: Day | SkipJsonSchema[None] = Field(default=None, description="Awarded on this day or later.")


class QualificationTold(Told):
    """That somebody can teach a lesson."""

    id: int
    person_id: int
    lesson_id: int = Field(description="A project of the register of the kind `lesson`.")
    lesson: str = Field(description="Its name.")
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class QualificationsTold(Pages):
    """A page of lessons that people can teach."""

    results: list[QualificationTold]


class QualificationsAsked(Asked):
    """Whose, which."""

    person: list[Number] = Field(default=[], description="Of these people.")
    lesson: list[Number] = Field(default=[], description="Projects of the register.")


class CertificateTold(Told):
    """A certificate as its public page tells it."""

    id: int
    code: str = Field(description="In its public address.")
    url: str = Field(description="Where everybody can verify it.")
    name: str = Field(description="Whose it is, as it says.")
    about: str = Field(description="The event or badge, as it says.")
    part: str = Field(description="The part, or the badge, as it says.")
    days: str = Field(description="When, as it says.")
    place: str
    task_id: int | None
    award_id: int | None
    issued_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_because: str
    updated_at: dt.datetime | None


class CertificatesTold(Pages):
    """A page of certificates."""

    results: list[CertificateTold]


class CertificatesAsked(Asked):
    """Of which event, whose."""

    event: list[Number] = Field(default=[], description="Of parts in these events.")
    person: list[Number] = Field(default=[], description="Of these people.")
    holds: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only those that hold, or only those that were taken back; else both."
    )


def _tell_awards(rows: list[Award]) -> list[dict[str, Any]]:
    at = moments(AWARDS, rows)
    names = (
        *("id", "person_id", "awarded_on", "event_id", "term_id", "revoked_at", "revoked_because"),
        *("source", "created_at"),
    )
    return [
        {
            **plain(row, names),
            "name": row.person.name,
            "badge": row.badge.slug,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/awards", AWARDS.scope, AwardsTold)
def list_awards(request: HttpRequest, response: HttpResponse, asked: Query[AwardsAsked]) -> Any:
    """List awards of badges.

    Those that were taken back, too.
    """
    rows = Award.objects.select_related("person", "badge")
    if asked.q is not None:
        rows = rows.filter(person__in=lists.people_named(asked.q))
    if asked.badge:
        rows = rows.filter(badge__slug__in=asked.badge)
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.event:
        rows = rows.filter(event__in=asked.event)
    if asked.holds is not None:
        rows = rows.filter(revoked_at__isnull=asked.holds)
    if asked.certified is not None:
        issued = Exists(Certificate.objects.filter(award=OuterRef("pk"), revoked_at=None))
        rows = rows.filter(issued) if asked.certified else rows.exclude(issued)
    if asked.since is not None:
        rows = rows.filter(awarded_on__gte=asked.since)
    if asked.updated_since is not None:
        rows = changed_since(AWARDS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_awards)


@reads(router, "/awards/{award_id}", AWARDS.scope, AwardTold)
def get_award(request: HttpRequest, award_id: Number) -> Any:
    """Read an award."""
    rows = Award.objects.select_related("person", "badge")
    return _tell_awards([found(AWARDS, award_id, rows)])[0]


def _tell_qualifications(rows: list[Qualification]) -> list[dict[str, Any]]:
    at = moments(QUALIFICATIONS, rows)
    names = ("id", "person_id", "lesson_id", "source", "created_at")
    return [{**plain(row, names), "lesson": row.lesson.name, "updated_at": at[row.pk]} for row in rows]


@reads(router, "/qualifications", QUALIFICATIONS.scope, QualificationsTold)
def list_qualifications(
    request: HttpRequest, response: HttpResponse, asked: Query[QualificationsAsked]
) -> Any:
    """List who can teach which lesson."""
    rows = Qualification.objects.select_related("lesson")
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.lesson:
        rows = rows.filter(lesson__in=asked.lesson)
    if asked.updated_since is not None:
        rows = changed_since(QUALIFICATIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_qualifications)


def _tell_certificates(rows: list[Certificate]) -> list[dict[str, Any]]:
    at = moments(CERTIFICATES, rows)
    names = ("id", "code", "task_id", "award_id", "issued_at", "revoked_at", "revoked_because")
    return [
        {
            **plain(row, names),
            "url": absolute(reverse("events:certificate", args=[row.code])),
            "about": str(row.facts.get("event", "")),
            **{name: str(row.facts.get(name, "")) for name in ("name", "part", "days", "place")},
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/certificates", CERTIFICATES.scope, CertificatesTold)
def list_certificates(request: HttpRequest, response: HttpResponse, asked: Query[CertificatesAsked]) -> Any:
    """List certificates.

    What everybody may verify of each, and no more.
    """
    rows = Certificate.objects.defer("svg")
    if asked.event:
        rows = rows.filter(task__event__in=asked.event)
    if asked.person:
        theirs = rows.filter(task__person__in=asked.person) | rows.filter(award__person__in=asked.person)
        rows = rows.filter(pk__in=theirs.values("pk"))
    if asked.holds is not None:
        rows = rows.filter(revoked_at__isnull=asked.holds)
    if asked.updated_since is not None:
        rows = changed_since(CERTIFICATES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_certificates)
