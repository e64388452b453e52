"""Filters of a list: words in its address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean
from folkmoot.kernel.ui.lists.declare import QuerySetFilter

#: What is longer is cut before anybody looks at it.
MAX_LENGTH = 200
MAX_VALUES = 50


def words(params: QueryDict, key: str) -> list[str]:
    """The cleaned values of a parameter: NUL and control characters gone, at most 50, at most 200 characters each."""
    found = []
    for raw in params.getlist(key)[:MAX_VALUES]:
        value = clean("".join(c for c in raw[: MAX_LENGTH * 4] if c.isprintable()))[:MAX_LENGTH]
        if value:
            found.append(value)
    return found


@dataclass(frozen=True)
class Option:
    """One choice of a filter, ready for the page."""

    value: str
    label: Any
    is_chosen: bool


@dataclass
class Bound:
    """A filter with what the address says of it."""

    filter: Filter
    #: As it stands in the address, canonical; empty: says nothing.
    raw: list[str] = field(default_factory=list)
    #: Gives the choices, when somebody looks: a file or a part of a page shows none.
    offered: Callable[[], list[Option]] = list

    @cached_property
    def options(self) -> list[Option]:
        """What one chooses from; empty where it is typed."""
        return self.offered()

    @property
    def is_active(self) -> bool:
        """The address says something of it."""
        return bool(self.raw)

    @property
    def is_typed(self) -> bool:
        """The person types into it instead of choosing."""
        return self.filter.kind in ("text", "date")

    @property
    def value(self) -> str:
        """The first word, for filters that have one."""
        return self.raw[0] if self.raw else ""

    @property
    def chips(self) -> list[tuple[str, Any]]:
        """What is chosen: (word in the address, label)."""
        labels = {option.value: option.label for option in self.options}
        return [(word, labels.get(word, word)) for word in self.raw]


@dataclass(frozen=True)
class Filter:
    """A filter: its word in the address, its label, and how it narrows the rows."""

    kind: ClassVar[str]
    key: str
    label: Any
    apply: QuerySetFilter

    def bind(self, params: QueryDict) -> Bound:
        """Read the address; what it cannot mean is left out."""
        raise NotImplementedError

    def narrow(self, queryset: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
        """The rows that pass."""
        return self.apply(queryset, bound.value) if bound.raw else queryset


@dataclass(frozen=True)
class TextFilter(Filter):
    """A word that is typed."""

    kind = "text"

    def bind(self, params: QueryDict) -> Bound:
        return Bound(self, words(params, self.key)[:1])


@dataclass(frozen=True)
class DateFilter(Filter):
    """A day; ``apply`` is given a date."""

    kind = "date"

    def bind(self, params: QueryDict) -> Bound:
        for word in words(params, self.key)[:1]:
            try:
                return Bound(self, [dt.date.fromisoformat(word).isoformat()])
            except ValueError:
                break
        return Bound(self)

    def narrow(self, queryset: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
        return self.apply(queryset, dt.date.fromisoformat(bound.value)) if bound.raw else queryset


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One or several of given choices; ``apply`` is given the list of chosen values.

    ``choices`` is a list of (value, label) or a function that returns one (at most one query).
    """

    kind = "choice"
    choices: Sequence[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]] = ()
    many: bool = True

    def bind(self, params: QueryDict) -> Bound:
        said = words(params, self.key)
        if not said:
            return Bound(self, [], lambda: self._options([]))
        options = self._options(said)
        known = {option.value for option in options}
        chosen = list(dict.fromkeys(word for word in said if word in known))
        if not self.many and len(chosen) > 1:
            chosen = chosen[:1]
            options = [replace(one, is_chosen=one.value in chosen) for one in options]
        return Bound(self, chosen, lambda: options)

    def _options(self, chosen: Sequence[str]) -> list[Option]:
        offered = self.choices() if callable(self.choices) else self.choices
        return [Option(str(value), label, str(value) in chosen) for value, label in offered]

    def narrow(self, queryset: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
        return self.apply(queryset, bound.raw) if bound.raw else queryset


@dataclass(frozen=True)
class FlagFilter(Filter):
    """Yes or no; ``apply`` is given a bool. ``default`` holds while the address says nothing; ``None``: either."""

    kind = "flag"
    default: bool | None = None
    yes: Any = ""
    no: Any = ""
    either: Any = ""

    def bind(self, params: QueryDict) -> Bound:
        said = next((word for word in words(params, self.key) if word in ("1", "0", "any")), "")
        usual = {True: "1", False: "0", None: "any"}[self.default]
        raw = [said] if said and said != usual else []
        chosen = raw[0] if raw else usual
        options = [
            ("any", self.either or _("Either")),
            ("1", self.yes or _("Yes")),
            ("0", self.no or _("No")),
        ]
        return Bound(self, raw, lambda: [Option(value, label, value == chosen) for value, label in options])

    def narrow(self, queryset: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
        chosen = next(option.value for option in bound.options if option.is_chosen)
        return queryset if chosen == "any" else self.apply(queryset, chosen == "1")
