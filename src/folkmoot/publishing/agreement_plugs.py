"""How agreement and policy join the house: pages, Today, first rows, the look at links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.permissions.areas import Area
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
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.publishing import telling as _telling  # noqa: F401 - kinds of notices
from folkmoot.publishing.actions.agreement import load_rules
from folkmoot.publishing.actions.policy import load_policy
from folkmoot.publishing.addresses import post_page
from folkmoot.publishing.policy import link_checks
from folkmoot.publishing.queries import agreement as queries

for _entry in (
    NavEntry(
        "settings.policy",
        _("Policy for posts"),
        "publishing:policy",
        "",
        "publishing.admin",
        "settings",
        order=44,
    ),
    NavEntry(
        "settings.post_rules",
        _("Approval of posts"),
        "publishing:approval_rules",
        "",
        "publishing.admin",
        "settings",
        order=45,
    ),
):
    navigation.register(_entry)
for _command in (
    Command(
        "publishing.policy",
        _("Go to the policy for posts"),
        "publishing:policy",
        "publishing.admin",
        "shield-check",
        order=145,
    ),
    Command(
        "publishing.rules",
        _("Go to the approval rules for posts"),
        "publishing:approval_rules",
        "publishing.admin",
        "check2-square",
        order=146,
    ),
):
    commands.register(_command)

job_kinds.register(
    JobKind(
        link_checks.JOB, _("Look whether links answer"), link_checks.check_links, permission="publishing.view"
    )
)
schedule.register(
    ScheduledJob(
        link_checks.JOB,
        link_checks.JOB,
        link_checks.hourly,
        "Every hour: asks the pages that posts lead to, each once a day, so that dead links are found before a post"
        " leaves.",
    )
)
setup_steps.register(SetupStep("publishing.policy", load_policy, order=60))
setup_steps.register(SetupStep("publishing.rules", load_rules, order=61))


def waiting(user: User, now: dt.datetime) -> Rows:
    """Posts that wait for an approval that this person may give, and their own that wait for others."""
    return Rows(queries.waiting_for(user), "pk", "title", "due_at", "changed_at", "handed_in_at", "is_mine")


def tell(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """One for each post; the sooner it is planned, the higher it stands."""
    for row in rows:
        since = row["handed_in_at"] or row["changed_at"]
        waits = (now - since).total_seconds() / 86400
        left = (row["due_at"] - now).total_seconds() / 86400 if row["due_at"] else None
        over = max(waits - 3, 1 - left) if left is not None else waits - 3
        late = left is not None and left < 1
        yield TodayItem(
            key=f"publishing.agree:{row['pk']}",
            area=Area.PUBLISHING.value,
            area_label=Area.PUBLISHING.label,
            title=row["title"],
            why=_now("It waits for your approval")
            if row["is_mine"]
            else _now("It waits for somebody's approval"),
            since=since,
            action_label=_now("Read and approve") if row["is_mine"] else _now("Look at it"),
            action_url=post_page(row["pk"]),
            badge=_now("planned soon") if late else _now("waits"),
            tone="overdue" if late else "due",
            over_by=over,
            icon="check2-square",
            mine=frozenset({user.pk}) if row["is_mine"] else frozenset(),
            waits_for_others=not row["is_mine"],
        )


today_sources.register(
    TodaySource("publishing.agree", "publishing", "publishing.contribute", waiting, tell, order=40)
)
