"""Pages of events for everybody: what is ahead, what was, and one event. Private events are nowhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.reading import for_everybody
from folkmoot.training.exports import telling
from folkmoot.training.models import Event, EventKind, RegistrationBy, Session, Unconference
from folkmoot.training.queries.lists import language_names
from folkmoot.training.queries.places import Door, door
from folkmoot.training.queries.public import kinds_shown, links_of, narrowed, parts_of, past, shown, upcoming

PAGE = 24


def _page(request: HttpRequest, rows: Any) -> Any:
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return Paginator(rows, PAGE).get_page(number)


def kind_asked(request: HttpRequest) -> EventKind | None:
    """The kind that the address names; ``None``: all, or one that nobody has."""
    slug = request.GET.get("kind", "")[:60]
    return EventKind.objects.filter(slug=slug).first() if slug and slug.isprintable() else None


@public
@never_cache
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """What is ahead, or what was (``?when=past``), of all kinds or one."""
    is_past = request.GET.get("when") == "past"
    kind = kind_asked(request)
    now = clock.now()
    rows = narrowed(past(now) if is_past else upcoming(now), kind)
    page = _page(request, rows.select_related("kind"))
    listed = [
        {"event": event, "days": telling.days_of(event), "place": telling.place_of(event)}
        for event in page.object_list
    ]
    kept = {"when": "past" if is_past else "", "kind": kind.slug if kind else ""}
    context = {
        "listed": listed,
        "page": page,
        "kinds": kinds_shown(),
        "kind": kind,
        "is_past": is_past,
        "is_ahead": not is_past,
        "query": urlencode({name: value for name, value in kept.items() if value}),
        "kind_query": urlencode({"kind": kind.slug}) if kind else "",
    }
    return render(request, "events/list.html", context)


@public
@never_cache
@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """One event; one that is not for everybody, and one that is not there, are told alike."""
    row = get_object_or_404(
        shown().select_related("kind", "programme", "host", "organizer").prefetch_related("curricula"),
        slug=slug,
    )
    parts = parts_of([row])[row.pk]
    stands = door(row)
    context = {
        "event": row,
        "days": telling.days_of(row),
        "place": telling.place_of(row),
        "parts": parts.named,
        "links": links_of(row),
        "sessions": _sessions(row),
        "description": for_everybody(row.description),
        "accommodations": for_everybody(row.accommodations),
        "languages": language_names(row.languages),
        "schema": telling.as_data_block(telling.schema_of(row, parts)),
        "register_url": _register_url(row, stands),
        "is_full": stands is Door.FULL,
        "unconference": _unconference(row),
    }
    return render(request, "events/event.html", context)


def _unconference(event: Event) -> dict[str, bool] | None:
    """What everybody can do at the event's unconference; ``None``: it is none. One query."""
    row = Unconference.objects.filter(event=event).first()
    if row is None:
        return None
    row.event = event
    now = clock.now()
    return {
        "can_propose": row.takes_proposals(now),
        "can_vote": row.takes_votes(now),
        "has_board": row.published_at is not None,
    }


def _sessions(event: Event) -> list[tuple[str, Session]]:
    """Its programme, in the time of the place: when, and what."""
    zone = ZoneInfo(event.time_zone)
    rows = event.sessions.filter(starts_at__isnull=False).order_by("starts_at", "room", "pk")[:200]
    return [(date_format(row.starts_at.astimezone(zone), "j M, H:i"), row) for row in rows if row.starts_at]


def _register_url(event: Event, stands: Door) -> str:
    """Where people sign up, while they can."""
    if not stands.is_open:
        return ""
    if event.registration_by == RegistrationBy.ELSEWHERE:
        return event.registration_url
    return (
        reverse("events:register", args=[event.slug]) if event.registration_by == RegistrationBy.HERE else ""
    )
