"""Reads of unconferences: where one stands, proposals and their votes, what resembles a title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from rapidfuzz import fuzz, process

from folkmoot.kernel.text import fold
from folkmoot.people.public import consents_of
from folkmoot.training.models import (
    Placement,
    Proposal,
    ProposalState,
    Unconference,
    Vote,
)
from folkmoot.training.queries.public import PUBLISH_NAME, shown

#: Likeness of two titles, of 100, from which a proposal is offered as the same; and how many are offered.
ALIKE, MOST_ALIKE = 72, 5
#: Proposals whose votes count.
COUNTING = (ProposalState.OPEN, ProposalState.MERGED)


def of_event(pk: int) -> Unconference | None:
    """The unconference of an event, with both read; ``None``: it is none. One query."""
    return Unconference.objects.select_related("event__kind").filter(event=pk).first()


def public() -> QuerySet[Unconference]:
    """Those of events that everybody may see."""
    return Unconference.objects.filter(event__in=shown()).select_related("event__kind")


def with_votes(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Proposals with ``number_of_votes``: who chose it or what became part of it, each voter once."""
    chosen = (
        Vote.objects.filter(
            Q(proposal=OuterRef("pk"))
            | Q(proposal__merged_into=OuterRef("pk"), proposal__state=ProposalState.MERGED)
        )
        .order_by()
        .annotate(one=Value(1, output_field=IntegerField()))
        .values("one")
        .annotate(n=Count("voter", distinct=True))
        .values("n")
    )
    return rows.annotate(number_of_votes=Coalesce(Subquery(chosen), 0))


def listed(unconference: Unconference) -> QuerySet[Proposal]:
    """What everybody sees, in the order in which it came."""
    return unconference.proposals.filter(state=ProposalState.OPEN).order_by("proposed_at", "pk")


def names_of(proposals: Iterable[Proposal]) -> dict[int, str]:
    """Who leads each, as everybody may read it: as it was typed for that, or people who agreed to be named. At most two
    queries; ``leader`` is read beforehand.
    """
    rows = list(proposals)
    asked = {row.leader_id for row in rows if row.leader_id is not None and not row.leader_name}
    agreed = consents_of(asked, [PUBLISH_NAME]) if asked else {}
    found = {}
    for row in rows:
        if row.leader_name:
            found[row.pk] = row.leader_name
        elif row.leader is not None and agreed[row.leader.pk][PUBLISH_NAME]:
            found[row.pk] = row.leader.name
    return found


def alike(unconference: Unconference, title: str, *, but: int | None = None) -> list[Proposal]:
    """Proposals that everybody sees and whose title resembles one, the likest first; at most one query."""
    words = fold(title)[:200]
    if len(words) < 4:
        return []
    rows = [row for row in listed(unconference).only("pk", "title", "folded")[:2000] if row.pk != but]
    likest = process.extract(
        words,
        [row.folded for row in rows],
        scorer=fuzz.token_set_ratio,
        score_cutoff=ALIKE,
        limit=MOST_ALIKE,
    )
    return [rows[number] for _text, _score, number in likest]


@dataclass(frozen=True)
class Figures:
    """How large an unconference is."""

    proposals: int
    waiting: int
    voters: int
    votes: int
    placed: int


def figures(unconference: Unconference) -> Figures:
    """How many proposals, voters, votes and placed sessions there are; four queries."""
    states = dict(
        unconference.proposals.order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
        .values_list("state", "n")
    )
    votes = Vote.objects.filter(voter__unconference=unconference, proposal__state__in=COUNTING)
    return Figures(
        proposals=states.get(ProposalState.OPEN, 0),
        waiting=states.get(ProposalState.WAITING, 0),
        voters=votes.aggregate(n=Count("voter", distinct=True))["n"],
        votes=votes.count(),
        placed=Placement.objects.filter(proposal__unconference=unconference, is_cancelled=False).count(),
    )


def votes_by_voter(unconference: Unconference, root: Mapping[int, int] | None = None) -> dict[int, set[int]]:
    """By voter, which open proposals they chose; a vote for what became part of another counts there. One query, and
    one for ``root`` where it is not given.
    """
    root = roots(unconference) if root is None else root
    found: dict[int, set[int]] = {}
    rows = Vote.objects.filter(voter__unconference=unconference).values_list("voter_id", "proposal_id")
    for voter, proposal in rows:
        if (key := root.get(proposal)) is not None:
            found.setdefault(voter, set()).add(key)
    return found


def roots(unconference: Unconference) -> Mapping[int, int]:
    """By proposal that counts, the open one that it is or became part of; one query."""
    rows = unconference.proposals.filter(state__in=COUNTING).values_list("pk", "state", "merged_into")
    return roots_of({pk: (state, into) for pk, state, into in rows})


def roots_of(states: Mapping[int, tuple[str, int | None]]) -> dict[int, int]:
    """The same from states and what each is part of."""
    found = {}
    for pk in states:
        at: int | None = pk
        for _step in range(20):
            state, into = states.get(at, ("", None)) if at is not None else ("", None)
            if state == ProposalState.OPEN and at is not None:
                found[pk] = at
            if state != ProposalState.MERGED:
                break
            at = into
    return found


def waiting() -> QuerySet[Proposal]:
    """Proposals that wait to be let in, the oldest first."""
    return Proposal.objects.filter(state=ProposalState.WAITING).order_by("proposed_at", "pk")
