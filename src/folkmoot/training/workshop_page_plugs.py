"""How the pages of workshops join the house: the nightly reading, a card on an event's page, Today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    RecordPanel,
    ScheduledJob,
    TodayItem,
    TodaySource,
    record_panels,
    schedule,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.saving import day
from folkmoot.training.addresses import event_page
from folkmoot.training.models import AHEAD, Event, PageReading, Request
from folkmoot.training.workshop_pages import comparing, metadata, reading

_AREA, _LABEL = "training", _("Training & events")

job_kinds.register(
    JobKind(reading.JOB, _("Read the pages of workshops"), reading.read_all, permission="training.view")
)
schedule.register(
    ScheduledJob(
        reading.JOB,
        reading.JOB,
        reading.nightly,
        "Every night: the pages of coming events on GitHub, and of requests whose page was read before.",
    )
)


def page_rows(user: Any, record: Any) -> Rows:
    """What the page of an event or request said last."""
    rows = PageReading.objects.filter(**{record._meta.model_name: record})
    return Rows(rows, "said", "url", "read_at", "changed_at", "tried_at", "problem")


def event_card(user: Any, event: Event, rows: Sequence[Row]) -> dict[str, Any] | None:
    """What the page says otherwise, beside what Folkmoot says; nothing where the event has no page."""
    if not rows and not metadata.is_of_github(event.website) and not metadata.is_of_github(event.repository):
        return None
    row = dict(rows[0]) if rows else None
    said = row["said"] if row else {}
    return {
        "event": event,
        "reading": row,
        "differences": comparing.differences(event, said) if said else [],
        "problems": metadata.values(said).problems if said else [],
        "people": [(key, metadata.people(said[key])) for key in ("instructor", "helper") if said.get(key)],
        "said": list(said.items()),
    }


record_panels.register(
    RecordPanel(
        "training.workshop_page",
        "training.event",
        _("What its page says"),
        "training.view",
        "training/parts/workshop_page.html",
        page_rows,
        event_card,
        order=12,
        wide=True,
    )
)


def request_card(user: Any, request: Request, rows: Sequence[Row]) -> dict[str, Any] | None:
    """What the page that a request names says, and what is wrong with it."""
    row = dict(rows[0]) if rows else None
    address = row["url"] if row else reading.address_of(request)
    if not address:
        return None
    said = row["said"] if row else {}
    return {
        "request": request,
        "address": address,
        "reading": row,
        "problems": metadata.values(said).problems if said else [],
        "said": list(said.items()),
    }


record_panels.register(
    RecordPanel(
        "training.workshop_page_of_request",
        "training.request",
        _("What the workshop’s page says"),
        "training.manage",
        "training/parts/workshop_page_of_request.html",
        page_rows,
        request_card,
        order=12,
        wide=True,
    )
)


def differing_rows(user: User, now: dt.datetime) -> Rows:
    """Coming events whose page says other days."""
    rows = PageReading.objects.filter(reading.days_differ(), event__status__in=AHEAD)
    return Rows(
        rows.order_by("event__starts_at", "pk"),
        *("pk", "starts_on", "ends_on", "changed_at", "event_id"),
        title=F("event__title"),
        owner=F("event__owner_id"),
    )


def tell_differing(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, since the page says so."""
    for row in rows:
        first, last = row["starts_on"], row["ends_on"]
        days = day(first) if first == last else f"{day(first)} – {day(last)}"
        yield TodayItem(
            key=f"training.page_days:{row['pk']}:{first.isoformat()}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=_now("its page says other days than Folkmoot: %(days)s") % {"days": days},
            since=row["changed_at"],
            action_label=_now("Compare"),
            action_url=event_page(row["event_id"]) + "#workshop-page",
            badge=_now("other days"),
            tone="due",
            over_by=(now - row["changed_at"]).total_seconds() / 86400,
            icon="calendar2-week",
            mine=frozenset({row["owner"]}) if row["owner"] else frozenset(),
        )


today_sources.register(
    TodaySource("training.page_days", _AREA, "training.view", differing_rows, tell_differing, order=45)
)
