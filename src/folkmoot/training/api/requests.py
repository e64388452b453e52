"""What people asked for with every form, its points, and the same as tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Flag, Moment, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads, tables
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.kernel.text import safe_cell
from folkmoot.training.api.common import ArchivedAsked, moments, plain, sees_notes
from folkmoot.training.api.kinds import FORMS, REQUESTS
from folkmoot.training.api.rows import narrowed
from folkmoot.training.models import FormField, Request, RequestForm
from folkmoot.training.queries import requests as queries
from folkmoot.training.queries.asking import in_words

router = Router()
RequestWord = Literal["unproven", "pending", "accepted", "discarded", "withdrawn"]


class FormFieldTold(Told):
    """Something that a form asks."""

    key: str = Field(description="By which answers name it.")
    label: str
    kind: str
    is_required: bool
    is_archived: bool = Field(description="Asked no more.")


class RequestFormTold(Told):
    """A form with which everybody can ask for something."""

    id: int
    slug: str = Field(description="Its short name.")
    title: str
    outcome: Literal["event", "training", "inquiry"] = Field(description="What becomes of what is accepted.")
    kind: str | None = Field(description="The short name of the kind of event.")
    programme: str | None = Field(description="The programme's short name.")
    is_listed: bool
    is_open: bool
    opens_at: dt.datetime | None
    closes_at: dt.datetime | None
    answer_days: int = Field(description="Days to a decision.")
    fields: list[FormFieldTold]
    is_archived: bool
    updated_at: dt.datetime | None


class RequestFormsTold(Pages):
    """A page of forms."""

    results: list[RequestFormTold]


class RequestTold(Told):
    """What somebody asked for with a form."""

    id: int
    form: str = Field(description="The short name of the form.")
    state: RequestWord
    name: str
    email: str
    answers: dict[str, Any] = Field(description="By the key of the field, as `/request-forms` names them.")
    language: str = Field(description="The language they read.")
    person_id: int | None
    organization_id: int | None
    organization_name: str = Field(description="As it was typed.")
    country: str = Field(description="ISO 3166-1, two capital letters.")
    starts_on: dt.date | None
    ends_on: dt.date | None
    member_code: str
    assigned_to_id: int | None = Field(description="Whose it is: the number of a user.")
    event_id: int | None = Field(description="The event that was planned, or in which they got a place.")
    task_id: int | None = Field(description="Their place.")
    reason: str = Field(description="Why it was decided so.")
    score: int | None = Field(description="The points that count: by hand, else by the rules.")
    score_auto: int | None
    score_manual: int | None
    score_notes: str | None = Field(description="null without the scope `training.notes:read`.")
    merged_into_id: int | None = Field(description="The request that this one is the same as.")
    sent_at: dt.datetime | None
    received_at: dt.datetime | None
    due_at: dt.datetime | None = Field(description="Until when it should be decided.")
    decided_at: dt.datetime | None
    source: str
    updated_at: dt.datetime | None


class RequestsTold(Pages):
    """A page of requests."""

    results: list[RequestTold]


class RequestFilters(BaseModel):
    """What narrows requests, as their list does."""

    q: Word | SkipJsonSchema[None] = Field(
        default=None, description="Name, address, organisation, answer, as the search finds them."
    )
    id: list[Number] = Field(default=[], description="Only these.")
    form: list[Word] = Field(default=[], description="Short names of forms.")
    state: list[RequestWord] = Field(default=[], description="Only these.")
    assigned: list[Word] = Field(default=[], description="Numbers of users, or `none`: nobody's.")
    country: list[Word] = Field(default=[], description="Codes of countries.")
    person: list[Number] = Field(default=[], description="Of these people.")
    event: list[Number] = Field(default=[], description="That led to these events.")
    member_code: list[Word] = Field(default=[], description="With these codes, letter by letter.")
    points: Number | SkipJsonSchema[None] = Field(default=None, description="With so many points at least.")
    mine: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those of the token's owner, or the others."
    )
    code: Flag | SkipJsonSchema[None] = Field(default=None, description="With a member code, or without.")
    matched: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those that belong to a record of the register, or not yet."
    )
    twins: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those beside which another one waits, or the others."
    )
    merged: Flag | SkipJsonSchema[None] = Field(
        default=None,
        description="Only those that were merged into another one, or only the others; else both.",
    )


class RequestsAsked(Asked, RequestFilters):
    """The filters of the list of requests."""


class TableAsked(RequestFilters):
    """The same, without pages."""

    updated_since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Only what was changed at this moment or later."
    )


class ReasonTold(Told):
    """What a rule gave."""

    label: str
    points: int
    why: str


class RequestScoreTold(Told):
    """The points of a request."""

    request_id: int
    form: str = Field(description="The short name of the form.")
    score: int | None = Field(description="The points that count.")
    score_auto: int | None
    reasons: list[ReasonTold] = Field(description="What each rule gave.")
    score_manual: int | None
    score_notes: str | None = Field(description="null without the scope `training.notes:read`.")


class RequestScoresTold(Pages):
    """A page of points."""

    results: list[RequestScoreTold]


# --------------------------------------------------------------------- telling


def readable() -> QuerySet[Any]:
    """Requests that reached those who decide, and those whose address is not proven yet; merged ones too."""
    return queries.received(merged=True)


PLAIN = [name for name in RequestTold.model_fields if name not in ("form", "score_notes", "updated_at")]


def tell_requests(rows: list[Request], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of requests, in one query; their form is read beforehand."""
    at, notes = moments(REQUESTS, rows), sees_notes(caller)
    return [
        {
            **plain(row, PLAIN),
            "form": row.form.slug,
            "score_notes": row.score_notes if notes else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


def _tell_scores(rows: list[Request], caller: callers.Caller) -> list[dict[str, Any]]:
    notes = sees_notes(caller)
    return [
        {
            "request_id": row.pk,
            "form": row.form.slug,
            **plain(row, ("score", "score_auto", "score_manual")),
            "reasons": [
                {"label": str(one["label"]), "points": one["points"], "why": str(one.get("why", ""))}
                for one in row.score_reasons
            ],
            "score_notes": row.score_notes if notes else None,
        }
        for row in rows
    ]


def _narrowed(asked: Any, caller: callers.Caller) -> QuerySet[Any]:
    rows = readable()
    if asked.q is not None:
        rows = queries.found(rows, asked.q)
    for name, values in (
        ("pk", asked.id),
        ("form__slug", asked.form),
        ("state", asked.state),
        ("country", asked.country),
        ("person", asked.person),
        ("event", asked.event),
        ("member_code", asked.member_code),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.assigned:
        rows = queries.assigned(rows, asked.assigned)
    if asked.points is not None:
        rows = rows.filter(points__gte=asked.points)
    if asked.mine is not None:
        rows = queries.of_user(rows, caller.user, asked.mine)
    for narrow, flag in (
        (queries.with_code, asked.code),
        (queries.matched, asked.matched),
        (queries.doubled, asked.twins),
    ):
        if flag is not None:
            rows = narrow(rows, flag)
    if asked.merged is not None:
        rows = rows.filter(merged_into__isnull=not asked.merged)
    if asked.updated_since is not None:
        rows = changed_since(REQUESTS, rows, asked.updated_since)
    return rows


# --------------------------------------------------------------------- reading


def _tell_forms(rows: list[RequestForm]) -> list[dict[str, Any]]:
    at = moments(FORMS, rows)
    asked: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    for one in FormField.objects.filter(form__in=rows).order_by("form", "position", "pk"):
        asked[one.form_id].append(plain(one, list(FormFieldTold.model_fields)))
    names = (
        *("id", "slug", "title", "outcome", "is_listed", "is_open", "opens_at", "closes_at"),
        *("answer_days", "is_archived"),
    )
    return [
        {
            **plain(row, names),
            "kind": row.kind.slug if row.kind else None,
            "programme": row.programme.slug if row.programme else None,
            "fields": asked[row.pk],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/request-forms", FORMS.scope, RequestFormsTold)
def list_request_forms(request: HttpRequest, response: HttpResponse, asked: Query[ArchivedAsked]) -> Any:
    """List forms with which everybody can ask for something.

    With what each asks now.
    """
    rows = narrowed(FORMS, RequestForm.objects.select_related("kind", "programme"), asked)
    return page(request, response, rows, asked, tell=_tell_forms)


@reads(router, "/requests", REQUESTS.scope, RequestsTold)
def list_requests(request: HttpRequest, response: HttpResponse, asked: Query[RequestsAsked]) -> Any:
    """List requests.

    Of every form, or of those that `form` names; drafts are nobody's business. As a table: `/requests.csv`.
    """
    caller = callers.of(request)
    rows = _narrowed(asked, caller)
    return page(request, response, rows, asked, tell=lambda found: tell_requests(found, caller))


@reads(router, "/requests/{request_id}", REQUESTS.scope, RequestTold)
def get_request(request: HttpRequest, request_id: Number) -> Any:
    """Read a request."""
    return tell_requests([found(REQUESTS, request_id, readable())], callers.of(request))[0]


@reads(router, "/request-scores", REQUESTS.scope, RequestScoresTold)
def list_request_scores(request: HttpRequest, response: HttpResponse, asked: Query[RequestsAsked]) -> Any:
    """List points of requests.

    By the rules with reasons, and by hand. As a table that can be filled in and imported again: `/request-scores.csv`.
    """
    caller = callers.of(request)
    rows = _narrowed(asked, caller)
    return page(request, response, rows, asked, tell=lambda found: _tell_scores(found, caller))


# --------------------------------------------------------------------- tables

COLUMNS = (
    "id", "form", "state", "name", "email", "person_id", "organization_name", "country", "starts_on", "ends_on",
    "member_code", "event_id", "reason", "score", "score_auto", "score_manual", "score_notes", "received_at",
    "decided_at",
)  # fmt: skip


def _csv(heading: Sequence[str], lines: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    """A table; cells that a spreadsheet could run are made safe."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(cell) for cell in heading])
    writer.writerows([safe_cell("" if cell is None else cell) for cell in line] for line in lines)
    response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@tables(router, "/requests.csv", REQUESTS.scope)
def table_of_requests(request: HttpRequest, asked: Query[TableAsked]) -> Any:
    """Read requests as CSV.

    All of them in the order of their numbers; with one `form`, a column for each field that it ever asked.
    """
    caller = callers.of(request)
    fields = queries.fields_of_forms(asked.form)
    notes = sees_notes(caller)

    def line(row: Any) -> list[Any]:
        told = {**plain(row, [name for name in COLUMNS if name != "form"]), "form": row.form.slug}
        if not notes:
            told["score_notes"] = ""
        answers = [in_words(one, row.answers.get(one["key"])) for one in fields]
        return [*(told[name] for name in COLUMNS), *answers]

    rows = _narrowed(asked, caller).order_by("pk").iterator(500)
    heading = [*COLUMNS, *(one["key"] for one in fields)]
    return _csv(heading, map(line, rows), "requests.csv")


@tables(router, "/request-scores.csv", REQUESTS.scope)
def table_of_request_scores(request: HttpRequest, asked: Query[TableAsked]) -> Any:
    """Read points by hand as CSV.

    With the columns `request_id,score_manual,score_notes`, as the import of points reads them.
    """
    caller = callers.of(request)
    notes = sees_notes(caller)
    rows = _narrowed(asked, caller).order_by("pk").iterator(500)
    lines = ([row.pk, row.score_manual, row.score_notes if notes else ""] for row in rows)
    return _csv(("request_id", "score_manual", "score_notes"), lines, "request-scores.csv")
