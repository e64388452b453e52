"""Whether a row that something leads to somebody may be about somebody else, for all that: by the names."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold_accents
from folkmoot.people.identities import Directory, Handle, meant
from folkmoot.people.imports.claims import Claim
from folkmoot.people.matching.naming import contradict, words
from folkmoot.people.models import Identity, Person


def is_doubtful(
    claim: Claim, person: Person, directory: Directory, proofs: Collection[str], *, typed: bool
) -> bool:
    """Found by nothing but an e-mail address, which people share, while the names have no word in common.

    Args:
        typed: people wrote the logins down, so that one may be mistyped, or somebody else's by now. Then one that only
            a login leads to is doubtful, too, when no word of one name can stand for one of the other.
    """
    found = _found(claim, person, directory, proofs)
    said, theirs = claim.fields.get("name", ""), f"{person.name} {person.sort_name}"
    if {handle.system for handle, _one in found} == {"email"}:
        mine = _words(said)
        return bool(mine) and not mine & _words(theirs)
    if not typed or not found or any(_is_sure(*one, directory) for one in found):
        return False
    mine_read, theirs_read = words(said), words(theirs)
    return bool(mine_read and theirs_read) and contradict([mine_read], [theirs_read])


def _found(
    claim: Claim, person: Person, directory: Directory, proofs: Collection[str]
) -> list[tuple[Handle, Identity]]:
    """The row's handles that lead to the person."""
    return [
        (handle, one)
        for _field, handle in claim.handles
        if handle.system in proofs and (one := directory.find(handle)) and one.person is person
    ]


def _is_sure(handle: Handle, identity: Identity, directory: Directory) -> bool:
    """An ORCID iD, or an account's number on both sides."""
    number = meant(handle).number
    return handle.system == "orcid" or bool(number and number == directory.number(identity))


def _words(name: str) -> set[str]:
    return set(fold_accents(name).replace(",", " ").split())


def field_and_reason(
    claim: Claim, person: Person, directory: Directory, proofs: Collection[str]
) -> tuple[str, str]:
    """Which field led to the person, and why the row was left out all the same."""
    if {handle.system for handle, _one in _found(claim, person, directory, proofs)} == {"email"}:
        field, why = (
            "email",
            _(
                "the address belongs to %(name)s in the register, and the name here is another: the "
                "row was left out; give a GitHub login or an ORCID iD, or mend the address"
            ),
        )
    else:
        field, why = (
            "github",
            _(
                "the GitHub login belongs to %(name)s in the register, and the name here is another: the "
                "row was left out; give an ORCID iD, or mend the login or the name"
            ),
        )
    return field, why % {"name": person.name}
