"""Packages, repositories and lessons."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

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
from folkmoot.people.api.kinds import PROJECTS
from folkmoot.people.api.people import TagTold
from folkmoot.people.models import Project, ProjectFacts
from folkmoot.people.queries import lists

router = Router()
ProjectKind = Literal["package", "repository", "lesson"]


class FactsTold(Told):
    """What an outside system says of a project: the last values that could be read."""

    source: str
    stars: int | None
    forks: int | None
    watchers: int | None
    open_issues: int | None
    contributors: int | None
    licence: str
    documentation: str
    last_commit_at: dt.datetime | None
    latest_release: str
    latest_release_at: dt.datetime | None
    read_at: dt.datetime | None = Field(description="When these values were read.")
    stale_since: dt.datetime | None = Field(description="Since when reading fails; null: it does not.")


class ProjectTold(Told):
    """A package, repository or lesson."""

    id: int
    kind: ProjectKind
    name: str
    description: str
    repository: str
    website: str
    is_archived: bool
    tags: list[TagTold]
    facts: FactsTold | None = Field(
        description="null: no outside system was asked. A new reading of facts does not change `updated_at`."
    )
    created_at: dt.datetime
    updated_at: dt.datetime


class ProjectsTold(Pages):
    """A page of projects."""

    results: list[ProjectTold]


class ProjectsAsked(Asked):
    """The filters of the list of projects."""

    q: Word | SkipJsonSchema[None] = Field(
        default=None, description="Name, description, repository; typing errors are forgiven."
    )
    kind: list[ProjectKind] = Field(default=[], description="Only these kinds.")
    tag: list[Number] = Field(default=[], description="Tags, one of which they have.")
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived ones, or only others."
    )


class ProjectEdit(Given):
    """What may be said about a project; what is left out stays."""

    kind: ProjectKind = "package"
    name: Word = Field(default="", max_length=200)
    description: LongText = ""
    repository: Text = ""
    website: Text = ""
    is_archived: bool = Field(default=False, strict=True)


class ProjectNew(ProjectEdit):
    """A new project."""

    name: Word = Field(max_length=200)


def _tell(rows: list[Project]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "tags")
    facts = {one.project_id: one for one in ProjectFacts.objects.filter(project__in=[row.pk for row in rows])}
    changed = changed_at(PROJECTS, [row.pk for row in rows])
    plain = ("id", "kind", "name", "description", "repository", "website", "is_archived", "created_at")
    return [
        {
            **{name: getattr(row, name) for name in plain},
            "tags": [{"facet": tag.facet, "name": tag.name} for tag in row.tags.all()],
            "facts": {name: getattr(facts[row.pk], name) for name in FactsTold.model_fields}
            if row.pk in facts
            else None,
            "updated_at": changed.get(row.pk, row.updated_at),
        }
        for row in rows
    ]


@reads(router, "/projects", "projects:read", ProjectsTold)
def list_projects(request: HttpRequest, response: HttpResponse, asked: Query[ProjectsAsked]) -> Any:
    """List projects."""
    rows = lists.projects()
    if asked.q is not None:
        rows = lists.found(rows, asked.q)
    if asked.kind:
        rows = rows.filter(kind__in=asked.kind)
    if asked.tag:
        rows = lists.tagged(rows, asked.tag)
    if asked.archived is not None:
        rows = rows.filter(is_archived=asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(PROJECTS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/projects/{project_id}", "projects:read", ProjectTold)
def get_project(request: HttpRequest, project_id: Number) -> Any:
    """Read a project."""
    return _tell([found(PROJECTS, project_id)])[0]


@adds(router, "/projects", "projects:write", ProjectTold)
def add_project(request: HttpRequest, response: HttpResponse, payload: ProjectNew) -> Any:
    """Add a project.

    One of the same kind, name and repository is answered as it is.
    """
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row, is_new = add_once(
        request,
        Project,
        lambda: actions.add_project(actor=caller.user, reason=caller.reason, **fields),
    )
    response["Location"] = f"/api/v1/projects/{row.pk}"
    return Status(201 if is_new else 200, _tell([row])[0])


@edits(router, "/projects/{project_id}", "projects:write", ProjectTold)
def edit_project(request: HttpRequest, project_id: Number, payload: ProjectEdit) -> Any:
    """Change a project."""
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row = edit_seen(
        request,
        found(PROJECTS, project_id),
        lambda held: etag_of(body_of(ProjectTold, _tell([held])[0])),
        lambda held: actions.edit_project(project=held, actor=caller.user, reason=caller.reason, **fields),
    )
    return _tell([row])[0]
