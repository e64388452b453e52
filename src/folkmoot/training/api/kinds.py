"""What tokens may do with training, its kinds of records, and what webhooks are told of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.api.kinds import Happening, Kind, happenings, kinds
from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes
from folkmoot.training import recruiting_telling, request_telling, telling
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    Award,
    Badge,
    BenefitKind,
    Certificate,
    Curriculum,
    Event,
    EventKind,
    EventLink,
    Extension,
    FormField,
    Involvement,
    Opening,
    Programme,
    Progress,
    Qualification,
    Question,
    Registration,
    RegistrationCode,
    Request,
    RequestForm,
    Requirement,
    Session,
    SignUp,
    SoughtPart,
    Task,
    TaskKind,
    TeachingProfile,
    Tier,
    TierBenefit,
    Use,
)

READ, TRAINEES, SEEKING = "training:read", "trainees:read", "recruitment:read"
AGREEMENTS_READ, REGISTRATIONS_READ, REQUESTS_READ = (
    "agreements:read",
    "registrations:read",
    "requests:read",
)
NOTES, WRITE = "training.notes:read", "training:write"

for _scope in (
    TokenScope(READ, _("read events, who takes part, badges and awards"), "training.view", order=84),
    TokenScope(TRAINEES, _("read how far trainees are"), "training.view", order=85),
    TokenScope(
        SEEKING, _("read openings, sign-ups and where people set out from"), "training.view", order=86
    ),
    TokenScope(
        AGREEMENTS_READ,
        _("read agreements, their codes, contacts and what used them"),
        "training.view",
        is_sensitive=True,
        order=87,
    ),
    TokenScope(
        REGISTRATIONS_READ,
        _("read who registered: addresses, answers, needs"),
        "training.manage",
        is_sensitive=True,
        order=88,
    ),
    TokenScope(
        REQUESTS_READ,
        _("read requests: who asked, addresses, answers, points"),
        "training.manage",
        is_sensitive=True,
        order=89,
    ),
    TokenScope(
        NOTES,
        _("read the notes of those who run training"),
        "training.contribute",
        is_sensitive=True,
        order=90,
    ),
    TokenScope(
        WRITE,
        _("enter and change events, parts, progress; decide about sign-ups, registrations and requests"),
        "training.contribute",
        is_sensitive=True,
        order=160,
    ),
):
    token_scopes.register(_scope)

#: An erasure takes the history of somebody's rows along; its moment is when these changed last.
ERASED = ("person__erased_at",)

EVENTS = kinds.register(
    Kind(
        "events",
        Event,
        READ,
        [(Task, "event"), (Session, "event"), (EventLink, "event"), (Registration, "event")],
        order=200,
    )
)
TASKS = kinds.register(Kind("tasks", Task, READ, stamps=ERASED, order=201))
REGISTRATIONS = kinds.register(Kind("registrations", Registration, REGISTRATIONS_READ, order=202))
QUESTIONS = kinds.register(Kind("questions", Question, READ, order=202))
PROGRAMMES = kinds.register(Kind("programmes", Programme, READ, order=203))
EVENT_KINDS = kinds.register(Kind("event-kinds", EventKind, READ, order=204))
TASK_KINDS = kinds.register(Kind("task-kinds", TaskKind, READ, order=205))
CURRICULA = kinds.register(Kind("curricula", Curriculum, READ, order=206))
BADGES = kinds.register(Kind("badges", Badge, READ, order=207))
AWARDS = kinds.register(Kind("awards", Award, READ, stamps=ERASED, order=208))
QUALIFICATIONS = kinds.register(Kind("qualifications", Qualification, READ, order=209))
CERTIFICATES = kinds.register(Kind("certificates", Certificate, READ, order=210))
REQUIREMENTS = kinds.register(
    Kind("requirements", Requirement, READ, [(Involvement, "requirement")], order=211)
)
PROGRESSES = kinds.register(Kind("progresses", Progress, TRAINEES, stamps=ERASED, order=212))
AGREEMENTS = kinds.register(
    Kind(
        "agreements",
        Agreement,
        AGREEMENTS_READ,
        [
            (AgreementParty, "agreement"),
            (AgreementContact, "agreement"),
            (Extension, "agreement"),
            (Allowance, "agreement"),
            (RegistrationCode, "agreement"),
        ],
        order=213,
    )
)
USES = kinds.register(Kind("uses", Use, AGREEMENTS_READ, order=214))
TIERS = kinds.register(Kind("tiers", Tier, AGREEMENTS_READ, [(TierBenefit, "tier")], order=215))
BENEFITS = kinds.register(Kind("benefits", BenefitKind, AGREEMENTS_READ, order=216))
OPENINGS = kinds.register(
    Kind("openings", Opening, SEEKING, [(SoughtPart, "opening"), (SignUp, "opening")], order=217)
)
SIGN_UPS = kinds.register(Kind("sign-ups", SignUp, SEEKING, order=218))
PROFILES = kinds.register(Kind("teaching-profiles", TeachingProfile, SEEKING, order=219))
FORMS = kinds.register(Kind("request-forms", RequestForm, REQUESTS_READ, [(FormField, "form")], order=220))
REQUESTS = kinds.register(Kind("requests", Request, REQUESTS_READ, order=221))

for _happening in (
    Happening("events.announced", _("an event was announced"), telling.ANNOUNCED, "event", "announced", 10),
    Happening("events.cancelled", _("an event was cancelled"), telling.CANCELLED, "event", "cancelled", 11),
    Happening(
        "openings.opened",
        _("people are sought for an event"),
        recruiting_telling.OPENED,
        "opening",
        "opened",
        12,
    ),
    Happening(
        "requests.received", _("a request came in"), request_telling.RECEIVED, "request", "received", 13
    ),
    Happening(
        "requests.accepted", _("a request was accepted"), request_telling.ACCEPTED, "request", "accepted", 14
    ),
):
    happenings.register(_happening)


def _load() -> Any:
    from folkmoot.training.api.routes import router  # needs the addresses, which are read later

    return router


api_routers.register(ApiRouter("training", "Training", _load, order=60))
