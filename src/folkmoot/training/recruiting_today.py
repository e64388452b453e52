"""What recruitment tells on Today: people are missing and the event is near; somebody waits for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.queries import openings
from folkmoot.training.recruiting_telling import opening_page

_AREA, _LABEL = "training", gettext_lazy("Training & events")


def _mine(row: Row) -> frozenset[int]:
    return frozenset({row["owner_id"]}) if row["owner_id"] else frozenset()


def missing_rows(user: User, now: dt.datetime) -> Rows:
    """Open openings of events that are near and miss somebody."""
    return Rows(
        openings.short_of_people(now),
        *("pk", "owner_id", "missing_number", "near_days", "opened_at"),
        title=F("event__title"),
        starts_at=F("event__starts_at"),
    )


def tell_missing(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each that is within the limit, by how near it is."""
    for row in rows:
        left = (row["starts_at"] - now).total_seconds() / 86400
        near, days = row["near_days"], int(left)
        if left > near:
            continue
        missing = ngettext("%(n)d person is missing", "%(n)d people are missing", row["missing_number"]) % {
            "n": row["missing_number"]
        }
        begins = ngettext(
            "it begins in %(n)d day (told %(near)d days before)",
            "it begins in %(n)d days (told %(near)d days before)",
            days,
        ) % {"n": days, "near": near}
        yield TodayItem(
            key=f"training.missing:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=_("%(missing)s, and %(begins)s") % {"missing": missing, "begins": begins},
            since=max(row["starts_at"] - dt.timedelta(days=near), row["opened_at"]),
            action_label=_("Find people"),
            action_url=opening_page(row["pk"]),
            badge=ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days},
            tone="overdue" if left < 7 else "due",
            over_by=-left,
            icon="person-plus",
            mine=_mine(row),
        )


def waiting_rows(user: User, now: dt.datetime) -> Rows:
    """Openings with sign-ups that nobody decided about."""
    return Rows(
        openings.waiting(now),
        *("pk", "owner_id", "pending_number", "oldest"),
        title=F("event__title"),
    )


def tell_waiting(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how long the first has waited."""
    for row in rows:
        days = max((now - row["oldest"]).days, 0)
        waits = ngettext(
            "%(n)d sign-up waits for an answer", "%(n)d sign-ups wait for an answer", row["pending_number"]
        ) % {"n": row["pending_number"]}
        yield TodayItem(
            key=f"training.sign_ups:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=waits,
            since=row["oldest"],
            action_label=_("Decide"),
            action_url=f"{opening_page(row['pk'])}?state=pending",
            badge=ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days} if days else _("today"),
            tone="overdue" if days >= 14 else "due",
            over_by=float(days - 14),
            icon="person-check",
            mine=_mine(row),
        )


for _source in (
    TodaySource("training.missing", _AREA, "training.manage", missing_rows, tell_missing, order=43),
    TodaySource("training.sign_ups", _AREA, "training.manage", waiting_rows, tell_waiting, order=44),
):
    today_sources.register(_source)
