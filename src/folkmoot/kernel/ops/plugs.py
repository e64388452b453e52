"""How operations join the house: the nightly backup, and what a restore makes again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.ops import scheduled
from folkmoot.kernel.ops.rebuild import Rebuild, rebuilds
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.kernel.search.jobs import rebuild as rebuild_search

job_kinds.register(
    JobKind("ops.backup", _("Nightly backup"), scheduled.run, permission="settings.admin", can_cancel=False)
)
schedule.register(
    ScheduledJob(
        "ops.backup",
        "ops.backup",
        scheduled.nightly,
        "Takes a backup into FOLKMOOT_BACKUP_DIR from 02:00 UTC, and removes those that FOLKMOOT_BACKUP_KEEP lets go.",
    )
)


def _search() -> str:
    rebuild_search()
    return "The search is made anew in the background, once Folkmoot runs."


rebuilds.register(Rebuild("changes", lambda: "", frozenset({"kernel.changedrow"})))
rebuilds.register(Rebuild("search", _search, frozenset({"kernel.searchentry", "kernel.searchspelling"})))
