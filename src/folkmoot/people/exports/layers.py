"""What other areas know better of a website's packages: they lay it over what the file said, and add what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from folkmoot.kernel.registry import Registry
from folkmoot.people.exports.register import held_by
from folkmoot.people.queries.consents import PUBLIC_PROFILE, PUBLISH_NAME

#: A record of the file, by the number of the project that it is about.
Entry = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class PackageLayer:
    """Facts of packages that an area owns.

    Attributes:
        lay: changes the records where the area knows something newer, and returns records of packages that the file
            does not name yet; it is given the records, and the keys that the site's files have. A fixed number of
            queries.
    """

    key: str
    lay: Callable[[Sequence[Entry], Sequence[str]], Iterable[dict[str, Any]]]
    order: int = 0


package_layers: Registry[PackageLayer] = Registry("layer of a website's packages")


def named(people: Iterable[int]) -> Mapping[int, dict[str, Any]]:
    """How a website names these people; who was erased, or does not want to be named, is left out."""
    found: dict[int, dict[str, Any]] = {}
    for pk, held in held_by(people).items():
        accounts = held.handles("github")
        if accounts and not held.refused & {PUBLISH_NAME, PUBLIC_PROFILE}:
            name = None if held.stands_in else held.person.name
            found[pk] = {"name": name, "github_username": accounts[0].value}
    return found
