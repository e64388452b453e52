"""Whom a text means by ``@[alias]``: the handle book first, then the register by full name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from folkmoot.connectors.posts import Mention, PostConnector
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import Identity, Person
from folkmoot.publishing.models import BookEntry, BookHandle

#: ``@[ada]``, ``@[Ada Lovelace]``.
MENTION = re.compile(r"@\[([^\[\]\n]{1,200})\]")


@dataclass(frozen=True)
class Named:
    """Somebody whom a text names.

    Attributes:
        name: what stands there where no handle is known.
        handles: by key of a connector or of a system: handle without its leading ``@``, and what the platform calls
            them.
    """

    name: str
    handles: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def on(self, platform: str) -> tuple[str, str]:
        """Handle and id on a platform (key of a connector); empty where unknown."""
        return self.handles.get(platform) or self.handles.get(system_of(platform)) or ("", "")


def system_of(platform: str) -> str:
    """On which system of the register a connector's people are: of ``linkedin_page`` it is ``linkedin``."""
    return re.split(r"[_.-]", platform, maxsplit=1)[0]


def aliases_in(texts: Iterable[str]) -> set[str]:
    """What texts name, as it is written."""
    return {clean(found) for text in texts for found in MENTION.findall(text)}


def named(aliases: Iterable[str]) -> dict[str, Named]:
    """Who is meant, by folded alias; whom nobody knows is left out. At most four queries.

    A full name that two people of the register share means neither.
    """
    wanted = {fold(alias): clean(alias) for alias in aliases}
    if not wanted:
        return {}
    entries = {entry.alias: entry for entry in BookEntry.objects.filter(alias__in=wanted)}
    people = _people({key: name for key, name in wanted.items() if key not in entries})
    handles: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for one in BookHandle.objects.filter(entry__in=[entry.pk for entry in entries.values()]):
        handles[one.entry_id][one.platform] = (one.handle.lstrip("@"), one.remote_id)
    known = {entry.person_id for entry in entries.values() if entry.person_id}
    theirs = _identities({*known, *(person.pk for person in people.values())})
    found = {key: Named(person.name, theirs.get(person.pk, {})) for key, person in people.items()}
    for key, entry in entries.items():
        found[key] = Named(entry.name, {**theirs.get(entry.person_id or 0, {}), **handles[entry.pk]})
    return found


def _people(wanted: Mapping[str, str]) -> dict[str, Person]:
    """People by folded full name, where exactly one has it."""
    if not wanted:
        return {}
    by_name: dict[str, dict[int, Person]] = defaultdict(dict)
    for person in Person.objects.filter(Q(sort_key__in=wanted) | Q(name__in=wanted.values())):
        by_name[fold(person.name)][person.pk] = person
    return {
        key: next(iter(rows.values())) for key, rows in by_name.items() if key in wanted and len(rows) == 1
    }


def _identities(people: set[int]) -> dict[int, dict[str, tuple[str, str]]]:
    found: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    if people:
        rows = Identity.objects.filter(person__in=people).exclude(system__in=("email", "folkmoot"))
        for one in rows.order_by("-is_verified", "pk"):
            found[one.person_id].setdefault(one.system, (one.value.lstrip("@"), one.number))
    return found


def written(
    text: str, known: Mapping[str, Named], platform: str, connector: PostConnector | None
) -> tuple[str, tuple[Mention, ...]]:
    """A text as a platform writes its mentions, and who they are there; a name where it knows no handle."""
    mentions: dict[str, Mention] = {}

    def one(found: re.Match[str]) -> str:
        somebody = known.get(fold(found[1])) or Named(clean(found[1]))
        handle, number = somebody.on(platform)
        if (not handle and not number) or connector is None:
            return somebody.name
        shown = connector.written(Mention(somebody.name, handle, number))
        mentions.setdefault(shown, Mention(shown, handle, number))
        return shown

    replaced = MENTION.sub(one, text)
    return replaced, tuple(mentions.values())
