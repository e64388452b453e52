"""How posts join the house: their kind of message, jobs, what the ledger hears, who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.outbox.public import MessageKind, message_kinds
from folkmoot.publishing import erasing as _erasing  # noqa: F401 - registers how publishing forgets
from folkmoot.publishing import finding as _finding  # noqa: F401 - registers how posts are found
from folkmoot.publishing import gates as _gates  # noqa: F401 - registers what is asked before a post leaves
from folkmoot.publishing import settling, times
from folkmoot.publishing.actions import leaving, renditions
from folkmoot.publishing.models import Post
from folkmoot.publishing.today.posts import told_as_trouble


def _values(user: User | None, post: Post) -> Mapping[str, str]:
    return {}


def _found(words: str) -> Iterable[tuple[int, str]]:
    rows = Post.objects.filter(title__icontains=words).order_by("-due_at", "-pk")
    return list(rows.values_list("pk", "title")[:20])


message_kinds.register(
    MessageKind(
        leaving.KIND,
        _("Post"),
        Area.PUBLISHING,
        (),
        _values,
        _found,
        lambda pk: Post.objects.filter(pk=pk).first(),
        told=told_as_trouble,
        order=300,
    )
)
job_kinds.register(
    JobKind(
        renditions.JOB,
        _("Make pictures in the sizes that channels take"),
        renditions.run,
        permission="publishing.view",
    )
)
job_kinds.register(
    JobKind(
        settling.JOB,
        _("See what became of posts"),
        settling.settle,
        permission="publishing.view",
    )
)


def _ten_minutes(now: dt.datetime) -> str:
    """A slot for each ten minutes, where some post is on its way or in trouble."""
    if not settling.open_posts(now).exists():
        return ""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%dT%H}:{at.minute // 10}0"


schedule.register(
    ScheduledJob(
        settling.JOB,
        settling.JOB,
        _ten_minutes,
        "Every ten minutes while posts are on their way or in trouble: reckons where each stands from its messages.",
    )
)
job_kinds.register(
    JobKind(times.JOB, _("Keep planned times of posts true"), times.keep_times, permission="publishing.view")
)
schedule.register(
    ScheduledJob(
        times.JOB,
        times.JOB,
        daily,
        "Reckons the moments of planned posts anew from their wall time, since a zone's rules may have changed.",
    )
)
activity_kinds.register(
    ActivityKind(settling.PUBLISHED, _("Published the post"), "megaphone", _("Publishing"))
)
notice_kinds.register(
    NoticeKind(
        settling.NOTICE,
        _("Posts that did not leave as planned"),
        Area.PUBLISHING,
        icon="exclamation-triangle",
    )
)
notice_kinds.register(
    NoticeKind(settling.BY_HAND, _("Posts that somebody posts by hand"), Area.PUBLISHING, icon="hand-index")
)
