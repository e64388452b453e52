"""What a list is made of: columns, bulk actions, its empty state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Column:
    """A column of a list, on the page and in its exports.

    Attributes:
        key: its name in the address; unique in the list.
        value: an attribute path (``"project.name"``) or a function of the row.
        link: a function of the row that gives an address; the first column should have one.
        sort: the field it sorts by; ``""``: it cannot be sorted by.
        shown: whether it is shown before anybody chose columns.
        number: right-aligned figures.
        avatar: a round picture with the value's initials stands before it.
        template: a cell template that gets ``row`` and ``value``.
        export: the value for CSV and XLSX, where it differs from ``value``.
    """

    key: str
    label: Any
    value: str | Callable[[Any], Any]
    link: Callable[[Any], str | None] | None = None
    sort: str = ""
    shown: bool = True
    number: bool = False
    avatar: bool = False
    template: str = ""
    export: Callable[[Any], Any] | None = None

    def read(self, row: Any) -> Any:
        """The row's value for the page; ``None`` where a step of the path is missing."""
        if callable(self.value):
            return self.value(row)
        found = row
        for step in self.value.split("."):
            found = found.get(step) if isinstance(found, dict) else getattr(found, step, None)
            if found is None:
                return None
        return found() if callable(found) else found

    def read_export(self, row: Any) -> Any:
        """The row's value for a file."""
        return self.export(row) if self.export else self.read(row)


@dataclass(frozen=True)
class Done:
    """What a bulk action did, and the address that takes it back."""

    text: str
    undo_url: str = ""


@dataclass(frozen=True)
class GoTo:
    """Where a bulk action leads that asks for more first."""

    url: str


@dataclass(frozen=True)
class BulkAction:
    """Something done with all selected rows.

    ``run(user=…, queryset=…)`` does it and returns the sentence for the toast, or :class:`Done` when it can be taken
    back, or the address of a page that asks for more (:class:`GoTo`); a ``ValidationError`` becomes a toast too.
    ``confirm`` names the consequence, where undo cannot serve.
    """

    key: str
    label: Any
    permission: str
    run: Callable[..., Any]
    confirm: Any = None
    icon: str = ""


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what would be here, and the first step."""

    title: Any
    text: Any = ""
    action_label: Any = ""
    url_name: str = ""
    permission: str = ""
    icon: str = "inbox"


QuerySetFilter = Callable[[QuerySet[Any], Any], QuerySet[Any]]
