"""What events declare whatever pages there are: kinds of activity, first rows, how a person is forgotten."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.people.public import belongs_to_history
from folkmoot.training import erasing as _erasing  # noqa: F401 - registers how training forgets
from folkmoot.training import settling, telling
from folkmoot.training.models import (
    Event,
    EventLink,
    EventNote,
    Question,
    Session,
    Task,
)
from folkmoot.training.seeds import load

_TRAINING = _("Training & events")

for _kind in (
    ActivityKind("training.announced", _("Event announced:"), "calendar-event", _TRAINING),
    ActivityKind("training.cancelled", _("Event cancelled:"), "calendar-x", _TRAINING),
    ActivityKind("training.taught", _("Taught at"), "mortarboard", _TRAINING),
    ActivityKind("training.helped", _("Helped at"), "life-preserver", _TRAINING),
    ActivityKind("training.hosted", _("Hosted"), "house", _TRAINING),
    ActivityKind("training.organised", _("Organised"), "clipboard-check", _TRAINING),
    ActivityKind("training.spoke", _("Spoke at"), "mic", _TRAINING),
    ActivityKind("training.attended", _("Took part in"), "person-check", _TRAINING),
    ActivityKind("training.part", _("Had a part in"), "person", _TRAINING),
    ActivityKind("training.certified", _("Got a certificate of"), "award", _TRAINING),
):
    activity_kinds.register(_kind)

belongs_to_history(
    Event,
    (EventLink, "event"),
    (Session, "event"),
    (Task, "event"),
    (Question, "event"),
    (EventNote, "event"),
)


def _set_up() -> str:
    made = load()
    return (
        ngettext("Added %(made)d row of training.", "Added %(made)d rows of training.", made) % {"made": made}
        if made
        else ""
    )


setup_steps.register(SetupStep("training.rows", _set_up, order=320))


def _ten_minutes(now: dt.datetime) -> str:
    """A slot for each ten minutes, where some announced event has begun or ended."""
    if not settling.due(now).exists():
        return ""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%dT%H}:{at.minute // 10}0"


job_kinds.register(
    JobKind(
        settling.JOB,
        _("See which events run and which are over"),
        settling.settle,
        permission="training.view",
    )
)
schedule.register(
    ScheduledJob(
        settling.JOB,
        settling.JOB,
        _ten_minutes,
        "Every ten minutes where an announced event has begun or ended: it runs, or it is done.",
    )
)
job_kinds.register(
    JobKind(
        telling.JOB, _("Note who took which part in an event"), telling.tell_all, permission="training.view"
    )
)
