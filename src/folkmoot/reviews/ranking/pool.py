"""Everybody who could review or edit, with what is known of them, read in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from folkmoot.kernel import clock
from folkmoot.people.public import Affiliation, Identity, Person, Project, Term
from folkmoot.reviews.models import Assignment, Conflict, Outcome, Submission
from folkmoot.reviews.seeds import data

Role, State = Assignment.Role, Assignment.State
#: From when to when, both included; ``None`` is open.
Span = tuple[dt.date | None, dt.date | None]


@dataclass
class Part:
    """A part that somebody has or had."""

    submission: int
    role: str
    state: str
    invited_at: dt.datetime | None
    ended_on: dt.date | None
    is_open: bool
    is_suggested: bool = False


@dataclass
class Known:
    """What is known of one person.

    Attributes:
        knows: folded tags that say what they know: as they said, and from packages they wrote, edited or reviewed.
        said: those of them that stand on their own record.
        reviews: how many reviews they have done.
        last_review: the day of the last one.
        organizations: by organisation when they belonged to it.
        projects: by project when they worked on it; those they look after stand in ``maintains``, too.
    """

    person: Person
    said: dict[str, str] = field(default_factory=dict)
    knows: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    reviews: int = 0
    edits: int = 0
    last_review: dt.date | None = None
    organizations: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    projects: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    maintains: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    avoids_people: dict[int, Conflict] = field(default_factory=dict)
    avoids_organizations: dict[int, Conflict] = field(default_factory=dict)
    avoids_projects: dict[int, Conflict] = field(default_factory=dict)
    has_address: bool = False

    def organization_on(self, day: dt.date) -> int:
        """An organisation they belong to on a day, or 0: whom teams are spread over."""
        found = [pk for pk, spans in self.organizations.items() if any(covers(span, day) for span in spans)]
        return min(found, default=0)


@dataclass
class About:
    """What is known of one submission.

    Attributes:
        topics: folded tags of it and of its project, and how they are written.
        authors: who wrote and looks after it.
        barred: people who have another part in it.
        reviewing: who reviews it, or is asked to.
        said_no: who was asked and declined.
    """

    submission: Submission
    topics: dict[str, str] = field(default_factory=dict)
    authors: set[int] = field(default_factory=set)
    barred: set[int] = field(default_factory=set)
    reviewing: dict[int, Part] = field(default_factory=dict)
    said_no: set[int] = field(default_factory=set)
    editing: set[int] = field(default_factory=set)

    @property
    def missing(self) -> int:
        """How many reviewers are still wanted."""
        return max(0, self.submission.programme.reviewers_wanted - len(self.reviewing))


@dataclass
class Pool:
    """People and submissions, as of a day; ``candidates`` are those who could review, the others wrote something."""

    today: dt.date
    people: dict[int, Known]
    about: dict[int, About]
    candidates: list[int]


def covers(span: Span, day: dt.date) -> bool:
    """Whether the day lies in a span."""
    return (span[0] is None or span[0] <= day) and (span[1] is None or span[1] >= day)


def share(first: Iterable[Span], second: Iterable[Span], since: dt.date) -> bool:
    """Whether two were at the same place at the same time, at some day from ``since`` on."""
    for one in first:
        for other in second:
            starts = [day for day in (one[0], other[0], since) if day is not None]
            ends = [day for day in (one[1], other[1]) if day is not None]
            if not ends or max(starts) <= min(ends):
                return True
    return False


def still_open(prefix: str = "submission__") -> Q:
    """What :attr:`Submission.is_open` says, for queries that come to it another way."""
    return Q(**{f"{prefix}outcome": "", f"{prefix}closed_at": None, f"{prefix}vanished_at": None})


def could_review() -> Q:
    """Past reviewers and editors, authors and maintainers, people who said what they know or that they can be asked."""
    seeds = data("people")
    parts = Assignment.objects.filter(
        Q(role__in=[Role.REVIEWER, Role.EDITOR]) | Q(submission__outcome=Outcome.ACCEPTED)
    )
    roles = Term.objects.filter(
        Q(role_kind__slug__in=seeds["reviewer_roles"])
        | Q(role_kind__is_maintaining=True, project__kind=Project.Kind.PACKAGE)
    )
    tagged: Any = Person.tags.through.objects.filter(tag__facet__in=seeds["person_facets"])
    return (
        Q(pk__in=parts.values("person"))
        | Q(pk__in=roles.values("person"))
        | Q(pk__in=tagged.values("person"))
        | Q(availability__in=[Person.Availability.YES, Person.Availability.LIMITED])
    )


def load(
    submissions: Iterable[Submission],
    *,
    people: Q | None = None,
    today: dt.date | None = None,
) -> Pool:
    """Read everybody who could review, and these submissions; ten queries, however many there are.

    Args:
        people: only these; everybody who could review when absent.
    """
    today = today or clock.today()
    about = {row.pk: About(row) for row in submissions}
    condition = could_review() if people is None else people
    present = Q(erased_at=None, archived_at=None)
    candidates = list(Person.objects.filter(condition, present).order_by("pk").values_list("pk", flat=True))
    wrote = Assignment.objects.filter(submission__in=about, role__in=[Role.AUTHOR, Role.MAINTAINER])
    everybody = Person.objects.filter(Q(pk__in=candidates) | Q(pk__in=wrote.values("person")))
    known = {one.pk: Known(one) for one in everybody.order_by("sort_key", "pk")}
    packages = _parts(known, about)
    _tags(known, about, packages)
    _places(known)
    _conflicts(known, today)
    mailed = Identity.objects.filter(system="email", person__in=candidates)
    for pk in mailed.exclude(folded__contains="noreply").values_list("person_id", flat=True):
        known[pk].has_address = True
    machines = set(Identity.objects.filter(is_bot=True).values_list("person_id", flat=True))
    return Pool(today, known, about, [pk for pk in candidates if pk not in machines])


def _parts(known: dict[int, Known], about: dict[int, About]) -> dict[int, set[int]]:
    """Parts of people in submissions; returns by submission who learnt its topics by writing, editing or reviewing."""
    learnt: dict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.filter(Q(person__in=known) | Q(submission__in=about)).select_related(
        "submission"
    )
    for row in rows.only(
        *("person", "role", "state", "invited_at", "answered_at", "done_at", "is_suggested", "created_at"),
        *("submission__outcome", "submission__closed_at", "submission__accepted_on", "submission__project"),
        *("submission__stage_since", "submission__opened_at", "submission__vanished_at"),
    ):
        _of_submission(row, about.get(row.submission_id))
        person = known.get(row.person_id)
        if person is None:
            continue
        submission = row.submission
        part = Part(
            row.submission_id,
            row.role,
            row.state,
            row.invited_at,
            _ended(row),
            submission.is_open,
            row.is_suggested,
        )
        person.parts.append(part)
        taken = row.state in (State.ACCEPTED, State.DONE)
        if row.role == Role.REVIEWER and (row.state == State.DONE or (taken and not submission.is_open)):
            person.reviews += 1
            if part.ended_on and (person.last_review is None or part.ended_on > person.last_review):
                person.last_review = part.ended_on
        if row.role == Role.EDITOR and taken:
            person.edits += 1
        if taken and (row.role != Role.REVIEWER or row.state == State.DONE or not submission.is_open):
            if row.role not in (Role.AUTHOR, Role.MAINTAINER) or submission.outcome == Outcome.ACCEPTED:
                learnt[row.submission_id].add(row.person_id)
            if row.role in (Role.AUTHOR, Role.MAINTAINER) and submission.project_id:
                span: Span = (submission.opened_at.date(), None if submission.is_open else part.ended_on)
                person.projects[submission.project_id].append(span)
    return learnt


def _ended(row: Assignment) -> dt.date | None:
    """The day on which somebody's part was over, as far as it is known."""
    submission = row.submission
    if row.done_at:
        return row.done_at.date()
    if submission.accepted_on:
        return submission.accepted_on
    if submission.closed_at:
        return submission.closed_at.date()
    if row.state == State.DONE:
        return (submission.stage_since or row.created_at).date()
    return None


def _of_submission(row: Assignment, one: About | None) -> None:
    if one is None:
        return
    if row.role in (Role.AUTHOR, Role.MAINTAINER):
        one.authors.add(row.person_id)
    elif row.role == Role.REVIEWER:
        if row.state in (State.INVITED, State.ACCEPTED, State.DONE):
            one.reviewing[row.person_id] = Part(
                row.submission_id, row.role, row.state, row.invited_at, None, True, row.is_suggested
            )
        elif row.state == State.DECLINED:
            one.said_no.add(row.person_id)
    elif row.state in (State.INVITED, State.ACCEPTED, State.DONE):
        one.barred.add(row.person_id)
        if row.role == Role.EDITOR:
            one.editing.add(row.person_id)


def _tags(known: dict[int, Known], about: dict[int, About], learnt: dict[int, set[int]]) -> None:
    """What people know, and what packages are about; three queries."""
    seeds = data("people")
    through: Any = Person.tags.through
    rows = through.objects.filter(person__in=known, tag__facet__in=seeds["person_facets"])
    for pk, folded, name in rows.values_list("person_id", "tag__folded", "tag__name"):
        known[pk].said[folded] = known[pk].knows[folded] = name
    packages: dict[int, dict[str, str]] = defaultdict(dict)
    wanted = set(learnt) | set(about)
    of_submissions: Any = Submission.tags.through
    tags = of_submissions.objects.filter(submission__in=wanted, tag__facet__in=seeds["package_facets"])
    for pk, folded, name in tags.values_list("submission_id", "tag__folded", "tag__name"):
        packages[pk][folded] = name
    of_projects = Submission.objects.filter(pk__in=wanted, project__tags__facet__in=seeds["package_facets"])
    for pk, folded, name in of_projects.values_list("pk", "project__tags__folded", "project__tags__name"):
        packages[pk][folded] = name
    for pk, topics in packages.items():
        for person in learnt.get(pk, ()):
            if person in known:
                known[person].knows = topics | known[person].knows
        if pk in about:
            about[pk].topics = topics


def _places(known: dict[int, Known]) -> None:
    """Where people belonged and what they worked on, and when; two queries."""
    for row in Affiliation.objects.filter(person__in=known):
        known[row.person_id].organizations[row.organization_id].append((row.started_on, row.ended_on))
    terms = Term.objects.filter(person__in=known, project__isnull=False).select_related("role_kind")
    for term in terms:
        assert term.project_id is not None  # noqa: S101 - only those are asked for
        person, span = known[term.person_id], (term.started_on, term.ended_on)
        person.projects[term.project_id].append(span)
        if term.role_kind.is_maintaining or term.role_kind.is_former:
            person.maintains[term.project_id].append(span)


def _conflicts(known: dict[int, Known], today: dt.date) -> None:
    """Declared conflicts that count today, from both sides; one query."""
    counting = Conflict.objects.filter(Q(until=None) | Q(until__gte=today))
    for row in counting.filter(Q(person__in=known) | Q(other_person__in=known)):
        for mine, other in ((row.person_id, row.other_person_id), (row.other_person_id, row.person_id)):
            if mine in known and other is not None:
                known[mine].avoids_people[other] = row
        if row.person_id in known:
            if row.organization_id is not None:
                known[row.person_id].avoids_organizations[row.organization_id] = row
            if row.project_id is not None:
                known[row.person_id].avoids_projects[row.project_id] = row
