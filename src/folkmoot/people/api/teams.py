"""Teams, kinds of role, and who holds which role from when to when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Day, DayOrNone, Flag, Given, Number, NumberOrNone, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people import actions
from folkmoot.people.api.kinds import ROLES, TEAMS, TERMS
from folkmoot.people.days import community_day
from folkmoot.people.models import Person, Project, RoleKind, Team, Term
from folkmoot.people.queries import lists
from folkmoot.people.queries.teams import with_empty_seats

router = Router()
_NAMES = {"person": "person_id", "role_kind": "role", "project": "project_id", "team": "team_id"}


class TeamTold(Told):
    """A council, board or group."""

    id: int
    name: str
    description: str
    is_archived: bool
    seats: int | None = Field(description="How many people it should have; null: not fixed.")
    updated_at: dt.datetime | None


class TeamsTold(Pages):
    """A page of teams."""

    results: list[TeamTold]


class TeamsAsked(Asked):
    """The filters of the list of teams."""

    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived ones, or only others."
    )
    vacant: Flag | SkipJsonSchema[None] = Field(
        default=None,
        description="Only those with empty seats today, or only those whose seats are all taken.",
    )


class RoleTold(Told):
    """A kind of role."""

    id: int
    slug: str = Field(description="Its short name, which never changes.")
    name: str
    description: str
    is_staff: bool = Field(description="Contributions of its holders are reported as staff's.")
    is_former: bool = Field(description="A role of the past: emeritus, alumni.")
    seats: int | None = Field(description="How many people should hold it, all in all; null: not fixed.")
    updated_at: dt.datetime | None


class RolesTold(Pages):
    """A page of kinds of role."""

    results: list[RoleTold]


class TermTold(Told):
    """A person holding a role, from the first day to the last (both included); null: open or not known."""

    id: int
    person_id: int
    role: str = Field(description="The short name of the role.")
    project_id: int | None
    team_id: int | None
    started_on: dt.date | None
    ended_on: dt.date | None
    source: str = Field(description="Where it was learned; `folkmoot`: written here.")
    created_at: dt.datetime
    updated_at: dt.datetime


class TermsTold(Pages):
    """A page of terms."""

    results: list[TermTold]


class TermsAsked(Asked):
    """Whose, which, where, when."""

    person: list[Number] = Field(default=[], description="Of these people.")
    role: list[Word] = Field(default=[], description="Short names of roles.")
    project: list[Number] = Field(default=[], description="In these projects.")
    team: list[Number] = Field(default=[], description="In these teams.")
    on: Day | SkipJsonSchema[None] = Field(
        default=None, description="Those that hold on this day: who is on the council on a date."
    )


class TermEdit(Given):
    """What may be changed of a term."""

    role: Word = Field(default="", description="The short name of the role.")
    project_id: NumberOrNone = None
    team_id: NumberOrNone = None
    started_on: DayOrNone = None
    ended_on: DayOrNone = None


class TermNew(TermEdit):
    """A new term."""

    person_id: Number
    role: Word = Field(description="The short name of the role.")


def _tell_teams(rows: list[Team]) -> list[dict[str, Any]]:
    changed = changed_at(TEAMS, [row.pk for row in rows])
    plain = ("id", "name", "description", "is_archived", "seats")
    return [
        {**{name: getattr(row, name) for name in plain}, "updated_at": changed.get(row.pk)} for row in rows
    ]


def _tell_roles(rows: list[RoleKind]) -> list[dict[str, Any]]:
    changed = changed_at(ROLES, [row.pk for row in rows])
    plain = ("id", "slug", "name", "description", "is_staff", "is_former", "seats")
    return [
        {**{name: getattr(row, name) for name in plain}, "updated_at": changed.get(row.pk)} for row in rows
    ]


def _tell(rows: list[Term]) -> list[dict[str, Any]]:
    changed = changed_at(TERMS, [row.pk for row in rows])
    slugs = dict(RoleKind.objects.values_list("pk", "slug"))
    plain = ("id", "person_id", "project_id", "team_id", "started_on", "ended_on", "source", "created_at")
    return [
        {
            **{name: getattr(row, name) for name in plain},
            "role": slugs[row.role_kind_id],
            "updated_at": changed.get(row.pk, row.created_at),
        }
        for row in rows
    ]


@reads(router, "/teams", "teams:read", TeamsTold)
def list_teams(request: HttpRequest, response: HttpResponse, asked: Query[TeamsAsked]) -> Any:
    """List teams."""
    rows = lists.teams()
    if asked.archived is not None:
        rows = rows.filter(is_archived=asked.archived)
    if asked.vacant is not None:
        rows = with_empty_seats(rows, asked.vacant, community_day())
    if asked.updated_since is not None:
        rows = changed_since(TEAMS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_teams)


@reads(router, "/teams/{team_id}", "teams:read", TeamTold)
def get_team(request: HttpRequest, team_id: Number) -> Any:
    """Read a team."""
    return _tell_teams([found(TEAMS, team_id)])[0]


@reads(router, "/roles", "teams:read", RolesTold)
def list_roles(request: HttpRequest, response: HttpResponse, asked: Query[Asked]) -> Any:
    """List kinds of role."""
    rows = RoleKind.objects.all()
    if asked.updated_since is not None:
        rows = changed_since(ROLES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_roles)


@reads(router, "/terms", "teams:read", TermsTold)
def list_terms(request: HttpRequest, response: HttpResponse, asked: Query[TermsAsked]) -> Any:
    """List terms.

    Past, present and future ones; with `on`, those of one day.
    """
    rows: Any = Term.objects.on(asked.on) if asked.on is not None else Term.objects.all()
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.role:
        rows = rows.filter(role_kind__slug__in=asked.role)
    if asked.project:
        rows = rows.filter(project__in=asked.project)
    if asked.team:
        rows = rows.filter(team__in=asked.team)
    if asked.updated_since is not None:
        rows = changed_since(TERMS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/terms/{term_id}", "teams:read", TermTold)
def get_term(request: HttpRequest, term_id: Number) -> Any:
    """Read a term."""
    return _tell([found(TERMS, term_id)])[0]


def _role(slug: str) -> RoleKind:
    row = RoleKind.objects.filter(slug=slug).first()
    if row is None:
        detail = f"There is no role {slug}."
        raise Problem("invalid", f"role: {detail}", errors=[FieldError(field="role", detail=detail)])
    return row


def _fields(payload: TermEdit) -> Any:
    """The action's fields: records instead of numbers."""
    given: dict[str, Any] = payload.model_dump(exclude_unset=True, exclude={"person_id"})
    if "role" in given:
        given["role_kind"] = _role(given.pop("role"))
    if "project_id" in given:
        given["project"] = named(Project, given.pop("project_id"), "project_id")
    if "team_id" in given:
        given["team"] = named(Team, given.pop("team_id"), "team_id")
    return given


@adds(router, "/terms", "teams:write", TermTold)
def add_term(request: HttpRequest, response: HttpResponse, payload: TermNew) -> Any:
    """Give a person a role.

    From its first day to its last, in a project or a team or neither. The same term again is answered as it is; one
    that overlaps with another of the same role and place is refused.
    """
    caller = callers.of(request)
    person = named(Person, payload.person_id, "person_id")
    fields = _fields(payload)
    row, is_new = add_once(
        request,
        Term,
        lambda: actions.start_term(person=person, actor=caller.user, reason=caller.reason, **fields),  # type: ignore[arg-type]
        _NAMES,
    )
    response["Location"] = f"/api/v1/terms/{row.pk}"
    return Status(201 if is_new else 200, _tell([row])[0])


@edits(router, "/terms/{term_id}", "teams:write", TermTold)
def edit_term(request: HttpRequest, term_id: Number, payload: TermEdit) -> Any:
    """Change a term.

    Correct it, or set its last day.
    """
    caller = callers.of(request)
    fields = _fields(payload)
    row = edit_seen(
        request,
        found(TERMS, term_id),
        lambda held: etag_of(body_of(TermTold, _tell([held])[0])),
        lambda held: actions.edit_term(term=held, actor=caller.user, reason=caller.reason, **fields),
        _NAMES,
    )
    return _tell([row])[0]
