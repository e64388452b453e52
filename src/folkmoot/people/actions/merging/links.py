"""What points at a record: reckoned from the schema, so that no table can be forgotten.

A foreign key, a one-to-one or a many-to-many relation needs no word here. What does:

* a table whose rows want more than another number in one column: :class:`Mover`;
* a column that names a record without being a foreign key: :class:`GenericReference`. ``tests/people`` fails when a
  table holds such a column that nobody declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from folkmoot.kernel.imports.undo import relations_to
from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.people.actions.merging.rows import Back, Log

Relation = models.ForeignKey[Any, Any]


@dataclass(frozen=True)
class Mover:
    """Moves the rows of one table in its own way.

    Attributes:
        key: the model's label ("people.personcandidate").
        move: ``move(log, survivor id, gone id)`` moves and parks through the log, so that all is remembered.
        back: ``back(back, row)`` takes one remembered row back that the log keeps with the field ``own:…``.
    """

    key: str
    move: Callable[[Log, int, int], None]
    back: Callable[[Back, Any], None]
    order: int = 0


movers: Registry[Mover] = Registry("mover")


@dataclass(frozen=True)
class GenericReference:
    """A column that can name a record of any kind.

    Attributes:
        key: ``app.model.column``.
        why: why it stays as it is; empty when it moves.
        label_column: the column beside it that holds the record's label ("people.person"). It then moves.
    """

    key: str
    why: str = ""
    label_column: str = ""
    order: int = 0

    @property
    def model(self) -> type[models.Model] | None:
        """The table; ``None`` where its app is not installed."""
        label, _dot, _column = self.key.rpartition(".")
        try:
            return apps.get_model(label)
        except LookupError:
            return None

    @property
    def column(self) -> str:
        """The column's name."""
        return self.key.rpartition(".")[2]


generic_references: Registry[GenericReference] = Registry("generic reference")


def links_to(model: type[models.Model]) -> Iterator[Relation]:
    """Every column that points at this model, those of many-to-many tables too, but those with a mover of their own."""
    for relation in relations_to(model):
        if relation.model._meta.label_lower not in movers:
            yield relation


def movers_for(model: type[models.Model]) -> Iterator[Mover]:
    """The movers of tables that point at this model, each once."""
    for label in dict.fromkeys(relation.model._meta.label_lower for relation in relations_to(model)):
        if label in movers:
            yield movers.get(label)


def moving_references() -> Iterator[GenericReference]:
    """The generic references that a merge moves."""
    return (one for one in generic_references if one.label_column and one.model is not None)


_STAYS_A_LOG = "It tells what was; the address it leads to goes on to the record that stayed."
for _key, _why in (
    ("kernel.importchange.object_id", "An undo of the import looks for the very row, which an undo brings back."),
    ("kernel.importchange.before", "As object_id."),
    ("kernel.importchange.after", "As object_id."),
    ("kernel.searchentry.object_id", "Both records are indexed anew in the merge's own transaction."),
    ("people.merge.survivor_id", "A merge of the survivor is a link of a chain: find_current() follows it."),
    ("people.merge.gone_id", "As survivor_id."),
    ("people.merge.gone", "The record that is gone, as it was."),
    ("people.merge.before", "What was there before."),
    ("people.merge.grounds", _STAYS_A_LOG),
    ("people.mergedrow.row_id", "The rows keep their numbers."),
    ("people.mergedrow.data", "Parked rows as they were; an undo asks for the newer merge first."),
):  # fmt: skip
    generic_references.register(GenericReference(_key, _why))
