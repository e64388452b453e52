"""``fields``: answers that hold only what was asked for, in lists and of single records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, get_args

from django.http import HttpRequest
from pydantic import BaseModel

from folkmoot.kernel.api.problems import FieldError, Problem

NAME = "fields"


def names_of(answer: type[BaseModel]) -> list[str]:
    """The fields of a record that an operation answers with; of its rows, where it answers with a list of them."""
    rows = answer.model_fields.get("results")
    (record,) = get_args(rows.annotation) if rows is not None else (answer,)
    return list(record.model_fields)


def parameter(names: Sequence[str]) -> dict[str, Any]:
    """What the schema says of it."""
    return {
        "in": "query",
        "name": NAME,
        "required": False,
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(names)}},
        "description": "Names divided by commas: each record is told with these fields only, such as"
        f" `{','.join(names[:2])}`. Left out: with all of them.",
    }


def asked(request: HttpRequest, names: Sequence[str]) -> list[str]:
    """The fields that the request wants, in the order of the record; none where it wants all of them.

    Raises:
        Problem: 422, a field that the record does not have, or none is named.
    """
    if NAME not in request.GET:
        return []
    wished = [word for said in request.GET.getlist(NAME) for word in said.split(",")]
    unknown = sorted(set(wished) - set(names))
    if unknown:
        said = ", ".join(f"“{word[:60]}”" for word in unknown)
        detail = f"There is no field {said} here; there are: {', '.join(names)}."
        raise Problem("invalid", f"{NAME}: {detail}", errors=[FieldError(field=NAME, detail=detail)])
    return [name for name in names if name in wished]


def thinned(body: bytes, fields: Sequence[str], *, is_list: bool) -> bytes:
    """An answer without the fields that were not asked for."""
    data = json.loads(body)

    def thin(record: dict[str, Any]) -> dict[str, Any]:
        return {name: record[name] for name in fields}

    told = {**data, "results": [thin(row) for row in data["results"]]} if is_list else thin(data)
    return json.dumps(told).encode()
