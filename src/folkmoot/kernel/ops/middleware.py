"""Every request gets an id, a line in the log, and is counted."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from folkmoot.kernel.ops import figures

log = structlog.get_logger("folkmoot.requests")

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Asked every few seconds by monitors: counted, not logged.
_QUIET = frozenset({"healthz", "readyz", "metrics"})


class Requests:
    """The outermost middleware. The id is the proxy's, when it gives a sound one, and stands in each line logged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=number):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            route = route_of(request)
            figures.request_done(request.method or "", route, response.status_code, seconds)
            if route not in _QUIET:
                log.info(
                    "request",
                    method=request.method,
                    # The pattern, not the address: addresses may hold names and one-time keys.
                    route=route,
                    status=response.status_code,
                    milliseconds=round(seconds * 1000, 1),
                    user=_user(request),
                )
        response.headers[HEADER] = number
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern that the address matched, such as ``people/<int:pk>/``; ``unmatched`` for none."""
    match = request.resolver_match
    return (match.route or "/") if match is not None else "unmatched"


def _user(request: HttpRequest) -> int | None:
    """Who is signed in, when that was asked for anyway: no query for the log."""
    user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)
