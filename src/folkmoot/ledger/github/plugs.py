"""How reading GitHub joins the house: kinds of activity, the job, its hour, its page, what Today says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.connectors.github.problems import what_happened, what_to_do
from folkmoot.connectors.github.tokens import TokenLender, lenders
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
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
from folkmoot.ledger.github import jobs, queries, sync
from folkmoot.ledger.github.models import Stream

PERMISSION = "settings.manage"
#: A token that ends within so many days is told of.
TOKEN_DAYS = 14

for _kind in (
    ActivityKind(
        "pull_request.reviewed", gettext_lazy("Reviewed"), "chat-square-text", gettext_lazy("Contributions")
    ),
    ActivityKind(
        "discussion.opened",
        gettext_lazy("Opened discussion"),
        "chat-left-text",
        gettext_lazy("Contributions"),
    ),
    ActivityKind("release.published", gettext_lazy("Published"), "box-seam", gettext_lazy("Contributions")),
    ActivityKind("repository.starred", gettext_lazy("Gave a star"), "star", gettext_lazy("Stars")),
):
    activity_kinds.register(_kind)

job_kinds.register(
    JobKind(
        sync.KIND,
        gettext_lazy("Read GitHub"),
        sync.run,
        permission=PERMISSION,
        max_attempts=5,
        url=queries.job_url,
    )
)
job_kinds.register(
    JobKind("github.tidy", gettext_lazy("Forget old webhook deliveries"), jobs.tidy, permission=PERMISSION)
)
schedule.register(
    ScheduledJob(
        "github.sync",
        sync.KIND,
        jobs.hours,
        "Each hour: reads every connection to GitHub that is not paused.",
    )
)
schedule.register(
    ScheduledJob("github.tidy", "github.tidy", jobs.days, "Forgets webhook deliveries after 30 days.")
)
lenders.register(TokenLender("github", queries.lendable, sync.lend))
navigation.register(
    NavEntry(
        "settings.github",
        gettext_lazy("GitHub"),
        "github:connections",
        icon="github",
        permission=PERMISSION,
        parent="settings",
        order=600,
    )
)
commands.register(Command("github", gettext_lazy("Go to GitHub"), "github:connections", PERMISSION, "github"))
commands.register(
    Command("github.new", gettext_lazy("Connect with GitHub"), "github:new", PERMISSION, "github")
)


def _item(
    key: str, title: str, why: str, since: dt.datetime, label: str, url: str, badge: str, tone: str
) -> TodayItem:
    return TodayItem(
        key=key,
        area="settings",
        area_label=_("Settings"),
        title=title,
        why=why,
        since=since,
        action_label=label,
        action_url=url,
        badge=badge,
        tone=tone,
        icon="github",
    )


def tell_failing(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Connections that cannot be read at all."""
    for row in rows:
        said = f"{what_happened(row['error'])} {what_to_do(row['error'])} {row['error_detail']}".strip()
        yield _item(
            f"github.failing:{row['pk']}",
            _("GitHub “%(name)s” cannot be read") % {"name": row["name"]},
            said,
            row["failing_since"] or now,
            _("Mend it"),
            reverse("github:edit", args=[row["pk"]]),
            _("failed"),
            "overdue",
        )


def tell_stale(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Connections of whose repositories something could not be read."""
    for row in rows:
        title = ngettext(
            "%(n)d repository of GitHub “%(name)s” was not read",
            "%(n)d repositories of GitHub “%(name)s” were not read",
            row["repositories"],
        ) % {"n": row["repositories"], "name": row["name"]}
        why = _("%(repository)s, %(what)s: %(why)s %(todo)s %(said)s") % {
            "repository": row["repository"],
            "what": Stream(row["stream"]).label,
            "why": what_happened(row["error"]),
            "todo": what_to_do(row["error"]),
            "said": row["error_detail"],
        }
        yield _item(
            f"github.stale:{row['connection']}",
            title,
            why.strip(),
            row["stale_since"],
            _("See it"),
            reverse("github:connection", args=[row["connection"]]) + "?state=stale",
            _("stale"),
            "due",
        )


def tell_expiring(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Connections whose token ends soon."""
    for row in rows:
        ends: dt.datetime = row["token_expires_at"]
        days = max(0, (ends - now).days)
        yield _item(
            f"github.expires:{row['pk']}:{ends:%Y-%m-%d}",
            _("The token of GitHub “%(name)s” ends") % {"name": row["name"]},
            ngettext("in %(n)d day; told 14 days before", "in %(n)d days; told 14 days before", days)
            % {"n": days},
            ends - dt.timedelta(days=TOKEN_DAYS),
            _("Put in a new one"),
            reverse("github:edit", args=[row["pk"]]),
            _("ends"),
            "due",
        )


for _source in (
    TodaySource(
        "github.failing",
        "settings",
        PERMISSION,
        lambda user, now: queries.failing_connections(),
        tell_failing,
        order=800,
    ),
    TodaySource(
        "github.stale",
        "settings",
        PERMISSION,
        lambda user, now: queries.stale_by_connection(),
        tell_stale,
        order=801,
    ),
    TodaySource(
        "github.expiring",
        "settings",
        PERMISSION,
        lambda user, now: queries.expiring_tokens(now, TOKEN_DAYS),
        tell_expiring,
        order=802,
    ),
):
    today_sources.register(_source)
