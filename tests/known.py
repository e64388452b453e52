"""Something for every source of timelines and every card: a new one gets its line here, or the test of what pages of
records cost fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import record_panels, timeline_sources
from folkmoot.outbox.models import State
from folkmoot.people import actions
from folkmoot.people.models import (
    Affiliation,
    Consent,
    ConsentKind,
    Correspondence,
    Merge,
    Organization,
    OrganizationDomain,
    OrganizationKind,
    OrganizationRelation,
    Person,
    PersonCandidate,
    Project,
    SourceRecord,
)
from folkmoot.people.seeds.consents import load_consents
from folkmoot.publishing.models import Post
from folkmoot.reviews.models import Conflict, StageChange, SubmissionMessage, SubmissionNote
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    Allowance,
    Award,
    Badge,
    BenefitKind,
    Certificate,
    ContactRole,
    Contribution,
    Event,
    EventNote,
    Extension,
    Opening,
    PageReading,
    Progress,
    Qualification,
    Request,
    RequestNote,
    Requirement,
    TeachingProfile,
    Tier,
    Unconference,
    Use,
)
from tests import waiting
from tests.factories import (
    ActivityFactory,
    AgreementFactory,
    AssignmentFactory,
    EventFactory,
    IdentityFactory,
    ItemFactory,
    OpeningFactory,
    OrganizationFactory,
    PersonFactory,
    PlacementFactory,
    PostFactory,
    ProjectFactory,
    ProposalFactory,
    RegistrationFactory,
    RequestFactory,
    RoleKindFactory,
    SignUpFactory,
    SoughtPartFactory,
    StageFactory,
    SubmissionFactory,
    TagFactory,
    TaskFactory,
    TeamFactory,
    TermFactory,
)
from tests.mailing.making import planned_mail


def _activity(record: Any) -> None:
    mine = isinstance(record, Person)
    identity = IdentityFactory(person=record) if mine else IdentityFactory()
    project = record if isinstance(record, Project) else ProjectFactory()
    ActivityFactory(identity=identity, item=ItemFactory(project=project), project=project)


def _merge(record: Any) -> None:
    Merge.objects.create(
        model=record._meta.label_lower,
        survivor_id=record.pk,
        gone_id=999_000 + Merge.objects.count(),
        survivor_name=str(record),
        gone_name="Once two",
        gone={},
    )


def _message(record: Any) -> None:
    delivery = waiting.delivery(waiting.channel(), State.SENT, sent_at=clock.now())
    Correspondence.objects.create(delivery=delivery, **{record._meta.model_name: record})


def _note(record: Any) -> None:
    actions.add_note(about=record, body=f"Wish {record.notes.count()}", actor=User.objects.first())


def _stage_change(record: Any) -> None:
    """Once: the day of the submission is told by the same source."""
    if not record.stage_changes.exists():
        stage = StageFactory(programme=record.programme)
        StageChange.objects.create(submission=record, position=0, stage=stage, at=clock.now(), source="test")


def _on_issue(record: Any) -> None:
    if record.item is None:
        record.item = ItemFactory()
        record.save()
    ActivityFactory(item=record.item, kind="item.opened")


def _about(record: Any) -> None:
    delivery = waiting.delivery(waiting.channel(), State.SENT, sent_at=clock.now())
    SubmissionMessage.objects.create(submission=record, delivery=delivery)


def _part(person: Any) -> None:
    AssignmentFactory(person=person, role="reviewer", state="done")


def _post(record: Any) -> None:
    """A post about a record, out since today."""
    now = clock.now()
    post = PostFactory(state="published", wall_time="2026-01-01T09:00", zone="UTC", due_at=now)
    if isinstance(record, Person):
        post.people.add(record)
    else:
        field = "project" if isinstance(record, Project) else "sponsor"
        Post.objects.filter(pk=post.pk).update(**{field: record})


def _held(record: Any) -> None:
    """An event of last week which the record hosted, or where it was taught."""
    day = clock.today() - dt.timedelta(days=7)
    event = EventFactory(
        status="done",
        starts_on=day,
        ends_on=day,
        host=record if isinstance(record, Organization) else None,
    )
    if isinstance(record, Project):
        event.lessons.add(record)


def _sign_up(record: Any) -> None:
    """One more sign-up: of a person, or for an event."""
    if isinstance(record, Person):
        SignUpFactory(person=record)
        return
    opening = Opening.objects.filter(event=record).first()
    if opening is None:
        opening = OpeningFactory(event=record)
        SoughtPartFactory(opening=opening)
    SignUpFactory(opening=opening)


def _status(event: Any) -> None:
    """One more change of its status; the first takes the place of the entry that the factory made."""
    if event.status == "announced":
        event.history.all().delete()
    event.status = "stalled" if event.status == "planned" else "planned"
    event.save()


def _agreement(record: Any) -> Agreement:
    """An agreement of an organisation, or one that a person speaks for."""
    organization = record if isinstance(record, Organization) else OrganizationFactory()
    made: Agreement = AgreementFactory(organization=organization)
    if isinstance(record, Person):
        AgreementContact.objects.create(agreement=made, person=record, role=_contact_role())
    return made


def _contact_role() -> ContactRole:
    return ContactRole.objects.get_or_create(slug="sample", name="Sample")[0]


def _use(record: Any) -> None:
    """An event of an agreement, or an agreement's event."""
    agreement = record if isinstance(record, Agreement) else AgreementFactory()
    event = record if isinstance(record, Event) and not hasattr(record, "use") else EventFactory()
    benefit = BenefitKind.objects.get_or_create(slug="sample", name="Sample", counts="event")[0]
    held = Allowance.objects.create(agreement=agreement, benefit=benefit, granted=1)
    if isinstance(record, Event) and event is not record:
        Use.objects.create(allowance=held, task=TaskFactory(event=record))
    else:
        Use.objects.create(allowance=held, event=event)


def _proposal(event: Any) -> None:
    row = Unconference.objects.get_or_create(event=event)[0]
    PlacementFactory(proposal=ProposalFactory(unconference=row))


def _step(request: Request) -> None:
    request._change_reason = "received"  # type: ignore[attr-defined]
    request.save()


#: By source of timelines: makes one entry more on the page of a record. A new source gets its line here.
TELLS: dict[str, Callable[[Any], None]] = {
    "ledger": _activity,
    "people.merges": _merge,
    "people.messages": _message,
    "people.notes": _note,
    "publishing.posts": _post,
    "reviews.issue": _on_issue,
    "reviews.messages": _about,
    "reviews.notes": lambda record: SubmissionNote.objects.create(submission=record, body="Well done"),
    "reviews.people": lambda record: AssignmentFactory(submission=record, invited_at=clock.now()),
    "reviews.stages": _stage_change,
    "training.agreement_extensions": lambda row: Extension.objects.create(agreement=row, days=3, reason="So"),
    "training.agreement_uses": _use,
    "training.agreements": _agreement,
    "training.events": _held,
    "training.notes": lambda event: EventNote.objects.create(event=event, body="Bring cables"),
    "training.people": lambda event: TaskFactory(event=event),
    "training.proposals": _proposal,
    "training.request_notes": lambda row: RequestNote.objects.create(request=row, body="Called them"),
    "training.request_steps": _step,
    "training.sign_ups": _sign_up,
    "training.status": _status,
}


def _consent(person: Person) -> None:
    load_consents()
    for kind in ConsentKind.objects.all():
        Consent.objects.create(person=person, kind=kind, text=kind.texts.first(), is_given=True)


def _suggestion(person: Person) -> None:
    number = Organization.objects.count()
    OrganizationDomain.objects.create(organization=OrganizationFactory(), domain=f"harbour{number}.example")
    IdentityFactory(person=person, system="email", value=f"ana@harbour{number}.example")


def _credit(organization: Organization) -> None:
    identity = IdentityFactory()
    Affiliation.objects.create(person=identity.person, organization=organization)
    ActivityFactory(identity=identity, occurred_at=clock.now() - dt.timedelta(days=2))


def _contribution(event: Any) -> None:
    item = ItemFactory()
    ActivityFactory(kind="item.opened", item=item)
    Contribution.objects.create(event=event, item=item, source="sprints", event_word="sprint")


def _award(person: Any) -> None:
    number = Badge.objects.count()
    badge = Badge.objects.create(slug=f"badge-{number}", name=f"Badge {number}")
    Award.objects.create(person=person, badge=badge, awarded_on=clock.today())


def _progress(person: Any) -> None:
    number = Requirement.objects.count()
    requirement = Requirement.objects.create(slug=f"need-{number}", name=f"Need {number}")
    Progress.objects.create(person=person, requirement=requirement)


def _certificate(event: Event) -> None:
    Certificate.objects.create(
        code=str(Certificate.objects.count()), task=TaskFactory(event=event), svg="<svg/>"
    )


def _agreed(organization: Organization) -> None:
    tier, _new = Tier.objects.get_or_create(slug="silver", name="Silver")
    days = {"starts_on": dt.date(2027, 1, 1), "ends_on": dt.date(2027, 12, 31)}
    row = Agreement(organization=organization, tier=tier, **days)
    row.save()
    planned_mail("training.agreement", row.pk)


def _reading(**about: Any) -> None:
    now = clock.now()
    said = {"startdate": "2027-03-01", "venue": "Library"}
    values = {"url": "https://harbour.github.io/leeds", "said": said, "read_at": now, "tried_at": now}
    PageReading.objects.update_or_create(**about, defaults=values)


#: By card: fills it. A new card gets its line here.
FILLS: dict[str, Callable[[Any], None]] = {
    "ledger.credit": _credit,
    "ledger.items": _activity,
    "people.consents": _consent,
    "people.of_user": lambda user: PersonFactory(user=user),
    "people.suggested_organizations": _suggestion,
    "publishing.of_organization": _post,
    "publishing.of_person": _post,
    "publishing.of_project": _post,
    "reviews.conflicts": lambda person: Conflict.objects.create(person=person, other_person=PersonFactory()),
    "reviews.of_person": _part,
    "training.agreements_of_event": _use,
    "training.agreements_of_organization": _agreement,
    "training.agreements_of_person": _agreement,
    "training.contributions": _contribution,
    "training.of_organization": _held,
    "training.of_person": lambda person: TaskFactory(person=person),
    "training.of_project": _held,
    "reviews.of_project": lambda project: SubmissionFactory(project=project),
    "mailing.people.organization": _agreed,
    "mailing.people.person": lambda person: planned_mail("training.task", TaskFactory(person=person).pk),
    "mailing.training.event": lambda event: planned_mail("training.event", event.pk),
    "training.badges_of_person": _award,
    "training.certificates": _certificate,
    "training.lessons_of_person": lambda person: Qualification.objects.create(
        person=person, lesson=ProjectFactory(kind="lesson")
    ),
    "training.opening": _sign_up,
    "training.profile": lambda person: TeachingProfile.objects.update_or_create(
        person=person, defaults={"place": "Leeds, GB"}
    ),
    "training.progress_of_person": _progress,
    "training.requests_of_event": lambda event: RequestFactory(
        event=event, state="accepted", decided_at=clock.now()
    ),
    "training.requests_of_organization": lambda organization: RequestFactory(organization=organization),
    "training.requests_of_person": lambda person: RequestFactory(person=person),
    "training.workshop_page": lambda event: _reading(event=event),
    "training.workshop_page_of_request": lambda request: _reading(request=request),
    "mailing.training.agreement": lambda row: planned_mail("training.agreement", row.pk),
    "mailing.training.request": lambda row: planned_mail("training.request", row.pk),
    "training.registrations": lambda event: RegistrationFactory(event=event),
    "training.sign_ups": _sign_up,
    "training.unconference": _proposal,
}
RECORDS: dict[str, Callable[[], Any]] = {
    "people.person": PersonFactory,
    "people.project": ProjectFactory,
    "people.organization": OrganizationFactory,
    "kernel.user": lambda: User.objects.get(),
    "reviews.submission": SubmissionFactory,
    "training.agreement": AgreementFactory,
    "training.event": EventFactory,
    "training.request": RequestFactory,
}


def fill(ana: Person, wavefold: Project, harbour: Organization, by: User) -> None:
    """One more of everything on the pages of a person, a project and an organisation."""
    for record in (ana, wavefold, harbour):
        for source in timeline_sources:
            if record._meta.label_lower in source.records:
                TELLS[source.key](record)
        for panel in record_panels:
            if panel.record == record._meta.label_lower:
                FILLS[panel.key](record)
        record.tags.add(TagFactory())
        actions.add_note(about=record, body=f"@{by.email} knows {record.notes.count()}", actor=by)
        SourceRecord.objects.create(
            source="sample",
            payload={},
            part="x",
            key=str(SourceRecord.objects.count()),
            **{record._meta.model_name: record},
        )
    kind = RoleKindFactory(is_maintaining=True)
    TermFactory(person=ana, team=TeamFactory(), ended_on=clock.today() + dt.timedelta(days=3))
    TermFactory(person=ana, ended_on=clock.today() - dt.timedelta(days=300))
    TermFactory(project=wavefold, role_kind=kind)
    Affiliation.objects.create(person=ana, organization=OrganizationFactory())
    OrganizationRelation.objects.create(organization=OrganizationFactory(), kind="part_of", other=harbour)
    OrganizationDomain.objects.create(organization=harbour, domain=f"h{harbour.domains.count()}.example")
    harbour.kinds.add(OrganizationKind.objects.get_or_create(slug="funder", name="Funder")[0])
    PersonCandidate.objects.create(first=ana, second=PersonFactory(), score=0.9)
