"""How AMY is read: its jobs, when, and the entry below Settings."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.erasure import NothingPersonal, nothing_personal
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import NavEntry, ScheduledJob, navigation, schedule
from folkmoot.people.actions.amy import KIND
from folkmoot.people.imports.amy import fetching

NIGHTLY = "people.read_amy_nightly"
job_kinds.register(
    JobKind(
        KIND,
        _("Reading AMY"),
        fetching.read_job,
        permission="settings.manage",
        url=lambda job: reverse("people:amy"),
    )
)
job_kinds.register(JobKind(NIGHTLY, _("Reading AMY every night"), fetching.nightly))
schedule.register(
    ScheduledJob(
        NIGHTLY, NIGHTLY, daily, "Each night: reads every AMY that is to be read every night, and imports it."
    )
)
nothing_personal.register(
    NothingPersonal(
        "people.amy",
        frozenset({"people.amyinventory", "people.amyconnection", "people.historicalamyconnection"}),
        "Numbers that records have in AMY, words of its small lists; an address, and a token that is encrypted.",
    )
)
navigation.register(
    NavEntry(
        "settings.amy",
        _("AMY"),
        "people:amy",
        icon="box-arrow-in-down",
        permission="settings.manage",
        parent="settings",
        order=915,
    )
)
