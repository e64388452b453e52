"""Whom a text may name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import line
from folkmoot.publishing.queries import book_pages as queries


@requires("publishing.contribute")
@require_GET
def book_suggestions(request: HttpRequest) -> HttpResponse:
    """Whom a writer may mean by what stands behind an @, as options of a list."""
    found = queries.suggestions(line(request.GET.get("q", ""))[:60])
    return render(request, "publishing/book_suggestions.html", {"people": found})
