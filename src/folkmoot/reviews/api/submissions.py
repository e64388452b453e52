"""Submissions, how they got where they stand, and who takes part."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.kernel.text import fold
from folkmoot.reviews.api.kinds import SUBMISSIONS
from folkmoot.reviews.models import OPEN, Submission

router = Router(tags=["Reviews"])
KindWord = Literal["presubmission", "full", "fast_track"]
OutcomeWord = Literal["", "accepted", "out_of_scope", "closed", "answered"]
PLAIN = (
    "id", "kind", "title", "description", "repository", "issue_url", "issue_number", "opened_at", "closed_at",
    "stage_since", "on_hold_since", "hold_reason", "outcome", "accepted_on", "version_submitted", "version_accepted",
    "archive", "joss", "joss_doi", "labels", "created_at",
)  # fmt: skip


class StageChangeTold(Told):
    """A submission entered a stage: after `not_before`, at `at` at the latest; the same where the moment is known."""

    stage: str | None = Field(description="The stage's short name; null: it stood in none any more.")
    not_before: dt.datetime | None
    at: dt.datetime
    source: str


class PartTold(Told):
    """Somebody's part."""

    person_id: int
    name: str
    role: Literal["author", "maintainer", "eic", "editor", "reviewer"]
    state: Literal["invited", "accepted", "declined", "done", "ended"]
    due_on: dt.date | None
    done_at: dt.datetime | None


class SubmissionTold(Told):
    """A package under review, or an enquiry before that."""

    id: int
    programme: str = Field(description="The programme's short name.")
    kind: KindWord
    title: str
    description: str
    project_id: int | None
    follows_id: int | None = Field(description="The enquiry that it grew out of.")
    repository: str
    issue_url: str
    issue_number: int | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    stage: str | None = Field(description="The short name of the stage in which it stands.")
    stage_since: dt.datetime | None
    on_hold_since: dt.datetime | None
    hold_reason: str
    outcome: OutcomeWord = Field(description="Empty: open. On hold is no outcome.")
    accepted_on: dt.date | None
    version_submitted: str
    version_accepted: str
    archive: str
    joss: Literal["", "pending", "under_review", "reviewed", "approved"]
    joss_doi: str
    labels: list[str]
    stage_changes: list[StageChangeTold]
    people: list[PartTold]
    created_at: dt.datetime
    updated_at: dt.datetime


class SubmissionsTold(Pages):
    """A page of submissions."""

    results: list[SubmissionTold]


class SubmissionsAsked(Asked):
    """The filters of the list of submissions."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Part of the package's name.")
    programme: Word | SkipJsonSchema[None] = Field(default=None, description="Short name of a programme.")
    kind: list[KindWord] = Field(default=[], description="Only these kinds.")
    stage: Word | SkipJsonSchema[None] = Field(default=None, description="Short name of a stage.")
    outcome: list[OutcomeWord] = Field(default=[], description="Only these outcomes.")
    open: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only what is under review, or only the rest."
    )


def _tell(rows: list[Submission]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "programme", "stage", "stage_changes__stage", "assignments__person")
    changed = changed_at(SUBMISSIONS, [row.pk for row in rows])
    return [
        {
            **{name: getattr(row, name) for name in PLAIN},
            "programme": row.programme.slug,
            "project_id": row.project_id,
            "follows_id": row.follows_id,
            "stage": row.stage.slug if row.stage else None,
            "stage_changes": [
                {
                    "stage": change.stage.slug if change.stage else None,
                    "not_before": change.not_before,
                    "at": change.at,
                    "source": change.source,
                }
                for change in row.stage_changes.all()
            ],
            "people": [
                {
                    "person_id": part.person_id,
                    "name": part.person.name,
                    "role": part.role,
                    "state": part.state,
                    "due_on": part.due_on,
                    "done_at": part.done_at,
                }
                for part in row.assignments.all()
            ],
            "updated_at": changed.get(row.pk, row.updated_at),
        }
        for row in rows
    ]


@reads(router, "/submissions", "reviews:read", SubmissionsTold)
def list_submissions(request: HttpRequest, response: HttpResponse, asked: Query[SubmissionsAsked]) -> Any:
    """List submissions.

    With their stage changes and the people who take part.
    """
    rows = Submission.objects.all()
    if asked.q is not None:
        rows = rows.filter(folded__contains=fold(asked.q))
    if asked.programme is not None:
        rows = rows.filter(programme__slug=asked.programme)
    if asked.kind:
        rows = rows.filter(kind__in=asked.kind)
    if asked.stage is not None:
        rows = rows.filter(stage__slug=asked.stage)
    if asked.outcome:
        rows = rows.filter(outcome__in=asked.outcome)
    if asked.open is not None:
        rows = rows.filter(OPEN if asked.open else ~OPEN)
    if asked.updated_since is not None:
        rows = changed_since(SUBMISSIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/submissions/{submission_id}", "reviews:read", SubmissionTold)
def get_submission(request: HttpRequest, submission_id: Number) -> Any:
    """Read a submission."""
    return _tell([found(SUBMISSIONS, submission_id)])[0]
