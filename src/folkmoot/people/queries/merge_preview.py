"""What a merge would do, before it is done: the values side by side, and what would move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BigIntegerField, Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.people.actions import current_version
from folkmoot.people.actions.merging import GONE, Difference, MergeKind, compare, pair
from folkmoot.people.actions.merging.links import links_to, movers_for, moving_references
from folkmoot.people.queries.candidates import Beside, Group, candidates, facts_beside
from folkmoot.people.queries.candidates import pair as in_words
from folkmoot.people.queries.merging import noun_of

#: Of a table with more rows than this, nobody says beforehand which would be parked.
LOOKED_AT = 50


#: Fields that are settled without a word: the earlier day stands.
UNTOLD = {"created_at"}


@dataclass(frozen=True)
class Line:
    """One field of the two, as the page shows it."""

    difference: Difference
    survivor: str
    gone: str

    @property
    def takes_gone(self) -> bool:
        """The value of the record that goes is preselected."""
        return self.difference.taken == GONE


@dataclass(frozen=True)
class Move:
    """Rows of one table that would move, and how many of them could not stand beside one that is there."""

    noun: str
    number: int
    parked: int


@dataclass(frozen=True)
class Preview:
    """What the page of a merge to be shows.

    Attributes:
        differing, same: fields in which the two differ, and those that say the same.
        verdict: the candidate of the two with its reasons in words, if there is one.
    """

    kind: MergeKind
    survivor: Any
    gone: Any
    differing: list[Line]
    same: list[Line]
    moves: list[Move]
    verdict: Any
    beside: Mapping[int, Beside]
    seen: Mapping[int, int]
    warnings: list[str]


def preview(kind: MergeKind, survivor: Any, gone: Any, choices: Mapping[str, str] | None = None) -> Preview:
    """Two records side by side: a fixed number of queries, and a few for each row that may be parked."""
    lines = [
        Line(one, shown(survivor, one.name), shown(gone, one.name))
        for one in compare(survivor, gone, choices)
        if one.name not in UNTOLD
    ]
    row = pair(kind, survivor.pk, gone.pk)
    return Preview(
        kind=kind,
        survivor=survivor,
        gone=gone,
        differing=[line for line in lines if line.difference.differs],
        same=[line for line in lines if not line.difference.differs and line.survivor],
        moves=moves(kind, survivor, gone),
        verdict=in_words(row) if row is not None else None,
        beside=facts_beside(kind.word, [survivor.pk, gone.pk]),
        seen={one.pk: current_version(one) for one in (survivor, gone)},
        warnings=_warnings(survivor, gone),
    )


def _warnings(survivor: Any, gone: Any) -> list[str]:
    """What a person should know that no field tells."""
    found = []
    if getattr(survivor, "user_id", None) and getattr(gone, "user_id", None):
        found.append(
            _(
                "Both sign in here. The account of “%(stays)s” stays linked; the other one can still sign in, and is "
                "linked again when the merge is undone."
            )
            % {"stays": survivor.name}
        )
    archived = [
        getattr(one, "archived_at", None) or getattr(one, "is_archived", False) for one in (survivor, gone)
    ]
    if any(archived) and not all(archived):
        found.append(
            _("One of the two is archived; what stays is in the lists, unless you choose otherwise.")
        )
    return found


def shown(record: Any, name: str) -> str:
    """A field's value as a person reads it."""
    field = record._meta.get_field(name)
    value = getattr(record, name)
    if value is None or value == "":
        return ""
    if field.choices:
        return str(getattr(record, f"get_{name}_display")())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    return str(value)


def moves(kind: MergeKind, survivor: Any, gone: Any) -> list[Move]:
    """What points at the record that would go, table by table, the most first; a query for each table."""
    numbers: dict[str, list[int]] = {}

    def add(label: str, number: int, parked: int) -> None:
        if number:
            known = numbers.setdefault(label, [0, 0])
            known[0] += number
            known[1] += parked

    for mover in movers_for(kind.model):
        both = kind.candidate.objects.filter(Q(first=gone.pk) | Q(second=gone.pk))
        add(mover.key, both.exclude(Q(first=survivor.pk) | Q(second=survivor.pk)).count(), 0)
    for relation in links_to(kind.model):
        model: Any = relation.model
        rows = model._base_manager.filter(**{relation.attname: gone.pk})
        number = rows.count()
        parked = _parked(relation, rows, survivor) if 0 < number <= LOOKED_AT else 0
        add(model._meta.label_lower, number, parked)
    for reference in moving_references():
        owner: Any = reference.model
        found = owner._base_manager.filter(**{reference.column: gone.pk, reference.label_column: kind.label})
        add(owner._meta.label_lower, found.count(), 0)
    shown_moves = [
        Move(noun_of(label, number), number, parked) for label, (number, parked) in numbers.items()
    ]
    return sorted(shown_moves, key=lambda one: (-one.number, one.noun))


def _parked(relation: Any, rows: Any, survivor: Any) -> int:
    """How many of these rows have their like on the survivor, by the table's own rules."""
    unique = relation.unique or relation.model._meta.unique_together or relation.model._meta.constraints
    if not unique:
        return 0
    return sum(_collides(relation, row, survivor) for row in rows)


def _collides(relation: Any, row: models.Model, survivor: Any) -> bool:
    setattr(row, relation.attname, survivor.pk)
    try:
        row.validate_unique()
        for constraint in row._meta.constraints:
            constraint.validate(type(row), row)
    except ValidationError:
        return True
    return False


def group(kind: MergeKind, number: int) -> Group | None:
    """The open candidates that hang together under a number, with their records; ``None`` when nothing is open."""
    rows = candidates(kind.word).annotate(knot=knot()).filter(knot=number)
    pairs = [in_words(row) for row in rows]
    if not pairs:
        return None
    records = {one.pk: one for two in pairs for one in (two.first, two.second)}
    return Group(
        number, pairs, [records[pk] for pk in sorted(records)], facts_beside(kind.word, list(records))
    )


def knot() -> Any:
    """The number by which candidates hang together."""
    return Coalesce("group", "first_id", output_field=BigIntegerField())


#: Reasons that the queue can be narrowed by.
REASONS: tuple[tuple[str, Any], ...] = (
    ("same_name", gettext_lazy("same name")),
    ("name_turned", gettext_lazy("same name, turned round")),
    ("alike_name", gettext_lazy("names alike")),
    ("initials", gettext_lazy("initials fit")),
    ("same_address", gettext_lazy("same e-mail address")),
    ("same_user", gettext_lazy("same e-mail user")),
    ("user_is_login", gettext_lazy("e-mail user equals login")),
    ("same_login_elsewhere", gettext_lazy("same login elsewhere")),
    ("same_organization", gettext_lazy("same organisation")),
    ("same_web_domain", gettext_lazy("same domain")),
    ("same_path", gettext_lazy("same repository path")),
    ("other_account", gettext_lazy("against: different accounts")),
)
