"""Rows of training with everything in them that could leak: private events, needs, notes of staff, addresses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from folkmoot.kernel import clock
from folkmoot.mailing.models import MailRule, PlannedMail
from folkmoot.people.models import Consent, ConsentKind
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.models import (
    AgreementContact,
    AgreementParty,
    Allowance,
    Award,
    Badge,
    BenefitKind,
    Certificate,
    ContactRole,
    Curriculum,
    EventLink,
    Extension,
    FormField,
    Involvement,
    Programme,
    Progress,
    Qualification,
    Question,
    RegistrationCode,
    RequestNote,
    Requirement,
    Session,
    TierBenefit,
    Use,
)
from tests.factories import (
    AgreementFactory,
    EventFactory,
    IdentityFactory,
    OpeningFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RegistrationFactory,
    RequestFactory,
    SignUpFactory,
    SoughtPartFactory,
    TagFactory,
    TaskFactory,
    TaskKindFactory,
    TeachingProfileFactory,
)

#: What stands only where a scope of its own opens it.
SECRETS = {
    "training:read": ["Private retreat"],
    "registrations:read": ["needs a ramp", "registered@example.org", "vegan please"],
    "requests:read": ["asking@example.org", "grew up in Oran"],
    "trainees:read": ["their own words", "https://example.org/proof"],
    "recruitment:read": ["I love to teach", "Leeds Bradford"],
    "agreements:read": ["leeds-code", "seat-code"],
    "training.notes:read": [
        "note on a part",
        "note on progress",
        "note on an opening",
        "note on a sign-up",
        "note on an agreement",
        "note on an allowance",
        "note on points",
    ],
    "people.contact:read": ["hidden@example.org"],
    "mailing:read": ["Mail about it"],
    "consents:read": ["the words of a consent"],
}


@dataclass
class Rows:
    """One row of each kind."""

    event: Any
    task: Any
    session: Any
    person: Any
    registration: Any
    progress: Any
    award: Any
    agreement: Any
    opening: Any
    sign_up: Any
    request: Any
    mail: Any


def of_event(person: Any, n: int) -> dict[str, Any]:
    """A private event with all that belongs to it."""
    event = EventFactory(title=f"Private retreat {n}", visibility="private", host=OrganizationFactory())
    curriculum = Curriculum.objects.create(slug=f"curriculum-{n}", name="Curriculum")
    lesson = ProjectFactory(kind="lesson")
    curriculum.lessons.add(lesson)
    event.curricula.add(curriculum)
    event.lessons.add(lesson)
    event.tags.add(TagFactory())
    session = Session.objects.create(event=event, title="Opening", uid=f"session-{n}")
    EventLink.objects.create(event=event, kind="meeting", url=f"https://example.org/{n}")
    task = TaskFactory(event=event, person=person, note="note on a part")
    question = Question.objects.create(event=event, text="What do you eat?")
    registration = RegistrationFactory(
        event=event,
        email=f"{n}registered@example.org",
        needs="needs a ramp",
        answers={str(question.pk): "vegan please"},
    )
    Certificate.objects.create(
        code=f"certificate-{n}", task=task, facts={"name": person.name, "event": "A workshop"}, svg="<svg/>"
    )
    Programme.objects.create(slug=f"programme-{n}", name="Programme")
    Qualification.objects.create(person=person, lesson=lesson)
    return {"event": event, "session": session, "task": task, "registration": registration}


def of_progress(person: Any, n: int) -> dict[str, Any]:
    """Something that leads to a badge, passed."""
    requirement = Requirement.objects.create(slug=f"requirement-{n}", name="Demonstration")
    involvement = Involvement.objects.create(requirement=requirement, slug=f"way-{n}", name="Way")
    badge = Badge.objects.create(slug=f"badge-{n}", name="Badge")
    badge.requirements.add(requirement)
    progress = Progress.objects.create(
        person=person,
        requirement=requirement,
        involvement=involvement,
        state="passed",
        evaluated_at=clock.now(),
        own_note="their own words",
        url="https://example.org/proof",
        note="note on progress",
    )
    award = Award.objects.create(person=person, badge=badge, awarded_on=dt.date(2027, 3, 2))
    return {"progress": progress, "award": award}


def of_agreement(person: Any, task: Any, n: int) -> dict[str, Any]:
    """An agreement of a consortium that gave a seat."""
    agreement = AgreementFactory(consortium="Two of them", note="note on an agreement")
    AgreementParty.objects.create(agreement=agreement, organization=OrganizationFactory())
    Extension.objects.create(agreement=agreement, days=1, reason="late")
    role = ContactRole.objects.get_or_create(slug="main", defaults={"name": "Main"})[0]
    AgreementContact.objects.create(agreement=agreement, person=person, role=role)
    benefit = BenefitKind.objects.create(slug=f"benefit-{n}", name="Seats")
    TierBenefit.objects.create(tier=agreement.tier, benefit=benefit, amount=2)
    allowance = Allowance.objects.create(
        agreement=agreement, benefit=benefit, granted=2, note="note on an allowance"
    )
    RegistrationCode.objects.create(agreement=agreement, text=f"leeds-code-{n}")
    RegistrationCode.objects.create(agreement=agreement, allowance=allowance, text=f"seat-code-{n}")
    Use.objects.create(allowance=allowance, task=task)
    return {"agreement": agreement}


def of_opening(event: Any, person: Any) -> dict[str, Any]:
    """An opening with a sign-up."""
    opening = OpeningFactory(event=event, note="note on an opening")
    kind = TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    SoughtPartFactory(opening=opening, kind=kind)
    sign_up = SignUpFactory(
        opening=opening, person=person, kind=kind, interest="I love to teach", note="note on a sign-up"
    )
    TeachingProfileFactory(person=person, airport="LBA", place="Leeds Bradford")
    return {"opening": opening, "sign_up": sign_up}


def of_request(n: int) -> dict[str, Any]:
    """A request with points."""
    request = RequestFactory(
        email=f"{n}asking@example.org",
        answers={"about": "grew up in Oran"},
        score_auto=3,
        score_reasons=[{"rule": 1, "label": "Country", "points": 3, "why": "Oran"}],
        score_notes="note on points",
    )
    FormField.objects.create(form=request.form, key="about", label="About you")
    RequestNote.objects.create(request=request, body="Met before")
    return {"request": request}


def of_mail(event: Any, person: Any, template: Any, n: int) -> dict[str, Any]:
    """A mail that was handed to the outbox."""
    rule = MailRule.objects.create(
        name=f"Rule {n}", subject="training.event", template=template, to=["hosts"]
    )
    to = [[person.name, "hidden@example.org", person.pk]]
    mail = PlannedMail.objects.create(
        rule=rule,
        subject=rule.subject,
        record_id=event.pk,
        record_name="Mail about it",
        due_at=clock.now(),
        to=to,
    )
    return {"mail": mail}


def one_of_each(n: int = 1) -> Rows:
    """A row of each kind that training, mails by rule and consents tell."""
    from folkmoot.outbox.models import MessageTemplate

    load_consents()
    person = PersonFactory()
    IdentityFactory(person=person, system="email", value=f"{n}hidden@example.org")
    event = of_event(person, n)
    kind = ConsentKind.objects.create(slug=f"consent-{n}", name="Consent")
    text = kind.texts.create(version=1, text="the words of a consent")
    Consent.objects.create(person=person, kind=kind, text=text, is_given=True)
    template = MessageTemplate.objects.first() or MessageTemplate.objects.create(
        kind="mail.rule", name="Text", subject="Text", body="Text"
    )
    return Rows(
        person=person,
        **event,
        **of_progress(person, n),
        **of_agreement(person, event["task"], n),
        **of_opening(event["event"], person),
        **of_request(n),
        **of_mail(event["event"], person, template, n),
    )
