"""What lists and pages of openings show; a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Cos, Greatest, Radians, Sin

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import Person
from folkmoot.training.models import (
    AHEAD,
    Curriculum,
    Event,
    Opening,
    OpeningState,
    Priority,
    RecruitmentRules,
    SignUp,
    SignUpState,
    SoughtPart,
    Task,
    TaskKind,
    TaskState,
    TeachingProfile,
)
from folkmoot.training.queries.lists import numbers

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SoughtLine:
    """One part that is sought, and how many were found."""

    kind: TaskKind
    number: int
    found: int
    pending: int

    @property
    def missing(self) -> int:
        """How many are not found yet."""
        return max(self.number - self.found, 0)

    def __str__(self) -> str:
        return f"{self.kind.name} {self.found}/{self.number}"


def _confirmed() -> QuerySet[Task]:
    return Task.objects.filter(state=TaskState.CONFIRMED, session=None)


def _count(rows: QuerySet[Any], by: str) -> Any:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_missing(rows: QuerySet[SoughtPart]) -> QuerySet[Any]:
    """Parts that are sought with how many were found (``found``) and are missing (``missing``)."""
    there = _count(_confirmed().filter(event=OuterRef("opening__event"), kind=OuterRef("kind")), "event")
    return rows.annotate(found=there).annotate(missing=Greatest(F("number") - F("found"), Value(0)))


def openings(now: dt.datetime | None = None, rules: RecruitmentRules | None = None) -> QuerySet[Any]:
    """All openings with their event and owner, how many are sought, missing and pending, and how urgent each is; at
    most one query for the limits.
    """
    now, rules = now or clock.now(), rules or RecruitmentRules.current()
    parts = SoughtPart.objects.filter(opening=OuterRef("pk")).order_by()
    sought = parts.values("opening").annotate(n=Sum("number")).values("n")
    missing = with_missing(parts).values("opening").annotate(n=Sum("missing")).values("n")
    pending = SignUp.objects.filter(opening=OuterRef("pk"), state=SignUpState.PENDING)
    return Opening.objects.select_related("event__kind", "event__host", "owner").annotate(
        sought_number=Coalesce(Subquery(sought, output_field=IntegerField()), 0),
        missing_number=Coalesce(Subquery(missing, output_field=IntegerField()), 0),
        pending_number=_count(pending, "opening"),
        urgency=urgency(now, rules),
    )


def urgency(now: dt.datetime, rules: RecruitmentRules) -> Case:
    """The priority that somebody gave, else the one that follows from the days to the start."""

    def within(days: int) -> dt.datetime:
        return now + days * DAY

    online, at = Q(event__is_online=True), "event__starts_at__lte"
    return Case(
        When(priority__isnull=False, then=F("priority")),
        When(event__starts_at=None, then=Value(Priority.LOW)),
        When(online & Q(**{at: within(rules.online_high)}), then=Value(Priority.HIGH)),
        When(online & Q(**{at: within(rules.online_medium)}), then=Value(Priority.MEDIUM)),
        When(~online & Q(**{at: within(rules.in_person_high)}), then=Value(Priority.HIGH)),
        When(~online & Q(**{at: within(rules.in_person_medium)}), then=Value(Priority.MEDIUM)),
        default=Value(Priority.LOW),
        output_field=IntegerField(),
    )


def with_lines(rows: Iterable[Any]) -> None:
    """Lay beside each opening what it seeks as ``lines``; two queries."""
    shown = list(rows)
    found: dict[int, list[SoughtLine]] = defaultdict(list)
    parts = with_missing(SoughtPart.objects.filter(opening__in=[row.pk for row in shown]))
    waiting = SignUp.objects.filter(
        opening=OuterRef("opening"), kind=OuterRef("kind"), state=SignUpState.PENDING
    )
    for part in (
        parts.annotate(waiting=_count(waiting, "opening"))
        .select_related("kind")
        .order_by("kind__order", "kind", "pk")
    ):
        line = SoughtLine(part.kind, part.number, part.found, part.waiting)
        found[part.opening_id].append(line)
    for row in shown:
        row.lines = found[row.pk]


def lines_of(opening: Opening) -> list[SoughtLine]:
    """What one opening seeks; one query."""
    with_lines([opening])
    lines: list[SoughtLine] = opening.lines  # type: ignore[attr-defined]
    return lines


def read(pk: int) -> Opening | None:
    """One opening with its event; two queries."""
    return openings().filter(pk=pk).first()


# ------------------------------------------------------------------- filters


def ahead(queryset: QuerySet[Opening], on: bool = True) -> QuerySet[Any]:
    """Those that are open, of events that will happen or do; or the others."""
    wanted = Q(state=OpeningState.OPEN, event__status__in=AHEAD) & (
        Q(event__ends_at=None) | Q(event__ends_at__gt=clock.now())
    )
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def seeking(queryset: QuerySet[Opening], slugs: Sequence[str]) -> QuerySet[Any]:
    """Those that seek and still miss one of these parts."""
    parts = with_missing(SoughtPart.objects.filter(opening=OuterRef("pk"), kind__slug__in=slugs))
    return queryset.filter(Exists(parts.filter(missing__gt=0)))


def owner_choices() -> list[tuple[str, str]]:
    """Who looks after openings; one query."""
    owners = Opening.objects.exclude(owner=None).order_by().values("owner")
    rows = User.objects.filter(pk__in=owners).order_by("name", "pk").values_list("pk", "name")
    return [("none", "–"), *((str(pk), name) for pk, name in rows[:300])]


def owned_by(queryset: QuerySet[Opening], chosen: Sequence[str]) -> QuerySet[Opening]:
    """Those of these people, or of nobody."""
    wanted = Q(owner__in=numbers(chosen))
    if "none" in chosen:
        wanted |= Q(owner=None)
    return queryset.filter(wanted)


def sought_choices() -> list[tuple[str, str]]:
    """Parts that can be sought; one query."""
    kinds = TaskKind.objects.exclude(does=TaskKind.Does.LEARNS).filter(is_archived=False)
    return list(kinds.values_list("slug", "name"))


def curriculum_choices() -> list[tuple[str, str]]:
    """Curricula; one query."""
    return [(str(pk), name) for pk, name in Curriculum.objects.values_list("pk", "name")]


def lesson_choices() -> list[tuple[str, str]]:
    """Lessons that are taught at events; one query."""
    rows = Event.lessons.through.objects.order_by("project__folded")
    return [(str(pk), name) for pk, name in rows.values_list("project", "project__name").distinct()[:300]]


# ----------------------------------------------------------------- sign-ups


def sign_ups(opening: Opening) -> QuerySet[SignUp]:
    """Who signed up for one opening."""
    return SignUp.objects.filter(opening=opening).select_related("person", "kind", "decided_by")


# ------------------------------------------------------------------ one's own


def for_person(person: Person | None, home: TeachingProfile | None, rules: RecruitmentRules) -> QuerySet[Any]:
    """Open openings of events ahead, with how far each is from where somebody sets out (``chord``, nothing where that
    is not known), and whether they signed up (``has_applied``).
    """
    rows: QuerySet[Any] = ahead(openings(rules=rules)).filter(missing_number__gt=0)
    if person is None:
        return rows.none().annotate(chord=Value(None, FloatField()), has_applied=Value(False))  # type: ignore[no-any-return]
    mine = SignUp.objects.filter(
        opening=OuterRef("pk"), person=person, state__in=[SignUpState.PENDING, SignUpState.ACCEPTED]
    )
    return rows.annotate(chord=_chord(home), has_applied=Exists(mine))  # type: ignore[no-any-return]


def _chord(home: TeachingProfile | None) -> Any:
    """The square of the straight way through the Earth's ball; ``None`` for events that are online or lie nowhere."""
    if home is None or home.x is None or home.y is None or home.z is None:
        return Value(None, FloatField())
    phi, lam = Radians("event__latitude"), Radians("event__longitude")
    x, y, z = Cos(phi) * Cos(lam), Cos(phi) * Sin(lam), Sin(phi)
    along = [axis - Value(at) for axis, at in ((x, home.x), (y, home.y), (z, home.z))]
    return Case(
        When(event__latitude=None, then=Value(None, FloatField())),
        default=along[0] * along[0] + along[1] * along[1] + along[2] * along[2],
        output_field=FloatField(),
    )


def with_taught(rows: Iterable[Any]) -> None:
    """Lay beside each opening what its event teaches as ``taught``, a list of names; two queries."""
    shown = {row.event_id: row for row in rows}
    for row in shown.values():
        row.taught = []
    curricula = Event.curricula.through.objects.filter(event__in=shown).order_by("curriculum__order", "pk")
    lessons = Event.lessons.through.objects.filter(event__in=shown).order_by("project__folded")
    for found, name in ((curricula, "curriculum__name"), (lessons, "project__name")):
        for event, taught in found.values_list("event_id", name):
            shown[event].taught.append(taught)


def takes_sign_ups(opening: Opening) -> bool:
    """People can sign up for it now."""
    event = opening.event
    return opening.is_open and event.is_ahead and (event.ends_at is None or event.ends_at > clock.now())


def own_sign_ups(person: Person | None) -> QuerySet[SignUp]:
    """What somebody signed up for."""
    rows = SignUp.objects.select_related("opening__event", "kind")
    return rows.filter(person=person) if person is not None else rows.none()


# -------------------------------------------------------------------- Today


def short_of_people(now: dt.datetime) -> QuerySet[Any]:
    """Open openings of events that begin within a year and miss somebody, the nearest first; no query."""
    parts = SoughtPart.objects.filter(opening=OuterRef("pk")).order_by()
    missing = with_missing(parts).values("opening").annotate(n=Sum("missing")).values("n")
    near = RecruitmentRules.objects.filter(pk=1).values("near_days")
    usual = RecruitmentRules._meta.get_field("near_days").get_default()
    return (
        Opening.objects.filter(
            state=OpeningState.OPEN,
            event__status__in=AHEAD,
            event__starts_at__gt=now,
            event__starts_at__lte=now + 366 * DAY,
        )
        .annotate(
            missing_number=Coalesce(Subquery(missing, output_field=IntegerField()), 0),
            near_days=Coalesce(Subquery(near[:1], output_field=IntegerField()), Value(usual)),
        )
        .filter(missing_number__gt=0)
        .order_by("event__starts_at", "pk")
    )


def waiting(now: dt.datetime) -> QuerySet[Any]:
    """Openings of events ahead with sign-ups that wait, the longest first; no query."""
    pending = SignUp.objects.filter(opening=OuterRef("pk"), state=SignUpState.PENDING)
    return (
        Opening.objects.filter(event__status__in=AHEAD)
        .filter(Q(event__ends_at=None) | Q(event__ends_at__gt=now))
        .annotate(
            pending_number=_count(pending, "opening"),
            oldest=Subquery(pending.order_by("signed_up_at").values("signed_up_at")[:1]),
        )
        .filter(pending_number__gt=0)
        .order_by("oldest", "pk")
    )
