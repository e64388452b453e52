"""The schema, and the reference that is made from it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja.responses import NinjaJSONEncoder

from folkmoot.api.house import House, build
from folkmoot.api.reference import Section, marked, sections
from folkmoot.kernel.api.answers import wrapped
from folkmoot.kernel.api.problems import KINDS
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.tokens.scopes import token_scopes


@cache
def house() -> House:
    """The API, put together once."""
    return build()


@cache
def _written(base_url: str) -> str:
    """The schema as JSON, written once: it takes half a second, and only the server's address could change it."""
    found = house().get_openapi_schema(path_prefix="/api/v1")
    return json.dumps(found, cls=NinjaJSONEncoder, ensure_ascii=False)


@cache
def _sections(base_url: str) -> list[Section]:
    return sections(schema())


def schema() -> dict[str, Any]:
    """The schema as it is sent."""
    found: dict[str, Any] = json.loads(_written(settings.BASE_URL))
    return found


def _openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_written(settings.BASE_URL), content_type="application/json")


openapi = wrapped(require_safe(_openapi), {"GET": ()}.get)


@requires("tokens.own")
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    context = {
        "sections": _sections(settings.BASE_URL),
        "scopes": list(token_scopes),
        "problems": [
            {"kind": kind, "status": status, "title": title, "advice": marked(advice)}
            for kind, (status, title, advice) in KINDS.items()
        ],
    }
    return render(request, "api/reference.html", context)
