"""How the API joins the house: its pages below Settings, the loop that tells webhooks, Today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.api import jobs
from folkmoot.api.webhooks import erasures as _erasures  # noqa: F401 - listens to erasures
from folkmoot.api.webhooks import feed, queries
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import NothingPersonal, nothing_personal
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    ScheduledJob,
    TodayItem,
    TodaySource,
    WorkerLoop,
    commands,
    navigation,
    schedule,
    today_sources,
    worker_loops,
)
from folkmoot.kernel.rows import Row, Rows

navigation.register(
    NavEntry(
        "settings.webhooks", _("Webhooks"), "webhooks:list", "broadcast", "settings.admin", "settings", 41
    )
)
commands.register(Command("webhooks.new", _("New webhook"), "webhooks:new", "settings.admin", "broadcast"))
commands.register(Command("api.reference", _("API reference"), "api-reference", "tokens.own", "book"))
worker_loops.register(WorkerLoop("webhooks", feed.run))
job_kinds.register(JobKind(jobs.FAILING, _("Pause webhooks that fail"), jobs.pause_webhooks))
schedule.register(
    ScheduledJob(
        jobs.FAILING,
        jobs.FAILING,
        jobs.hourly,
        "Every hour: pauses webhooks whose address failed for five days; Today says so.",
    )
)
nothing_personal.register(
    NothingPersonal(
        "api",
        frozenset({"api.webhook", "api.historicalwebhook"}),
        "What is told to which of the community's own programs: kinds of changes and numbers of rows.",
    )
)


def paused_webhooks(user: User, now: dt.datetime) -> Rows:
    """Webhooks that are told nothing, the longest first."""
    paused = queries.webhooks().filter(channel__paused_at__isnull=False).order_by("channel__paused_at")
    return Rows(paused, "pk", name="channel__name", why="channel__paused_why", since="channel__paused_at")


def tell_paused_webhooks(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Somebody has to look at each, or resume it."""
    for row in rows:
        yield TodayItem(
            key=f"api.webhook.{row['pk']}",
            area=Area.SETTINGS,
            area_label=Area.SETTINGS.label,
            title=_now("Webhook “%(name)s” is paused") % {"name": row["name"]},
            why=row["why"],
            since=row["since"],
            action_label=_now("Look at it"),
            action_url=reverse("webhooks:webhook", args=[row["pk"]]),
            badge=_now("paused"),
            tone="due",
            icon="broadcast",
        )


today_sources.register(
    TodaySource("api.webhooks", "settings", "settings.admin", paused_webhooks, tell_paused_webhooks, order=18)
)
