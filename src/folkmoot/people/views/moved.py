"""Addresses of records that were merged lead on to the record that stayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from folkmoot.people.queries.merging import current_numbers

View = Callable[..., HttpResponseBase]


def follows_merges(model: type[models.Model]) -> Callable[[View], View]:
    """Where a record's page is not found, go on to the record that it was merged into; the address's query is kept.

    Not for ever: an undo brings the record back.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, pk: int, **more: Any) -> HttpResponseBase:
            try:
                return view(request, pk=pk, **more)
            except Http404:
                now = current_numbers(model, [pk]).get(pk)
                if now is None:
                    raise
                old, new = f"/{pk}/", f"/{now}/"
                return HttpResponseRedirect(request.get_full_path().replace(old, new, 1))

        return page

    return wrap
