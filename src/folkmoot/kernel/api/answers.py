"""Around every operation: content types, CORS, ETags, compression, and problems for what Django itself refuses."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string
from ninja.responses import NinjaJSONEncoder

from folkmoot.kernel import audit
from folkmoot.kernel.api import limits, sparse
from folkmoot.kernel.api.fields import Told
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.kernel.permissions.access import public

#: Answers shorter than this are sent as they are.
WORTH_COMPRESSING = 1000
#: What scripts of the allowed origins may read beside the body, and send.
_EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Location"
_SENT = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key"

View = Callable[..., HttpResponse]


def etag_of(body: bytes) -> str:
    """The strong ETag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def body_of(told: type[Told], data: Any) -> bytes:
    """A record as it is sent."""
    return json.dumps(told.model_validate(data).model_dump(), cls=NinjaJSONEncoder).encode()


def names_one(header: str, etag: str) -> bool:
    """Whether a list of ETags names this one. Weak ones count: compression alone makes ours weak."""
    said = [part.strip().removeprefix("W/") for part in header.split(",")]
    return header.strip() == "*" or etag.removeprefix("W/") in said


def wrapped(
    view: View,
    known: Callable[[str], Collection[str] | None],
    fields: Sequence[str] = (),
    is_list: bool = False,
) -> View:
    """An operation's view as it is served. Anybody reaches it: it asks for a token itself.

    Args:
        known: for a method, the parameters that it knows; ``None`` when the address does not know the method.
        fields: those of the records that reading tells, for :mod:`folkmoot.kernel.api.sparse`.
        is_list: reading tells a list of them.
    """

    @public
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        only_headers = request.method == "HEAD" and known("GET") is not None
        if only_headers:
            request.method = "GET"
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204)
        else:
            try:
                _refuse_unreadable(request, known)
                wished = sparse.asked(request, fields) if fields and request.method == "GET" else []
                with audit.origins():
                    response = view(request, *args, **kwargs)
                if wished and response.status_code == 200:
                    _thin(request, response, wished, is_list)
            except Problem as problem:
                response = problem.response()
            except (BadRequest, SuspiciousOperation, UnreadablePostError) as error:
                response = Problem("bad-request", str(error)).response()
            if response.status_code == 405:
                allowed = ", ".join(sorted(response.get("Allow", "").split(", ")))
                response = Problem("method", headers={"Allow": allowed}).response()
        response = _finish(request, response)
        if only_headers:
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def _thin(request: HttpRequest, response: HttpResponse, wished: Sequence[str], is_list: bool) -> None:
    """Leave out what was not asked for. The ETag stays that of the whole, so that ``If-Match`` takes it."""
    request.api_etag = getattr(request, "api_etag", "") or etag_of(response.content)  # type: ignore[attr-defined]
    response.content = sparse.thinned(response.content, wished, is_list=is_list)


def _refuse_unreadable(request: HttpRequest, known: Callable[[str], Collection[str] | None]) -> None:
    """What no operation should have to think of.

    Raises:
        Problem: 400, 413, 415 or 422.
    """
    said = [request.path, *(word for name in request.GET for word in (name, *request.GET.getlist(name)))]
    if any("\x00" in word for word in said):
        raise Problem("bad-request", "The address holds a NUL character.")
    if request.method in ("POST", "PATCH", "PUT"):
        try:
            body = request.body
        except RequestDataTooBig:
            raise Problem(
                "too-large", f"At most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes are read."
            ) from None
        kind = request.content_type or ""
        # Nothing at all is of no kind: what takes a record a step further needs no body.
        if kind.lower() != "application/json" and (kind or body):
            raise Problem("content-type", f"The body is {kind[:80] or 'of no kind'}; send application/json.")
    parameters = known(request.method or "")
    unknown = sorted(set(request.GET) - set(parameters)) if parameters is not None else []
    if unknown:
        errors = [
            FieldError(field=name, detail="This operation knows no such parameter.") for name in unknown
        ]
        raise Problem("invalid", f"Unknown parameters: {', '.join(unknown)}", errors=errors)


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    limits.tell(request, response)
    if response.status_code in (200, 201):
        etag = getattr(request, "api_etag", "") or etag_of(response.content)
        response["ETag"] = etag
        if request.method == "GET" and names_one(request.headers.get("If-None-Match", ""), etag):
            kept = {
                name: response[name] for name in ("Link", "RateLimit", "RateLimit-Policy") if name in response
            }
            response = HttpResponseNotModified(headers={"ETag": etag, **kept})
        elif len(response.content) >= WORTH_COMPRESSING and "gzip" in request.headers.get(
            "Accept-Encoding", ""
        ):
            response.content = compress_string(response.content)
            response["Content-Encoding"] = "gzip"
            response["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Authorization", "Accept-Encoding", "Accept-Language", "Origin"))
    _cross_origin(request, response)
    return response


def _cross_origin(request: HttpRequest, response: HttpResponse) -> None:
    """Scripts of other sites read nothing, but for the origins that the installation names. No cookie is ever used."""
    origin = request.headers.get("Origin", "")
    if origin and origin in settings.API_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PATCH, DELETE"
            response["Access-Control-Allow-Headers"] = _SENT
            response["Access-Control-Max-Age"] = "600"
