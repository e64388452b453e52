"""Declaring operations: each with its scope, its words and all the answers it may give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from ninja import Router

from folkmoot.kernel.api import sparse
from folkmoot.kernel.api.callers import Bearer
from folkmoot.kernel.api.problems import ProblemBody

#: The media type of tables.
CSV = "text/csv"
F = TypeVar("F", bound=Callable[..., Any])

_ALWAYS = (400, 401, 403, 404, 405, 422, 429)
_READS = (*_ALWAYS, 410)
_WRITES = (*_ALWAYS, 409, 410, 412, 413, 415)


def _header(name: str, description: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "schema": {"type": "string"},
        "description": description,
    }


IF_NONE_MATCH = _header("If-None-Match", "The ETag of what you have: 304 when it still holds.")
IF_MATCH = _header("If-Match", "The ETag of what you read: 412 when somebody changed it since.")
IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "A word of your own, at most 200 characters: the same request again makes nothing twice.",
)


def reads(router: Router, path: str, scope: str, answer: Any) -> Callable[[F], F]:
    """Declare a GET operation: the function's name is its operation id, its docstring what it does."""
    fields = sparse.parameter(sparse.names_of(answer))
    return _operation(router, "GET", path, scope, {200: answer}, _READS, [fields, IF_NONE_MATCH])


def tables(router: Router, path: str, scope: str) -> Callable[[F], F]:
    """Declare a GET operation that answers with a whole table as CSV, for spreadsheets; the function returns it."""
    return _operation(router, "GET", path, scope, {200: str}, _READS, [IF_NONE_MATCH], {"x-answers": CSV})


def adds(router: Router, path: str, scope: str, answer: Any) -> Callable[[F], F]:
    """Declare a POST operation that makes a record."""
    return _operation(router, "POST", path, scope, {200: answer, 201: answer}, _WRITES, [IDEMPOTENCY_KEY])


def edits(router: Router, path: str, scope: str, answer: Any) -> Callable[[F], F]:
    """Declare a PATCH operation: what is given is set, what is left out stays."""
    return _operation(router, "PATCH", path, scope, {200: answer}, _WRITES, [IF_MATCH])


def acts(router: Router, path: str, scope: str, answer: Any, *, on_one: bool = True) -> Callable[[F], F]:
    """Declare a POST operation that takes a record a step further; twice does nothing more.

    Args:
        on_one: it is about one record, so that ``If-Match`` can name what was seen of it.
    """
    return _operation(router, "POST", path, scope, {200: answer}, _WRITES, [IF_MATCH] if on_one else [])


def removes(router: Router, path: str, scope: str, answer: Any) -> Callable[[F], F]:
    """Declare a DELETE operation: the answer is what was there. A second time there is nothing, and that is said."""
    return _operation(router, "DELETE", path, scope, {200: answer}, _WRITES, [IF_MATCH])


def _operation(
    router: Router,
    method: str,
    path: str,
    scope: str,
    answers: dict[Any, Any],
    problems: Sequence[int],
    parameters: list[dict[str, Any]],
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Callable[[F], F]:
    def declare(function: F) -> F:
        summary, _blank, rest = (inspect.getdoc(function) or "").partition("\n")
        said = " ".join(rest.split("\n\n")[0].split()) if rest.strip() else ""
        description = f"{said}\n\nScope: `{scope}`." if said else f"Scope: `{scope}`."
        decorate = router.api_operation(
            [method],
            path,
            auth=Bearer(scope),
            response={**answers, frozenset(problems): ProblemBody},
            operation_id=function.__name__,
            url_name=None,
            summary=summary.rstrip("."),
            description=description,
            openapi_extra={"parameters": [dict(each) for each in parameters], "x-scope": scope, **more},
        )
        decorate(function)
        return function

    return declare
