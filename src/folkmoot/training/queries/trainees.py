"""Who is on the way to a badge, and how lists of them are narrowed: sets of people, so that lists stay flat."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.kernel.counting import ManyRows
from folkmoot.kernel.rows import Rows, together
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.public import Person
from folkmoot.training.models import (
    AHEAD,
    TAKEN,
    Award,
    Badge,
    Event,
    Progress,
    ProgressState,
    Requirement,
    Status,
    Task,
    TaskKind,
)
from folkmoot.training.queries.standing import standings

#: Events that can be a training that somebody was at.
_REAL = (*AHEAD, Status.DONE)
#: Days before a due date in which it counts as near.
SOON = 30


def ways() -> list[tuple[Badge, list[Requirement]]]:
    """Badges that requirements lead to, in their order, each with these in theirs; one query."""
    pairs = Badge.requirements.through.objects.filter(
        badge__is_archived=False, requirement__is_archived=False
    ).select_related("badge", "requirement")
    found: dict[int, tuple[Badge, list[Requirement]]] = {}
    for pair in pairs.order_by(
        *("badge__order", "badge__name", "badge", "requirement__order", "requirement__name", "requirement")
    ):
        found.setdefault(pair.badge_id, (pair.badge, []))[1].append(pair.requirement)
    return list(found.values())


def way_to(slug: str) -> tuple[list[Badge], Badge | None, list[Requirement]]:
    """All badges with requirements, the one of this short name, and what leads to it; one query."""
    every = ways()
    badges = [badge for badge, _rows in every]
    for badge, rows in every:
        if badge.slug == slug:
            return badges, badge, rows
    return badges, None, []


def requirements_of(badge: Badge) -> list[Requirement]:
    """What leads to a badge and still counts, in its order; no query where they are read beforehand."""
    rows = [row for row in badge.requirements.all() if not row.is_archived]
    return sorted(rows, key=lambda row: (row.order, row.name, row.pk))


def _numbers(rows: Iterable[Requirement]) -> list[int]:
    return [row.pk for row in rows]


def at_trainings(requirements: Sequence[Requirement]) -> QuerySet[Task]:
    """The parts of those who learn at the trainings that these requirements name."""
    kinds = {row.event_kind_id for row in requirements if row.event_kind_id is not None}
    return Task.objects.filter(
        event__kind__in=kinds,
        event__status__in=_REAL,
        kind__does=TaskKind.Does.LEARNS,
        session=None,
        state__in=TAKEN,
    )


def everybody() -> QuerySet[Person]:
    """All whom a list may show; who narrows it says whom it is about."""
    return ManyRows(Person).filter(erased_at=None, archived_at=None)


def trainees(requirements: Sequence[Requirement]) -> QuerySet[Person]:
    """Everybody with some progress, or who learns at such a training."""
    begun = Progress.objects.filter(requirement__in=_numbers(requirements))
    return ManyRows(Person).filter(
        Q(pk__in=begun.order_by().values("person"))
        | Q(pk__in=at_trainings(requirements).order_by().values("person")),
        erased_at=None,
        archived_at=None,
    )


def one_by_one(requirements: Sequence[Requirement]) -> QuerySet[Person]:
    """The same as :func:`trainees`, asked person by person: where they are many, a page of them, in the order of names,
    is found without knowing them all.
    """
    begun = Progress.objects.filter(person=OuterRef("pk"), requirement__in=_numbers(requirements))
    learns = at_trainings(requirements).filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(begun) | Exists(learns), erased_at=None, archived_at=None)


def with_number_passed(people: QuerySet[Person], requirements: Sequence[Requirement]) -> QuerySet[Person]:
    """Each with ``number_passed``: how many of these requirements."""
    done = (
        Progress.objects.filter(
            person=OuterRef("pk"), requirement__in=_numbers(requirements), state=ProgressState.PASSED
        )
        .order_by()
        .values("person")
        .annotate(n=Count("requirement", distinct=True))
        .values("n")
    )
    number = Coalesce(Subquery(done, output_field=IntegerField()), 0)
    return people.annotate(number_passed=number)


def named(queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those whom the search finds by these words."""
    return queryset.filter(pk__in=ids_matching("person", words))


# ------------------------------------------------------------------- filters


def passed(*requirements: Requirement) -> QuerySet[Any, Any]:
    """The people who passed all of these; nobody where there are none."""
    if not requirements:
        return Progress.objects.none().values("person")
    found: QuerySet[Any, Any] = (
        Progress.objects.filter(requirement__in=_numbers(requirements), state=ProgressState.PASSED)
        .order_by()
        .values("person")
        .annotate(n=Count("requirement", distinct=True))
        .filter(n=len(requirements))
        .values("person")
    )
    return found


def awarded(badge: Badge) -> QuerySet[Any, Any]:
    """The people whose award of a badge holds."""
    return Award.objects.filter(badge=badge, revoked_at=None).order_by().values("person")


def complete(queryset: QuerySet[Any], requirements: Sequence[Requirement], on: bool) -> QuerySet[Any]:
    """Those who passed everything, or the others."""
    wanted = Q(pk__in=passed(*requirements))
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def have(queryset: QuerySet[Any], badge: Badge, on: bool) -> QuerySet[Any]:
    """Those who have the badge, or the others."""
    wanted = Q(pk__in=awarded(badge))
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def waiting(queryset: QuerySet[Any], requirements: Sequence[Requirement], on: bool) -> QuerySet[Any]:
    """Those of whom something was submitted and not evaluated, or the others."""
    sent = Progress.objects.filter(
        requirement__in=_numbers(requirements), state=ProgressState.SUBMITTED
    ).order_by()
    wanted = Q(pk__in=sent.values("person"))
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def in_states(queryset: QuerySet[Any], requirement: Requirement, states: Sequence[str]) -> QuerySet[Any]:
    """Those who stand so with a requirement; ``missing``: there is no try, or it is to do."""
    done = Q(pk__in=passed(requirement))
    tries = Progress.objects.filter(person=OuterRef("pk"), requirement=requirement)
    rows: QuerySet[Any] = queryset.annotate(
        newest=Subquery(tries.order_by("-created_at", "-pk").values("state")[:1])
    )
    wanted = Q(pk__in=[])
    for state in states:
        if state == ProgressState.PASSED:
            wanted |= done
        elif state == "missing":
            wanted |= ~done & (Q(newest=None) | Q(newest=ProgressState.OPEN))
        else:
            wanted |= ~done & Q(newest=state)
    return rows.filter(wanted)


def late(requirements: Sequence[Requirement], day: dt.date) -> Q:
    """Who has a requirement that was due before a day, and has not passed it."""
    trainings = [row for row in requirements if row.needs_event]
    ends = (
        Progress.objects.filter(requirement__in=_numbers(trainings), state=ProgressState.PASSED)
        .order_by()
        .values("person")
        .annotate(ended=Max(Coalesce("event__ends_on", "event__starts_on", "happened_on")))
    )
    found = Q(pk__in=[])
    for row in requirements:
        by_hand = (
            Progress.objects.filter(requirement=row, due_on__isnull=False)
            .order_by()
            .values("person")
            .annotate(until=Max("due_on"))
        )
        due = Q(pk__in=by_hand.filter(until__lt=day).values("person"))
        if row.due_days is not None:
            reckoned = ends.filter(ended__lt=day - dt.timedelta(days=row.due_days)).values("person")
            due |= Q(pk__in=reckoned) & ~Q(pk__in=by_hand.values("person"))
        found |= due & ~Q(pk__in=passed(row))
    return found


def due(
    queryset: QuerySet[Any], badge: Badge, requirements: Sequence[Requirement], chosen: Sequence[str]
) -> QuerySet[Any]:
    """Those without the badge who are overdue, or will be soon."""
    today = clock.today()
    wanted = Q(pk__in=[])
    if "overdue" in chosen:
        wanted |= late(requirements, today)
    if "soon" in chosen:
        near = late(requirements, today + dt.timedelta(days=SOON + 1))
        wanted |= near & ~late(requirements, today)
    return queryset.filter(wanted).exclude(pk__in=awarded(badge))


def at_events(
    queryset: QuerySet[Any], requirements: Sequence[Requirement], events: Sequence[int]
) -> QuerySet[Any]:
    """Those whose training is one of these events."""
    learns = at_trainings(requirements).filter(event__in=events)
    noted = Progress.objects.filter(requirement__in=_numbers(requirements), event__in=events)
    return queryset.filter(
        Q(pk__in=learns.order_by().values("person")) | Q(pk__in=noted.order_by().values("person"))
    )


def of_programmes(
    queryset: QuerySet[Any], requirements: Sequence[Requirement], slugs: Sequence[str]
) -> QuerySet[Any]:
    """Those whose training is in one of these programmes."""
    learns = at_trainings(requirements).filter(event__programme__slug__in=slugs)
    noted = Progress.objects.filter(requirement__in=_numbers(requirements), event__programme__slug__in=slugs)
    return queryset.filter(
        Q(pk__in=learns.order_by().values("person")) | Q(pk__in=noted.order_by().values("person"))
    )


def trainings(requirements: Sequence[Requirement]) -> QuerySet[Event]:
    """The trainings that these requirements name, the newest first."""
    kinds = {row.event_kind_id for row in requirements if row.event_kind_id is not None}
    return Event.objects.filter(kind__in=kinds, status__in=_REAL).order_by("-starts_at", "-pk")


def training_choices(
    requirements: Sequence[Requirement],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The newest trainings, and their programmes, as a filter takes them; one query."""
    rows = trainings(requirements).values_list("pk", "title", "programme__slug", "programme__name")[:300]
    events = [(str(pk), title) for pk, title, _slug, _name in rows]
    programmes = {slug: name for _pk, _title, slug, name in rows if slug}
    return events, sorted(programmes.items(), key=lambda pair: pair[1])


# ------------------------------------------------------------- beside the rows


def with_standing(rows: Iterable[Any], badge: Badge, requirements: Sequence[Requirement]) -> None:
    """Lay beside each person ``standing`` (by requirement), ``awarded_on``, ``training`` (its name) and ``due_on``;
    two queries."""
    shown = list(rows)
    people = [row.pk for row in shown]
    tries: dict[int, list[Progress]] = defaultdict(list)
    for one in Progress.objects.filter(
        person__in=people, requirement__in=_numbers(requirements)
    ).select_related("event"):
        tries[one.person_id].append(one)
    learning = at_trainings(requirements).filter(person__in=people)
    read = together(
        {
            "awards": Rows(
                Award.objects.filter(person__in=people, badge=badge, revoked_at=None),
                *("person_id", "awarded_on"),
                most=None,
            ),
            "learning": Rows(
                learning, "person_id", "pk", most=None, title=F("event__title"), at=F("event__starts_at")
            ),
        }
    )
    awards = {row["person_id"]: row["awarded_on"] for row in read["awards"]}
    dated = sorted(read["learning"], key=lambda row: (row["at"] is not None, row["at"], row["pk"]))
    events = {row["person_id"]: row["title"] for row in dated}
    today = clock.today()
    for row in shown:
        noted = [one.event.title for one in tries[row.pk] if one.event is not None]
        row.standing = {one.requirement.pk: one for one in standings(requirements, tries[row.pk], today)}
        row.awarded_on = awards.get(row.pk)
        row.training = events.get(row.pk) or next(iter(noted), "")
        days = [one.due_on for one in row.standing.values() if one.due_on is not None]
        row.due_on = None if row.awarded_on else min(days, default=None)
        row.is_late = row.due_on is not None and row.due_on < today


def incomplete(people: Sequence[Person], requirements: Sequence[Requirement]) -> list[Person]:
    """Those of these people who have not passed everything; one query."""
    done = set(
        passed(*requirements).filter(person__in=[row.pk for row in people]).values_list("person", flat=True)
    )
    return [row for row in people if row.pk not in done]


def complete_without(badge: Badge, requirements: Sequence[Requirement]) -> QuerySet[Person]:
    """Who passed everything that leads to a badge and never had it."""
    ever = Award.objects.filter(badge=badge, person=OuterRef("pk"))
    return Person.objects.filter(pk__in=passed(*requirements), erased_at=None, archived_at=None).exclude(
        Exists(ever)
    )
