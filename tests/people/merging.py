"""What tests of merging share: a dump of the database but its audit, and a sample row for each relation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity, GithubRepository, Item
from folkmoot.outbox.public import Channel, Delivery
from folkmoot.people.models import (
    Affiliation,
    Claim,
    Consent,
    ConsentKind,
    Correspondence,
    DismissedAffiliation,
    Erasure,
    Identity,
    Note,
    Organization,
    OrganizationCandidate,
    OrganizationDomain,
    OrganizationKind,
    OrganizationRelation,
    OtherName,
    Person,
    PersonCandidate,
    Project,
    ProjectCandidate,
    ProjectFacts,
    RoleKind,
    SourceRecord,
    Tag,
    Term,
)
from folkmoot.publishing.models import Article, BookEntry, Media, Post, Site
from folkmoot.reviews.models import Assignment, Conflict, Programme, Submission
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Award,
    Badge,
    ContactRole,
    Curriculum,
    Event,
    EventKind,
    Opening,
    Progress,
    Qualification,
    Registration,
    Requirement,
    SignUp,
    Task,
    TaskKind,
    TeachingProfile,
    Tier,
    Voter,
)
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    ProposalFactory,
    RequestFactory,
    UnconferenceFactory,
    UserFactory,
)

#: What a merge and its undo leave behind on purpose: that they were.
AUDIT = {"kernel.changedrow", "people.merge", "people.mergedrow", "kernel.searchspelling", "django_session"}
#: When a row was last touched is told by the audit, too: readers of changes must see that a merge was undone.
TOUCHED = {"updated_at"}
_number = count(1)


def dump(only: tuple[str, ...] = ("",)) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the audit: history, merges, and what the ledger says of them.

    ``only``: how the labels of tables begin that matter.
    """
    found = {}
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        if hasattr(model, "history_object") or label in AUDIT or not label.startswith(only):
            continue
        names = [field.attname for field in model._meta.concrete_fields if field.name not in TOUCHED]
        if label == "kernel.searchentry":  # made anew with the record; its number means nothing
            names.remove("id")
        rows = model._base_manager.all()
        if model is Activity:
            rows = rows.exclude(kind__in=["people.merged", "people.unmerged"])
        found[label] = sorted(rows.values_list(*names), key=repr)
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Per table, rows that are only in one of two dumps: readable where they differ."""
    return {
        label: (
            [row for row in before[label] if row not in after[label]],
            [row for row in after[label] if row not in before[label]],
        )
        for label in before
        if before[label] != after[label]
    }


def _kind() -> RoleKind:
    return RoleKind.objects.get_or_create(slug="helper", defaults={"name": "Helper"})[0]


def _consents() -> ConsentKind:
    return ConsentKind.objects.get_or_create(slug="contact", defaults={"name": "Contact"})[0]


def _tag() -> Tag:
    return Tag.objects.get_or_create(facet="tag", folded="mentor", defaults={"name": "mentor"})[0]


def _org_kind() -> OrganizationKind:
    return OrganizationKind.objects.get_or_create(slug="partner", defaults={"name": "Partner"})[0]


def _user() -> User:
    found = User.objects.filter(email="one@example.org").first()
    return found or UserFactory(email="one@example.org")


def _record(owner: Any) -> SourceRecord:
    number = next(_number)
    return SourceRecord.objects.create(
        source="sample", part="p", key=str(number), payload={"n": number}, **{owner._meta.model_name: owner}
    )


def _note(owner: Any) -> Note:
    return Note.objects.create(body="A note", **{owner._meta.model_name: owner})


def _facts(project: Project) -> ProjectFacts:
    return ProjectFacts.objects.create(project=project, source="github", number=str(next(_number)), stars=3)


def _identity(person: Person) -> Identity:
    return Identity.objects.create(person=person, system="github", value=f"login{next(_number)}")


def _candidate(model: type[models.Model], other: Callable[[], Any]) -> Callable[[Any], Any]:
    def make(owner: Any) -> Any:
        first, second = sorted((owner.pk, other().pk))
        return model._default_manager.create(
            first_id=first, second_id=second, score=0.7, reasons=[{"code": "x"}]
        )

    return make


def _once(make: Callable[[], Any]) -> Callable[[], Any]:
    """One and the same third record within a test: both sides point at it."""
    names = {"Person": Person, "Organization": Organization, "Project": Project}

    def found() -> Any:
        model = names[make._meta.model.__name__]  # type: ignore[attr-defined]
        return model.objects.filter(name="Third").first() or make(name="Third")

    return found


third_person, third_organization, third_project = (
    _once(PersonFactory),
    _once(OrganizationFactory),
    _once(ProjectFactory),
)


def furniture() -> None:
    """What samples stand on: roles, tags, kinds, an account, the third of each kind."""
    for make in (
        _delivery,
        _kind,
        _consents,
        _tag,
        _org_kind,
        _user,
        _programme,
        _submission,
        third_person,
        third_organization,
        third_project,
    ):
        make()


def _item(project: Project) -> Item:
    return Item.objects.create(
        kind="issue", source="forge", external_id=f"item-{next(_number)}", project=project
    )


def _activity(project: Project) -> Activity:
    return Activity.objects.create(
        kind="item.opened",
        source="forge",
        external_id=f"activity-{next(_number)}",
        project=project,
        occurred_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC),
    )


def _delivery() -> Delivery:
    """One message, the same for both sides within a test: it stands on either page once."""
    found = Delivery.objects.filter(key="letter").first()
    channel = Channel.objects.first() or Channel.objects.create(kind="smtp", name="Mail")
    now = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    return found or Delivery.objects.create(
        channel=channel,
        key="letter",
        kind="people.letter",
        area="people",
        title="Hello",
        due_at=now,
        next_at=now,
        not_after=now + dt.timedelta(days=1),
        payload={},
        payload_sha256="0" * 64,
    )


def _correspondence(owner: Any) -> Correspondence:
    return Correspondence.objects.create(delivery=_delivery(), **{owner._meta.model_name: owner})


def _in_book(field: str) -> Callable[[Any], Any]:
    return lambda one: BookEntry.objects.create(
        alias=f"alias-{next(_number)}", name="Somebody", **{field: one}
    )


def _once(model: Any, **values: Any) -> Any:
    return model.objects.filter(**values).first() or model.objects.create(**values)


def _named_in(relation: Any, field: str, owner: Callable[[], Any]) -> Callable[[Any], Any]:
    """The row that names a person in one and the same post, picture or article."""

    def make(person: Any) -> Any:
        row = owner()
        getattr(row, relation.field.name).add(person)
        return relation.through.objects.get(**{f"{field}_id": row.pk, "person_id": person.pk})

    return make


def _tagged(owner: Any) -> Any:
    owner.tags.add(_tag())
    return type(owner).tags.through.objects.get(**{f"{owner._meta.model_name}_id": owner.pk})


def _of_kind(organization: Organization) -> Any:
    organization.kinds.add(_org_kind())
    return Organization.kinds.through.objects.get(organization_id=organization.pk)


def _programme() -> Programme:
    return Programme.objects.get_or_create(slug="sample", defaults={"name": "Sample"})[0]


def _submission() -> Submission:
    found = Submission.objects.filter(title="Third package").first()
    return found or Submission.objects.create(
        programme=_programme(), title="Third package", opened_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    )


def _event(**values: Any) -> Event:
    kind = EventKind.objects.get_or_create(slug="sample", name="Sample")[0]
    return Event.objects.create(slug=f"event-{next(_number)}", title="Workshop", kind=kind, **values)


def _third_event() -> Event:
    """One and the same, and none that a sample made: whatever hangs on it would hold that one."""
    return Event.objects.filter(host=None, organizer=None).first() or _event()


def _progress(person: Any) -> Progress:
    training = Requirement.objects.get_or_create(slug="training", name="Training", needs_event=True)[0]
    return Progress.objects.create(person=person, requirement=training, event=_third_event())


def _award(person: Any) -> Award:
    badge = Badge.objects.get_or_create(slug="trainer", name="Trainer")[0]
    return Award.objects.create(person=person, badge=badge, awarded_on=dt.date(2027, 1, 1))


def _teaches(person: Any) -> Qualification:
    return Qualification.objects.create(person=person, lesson=third_project())


def _taught_by(lesson: Any) -> Qualification:
    return Qualification.objects.create(person=third_person(), lesson=lesson)


def _task(person: Any) -> Task:
    kind = TaskKind.objects.get_or_create(slug="helper", name="Helper")[0]
    return Task.objects.create(event=_third_event(), person=person, kind=kind)


def _registration(person: Any) -> Registration:
    return Registration.objects.create(
        event=_third_event(), name="Somebody", email=f"r{next(_number)}@example.org", person=person
    )


def _sign_up(person: Any) -> SignUp:
    kind = TaskKind.objects.get_or_create(slug="helper", name="Helper")[0]
    opening = Opening.objects.get_or_create(event=_third_event())[0]
    return SignUp.objects.create(opening=opening, person=person, kind=kind)


def _taught_at(project: Any) -> Any:
    event = _third_event()
    event.lessons.add(project)
    return Event.lessons.through.objects.get(event_id=event.pk, project_id=project.pk)


def _in_curriculum(project: Any) -> Any:
    row = Curriculum.objects.get_or_create(slug="sample", name="Sample")[0]
    row.lessons.add(project)
    return Curriculum.lessons.through.objects.get(curriculum_id=row.pk, project_id=project.pk)


def _agreement(organization: Any) -> Agreement:
    tier = Tier.objects.get_or_create(slug="sample", name="Sample")[0]
    return Agreement.objects.create(
        organization=organization, tier=tier, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 12, 31)
    )


def _third_agreement() -> Agreement:
    third = third_organization()
    return Agreement.objects.filter(organization=third).first() or _agreement(third)


def _contact(person: Any) -> AgreementContact:
    role = ContactRole.objects.get_or_create(slug="sample", name="Sample")[0]
    return AgreementContact.objects.create(agreement=_third_agreement(), person=person, role=role)


def _party(organization: Any) -> AgreementParty:
    return AgreementParty.objects.create(agreement=_third_agreement(), organization=organization)


#: A row for every relation: a relation that is missing here makes ``test_merging`` fail. Whether a second one of the
#: kind can stand beside the first, or is parked.
MOVES, PARKS = "moves", "parks"
SAMPLES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "people.identity.person": (_identity, MOVES),
    "training.task.person": (_task, PARKS),
    "training.progress.person": (_progress, PARKS),
    "training.award.person": (_award, PARKS),
    "training.qualification.person": (_teaches, PARKS),
    "training.qualification.lesson": (_taught_by, PARKS),
    "training.registration.person": (_registration, MOVES),
    "training.proposal.leader": (lambda p: ProposalFactory(leader=p), MOVES),
    "training.proposal.person": (lambda p: ProposalFactory(person=p), MOVES),
    "training.voter.person": (
        lambda p: Voter.objects.create(unconference=UnconferenceFactory(), person=p),
        MOVES,
    ),
    "training.request.person": (lambda p: RequestFactory(person=p), MOVES),
    "training.request.organization": (lambda o: RequestFactory(organization=o), MOVES),
    "training.signup.person": (_sign_up, PARKS),
    "training.teachingprofile.person": (lambda p: TeachingProfile.objects.create(person=p), PARKS),
    "training.event.host": (lambda o: _event(host=o), MOVES),
    "training.event.organizer": (lambda o: _event(organizer=o), MOVES),
    "training.agreement.organization": (_agreement, MOVES),
    "training.agreementparty.organization": (_party, PARKS),
    "training.agreementcontact.person": (_contact, PARKS),
    "training.event_lessons.project": (_taught_at, PARKS),
    "training.curriculum_lessons.project": (_in_curriculum, PARKS),
    "people.person_tags.person": (_tagged, PARKS),
    "people.affiliation.person": (
        lambda p: Affiliation.objects.create(person=p, organization=third_organization()),
        PARKS,
    ),
    "people.dismissedaffiliation.person": (
        lambda p: DismissedAffiliation.objects.create(person=p, organization=third_organization()),
        PARKS,
    ),
    "people.dismissedaffiliation.organization": (
        lambda o: DismissedAffiliation.objects.create(person=third_person(), organization=o),
        PARKS,
    ),
    "people.term.person": (lambda p: Term.objects.create(person=p, role_kind=_kind()), PARKS),
    "people.note.person": (_note, MOVES),
    "people.correspondence.person": (_correspondence, PARKS),
    "people.sourcerecord.person": (_record, MOVES),
    "people.consent.person": (
        lambda p: Consent.objects.create(person=p, kind=_consents(), is_given=True),
        MOVES,
    ),
    "people.claim.person": (lambda p: Claim.objects.create(person=p, user=_user()), PARKS),
    "people.erasure.person": (lambda p: Erasure.objects.create(person=p), PARKS),
    "people.personcandidate.first": (_candidate(PersonCandidate, third_person), PARKS),
    "people.personcandidate.second": (_candidate(PersonCandidate, third_person), PARKS),
    "people.affiliation.organization": (
        lambda o: Affiliation.objects.create(person=third_person(), organization=o),
        PARKS,
    ),
    "people.organization_tags.organization": (_tagged, PARKS),
    "people.organization_kinds.organization": (_of_kind, PARKS),
    "people.organizationdomain.organization": (
        lambda o: OrganizationDomain.objects.create(organization=o, domain=f"d{next(_number)}.example.org"),
        MOVES,
    ),
    "people.organizationrelation.organization": (
        lambda o: OrganizationRelation.objects.create(
            organization=o, kind="part_of", other=third_organization()
        ),
        PARKS,
    ),
    "people.organizationrelation.other": (
        lambda o: OrganizationRelation.objects.create(
            organization=third_organization(), kind="part_of", other=o
        ),
        PARKS,
    ),
    "people.note.organization": (_note, MOVES),
    "people.correspondence.organization": (_correspondence, PARKS),
    "people.sourcerecord.organization": (_record, MOVES),
    "people.othername.organization": (
        lambda o: OtherName.objects.create(organization=o, name=f"Once {next(_number)}"),
        MOVES,
    ),
    "people.organizationcandidate.first": (_candidate(OrganizationCandidate, third_organization), PARKS),
    "people.organizationcandidate.second": (_candidate(OrganizationCandidate, third_organization), PARKS),
    "people.project_tags.project": (_tagged, PARKS),
    "people.projectfacts.project": (_facts, PARKS),
    "people.term.project": (
        lambda p: Term.objects.create(person=third_person(), role_kind=_kind(), project=p),
        PARKS,
    ),
    "people.note.project": (_note, MOVES),
    "people.correspondence.project": (_correspondence, PARKS),
    "people.sourcerecord.project": (_record, MOVES),
    "people.othername.project": (
        lambda p: OtherName.objects.create(project=p, name=f"once-{next(_number)}", kind="package"),
        MOVES,
    ),
    "people.projectcandidate.first": (_candidate(ProjectCandidate, third_project), PARKS),
    "people.projectcandidate.second": (_candidate(ProjectCandidate, third_project), PARKS),
    "ledger.item.project": (_item, MOVES),
    "ledger.activity.project": (_activity, MOVES),
    "ledger.githubrepository.project": (
        lambda p: GithubRepository.objects.create(host="github.com", number=str(next(_number)), project=p),
        MOVES,
    ),
    "publishing.bookentry.person": (_in_book("person"), MOVES),
    "publishing.bookentry.organization": (_in_book("organization"), MOVES),
    "publishing.bookentry.project": (_in_book("project"), MOVES),
    "publishing.post.project": (lambda p: Post.objects.create(title="About it", project=p), MOVES),
    "publishing.post.sponsor": (lambda o: Post.objects.create(title="Paid for", sponsor=o), MOVES),
    "publishing.post_people.person": (
        _named_in(Post.people, "post", lambda: _once(Post, title="Names them")),
        PARKS,
    ),
    "publishing.media_people.person": (
        _named_in(
            Media.people,
            "media",
            lambda: _once(Media, sha256="5" * 64, file="x", type="image/png", width=1, height=1, size=1),
        ),
        PARKS,
    ),
    "publishing.article_authors.person": (
        _named_in(
            Article.authors,
            "article",
            lambda: _once(
                Article, site=_once(Site, name="Blog", generator="hugo"), path="a.md", title="A", slug="a"
            ),
        ),
        PARKS,
    ),
    "reviews.assignment.person": (
        lambda p: Assignment.objects.create(submission=_submission(), person=p, role="reviewer"),
        PARKS,
    ),
    "reviews.conflict.person": (
        lambda p: Conflict.objects.create(person=p, other_person=third_person()),
        PARKS,
    ),
    "reviews.conflict.other_person": (
        lambda p: Conflict.objects.create(person=third_person(), other_person=p),
        PARKS,
    ),
    "reviews.conflict.organization": (
        lambda o: Conflict.objects.create(person=third_person(), organization=o),
        PARKS,
    ),
    "reviews.conflict.project": (
        lambda p: Conflict.objects.create(person=third_person(), project=p),
        PARKS,
    ),
    "reviews.submission.project": (
        lambda p: Submission.objects.create(
            programme=_programme(),
            title=f"Package {next(_number)}",
            project=p,
            opened_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC),
        ),
        MOVES,
    ),
}
