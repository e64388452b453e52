"""What mails by rule tell on Today: what waits for approval, what cannot leave, what has lost its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.mailing.models import OPEN, MailState, PlannedMail
from folkmoot.mailing.rules import DECIDES, subjects_of
from folkmoot.mailing.subjects import subjects


def _mine(user: User) -> Q:
    return Q(subject__in=subjects_of(user, DECIDES), rule__is_active=True)


def waiting_rows(user: User, now: dt.datetime) -> Rows:
    """Rules whose mails wait for approval."""
    rows = PlannedMail.objects.filter(_mine(user), state=MailState.WAITING, question="")
    grouped = rows.order_by().values("rule_id", "rule__name", "rule__subject")
    return Rows(
        grouped.annotate(number=Count("pk"), since=Min("created_at"), due=Min("due_at")).order_by("due"),
        *("number", "since", "due"),
        rule=F("rule_id"),
        rule_name=F("rule__name"),
        subject=F("rule__subject"),
    )


def _area(row: Row) -> Area:
    return Area(subjects.get(row["subject"]).area)


def _list(row: Row, words: str) -> str:
    return f"{reverse('mailing:mails')}?{words}&rule={row['rule']}"


def tell_waiting(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each rule once, by its next mail."""
    for row in rows:
        area, number = _area(row), row["number"]
        left = (row["due"] - now).total_seconds() / 86400
        yield TodayItem(
            key=f"mailing.waiting:{row['rule']}",
            area=area.value,
            area_label=area.label,
            title=ngettext(
                "%(rule)s: %(n)d mail waits for approval", "%(rule)s: %(n)d mails wait for approval", number
            )
            % {"rule": row["rule_name"], "n": number},
            why=_("its moment is over, and it leaves only when somebody has agreed")
            if left < 0
            else ngettext("the next leaves in %(n)d day", "the next leaves in %(n)d days", int(left))
            % {"n": int(left)},
            since=row["since"],
            action_label=_("Read and approve"),
            action_url=_list(row, "state=waiting"),
            badge=_("waits"),
            tone="overdue" if left < 0 else "due",
            over_by=-left,
            icon="envelope-check",
        )


def troubled_rows(user: User, now: dt.datetime) -> Rows:
    """Rules with mails that could not leave."""
    rows = PlannedMail.objects.filter(_mine(user), state__in=OPEN).exclude(problem="")
    grouped = rows.order_by().values("rule_id", "rule__name", "rule__subject", "problem")
    return Rows(
        grouped.annotate(number=Count("pk"), since=Min("tried_at")).order_by("since"),
        *("number", "since", "problem"),
        rule=F("rule_id"),
        rule_name=F("rule__name"),
        subject=F("rule__subject"),
    )


def tell_troubled(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each rule once, with the oldest of its troubles."""
    told: dict[int, Row] = {}
    numbers: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row["since"] or now):
        told.setdefault(row["rule"], row)
        numbers[row["rule"]] = numbers.get(row["rule"], 0) + row["number"]
    for pk, row in told.items():
        area = _area(row)
        yield TodayItem(
            key=f"mailing.trouble:{pk}",
            area=area.value,
            area_label=area.label,
            title=ngettext(
                "%(rule)s: %(n)d mail cannot leave", "%(rule)s: %(n)d mails cannot leave", numbers[pk]
            )
            % {"rule": row["rule_name"], "n": numbers[pk]},
            why=row["problem"],
            since=row["since"] or now,
            action_label=_("Look what is missing"),
            action_url=_list(row, "trouble=1"),
            badge=_("cannot leave"),
            tone="failed",
            over_by=1 + (now - (row["since"] or now)).total_seconds() / 86400,
            icon="envelope-exclamation",
        )


def asking_rows(user: User, now: dt.datetime) -> Rows:
    """Mails that were edited by hand and have lost their reason."""
    rows = PlannedMail.objects.filter(_mine(user), state__in=OPEN).exclude(question="")
    return Rows(
        rows.order_by("due_at", "pk"),
        *("pk", "record_name", "question", "changed_at", "due_at"),
        rule_name=F("rule__name"),
        subject=F("rule__subject"),
    )


def tell_asking(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each: cancel it, or send it all the same."""
    for row in rows:
        area = _area(row)
        yield TodayItem(
            key=f"mailing.question:{row['pk']}",
            area=area.value,
            area_label=area.label,
            title=_("Cancel “%(rule)s” about %(record)s?")
            % {"rule": row["rule_name"], "record": row["record_name"]},
            why=_("somebody edited it by hand. %(question)s") % {"question": row["question"]},
            since=row["changed_at"],
            action_label=_("Decide"),
            action_url=reverse("mailing:mail", args=[row["pk"]]),
            badge=_("to decide"),
            tone="due",
            over_by=(now - row["due_at"]).total_seconds() / 86400 if row["due_at"] else 0.0,
            icon="question-circle",
        )


for _key, _rows, _tell in (
    ("waiting", waiting_rows, tell_waiting),
    ("trouble", troubled_rows, tell_troubled),
    ("questions", asking_rows, tell_asking),
):
    today_sources.register(
        TodaySource(f"mailing.{_key}", "settings", "mailing.manage", _rows, _tell, order=20)
    )
