"""How notices join the house: their jobs, and commands that lead to their pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.notices import jobs, rules  # noqa: F401 - rules register themselves
from folkmoot.kernel.notices.actions import MAIL_JOB
from folkmoot.kernel.plugs import Command, ScheduledJob, commands, schedule

#: A mail server that is down for a short while is waited for: ten seconds, a minute, then every five minutes.
TRIES = 8

job_kinds.register(JobKind("notices.plan", _("Plan digests"), jobs.plan, can_cancel=False))
job_kinds.register(
    JobKind(MAIL_JOB, _("Mail notices"), jobs.mail_at_once, can_cancel=False, max_attempts=TRIES)
)
job_kinds.register(
    JobKind(jobs.DIGEST_JOB, _("Mail a digest"), jobs.mail_digest, can_cancel=False, max_attempts=TRIES)
)
schedule.register(
    ScheduledJob(
        "notices.plan",
        "notices.plan",
        jobs.half_hours,
        "Each half hour: queues digests whose time has come in their readers' zones, and mail that was left behind.",
    )
)
commands.register(Command("notices", _("Go to notices"), "notices:list", "notices.own", "bell"))
commands.register(
    Command(
        "notices.preferences", _("Choose what is mailed"), "notices:preferences", "notices.own", "bell-slash"
    )
)
