"""Who could come to an event: by place, language, lesson, badge, role, availability; a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, Person, RoleKind, Term, consenting, country_name
from folkmoot.training.models import (
    Award,
    Badge,
    Opening,
    Qualification,
    Task,
    TaskKind,
    TaskState,
)
from folkmoot.training.places import FARTHEST, Place, chord_of
from folkmoot.training.queries import openings
from folkmoot.training.queries.lists import numbers, people_named

CONTACT = "contact"
#: How far around a place, in kilometres.
WITHIN = (50, 100, 250, 500, 1000, 2500, 5000)


def people(near: Place | None = None) -> QuerySet[Any]:
    """Everybody who is no machine, archived or forgotten: with whether they may be asked (``may_be_asked``), how far
    they are from a place (``chord``; nothing where either is not known), how often they taught, and when last.
    """
    machine = Identity.objects.filter(person=OuterRef("pk"), is_bot=True)
    agreed = consenting(CONTACT).filter(pk=OuterRef("pk"))
    taught = (
        Task.objects.filter(
            person=OuterRef("pk"),
            kind__does=TaskKind.Does.TEACHES,
            state=TaskState.CONFIRMED,
            session=None,
            event__ends_at__lte=clock.now(),
        )
        .exclude(attended=False)
        .order_by()
        .values("person")
    )
    return (
        Person.objects.filter(~Exists(machine), archived_at=None, erased_at=None)
        .select_related("teaching_profile")
        .annotate(
            may_be_asked=Exists(agreed),
            chord=_chord(near),
            taught=Coalesce(
                Subquery(taught.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
            ),
            taught_last=Subquery(taught.annotate(last=Max("event__starts_on")).values("last")),
        )
    )


def _chord(near: Place | None) -> Any:
    """The square of the straight way between two points of the ball: its order is that of the great circle."""
    if near is None:
        return Value(None, FloatField())
    along = [F(f"teaching_profile__{name}") - Value(at) for name, at in zip("xyz", near.vector, strict=True)]
    total: Any = along[0] * along[0] + along[1] * along[1] + along[2] * along[2]
    return total


def within(rows: QuerySet[Any], kilometres: Sequence[str], near: Place | None) -> QuerySet[Any]:
    """Those within the widest of these distances of the place; nothing changes without a place."""
    wanted = [number for number in numbers(kilometres) if number <= FARTHEST]
    if near is None or not wanted:
        return rows
    return rows.filter(chord__lte=chord_of(max(wanted)))


def with_more(rows: Iterable[Any]) -> None:
    """Lay beside each person which lessons they teach (``lessons``), their badges (``badges``) and where mail reaches
    them (``email``): three queries.
    """
    shown = {row.pk: row for row in rows}
    for row in shown.values():
        row.lessons, row.badges, row.email = [], [], ""
        row.profile = getattr(row, "teaching_profile", None)
    lessons = Qualification.objects.filter(person__in=shown).order_by("lesson__folded", "pk")
    for pk, name in lessons.values_list("person_id", "lesson__name"):
        shown[pk].lessons.append(name)
    badges = Award.objects.filter(person__in=shown, revoked_at=None).order_by("badge__order", "badge", "pk")
    for pk, name in badges.values_list("person_id", "badge__name"):
        shown[pk].badges.append(name)
    addresses = Identity.objects.filter(person__in=shown, system="email").exclude(folded__contains="noreply")
    for pk, value in addresses.order_by("-is_verified", "pk").values_list("person_id", "value"):
        shown[pk].email = shown[pk].email or value


def named(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those whom the search finds by these words."""
    return rows.filter(pk__in=people_named(words))


# ------------------------------------------------------------------- filters


def speaking(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Those who teach in a language, given as its code."""
    wanted = fold(code).replace(",", "")
    either = Q(teaching_profile__languages_key__contains=f",{wanted},")
    return rows.filter(either | Q(teaching_profile__languages_key__contains=f",{wanted}-"))


def country_choices() -> list[tuple[str, str]]:
    """The countries of people; one query."""
    codes = Person.objects.exclude(country="").order_by().values_list("country", flat=True).distinct()
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])


def lesson_choices() -> list[tuple[str, str]]:
    """Lessons that somebody can teach; one query."""
    rows = Qualification.objects.order_by("lesson__folded").values_list("lesson", "lesson__name").distinct()
    return [(str(pk), name) for pk, name in rows[:300]]


def teaching(rows: QuerySet[Any], lessons: Sequence[str]) -> QuerySet[Any]:
    """Those who can teach one of these lessons."""
    one = Qualification.objects.filter(person=OuterRef("pk"), lesson__in=numbers(lessons))
    return rows.filter(Exists(one))


def badge_choices() -> list[tuple[str, str]]:
    """Badges; one query."""
    return [(str(pk), name) for pk, name in Badge.objects.values_list("pk", "name")]


def bearing(rows: QuerySet[Any], badges: Sequence[str]) -> QuerySet[Any]:
    """Those who have one of these badges."""
    one = Award.objects.filter(person=OuterRef("pk"), badge__in=numbers(badges), revoked_at=None)
    return rows.filter(Exists(one))


def role_choices() -> list[tuple[str, str]]:
    """Kinds of roles; one query."""
    return [(str(pk), name) for pk, name in RoleKind.objects.values_list("pk", "name")]


def holding(rows: QuerySet[Any], roles: Sequence[str]) -> QuerySet[Any]:
    """Those who hold one of these roles today."""
    one = Term.objects.filter(person=OuterRef("pk"), role_kind__in=numbers(roles)).on(clock.today())
    return rows.filter(Exists(one))


def part_choices() -> list[tuple[str, str]]:
    """Kinds of parts but learning; one query."""
    return openings.sought_choices()


def having_been(rows: QuerySet[Any], slugs: Sequence[str]) -> QuerySet[Any]:
    """Those who had one of these parts in an event."""
    one = Task.objects.filter(person=OuterRef("pk"), kind__slug__in=slugs, state=TaskState.CONFIRMED)
    return rows.filter(Exists(one))


def can_be_asked_now(rows: QuerySet[Any], on: bool) -> QuerySet[Any]:
    """Those who did not say that they cannot be asked, or are away; or the others."""
    away = Q(availability=Person.Availability.NO) | Q(available_from__gt=clock.today())
    return rows.exclude(away) if on else rows.filter(away)


def open_openings() -> QuerySet[Opening]:
    """Openings that people can be put forward for, the nearest event first."""
    rows: QuerySet[Opening] = openings.ahead(Opening.objects.select_related("event"))
    return rows.order_by(F("event__starts_at").asc(nulls_last=True), "pk")
