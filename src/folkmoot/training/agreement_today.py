"""What agreements tell on Today: they end and nobody renewed them, are over-used, have no contact, are nobody's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.addresses import agreement_page
from folkmoot.training.queries import agreements

_AREA, _LABEL, _MANAGE = "training", gettext_lazy("Training & events"), "training.manage"


def _rows(queryset: Any) -> Rows:
    return Rows(
        queryset.order_by("last_day", "pk"),
        *("pk", "consortium", "starts_on", "last_day", "owner_id", "created_at", "updated_at"),
        organization=F("organization__name"),
        tier_name=F("tier__name"),
    )


def _title(row: Row) -> str:
    return f"{row['consortium'] or row['organization']} ({row['tier_name']})"


def _item(row: Row, what: str, *, why: str, since: dt.datetime, **more: Any) -> TodayItem:
    return TodayItem(
        key=f"training.agreement_{what}:{row['pk']}",
        area=_AREA,
        area_label=_LABEL,
        title=_title(row),
        why=why,
        since=since,
        mine=frozenset({row["owner_id"]}) if row["owner_id"] else frozenset(),
        **more,
    )


def to_renew_rows(user: User, now: dt.datetime) -> Rows:
    """Agreements that end soon and are not renewed."""
    return _rows(agreements.to_renew(now.astimezone(dt.UTC).date()))


def tell_to_renew(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how near its end is."""
    today = now.astimezone(dt.UTC).date()
    for row in rows:
        days = (row["last_day"] - today).days
        yield _item(
            row,
            "ends",
            why=ngettext(
                "the agreement ends in %(n)d day and is not renewed (told %(near)d days before)",
                "the agreement ends in %(n)d days and is not renewed (told %(near)d days before)",
                days,
            )
            % {"n": days, "near": agreements.NEAR},
            since=clock.start_of_day(
                max(row["last_day"] - dt.timedelta(days=agreements.NEAR), row["starts_on"])
            ),
            action_label=_("Renew it"),
            action_url=reverse("training:renew", args=[row["pk"]]),
            badge=ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days},
            tone="overdue" if days < 14 else "due",
            over_by=-float(days),
            icon="file-earmark-text",
        )


def over_used_rows(user: User, now: dt.datetime) -> Rows:
    """Agreements of which more is taken than they give."""
    return _rows(agreements.with_over_used(now.astimezone(dt.UTC).date()))


def tell_over_used(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each."""
    for row in rows:
        yield _item(
            row,
            "over",
            why=_("more is taken than the agreement gives"),
            since=row["updated_at"],
            action_label=_("See what took it"),
            action_url=agreement_page(row["pk"]),
            badge=_("over-used"),
            tone="overdue",
            icon="exclamation-triangle",
        )


def no_contact_rows(user: User, now: dt.datetime) -> Rows:
    """Agreements that nobody speaks for."""
    return _rows(agreements.without_contact(now.astimezone(dt.UTC).date()))


def tell_no_contact(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each."""
    for row in rows:
        yield _item(
            row,
            "contact",
            why=_("the agreement has no contact: nobody there can be written to"),
            since=row["created_at"],
            action_label=_("Add a contact"),
            action_url=reverse("training:new_contact", args=[row["pk"]]),
            badge=_("no contact"),
            tone="due",
            icon="person-x",
        )


def unowned_rows(user: User, now: dt.datetime) -> Rows:
    """Agreements that are nobody's."""
    return _rows(agreements.unowned(now.astimezone(dt.UTC).date()))


def tell_unowned(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each."""
    for row in rows:
        yield _item(
            row,
            "unowned",
            why=_("nobody looks after the agreement"),
            since=row["created_at"],
            action_label=_("Say whose it is"),
            action_url=reverse("training:edit_agreement", args=[row["pk"]]),
            badge=_("nobody’s"),
            tone="due",
            icon="person-x",
        )


for _source in (
    TodaySource("training.agreement_ends", _AREA, _MANAGE, to_renew_rows, tell_to_renew, order=44),
    TodaySource("training.agreement_over", _AREA, _MANAGE, over_used_rows, tell_over_used, order=45),
    TodaySource("training.agreement_contact", _AREA, _MANAGE, no_contact_rows, tell_no_contact, order=46),
    TodaySource("training.agreement_unowned", _AREA, _MANAGE, unowned_rows, tell_unowned, order=47),
):
    today_sources.register(_source)
