"""How many terms somebody serves in a row, and what a team's rule says to that.

A row is made of the terms of one person in one role of one team that follow each other with less than the team's break
between them (without a break in the rule: with no day between them). A term counts once for each length of a term that
it lasts; see :func:`worth`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.people.days import add_months, months_between
from folkmoot.people.models import Team, Term

#: How the history entry begins that tells that somebody went beyond the limit, and why.
BEYOND_LIMIT = "beyond the limit"


class BeyondLimit(ValidationError):
    """A team's rule says no; a reason goes beyond it."""


@dataclass(frozen=True)
class Span:
    """The days of a term; ``None`` is open."""

    started_on: dt.date | None
    ended_on: dt.date | None


def default_end(team: Team | None, start: dt.date | None) -> dt.date | None:
    """The last day of a term that begins on ``start``, as the team has it; ``None``: open."""
    if team is None or not team.term_months or start is None:
        return None
    try:
        return add_months(start, team.term_months) - dt.timedelta(days=1)
    except OverflowError:
        return None


def worth(span: Span, term_months: int | None, day: dt.date | None = None) -> int:
    """As how many terms one counts: once for each begun length of a term, a last month left out as grace.

    Args:
        day: where an open term is cut; ``None``: an open one counts once.
    """
    last = span.ended_on or day
    if not term_months or span.started_on is None or last is None:
        return 1
    return max(1, -(-months_between(span.started_on, last) // term_months))


def in_a_row(team: Team, spans: Iterable[Span], this: Span, day: dt.date | None = None) -> int:
    """How many terms the row has that holds ``this`` (one of the spans)."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda one: (one.started_on or dt.date.min, one.ended_on or dt.date.max)):
        if rows and not _apart(team, rows[-1][-1], span):
            rows[-1].append(span)
        else:
            rows.append([span])
    row = next((row for row in rows if this in row), [this])
    return sum(worth(span, team.term_months, day) for span in row)


def _apart(team: Team, earlier: Span, later: Span) -> bool:
    if earlier.ended_on is None or later.started_on is None:
        return False
    free_from = earlier.ended_on + dt.timedelta(days=1)
    try:
        back = add_months(free_from, team.break_months or 0)
    except OverflowError:
        return False
    return later.started_on >= back and later.started_on > free_from


def number_in_a_row(term: Term) -> int:
    """How many terms in a row the term makes with the others of its person, role and team; 0 where no rule asks."""
    if term.team is None or term.team.most_terms is None or term.role_kind.is_former:
        return 0
    others = Term.objects.filter(person=term.person_id, role_kind=term.role_kind_id, team=term.team_id)
    spans = [
        Span(start, end) for start, end in others.exclude(pk=term.pk).values_list("started_on", "ended_on")
    ]
    this = Span(term.started_on, term.ended_on)
    return in_a_row(term.team, [*spans, this], this)


def refuse_beyond(term: Term, before: int, override: str) -> str:
    """The reason to keep in the history: empty within the limit.

    Args:
        before: :func:`number_in_a_row` before the change; what was beyond the limit already is not asked about again.

    Raises:
        BeyondLimit: the term goes beyond the limit and no reason was given.
    """
    number = number_in_a_row(term)
    if term.team is None or term.team.most_terms is None or number <= max(term.team.most_terms, before):
        return ""
    if override:
        return f"{BEYOND_LIMIT}: {override}"
    raise BeyondLimit(
        {
            "override": ValidationError(
                _("%(sum)s %(rule)s To go beyond it, say why.")
                % {
                    "sum": ngettext(
                        "This would be %(n)d term in a row of %(person)s as %(role)s.",
                        "This would make %(n)d terms in a row of %(person)s as %(role)s.",
                        number,
                    )
                    % {"n": number, "person": term.person.name, "role": term.role_kind.name},
                    "rule": rule_in_words(term.team),
                },
                code="limit",
            )
        }
    )


def rule_in_words(team: Team) -> str:
    """What the team's rule says; empty where it says nothing."""
    parts = []
    if team.term_months:
        parts.append(
            ngettext(
                "A term in %(team)s lasts %(n)d month.",
                "A term in %(team)s lasts %(n)d months.",
                team.term_months,
            )
            % {"team": team, "n": team.term_months}
        )
    if team.most_terms:
        parts.append(
            ngettext(
                "%(team)s allows %(n)d term in a row.",
                "%(team)s allows %(n)d terms in a row.",
                team.most_terms,
            )
            % {"team": team, "n": team.most_terms}
        )
    if team.break_months:
        parts.append(
            ngettext(
                "After a break of %(n)d month one may return.",
                "After a break of %(n)d months one may return.",
                team.break_months,
            )
            % {"n": team.break_months}
        )
    return " ".join(parts)
