"""Pages by cursor: what comes after the last row that was read, so that rows that come and go shift nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel import clock
from folkmoot.kernel.api.fields import MOST, Limit, Moment, Text, Told
from folkmoot.kernel.api.kinds import settled_until
from folkmoot.kernel.api.problems import Problem

SALT = "folkmoot.api.cursor"
USUAL = 100


class Pages(Told):
    """What every list answers beside its ``results``."""

    next: str | None = Field(description="The cursor of the next page; null on the last one.")
    updated_until: dt.datetime = Field(
        description="What to ask for as `updated_since` next time: everything that was changed before this moment is"
        " in these pages. The same on every page of one reading."
    )


class Asked(BaseModel):
    """What every list can be asked. Subclasses add filters."""

    updated_since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Only what was changed at this moment or later."
    )
    limit: Limit = Field(default=USUAL, description=f"How many rows a page holds, at most {MOST}.")
    cursor: Text | SkipJsonSchema[None] = Field(
        default=None, description="The `next` of the page before, with the same filters."
    )


def _asked(request: HttpRequest) -> str:
    """A fingerprint of the question: a cursor goes with the filters it was made for."""
    pairs = sorted(
        (name, value)
        for name in request.GET
        if name not in ("cursor", "limit", "fields")
        for value in request.GET.getlist(name)
    )
    return hashlib.sha256(repr((request.path, pairs)).encode()).hexdigest()[:16]


def _read(request: HttpRequest, cursor: str, size: int) -> tuple[list[Any], str]:
    try:
        asked, place, until = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Problem("bad-cursor") from None
    if asked != _asked(request):
        raise Problem("bad-cursor", "This cursor belongs to other filters: begin again without it.")
    if not isinstance(place, list) or len(place) != size:
        raise Problem("bad-cursor")
    return place, until


def _after(order: Sequence[str], place: Sequence[Any]) -> Q:
    """The rows after a place in this order, said so that an index over the order serves."""
    if len(order) == 1:
        return Q(**{f"{order[0]}__gt": place[0]})
    first, rest = order[0], _after(order[1:], place[1:])
    return Q(**{f"{first}__gte": place[0]}) & (Q(**{f"{first}__gt": place[0]}) | rest)


def page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[Any],
    asked: Asked,
    *,
    tell: Callable[[list[Any]], list[Any]],
    order: Sequence[str] = ("pk",),
) -> dict[str, Any]:
    """One page of these rows.

    Args:
        tell: what is sent of the rows of a page, in a fixed number of queries.
        order: columns without NULL that put the rows in one order, the last of them unique.

    Raises:
        Problem: 400, the cursor is none of ours, or belongs to another question.
    """
    limit = asked.limit
    if asked.cursor is not None:
        place, until = _read(request, asked.cursor, len(order))
        rows = rows.filter(_after(order, place))
    else:
        until = settled_until().isoformat()
    found = list(rows.order_by(*order)[: limit + 1])
    following = None
    if len(found) > limit:
        found = found[:limit]
        place = [_plain(getattr(found[-1], name)) for name in order]
        following = signing.dumps([_asked(request), place, until], salt=SALT)
        pairs = [(n, v) for n in request.GET if n != "cursor" for v in request.GET.getlist(n)]
        address = f"{settings.BASE_URL}{request.path}?{urlencode([*pairs, ('cursor', following)])}"
        response["Link"] = f'<{address}>; rel="next"'
    told = tell(found)
    # What differs with each reading (the cursor's time, updated_until) is left out: unchanged rows are unchanged.
    request.api_etag = weak_etag(repr((told, following is None)))  # type: ignore[attr-defined]
    return {"results": told, "next": following, "updated_until": clock.parse_datetime(until)}


def weak_etag(said: str) -> str:
    """An ETag for answers that say the same in other words."""
    return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
