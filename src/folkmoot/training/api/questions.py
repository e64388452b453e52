"""What people are asked when they register, so that a program knows what it may answer."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Flag, Number, Told
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.training.api.common import moments, plain
from folkmoot.training.api.kinds import QUESTIONS
from folkmoot.training.models import Question

router = Router()


class QuestionTold(Told):
    """A question of an event's form."""

    id: int = Field(description="What its answers are known by.")
    event_id: int
    text: str
    kind: Literal["line", "text", "one", "some", "yes"] = Field(
        description="`line`, `text`: by a text; `one`: by one of the choices; `some`: by a list of them; `yes`: by true"
        " or false."
    )
    choices: list[str]
    help: str
    is_required: bool
    position: int = Field(description="Small numbers stand first.")
    is_archived: bool = Field(description="Not asked any more; what was answered stays.")
    updated_at: dt.datetime | None


class QuestionsTold(Pages):
    """A page of questions."""

    results: list[QuestionTold]


class QuestionsAsked(Asked):
    """The filters of the list of questions, over all events."""

    event: list[Number] = Field(default=[], description="Of these events.")
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only what is not asked any more, or only the others; else both."
    )


def _tell(rows: list[Question]) -> list[dict[str, Any]]:
    at = moments(QUESTIONS, rows)
    names = [name for name in QuestionTold.model_fields if name != "updated_at"]
    return [{**plain(row, names), "updated_at": at[row.pk]} for row in rows]


@reads(router, "/questions", QUESTIONS.scope, QuestionsTold)
def list_questions(request: HttpRequest, response: HttpResponse, asked: Query[QuestionsAsked]) -> Any:
    """List what people are asked when they register."""
    rows = Question.objects.all()
    if asked.event:
        rows = rows.filter(event__in=asked.event)
    if asked.archived is not None:
        rows = rows.filter(is_archived=asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(QUESTIONS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)
