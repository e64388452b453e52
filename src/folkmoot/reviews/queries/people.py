"""Who could review, how lists of editors and reviewers are narrowed, conflicts of interest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Aggregate, Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.public import Identity, Person, Tag
from folkmoot.reviews.models import Assignment, Conflict, Programme
from folkmoot.reviews.ranking import editors as editing
from folkmoot.reviews.ranking.pool import could_review, still_open
from folkmoot.reviews.ranking.reviewers import months_before
from folkmoot.reviews.seeds import data

Role, State = Assignment.Role, Assignment.State
#: It is over: the review was written, or what was reviewed is decided.
DONE = Q(state=State.DONE) | Q(state=State.ACCEPTED) & ~still_open()


def reviewers() -> QuerySet[Person]:
    """Everybody who could review, with ``reviews`` (done) and ``asked_now`` (asked or at it)."""
    mine = Q(assignments__role=Role.REVIEWER)
    is_open = still_open("assignments__submission__")
    done = Q(assignments__state=State.DONE) | Q(assignments__state=State.ACCEPTED) & ~is_open
    now = Q(assignments__state__in=[State.INVITED, State.ACCEPTED]) & is_open
    counted: dict[str, Aggregate] = {
        "reviews": Count("assignments", filter=mine & done),
        "asked_now": Count("assignments", filter=mine & now),
        "last_done": Max("assignments__done_at", filter=mine & done),
        "last_accepted": Max("assignments__submission__accepted_on", filter=mine & done),
    }
    found = Person.objects.filter(could_review(), erased_at=None, archived_at=None)
    return found.annotate(**counted)


def rest_months() -> int:
    """Months between two reviews: the longest that a programme asks for; one query."""
    return Programme.objects.filter(is_archived=False).aggregate(n=Max("rest_months"))["n"] or 0


def askable(queryset: QuerySet[Person], on: bool, today: dt.date, months: int) -> QuerySet[Person]:
    """Who can be asked today: available, not reviewing, rested; or the others."""
    since = months_before(today, months)
    parts = Assignment.objects.filter(person=OuterRef("pk"), role=Role.REVIEWER)
    lately = parts.filter(
        Q(done_at__date__gt=since)
        | Q(done_at=None, submission__accepted_on__gt=since)
        | Q(done_at=None, submission__accepted_on=None, submission__closed_at__date__gt=since)
    ).filter(DONE)
    busy = parts.filter(still_open(), state__in=[State.INVITED, State.ACCEPTED])
    can = (
        ~Q(availability=Person.Availability.NO)
        & (Q(available_from=None) | Q(available_from__lte=today))
        & ~Exists(lately)
        & ~Exists(busy)
    )
    return queryset.filter(can if on else ~can)


def knowing(queryset: QuerySet[Person], wanted: Sequence[str]) -> QuerySet[Person]:
    """Who said that they know one of these."""
    through: Any = Person.tags.through
    rows = through.objects.filter(
        tag__folded__in=[fold(word) for word in wanted], tag__facet__in=data("people")["person_facets"]
    )
    return queryset.filter(pk__in=rows.values("person_id"))


def fields_known() -> list[tuple[str, str]]:
    """What anybody knows, for a filter; one query."""
    tags = Tag.objects.filter(facet__in=data("people")["person_facets"], people__isnull=False)
    found = dict(tags.order_by("folded").values_list("folded", "name").distinct())
    return list(found.items())


def named(queryset: QuerySet[Person], words: str) -> QuerySet[Person]:
    """By name or handle."""
    by_handle = Identity.objects.filter(folded__contains=fold(words)).values("person")
    return queryset.filter(Q(sort_key__contains=fold_accents(words)) | Q(pk__in=by_handle))


def editors_who(queryset: QuerySet[Person], wanted: Sequence[str], today: dt.date) -> QuerySet[Person]:
    """Editors now, free, leaving soon; or former ones, or those among them with open submissions."""
    now = Q(pk__in=editing.holding(today).values("person"))
    former = Q(pk__in=editing.holding(today, emeritus=True).values("person")) & ~now
    can = ~Q(availability=Person.Availability.NO) & (Q(available_from=None) | Q(available_from__lte=today))
    meaning = {
        "now": now,
        "free": now & Q(open_now=0) & can,
        "leaving": Q(pk__in=editing.leaving(today).values("person")),
        "emeritus": former,
        "reassign": former & Q(open_now__gt=0),
    }
    condition = Q(pk__in=[])
    for word in wanted:
        condition |= meaning.get(word, Q(pk__in=[]))
    return queryset.filter(condition)


def declared() -> QuerySet[Conflict]:
    """All conflicts with what they are about."""
    return Conflict.objects.select_related("person", "other_person", "organization", "project", "created_by")


def conflicts_now(queryset: QuerySet[Conflict], on: bool, today: dt.date) -> QuerySet[Conflict]:
    """Those that count on a day, or the others."""
    counting = Q(until=None) | Q(until__gte=today)
    return queryset.filter(counting if on else ~counting)


def find_conflicts(queryset: QuerySet[Conflict], words: str) -> QuerySet[Conflict]:
    """By a name on either side."""
    folded = fold_accents(words)
    return queryset.filter(
        Q(person__sort_key__contains=folded)
        | Q(other_person__sort_key__contains=folded)
        | Q(organization__folded__contains=fold(words))
        | Q(project__folded__contains=fold(words))
    )


def conflicts_of(user: Any, person: Person) -> Rows:
    """For the card on a person's page: their conflicts, from either side."""
    return Rows(
        declared().filter(Q(person=person) | Q(other_person=person)),
        *("pk", "person_id", "until", "reason"),
        most=20,
        name=F("person__name"),
        other=Coalesce("other_person__name", "organization__name", "project__name"),
    )


def tell_conflicts(user: Any, person: Person, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Each conflict with the name on its other side."""
    told = [{**row, "with": row["other"] if row["person_id"] == person.pk else row["name"]} for row in rows]
    return {"conflicts": sorted(told, key=lambda row: row["pk"]), "person": person} if told else None
