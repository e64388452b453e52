"""The board for phones: now, next, the whole day, by space; on paper; its address as a code."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.ui.guarded import too_many
from folkmoot.training import boards, sheets
from folkmoot.training.models import Unconference
from folkmoot.training.queries import board as queries
from folkmoot.training.views.public_unconference import about, unconference_at

#: Sheets and codes drawn for one network address in a minute.
MOST_DRAWN = 60
BY_SPACE = "space"


def _published(slug: str) -> Unconference:
    row = unconference_at(slug)
    if row.published_at is None:
        raise Http404
    return row


def _by(request: HttpRequest) -> str:
    return BY_SPACE if request.GET.get("by") == BY_SPACE else ""


def _shown(request: HttpRequest, row: Unconference) -> dict[str, Any]:
    by = _by(request)
    live = reverse("events:board_live", args=[row.event.slug])
    return {
        **about(row),
        "board": queries.board_of(row, clock.now()),
        "by": by,
        "live": f"{live}?by={by}" if by else live,
    }


@public
@cache_control(no_cache=True, private=True)
@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on; a plain page that keeps itself fresh where scripts run. Before the grid is published it says so."""
    row = unconference_at(slug)
    if row.published_at is None:
        return render(request, "events/unconference/no_board.html", about(row))
    return render(request, "events/unconference/board.html", _shown(request, row))


@public
@cache_control(no_cache=True, private=True)
@require_safe
def board_live(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the board that phones ask for again and again: 304 as long as nothing has changed, by two queries."""
    row = _published(slug)
    etag = queries.stamp(row, clock.now(), language=f"{get_language()} {_by(request)}")
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        return known
    response = render(request, "events/unconference/live.html", _shown(request, row))
    response["ETag"] = etag
    return response


@public
@require_safe
def board_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The board for the wall, on A4 or A3 (``?paper=a3``)."""
    row = _published(slug)
    if too_many(request, "training.board", MOST_DRAWN, 60):
        return HttpResponse(_("Wait a minute, then try again."), status=429, content_type="text/plain")
    paper = request.GET.get("paper", "")
    try:
        content = boards.pdf(
            queries.board_of(row, clock.now()), paper=paper if paper in boards.PAPERS else "a4"
        )
    except sheets.NotDrawn:
        raise Http404 from None
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{row.event.slug}-board.pdf"'},
    )


@public
@cache_control(max_age=3600, public=True)
@require_safe
def board_code(request: HttpRequest, slug: str) -> HttpResponse:
    """The address of the board as a QR code."""
    row = unconference_at(slug)
    if too_many(request, "training.board", MOST_DRAWN, 60):
        return HttpResponse(_("Wait a minute, then try again."), status=429, content_type="text/plain")
    return HttpResponse(boards.code(boards.address_of(row.event)), content_type="image/svg+xml")
