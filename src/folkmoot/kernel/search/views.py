"""The search page, and the palette that opens with Ctrl-K or /."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.search.find import DEEPEST, search, visible_kinds
from folkmoot.kernel.search.offers import offers
from folkmoot.kernel.search.words import LONGEST_QUERY

PALETTE_HITS = 8
PAGE_HITS = 25


@requires("search.use")
@require_safe
@never_cache
def palette(request: HttpRequest) -> HttpResponse:
    """What the palette shows for the words typed so far."""
    text = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    hits = search(text, request.user, limit=PALETTE_HITS)
    offered = offers(text, request.user, limit=4 if text else 12)
    return render(request, "search/palette.html", {"text": text, "hits": hits, "offers": offered})


@requires("search.use")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything found, page by page."""
    text = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    kinds = visible_kinds(request.user)
    chosen = next((kind for kind in kinds if kind.key == request.GET.get("kind")), None)
    number = request.GET.get("page", "1")
    at = min(max(int(number) if number.isascii() and number.isdigit() else 1, 1), DEEPEST // PAGE_HITS)
    offset = (at - 1) * PAGE_HITS
    hits = search(text, request.user, [chosen.key] if chosen else None, limit=PAGE_HITS + 1, offset=offset)
    return render(
        request,
        "search/page.html",
        {
            "text": text,
            "kinds": kinds,
            "chosen": chosen,
            "hits": hits[:PAGE_HITS],
            "first": offset + 1,
            "offers": offers(text, request.user) if at == 1 and not chosen else [],
            "forgiven": bool(hits) and hits[0].rank == 4,
            "previous": at - 1,
            "next": at + 1 if len(hits) > PAGE_HITS and at < DEEPEST // PAGE_HITS else 0,
        },
    )
