"""Rows that a coordinator edits: programmes, kinds of events and parts, curricula, badges, requirements."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from folkmoot.kernel.api.fields import Told
from folkmoot.kernel.api.kinds import Kind, changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Pages, page
from folkmoot.training.api.common import ArchivedAsked, moments, plain
from folkmoot.training.api.kinds import (
    BADGES,
    CURRICULA,
    EVENT_KINDS,
    PROGRAMMES,
    REQUIREMENTS,
    TASK_KINDS,
)
from folkmoot.training.models import Badge, Curriculum, EventKind, Programme, Requirement, TaskKind

router = Router()


class ProgrammeTold(Told):
    """Under whose name events happen."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    description: str
    website: str
    contact: str
    is_archived: bool
    updated_at: dt.datetime | None


class ProgrammesTold(Pages):
    """A page of programmes."""

    results: list[ProgrammeTold]


class EventKindTold(Told):
    """A kind of event."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    description: str
    needs_teaching: bool = Field(description="Somebody teaches there.")
    matches_contributions: bool = Field(description="A sprint: contributions are matched to it.")
    takes_seats: bool = Field(description="Learners have seats.")
    seat_price: int | None = Field(description="Credits for a seat; null: none are taken.")
    event_price: int | None = Field(description="Credits for the event; null: none are taken.")
    is_archived: bool
    updated_at: dt.datetime | None


class EventKindsTold(Pages):
    """A page of kinds of events."""

    results: list[EventKindTold]


class TaskKindTold(Told):
    """A part that people take in events."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    does: Literal["teaches", "helps", "hosts", "organises", "speaks", "learns", "other"]
    is_public: bool = Field(description="Named on public pages, where people agreed.")
    is_archived: bool
    updated_at: dt.datetime | None


class TaskKindsTold(Pages):
    """A page of kinds of parts."""

    results: list[TaskKindTold]


class CurriculumTold(Told):
    """What is taught."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    programme: str | None = Field(description="The programme's short name.")
    description: str
    website: str
    lessons: list[int] = Field(description="Projects of the register of the kind `lesson`.")
    is_archived: bool
    updated_at: dt.datetime | None


class CurriculaTold(Pages):
    """A page of curricula."""

    results: list[CurriculumTold]


class BadgeTold(Told):
    """What somebody is once they have shown that they can."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    description: str
    requirements: list[str] = Field(description="Short names of what leads to it; none: awarded by hand.")
    is_automatic: bool = Field(description="Awarded as soon as somebody is complete.")
    is_archived: bool
    updated_at: dt.datetime | None


class BadgesTold(Pages):
    """A page of badges."""

    results: list[BadgeTold]


class InvolvementTold(Told):
    """One of several ways to meet a requirement."""

    slug: str
    name: str
    needs_url: bool
    needs_date: bool
    needs_note: bool
    is_archived: bool


class RequirementTold(Told):
    """Something that a trainee does on the way to a badge."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    description: str
    programme: str | None = Field(description="The programme's short name.")
    needs_event: bool = Field(description="It is a training: an event belongs to it.")
    event_kind: str | None = Field(description="The short name of the kind of that event.")
    needs_url: bool
    needs_date: bool
    needs_note: bool
    due_days: int | None = Field(description="Days to do it in, from the end of the training.")
    is_own: bool = Field(description="Trainees submit it themselves.")
    involvements: list[InvolvementTold]
    is_archived: bool
    updated_at: dt.datetime | None


class RequirementsTold(Pages):
    """A page of requirements."""

    results: list[RequirementTold]


def narrowed(kind: Kind, rows: QuerySet[Any], asked: ArchivedAsked) -> QuerySet[Any]:
    """The rows that are asked for."""
    if asked.archived is not None:
        rows = rows.filter(is_archived=asked.archived)
    return changed_since(kind, rows, asked.updated_since) if asked.updated_since is not None else rows


def _tell_programmes(rows: list[Programme]) -> list[dict[str, Any]]:
    at = moments(PROGRAMMES, rows)
    names = ("id", "slug", "name", "description", "website", "contact", "is_archived")
    return [{**plain(row, names), "updated_at": at[row.pk]} for row in rows]


@reads(router, "/programmes", PROGRAMMES.scope, ProgrammesTold)
def list_programmes(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List programmes."""
    rows = narrowed(PROGRAMMES, Programme.objects.all(), asked)
    return page(request, response, rows, asked, tell=_tell_programmes)


def _tell_event_kinds(rows: list[EventKind]) -> list[dict[str, Any]]:
    at = moments(EVENT_KINDS, rows)
    names = [name for name in EventKindTold.model_fields if name != "updated_at"]
    return [{**plain(row, names), "updated_at": at[row.pk]} for row in rows]


@reads(router, "/event-kinds", EVENT_KINDS.scope, EventKindsTold)
def list_event_kinds(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List kinds of events."""
    rows = narrowed(EVENT_KINDS, EventKind.objects.all(), asked)
    return page(request, response, rows, asked, tell=_tell_event_kinds)


def _tell_task_kinds(rows: list[TaskKind]) -> list[dict[str, Any]]:
    at = moments(TASK_KINDS, rows)
    names = ("id", "slug", "name", "does", "is_public", "is_archived")
    return [{**plain(row, names), "updated_at": at[row.pk]} for row in rows]


@reads(router, "/task-kinds", TASK_KINDS.scope, TaskKindsTold)
def list_task_kinds(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List parts that people take in events."""
    rows = narrowed(TASK_KINDS, TaskKind.objects.all(), asked)
    return page(request, response, rows, asked, tell=_tell_task_kinds)


def _tell_curricula(rows: list[Curriculum]) -> list[dict[str, Any]]:
    at = moments(CURRICULA, rows)
    prefetch_related_objects(rows, "lessons")
    names = ("id", "slug", "name", "description", "website", "is_archived")
    return [
        {
            **plain(row, names),
            "programme": row.programme.slug if row.programme else None,
            "lessons": sorted(one.pk for one in row.lessons.all()),
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/curricula", CURRICULA.scope, CurriculaTold)
def list_curricula(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List curricula.

    Which lessons belong to one does not change its `updated_at`.
    """
    rows = narrowed(CURRICULA, Curriculum.objects.select_related("programme"), asked)
    return page(request, response, rows, asked, tell=_tell_curricula)


def _tell_badges(rows: list[Badge]) -> list[dict[str, Any]]:
    at = moments(BADGES, rows)
    prefetch_related_objects(rows, "requirements")
    names = ("id", "slug", "name", "description", "is_automatic", "is_archived")
    return [
        {
            **plain(row, names),
            "requirements": [one.slug for one in row.requirements.all()],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/badges", BADGES.scope, BadgesTold)
def list_badges(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List badges.

    Which requirements lead to one does not change its `updated_at`.
    """
    rows = narrowed(BADGES, Badge.objects.all(), asked)
    return page(request, response, rows, asked, tell=_tell_badges)


def _tell_requirements(rows: list[Requirement]) -> list[dict[str, Any]]:
    at = moments(REQUIREMENTS, rows)
    prefetch_related_objects(rows, "involvements")
    beside = ("programme", "event_kind", "involvements", "updated_at")
    names = [name for name in RequirementTold.model_fields if name not in beside]
    return [
        {
            **plain(row, names),
            "programme": row.programme.slug if row.programme else None,
            "event_kind": row.event_kind.slug if row.event_kind else None,
            "involvements": [
                plain(one, list(InvolvementTold.model_fields)) for one in row.involvements.all()
            ],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/requirements", REQUIREMENTS.scope, RequirementsTold)
def list_requirements(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List requirements.

    What trainees do on the way to a badge, with the ways to meet each.
    """
    rows = narrowed(REQUIREMENTS, Requirement.objects.select_related("programme", "event_kind"), asked)
    return page(request, response, rows, asked, tell=_tell_requirements)
