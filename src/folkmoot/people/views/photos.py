"""Serving photographs: never by their address in the storage, always by a page that knows who may see them."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from folkmoot.kernel.permissions.access import requires
from folkmoot.people.actions.own import small_name
from folkmoot.people.models import Person


def photo_response(person: Person, *, small: bool = False) -> FileResponse:
    """The photograph as a file that a browser shows and takes for nothing else.

    Raises:
        Http404: there is none.
    """
    name = person.photo.name
    if not name:
        raise Http404("no photograph")
    storage = person.photo.storage
    wanted = small_name(name) if small else name
    try:
        file = storage.open(wanted)
    except FileNotFoundError:
        raise Http404("no photograph") from None
    response = FileResponse(file, content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


@requires("people.view")
@never_cache
@require_GET
def person_photo(request: HttpRequest, pk: int) -> HttpResponse:
    return photo_response(get_object_or_404(Person, pk=pk), small=request.GET.get("size") == "small")  # type: ignore[return-value]
