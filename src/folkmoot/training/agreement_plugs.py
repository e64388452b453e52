"""What agreements with members and partners declare."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.people.public import belongs_to_history
from folkmoot.training import agreement_telling as telling
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    Extension,
    RegistrationCode,
)

_TRAINING = _("Training & events")
for _kind in (
    ActivityKind(telling.BEGAN, _("Agreement began:"), "file-earmark-play", _TRAINING),
    ActivityKind(telling.ENDED, _("Agreement ended:"), "file-earmark-x", _TRAINING),
    ActivityKind(telling.RENEWED, _("Agreement renewed:"), "file-earmark-check", _TRAINING),
):
    activity_kinds.register(_kind)

belongs_to_history(
    Agreement,
    (AgreementParty, "agreement"),
    (Extension, "agreement"),
    (AgreementContact, "agreement"),
    (Allowance, "agreement"),
    (RegistrationCode, "agreement"),
)

job_kinds.register(
    JobKind(
        telling.JOB,
        _("Note which agreements began and ended"),
        telling.tell_days,
        permission="training.view",
    )
)
schedule.register(
    ScheduledJob(
        telling.JOB,
        telling.JOB,
        lambda now: now.astimezone(dt.UTC).date().isoformat(),
        "Every day: the ledger is told which agreements began and which ended.",
    )
)
