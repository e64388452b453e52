"""What is gone: for whoever keeps a copy."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Told
from folkmoot.kernel.api.kinds import gone, kinds, merged_into
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page

router = Router()
KindName = Literal[
    "people", "affiliations", "organizations", "projects", "teams", "roles", "terms", "notes", "consent-kinds",
    "submissions", "posts", "campaigns", "events", "tasks", "registrations", "questions", "programmes", "event-kinds",
    "task-kinds", "curricula", "badges", "awards", "qualifications", "certificates", "requirements", "progresses",
    "agreements", "uses", "tiers", "benefits", "openings", "sign-ups", "teaching-profiles", "request-forms", "requests",
]  # fmt: skip


class GoneTold(Told):
    """A record that is not there any more."""

    kind: KindName
    id: int
    gone_at: dt.datetime
    merged_into: int | None = Field(description="Where it went, if it was merged: the record that is left.")


class GoneListTold(Pages):
    """A page of what is gone."""

    results: list[GoneTold]


class GoneAsked(Asked):
    """Of which kind, since when."""

    kind: KindName = Field(description="Which records; the token needs the scope that reads them.")


@reads(router, "/gone", "", GoneListTold)
def list_gone(request: HttpRequest, response: HttpResponse, asked: Query[GoneAsked]) -> Any:
    """List what is gone.

    Records that were removed or merged, with `updated_since` those that went at this moment or later. One that comes
    back (an undo) is not in it any more, and is in its own list as changed.
    """
    kind = kinds.get(asked.kind)
    callers.of(request).demand(kind.scope)

    def tell(rows: list[Any]) -> list[dict[str, Any]]:
        into = merged_into(kind, [row.id for row in rows])
        return [
            {"kind": kind.key, "id": row.id, "gone_at": row.history_date, "merged_into": into.get(row.id)}
            for row in rows
        ]

    return page(request, response, gone(kind, asked.updated_since), asked, tell=tell, order=("history_id",))
