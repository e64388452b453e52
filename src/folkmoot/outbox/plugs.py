"""How the outbox joins the house: its loop in every worker, jobs, Today, navigation, figures, after a restore."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors import base as connectors
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.ops.rebuild import Rebuild, rebuilds
from folkmoot.kernel.plugs import (
    Command,
    MonitorFigure,
    NavEntry,
    ScheduledJob,
    WorkerLoop,
    commands,
    monitor_figures,
    navigation,
    schedule,
    worker_loops,
)
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.outbox import by_hand, jobs, queries
from folkmoot.outbox import erasing as _erasing  # noqa: F401 - registers how the outbox forgets
from folkmoot.outbox import hooks as _hooks  # noqa: F401 - listens to webhooks
from folkmoot.outbox import today as _today  # noqa: F401 - registers what Today tells of the outbox
from folkmoot.outbox.actions import after_restore, save_channel
from folkmoot.outbox.engine import caps, loop, telling
from folkmoot.outbox.kinds import leave_checks
from folkmoot.outbox.models import Channel

connectors.load()

worker_loops.register(WorkerLoop("outbox", loop.run, loop.THREADS))
job_kinds.register(JobKind(jobs.MAILBOX, _("Read mail that came back"), jobs.read_mailboxes))
job_kinds.register(JobKind(jobs.TIMES, _("Keep planned times true"), jobs.keep_times))
job_kinds.register(JobKind(jobs.ACCESS, _("Test the access of channels"), jobs.watch_access))
schedule.register(
    ScheduledJob(
        jobs.MAILBOX,
        jobs.MAILBOX,
        jobs.ten_minutes,
        "Every ten minutes: reads bounces and complaints from the mailboxes of channels that have one.",
    )
)
schedule.register(
    ScheduledJob(
        jobs.TIMES,
        jobs.TIMES,
        daily,
        "Reckons planned moments anew from their wall time, since the rules of a time zone may have changed.",
    )
)
schedule.register(
    ScheduledJob(
        jobs.ACCESS,
        jobs.ACCESS,
        jobs.hourly,
        "Every hour: tests channels for posts that are needed within a day, and the others once a day, renews their "
        "access, reads their servers' limits, and tells people 14, 7 and 2 days before one has to be connected anew.",
    )
)
rebuilds.register(Rebuild("outbox", after_restore, order=50))
for _notice in (
    NoticeKind(telling.MISSED, _("Messages that did not leave in time"), icon="send-exclamation"),
    NoticeKind(telling.WITHHELD, _("Messages that were withheld"), icon="send-x"),
    NoticeKind(telling.ACCESS, _("Channels that have to be connected anew"), icon="plug"),
    NoticeKind(caps.CAP, _("Channels whose monthly cap is reached"), icon="piggy-bank"),
):
    notice_kinds.register(_notice)

leave_checks.register(caps.CHECK)
notice_kinds.register(NoticeKind(by_hand.KIND, _("Posts to put somewhere by hand"), icon="hand-index-thumb"))

monitor_figures.register(
    MonitorFigure(
        "folkmoot_oldest_due_delivery_seconds",
        "For how long the oldest unsent message has been due.",
        queries.oldest_due_seconds,
        ready_key="oldest_due_delivery_seconds",
    )
)
monitor_figures.register(
    MonitorFigure("folkmoot_deliveries", "Deliveries by state.", queries.counts_by_state, by="state")
)

for _entry in (
    NavEntry("today.outbox", _("Outbox"), "outbox:list", "", "outbox.view", "today", order=5),
    NavEntry("settings.channels", _("Channels"), "outbox:channels", "", "outbox.admin", "settings", order=40),
    NavEntry("settings.texts", _("Mail texts"), "outbox:templates", "", "outbox.write", "settings", order=41),
    NavEntry(
        "settings.suppressions",
        _("Addresses without mail"),
        "outbox:suppressions",
        "",
        "outbox.suppress",
        "settings",
        order=42,
    ),
    NavEntry(
        "settings.approvals", _("Approval rules"), "outbox:rules", "", "outbox.admin", "settings", order=43
    ),
):
    navigation.register(_entry)
for _command in (
    Command("outbox", _("Go to the outbox"), "outbox:list", "outbox.view", "send", order=110),
    Command(
        "outbox.texts", _("Go to mail texts"), "outbox:templates", "outbox.write", "file-text", order=111
    ),
    Command("outbox.channels", _("Go to channels"), "outbox:channels", "outbox.admin", "signpost", order=112),
):
    commands.register(_command)


def _first_channel() -> str:
    """A new installation sends by the mail server it was given."""
    if Channel.objects.exists():
        return ""
    save_channel(
        channel=None,
        kind="house",
        name=str(_now("Mail")),
        settings={},
        secrets={},
        per_minute=None,
        is_default=True,
        actor=None,
    )
    return "Mail leaves through FOLKMOOT_MAIL_URL."


setup_steps.register(SetupStep("outbox.channel", _first_channel, order=30))
