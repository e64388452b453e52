"""How a person's own side joins the house: what waits for a coordinator, the card with consents, first rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    RecordPanel,
    TodayItem,
    TodaySource,
    commands,
    navigation,
    record_panels,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.people import erasing as _erasing  # noqa: F401 - registers how the register forgets
from folkmoot.people.actions.erasure import LEGAL_DAYS
from folkmoot.people.models import Claim, Erasure
from folkmoot.people.queries.consents import standing, standings
from folkmoot.people.seeds.consents import load_consents

for _entry in (
    NavEntry("own", _("My record"), "own:record", "person-vcard", "people.own_only", order=10),
    NavEntry("me.record", _("My record"), "own:record", "person-vcard", "people.own", "me", order=1),
    NavEntry("people.consents", _("Consents"), "people:consents", "", "people.manage", "people", order=50),
    NavEntry("people.claims", _("Claims"), "people:claims", "", "people.manage", "people", order=51),
    NavEntry(
        "people.erasures", _("To be forgotten"), "people:erasures", "", "people.manage", "people", order=52
    ),
):
    navigation.register(_entry)
commands.register(
    Command("people.consents", _("Go to consents"), "people:consents", "people.manage", order=102)
)
commands.register(Command("own.record", _("My record"), "own:record", "people.own", "person-vcard"))


def open_claims(user: Any, now: dt.datetime) -> Rows:
    """Records that somebody asks for, the longest first; their own is not theirs to decide."""
    claims = Claim.objects.filter(state=Claim.State.OPEN).exclude(user=user).order_by("made_at")
    return Rows(claims, "pk", "made_at", who=name_of("user"), name="person__name")


def tell_open_claims(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each of them."""
    for row in rows:
        yield TodayItem(
            key=f"people.claim:{row['pk']}",
            area="people",
            area_label=_("People"),
            title=_now("%(who)s says: I am %(name)s") % {"who": row["who"], "name": row["name"]},
            why=_now("nothing proves it, so somebody has to look"),
            since=row["made_at"],
            action_label=_("Grant or refuse"),
            action_url=f"{reverse('people:claims')}?state=open",
            badge=_now("asked"),
            tone="new",
            over_by=(now - row["made_at"]).total_seconds() / 86400,
            icon="person-badge",
        )


def open_erasures(user: Any, now: dt.datetime) -> Rows:
    """Who waits to be forgotten, the longest first."""
    erasures = Erasure.objects.filter(state=Erasure.State.ASKED).order_by("asked_at")
    return Rows(erasures, "pk", "asked_at", name="person__name")


def tell_open_erasures(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each of them, with the law's month."""
    for row in rows:
        over = (now - row["asked_at"]).total_seconds() / 86400 - LEGAL_DAYS
        left = max(0, -int(over // 1))
        why = (
            ngettext("by law %(n)d day is left of 30", "by law %(n)d days are left of 30", left) % {"n": left}
            if over < 0
            else _now("the law's month (30 days) is over")
        )
        yield TodayItem(
            key=f"people.erasure:{row['pk']}",
            area="people",
            area_label=_("People"),
            title=_now("%(name)s asked to be forgotten") % {"name": row["name"]},
            why=why,
            since=row["asked_at"],
            action_label=_("Look at it"),
            action_url=reverse("people:erasure", args=[row["pk"]]),
            badge=_now("due") if over < 0 else _now("overdue"),
            tone="due" if over < 0 else "overdue",
            over_by=over,
            icon="eraser",
        )


today_sources.register(
    TodaySource("people.claims", "people", "people.manage", open_claims, tell_open_claims, order=22)
)
today_sources.register(
    TodaySource("people.erasures", "people", "people.manage", open_erasures, tell_open_erasures, order=21)
)


def _consents_of(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    return {"asked": standings(record, rows), "person": record} if rows else None


record_panels.register(
    RecordPanel(
        "people.consents",
        "people.person",
        _("Consents"),
        "people.view",
        "people/parts/consents.html",
        lambda user, record: standing(record),
        _consents_of,
        order=30,
    )
)


def _ask_consents() -> str:
    made = load_consents()
    return f"Added {made} {'kind' if made == 1 else 'kinds'} of consent." if made else ""


setup_steps.register(SetupStep("people.consents", _ask_consents, order=1))
