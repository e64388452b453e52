"""How mails by rule join the house: navigation, commands, jobs, what is about people's merges."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.signals import chunk_applied
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import Command, NavEntry, ScheduledJob, commands, navigation, schedule
from folkmoot.mailing import erasing as _erasing  # noqa: F401 - registers how it forgets
from folkmoot.mailing import imported, jobs
from folkmoot.mailing import merges as _merges  # noqa: F401 - the subject of merges
from folkmoot.mailing import today as _today  # noqa: F401 - registers what Today tells
from folkmoot.mailing.api import scopes as _api  # noqa: F401 - the API

chunk_applied.connect(imported.settle, dispatch_uid="mailing.imported")
for _kind in (
    JobKind(jobs.CHANGES, _("Mails by rule: look at what changed"), jobs.look_at_changes, "mailing.view"),
    JobKind(jobs.DAILY, _("Mails by rule: look at what time makes so"), jobs.look_at_time, "mailing.view"),
    JobKind(jobs.RULE, _("Mails by rule: look at every record"), jobs.look_at_rule, "mailing.view"),
    JobKind(jobs.SEND, _("Mails by rule: hand over what is due"), jobs.send, "mailing.view"),
):
    job_kinds.register(_kind)
for _job in (
    ScheduledJob(
        jobs.CHANGES,
        jobs.CHANGES,
        jobs.minute_of_changes,
        "Each minute in which a record changed that rules may ask about: plans, moves and cancels mails.",
    ),
    ScheduledJob(
        jobs.DAILY,
        jobs.DAILY,
        daily,
        "Every day: plans and cancels mails for what time alone makes so, such as “ended less than 90 days ago”.",
    ),
    ScheduledJob(
        jobs.SEND,
        jobs.SEND,
        jobs.minute_of_mails,
        "Each minute in which a planned mail is due: hands it to the outbox.",
    ),
):
    schedule.register(_job)

for _entry in (
    NavEntry(
        "today.planned_mails", _("Planned mails"), "mailing:mails", "", "mailing.view", "today", order=6
    ),
    NavEntry(
        "settings.mail_rules", _("Mail rules"), "mailing:rules", "", "mailing.view", "settings", order=41
    ),
):
    navigation.register(_entry)
for _command in (
    Command(
        "mailing.mails",
        _("Go to planned mails"),
        "mailing:mails",
        "mailing.view",
        "envelope-paper",
        order=113,
    ),
    Command(
        "mailing.rules", _("Go to mail rules"), "mailing:rules", "mailing.view", "envelope-paper", order=114
    ),
):
    commands.register(_command)
