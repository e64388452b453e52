"""Terms in teams: all of them as a table, and who serves longer than the team's rule allows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.actions.limits import BEYOND_LIMIT, Span, in_a_row
from folkmoot.people.actions.terms import END_DECIDED
from folkmoot.people.models import Team, Term


def terms_of(team: Team) -> QuerySet[Term]:
    """All terms that were ever held in the team, roles of the past too."""
    return Term.objects.filter(team=team).select_related("person", "role_kind", "project", "team")


def seats_in_words(seats: int | None, people: int) -> str:
    """How many seats are empty, or taken too often; empty where the number is not fixed.

    Args:
        people: who sits there; roles of the past do not count.
    """
    if seats is None:
        return ""
    if people < seats:
        return _("Empty seats: %(empty)d of %(seats)d") % {"empty": seats - people, "seats": seats}
    if people > seats:
        return _("%(people)d people on %(seats)d seats") % {"people": people, "seats": seats}
    return _("All seats taken")


def with_empty_seats(queryset: QuerySet[Team], on: bool, day: dt.date) -> QuerySet[Team]:
    """Teams that have fewer members than seats on the day; or, not ``on``, those whose seats are all taken."""
    serving = (
        Term.objects.on(day)
        .filter(team=OuterRef("pk"), role_kind__is_former=False)
        .order_by()
        .values("team")
        .annotate(n=Count("person", distinct=True))
        .values("n")
    )
    counted = queryset.filter(seats__isnull=False).alias(
        serving=Coalesce(Subquery(serving, output_field=IntegerField()), Value(0))
    )
    return counted.filter(serving__lt=F("seats")) if on else counted.filter(serving__gte=F("seats"))


def state_on(term: Term | Span, day: dt.date) -> str:
    """``now``, ``next`` or ``before``; the first and the last day belong to the term."""
    if term.started_on is not None and term.started_on > day:
        return "next"
    return "before" if term.ended_on is not None and term.ended_on < day else "now"


def in_states(queryset: QuerySet[Term], states: Iterable[str], day: dt.date) -> QuerySet[Term]:
    """Those that are in one of these states on the day (see :func:`state_on`)."""
    chosen = Q(pk__in=[])
    for state in states:
        if state == "next":
            chosen |= Q(started_on__gt=day)
        elif state == "before":
            chosen |= Q(ended_on__lt=day)
        else:
            chosen |= (Q(started_on=None) | Q(started_on__lte=day)) & (
                Q(ended_on=None) | Q(ended_on__gte=day)
            )
    return queryset.filter(chosen)


@dataclass(frozen=True)
class _Served:
    """A term as it is reckoned with others: its number, its team's rule, whose it is in which role, its days."""

    pk: int
    team: Team
    whose: tuple[int, int]
    days: Span


def numbers_in_a_row(team: Team, day: dt.date) -> dict[int, int]:
    """For each term that holds on the day: how many in a row it makes; nothing where no rule asks; one query."""
    if team.most_terms is None:
        return {}
    terms = terms_of(team).filter(role_kind__is_former=False)
    return _reckon(
        [
            _Served(term.pk, team, (term.person_id, term.role_kind_id), Span(term.started_on, term.ended_on))
            for term in terms
        ],
        day,
    )


def _reckon(terms: Iterable[_Served], day: dt.date) -> dict[int, int]:
    of_one: dict[tuple[int, tuple[int, int]], list[_Served]] = defaultdict(list)
    for term in terms:
        of_one[term.team.pk, term.whose].append(term)
    found = {}
    for group in of_one.values():
        # What lies in the future is not served yet.
        served = [term for term in group if term.days.started_on is None or term.days.started_on <= day]
        spans = [
            Span(term.days.started_on, term.days.ended_on and min(term.days.ended_on, day)) for term in served
        ]
        for term, span in zip(served, spans, strict=True):
            if state_on(term.days, day) == "now":
                found[term.pk] = in_a_row(term.team, spans, span, day)
    return found


@dataclass(frozen=True)
class Beyond:
    """A term that goes on though the team's limit is reached, and which in a row it is."""

    #: What :func:`under_a_limit` tells of the term.
    term: Row
    number: int
    limit: int


def under_a_limit(day: dt.date) -> Rows:
    """The terms, former ones too, of those who serve on the day in a team with a limit, and whether somebody gave a
    reason to go beyond it or decided the end. Terms of archived people and teams are left out.
    """
    serving = Term.objects.on(day).filter(
        person=OuterRef("person"), role_kind=OuterRef("role_kind"), team=OuterRef("team")
    )
    terms = Term.objects.filter(
        Exists(serving),
        team__most_terms__isnull=False,
        team__is_archived=False,
        role_kind__is_former=False,
        person__archived_at=None,
    )
    history: Any = Term
    said = history.history.filter(id=OuterRef("pk")).filter(
        Q(history_change_reason__startswith=BEYOND_LIMIT) | Q(history_change_reason__startswith=END_DECIDED)
    )
    return Rows(
        terms.order_by("pk"),
        *("pk", "person_id", "role_kind_id", "team_id", "started_on", "ended_on", "created_at"),
        most=None,
        person="person__name",
        role="role_kind__name",
        team="team__name",
        term_months="team__term_months",
        most_terms="team__most_terms",
        break_months="team__break_months",
        is_settled=Exists(said),
    )


def beyond_limits(terms: Sequence[Row], day: dt.date) -> list[Beyond]:
    """Those of the terms (:func:`under_a_limit`) that go beyond their team's limit on the day and are not settled; the
    longest first.
    """
    rules = {
        row["team_id"]: Team(
            pk=row["team_id"],
            term_months=row["term_months"],
            most_terms=row["most_terms"],
            break_months=row["break_months"],
        )
        for row in terms
    }
    numbers = _reckon(
        [
            _Served(
                row["pk"],
                rules[row["team_id"]],
                (row["person_id"], row["role_kind_id"]),
                Span(row["started_on"], row["ended_on"]),
            )
            for row in terms
        ],
        day,
    )
    over = [
        Beyond(row, numbers[row["pk"]], row["most_terms"])
        for row in terms
        if not row["is_settled"] and numbers.get(row["pk"], 0) > row["most_terms"]
    ]
    over.sort(key=lambda one: (one.limit - one.number, one.term["started_on"] or dt.date.min, one.term["pk"]))
    return over
