"""Who is meant by a pasted list of addresses, handles and names; a fixed number of queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from folkmoot.kernel.text import clean, fold, fold_accents
from folkmoot.people.public import Identity, Person

_BETWEEN = re.compile(r"[,;\n\t]")
_IN_BRACKETS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")


@dataclass
class Pasted:
    """Whom the words mean.

    Attributes:
        people: each once, in the order of the words.
        missing: words by which nobody is known.
        several: words by which more than one is known.
    """

    people: list[Person] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)

    @property
    def left(self) -> list[str]:
        """The words that mean nobody in particular."""
        return [*self.missing, *self.several]


def words_of(text: str) -> list[str]:
    """The words of a pasted text, each once: between lines, commas, semicolons and tabs."""
    return list(dict.fromkeys(word for part in _BETWEEN.split(text) if (word := clean(part).strip("\"'"))))


def people_meant(words: Iterable[str]) -> Pasted:
    """Who is meant: by e-mail address (also in angle brackets), by ``@handle`` on GitHub, else by name, else by handle.
    Two queries.
    """
    wished = list(words)
    address = {word: match.group(1) for word in wished if (match := _IN_BRACKETS.search(word))}
    handles = {word: fold(address.get(word, word).removeprefix("@")) for word in wished}
    by_handle: dict[tuple[str, str], set[int]] = defaultdict(set)
    known = Identity.objects.filter(
        Q(system="email") | Q(system="github"),
        folded__in=set(handles.values()),
        person__erased_at=None,
        person__archived_at=None,
    )
    for system, folded, number in known.values_list("system", "folded", "person_id"):
        by_handle[system, folded].add(number)
    numbers = {pk for some in by_handle.values() for pk in some}
    names = Q(sort_key__in={fold_accents(word) for word in wished}) | Q(name__in=wished)
    rows = {
        person.pk: person
        for person in Person.objects.filter(names | Q(pk__in=numbers), erased_at=None, archived_at=None)
    }
    by_name: dict[str, set[int]] = defaultdict(set)
    for person in rows.values():
        by_name[fold(person.name)].add(person.pk)
    found = Pasted()
    chosen: dict[int, Person] = {}
    for word in wished:
        email, login = by_handle["email", handles[word]], by_handle["github", handles[word]]
        if "@" in address.get(word, word).lstrip("@"):
            meant = email
        elif word.startswith("@"):
            meant = login
        else:
            meant = by_name.get(fold(word)) or login
        if len(meant) == 1:
            number = next(iter(meant))
            chosen.setdefault(number, rows[number])
        else:
            (found.several if meant else found.missing).append(word)
    found.people = list(chosen.values())
    return found
