"""Notes on people, organisations and projects."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Told
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people import actions
from folkmoot.people.api.kinds import NOTES
from folkmoot.people.models import Note, Organization, Person, Project

router = Router()


class NoteTold(Told):
    """What somebody wrote down about one record."""

    id: int
    body: str
    author: str = Field(description="Who wrote it; empty: nobody who signs in any more.")
    person_id: int | None
    organization_id: int | None
    project_id: int | None
    created_at: dt.datetime
    updated_at: dt.datetime


class NotesTold(Pages):
    """A page of notes."""

    results: list[NoteTold]


class NotesAsked(Asked):
    """Notes about which record."""

    person: list[Number] = Field(default=[], description="About these people.")
    organization: list[Number] = Field(default=[], description="About these organisations.")
    project: list[Number] = Field(default=[], description="About these projects.")


class NoteEdit(Given):
    """What a note says."""

    body: LongText = Field(min_length=1, max_length=20_000)


class NoteNew(NoteEdit):
    """A new note, about exactly one record."""

    person_id: NumberOrNone = None
    organization_id: NumberOrNone = None
    project_id: NumberOrNone = None


def _tell(rows: list[Note]) -> list[dict[str, Any]]:
    changed = changed_at(NOTES, [row.pk for row in rows])
    plain = ("id", "body", "person_id", "organization_id", "project_id", "created_at")
    return [
        {
            **{name: getattr(row, name) for name in plain},
            "author": str(row.author) if row.author else "",
            "updated_at": changed.get(row.pk, row.created_at),
        }
        for row in rows
    ]


@reads(router, "/notes", "notes:read", NotesTold)
def list_notes(request: HttpRequest, response: HttpResponse, asked: Query[NotesAsked]) -> Any:
    """List notes."""
    rows = Note.objects.select_related("author")
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.organization:
        rows = rows.filter(organization__in=asked.organization)
    if asked.project:
        rows = rows.filter(project__in=asked.project)
    if asked.updated_since is not None:
        rows = changed_since(NOTES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/notes/{note_id}", "notes:read", NoteTold)
def get_note(request: HttpRequest, note_id: Number) -> Any:
    """Read a note."""
    return _tell([found(NOTES, note_id, Note.objects.select_related("author"))])[0]


@adds(router, "/notes", "notes:write", NoteTold)
def add_note(request: HttpRequest, response: HttpResponse, payload: NoteNew) -> Any:
    """Write a note.

    About one person, organisation or project, in the name of the token's owner. Whom it mentions is told.
    """
    caller = callers.of(request)
    given = [
        (Person, payload.person_id, "person_id"),
        (Organization, payload.organization_id, "organization_id"),
        (Project, payload.project_id, "project_id"),
    ]
    about: list[Any] = [named(model, number, field) for model, number, field in given if number is not None]
    if len(about) != 1:
        detail = "Name exactly one of person_id, organization_id and project_id."
        raise Problem("invalid", detail, errors=[FieldError(field="", detail=detail)])
    row, is_new = add_once(
        request, Note, lambda: actions.add_note(about=about[0], body=payload.body, actor=caller.user)
    )
    response["Location"] = f"/api/v1/notes/{row.pk}"
    return Status(201 if is_new else 200, _tell([row])[0])


@edits(router, "/notes/{note_id}", "notes:write", NoteTold)
def edit_note(request: HttpRequest, note_id: Number, payload: NoteEdit) -> Any:
    """Write a note anew.

    One's own, or anybody's for those who manage people.
    """
    caller = callers.of(request)
    row = found(NOTES, note_id)
    if not caller.user.has_perm("people.change_note", row):
        raise Problem("right", "The owner of this token may change their own notes only.")
    row = edit_seen(
        request,
        row,
        lambda held: etag_of(body_of(NoteTold, _tell([held])[0])),
        lambda held: actions.edit_note(note=held, body=payload.body, actor=caller.user),
    )
    return _tell([row])[0]
