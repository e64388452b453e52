"""The things that activity is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Moment, Number, Told, Word
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import Problem
from folkmoot.ledger.models import Item

router = Router()


class ItemTold(Told):
    """An issue, a pull request, a post: its title and state may change."""

    id: int
    kind: str
    title: str
    state: str = Field(description="`open`, `closed`, `merged`; empty: not known.")
    url: str
    project_id: int | None
    labels: list[str]
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    source: str
    external_id: str = Field(description="The source's own name for it.")
    updated_at: dt.datetime


class ItemsTold(Pages):
    """A page of items."""

    results: list[ItemTold]


class ItemsAsked(Asked):
    """Which items."""

    kind: list[Word] = Field(default=[], description="Only these kinds: `issue`, `pull_request`.")
    state: list[Word] = Field(default=[], description="Only in these states.")
    source: list[Word] = Field(default=[], description="Only what was seen there.")
    project_id: list[Number] = Field(default=[], description="In these projects.")
    opened_since: Moment | SkipJsonSchema[None] = Field(default=None, description="Opened then or later.")
    opened_before: Moment | SkipJsonSchema[None] = Field(default=None, description="Opened before then.")


def _tell(rows: list[Item]) -> list[dict[str, Any]]:
    plain = [name for name in ItemTold.model_fields if name != "labels"]
    return [
        {**{name: getattr(row, name) for name in plain}, "labels": [str(label) for label in row.labels or []]}
        for row in rows
    ]


@reads(router, "/items", "activity:read", ItemsTold)
def list_items(request: HttpRequest, response: HttpResponse, asked: Query[ItemsAsked]) -> Any:
    """List items."""
    rows = Item.objects.all()
    for name in ("kind", "state", "source", "project_id"):
        if wanted := getattr(asked, name):
            rows = rows.filter(**{f"{name}__in": wanted})
    if asked.opened_since is not None:
        rows = rows.filter(opened_at__gte=asked.opened_since)
    if asked.opened_before is not None:
        rows = rows.filter(opened_at__lt=asked.opened_before)
    if asked.updated_since is not None:
        rows = rows.filter(updated_at__gte=asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)


@reads(router, "/items/{item_id}", "activity:read", ItemTold)
def get_item(request: HttpRequest, item_id: Number) -> Any:
    """Read an item."""
    row = Item.objects.filter(pk=item_id).first()
    if row is None:
        raise Problem("not-found", f"There is no item {item_id}.")
    return _tell([row])[0]
