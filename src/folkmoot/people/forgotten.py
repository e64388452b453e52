"""Whose data must not come back: handles and addresses of people who were erased, as keyed digests.

A digest says whether a handle that somebody gives is one of them; the handle cannot be read out of it without the
installation's secret key. Kept with the erasure, since they are what must be kept to honour it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from folkmoot.kernel.text import fold
from folkmoot.people.models import Erasure
from folkmoot.people.systems import INTERNAL

SALT = "people.forgotten"
#: Under which key the digests stand in an erasure's outcome.
KEY = "not_again"


def digest(system: str, value: str) -> str:
    """The digest of a handle, folded; a number goes by ``system#``."""
    return salted_hmac(SALT, f"{system}\0{fold(value)}", algorithm="sha256").hexdigest()


def digests(identities: Iterable[tuple[str, str, str]]) -> list[str]:
    """Digests of handles and of numbers (system, value, number); internal ones say nothing and are left out."""
    found = set()
    for system, value, number in identities:
        if system == INTERNAL:
            continue
        found.add(digest(system, value))
        if number:
            found.add(digest(f"{system}#", number))
    return sorted(found)


class Forgotten:
    """The digests of everybody who was erased, read once; one query."""

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        rows = Erasure.objects.filter(state=Erasure.State.DONE).values_list("person_id", "outcome")
        for person, outcome in rows:
            for each in outcome.get(KEY, ()):
                self._people[each] = person

    def __bool__(self) -> bool:
        return bool(self._people)

    def person(self, system: str, value: str, number: str = "") -> int | None:
        """The number of the erased person whose handle this was; ``None`` for everybody else."""
        if not self._people or system == INTERNAL:
            return None
        by_number = self._people.get(digest(f"{system}#", number)) if number else None
        return by_number if by_number is not None else self._people.get(digest(system, value))
