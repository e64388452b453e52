"""Reading what is compared from the register, and keeping the candidates that were found."""

from __future__ import annotations

import datetime as dt
import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q

from folkmoot.kernel import clock
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.groups import Link, group
from folkmoot.people.matching.keys import Account, Proofs, normal_orcid, proofs
from folkmoot.people.matching.profiles import Profile, profile
from folkmoot.people.models import (
    Affiliation,
    FormerHandle,
    GenericValue,
    Identity,
    Organization,
    OrganizationDomain,
    Person,
    PersonCandidate,
)
from folkmoot.people.models.merges import Candidate
from folkmoot.people.systems import INTERNAL

#: How many people are read, and how many candidates written, at a time.
BATCH = 2000
#: Reasons that come from elsewhere than comparing, and stay though the records are not alike.
KEPT = frozenset({"one_record"})
Tell = Callable[[int, int | None, str], None]


def generic() -> Generic:
    """The names and mailboxes that never count. One query."""
    rows = list(GenericValue.objects.values_list("kind", "folded"))
    return Generic(
        (value for kind, value in rows if kind == GenericValue.Kind.NAME),
        (value for kind, value in rows if kind == GenericValue.Kind.MAILBOX),
    )


def generic_digest() -> str:
    """Changes whenever the list of generic values does. One query."""
    rows = sorted(GenericValue.objects.values_list("kind", "folded"))
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]


@dataclass
class People:
    """Everybody who is compared, in the order of their numbers."""

    ids: list[int] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    proofs: list[Proofs] = field(default_factory=list)

    def places(self) -> dict[int, int]:
        """Where each person stands."""
        return {pk: place for place, pk in enumerate(self.ids)}


class _Reader:
    """Reads people batch by batch: four queries for each, and two at the start."""

    def __init__(self, common: Generic) -> None:
        self.generic = common
        self._organizations: dict[int, str] = dict(Organization.objects.values_list("pk", "name"))
        self._domains: dict[str, int] = dict(
            OrganizationDomain.objects.values_list("domain", "organization_id")
        )

    def read(self, ids: Sequence[int], into: People) -> None:
        identities: dict[int, list[Any]] = defaultdict(list)
        for row in (
            Identity.objects.filter(person__in=ids)
            .exclude(system=INTERNAL)
            .order_by("pk")
            .values_list("person_id", "system", "folded", "number", "is_verified", "is_bot")
        ):
            identities[row[0]].append(row[1:])
        former: dict[int, list[Account]] = defaultdict(list)
        for pk, system, folded, number in FormerHandle.objects.filter(identity__person__in=ids).values_list(
            "identity__person_id", "identity__system", "folded", "identity__number"
        ):
            former[pk].append(Account(system, folded, number))
        homes: dict[int, list[int]] = defaultdict(list)
        for pk, home in (
            Affiliation.objects.filter(person__in=ids)
            .order_by("pk")
            .values_list("person_id", "organization_id")
        ):
            homes[pk].append(home)
        for person in (
            Person.objects.filter(pk__in=ids, erased_at=None)
            .order_by("pk")
            .values_list("pk", "name", "sort_name", "publication_name", "country", "location")
        ):
            self._take(person, identities[person[0]], former[person[0]], homes[person[0]], into)

    def _take(
        self, person: Any, identities: Sequence[Any], former: list[Account], homes: list[int], into: People
    ) -> None:
        if any(is_bot for *_rest, is_bot in identities):
            return
        pk, name, sort_name, publication_name, country, location = person
        emails = [folded for system, folded, *_rest in identities if system == "email"]
        proven = [folded for system, folded, _n, verified, _b in identities if system == "email" and verified]
        made = [folded for folded in emails if folded.endswith("@users.noreply.github.com")]
        orcids = [folded for system, folded, *_rest in identities if system == "orcid"]
        accounts = [
            Account(system, folded, number)
            for system, folded, number, _verified, _bot in identities
            if system not in ("email", "orcid")
        ]
        places = dict.fromkeys(homes)
        for address in emails:
            home = self._home_of(address.rpartition("@")[2])
            if home is not None:
                places.setdefault(home)
        into.ids.append(pk)
        into.proofs.append(
            proofs(accounts=accounts, emails={*proven, *made}, orcids=orcids, generic=self.generic)
        )
        into.profiles.append(
            profile(
                generic=self.generic,
                names=[name, sort_name, publication_name],
                emails=emails,
                accounts=[*accounts, *former],
                orcids=[found for one in orcids if (found := normal_orcid(one))],
                organizations=[self._organizations[home] for home in places if home in self._organizations],
                country=country,
                location=location,
            )
        )

    def _home_of(self, domain: str) -> int | None:
        """The organisation whose domain this is, or lies below."""
        while domain.count("."):
            if domain in self._domains:
                return self._domains[domain]
            domain = domain.partition(".")[2]
        return None


def people(common: Generic, ids: Sequence[int] | None = None, tell: Tell | None = None) -> People:
    """Everybody, or those with these numbers, ready to be compared; without machines and the erased.

    Six queries for each 2,000, and two. Memory grows by about 2 KB for each person.
    """
    reader, found = _Reader(common), People()
    wanted = list(Person.objects.order_by("pk").values_list("pk", flat=True)) if ids is None else sorted(ids)
    for start in range(0, len(wanted), BATCH):
        reader.read(wanted[start : start + BATCH], found)
        if tell is not None:
            tell(min(start + BATCH, len(wanted)), len(wanted), "")
    return found


def profiles(common: Generic) -> Iterator[tuple[int, Profile]]:
    """Everybody's number and what is compared, in the order of the numbers; memory holds 2,000 at a time.

    Six queries for each 2,000, and two.
    """
    reader = _Reader(common)
    wanted = array("Q", Person.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH))
    for start in range(0, len(wanted), BATCH):
        found = People()
        reader.read(wanted[start : start + BATCH], found)
        yield from zip(found.ids, found.profiles, strict=True)


def changed_people(since: dt.datetime) -> set[int]:
    """Who was changed since then, or got or lost a handle, a former login or an organisation. Six queries."""
    history: dict[Any, str] = {Person: "id", Identity: "person_id", Affiliation: "person_id"}
    found: set[int] = set()
    for model, column in history.items():
        rows = model.history.filter(history_date__gte=since).order_by()
        found.update(rows.values_list(column, flat=True).distinct())
    found.update(
        FormerHandle.objects.filter(seen_at__gte=since).values_list("identity__person_id", flat=True)
    )
    homes = Organization.history.filter(history_date__gte=since).order_by().values_list("id", flat=True)
    found.update(
        Affiliation.objects.filter(organization__in=homes.distinct()).values_list("person_id", flat=True)
    )
    return {pk for pk in found if pk is not None}


@dataclass(frozen=True)
class Found:
    """Two records that may be one, the smaller number first."""

    first: int
    second: int
    score: float
    reasons: list[dict[str, Any]]


@dataclass
class Kept:
    """What became of what was found."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def __iadd__(self, other: Kept) -> Kept:
        self.new, self.changed, self.gone = (
            self.new + other.new,
            self.changed + other.changed,
            self.gone + other.gone,
        )
        return self


def keep(
    model: type[Any],
    found: Iterable[Found],
    *,
    least: float,
    chosen: Collection[int] | None = None,
    after: Callable[[int], None] | None = None,
) -> Kept:
    """Bring the candidates in line with what was found now.

    What somebody decided stays decided: *not the same* for ever, *later* until its day. Open ones that are no longer
    alike go. Written in transactions of 2,000 rows.

    Args:
        least: the score from which two records are a candidate.
        chosen: only these records were compared: candidates of others are left as they are.
        after: called at the end of each transaction with the number of rows so far.
    """
    wanted = {(one.first, one.second): one for one in found if one.score >= least}
    kept, done = Kept(), 0
    rows: list[Any] = []
    gone: list[int] = []
    existing = model._default_manager.order_by("pk")
    for row in existing.iterator(chunk_size=BATCH):
        one = wanted.pop((row.first_id, row.second_id), None)
        if row.state == Candidate.State.DIFFERENT:
            continue
        own = [reason for reason in row.reasons if reason.get("code") in KEPT]
        if one is None:
            compared = chosen is None or row.first_id in chosen or row.second_id in chosen
            if compared and not own and row.state == Candidate.State.OPEN:
                gone.append(row.pk)
            continue
        score = max([one.score, *(float(reason["facts"].get("score", 1)) for reason in own)])
        reasons = [*own, *one.reasons]
        if abs(row.score - score) > 0.0005 or row.reasons != reasons:
            row.score, row.reasons = score, reasons
            rows.append(row)
    steps: list[tuple[Callable[[Any], Any], list[Any]]] = [
        (lambda batch: model._default_manager.bulk_update(batch, ["score", "reasons"], batch_size=200), rows),
        (lambda batch: model._default_manager.filter(pk__in=batch).delete(), gone),
        (
            lambda batch: model._default_manager.bulk_create(batch, batch_size=500, ignore_conflicts=True),
            [
                model(first_id=one.first, second_id=one.second, score=one.score, reasons=one.reasons)
                for one in wanted.values()
            ],
        ),
    ]
    for write, all_rows in steps:
        for start in range(0, len(all_rows), BATCH):
            with transaction.atomic():
                write(all_rows[start : start + BATCH])
                done += len(all_rows[start : start + BATCH])
                if after is not None:
                    after(done)
    kept.changed, kept.gone, kept.new = len(rows), len(gone), len(wanted)
    return kept


def regroup(
    model: type[Any], fits: Callable[[int, int], bool] | None = None, today: dt.date | None = None
) -> int:
    """Number the groups anew: open candidates that hang together carry the smallest number of their records; those cut
    from a group that grew too large, or that would make it contradict itself, carry one of their own (below 0).

    Returns:
        how many groups there are.
    """
    day = today or clock.today()
    waiting = Q(state=Candidate.State.OPEN) | Q(state=Candidate.State.LATER, later_until__lte=day)
    rows = list(
        model._default_manager.filter(waiting)
        .order_by("pk")
        .values_list("pk", "first_id", "second_id", "score", "group")
    )
    top, cut = group((Link(score, one, other) for _pk, one, other, score, _group in rows), fits=fits)
    apart = {(link.one, link.other) for link in cut}
    numbers: set[int] = set()
    changed: dict[int, list[int]] = defaultdict(list)
    for pk, one, other, _score, before in rows:
        number = -pk if (one, other) in apart and top[one] != top[other] else top[one]
        numbers.add(number)
        if number != before:
            changed[number].append(pk)
    renumbered = [model(pk=pk, group=number) for number, pks in changed.items() for pk in pks]
    for start in range(0, len(renumbered), BATCH):
        model._default_manager.bulk_update(renumbered[start : start + BATCH], ["group"], batch_size=200)
    return len(numbers)


def people_that_fit(ids: Iterable[int]) -> Callable[[int, int], bool]:
    """Whether two people may be one at all, by their accounts: for grouping. One query for each 2,000 people."""
    accounts: dict[int, dict[str, tuple[set[str], set[str]]]] = defaultdict(dict)
    for batch in _batches(sorted(set(ids))):
        for pk, system, folded, number in (
            Identity.objects.filter(person__in=batch)
            .exclude(system__in=[INTERNAL, "email"])
            .values_list("person_id", "system", "folded", "number")
        ):
            logins, numbers = accounts[pk].setdefault(system, (set(), set()))
            logins.add(folded)
            if number:
                numbers.add(number)

    def fit(one: int, other: int) -> bool:
        mine, theirs = accounts.get(one, {}), accounts.get(other, {})
        for system in mine.keys() & theirs.keys():
            (logins, numbers), (their_logins, their_numbers) = mine[system], theirs[system]
            if numbers & their_numbers:
                continue
            if (numbers and their_numbers) or not logins & their_logins:
                return False
        return True

    return fit


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


@transaction.atomic
def offer(pairs: Mapping[tuple[int, int], dict[str, Any]], score: float = 1.0) -> int:
    """Put pairs of people into the queue whom one record of a source takes for one; decided ones are left alone.

    Args:
        pairs: two people, and the facts for the reason ``one_record``.

    Returns:
        how many are new.
    """
    ordered = {(min(pair), max(pair)): facts for pair, facts in pairs.items() if pair[0] != pair[1]}
    if not ordered:
        return 0
    known = {
        (row.first_id, row.second_id): row
        for row in PersonCandidate.objects.filter(first__in={first for first, _second in ordered})
    }
    fresh = []
    for pair, facts in ordered.items():
        reason = {"code": "one_record", "weight": 20.0, "facts": {**facts, "score": score}}
        row = known.get(pair)
        if row is None:
            fresh.append(
                PersonCandidate(
                    first_id=pair[0], second_id=pair[1], score=score, reasons=[reason], group=pair[0]
                )
            )
        elif row.state != Candidate.State.DIFFERENT and reason not in row.reasons:
            others = [one for one in row.reasons if one.get("code") != "one_record"]
            row.reasons, row.score = [reason, *others], max(row.score, score)
            row.save(update_fields=["reasons", "score"])
    PersonCandidate.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    return len(fresh)
