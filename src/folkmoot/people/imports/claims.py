"""What one record of a source says, read into the register's words; pure, so that an older record can be read again."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from folkmoot.people.identities import Handle
from folkmoot.people.imports.values import Unreadable

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """A value that cannot be read: the record's field, where in the record it stands, why."""

    field: str
    path: str
    reason: str


@dataclass(frozen=True)
class Role:
    """A role that the record says its person holds; ``field`` is what says so."""

    slug: str
    team: str = ""
    #: Key of a project among those the importer hands over.
    project: str = ""
    started_on: dt.date | None = None
    ended_on: dt.date | None = None
    field: str = dataclasses.field(default="", compare=False)
    #: The role's name where the source names it itself.
    name: str = dataclasses.field(default="", compare=False)


@dataclass
class Claim:
    """What a record says of a person (or, with ``people``, of a project)."""

    fields: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: Strongest first.
    handles: list[tuple[str, Handle]] = dataclasses.field(default_factory=list)
    organization: str = ""
    #: facet and name
    tags: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    roles: list[Role] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    #: Slug of the kind, given or not, the day it was said.
    consents: list[tuple[str, bool, dt.date | None]] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def read(
        self, record: Mapping[str, Any], name: str, parse: Callable[..., T], *args: Any, default: T
    ) -> T:
        """The parsed value of a field, or ``default`` with the problem noted."""
        value = record.get(name)
        if value is None or value == "":
            return default
        try:
            return parse(*args, value)
        except Unreadable as problem:
            self.problems.append(Problem(name, name, str(problem)))
            return default

    def read_words(self, record: Mapping[str, Any], name: str, parse: Callable[..., list[str]]) -> list[str]:
        """As :meth:`read`, for a list of words."""
        nothing: list[str] = []
        return self.read(record, name, parse, default=nothing)


@dataclass(frozen=True)
class Named:
    """Somebody whom a project's record names; ``role`` is a slug, or ``""`` when the register only knows them."""

    field: str
    handle: Handle
    name: str
    role: str


@dataclass
class ProjectClaim(Claim):
    """What a record says of a project."""

    kind: str = "package"
    people: list[Named] = dataclasses.field(default_factory=list)
