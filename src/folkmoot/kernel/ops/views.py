"""Addresses for machines that watch over the installation."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from folkmoot.kernel import installation
from folkmoot.kernel.ops import figures
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.plugs import monitor_figures

_up_to_date = False


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests may be sent here: the database answers and has this version's tables, the queue answers.

    503 when not.
    """
    answer = {"database": _database(), "queue": _queue()}
    ready = all(state == "ok" for state in answer.values())
    told = _figures() if ready else {}
    return JsonResponse(
        {"status": "ok" if ready else "failing", **answer, **told}, status=200 if ready else 503
    )


def _figures() -> dict[str, int]:
    """What else is told; it does not decide whether requests may be sent here."""
    found = {}
    for figure in monitor_figures:
        if figure.ready_key:
            value = figure.read()
            found[figure.ready_key] = round(value if isinstance(value, float | int) else sum(value.values()))
    return found


def _database() -> str:
    global _up_to_date
    try:
        if _up_to_date:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        elif installation.pending_migrations():
            return "behind"
        _up_to_date = True
    except DatabaseError:
        return "failing"
    return "ok"


def _queue() -> str:
    """Redis answers, where one is set; the queue file needs no asking."""
    if not settings.REDIS_URL:
        return "ok"
    from redis import Redis, RedisError

    client = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except (RedisError, OSError):
        return "failing"
    finally:
        client.close()
    return "ok"


@public
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: for whoever has FOLKMOOT_METRICS_TOKEN, and for this machine itself."""
    if not _may_see(request):
        return HttpResponseForbidden(
            "Send FOLKMOOT_METRICS_TOKEN as a bearer token.\n", content_type="text/plain"
        )
    if not figures.available():
        return HttpResponse(
            "Install the extra folkmoot[prometheus].\n", content_type="text/plain", status=501
        )
    body, kind = figures.exposition()
    return HttpResponse(body, content_type=kind)


def _may_see(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    # A proxy on this machine comes from it too, with requests from anywhere: it says so in its headers.
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    try:
        return not passed_on and ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
