"""What proves that two records are one person, and nothing else does.

The same number of an account on a system; the same login there, unless the numbers differ (logins are given to others
later); the same proven e-mail address; the address that GitHub makes from number and login; the same ORCID iD. A login
or address under which two people appear, by their names, proves nothing: not every source tells the number, and not
every shared mailbox is known as one.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from folkmoot.kernel.text import clean, fold
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.naming import Words, contradict, real_names

#: Source: GitHub, "Setting your commit email address": ``ID+USERNAME@users.noreply.github.com``, and before
#: July 2017 ``USERNAME@users.noreply.github.com``.
_NOREPLY = re.compile(
    r"(?:([0-9]{1,20})\+)?([a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?)@users\.noreply\.github\.com", re.ASCII | re.I
)


def noreply(address: str) -> tuple[str, str] | None:
    """Number (or ``""``) and login of the account for which GitHub made this address; ``None`` for any other."""
    found = _NOREPLY.fullmatch(clean(address)) if "noreply" in address.casefold() else None
    return ((found[1] or "").lstrip("0"), found[2]) if found else None


@lru_cache(maxsize=4096)
def normal_orcid(value: str) -> str:
    """``https://orcid.org/0000-0002-1825-0097`` -> ``0000-0002-1825-0097``; ``""`` when it is none.

    Source: ORCID, "Structure of the ORCID Identifier": ISO 7064 mod 11-2.
    """
    bare = re.sub(r"^(?:https?://)?(?:www\.)?orcid\.org/", "", fold(value))
    digits = re.sub(r"[\s-]", "", bare).rstrip("/").upper()
    if not re.fullmatch(r"[0-9]{15}[0-9X]", digits, re.ASCII):
        return ""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        return ""
    return "-".join(digits[n : n + 4] for n in range(0, 16, 4))


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a system, as one source names it; the login folded, the number ``""`` when it is not known."""

    system: str
    login: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What proves who a record is about. Addresses are folded and proven to be the person's; ORCID iDs are checked."""

    accounts: tuple[Account, ...] = ()
    emails: tuple[str, ...] = ()
    orcids: tuple[str, ...] = ()
    #: They prove nothing, but may tell that a login or address is not one person's.
    names: tuple[Words, ...] = ()


def proofs(
    *,
    accounts: Iterable[Account] = (),
    emails: Iterable[str] = (),
    orcids: Iterable[str] = (),
    names: Iterable[str] = (),
    generic: Generic,
) -> Proofs:
    """The proofs among what a record says: addresses that GitHub makes become accounts, shared mailboxes and wrong
    ORCID iDs are left out.

    Args:
        emails: only those that their system, or a confirmation, proves.
    """
    known, addresses = list(accounts), []
    for address in emails:
        account = noreply(address)
        if account is not None:
            known.append(Account("github", fold(account[1]), account[0]))
        elif "@" in address and not generic.is_mailbox(address):
            addresses.append(fold(address))
    return Proofs(
        tuple(known),
        tuple(addresses),
        tuple(filter(None, map(normal_orcid, orcids))),
        real_names(names, (account.login for account in known), generic),
    )


class Sets:
    """Which of many numbered things belong together (disjoint sets)."""

    def __init__(self) -> None:
        self._parent = array("l")

    def add(self) -> int:
        """One more thing, alone; returns its number."""
        self._parent.append(len(self._parent))
        return len(self._parent) - 1

    def __len__(self) -> int:
        return len(self._parent)

    def top(self, number: int) -> int:
        """The smallest number of those that belong together with this one."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(self, one: int, other: int) -> None:
        """These two belong together."""
        one, other = self.top(one), self.top(other)
        if one != other:
            self._parent[max(one, other)] = min(one, other)


def link(records: Iterable[Proofs], *, by_name: bool = True) -> list[int]:
    """Which records are proven to be one person.

    A login without a number joins those with one, unless two numbers had it: then nobody knows whose it was.

    Args:
        by_name: a login or address that two people have by their names joins nobody, either: one was given to somebody
            else, the other is a mailbox that several read. Not wanted where a person looks at each pair anyway.

    Returns:
        for each record the place of the first that is the same person, itself when it is the first.
    """
    sets = Sets()
    first: dict[str, int] = {}
    numbers: dict[str, str] = {}
    waiting: list[tuple[str, int]] = []
    contested: set[str] = set()
    named: dict[str, list[tuple[Words, ...]]] = {}

    def meet(key: str, place: int) -> None:
        known = first.setdefault(key, place)
        if known != place:
            sets.join(known, place)

    def hear(key: str, names: tuple[Words, ...]) -> None:
        others = named.setdefault(key, [])
        if names not in others:
            if any(contradict(names, other) for other in others):
                contested.add(key)
            others.append(names)

    for record in records:
        place = sets.add()
        keys = [f"@{address}" for address in record.emails]
        waiting += ((key, place) for key in keys)
        for orcid in record.orcids:
            meet(f"o{orcid}", place)
        for account in record.accounts:
            login = f"{account.system}\0{account.login}" if account.login else ""
            if login:
                keys.append(login)
            if account.number:
                meet(f"#{account.system}\0{account.number}", place)
                if login and numbers.setdefault(login, account.number) != account.number:
                    contested.add(login)
                elif login:
                    first.setdefault(login, place)
            elif login:
                waiting.append((login, place))
        if by_name and record.names:
            for key in keys:
                hear(key, record.names)
    for key, place in waiting:
        if key not in contested:
            meet(key, place)
    return [sets.top(place) for place in range(len(sets))]
