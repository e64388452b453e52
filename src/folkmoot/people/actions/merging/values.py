"""Which value is the better one where two records differ: rules as data, which a person may overrule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.text import fold
from folkmoot.people.models import Identity, Organization, Person, Project, repository_key

Record = Person | Organization | Project
SURVIVOR, GONE = "survivor", "gone"


@dataclass(frozen=True)
class Side:
    """One of the two records, with what the rules ask about it."""

    record: Record

    @cached_property
    def handles(self) -> tuple[tuple[str, bool], ...]:
        """The folded handles of a person, each with whether it is proven; one query."""
        if not isinstance(self.record, Person):
            return ()
        return tuple(Identity.objects.filter(person=self.record).values_list("folded", "is_verified"))

    @property
    def signs_in(self) -> bool:
        """The person has an account here: what the record says is what the person says."""
        return isinstance(self.record, Person) and self.record.user_id is not None

    @property
    def proven(self) -> int:
        """How many handles are proven."""
        return sum(is_verified for _folded, is_verified in self.handles)


@dataclass(frozen=True)
class Preference:
    """One reason to take a value: the higher ``rank`` wins; ``words`` say why."""

    key: str
    words: Any
    rank: Callable[[Any, Side], Any]


def _ordinal(value: Any) -> float:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    return float(value.toordinal()) if isinstance(value, dt.date) else float("inf")


FILLED = Preference(
    "filled", gettext_lazy("the other one is empty"), lambda value, side: value not in ("", None)
)
REAL_NAME = Preference(
    "real_name",
    gettext_lazy("the other one is a handle, not a name"),
    lambda value, side: fold(str(value)) not in {folded for folded, _proven in side.handles},
)
SAID = Preference("said", gettext_lazy("the person signs in here"), lambda value, side: side.signs_in)
PROVEN = Preference("proven", gettext_lazy("more handles are proven"), lambda value, side: side.proven)
LONGER = Preference("longer", gettext_lazy("it says more"), lambda value, side: len(str(value or "")))
NEWER = Preference(
    "newer", gettext_lazy("it was edited later"), lambda value, side: side.record.updated_at.timestamp()
)
EARLIER = Preference("earlier", gettext_lazy("it is earlier"), lambda value, side: -_ordinal(value))
IN_USE = Preference("in_use", gettext_lazy("the other one is archived"), lambda value, side: not value)


@dataclass(frozen=True)
class FieldRule:
    """By which preferences, weightiest first, a field's value is taken; none that decides: the survivor's stays.

    ``is_offered`` is false where a person cannot choose.
    """

    name: str
    preferences: tuple[Preference, ...]
    is_offered: bool = True


_FACT = (FILLED, SAID, NEWER)
_TEXT = (FILLED, SAID, LONGER)

RULES: dict[type[models.Model], tuple[FieldRule, ...]] = {
    Person: (
        FieldRule("name", (FILLED, REAL_NAME, SAID, PROVEN, LONGER)),
        FieldRule("sort_name", _TEXT),
        FieldRule("publication_name", _TEXT),
        FieldRule("pronouns", _FACT),
        FieldRule("bio", _TEXT),
        FieldRule("location", _TEXT),
        FieldRule("country", _FACT),
        FieldRule("time_zone", _FACT),
        FieldRule("website", _FACT),
        FieldRule("photo", _FACT),
        FieldRule("availability", _FACT),
        FieldRule("availability_note", _FACT),
        FieldRule("available_from", _FACT),
        FieldRule("joined_on", (FILLED, EARLIER)),
        FieldRule("archived_at", (IN_USE,)),
        FieldRule("user", (FILLED,), is_offered=False),
        FieldRule("created_at", (EARLIER,), is_offered=False),
    ),
    Organization: (
        FieldRule("name", (FILLED, LONGER)),
        FieldRule("website", (FILLED, NEWER)),
        FieldRule("location", (FILLED, LONGER)),
        FieldRule("country", (FILLED, NEWER)),
        FieldRule("description", (FILLED, LONGER)),
        FieldRule("archived_at", (IN_USE,)),
        FieldRule("created_at", (EARLIER,), is_offered=False),
    ),
    Project: (
        FieldRule("kind", ()),
        FieldRule("name", (FILLED,)),
        FieldRule("description", (FILLED, LONGER)),
        FieldRule("repository", (FILLED, NEWER)),
        FieldRule("website", (FILLED, NEWER)),
        FieldRule("is_archived", (IN_USE,)),
        FieldRule("created_at", (EARLIER,), is_offered=False),
    ),
}
#: Fields that are reckoned from others, or say nothing about who it is.
RECKONED = {"id", "updated_at", "sort_key", "folded", "repository_key", "erased_at"}


@dataclass(frozen=True)
class Difference:
    """One field of two records: both values, which one is taken, and why that one is proposed."""

    rule: FieldRule
    label: str
    survivor: Any
    gone: Any
    #: ``survivor`` or ``gone``.
    taken: str
    proposed: str
    why: Any = ""

    @property
    def name(self) -> str:
        """The field's name."""
        return self.rule.name

    @property
    def differs(self) -> bool:
        """The two records do not say the same."""
        return bool(self.survivor != self.gone)

    @property
    def is_choice(self) -> bool:
        """A person may choose."""
        return self.differs and self.rule.is_offered


def propose(rule: FieldRule, survivor: Side, gone: Side) -> tuple[str, Any]:
    """Which value is better by the rules, and why in words; what decides nothing leaves the survivor's."""
    ours, theirs = _value(survivor.record, rule.name), _value(gone.record, rule.name)
    if ours == theirs:
        return SURVIVOR, ""
    for preference in rule.preferences:
        mine, other = preference.rank(ours, survivor), preference.rank(theirs, gone)
        if mine != other:
            return (SURVIVOR if mine > other else GONE), preference.words
    return SURVIVOR, gettext_lazy("it is the record that stays")


def compare(
    survivor: Record, gone: Record, choices: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """Every field of two records of one kind, with the value that is taken: the proposed one, unless chosen otherwise.

    At most two queries.

    Args:
        choices: field name -> ``survivor`` or ``gone``.

    Raises:
        ValidationError: a choice names no field that can be chosen, or neither record.
    """
    rules = RULES[type(survivor)]
    choices = dict(choices or {})
    known = {rule.name for rule in rules if rule.is_offered}
    for name, side in choices.items():
        if name not in known or side not in (SURVIVOR, GONE):
            raise ValidationError(
                _("“%(name)s: %(side)s” is no choice: name a field, and which record's value it takes.")
                % {"name": str(name)[:60], "side": str(side)[:60]},
                code="choice",
            )
    ours, theirs = Side(survivor), Side(gone)
    found = []
    for rule in rules:
        proposed, why = propose(rule, ours, theirs)
        found.append(
            Difference(
                rule,
                str(survivor._meta.get_field(rule.name).verbose_name),  # type: ignore[union-attr]
                _value(survivor, rule.name),
                _value(gone, rule.name),
                choices.get(rule.name, proposed),
                proposed,
                why,
            )
        )
    return tuple(found)


def _value(record: Record, name: str) -> Any:
    value = getattr(record, record._meta.get_field(name).attname)  # type: ignore[union-attr]
    return value.name or "" if isinstance(value, models.fields.files.FieldFile) else value


def better_survivor(first: Record, second: Record) -> tuple[Record, Record]:
    """Which of two records should stay, and which should go: the one whose person signs in, with more proven handles,
    that is not archived; else the older one.
    """

    def rank(record: Record) -> tuple[bool, int, bool, int]:
        side = Side(record)
        archived = record.is_archived if isinstance(record, Project) else record.archived_at is not None
        return side.signs_in, side.proven, not archived, -record.pk

    return (first, second) if rank(first) >= rank(second) else (second, first)


def reckon(record: models.Model) -> set[str]:
    """Set the fields that are reckoned from others; their names."""
    if isinstance(record, Person):
        record.sort_key = record.reckon_sort_key()
        return {"sort_key"}
    assert isinstance(record, Organization | Project)  # noqa: S101 - there are three kinds
    record.folded = fold(record.name)
    if isinstance(record, Organization):
        return {"folded"}
    record.repository_key = repository_key(record.repository)
    return {"folded", "repository_key"}
