"""Finding people who may be one: proven pairs, then likeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any

from folkmoot.people.matching.blocking import Blocks
from folkmoot.people.matching.keys import Proofs, link
from folkmoot.people.matching.naming import contradict
from folkmoot.people.matching.scoring import Frequencies, Scorer, clashes
from folkmoot.people.matching.store import Found, People, Tell

#: How often progress is told, in pairs.
STEP = 20_000


def proofs_between(one: Proofs, other: Proofs) -> list[dict[str, Any]]:
    """The proven keys that two records share, as reasons. A login counts unless the numbers differ."""
    found: list[dict[str, Any]] = []

    def add(code: str, **facts: str) -> None:
        reason = {"code": code, "weight": 60.0, "facts": facts}
        if reason not in found:
            found.append(reason)

    for account in one.accounts:
        for their in other.accounts:
            if account.system != their.system:
                continue
            if account.number and account.number == their.number:
                add("same_number", system=account.system, value=account.number)
            elif account.login and account.login == their.login and not (account.number and their.number):
                add("same_login", system=account.system, value=account.login)
    for orcid in one.orcids:
        if orcid in other.orcids:
            add("same_orcid", value=orcid)
    for address in one.emails:
        if address in other.emails:
            add("same_email", value=address)
    return found


def proven_pairs(everybody: People) -> Iterator[Found]:
    """People whom a proven key shows to be one, whatever their names: who looks at the pair sees these."""
    together: dict[int, list[int]] = defaultdict(list)
    for place, first in enumerate(link(everybody.proofs, by_name=False)):
        if place != first:
            together[first].append(place)
    for first, others in together.items():
        members = [first, *others]
        for at, place in enumerate(members):
            for other in members[at + 1 :]:
                reasons = proofs_between(everybody.proofs[place], everybody.proofs[other])
                if reasons:
                    yield Found(everybody.ids[place], everybody.ids[other], 1.0, reasons)


def alike_pairs(
    everybody: People,
    *,
    least: float,
    chosen: Collection[int] | None = None,
    tell: Tell | None = None,
    between: Callable[[], None] | None = None,
) -> Iterator[Found]:
    """People who are alike by at least this score.

    Args:
        chosen: only pairs with one of these people (by number).
        between: called now and then; may raise to stop.
    """
    profiles, ids = everybody.profiles, everybody.ids
    scorer = Scorer(Frequencies(profiles))
    places = everybody.places() if chosen is not None else {}
    wanted = None if chosen is None else {places[pk] for pk in chosen if pk in places}
    blocks = Blocks(profiles)
    for compared, (one, other) in enumerate(blocks.pairs(wanted), start=1):
        if compared % STEP == 0:
            if tell is not None:
                tell(one, len(ids), "")
            if between is not None:
                between()
        scored = scorer.score(profiles[one], profiles[other])
        if scored.score >= least:
            yield Found(
                ids[one], ids[other], round(scored.score, 4), [reason.as_json() for reason in scored.reasons]
            )


def may_merge(everybody: People, places: dict[int, int], found: Found) -> bool:
    """Whether the proof is of a kind that needs nobody: a number, an ORCID iD or a proven address on both, and nothing
    that speaks against it.
    """
    strong = {reason["code"] for reason in found.reasons} & {"same_number", "same_orcid", "same_email"}
    one, other = (everybody.profiles[places[pk]] for pk in (found.first, found.second))
    against = any(is_proven for *_rest, is_proven in clashes(one, other))
    other_orcid = bool(one.orcids and other.orcids and not set(one.orcids) & set(other.orcids))
    others_mail = strong == {"same_email"} and contradict(one.names, other.names)
    return bool(strong) and not against and not other_orcid and not others_mail
