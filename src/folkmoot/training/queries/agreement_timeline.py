"""What the timelines of agreements and organisations tell of agreements, and the cards on other pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import TimelineEntry, counted, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.addresses import agreement_page, event_page
from folkmoot.training.models import Agreement, AgreementContact, Extension, Use
from folkmoot.training.queries import agreement_pages
from folkmoot.training.queries.agreements import of_organization

Before = tuple[dt.datetime, int] | None
USES, EXTENSIONS, AGREEMENTS = "uses", "extensions", "agreements"
LABELS = {
    USES: gettext_lazy("What used it"),
    EXTENSIONS: gettext_lazy("Extensions"),
    AGREEMENTS: gettext_lazy("Agreements"),
}
#: Agreements that a card shows.
SHOWN = 8


def use_counts(user: Any, record: Agreement) -> Rows:
    """How much took from it."""
    return counted(Use.objects.filter(allowance__agreement=record))


def use_rows(user: Any, record: Agreement, group: str, before: Before, limit: int) -> Rows | None:
    """What took from it, newest first."""
    if group not in ("", USES):
        return None
    return Rows(
        older(agreement_pages.uses(record), "given_at", before),
        *("pk", "given_at", "reason"),
        most=limit,
        counts=F("counts"),
        title=F("title"),
        event=F("at_event"),
        person=F("task__person__name"),
        benefit=F("allowance__benefit__name"),
    )


def tell_uses(user: Any, record: Agreement, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each event and seat."""
    for row in rows:
        seat = bool(row["person"])
        meta = [row["benefit"], "" if row["counts"] else _("given back"), row["reason"]]
        yield TimelineEntry(
            number=row["pk"],
            at=row["given_at"],
            group=USES,
            icon="ticket-perforated" if seat else "easel",
            verb=_("Seat for %(person)s at") % {"person": row["person"]} if seat else _("Event:"),
            title=row["title"],
            url=event_page(row["event"]),
            meta=tuple(filter(None, meta)),
        )


def extension_counts(user: Any, record: Agreement) -> Rows:
    """How often it was made longer."""
    return counted(Extension.objects.filter(agreement=record))


def extension_rows(user: Any, record: Agreement, group: str, before: Before, limit: int) -> Rows | None:
    """Its extensions, newest first."""
    if group not in ("", EXTENSIONS):
        return None
    rows = older(Extension.objects.filter(agreement=record), "made_at", before)
    return Rows(rows, *("pk", "made_at", "days", "reason"), most=limit, who=name_of("made_by"))


def tell_extensions(user: Any, record: Agreement, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each, by whom and why."""
    for row in rows:
        words = ngettext("Made longer by %(n)d day", "Made longer by %(n)d days", row["days"])
        yield TimelineEntry(
            number=row["pk"],
            at=row["made_at"],
            group=EXTENSIONS,
            icon="calendar-plus",
            verb=words % {"n": row["days"]},
            after=f": {row['reason']}",
            meta=tuple(filter(None, [row["who"]])),
        )


def agreement_counts(user: Any, record: Any) -> Rows:
    """How many agreements an organisation holds."""
    return counted(of_organization(record))


def agreement_rows(user: Any, record: Any, group: str, before: Before, limit: int) -> Rows | None:
    """Its agreements, newest first."""
    if group not in ("", AGREEMENTS):
        return None
    return Rows(
        older(of_organization(record), "created_at", before),
        *("pk", "created_at", "starts_on", "last_day"),
        most=limit,
        tier_name=F("tier__name"),
        goes_on=F("renews_id"),
    )


def tell_agreements(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each, when it was entered."""
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=AGREEMENTS,
            icon="file-earmark-text",
            verb=_("Agreement renewed:") if row["goes_on"] else _("Agreement entered:"),
            title=f"{row['tier_name']}, {row['starts_on']:%Y-%m} – {row['last_day']:%Y-%m}",
            url=agreement_page(row["pk"]),
        )


# ----------------------------------------------------------------------- cards


def card_of_organization(record: Any) -> Rows:
    """The newest agreements of an organisation, with how many there are."""
    return _card(of_organization(record).order_by("-starts_on", "-pk"), is_main=F("is_main"))


def card_of_person(record: Any) -> Rows:
    """For which agreements somebody speaks, the newest first."""
    rows = AgreementContact.objects.filter(person=record).order_by("-agreement__starts_on", "-pk")
    return Rows(
        rows,
        most=SHOWN,
        number=Window(Count("pk")),
        pk=F("agreement_id"),
        consortium=F("agreement__consortium"),
        organization=F("agreement__organization__name"),
        tier_name=F("agreement__tier__name"),
        starts_on=F("agreement__starts_on"),
        last_day=F("agreement__last_day"),
        grace_until=F("agreement__grace_until"),
        role=F("role__name"),
    )


def _card(rows: QuerySet[Any], **more: Any) -> Rows:
    return Rows(
        rows,
        *("pk", "consortium", "starts_on", "last_day", "grace_until"),
        most=SHOWN,
        number=Window(Count("pk")),
        organization=F("organization__name"),
        tier_name=F("tier__name"),
        **more,
    )


def card(rows: Sequence[Row]) -> dict[str, Any] | None:
    """What the card shows; ``None`` without an agreement."""
    if not rows:
        return None
    today = clock.today()
    shown = [
        {
            **row,
            "tier": row["tier_name"],
            "name": row["consortium"] or row["organization"],
            "role": row.get("role") or ("" if row.get("is_main", True) else _("member of the consortium")),
            "standing": Agreement(
                starts_on=row["starts_on"], last_day=row["last_day"], grace_until=row["grace_until"]
            )
            .standing_on(today)
            .label,
        }
        for row in sorted(rows, key=lambda row: (row["starts_on"], row["pk"]), reverse=True)
    ]
    return {"agreements": shown, "more": rows[0]["number"] - len(rows)}
