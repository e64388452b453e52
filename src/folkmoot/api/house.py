"""The API put together: every app's routers, errors as problem details, the schema."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.utils import normalize_path, replace_path_param_notation

from folkmoot.api import changes, schema
from folkmoot.kernel.api import sparse
from folkmoot.kernel.api.answers import wrapped
from folkmoot.kernel.api.problems import Problem, from_pydantic
from folkmoot.kernel.plugs import api_routers


class House(NinjaAPI):
    """django-ninja with our errors, and our schema."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """The schema, with what django-ninja leaves out."""
        return schema.completed(super().get_openapi_schema(**options))


def build() -> House:
    """The API with everything that the apps declared."""
    house = House(
        title="Folkmoot",
        version="1.0.0",
        description=schema.ABOUT,
        urls_namespace="api",
        openapi_url=None,
        docs_url=None,
        openapi_extra={"info": {"license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"}}},
    )
    house.add_exception_handler(Problem, _told)
    house.add_exception_handler(ValidationError, _invalid)
    house.add_exception_handler(
        HttpError, lambda _request, error: Problem("bad-request", str(error)).response()
    )
    house.add_exception_handler(Http404, lambda _request, _error: Problem("not-found").response())
    house.add_exception_handler(Exception, _unforeseen)
    for part in api_routers:
        house.add_router(part.prefix, part.load())
    house.add_router("", changes.router, tags=["Changes"])
    return house


def _told(_request: HttpRequest, problem: Any) -> HttpResponse:
    answer: HttpResponse = problem.response()
    return answer


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    return from_pydantic(error.errors).response()


def _unforeseen(_request: HttpRequest, error: Any) -> HttpResponse:
    """Told and logged as everywhere else."""
    raise error


def addresses(house: House) -> list[URLPattern]:
    """The addresses of all operations, each behind what they share; anything else is told in the same way."""
    patterns = []
    for bound in house._get_bound_routers():
        for template, view in bound.path_operations.items():
            route = normalize_path(f"{bound.prefix}/{template}").lstrip("/")
            name = view.operations[0].view_func.__name__
            fields = _fields(view)
            answer = wrapped(view.get_view(), _parameters(view), fields, is_list="{" not in template)
            patterns.append(path(replace_path_param_notation(route), answer, name=name))
    nothing = wrapped(_nothing, lambda _method: None)
    return [*patterns, path("", nothing, name="root"), path("<path:rest>", nothing, name="nothing")]


def _parameters(view: Any) -> Any:
    """For a method, the query parameters that its operation knows."""
    by_method: dict[str, Collection[str]] = {}
    for operation in view.operations:
        names: set[str] = set()
        for model in operation.models:
            if model.__ninja_param_source__ == "query":
                names |= set(model.__ninja_flatten_map__)
        names |= {one["name"] for one in _declared(operation) if one["in"] == "query"}
        for method in operation.methods:
            by_method[method] = names
    return by_method.get


def _declared(operation: Any) -> list[dict[str, Any]]:
    """The parameters that an operation declares beside its function's."""
    found: list[dict[str, Any]] = (operation.openapi_extra or {}).get("parameters", [])
    return found


def _fields(view: Any) -> list[str]:
    """The fields of the records that reading tells."""
    found = [
        one for operation in view.operations for one in _declared(operation) if one["name"] == sparse.NAME
    ]
    return list(found[0]["schema"]["items"]["enum"]) if found else []


def _nothing(_request: HttpRequest, rest: str = "") -> HttpResponse:
    raise Problem("not-found", "The API has no such address; see the reference.")
