"""What events tell on Today: nobody teaches, nobody said whether it was, nobody looks after it; what went well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import (
    GoodNews,
    GoodNewsSource,
    TodayItem,
    TodaySource,
    good_news_sources,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.addresses import event_page
from folkmoot.training.models import Event, Status, TaskKind
from folkmoot.training.queries.lists import unanswered, untaught

_AREA, _LABEL = "training", gettext_lazy("Training & events")
#: So many days before an event somebody should be known to teach there.
NEAR = 30
_FIELDS = ("pk", "title", "starts_at", "ends_at", "owner_id", "created_at", "updated_at")


def _mine(row: Row) -> frozenset[int]:
    return frozenset({row["owner_id"]}) if row["owner_id"] else frozenset()


def untaught_rows(user: User, now: dt.datetime) -> Rows:
    """Events that begin soon, of kinds where somebody teaches, and nobody does."""
    return Rows(untaught(now, NEAR).order_by("starts_at", "pk"), *_FIELDS)


def tell_untaught(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how near it is."""
    for row in rows:
        left = (row["starts_at"] - now).total_seconds() / 86400
        days = int(left)
        yield TodayItem(
            key=f"training.untaught:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=ngettext(
                "nobody teaches there yet, and it begins in %(n)d day (told %(near)d days before)",
                "nobody teaches there yet, and it begins in %(n)d days (told %(near)d days before)",
                days,
            )
            % {"n": days, "near": NEAR},
            since=max(row["starts_at"] - dt.timedelta(days=NEAR), row["created_at"]),
            action_label=_("Add who teaches"),
            action_url=reverse("training:new_part", args=[row["pk"]]),
            badge=ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days},
            tone="overdue" if left < 7 else "due",
            over_by=-left,
            icon="mortarboard",
            mine=_mine(row),
        )


def unanswered_rows(user: User, now: dt.datetime) -> Rows:
    """Events that were planned only, and are over."""
    return Rows(unanswered(now).order_by("ends_at", "pk"), *_FIELDS)


def tell_unanswered(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how long it is over."""
    for row in rows:
        days = (now - row["ends_at"]).days
        yield TodayItem(
            key=f"training.unanswered:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=_("its days are over and it was never announced: did it take place?"),
            since=row["ends_at"],
            action_label=_("Say whether it did"),
            action_url=event_page(row["pk"]),
            badge=ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days} if days else _("over"),
            tone="due",
            over_by=float(days),
            icon="calendar-x",
            mine=_mine(row),
        )


def unowned_rows(user: User, now: dt.datetime) -> Rows:
    """Events that are announced and nobody's."""
    announced = Event.objects.filter(status__in=[Status.ANNOUNCED, Status.RUNNING], owner=None)
    return Rows(announced.order_by("starts_at", "pk"), *_FIELDS)


def tell_unowned(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, the nearest first."""
    for row in rows:
        left = (row["starts_at"] - now).total_seconds() / 86400
        yield TodayItem(
            key=f"training.unowned:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=_("it is announced, and nobody looks after it"),
            since=row["updated_at"],
            action_label=_("Say whose it is"),
            action_url=reverse("training:edit", args=[row["pk"]]),
            badge=_("nobody’s"),
            tone="due",
            over_by=-max(left, 0.0),
            icon="person-x",
        )


for _source in (
    TodaySource("training.untaught", _AREA, "training.contribute", untaught_rows, tell_untaught, order=40),
    TodaySource("training.unanswered", _AREA, "training.manage", unanswered_rows, tell_unanswered, order=41),
    TodaySource("training.unowned", _AREA, "training.manage", unowned_rows, tell_unowned, order=42),
):
    today_sources.register(_source)


# ------------------------------------------------------------------ good news


def held_since(user: User, since: dt.datetime, now: dt.datetime) -> Rows:
    """Events that ended since a moment and took place, with who came."""
    there = Q(tasks__kind__does=TaskKind.Does.LEARNS, tasks__session=None, tasks__attended=True)
    return Rows(
        Event.objects.filter(status=Status.DONE, ends_at__gte=since, ends_at__lte=now)
        .annotate(there=Count("tasks", filter=there))
        .order_by("-ends_at", "-pk"),
        *("pk", "title", "there"),
        noted=F("attendance"),
    )


def good_news(user: User, since: dt.datetime, now: dt.datetime, rows: Sequence[Row]) -> Iterator[GoodNews]:
    """ "2 events took place, 45 people came"."""
    if not rows:
        return
    came = sum(max(row["there"], row["noted"] or 0) for row in rows)
    number = len(rows)
    words: Any = (
        _("%(title)s took place") % {"title": rows[0]["title"]}
        if number == 1
        else ngettext("%(n)d event took place", "%(n)d events took place", number) % {"n": number}
    )
    if came:
        people = ngettext("%(n)d person came", "%(n)d people came", came) % {"n": came}
        words = _("%(events)s; %(people)s") % {"events": words, "people": people}
    yield GoodNews(words, icon="easel", url=f"{reverse('training:list')}?status=done")


good_news_sources.register(GoodNewsSource("training.held", "training.view", held_since, good_news, order=55))
