"""Events for other programs: calendars, news readers, maps, websites. What is the same is not sent again (ETag).

A feed is checked each time it is asked for, so that a name is gone the moment its consent is: only ``If-None-Match``
saves sending, a day of change alone never does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.http import http_date, parse_etags, quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.community import Community
from folkmoot.kernel.permissions.access import public
from folkmoot.training.exports import telling
from folkmoot.training.exports.calendar import calendar_of
from folkmoot.training.models import Event, Status
from folkmoot.training.queries.public import Parts, narrowed, parts_of, past, shown, upcoming
from folkmoot.training.views.public import kind_asked

#: Events of one page of a feed.
PAGE = 1000
#: Entries of a feed for news readers.
NEWS = 50
#: How far back a calendar goes.
BACK = dt.timedelta(days=400)


def answer(request: HttpRequest, content: bytes, kind: str, newest: dt.datetime | None) -> HttpResponse:
    """The content, or that it is what the asker has."""
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    known = parse_etags(request.headers.get("If-None-Match", ""))
    same = etag in known or "*" in known
    response = HttpResponseNotModified() if same else HttpResponse(content, content_type=kind)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    if newest is not None:
        response["Last-Modified"] = http_date(newest.timestamp())
    return response


def _newest(events: list[Event]) -> dt.datetime | None:
    return max((event.updated_at for event in events), default=None)


def _asked(request: HttpRequest) -> QuerySet[Event]:
    """The events that the address asks for: all, ``?when=upcoming`` or ``?when=past``, of all kinds or one."""
    now = clock.now()
    when = request.GET.get("when", "")
    rows = {"upcoming": upcoming(now), "past": past(now)}.get(when, shown().order_by("-starts_at", "-pk"))
    return narrowed(rows, kind_asked(request))


@public
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Events of the last 400 days and all that are ahead, for calendar programs."""
    rows = list(_asked(request).filter(ends_at__gt=clock.now() - BACK)[: 2 * PAGE])
    name = _("%(community)s: events") % {"community": Community.current().name}
    return answer(request, calendar_of(rows, name=name), "text/calendar; charset=utf-8", _newest(rows))


@public
@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, for calendar programs, with its sessions."""
    row = get_object_or_404(shown(), slug=slug)
    sessions = list(row.sessions.filter(starts_at__isnull=False).order_by("starts_at", "room", "pk")[:PAGE])
    for session in sessions:
        session.event = row
    newest = max([row.updated_at, *(session.updated_at for session in sessions)])
    content = calendar_of([row], sessions=sessions)
    response = answer(request, content, "text/calendar; charset=utf-8", newest)
    response["Content-Disposition"] = f'attachment; filename="{row.slug}.ics"'
    return response


@public
@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    """The newest announcements as RSS 2.0."""
    return _news(request, Rss201rev2Feed)


@public
@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The newest announcements as Atom."""
    return _news(request, Atom1Feed)


def _news(request: HttpRequest, maker: type[SyndicationFeed]) -> HttpResponse:
    rows = list(_asked(request).exclude(announced_at=None).order_by("-announced_at", "-pk")[:NEWS])
    title = _("%(community)s: events") % {"community": Community.current().name}
    feed: Any = maker(
        title=title,
        link=telling.absolute(reverse("events:list")),
        description=title,
        language=get_language() or "en",
        feed_url=telling.absolute(request.path),
    )
    for event in rows:
        where = telling.place_of(event) or (_("Online") if event.is_online else "")
        first = " · ".join(filter(None, (telling.days_of(event), where)))
        cancelled = event.status == Status.CANCELLED
        feed.add_item(
            title=_("Cancelled: %(event)s") % {"event": event.title} if cancelled else event.title,
            link=telling.address_of(event),
            unique_id=telling.absolute(f"/events/#{event.pk}"),
            unique_id_is_permalink=False,
            description="\n\n".join(filter(None, (first, event.summary))),
            pubdate=event.announced_at,
            updateddate=event.updated_at,
        )
    return answer(request, feed.writeString("utf-8").encode(), f"{feed.content_type}", _newest(rows))


@public
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """A list with the fields that ``feeds.carpentries.org`` publishes, a thousand a page."""
    return _rows(request, _asked(request), telling.row_of, "application/json", list)


@public
@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """Events whose place on the map is known, as GeoJSON."""
    rows = _asked(request).exclude(latitude=None)
    return _rows(
        request,
        rows,
        telling.feature_of,
        "application/geo+json",
        lambda features: {"type": "FeatureCollection", "features": features},
    )


def _rows(
    request: HttpRequest,
    rows: QuerySet[Event],
    write: Callable[[Event, Parts], dict[str, Any]],
    kind: str,
    wrap: Callable[[list[Any]], Any],
) -> HttpResponse:
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    page = Paginator(rows.select_related("kind", "programme").prefetch_related("curricula"), PAGE).get_page(
        number
    )
    events = list(page.object_list)
    parts = parts_of(events)
    content = json.dumps(wrap([write(event, parts[event.pk]) for event in events]), ensure_ascii=False)
    response = answer(request, content.encode(), kind, _newest(events))
    if page.has_next():
        query = request.GET.copy()
        query["page"] = str(page.next_page_number())
        response["Link"] = f'<{telling.absolute(request.path)}?{query.urlencode()}>; rel="next"'
    return response
