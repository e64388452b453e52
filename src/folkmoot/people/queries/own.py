"""What somebody sees on their own side: which records may be theirs, and all that is stored about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.signin.queries import Proven, proven
from folkmoot.kernel.text import fold
from folkmoot.people.models import Claim, Erasure, Identity, Person, SourceRecord

#: Systems whose handle alone proves who it is; elsewhere logins are given to others later, and only the number does.
BY_HANDLE = frozenset({"email", "orcid"})


def _matches(each: Proven) -> Q:
    """Identities that are this account for certain."""
    if each.number:
        found = Q(system=each.system, number=each.number)
        if each.system == "github":
            # The address that GitHub makes for an account holds the account's number.
            found |= Q(
                system="email",
                folded__startswith=f"{each.number}+",
                folded__endswith="@users.noreply.github.com",
            )
        return found
    return Q(system=each.system, folded=fold(each.value)) if each.system in BY_HANDLE else Q(pk=None)


def _is_proof(one: Identity, each: Proven) -> bool:
    if each.number:
        noreply = one.folded.startswith(f"{each.number}+") and one.folded.endswith(
            "@users.noreply.github.com"
        )
        return (one.system == each.system and one.number == each.number) or (
            each.system == "github" and one.system == "email" and noreply
        )
    return each.system in BY_HANDLE and one.system == each.system and one.folded == fold(each.value)


def proofs_for(person: Person, identities: Sequence[Proven]) -> list[Proven]:
    """Which of the proven identities stand on this record; a machine's prove nothing."""
    rows = [one for one in Identity.objects.filter(person=person) if not one.is_bot]
    return [each for each in identities if any(_is_proof(one, each) for one in rows)]


@dataclass(frozen=True)
class Proposal:
    """A record that is provably the user's, and by what."""

    person: Person
    proofs: list[Proven]
    #: Somebody else signs in as this person.
    is_taken: bool


def proposals(user: User) -> list[Proposal]:
    """The records in which something proven of the user stands; four queries."""
    identities = proven(user)
    wanted = Q(pk__in=[])
    for each in identities:
        wanted |= _matches(each)
    rows = (
        Identity.objects.filter(wanted, is_bot=False, person__erased_at=None)
        .select_related("person")
        .order_by("pk")
    )
    found: dict[int, Proposal] = {}
    for one in rows:
        taken = one.person.user_id not in (None, user.pk)
        entry = found.setdefault(one.person_id, Proposal(one.person, [], taken))
        entry.proofs.extend(each for each in identities if _is_proof(one, each) and each not in entry.proofs)
    return list(found.values())


def person_of(user: User) -> Person | None:
    """The user's own record, if they have one."""
    return Person.objects.filter(user=user).first()


def by_handle(system: str, value: str) -> Person | None:
    """Whose handle this is, exactly; for somebody who asks for a record."""
    found = Identity.objects.filter(system=system, folded=fold(value), person__erased_at=None)
    one = found.select_related("person").order_by("-number", "pk").first()
    return one.person if one else None


@dataclass(frozen=True)
class PublicChoice:
    """What else than the agreed the person's public page shows: their own choice.

    Attributes:
        parts: of :data:`PUBLIC_PARTS`.
        identities: numbers of the handles and addresses that are shown.
    """

    parts: frozenset[str] = frozenset()
    identities: frozenset[int] = frozenset()


#: What a person may show beside name, words about themself, expertise, roles and projects.
PUBLIC_PARTS = ("pronouns", "location", "website", "availability", "organizations", "contributions")
#: Where the choice is kept: beside what other sources say of the person, so that merging and erasing take it along.
CHOICE_SOURCE, CHOICE_PART = "self", "public page"


def choice_of(person: Person) -> PublicChoice:
    """What the person chose; nothing when they never did. One query."""
    return choices_of([person.pk]).get(person.pk, PublicChoice())


def choices_of(people: Sequence[int]) -> dict[int, PublicChoice]:
    """What these people chose, the newest choice where a merge brought two together; one query."""
    rows = SourceRecord.objects.filter(source=CHOICE_SOURCE, part=CHOICE_PART, person__in=people)
    return {
        pk: read_choice(payload)
        for pk, payload in rows.order_by("seen_at").values_list("person_id", "payload")
        if pk is not None
    }


def read_choice(payload: Any) -> PublicChoice:
    """What a stored choice says; what is no choice says nothing."""
    data = payload if isinstance(payload, dict) else {}
    return PublicChoice(
        frozenset(part for part in data.get("parts", ()) if part in PUBLIC_PARTS),
        frozenset(pk for pk in data.get("identities", ()) if isinstance(pk, int)),
    )


@dataclass
class Waiting:
    """What the user asked for and nobody decided yet."""

    claims: list[Claim] = field(default_factory=list)
    erasure: Erasure | None = None


def waiting(user: User, person: Person | None) -> Waiting:
    """Open claims and an open erasure; two queries."""
    return Waiting(
        list(Claim.objects.filter(user=user, state=Claim.State.OPEN).order_by("made_at")),
        Erasure.objects.filter(person=person, state=Erasure.State.ASKED).first() if person else None,
    )
