"""How Today joins the house: the first entry of the navigation, its part of the digest, what can be handed over."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.home import actions, demo, jobs, queries
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.notices.kinds import DigestPart, digest_parts
from folkmoot.kernel.plugs import (
    Command,
    Handover,
    NavEntry,
    Starter,
    commands,
    handovers,
    navigation,
    starters,
)

navigation.register(NavEntry("today", _("Today"), "home:today", "sun", "home.work", order=10))
navigation.register(
    NavEntry("today.calendar", _("Calendar"), "home:calendar", "", "home.work", "today", order=1)
)
commands.register(Command("home.today", _("Go to Today"), "home:today", "home.work", "sun"))
commands.register(
    Command("home.calendar", _("Go to the calendar"), "home:calendar", "home.work", "calendar3")
)
commands.register(Command("home.help", _("Help"), "home:help", "home.work", "question-circle"))
commands.register(
    Command("accounts.profile", _("Your profile"), "accounts:profile", "accounts.own_profile", "person")
)
digest_parts.register(DigestPart("home.today", _("What needs someone"), queries.digest_lines, order=10))
handovers.register(
    Handover(
        "home.assigned",
        _("things given to them on Today"),
        actions.count_assigned,
        actions.hand_over,
        order=10,
    )
)
job_kinds.register(JobKind(jobs.SAMPLE, _("Load the sample community"), jobs.load_sample))
starters.register(
    Starter(
        "sample",
        _("Look around with a made-up community"),
        _("Two imports with invented people and packages; both can be undone under Imports."),
        demo.is_here,
        jobs.begin_sample,
        icon="stars",
    )
)
