"""Programmes and kinds as rows; events and their sessions; parts, registrations, certificates."""

from __future__ import annotations

from folkmoot.training.models.events import (
    AHEAD,
    Event,
    EventLink,
    RegistrationBy,
    Session,
    Status,
    Visibility,
)
from folkmoot.training.models.pages import Contribution, EventPage
from folkmoot.training.models.parts import (
    TAKEN,
    Certificate,
    Question,
    Registration,
    RegistrationState,
    Task,
    TaskState,
)
from folkmoot.training.models.programmes import (
    CertificatePattern,
    Curriculum,
    EventKind,
    Programme,
    TaskKind,
)

__all__ = [
    "AHEAD",
    "TAKEN",
    "Certificate",
    "CertificatePattern",
    "Contribution",
    "Curriculum",
    "Event",
    "EventKind",
    "EventLink",
    "EventPage",
    "Programme",
    "Question",
    "Registration",
    "RegistrationBy",
    "RegistrationState",
    "Session",
    "Status",
    "Task",
    "TaskKind",
    "TaskState",
    "Visibility",
]
