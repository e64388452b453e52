"""The grid of an unconference: what is to be planned, and how it stands, as a table that people move things in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.text import fold
from folkmoot.training import planning
from folkmoot.training.actions.unconferences import round_words
from folkmoot.training.models import Placement, Proposal, ProposalState, Round, Space, Unconference
from folkmoot.training.planning import Place, Problem, Reason
from folkmoot.training.queries.unconferences import COUNTING, names_of, roots_of, votes_by_voter

#: Clashes that the page lists.
MOST_CLASHES = 30


@dataclass
class Loaded:
    """An unconference with everything that its grid is made of."""

    unconference: Unconference
    rounds: list[Round]
    spaces: list[Space]
    proposals: dict[int, Proposal]
    placements: dict[int, Placement]
    #: Who chose what, without who they are: sets of proposals.
    votes: list[set[int]]

    @property
    def arrangement(self) -> dict[int, Place]:
        """Where everything is that takes place."""
        return {
            key: Place(at.round_id, at.space_id) for key, at in self.placements.items() if not at.is_cancelled
        }

    def number_of_votes(self) -> dict[int, int]:
        """By proposal, how many chose it."""
        found = dict.fromkeys(self.proposals, 0)
        for chosen in self.votes:
            for key in chosen:
                found[key] += 1
        return found


def load(unconference: Unconference) -> Loaded:
    """Everything that a grid is made of; five queries. The event is read beforehand."""
    counting = unconference.proposals.filter(state__in=COUNTING).select_related("leader").order_by("pk")
    root = roots_of({row.pk: (row.state, row.merged_into_id) for row in counting})
    proposals = {row.pk: row for row in counting if row.state == ProposalState.OPEN}
    rounds = list(unconference.rounds.all())
    spaces = list(unconference.spaces.all())
    by_round, by_space = {row.pk: row for row in rounds}, {row.pk: row for row in spaces}
    placements = {}
    for place in Placement.objects.filter(proposal__unconference=unconference, proposal__in=proposals):
        place.round, place.space = by_round[place.round_id], by_space[place.space_id]
        placements[place.proposal_id] = place
    for row in rounds:
        row.unconference = unconference
    votes = [chosen & proposals.keys() for chosen in votes_by_voter(unconference, root).values()]
    return Loaded(unconference, rounds, spaces, proposals, placements, votes)


def problem_of(loaded: Loaded) -> Problem:
    """What is to be planned. Cancelled sessions want no place."""
    together: dict[tuple[int, int], int] = {}
    for chosen in loaded.votes:
        for pair in combinations(sorted(chosen), 2):
            together[pair] = together.get(pair, 0) + 1
    votes = loaded.number_of_votes()
    candidates = []
    for key, row in loaded.proposals.items():
        at = loaded.placements.get(key)
        if at is not None and at.is_cancelled:
            continue
        candidates.append(
            planning.Candidate(
                key=key,
                votes=votes[key],
                crowd=max(votes[key], row.expected or 0),
                leader=leader_key(row),
                barred=frozenset(row.away),
                needs=frozenset(fold(need) for need in row.needs),
                pinned=Place(at.round_id, at.space_id) if at is not None and at.is_pinned else None,
            )
        )
    return Problem(
        candidates=tuple(candidates),
        rounds=tuple(row.pk for row in loaded.rounds if row.kind == Round.Kind.TALK),
        spaces=tuple(
            planning.Space(row.pk, row.seats, frozenset(fold(word) for word in row.has))
            for row in loaded.spaces
        ),
        together=together,
    )


def leader_key(row: Proposal) -> str:
    """Who leads it, so that two sessions of one person are known as such; ``""``: nobody is named."""
    return f"person:{row.leader_id}" if row.leader_id else fold(row.leader_name)


# ------------------------------------------------------------- what a page shows


@dataclass
class Card:
    """A session in the grid, or one that waits for a place."""

    proposal: Proposal
    votes: int
    leader: str
    placement: Placement | None = None
    #: By round (in the grid's order, breaks left out), how many clashes it has or would have there.
    clashes: list[int] = field(default_factory=list)
    #: How many it has where it is.
    has_clashes: int = 0
    #: What is not as it should be where it is, or why it has no place; in words.
    warnings: list[str] = field(default_factory=list)

    @property
    def is_pinned(self) -> bool:
        """It stays where it is."""
        return self.placement is not None and self.placement.is_pinned

    @property
    def numbers(self) -> str:
        """The clashes for the script of the page."""
        return " ".join(map(str, self.clashes))


@dataclass
class Cell:
    """A space in a round."""

    key: str
    label: str
    round: Round
    space: Space
    card: Card | None = None
    cancelled: list[Card] = field(default_factory=list)
    #: Which of the rounds with sessions it is in.
    number: int = 0


@dataclass
class Line:
    """A round with its spaces; a break has none."""

    round: Round
    when: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def is_break(self) -> bool:
        """Nothing is placed in it."""
        return self.round.kind == Round.Kind.BREAK


@dataclass
class Grid:
    """The grid as a page shows it."""

    loaded: Loaded
    lines: list[Line]
    waiting: list[Card]
    #: "12 people wanted both A and B", the worst first, with the round.
    clashes: list[tuple[str, str]]
    #: How many wishes cannot be met at all: people times pairs.
    number_of_clashes: int
    placed: int

    @property
    def spaces(self) -> list[Space]:
        """The columns."""
        return self.loaded.spaces

    @property
    def is_ready(self) -> bool:
        """There are rounds and spaces."""
        return any(not line.is_break for line in self.lines) and bool(self.spaces)


def grid_of(loaded: Loaded) -> Grid:
    """The grid as it stands; at most two queries more, for names."""
    problem, found = problem_of(loaded), loaded.arrangement
    votes, names = loaded.number_of_votes(), names_of(loaded.proposals.values())
    talks = list(problem.rounds)
    cards: dict[int, Card] = {}
    for key, row in loaded.proposals.items():
        there = planning.per_round(problem, found, key)
        card = Card(row, votes[key], names.get(key, ""), loaded.placements.get(key))
        card.clashes = [there[round_] for round_ in talks]
        at = found.get(key)
        if at is not None:
            card.has_clashes = there.get(at.round, 0)
            card.warnings = warnings(loaded, problem, key, at)
        cards[key] = card
    lines, cells = _lines(loaded, talks)
    for card in cards.values():
        if card.placement is not None:
            cell = cells[card.placement.round_id, card.placement.space_id]
            if card.placement.is_cancelled:
                cell.cancelled.append(card)
            else:
                cell.card = card
    waiting = sorted(
        (card for card in cards.values() if card.placement is None),
        key=lambda card: (-card.votes, card.proposal.pk),
    )
    for card in waiting:
        card.warnings = [reason_words(planning.why_not(problem, found, card.proposal.pk))]
    left = planning.clashes(problem, found)
    by_round = {line.round.pk: line for line in lines}
    told = [
        (clash_words(loaded, clash), by_round[found[clash.one].round].when) for clash in left[:MOST_CLASHES]
    ]
    return Grid(loaded, lines, waiting, told, sum(clash.people for clash in left), len(found))


def _lines(loaded: Loaded, talks: Sequence[int]) -> tuple[list[Line], dict[tuple[int, int], Cell]]:
    lines, cells = [], {}
    for row in loaded.rounds:
        line = Line(row, round_words(row))
        if not line.is_break:
            for space in loaded.spaces:
                label = _("%(space)s, %(when)s") % {"space": space.name, "when": line.when}
                cell = Cell(f"{row.pk}-{space.pk}", label, row, space, number=talks.index(row.pk))
                line.cells.append(cell)
                cells[row.pk, space.pk] = cell
        lines.append(line)
    return lines, cells


def warnings(loaded: Loaded, problem: Problem, key: int, at: Place) -> list[str]:
    """What is not as it should be with a session there: leader, needs, seats; in words."""
    if key not in problem.by_key:
        return []
    one, space = problem.by_key[key], problem.by_space[at.space]
    row, said = loaded.proposals[key], []
    if any(
        other != key and place.round == at.round and one.leader and problem.by_key[other].leader == one.leader
        for other, place in loaded.arrangement.items()
        if other in problem.by_key
    ):
        said.append(_("its leader leads another session at that time"))
    if at.round in problem.barred[key]:
        said.append(_("its leader cannot come then"))
    missing = [need for need in row.needs if fold(need) not in space.has]
    if missing:
        said.append(_("missing there: %(needs)s") % {"needs": ", ".join(missing)})
    over = problem.no_seat(key, at.space)
    if over:
        said.append(
            ngettext("%(n)d seat too few", "%(n)d seats too few", over) % {"n": over},
        )
    return said


def clash_words(loaded: Loaded, clash: planning.Clash) -> str:
    """ "12 people wanted both A and B"."""
    return ngettext(
        "%(n)d person wanted both “%(one)s” and “%(other)s”",
        "%(n)d people wanted both “%(one)s” and “%(other)s”",
        clash.people,
    ) % {
        "n": clash.people,
        "one": loaded.proposals[clash.one].title,
        "other": loaded.proposals[clash.other].title,
    }


def reason_words(reason: Reason) -> str:
    """Why something has no place."""
    needs = ", ".join(reason.needs)
    if reason.what == "no_rounds":
        return _("there are no rounds or no spaces yet")
    if reason.what == "no_space":
        return _("no space has what it needs: %(needs)s") % {"needs": needs}
    if reason.what == "never":
        return _("its leader can come to no round")
    if reason.what == "leader":
        return _("where something is free its leader leads another session")
    if reason.what == "free":
        return _("there is a free place for it")
    if reason.votes is None:
        return _("every place for it is taken")
    return ngettext(
        "others have more votes: the last with a place that would do has %(n)d",
        "others have more votes: the last with a place that would do has %(n)d",
        reason.votes,
    ) % {"n": reason.votes}


def moves_of(loaded: Loaded, key: int) -> list[tuple[Cell, int, list[str], Proposal | None]]:
    """Where a session could go: the place, its clashes there, what would not be as it should, and what is there now."""
    problem, found = problem_of(loaded), loaded.arrangement
    there = planning.per_round(problem, found, key)
    taken = {place: other for other, place in found.items()}
    _shown, cells = _lines(loaded, list(problem.rounds))
    made = []
    for (round_, space), cell in cells.items():
        place = Place(round_, space)
        other = taken.get(place)
        if other == key:
            continue
        said = warnings(loaded, problem, key, place)
        made.append((cell, there[round_], said, loaded.proposals.get(other) if other else None))
    return made


def left_over(loaded: Loaded) -> int:
    """How many wishes cannot be met: people times pairs of sessions at the same time that they wanted both."""
    return sum(clash.people for clash in planning.clashes(problem_of(loaded), loaded.arrangement))
