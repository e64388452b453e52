"""How places at events and certificates join the house: mails, jobs, cards on an event's page, one's own page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import NavEntry, RecordPanel, ScheduledJob, navigation, record_panels, schedule
from folkmoot.kernel.rows import Row, Rows, whole
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.outbox.public import MessageKind, Topic, message_kinds, topics
from folkmoot.training import calling_off, certifying, letters, moving, signals
from folkmoot.training.actions import placing, registering
from folkmoot.training.models import RegistrationBy, RegistrationState
from folkmoot.training.seeds.texts import load_texts

for _place, (_key, _label) in enumerate(letters.KINDS):
    message_kinds.register(
        MessageKind(
            _key,
            _label,
            "training",
            letters.VARIABLES,
            letters.values,
            letters.found,
            letters.preview,
            is_personal=True,
            topic="training",
            order=300 + _place,
        )
    )
topics.register(Topic("training", _("mails about events")))


def _set_up() -> str:
    made = load_texts()
    words = ngettext("Added %(made)d standard text.", "Added %(made)d standard texts.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("training.texts", _set_up, order=321))


def _places_changed(sender: Any, *, event: Any, actor: Any, **more: Any) -> None:
    placing.keep_in_step(event=event, actor=actor)


def _cancelled(sender: Any, *, event: Any, actor: Any, **more: Any) -> None:
    calling_off.call_off(event=event, actor=actor)


signals.places_changed.connect(_places_changed, dispatch_uid="training.places")
signals.cancelled.connect(_cancelled, dispatch_uid="training.places")

job_kinds.register(
    JobKind(
        calling_off.JOB,
        _("Tell everybody that an event is cancelled"),
        calling_off.tell_everybody,
        permission="training.view",
    )
)
job_kinds.register(
    JobKind(
        moving.JOB,
        _("Tell everybody that an event has moved"),
        moving.tell_everybody,
        permission="training.view",
    )
)
job_kinds.register(
    JobKind(
        certifying.JOB,
        _("Issue certificates to everybody who was there"),
        certifying.certify_all,
        permission="training.view",
    )
)
FORGET = "training.forget_unproven"


def _forget(context: JobContext) -> dict[str, int]:
    return {"forgotten": registering.forget_unproven(now=clock.now())}


job_kinds.register(
    JobKind(FORGET, _("Forget registrations that nobody confirmed"), _forget, permission="training.view")
)
schedule.register(
    ScheduledJob(
        FORGET,
        FORGET,
        lambda now: now.astimezone(dt.UTC).date().isoformat(),
        "Every day: registrations for events that nobody confirmed within seven days are forgotten.",
    )
)

navigation.register(
    NavEntry("me.events", _("My events"), "training:own", "calendar-event", "people.own", "me", order=2)
)


def _registrations(user: Any, event: Any) -> Rows:
    state = RegistrationState
    return Rows(
        whole(event.registrations.all()),
        confirmed=Count("pk", filter=Q(state=state.CONFIRMED)),
        waiting=Count("pk", filter=Q(state=state.WAITING)),
        unproven=Count("pk", filter=Q(state=state.UNPROVEN)),
    )


def _registrations_card(user: Any, event: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    found = rows[0] if rows else {}
    if event.registration_by != RegistrationBy.HERE and not any(found.values()):
        return None
    has_form = event.registration_by == RegistrationBy.HERE and event.is_for_everybody
    return {"event": event, "has_form": has_form, **found}


record_panels.register(
    RecordPanel(
        "training.registrations",
        "training.event",
        _("Registrations"),
        "training.view",
        "training/parts/registrations.html",
        _registrations,
        _registrations_card,
        order=10,
    )
)


def _certificates(user: Any, event: Any) -> Rows:
    return Rows(
        whole(event.tasks.all()),
        valid=Count("certificates", filter=Q(certificates__revoked_at=None), distinct=True),
    )


def _certificates_card(user: Any, event: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    found = rows[0] if rows else {}
    if not found.get("valid") and certifying.pattern_of(event) is None:
        return None
    return {"event": event, **found}


record_panels.register(
    RecordPanel(
        "training.certificates",
        "training.event",
        _("Certificates"),
        "training.view",
        "training/parts/certificates.html",
        _certificates,
        _certificates_card,
        order=20,
    )
)
