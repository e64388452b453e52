"""What pages of events and people show of recruitment, and what their timelines tell of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.plugs import TimelineEntry, counted, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.public import Person
from folkmoot.training.addresses import event_page
from folkmoot.training.models import (
    OpeningState,
    SignUp,
    SignUpState,
    SoughtPart,
    TaskKind,
    TeachingProfile,
)
from folkmoot.training.queries.lists import days_words
from folkmoot.training.queries.openings import SoughtLine, with_missing

SIGN_UPS = "sign_ups"
#: Sign-ups that a card shows.
SHOWN = 8
Before = tuple[dt.datetime, int] | None


def opening_rows(user: Any, event: Any) -> Rows:
    """What the event's opening seeks."""
    pending = (
        SignUp.objects.filter(opening=OuterRef("opening"), kind=OuterRef("kind"), state=SignUpState.PENDING)
        .order_by()
        .values("opening")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Rows(
        with_missing(SoughtPart.objects.filter(opening__event=event)).order_by("kind__order", "kind", "pk"),
        *("number", "found", "opening_id"),
        part=F("kind__name"),
        order=F("kind__order"),
        state=F("opening__state"),
        pending=Coalesce(Subquery(pending), 0),
    )


def opening_card(user: Any, event: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """What is sought and found."""
    if not rows:
        return None
    lines = [
        SoughtLine(TaskKind(name=row["part"]), row["number"], row["found"], row["pending"])
        for row in sorted(rows, key=lambda row: (row["order"], row["part"]))
    ]
    return {
        "opening": rows[0]["opening_id"],
        "event": event,
        "lines": lines,
        "pending": sum(line.pending for line in lines),
        "is_open": rows[0]["state"] == OpeningState.OPEN,
    }


def sign_up_rows(user: Any, person: Any) -> Rows:
    """What somebody signed up for, the newest first, with how much there is."""
    return Rows(
        SignUp.objects.filter(person=person).order_by("-signed_up_at", "-pk"),
        *("pk", "state", "signed_up_at"),
        most=SHOWN,
        part=F("kind__name"),
        title=F("opening__event__title"),
        starts_on=F("opening__event__starts_on"),
        ends_on=F("opening__event__ends_on"),
        number=Window(Count("pk")),
    )


def sign_ups_card(user: Any, person: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Sign-ups for a card, and how many more there are."""
    if not rows:
        return None
    shown = [
        {
            **row,
            "days": days_words(row["starts_on"], row["ends_on"]),
            "state_label": SignUpState(row["state"]).label,
        }
        for row in sorted(rows, key=lambda row: (row["signed_up_at"], row["pk"]), reverse=True)
    ]
    return {"rows": shown, "more": rows[0]["number"] - len(rows)}


def profile_rows(user: Any, person: Any) -> Rows:
    """What somebody said of themselves for events."""
    return Rows(TeachingProfile.objects.filter(person=person), "place", "languages")


def profile_card(user: Any, person: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Place and languages, where anything is said."""
    if not rows or not (rows[0]["place"] or rows[0]["languages"]):
        return None
    return {"person": person, **rows[0]}


# ------------------------------------------------------------------ timelines


def _sign_ups(record: Any) -> QuerySet[SignUp]:
    if isinstance(record, Person):
        return SignUp.objects.filter(person=record)
    return SignUp.objects.filter(opening__event=record)


def timeline_counts(user: Any, record: Any) -> Rows:
    """How many signed up."""
    return counted(_sign_ups(record))


def timeline_rows(user: Any, record: Any, group: str, before: Before, limit: int) -> Rows | None:
    """Sign-ups, newest first."""
    if group not in ("", SIGN_UPS):
        return None
    return Rows(
        older(_sign_ups(record), "signed_up_at", before),
        *("pk", "signed_up_at", "state"),
        most=limit,
        name=F("person__name"),
        part=F("kind__name"),
        event=F("opening__event_id"),
        title=F("opening__event__title"),
        is_own=F("is_own"),
    )


def tell_timeline(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each, with how it stands by now."""
    is_person = isinstance(record, Person)
    for row in rows:
        state = SignUpState(row["state"])
        yield TimelineEntry(
            number=row["pk"],
            at=row["signed_up_at"],
            group=SIGN_UPS,
            icon="person-plus",
            verb=_("Signed up:") if row["is_own"] else _("Put forward:"),
            title=row["title"] if is_person else row["name"],
            url=event_page(row["event"]) if is_person else _page(row["pk"]),
            after=_("as %(part)s") % {"part": row["part"]},
            meta=(str(state.label),),
        )


def _page(pk: int) -> str:
    return reverse("training:sign_up", args=[pk])
