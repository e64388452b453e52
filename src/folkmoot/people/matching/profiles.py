"""What is compared of a person: names as words, users of addresses and logins, organisations, places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.keys import Account, noreply
from folkmoot.people.matching.naming import NO_WORD, Words, real_names
from folkmoot.people.matching.tables import table

#: Words of an organisation's name that say little: its form, and how universities are called.
_SAYS_LITTLE = """
the of for and at in de der des du la le di da do e y und et inc llc ltd limited gmbh ag sa sas sarl bv nv plc co corp
corporation company ev eu ggmbh pty srl spa oy ab as kk foundation stiftung fundacion university universitat universite
universidad universidade universita universiteit univ uni
"""
_FORMS = frozenset(_SAYS_LITTLE.split())
_SAME_WORD = {
    "inst": "institute",
    "dept": "department",
    "lab": "labs",
    "center": "centre",
    "natl": "national",
}


@cache
def public_domains() -> frozenset[str]:
    """Where anybody can have an address: such a domain says nothing of where somebody belongs."""
    return frozenset(table("mail-providers")) | {"users.noreply.github.com"}


@lru_cache(maxsize=8192)
def organization_words(name: str) -> Words:
    """The words that tell an organisation from others, sorted: without legal form and "University of"."""
    head = fold_accents(name).split(",")[0].split("(")[0]
    found = [_SAME_WORD.get(word, word) for word in NO_WORD.split(head) if word]
    return tuple(sorted({word for word in found if word not in _FORMS} or set(found)))


@lru_cache(maxsize=8192)
def acronym(name: str) -> str:
    """The first letters of a name of several words: ``Massachusetts Institute of Technology`` -> ``mit``."""
    parts = [word for word in NO_WORD.split(fold_accents(name).split(",")[0]) if word]
    letters = "".join(
        word[0] for word in parts if word not in ("of", "for", "and", "the", "de", "der", "di", "at")
    )
    return letters if len(letters) > 1 else ""


def compact(user: str) -> str:
    """Letters and digits of a login or an address's user, folded: ``Ada.Lovelace`` -> ``adalovelace``."""
    return "".join(c for c in fold_accents(user.partition("+")[0]) if c.isalnum())


class Profile:
    """One record as it is compared. Made by :func:`profile`."""

    __slots__ = ("accounts", "acronyms", "country", "domains", "emails", "location", "names", "orcids", "organizations",
                 "users")  # fmt: skip

    def __init__(self) -> None:
        self.names: tuple[Words, ...] = ()
        #: Folded addresses, proven or not; shared mailboxes are left out.
        self.emails: tuple[str, ...] = ()
        #: Users of addresses, and logins: letters and digits only.
        self.users: tuple[str, ...] = ()
        #: Domains of addresses that not everybody can have.
        self.domains: tuple[str, ...] = ()
        self.accounts: tuple[Account, ...] = ()
        self.orcids: tuple[str, ...] = ()
        self.organizations: tuple[Words, ...] = ()
        self.acronyms: tuple[str, ...] = ()
        self.country = ""
        self.location = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def profile(
    *,
    generic: Generic,
    names: Sequence[str] = (),
    emails: Sequence[str] = (),
    accounts: Sequence[Account] = (),
    orcids: Sequence[str] = (),
    organizations: Sequence[str] = (),
    country: str = "",
    location: str = "",
) -> Profile:
    """Make a record comparable. A name that is a login, or that many have, counts as none.

    Args:
        orcids: normalised.
        country: two letters, or "".
    """
    made = Profile()
    made.names = real_names(names, (account.login for account in accounts), generic)
    known, addresses = list(accounts), []
    for address in emails:
        account = noreply(address)
        if account is not None:
            known.append(Account("github", fold(account[1]), account[0]))
        elif "@" in address and not generic.is_mailbox(address):
            addresses.append(fold(address))
    made.emails = _each(addresses)
    made.accounts = tuple(dict.fromkeys(known))
    pairs = [address.rpartition("@") for address in made.emails]
    made.users = _each(
        user
        for user in (
            *(compact(user) for user, _at, _domain in pairs),
            *(compact(account.login.removeprefix("@").partition("@")[0]) for account in known),
        )
        if len(user) > 1 and not generic.is_mailbox(user)
    )
    public = public_domains()
    made.domains = _each(domain for _user, _at, domain in pairs if domain not in public)
    made.orcids = _each(orcids)
    made.organizations = tuple(dict.fromkeys(filter(None, map(organization_words, organizations))))
    made.acronyms = _each(acronym(name) for name in organizations)
    made.country = country
    made.location = fold_accents(location)
    return made
