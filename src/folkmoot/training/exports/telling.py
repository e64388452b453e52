"""What is told of an event outside: its addresses, its days and place in a line, schema.org, as JSON."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from folkmoot.people.public import country_name
from folkmoot.training.models import Event, Status
from folkmoot.training.queries.public import Parts

#: Characters that could end the element which holds JSON, or the line of a script.
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def absolute(path: str) -> str:
    """An address of this house as others need it."""
    return f"{settings.BASE_URL.rstrip('/')}{path}"


def address_of(event: Event) -> str:
    """Its public page."""
    return absolute(reverse("events:event", args=[event.slug]))


def page_of(event: Event) -> str:
    """Where people read about it: its own website, else its public page."""
    return event.website or address_of(event)


def place_of(event: Event, *, with_country: bool = True) -> str:
    """Where it is, in one line; empty: nobody said, or it is online only."""
    country = country_name(event.country) if event.country and with_country else ""
    parts = (event.venue, event.address, event.city, country)
    return ", ".join(dict.fromkeys(part for part in parts if part))


def days_of(event: Event) -> str:
    """Its days as a person reads them: ``1 March 2027``, ``1 – 2 March 2027``."""
    first, last = event.starts_on, event.ends_on or event.starts_on
    if first is None or last is None:
        return ""
    if first == last:
        return str(date_format(first, "DATE_FORMAT"))
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {date_format(last, 'DATE_FORMAT')}"
    begins = date_format(first, "DATE_FORMAT" if first.year != last.year else "MONTH_DAY_FORMAT")
    return f"{begins} – {date_format(last, 'DATE_FORMAT')}"


def schema_of(event: Event, parts: Parts) -> dict[str, Any]:
    """The event as schema.org says it (Event, https://schema.org/Event); no name of anybody who did not agree."""
    where: list[dict[str, Any]] = []
    if event.venue or event.city or event.country or event.latitude is not None:
        address = {
            "@type": "PostalAddress",
            "streetAddress": event.address,
            "addressLocality": event.city,
            "addressCountry": event.country,
        }
        place: dict[str, Any] = {
            "@type": "Place",
            "name": event.venue or event.city,
            "address": {name: value for name, value in address.items() if value},
        }
        if event.latitude is not None:
            place["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": event.latitude,
                "longitude": event.longitude,
            }
        if not event.is_online or event.city:
            where.append(place)
    if event.is_online:
        where.append({"@type": "VirtualLocation", "url": page_of(event)})
    mode = "Mixed" if len(where) > 1 else "Online" if event.is_online else "Offline"
    status = "EventCancelled" if event.status == Status.CANCELLED else "EventScheduled"
    people = [name for does in ("teaches", "speaks") for name in parts.by_what.get(does, [])]
    host = event.organizer or event.host
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": event.kind.schema_type or "Event",
        "name": event.title,
        "description": event.summary,
        "url": address_of(event),
        "sameAs": event.website,
        "startDate": _moment(event, event.starts_on, event.starts_time),
        "endDate": _moment(event, event.ends_on or event.starts_on, event.ends_time),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": where[0] if len(where) == 1 else where,
        "inLanguage": list(event.languages),
        "maximumAttendeeCapacity": event.capacity,
        "organizer": {"@type": "Organization", "name": host.name} if host else None,
        "performer": [{"@type": "Person", "name": name} for name in people],
    }
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def as_data_block(value: dict[str, Any]) -> SafeString:
    """JSON for a ``<script>`` that holds data: nothing in it can end the element. It is never run."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return mark_safe(text)  # noqa: S308 - what could end the element is escaped


def _moment(event: Event, day: dt.date | None, time: dt.time | None) -> str:
    """A day, or a moment with the place's difference from UTC, in ISO 8601."""
    if day is None or time is None:
        return day.isoformat() if day else ""
    return dt.datetime.combine(day, time, ZoneInfo(event.time_zone)).isoformat()


def row_of(event: Event, parts: Parts) -> dict[str, Any]:
    """The event as ``feeds.carpentries.org`` publishes workshops; names of those who agreed, and how many there are."""
    curricula = [str(each.name) for each in event.curricula.all()]
    return {
        "slug": event.slug,
        "title": event.title,
        "start_date": event.starts_on.isoformat() if event.starts_on else None,
        "end_date": (event.ends_on or event.starts_on).isoformat() if event.starts_on else None,
        "url": page_of(event),
        "venue": event.venue or ("Online" if event.is_online else ""),
        "address": event.address,
        "city": event.city,
        "country": event.country,
        "online": event.is_online,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "tag_name": event.programme.slug if event.programme else event.kind.slug,
        "kind": event.kind.slug,
        "status": event.status,
        "curriculum": ", ".join(curricula),
        "instructors": parts.by_what.get("teaches", []),
        "helpers": parts.by_what.get("helps", []),
        "instructor_count": parts.counts.get("teaches", 0),
        "helper_count": parts.counts.get("helps", 0),
    }


def feature_of(event: Event, parts: Parts) -> dict[str, Any]:
    """The event as a point on the map (GeoJSON, RFC 7946: longitude first)."""
    properties = row_of(event, parts)
    point = [properties.pop("longitude"), properties.pop("latitude")]
    return {
        "type": "Feature",
        "id": event.slug,
        "geometry": {"type": "Point", "coordinates": point},
        "properties": properties,
    }
