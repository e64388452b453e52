"""A person's way to badges: what their own page and the staff's page of them show."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from folkmoot.kernel import clock
from folkmoot.people.public import Person
from folkmoot.training.models import Award, Badge, Certificate, Progress, Qualification
from folkmoot.training.queries.standing import Standing, standings
from folkmoot.training.queries.standing import passed as number_passed
from folkmoot.training.queries.trainees import at_trainings, ways


@dataclass(frozen=True)
class Way:
    """One badge, and how somebody stands with what leads to it."""

    badge: Badge
    rows: list[Standing]
    award: Award | None
    #: They had it, and it was taken back.
    was_revoked: bool

    @property
    def done(self) -> int:
        """How many are passed."""
        return number_passed(self.rows)

    @property
    def is_complete(self) -> bool:
        """Everything is passed."""
        return self.done == len(self.rows)


@dataclass(frozen=True)
class Record:
    """Everything about a trainee."""

    ways: list[Way]
    tries: list[Progress]
    awards: list[Award]
    lessons: list[Qualification]


def awards_of(person: Person) -> QuerySet[Award]:
    """Somebody's awards, the newest first, each with its newest certificate (``certificate_id``, ``…_code``,
    ``…_revoked_at``)."""
    return with_certificates(Award.objects.filter(person=person))


def with_certificates(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Each with its newest certificate."""
    newest = Certificate.objects.filter(award=OuterRef("pk")).order_by("-issued_at", "-pk")
    return awards.select_related("badge", "person").annotate(
        certificate_id=Subquery(newest.values("pk")[:1]),
        certificate_code=Subquery(newest.values("code")[:1]),
        certificate_revoked_at=Subquery(newest.values("revoked_at")[:1]),
    )


def lessons_of(person: Person) -> list[Qualification]:
    """Lessons that somebody can teach; one query."""
    return list(
        Qualification.objects.filter(person=person).select_related("lesson").order_by("lesson__folded", "pk")
    )


def record_of(person: Person) -> Record:
    """How somebody stands with every badge that they are on the way to; five queries.

    That is: some of what leads to it is noted of them, or they learn at its training.
    """
    tries = list(
        Progress.objects.filter(person=person)
        .select_related("requirement", "involvement", "event", "evaluated_by")
        .order_by("-created_at", "-pk")
    )
    awards = list(awards_of(person))
    badges = ways()
    every = [row for _badge, rows in badges for row in rows]
    kinds = set(at_trainings(every).filter(person=person).values_list("event__kind", flat=True))
    noted = {row.requirement_id for row in tries}
    found = []
    for badge, rows in badges:
        mine = [row for row in awards if row.badge_id == badge.pk]
        begun = any(row.pk in noted or row.event_kind_id in kinds for row in rows)
        if begun or mine:
            found.append(
                Way(
                    badge,
                    standings(rows, tries, clock.today()),
                    next((row for row in mine if row.holds), None),
                    was_revoked=bool(mine) and not any(row.holds for row in mine),
                )
            )
    return Record(found, tries, awards, lessons_of(person))
