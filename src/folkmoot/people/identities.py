"""Finding people by their identities, in bulk: what importers stand on.

An account's number (GitHub's numeric id) proves who it is. A login alone is taken as the same account only while
no numbers contradict: logins are given to other people later. A login that nobody has any more leads to the account
that was renamed. The address that GitHub makes for an account means the account. Nobody is ever found by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import clean, fold
from folkmoot.people import seeds
from folkmoot.people.forgotten import Forgotten
from folkmoot.people.matching import keys
from folkmoot.people.models import FormerHandle, Identity, Person


@dataclass(frozen=True)
class Handle:
    """A handle or address on a system, with the account's number where the source gives one."""

    system: str
    value: str
    number: str = ""

    @property
    def folded(self) -> str:
        """As compared."""
        return fold(self.value)


def meant(handle: Handle) -> Handle:
    """The account that an address made by GitHub belongs to (``7+ana@users.noreply.github.com`` is ``ana`` with the
    number 7); any other handle is what it is.
    """
    account = keys.noreply(handle.value) if handle.system == "email" else None
    return Handle("github", account[1], account[0]) if account else handle


def looks_like_bot(system: str, value: str) -> bool:
    """Whether a handle that is met for the first time is a machine's: ends in ``[bot]``, or is listed in the seeds."""
    return fold(value).endswith("[bot]") or fold(value) in seeds.known_bots(system)


def _batches(handles: list[Handle], size: int = 2000) -> Iterator[list[Handle]]:
    for start in range(0, len(handles), size):
        yield handles[start : start + size]


class Directory:
    """The identities that some handles may mean, and all others of their people, as of now.

    One query for each 2,000 handles, and one; one more for each 2,000 that nobody has. Each person is one object,
    however many identities lead to it; identities that are about to be made are added with :meth:`add`.
    """

    def __init__(self, handles: Iterable[Handle], people: Iterable[Person] = ()) -> None:
        self._people: dict[int, Person] = {}
        self._by_handle: dict[tuple[str, str], list[Identity]] = defaultdict(list)
        self._by_number: dict[tuple[str, str], Identity] = {}
        self._of: dict[int, list[Identity]] = defaultdict(list)
        self._seen: dict[int, Identity] = {}
        #: id(identity) -> a number that became known and is not saved yet
        self._learnt: dict[int, str] = {}
        #: whose handle this was before they were erased: never anybody new
        self._erased: dict[Handle, Identity] = {}
        #: who had a handle before it was renamed, the latest last
        self._former: dict[tuple[str, str], Identity] = {}
        for person in people:
            self.person(person)
        wanted = list(dict.fromkeys(meant(handle) for handle in handles))
        for batch in _batches(wanted):
            self._load(batch)
        free = [one for one in wanted if not one.number and (one.system, one.folded) not in self._by_handle]
        for batch in _batches(free):
            self._load_former(batch)
        self._load_erased([one for one in wanted if self._known(one) is None])
        for one in (
            Identity.objects.filter(person__in=set(self._people)).select_related("person").order_by("pk")
        ):
            self.add(one)

    def _load(self, handles: list[Handle]) -> None:
        by_system: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for handle in handles:
            by_system[handle.system][0].add(handle.folded)
            if handle.number:
                by_system[handle.system][1].add(handle.number)
        wanted = Q(pk__in=[])
        for system, (folded, numbers) in sorted(by_system.items()):
            wanted |= Q(system=system, folded__in=folded) | Q(system=system, number__in=numbers)
        for one in Identity.objects.filter(wanted).select_related("person").order_by("pk"):
            self.add(one)

    def _load_former(self, handles: list[Handle]) -> None:
        rows = FormerHandle.objects.filter(folded__in={one.folded for one in handles})
        for row in rows.select_related("identity__person").order_by("seen_at", "pk"):
            self._former[row.identity.system, row.folded] = self.add(row.identity)

    def _load_erased(self, handles: list[Handle]) -> None:
        """Handles of people who were erased lead to what is left of them, so that nobody is made anew."""
        gone = Forgotten() if handles else None
        if not gone:
            return
        people = {one: pk for one in handles if (pk := gone.person(one.system, one.value, one.number))}
        kept: dict[int, Identity] = {}
        rows = Identity.objects.filter(person__in=set(people.values())).select_related("person")
        for row in rows.order_by("pk"):
            kept.setdefault(row.person_id, row)
        for handle, pk in people.items():
            if pk in kept:
                self._erased[handle] = self.add(kept[pk])

    def person(self, person: Person) -> Person:
        """The one object that stands for this person."""
        return person if person.pk is None else self._people.setdefault(person.pk, person)

    def add(self, identity: Identity) -> Identity:
        """Know this identity, too. Each is one object, the first that came."""
        if identity.pk is not None:
            known = self._seen.setdefault(identity.pk, identity)
            if known is not identity:
                return known
        identity.person = self.person(identity.person)
        self._by_handle[identity.system, identity.folded].append(identity)
        if identity.number:
            self._by_number[identity.system, identity.number] = identity
        self._of[id(identity.person)].append(identity)
        return identity

    def of(self, person: Person) -> list[Identity]:
        """All identities of this person, as far as known here."""
        return self._of[id(person)]

    def number_of(self, person: Person, system: str) -> str:
        """The number of an account that this person is known to have on the system, or ``""``."""
        return next(
            (found for one in self.of(person) if one.system == system and (found := self.number(one))), ""
        )

    def number(self, identity: Identity) -> str:
        """The identity's number, learnt ones too."""
        return self._learnt.get(id(identity)) or identity.number

    def learn(self, identity: Identity, number: str) -> None:
        """Note that the identity has this number, though it is not saved yet."""
        self._learnt[id(identity)] = number
        self._by_number[identity.system, number] = identity

    def find(self, handle: Handle) -> Identity | None:
        """Whose handle this is: by number; else by the folded handle unless numbers contradict.

        Of several who had the login one after the other, a handle without a number means the latest; a login that
        nobody has now means the account that was renamed. A handle of somebody who was erased leads to what is left
        of them (``person.erased_at`` is set): nothing may be written there.
        """
        handle = meant(handle)
        found = self._known(handle)
        return found if found is not None else self._erased.get(handle)

    def _known(self, handle: Handle) -> Identity | None:
        if handle.number:
            known = self._by_number.get((handle.system, handle.number))
            if known is not None:
                return known
            for identity in self._by_handle.get((handle.system, handle.folded), ()):
                if not self.number(identity) and not self.number_of(identity.person, handle.system):
                    return identity
            return None
        found = self._by_handle.get((handle.system, handle.folded))
        if not found:
            return self._former.get((handle.system, handle.folded))
        return max(found, key=lambda one: (bool(self.number(one)), one.pk or float("inf")))


def newcomer(handle: Handle, name: str = "", *, is_bot: bool | None = None) -> Identity:
    """An unsaved identity of an unsaved person; the handle is the name until a real one is known."""
    handle = meant(handle)
    person = Person(name=(name or handle.value)[:200])
    person.sort_key = person.reckon_sort_key()
    return Identity(
        person=person,
        system=handle.system,
        value=handle.value,
        folded=handle.folded,
        number=handle.number,
        is_bot=looks_like_bot(handle.system, handle.value) if is_bot is None else is_bot,
    )


def save_newcomers(changes: Changes, people: Iterable[Person], identities: Iterable[Identity]) -> None:
    """Insert new people (machines are counted as "bots") and identities."""
    identities = list(identities)
    machines = {id(identity.person) for identity in identities if identity.is_bot}
    people = list(people)
    changes.create(Person, [person for person in people if id(person) not in machines], counter="people")
    changes.create(Person, [person for person in people if id(person) in machines], counter="bots")
    changes.create(Identity, identities, counter="identities")


def ensure_identities(
    changes: Changes, *, system: str = "github", handles: Iterable[str], bots: Iterable[str] = ()
) -> dict[str, Identity]:
    """The identity behind each handle; unknown ones become a person named after the handle.

    A handle that ends in ``[bot]`` or is listed in ``people/seeds/bots.yml`` starts as a bot; an identity that is
    known already keeps what it says. Queries: one for each 2,000 handles, one, and those that insert what is new.

    Args:
        handles: as the source writes them; compared folded.
        bots: handles that the source itself says are machines.

    Returns:
        folded handle -> identity.
    """
    wanted: dict[str, Handle] = {}
    for value in handles:
        wanted.setdefault(fold(value), Handle(system, clean(value)))
    wanted.pop("", None)
    machines = {fold(value) for value in bots}
    directory = Directory(wanted.values())
    found: dict[str, Identity] = {}
    new: list[Identity] = []
    for folded, handle in wanted.items():
        identity = directory.find(handle)
        if identity is None:
            identity = directory.add(newcomer(handle, is_bot=folded in machines or None))
            new.append(identity)
        found[folded] = identity
    save_newcomers(changes, [identity.person for identity in new], new)
    return found
