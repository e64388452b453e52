"""Something for every source of Today: a new source gets its line here, or the test of Today's cost fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from folkmoot.api.webhooks.models import Webhook
from folkmoot.kernel import clock
from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.ledger.github.models import GithubConnection, GithubRepository, Stream, SyncState
from folkmoot.outbox.models import ApprovalRule, Channel, Delivery, State, Switch
from folkmoot.people.models import (
    Claim,
    Erasure,
    OrganizationCandidate,
    PersonCandidate,
    ProjectCandidate,
    ProjectFacts,
    ProjectRules,
)
from folkmoot.publishing.models import (
    Article,
    CadenceGoal,
    LinkCheck,
    PostApprovalRule,
    PostState,
    Series,
    Site,
)
from folkmoot.reviews.models import Flag, HoldUpRule, Programme, SubmissionDraft
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    Allowance,
    Badge,
    BenefitKind,
    ContactRole,
    EventKind,
    PageReading,
    Progress,
    Requirement,
    Use,
)
from tests.factories import (
    AgreementFactory,
    EventFactory,
    OrganizationFactory,
    PersonFactory,
    PostFactory,
    ProgrammeFactory,
    ProjectFactory,
    ProposalFactory,
    RequestFactory,
    RoleKindFactory,
    SignUpFactory,
    SoughtPartFactory,
    StageFactory,
    SubmissionFactory,
    TeamFactory,
    TermFactory,
    UnconferenceFactory,
    UserFactory,
)
from tests.mailing.making import planned_mail


def channel(**fields: Any) -> Channel:
    """A way out that nobody else made."""
    return Channel.objects.create(kind="house", name=f"Channel {Channel.objects.count()}", **fields)


def delivery(on: Channel, state: State, **fields: Any) -> Delivery:
    """A message in a state."""
    now = clock.now()
    return Delivery.objects.create(
        channel=on,
        key=f"waiting-{Delivery.objects.count()}",
        kind="test",
        area="people",
        title="A message",
        state=state,
        due_at=now - dt.timedelta(hours=1),
        not_after=now + dt.timedelta(days=1),
        payload={},
        payload_sha256="0",
        **fields,
    )


def connection(**fields: Any) -> GithubConnection:
    """An account on GitHub."""
    return GithubConnection.objects.create(name=f"GitHub {GithubConnection.objects.count()}", **fields)


def _webhook() -> None:
    paused = channel(medium="webhook", paused_at=clock.now(), paused_why="it failed for 5 days")
    Webhook.objects.create(channel=paused, events=["people.changed"])


def _job() -> None:
    Job.objects.create(
        kind="jobs.purge",
        state=JobState.FAILED,
        error="The disk is full.\nTraceback",
        attempts=3,
        finished_at=clock.now(),
        created_by=UserFactory(),
    )


def _rejected() -> None:
    run = ImportRun.objects.create(
        source="people.csv", origin="people.csv", path="/x", state=RunState.APPLIED, applied_at=clock.now()
    )
    for line in (2, 3):
        RejectedRow.objects.create(run=run, file="people.csv", line=line, reason="no name")


def _stale() -> None:
    repository = GithubRepository.objects.create(
        connection=connection(),
        host="github.com",
        number=str(GithubRepository.objects.count()),
        full_name="org/repository",
    )
    for stream in (Stream.ISSUES, Stream.REVIEWS):
        SyncState.objects.create(
            repository=repository, stream=stream, stale_since=clock.now(), error="unreachable"
        )


def _piles() -> None:
    way = channel()
    ApprovalRule.objects.create(channel=way, area="people", level=3)
    for state in (State.WAITING, State.MISSED, State.FAILED, State.NEEDS_PERSON):
        delivery(way, state)


def _by_hand() -> None:
    number = Channel.objects.count()
    way = Channel.objects.create(
        kind="manual", medium="post", name=f"Channel {number}", settings={"person": "mara@example.org"}
    )
    delivery(way, State.NEEDS_PERSON)


def _paused_channel() -> None:
    delivery(channel(paused_at=clock.now(), paused_why="wrong figures"), State.SCHEDULED)


def _beyond() -> None:
    team = TeamFactory(term_months=12, most_terms=1)
    first = TermFactory(
        team=team,
        role_kind=RoleKindFactory(),
        started_on=clock.today() - dt.timedelta(days=500),
        ended_on=clock.today() - dt.timedelta(days=101),
    )
    TermFactory(
        person=first.person,
        team=team,
        role_kind=first.role_kind,
        started_on=clock.today() - dt.timedelta(days=100),
    )


def _pair(model: Any, make: Any) -> None:
    first, second = make(), make()
    model.objects.create(first=first, second=second, score=0.9)


def _lacking() -> None:
    ProjectRules.objects.update_or_create(pk=1, defaults={"needs_maintainer": True, "quiet_months": 6})
    ProjectFactory()


def _quiet() -> None:
    ProjectRules.objects.update_or_create(pk=1, defaults={"needs_maintainer": True, "quiet_months": 6})
    ProjectFacts.objects.create(
        project=ProjectFactory(),
        source="github",
        number=str(ProjectFacts.objects.count()),
        last_commit_at=clock.now() - dt.timedelta(days=400),
    )


#: By source: makes one more thing that waits.
def _programme() -> Programme:
    return ProgrammeFactory(tracker=f"github.com/commons/reviews-{Programme.objects.count()}")


def _arrived() -> None:
    submission = SubmissionFactory(programme=_programme())
    number = str(SubmissionDraft.objects.count())
    SubmissionDraft.objects.create(programme=submission.programme, digest=number, submission=submission)


def _held_up() -> None:
    stage = StageFactory(programme=_programme(), turn="eic", limit_days=1)
    HoldUpRule.objects.create(programme=stage.programme, kind="stage")
    since = clock.now() - dt.timedelta(days=9)
    SubmissionFactory(programme=stage.programme, stage=stage, stage_since=since)


def _needs_care() -> None:
    programme = _programme()
    HoldUpRule.objects.create(programme=programme, kind="archive", days=14)
    day = clock.today() - dt.timedelta(days=30)
    SubmissionFactory(programme=programme, outcome="accepted", accepted_on=day)


def _tracker() -> None:
    connection()
    _programme()


def _gap() -> None:
    CadenceGoal.objects.create(channel=channel(medium="post"), since=clock.today(), posts=1, days=7)


def _planned(days: float, **fields: Any) -> Any:
    at = (clock.now() + dt.timedelta(days=days)).replace(second=0, microsecond=0)
    return PostFactory(due_at=at, wall_time=f"{at:%Y-%m-%dT%H:%M}", zone="UTC", **fields)


def _dead_link() -> None:
    check = LinkCheck.objects.create(url=f"https://harbour.example/{LinkCheck.objects.count()}", status=404)
    way = channel(medium="post")
    _planned(9, state="scheduled", text=f"Read {check.url}.", channels=[way])


def _not_live() -> None:
    number = Site.objects.count()
    site = Site.objects.create(
        name=f"Blog {number}", generator="hugo", repository="o/r", path="{slug}.md", address="{slug}"
    )
    sent = delivery(channel(), State.SENT, sent_at=clock.now() - dt.timedelta(hours=2))
    Article.objects.create(
        site=site,
        title="News",
        slug="news",
        path="news.md",
        state="merged",
        merge=sent,
        url="https://b.example/",
    )


def _tired() -> None:
    number = Series.objects.count()
    Series.objects.create(
        name=f"Pool {number}", kind="evergreen", rrule="FREQ=DAILY", starts="2026-01-05T09:00"
    )


def _for_approval() -> None:
    if not PostApprovalRule.objects.exists():
        PostApprovalRule.objects.create(name="Somebody else agrees")
    PostFactory(state=PostState.REVIEW, written_by=UserFactory())


def _event(days: int, **fields: Any) -> Any:
    """An event that begins so many days from now."""
    day = clock.today() + dt.timedelta(days=days)
    return EventFactory(starts_on=day, ends_on=day, **fields)


def _taught() -> EventKind:
    return EventKind.objects.get_or_create(slug="taught", name="Taught", needs_teaching=True)[0]


def _requirement(slug: str) -> Requirement:
    more = {"name": slug, "needs_event": slug == "training", "due_days": 10}
    return Requirement.objects.get_or_create(slug=slug, defaults=more)[0]


def _page_says_other_days() -> None:
    """The page of a coming event says that it begins a day later."""
    now, event = clock.now(), _event(60, status="announced", owner=UserFactory())
    day = event.starts_on + dt.timedelta(days=1)
    times = {"read_at": now, "changed_at": now, "tried_at": now}
    PageReading.objects.create(event=event, url="https://x.github.io/y", starts_on=day, ends_on=day, **times)


def _passed_training(days: int, needs: tuple[str, ...] | list[str] = ("training",)) -> None:
    """Somebody passed a training so many days ago that leads to a badge, by itself or with something else."""
    badge = Badge.objects.get_or_create(slug="-".join(needs), defaults={"name": "Instructor"})[0]
    badge.requirements.set([_requirement(slug) for slug in needs])
    Progress.objects.create(
        person=PersonFactory(),
        requirement=_requirement("training"),
        state="passed",
        evaluated_at=clock.now(),
        happened_on=clock.today() - dt.timedelta(days=days),
    )


def _short_of_people() -> None:
    SoughtPartFactory(opening__event=_event(9, status="announced", owner=UserFactory()))


def _undecided() -> None:
    SignUpFactory(opening__event=_event(60, status="announced", owner=UserFactory()))


def _agreement(**fields: Any) -> Any:
    """An agreement that runs and has nothing wrong."""
    row = AgreementFactory(owner=UserFactory(), **fields)
    role = ContactRole.objects.get_or_create(slug="sample", name="Sample")[0]
    AgreementContact.objects.create(agreement=row, person=PersonFactory(), role=role)
    return row


def _over_used() -> None:
    benefit = BenefitKind.objects.get_or_create(slug="sample", name="Sample", counts="event")[0]
    held = Allowance.objects.create(agreement=_agreement(), benefit=benefit)
    Use.objects.create(allowance=held, event=EventFactory(status="cancelled"))
    Use.objects.create(allowance=held, event=_event(-400, status="done"))


WAITS: dict[str, Callable[[], Any]] = {
    "training.complete": lambda: _passed_training(0),
    "training.late": lambda: _passed_training(12, needs=["training", "demo"]),
    "training.missing": _short_of_people,
    "training.sign_ups": _undecided,
    "training.page_days": _page_says_other_days,
    "training.proposals": lambda: ProposalFactory(state="waiting"),
    "training.unconferences": lambda: UnconferenceFactory(votes_close_at=clock.now() + dt.timedelta(days=1)),
    "training.requests": lambda: RequestFactory(due_at=clock.now() - dt.timedelta(days=1)),
    "training.requests_late": lambda: RequestFactory(
        assigned_to=UserFactory(), due_at=clock.now() - dt.timedelta(days=1)
    ),
    "training.agreement_contact": lambda: AgreementFactory(owner=UserFactory()),
    "training.agreement_ends": lambda: _agreement(ends_on=clock.today() + dt.timedelta(days=20)),
    "training.agreement_over": _over_used,
    "training.agreement_unowned": lambda: Agreement.objects.filter(pk=_agreement().pk).update(owner=None),
    "training.submissions": lambda: Progress.objects.create(
        person=PersonFactory(), requirement=_requirement("get-involved"), submitted_at=clock.now()
    ),
    "training.unanswered": lambda: _event(-9, status="planned"),
    "training.unowned": lambda: _event(60, status="announced"),
    "training.untaught": lambda: _event(9, status="planned", kind=_taught()),
    "publishing.agree": _for_approval,
    "publishing.gaps": _gap,
    "reviews.aftercare": _needs_care,
    "reviews.arrived": _arrived,
    "reviews.flags": lambda: Flag.objects.create(
        programme=_programme(),
        kind="value",
        field="date_accepted",
        value="soon",
        reason="is no day",
        source="test",
    ),
    "reviews.held_up": _held_up,
    "reviews.trackers": _tracker,
    "api.webhooks": _webhook,
    "github.expiring": lambda: connection(token_expires_at=clock.now() + dt.timedelta(days=3)),
    "github.failing": lambda: connection(error="denied", failing_since=clock.now()),
    "github.stale": _stale,
    "imports.rejected": _rejected,
    "jobs.failed": _job,
    "mailing.questions": lambda: planned_mail(question="Not so any more"),
    "mailing.trouble": lambda: planned_mail(problem="Nobody to write to", tried_at=clock.now()),
    "mailing.waiting": lambda: planned_mail(state="waiting"),
    "outbox.by_hand": _by_hand,
    "outbox.channels": lambda: channel(failing_since=clock.now(), failing_words="503"),
    "outbox.expiring": lambda: channel(expires_at=clock.now() + dt.timedelta(days=5)),
    "outbox.paused": lambda: Switch.objects.update_or_create(
        pk=1, defaults={"paused_at": clock.now(), "paused_why": "a bad moment"}
    ),
    "outbox.paused_channels": _paused_channel,
    "outbox.piles": _piles,
    "people.claims": lambda: Claim.objects.create(person=PersonFactory(), user=UserFactory()),
    "people.duplicates.organisation": lambda: _pair(OrganizationCandidate, OrganizationFactory),
    "people.duplicates.person": lambda: _pair(PersonCandidate, PersonFactory),
    "people.duplicates.project": lambda: _pair(ProjectCandidate, ProjectFactory),
    "people.erasures": lambda: Erasure.objects.create(person=PersonFactory()),
    "people.limits": _beyond,
    "people.projects": _lacking,
    "people.quiet_projects": _quiet,
    "publishing.dead_links": _dead_link,
    "publishing.not_agreed": lambda: _planned(2),
    "publishing.not_live": _not_live,
    "publishing.tired": _tired,
    "publishing.trouble": lambda: PostFactory(state="trouble"),
    "people.terms": lambda: TermFactory(team=TeamFactory(), ended_on=clock.today() + dt.timedelta(days=5)),
}
#: Not told while the other one is: with everything paused, one channel more says nothing.
SILENT_BESIDE = {"outbox.paused_channels": "outbox.paused"}


def let_everything_wait(rows: int = 1) -> None:
    """So many things in every source."""
    for _number in range(rows):
        for make in WAITS.values():
            make()
