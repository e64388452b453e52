"""Errors as RFC 9457 problem details."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from pydantic import BaseModel, Field

CONTENT_TYPE = "application/problem+json"

#: Each kind of problem: its status, its title, and what to do about it. The reference page explains them from here.
KINDS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "The request cannot be read", "Mend what `detail` names and send it again."),
    "bad-cursor": (400, "The cursor is none of ours", "Begin again without `cursor`, with the same filters."),
    "no-token": (401, "A token is missing", "Send `Authorization: Bearer <token>`."),
    "bad-token": (401, "The token opens nothing", "It is unknown, revoked or run out: make another one."),
    "scope": (403, "The token may not do this", "Make a token with the scope that `detail` names."),
    "right": (403, "The token's owner may not do this", "Ask somebody who gives rights."),
    "not-found": (404, "There is nothing here", "Look at the address and the number in it."),
    "method": (405, "The address does not know this method", "`Allow` lists those it knows."),
    "conflict": (409, "Another record stands in the way", "`detail` says which."),
    "gone": (410, "The record is gone", "`merged_into` says where it went, if it was merged."),
    "changed": (412, "The record was changed meanwhile", "Read it again, compare, and send the new ETag."),
    "too-large": (413, "The request is too large", "Send less at a time."),
    "content-type": (415, "The body is of another kind", "Send JSON as `application/json`."),
    "invalid": (422, "Something in the request is not allowed", "`errors` names each field and why."),
    "key-used": (
        422,
        "This idempotency key was used for something else",
        "Choose a new key for each request.",
    ),
    "too-many": (429, "Too many requests", "Wait for the seconds that `Retry-After` says."),
}


class FieldError(BaseModel):
    """What is wrong with one part of a request."""

    field: str = Field(description="Which field of the body, parameter or header; empty: the whole of it.")
    detail: str = Field(description="What is wrong with it, in a sentence.")


class ProblemBody(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="An address that explains this kind of problem.")
    title: str = Field(description="The kind of problem, always the same words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened here and what to do about it.")
    errors: list[FieldError] = Field(default_factory=list, description="What is wrong with which field.")
    merged_into: int | None = Field(
        default=None, description="Of a record that was merged: the number of the one that is left."
    )


class Problem(Exception):
    """Stops an operation; the caller reads it as a problem document."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        merged_into: int | None = None,
    ) -> None:
        self.status, self.title, advice = KINDS[kind]
        self.kind, self.detail = kind, detail or advice.replace("`", "")
        self.errors, self.headers, self.merged_into = errors, dict(headers or {}), merged_into
        super().__init__(self.detail)

    def response(self) -> HttpResponse:
        """The answer."""
        body: dict[str, Any] = {
            "type": f"{settings.BASE_URL}/api/v1/reference#problem-{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error.model_dump() for error in self.errors]
        if self.merged_into is not None:
            body["merged_into"] = self.merged_into
        return HttpResponse(
            json.dumps(body), status=self.status, content_type=CONTENT_TYPE, headers=self.headers
        )


def from_pydantic(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """What the declared types refused: each error at its field, without what was sent."""
    found = []
    for error in errors:
        # ("body", "payload", "name") or ("query", "limit"): the name of the body's argument tells a caller nothing.
        place = [str(part) for part in error["loc"]]
        place = place[2:] if place[:1] == ["body"] else place[1:]
        found.append(
            FieldError(field=".".join(place), detail=str(error["msg"]).removeprefix("Value error, "))
        )
    told = "; ".join(f"{error.field}: {error.detail}" if error.field else error.detail for error in found[:5])
    return Problem("invalid", told, errors=found)


def from_validation(error: ValidationError, names: Mapping[str, str] | None = None) -> Problem:
    """What an action refused, in its own words.

    Args:
        names: the action's name of a field to the API's, where they differ.
    """
    by_field: Mapping[str, list[str]] = (
        error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    )
    found = [
        FieldError(field="" if name == NON_FIELD_ERRORS else (names or {}).get(name, name), detail=said)
        for name, details in by_field.items()
        for said in details
    ]
    return Problem("invalid", " ".join(one.detail for one in found), errors=found)
