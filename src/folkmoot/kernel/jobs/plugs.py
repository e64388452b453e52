"""How jobs join the house: their page below Settings, failed ones on Today, the removal of old ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions, queries
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    NavEntry,
    ScheduledJob,
    TodayItem,
    TodaySource,
    calendar_sources,
    commands,
    navigation,
    schedule,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows

job_kinds.register(JobKind("jobs.purge", gettext_lazy("Remove old jobs"), actions.purge))
schedule.register(
    ScheduledJob(
        "jobs.purge", "jobs.purge", daily, "Removes finished jobs after 90 days, failed ones once laid aside."
    )
)
navigation.register(
    NavEntry(
        "settings.jobs",
        gettext_lazy("Jobs"),
        "jobs:list",
        icon="list-check",
        permission="jobs.view",
        parent="settings",
        order=920,
    )
)
commands.register(
    Command("jobs", gettext_lazy("Go to jobs"), "jobs:list", "jobs.view", icon="list-check", order=920)
)


def failed_jobs(user: User, now: dt.datetime) -> Rows:
    """Jobs that failed and that nobody has laid aside, oldest first."""
    return Rows(
        queries.jobs_for(user).filter(queries.failed()).order_by("finished_at", "pk"),
        *("pk", "kind", "attempts", "finished_at", "created_at", "created_by_id"),
        error=Left("error", 2000),
    )


def tell_failed_jobs(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each of them, for who began it."""
    for row in rows:
        yield TodayItem(
            key=f"jobs.failed:{row['pk']}",
            area="settings",
            area_label=_("Settings"),
            title=_("%(job)s failed") % {"job": queries.kind_label(row["kind"])},
            why=ngettext(
                "tried once; %(error)s", "tried %(times)d times; last error: %(error)s", row["attempts"]
            )
            % {"times": row["attempts"], "error": queries.first_line(row["error"])[:200]},
            since=row["finished_at"] or row["created_at"],
            action_label=_("See it"),
            action_url=reverse("jobs:job", args=[row["pk"]]),
            badge=_("failed"),
            tone="overdue",
            icon="exclamation-octagon",
            mine=frozenset({row["created_by_id"]} if row["created_by_id"] else ()),
        )


today_sources.register(
    TodaySource("jobs.failed", "settings", "jobs.view", failed_jobs, tell_failed_jobs, order=900)
)


def planned_jobs(user: User, first: dt.date, last: dt.date) -> Iterable[CalendarEntry]:
    """Jobs that wait for a later day. One query."""
    for job in queries.planned_jobs(user, first, last):
        yield CalendarEntry(
            key=f"jobs.planned:{job.pk}",
            day=timezone.localtime(job.due_at).date(),
            at=job.due_at,
            title=queries.label(job),
            area="settings",
            url=reverse("jobs:job", args=[job.pk]),
            icon="list-check",
            badge=_("planned"),
        )


calendar_sources.register(
    CalendarSource(
        "jobs.planned", gettext_lazy("Planned work"), "settings", "jobs.view", planned_jobs, order=900
    )
)
