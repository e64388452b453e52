"""What the list and the board of submissions show, and how they are narrowed; a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast as SqlCast
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.public import Person
from folkmoot.reviews.models import OPEN, Assignment, Kind, Outcome, Programme, Stage, Submission, Turn
from folkmoot.reviews.queries import held_up, turns
from folkmoot.reviews.queries.turns import Cast, Whose

Role, State = Assignment.Role, Assignment.State
#: Has the part, or is asked for it.
ACTIVE = (State.INVITED, State.ACCEPTED, State.DONE)
#: Accepted ones leave the board after so many days, or when their issue is closed.
LINGER_DAYS = 60


def submissions() -> QuerySet[Submission]:
    """All submissions, the newest first, with the day on which their stage should be over as ``due_at``."""
    limit = ExpressionWrapper(
        SqlCast("stage__limit_days", IntegerField())
        * Value(dt.timedelta(days=1), output_field=DurationField()),
        output_field=DurationField(),
    )
    due = ExpressionWrapper(F("stage_since") + limit, output_field=DateTimeField())
    return Submission.objects.annotate(
        due_at=Case(
            When(OPEN & Q(on_hold_since=None, stage__limit_days__isnull=False), then=due),
            default=None,
            output_field=DateTimeField(),
        )
    ).order_by("-opened_at", "-pk")


@dataclass
class Office:
    """What a page of lists reads once: stages, programmes, editors, and when a filter asks, everything that is open."""

    now: dt.datetime
    stages: list[Stage]
    programmes: Sequence[Programme]
    editors: list[tuple[int, str]]

    @property
    def used_stages(self) -> list[Stage]:
        """Stages in use, by programme and place."""
        return [stage for stage in self.stages if not stage.is_archived]

    @property
    def first_year(self) -> int:
        """The year of the first submission."""
        moments = [one.first for one in self.programmes if one.first]  # type: ignore[attr-defined]
        return min(moments).year if moments else self.now.year

    def desk(self, rows: Iterable[Submission]) -> turns.Desk:
        """What goes with rows; three queries."""
        return turns.desk(rows, stages=self.stages, programmes=self.programmes)

    @cached_property
    def open(self) -> turns.Desk:
        """Everything that is open; four queries, and only when a filter asks."""
        return self.desk(turns.open_submissions())

    @cached_property
    def held(self) -> list[held_up.HeldUp]:
        """What is held up."""
        return held_up.of_desk(self.open, self.now)

    def with_turn(self, queryset: QuerySet[Submission], wanted: Sequence[str]) -> QuerySet[Submission]:
        """Open submissions whose turn is one of these."""
        whose = turns.turns(self.open, self.now)
        return queryset.filter(pk__in=[pk for pk, one in whose.items() if one.turn in wanted])

    def held_up(self, queryset: QuerySet[Submission], on: bool) -> QuerySet[Submission]:
        """Those that break a rule, or the others."""
        found = [one.submission.pk for one in self.held]
        return queryset.filter(pk__in=found) if on else queryset.exclude(pk__in=found)

    def decorate(self, rows: Sequence[Submission]) -> None:
        """Lay beside each row who takes part, whose turn it is and what holds it up; three queries, none when
        everything that is open was read already and has all of them.

        Each row then has ``cast``, ``whose``, ``held``, ``days_in_stage`` and ``over_by`` (days over its stage's limit;
        negative: left).
        """
        read = self.__dict__.get("open")
        if read is not None and {row.pk for row in rows} <= {row.pk for row in read.submissions}:
            desk = replace(read, submissions=list(rows))
            for row in rows:
                row.programme = desk.programmes[row.programme_id]
                if row.stage_id:
                    row.stage = desk.stages[row.stage_id]
        else:
            desk = self.desk(rows)
        whose = turns.turns(desk, self.now)
        why = {one.submission.pk: one for one in held_up.of_desk(desk, self.now)}
        for row in rows:
            any_row: Any = row
            any_row.cast = desk.casts.get(row.pk) or Cast()
            any_row.whose = whose[row.pk]
            any_row.held = why.get(row.pk)
            any_row.over_by = over_by(row, self.now)
            any_row.days_in_stage = (self.now - row.stage_since).days if row.stage_since else None


def office() -> Office:
    """Stages, programmes, editors; three queries."""
    programmes = list(
        Programme.objects.annotate(first=Min("submissions__opened_at")).order_by("is_archived", "name", "pk")
    )
    by_number = {one.pk: one for one in programmes}
    stages = list(Stage.objects.order_by("position", "pk"))
    for stage in stages:
        stage.programme = by_number[stage.programme_id]
    order = {one.pk: place for place, one in enumerate(programmes)}
    stages.sort(key=lambda stage: (order[stage.programme_id], stage.position, stage.pk))
    editing = Assignment.objects.filter(role=Role.EDITOR, state__in=ACTIVE).values("person")
    editors = Person.objects.filter(pk__in=editing).order_by("sort_key", "pk").values_list("pk", "name")
    return Office(clock.now(), stages, programmes, list(editors[:300]))


def stage_choices(known: Office) -> list[tuple[str, str]]:
    """Stages by number; with their programme where there are several."""
    many = len({stage.programme_id for stage in known.used_stages}) > 1
    return [
        (str(stage.pk), f"{stage.name} ({stage.programme.name})" if many else stage.name)
        for stage in known.used_stages
    ]


def year_choices(known: Office) -> list[tuple[str, str]]:
    """The years in which something was submitted."""
    return [(str(year), str(year)) for year in range(clock.now().year, known.first_year - 1, -1)]


STATES = ("open", "hold", *[value for value in Outcome.values if value])


def state_choices() -> list[tuple[str, Any]]:
    """Open, on hold, and the outcomes."""
    return [
        ("open", _("open")),
        ("hold", _("on hold")),
        *[(value, label) for value, label in Outcome.choices if value],
    ]


def in_states(queryset: QuerySet[Submission], states: Sequence[str]) -> QuerySet[Submission]:
    """Those in one of these states; what is on hold is open, too."""
    wanted = Q(outcome__in=[state for state in states if state not in ("open", "hold")])
    if "open" in states:
        wanted |= OPEN
    if "hold" in states:
        wanted |= OPEN & Q(on_hold_since__isnull=False)
    return queryset.filter(wanted)


def on_board(queryset: QuerySet[Submission]) -> QuerySet[Submission]:
    """What a board shows unless it is told otherwise: what is open, and what was accepted lately."""
    lately = clock.today() - dt.timedelta(days=LINGER_DAYS)
    return queryset.filter(OPEN | Q(outcome=Outcome.ACCEPTED, closed_at=None, accepted_on__gte=lately))


def numbers(values: Iterable[str]) -> list[int]:
    """Row numbers that an address names."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]


def edited_by(queryset: QuerySet[Submission], people: Sequence[int]) -> QuerySet[Submission]:
    """Those that one of these people edits, edited, or is asked to."""
    return queryset.filter(_part(person__in=people, role=Role.EDITOR, state__in=ACTIVE))


def of_user(queryset: QuerySet[Submission], user: Any, on: bool) -> QuerySet[Submission]:
    """Those in which somebody takes part, or is asked to; or the others."""
    mine = _part(person__user=user, state__in=ACTIVE)
    return queryset.filter(mine) if on else queryset.exclude(mine)


def _part(**filters: Any) -> Exists:
    return Exists(Assignment.objects.filter(submission=OuterRef("pk"), **filters))


NEEDS = ("editor", "reviewers")


def needs(queryset: QuerySet[Submission], what: Sequence[str]) -> QuerySet[Submission]:
    """Open submissions that have no editor; or an editor, and fewer reviewers than are wanted."""
    real = queryset.filter(OPEN).exclude(kind=Kind.PRESUBMISSION)
    editor = _part(role=Role.EDITOR, state__in=(State.ACCEPTED, State.DONE))
    wanted = Q(pk__in=[])
    if "editor" in what:
        wanted |= Q(~editor)
    if "reviewers" in what:
        reviewers = Count(
            "assignments", filter=Q(assignments__role=Role.REVIEWER, assignments__state__in=ACTIVE)
        )
        short = (
            Submission.objects.filter(OPEN)
            .annotate(n=reviewers)
            .filter(n__lt=F("programme__reviewers_wanted"))
            .values("pk")
        )
        wanted |= Q(editor, pk__in=short)
    return real.filter(wanted)


def turn_choices() -> list[tuple[str, Any]]:
    """Whose turn it can be."""
    return [(value, label) for value, label in Turn.choices if value]


def opened_in(queryset: QuerySet[Submission], years: Sequence[str]) -> QuerySet[Submission]:
    """Those submitted in one of these years."""
    wanted = Q(pk__in=[])
    for year in numbers(years):
        if 1900 <= year <= 2199:
            first = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
            wanted |= Q(opened_at__gte=first, opened_at__lt=first.replace(year=year + 1))
    return queryset.filter(wanted)


def found(queryset: QuerySet[Submission], words: str) -> QuerySet[Submission]:
    """Those that the search finds by these words."""
    return queryset.filter(pk__in=ids_matching("submission", words))


def over_by(row: Submission, now: dt.datetime) -> int | None:
    """Days by which an open submission is over the limit of its stage; negative: days left; ``None``: no limit."""
    stage = row.stage
    if not row.is_open or row.on_hold_since or stage is None or not stage.limit_days or not row.stage_since:
        return None
    return (now - row.stage_since).days - stage.limit_days


def names(row: Any, role: str) -> str:
    """Who has a part, in words; who is only asked has a question mark."""
    parts = [
        f"{one.person.name}?" if one.state == State.INVITED else one.person.name
        for one in row.cast.all
        if one.role == role and one.state in ACTIVE
    ]
    return ", ".join(parts)


def outcome_words(row: Submission) -> str:
    """How it ended; nothing while it is open."""
    if row.outcome:
        return str(row.get_outcome_display())
    return _("closed") if row.closed_at else ""


def turn_words(whose: Whose) -> str:
    """Whose turn it is, with names where they are known."""
    if whose.turn == Turn.NOBODY:
        return ""
    people = ", ".join(person.name for person in whose.people[:3])
    return f"{whose.word}: {people}" if people else whose.word
