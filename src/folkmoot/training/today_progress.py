"""What trainees tell on Today: submissions to evaluate, complete without the badge, due dates that passed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import Award, Badge, Progress, ProgressState
from folkmoot.training.queries.submissions import submissions
from folkmoot.training.telling_progress import moment

_AREA, _LABEL = "training", gettext_lazy("Training & events")
#: Due dates that passed longer ago are no news; a training that ended longer ago has none that did just now.
NEWS, LONGEST = 30, 800
_LIVING = {"person__erased_at": None, "person__archived_at": None}


def waiting_rows(user: User, now: dt.datetime) -> Rows:
    """How many submissions wait, by requirement, and since when the oldest does."""
    waiting = (
        submissions()
        .select_related(None)
        .order_by()
        .values("requirement", "requirement__slug", "requirement__name")
    )
    return Rows(
        waiting,
        number=Count("pk"),
        oldest=Min("created_at"),
        slug=F("requirement__slug"),
        name=F("requirement__name"),
    )


def tell_waiting(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each requirement of which something waits."""
    for row in rows:
        number = row["number"]
        yield TodayItem(
            key=f"training.submissions:{row['slug']}",
            area=_AREA,
            area_label=_LABEL,
            title=ngettext("%(n)d submission: %(what)s", "%(n)d submissions: %(what)s", number)
            % {"n": number, "what": row["name"]},
            why=_("trainees sent it, and nobody has evaluated it"),
            since=row["oldest"],
            action_label=_("Evaluate"),
            action_url=f"{reverse('training:submissions')}?requirement={row['slug']}",
            badge=_("to evaluate"),
            tone="new",
            over_by=(now - row["oldest"]).total_seconds() / 86400,
            icon="inbox",
        )


def complete_rows(user: User, now: dt.datetime) -> Rows:
    """Who passed everything that leads to a badge and never had it; with when the last of it was noted."""
    through: Any = Badge.requirements.through.objects.filter(
        badge=OuterRef("to_badge"), requirement__is_archived=False
    )
    needed = through.order_by().values("badge").annotate(n=Count("pk")).values("n")
    ever = Award.objects.filter(person=OuterRef("person"), badge=OuterRef("to_badge"))
    passed = (
        Progress.objects.filter(state=ProgressState.PASSED, requirement__is_archived=False, **_LIVING)
        .annotate(
            to_badge=F("requirement__badges"),
            slug=F("requirement__badges__slug"),
            name=F("requirement__badges__name"),
            is_open=F("requirement__badges__is_archived"),
        )
        .filter(to_badge__isnull=False, is_open=False)
        .filter(~Exists(ever))
    )
    return Rows(
        passed.order_by()
        .values("to_badge", "person", "slug", "name")
        .annotate(n=Count("requirement", distinct=True), since=Max("evaluated_at"))
        .filter(n=Subquery(needed)),
        *("slug", "name", "since"),
        most=None,
    )


def tell_complete(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each badge that somebody could be awarded."""
    found: dict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
    for row in rows:
        found[row["slug"], row["name"]].append(row["since"])
    for (slug, name), since in found.items():
        number = len(since)
        yield TodayItem(
            key=f"training.complete:{slug}",
            area=_AREA,
            area_label=_LABEL,
            title=ngettext(
                "%(n)d person is complete: %(badge)s", "%(n)d people are complete: %(badge)s", number
            )
            % {"n": number, "badge": name},
            why=_("everything that leads to the badge is passed, and it is not awarded"),
            since=min(since),
            action_label=_("Award"),
            action_url=f"{reverse('training:trainees', args=[slug])}?complete=1&awarded=0",
            badge=_("complete"),
            tone="new",
            over_by=(now - min(since)).total_seconds() / 86400,
            icon="patch-check",
        )


def late_rows(user: User, now: dt.datetime) -> Rows:
    """What may be due: a training that was passed, and what else leads to the same badge and is not; with days."""
    mine = Progress.objects.filter(person=OuterRef("person"), requirement=OuterRef("wanted"))
    by_hand = mine.order_by().values("person").annotate(until=Max("due_on")).values("until")
    held = Award.objects.filter(person=OuterRef("person"), badge=OuterRef("to_badge"))
    ended = Coalesce("event__ends_on", "event__starts_on", "happened_on")
    trained = (
        Progress.objects.filter(state=ProgressState.PASSED, requirement__needs_event=True, **_LIVING)
        .annotate(
            ended=ended,
            to_badge=F("requirement__badges"),
            slug=F("requirement__badges__slug"),
            name=F("requirement__badges__name"),
            closed=F("requirement__badges__is_archived"),
            wanted=F("requirement__badges__requirements"),
            days=F("requirement__badges__requirements__due_days"),
            gone=F("requirement__badges__requirements__is_archived"),
        )
        .filter(ended__gte=now.date() - dt.timedelta(days=LONGEST), closed=False, gone=False)
        .filter(~Exists(mine.filter(state=ProgressState.PASSED)), ~Exists(held))
        .annotate(until=Subquery(by_hand))
        .filter(Q(days__isnull=False) | Q(until__isnull=False))
    )
    return Rows(trained.order_by(), *("person_id", "slug", "name", "ended", "days", "until"), most=None)


def tell_late(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each badge for which somebody's due date passed within the last month."""
    today = now.date()
    found: dict[tuple[str, str], dict[int, dt.date]] = defaultdict(dict)
    for row in rows:
        due = row["until"] or row["ended"] + dt.timedelta(days=row["days"])
        if today - dt.timedelta(days=NEWS) <= due < today:
            mine = found[row["slug"], row["name"]]
            mine[row["person_id"]] = min(due, mine.get(row["person_id"], due))
    for (slug, name), people in found.items():
        number, oldest = len(people), min(people.values())
        days = (today - oldest).days
        yield TodayItem(
            key=f"training.late:{slug}",
            area=_AREA,
            area_label=_LABEL,
            title=ngettext(
                "%(n)d trainee is overdue: %(badge)s", "%(n)d trainees are overdue: %(badge)s", number
            )
            % {"n": number, "badge": name},
            why=_("a due date passed within the last %(n)d days: remind them, or give them longer")
            % {"n": NEWS},
            since=moment(oldest),
            action_label=_("See who"),
            action_url=f"{reverse('training:trainees', args=[slug])}?due=overdue",
            badge=ngettext("%(n)d day over", "%(n)d days over", days) % {"n": days},
            tone="due",
            over_by=float(days),
            icon="hourglass-bottom",
        )


for _source in (
    TodaySource("training.submissions", _AREA, "training.contribute", waiting_rows, tell_waiting, order=44),
    TodaySource("training.complete", _AREA, "training.manage", complete_rows, tell_complete, order=45),
    TodaySource("training.late", _AREA, "training.manage", late_rows, tell_late, order=46),
):
    today_sources.register(_source)
