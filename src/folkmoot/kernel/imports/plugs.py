"""How imports join the house: their pages below Settings, rejected rows on Today, their kinds of job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import jobs, queries
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    ScheduledJob,
    TodayItem,
    TodaySource,
    commands,
    navigation,
    schedule,
    today_sources,
)
from folkmoot.kernel.rows import Row


def _page(job: Job) -> str:
    return reverse("imports:run", args=[job.arguments["run"]])


job_kinds.register(
    JobKind(
        "imports.run",
        gettext_lazy("Import"),
        jobs.run_import,
        permission="imports.run",
        on_stopped=jobs.stopped,
        url=_page,
    )
)
job_kinds.register(
    JobKind(
        "imports.undo",
        gettext_lazy("Undo an import"),
        jobs.undo_import,
        permission="imports.run",
        url=_page,
    )
)
job_kinds.register(JobKind("imports.clean", gettext_lazy("Remove old uploads"), jobs.clean))
schedule.register(
    ScheduledJob(
        "imports.clean",
        "imports.clean",
        daily,
        "Removes uploaded files, and imports nobody confirmed, after 30 days.",
    )
)
navigation.register(
    NavEntry(
        "settings.imports",
        gettext_lazy("Imports"),
        "imports:list",
        icon="box-arrow-in-down",
        permission="imports.run",
        parent="settings",
        order=910,
    )
)
commands.register(
    Command(
        "imports.new",
        gettext_lazy("Import"),
        "imports:new",
        "imports.run",
        icon="box-arrow-in-down",
        in_new_menu=True,
        order=910,
    )
)


def tell_rejected_rows(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Imports with rows that could not be read and that nobody has laid aside."""
    for row in rows:
        where = _("line %(line)s of %(file)s") % {"line": row["line"], "file": row["file"]}
        yield TodayItem(
            key=f"imports.rejected:{row['pk']}",
            area="settings",
            area_label=_("Imports"),
            title=ngettext(
                "%(number)d row could not be read", "%(number)d rows could not be read", row["number"]
            )
            % {"number": row["number"]},
            why=_("import %(run)d of %(origin)s; first: %(where)s")
            % {"run": row["pk"], "origin": row["origin"], "where": where if row["line"] else row["file"]},
            since=row["applied_at"] or row["created_at"],
            action_label=_("Mend rows"),
            action_url=reverse("imports:rejected", args=[row["pk"]]),
            badge=_("to mend"),
            tone="due",
            icon="bandaid",
            mine=frozenset({row["created_by_id"]} if row["created_by_id"] else ()),
        )


today_sources.register(
    TodaySource(
        "imports.rejected",
        "settings",
        "imports.run",
        lambda user, now: queries.to_mend(user),
        tell_rejected_rows,
        order=800,
    )
)
