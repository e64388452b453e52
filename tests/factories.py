"""Made-up rows for tests."""

from __future__ import annotations

import datetime as dt

import factory

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Identity, Organization, Person, Project, RoleKind, Tag, Team, Term
from folkmoot.publishing.models import BookEntry, Campaign, Media, Part, PartMedia, Post, Variant
from folkmoot.reviews.models import Assignment, ChecklistItem, Programme, Sighting, Stage, Submission
from folkmoot.training.models import (
    Agreement,
    Event,
    EventKind,
    FormVersion,
    Opening,
    Placement,
    Proposal,
    Registration,
    Request,
    RequestForm,
    Round,
    SignUp,
    SoughtPart,
    Space,
    Task,
    TaskKind,
    TeachingProfile,
    Tier,
    Unconference,
)


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    name = factory.Sequence(lambda n: f"User {n}")


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n:04d}")


class IdentityFactory(factory.django.DjangoModelFactory[Identity]):
    class Meta:
        model = Identity

    person = factory.SubFactory(PersonFactory)
    system = "github"
    value = factory.Sequence(lambda n: f"Login{n}")


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organisation {n}")


class ProjectFactory(factory.django.DjangoModelFactory[Project]):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"project-{n}")


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"tag {n}")


class RoleKindFactory(factory.django.DjangoModelFactory[RoleKind]):
    class Meta:
        model = RoleKind

    slug = factory.Sequence(lambda n: f"role-{n}")
    name = factory.Sequence(lambda n: f"Role {n}")


class TermFactory(factory.django.DjangoModelFactory[Term]):
    class Meta:
        model = Term

    person = factory.SubFactory(PersonFactory)
    role_kind = factory.SubFactory(RoleKindFactory)


class ItemFactory(factory.django.DjangoModelFactory[Item]):
    class Meta:
        model = Item

    kind = "issue"
    title = factory.Sequence(lambda n: f"Item {n}")
    source = "test"
    external_id = factory.Sequence(lambda n: f"item-{n}")
    opened_at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    class Meta:
        model = Activity

    kind = "item.opened"
    identity = factory.SubFactory(IdentityFactory)
    item = factory.SubFactory(ItemFactory)
    occurred_at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    source = "test"
    external_id = factory.Sequence(lambda n: f"activity-{n}")


class ProgrammeFactory(factory.django.DjangoModelFactory[Programme]):
    class Meta:
        model = Programme

    slug = factory.Sequence(lambda n: f"programme-{n}")
    name = factory.Sequence(lambda n: f"Programme {n}")


class StageFactory(factory.django.DjangoModelFactory[Stage]):
    class Meta:
        model = Stage

    programme = factory.SubFactory(ProgrammeFactory)
    slug = factory.Sequence(lambda n: f"stage-{n}")
    name = factory.Sequence(lambda n: f"Stage {n}")
    position = factory.Sequence(lambda n: n)


class ChecklistItemFactory(factory.django.DjangoModelFactory[ChecklistItem]):
    class Meta:
        model = ChecklistItem

    stage = factory.SubFactory(StageFactory)
    turn = "editor"
    text = factory.Sequence(lambda n: f"Do thing {n}")


class SubmissionFactory(factory.django.DjangoModelFactory[Submission]):
    """A submission as it stands; its mirrors are set by hand where a test needs them."""

    class Meta:
        model = Submission

    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.Sequence(lambda n: f"package-{n}")
    opened_at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


class AssignmentFactory(factory.django.DjangoModelFactory[Assignment]):
    class Meta:
        model = Assignment

    submission = factory.SubFactory(SubmissionFactory)
    person = factory.SubFactory(PersonFactory)
    role = "editor"


class SightingFactory(factory.django.DjangoModelFactory[Sighting]):
    class Meta:
        model = Sighting

    submission = factory.SubFactory(SubmissionFactory)
    at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    source = "test"
    external_id = factory.Sequence(lambda n: f"sighting-{n}")


class CampaignFactory(factory.django.DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Campaign {n}")


class PostFactory(factory.django.DjangoModelFactory[Post]):
    """A draft with its base and, for each of ``channels``, a variant that follows it; its hash is reckoned."""

    class Meta:
        model = Post
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Post {n}")
    folded = factory.LazyAttribute(lambda post: post.title.casefold())

    @factory.post_generation
    def text(self: Post, create: bool, extracted: str | None, **more: object) -> None:  # type: ignore[misc]
        base = Variant.objects.create(post=self, channel=None, follows_base=False)
        Part.objects.create(variant=base, text=extracted if extracted is not None else "Hello, world")
        _hashed(self)

    @factory.post_generation
    def channels(self: Post, create: bool, extracted: list[object] | None, **more: object) -> None:  # type: ignore[misc]
        for channel in extracted or []:
            Variant.objects.create(post=self, channel=channel)  # type: ignore[misc]
        _hashed(self)


def _hashed(post: Post) -> None:
    from folkmoot.publishing.content import content_hash

    post.content_sha256 = content_hash(post)
    Post.objects.filter(pk=post.pk).update(content_sha256=post.content_sha256)


class VariantFactory(factory.django.DjangoModelFactory[Variant]):
    """What a channel gets instead of the base: ``channel`` has to be given."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    post = factory.SubFactory(PostFactory)
    follows_base = False

    @factory.post_generation
    def texts(self: Variant, create: bool, extracted: list[str] | None, **more: object) -> None:  # type: ignore[misc]
        for position, text in enumerate(extracted or ["Hello, channel"], 1):
            Part.objects.create(variant=self, position=position, text=text)
        _hashed(self.post)


class MediaFactory(factory.django.DjangoModelFactory[Media]):
    """The row of a picture; its file is not there."""

    class Meta:
        model = Media

    name = factory.Sequence(lambda n: f"picture-{n}.png")
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    file = factory.LazyAttribute(lambda media: f"publishing/{media.sha256[:2]}/{media.sha256}.png")
    type = "image/png"
    width = 300
    height = 200
    size = 5_000
    alt = "A picture"


class PartMediaFactory(factory.django.DjangoModelFactory[PartMedia]):
    class Meta:
        model = PartMedia

    media = factory.SubFactory(MediaFactory)


class BookEntryFactory(factory.django.DjangoModelFactory[BookEntry]):
    class Meta:
        model = BookEntry

    alias = factory.Sequence(lambda n: f"alias-{n}")
    name = factory.Sequence(lambda n: f"Somebody {n}")


class EventKindFactory(factory.django.DjangoModelFactory[EventKind]):
    class Meta:
        model = EventKind
        django_get_or_create = ("slug",)

    slug = "workshop"
    name = "Workshop"


class TaskKindFactory(factory.django.DjangoModelFactory[TaskKind]):
    class Meta:
        model = TaskKind
        django_get_or_create = ("slug",)

    slug = "learner"
    name = "Learner"
    does = TaskKind.Does.LEARNS


class EventFactory(factory.django.DjangoModelFactory[Event]):
    """An announced workshop on 1 March 2027, the whole day in UTC."""

    class Meta:
        model = Event

    slug = factory.Sequence(lambda n: f"event-{n}")
    title = factory.Sequence(lambda n: f"Event {n:04d}")
    kind = factory.SubFactory(EventKindFactory)
    status = "announced"
    starts_on = dt.date(2027, 3, 1)
    ends_on = dt.date(2027, 3, 1)

    @classmethod
    def _create(cls, model_class: type[Event], *args: object, **values: object) -> Event:
        from folkmoot.training.actions.base import moments

        row = model_class(*args, **values)
        row.starts_at, row.ends_at = moments(row)
        row.save()
        return row


class TierFactory(factory.django.DjangoModelFactory[Tier]):
    class Meta:
        model = Tier
        django_get_or_create = ("slug",)

    slug = "sample"
    name = "Sample"


class AgreementFactory(factory.django.DjangoModelFactory[Agreement]):
    """An agreement that began a hundred days ago and lasts a year."""

    class Meta:
        model = Agreement

    organization = factory.SubFactory(OrganizationFactory)
    tier = factory.SubFactory(TierFactory)
    starts_on = factory.LazyFunction(lambda: clock.today() - dt.timedelta(days=100))
    ends_on = factory.LazyAttribute(lambda row: row.starts_on + dt.timedelta(days=364))


class TaskFactory(factory.django.DjangoModelFactory[Task]):
    class Meta:
        model = Task

    event = factory.SubFactory(EventFactory)
    person = factory.SubFactory(PersonFactory)
    kind = factory.SubFactory(TaskKindFactory)


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Registrant {n:04d}")
    email = factory.Sequence(lambda n: f"registrant{n}@example.org")


class OpeningFactory(factory.django.DjangoModelFactory[Opening]):
    """An open opening that seeks nothing until a :class:`SoughtPartFactory` says what."""

    class Meta:
        model = Opening

    event = factory.SubFactory(EventFactory)


class SoughtPartFactory(factory.django.DjangoModelFactory[SoughtPart]):
    class Meta:
        model = SoughtPart

    opening = factory.SubFactory(OpeningFactory)
    kind = factory.SubFactory(TaskKindFactory)


class SignUpFactory(factory.django.DjangoModelFactory[SignUp]):
    class Meta:
        model = SignUp

    opening = factory.SubFactory(OpeningFactory)
    person = factory.SubFactory(PersonFactory)
    kind = factory.SubFactory(TaskKindFactory)


class TeachingProfileFactory(factory.django.DjangoModelFactory[TeachingProfile]):
    class Meta:
        model = TeachingProfile

    person = factory.SubFactory(PersonFactory)


class RequestFormFactory(factory.django.DjangoModelFactory[RequestForm]):
    class Meta:
        model = RequestForm

    slug = factory.Sequence(lambda n: f"form-{n}")
    title = factory.Sequence(lambda n: f"Form {n:04d}")


class FormVersionFactory(factory.django.DjangoModelFactory[FormVersion]):
    class Meta:
        model = FormVersion

    form = factory.SubFactory(RequestFormFactory)
    number = factory.Sequence(lambda n: n + 1)


class RequestFactory(factory.django.DjangoModelFactory[Request]):
    class Meta:
        model = Request

    version = factory.SubFactory(FormVersionFactory)
    form = factory.SelfAttribute("version.form")
    name = factory.Sequence(lambda n: f"Asker {n:04d}")
    email = factory.Sequence(lambda n: f"asker{n}@example.org")
    state = "pending"
    received_at = factory.LazyFunction(clock.now)
    proven_at = factory.LazyFunction(clock.now)
    sent_at = factory.LazyFunction(clock.now)
    due_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=7))


class UnconferenceFactory(factory.django.DjangoModelFactory[Unconference]):
    class Meta:
        model = Unconference

    event = factory.SubFactory(EventFactory)


class RoundFactory(factory.django.DjangoModelFactory[Round]):
    """Hours of 1 March 2027, one after the other."""

    class Meta:
        model = Round

    unconference = factory.SubFactory(UnconferenceFactory)
    title = factory.Sequence(lambda n: f"Round {n}")
    starts_at = factory.Sequence(lambda n: dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC) + dt.timedelta(hours=n))
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + dt.timedelta(minutes=45))


class SpaceFactory(factory.django.DjangoModelFactory[Space]):
    class Meta:
        model = Space

    unconference = factory.SubFactory(UnconferenceFactory)
    name = factory.Sequence(lambda n: f"Space {n}")
    order = factory.Sequence(lambda n: n % 30_000)


class ProposalFactory(factory.django.DjangoModelFactory[Proposal]):
    """One that everybody sees."""

    class Meta:
        model = Proposal

    unconference = factory.SubFactory(UnconferenceFactory)
    title = factory.Sequence(lambda n: f"Proposal {n:04d}")


class PlacementFactory(factory.django.DjangoModelFactory[Placement]):
    class Meta:
        model = Placement

    proposal = factory.SubFactory(ProposalFactory)
    round = factory.SubFactory(RoundFactory, unconference=factory.SelfAttribute("..proposal.unconference"))
    space = factory.SubFactory(SpaceFactory, unconference=factory.SelfAttribute("..proposal.unconference"))
