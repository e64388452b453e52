"""The public pages: open to everybody, of those who consented, and gone the moment they do not any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from folkmoot.kernel.community import Contributors
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.text import clean
from folkmoot.people.models import Person
from folkmoot.people.queries import directory
from folkmoot.people.queries.directory import Wanted
from folkmoot.people.views.photos import photo_response

View = Callable[..., HttpResponseBase]


def _open(view: View) -> View:
    """Open to all unless the community closed these pages; in no cache, so that a withdrawn consent holds at once."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pages = request.community.public_pages  # type: ignore[attr-defined]
        if pages == Contributors.CLOSED:
            raise Http404("closed")
        response = view(request, *args, **kwargs)
        if pages != Contributors.LISTED:
            response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return public(never_cache(require_safe(answer)))


def _wanted(request: HttpRequest) -> Wanted:
    def word(key: str) -> str:
        typed = "".join(c for c in request.GET.get(key, "")[:400] if c.isprintable())
        return clean(typed)[:100]

    return Wanted(word("q"), word("expertise"), word("language"), word("role"), bool(word("available")))


def _page(request: HttpRequest, wanted: Wanted) -> Any:
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return Paginator(directory.find(wanted), directory.PAGE).get_page(number)


@_open
def people(request: HttpRequest) -> HttpResponse:
    wanted = _wanted(request)
    page = _page(request, wanted)
    kept = {
        key: value
        for key in ("q", "expertise", "language", "role", "available")
        if (value := request.GET.get(key))
    }
    context = {
        "wanted": wanted,
        "page": page,
        "contributors": directory.shown(list(page.object_list)),
        "choices": directory.choices(),
        "query": urlencode(kept),
        "filtered": wanted != Wanted(),
    }
    return render(request, "contributors/people.html", context)


@_open
def people_json(request: HttpRequest) -> HttpResponse:
    page = _page(request, _wanted(request))
    rows = [one.as_json() for one in directory.shown(list(page.object_list), full=True)]
    for row in rows:
        row["url"] = settings.BASE_URL + reverse("contributors:person", args=[row["id"]])
    return JsonResponse(
        {
            "count": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "contributors": rows,
        }
    )


def _contributor(pk: int) -> Person:
    """The person, if they have a public page; who has none and who is not there are told alike."""
    return get_object_or_404(directory.everybody(), pk=pk)


@_open
def person(request: HttpRequest, pk: int) -> HttpResponse:
    row = directory.shown([_contributor(pk)], full=True)[0]
    return render(request, "contributors/person.html", {"contributor": row})


@_open
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = _contributor(pk)
    if not directory.shown([row])[0].has_photo:
        raise Http404("no photograph")
    return photo_response(row, small=request.GET.get("size") == "small")
