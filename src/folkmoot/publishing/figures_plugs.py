"""How the figures of publishing join the house: readings by the clock, metrics, sections of reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import NavEntry, ScheduledJob, navigation, schedule
from folkmoot.publishing import sections as _sections
from folkmoot.publishing.figures import reading
from folkmoot.publishing.metrics import posts as _posts  # noqa: F401 - declare themselves

job_kinds.register(JobKind(reading.JOB, _("Ask how posts fare"), reading.read_all, "publishing.view"))
job_kinds.register(
    JobKind(reading.FOLLOWERS, _("Ask how many follow"), reading.read_followers, "publishing.view")
)
schedule.register(
    ScheduledJob(
        reading.JOB,
        reading.JOB,
        reading.hours,
        "Each hour: asks platforms how posts fare, every three hours in a post's first two days, daily for two weeks, "
        "weekly for three months.",
    )
)
schedule.register(
    ScheduledJob(reading.FOLLOWERS, reading.FOLLOWERS, daily, "Once a day: how many follow each channel.")
)
navigation.register(
    NavEntry(
        "publishing.figures",
        _("Figures"),
        "reports:report",
        "",
        "publishing.view",
        "publishing",
        order=80,
        arguments=(_sections.REPORT.key,),
        also=("publishing:figure_rows",),
    )
)
