"""The OpenAPI schema: what django-ninja makes, completed by what every answer shares."""

from __future__ import annotations

import copy
from typing import Any

from django.conf import settings

from folkmoot.kernel.api import sparse
from folkmoot.kernel.api.problems import CONTENT_TYPE
from folkmoot.kernel.tokens.scopes import token_scopes

ABOUT = (
    "Reads and writes the register and the ledger. Every request shows a token (`Authorization: Bearer …`, made under"
    " Settings > API tokens); it does what its scopes allow and never more than its owner may at that moment. Lists are"
    " read page by page with `cursor`, and later only what changed with `updated_since`. Errors are problem details"
    " (RFC 9457). Reads answer with an `ETag`; `If-None-Match` saves sending what you have."
)
_STATUS = {
    "400": "The request cannot be read.",
    "401": "The token is missing or opens nothing.",
    "403": "The token lacks the scope, or its owner the right.",
    "404": "There is no such record.",
    "405": "The address does not know this method.",
    "409": "Another record stands in the way.",
    "410": "The record is gone; `merged_into` says where to.",
    "412": "The record was changed since it was read.",
    "413": "The request is too large.",
    "415": "The body is no JSON.",
    "422": "Something in the request is not allowed; `errors` names it.",
    "429": "Too many requests; `Retry-After` says when to go on.",
}
_GOOD = {"200": "As described.", "201": "Made."}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def completed(schema: Any) -> Any:
    """The schema with problem details, headers, scopes and the server's address; the same dict."""
    schema["servers"] = [{"url": settings.BASE_URL}]
    schema["components"]["securitySchemes"] = {
        "Bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token. Scopes: " + ", ".join(f"`{scope.key}`" for scope in token_scopes) + ".",
        }
    }
    schema["components"]["headers"] = {
        "ETag": _header("What the body is, for `If-None-Match` and `If-Match`."),
        "Link": _header('The next page, as `<address>; rel="next"`.'),
        "Location": _header("Where the record is read."),
        "RateLimit": _header("What is left in this minute."),
        "RateLimit-Policy": _header("How many requests a minute holds."),
        "Retry-After": _header("In how many seconds to go on."),
        "WWW-Authenticate": _header("What kind of token is wanted, and why this one does not do."),
    }
    schema["components"]["responses"] = {f"Problem{status}": _problem(status) for status in _STATUS}
    for address in schema["paths"].values():
        for operation in address.values():
            _complete(operation)
            _add_sparse(schema["components"]["schemas"], operation)
    _tidied(schema["paths"])
    _tidied(schema["components"]["schemas"])
    return schema


def _problem(status: str) -> dict[str, Any]:
    """An error that many operations know."""
    unnamed = ("400", "401", "404", "405")  # may be told before it is known who asks
    names = [] if status in unnamed else ["RateLimit", "RateLimit-Policy"]
    names += {"401": ["WWW-Authenticate"], "429": ["Retry-After"]}.get(status, [])
    told: dict[str, Any] = {
        "description": _STATUS[status],
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
    return {**told, "headers": _headers(names)} if names else told


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _complete(operation: dict[str, Any]) -> None:
    scope = operation.get("x-scope")
    operation["security"] = [{"Bearer": [scope] if scope else []}]
    pages = "cursor" in {parameter["name"] for parameter in operation["parameters"]}
    kind = operation.pop("x-answers", None)
    answers: dict[str, Any] = {}
    for status, answer in [(str(status), answer) for status, answer in operation["responses"].items()]:
        if status in _STATUS:
            answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
            continue
        names = ["RateLimit", "RateLimit-Policy", "ETag", *(["Link"] if pages else [])]
        names += ["Location"] if status == "201" else []
        answers[status] = {**answer, "description": _GOOD[status], "headers": _headers(names)}
        if kind is not None:
            answers[status]["content"] = {kind: {"schema": {"type": "string"}}}
    if any(parameter["name"] == "If-None-Match" for parameter in operation["parameters"]):
        answers["304"] = {"description": "What you have still holds."}
    operation["responses"] = dict(sorted(answers.items()))


def _add_sparse(schemas: dict[str, Any], operation: dict[str, Any]) -> None:
    """Beside the whole answer of an operation that knows ``fields``: the one with fewer of them."""
    if not any(parameter["name"] == sparse.NAME for parameter in operation["parameters"]):
        return
    content = operation["responses"]["200"]["content"]["application/json"]
    whole = content["schema"]["$ref"]
    content["schema"] = {"anyOf": [{"$ref": whole}, {"$ref": _sparse(schemas, whole)}]}


def _sparse(schemas: dict[str, Any], whole: str) -> str:
    """The reference to a schema of which no field is required; of a list, those of its rows."""
    start, name = whole.rsplit("/", 1)
    thin = f"{name.removesuffix('Told')}Sparse"
    if thin not in schemas:
        schemas[thin] = copy.deepcopy(schemas[name])
        rows = schemas[thin]["properties"].get("results")
        schemas[thin]["description"] = "With `fields`: only what was asked for."
        if rows is not None:
            rows["items"] = {"$ref": _sparse(schemas, rows["items"]["$ref"])}
        else:
            del schemas[thin]["required"]
    return f"{start}/{thin}"


def _tidied(part: Any) -> None:
    """Leaves out titles made from names, and ``null`` as the default of what knows no null: it may be left out."""
    if isinstance(part, dict):
        if "default" in part and part["default"] is None:
            del part["default"]
        if isinstance(part.get("title"), str):
            del part["title"]
        for value in part.values():
            _tidied(value)
    elif isinstance(part, list):
        for value in part:
            _tidied(value)
