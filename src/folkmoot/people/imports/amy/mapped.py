"""Where everything of AMY's went: each part says of every model and column where it is here, or why nowhere.

The table in the guide is made from this, the report of counts stands on it, and what a dump holds beyond it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Left:
    """A column or model that is not taken over, and why."""

    why: Any


def left(why: Any) -> Left:
    """Not taken over, for this reason (in words, translatable)."""
    return Left(why)


#: Where it went, in words ("Person.name"), or why nowhere.
Where = Any  # str (also a lazy one) | Left


@dataclass
class AmyModel:
    """A model of AMY's.

    Attributes:
        model: ``workshops.event``.
        goes_to: where its records went ("Event"), or why nowhere.
        fields: column -> where it went.
    """

    model: str
    goes_to: Where = ""
    fields: dict[str, Where] = field(default_factory=dict)

    @property
    def is_left_out(self) -> bool:
        """Whether no record of it is taken over."""
        return isinstance(self.goes_to, Left)


class AmyModels:
    """All models that some part has declared, in the order of declaration."""

    def __init__(self) -> None:
        self._models: dict[str, AmyModel] = {}

    def declare(self, model: str, goes_to: Where = "", fields: Mapping[str, Where] | None = None) -> None:
        """Say where a model's records and columns went. Several parts may declare columns of one model.

        Args:
            goes_to: where its records went; said by one part only.

        Raises:
            ImproperlyConfigured: two parts say it of the same column, or of the model.
        """
        known = self._models.setdefault(model, AmyModel(model))
        if goes_to and known.goes_to:
            raise ImproperlyConfigured(f"Two parts say where {model} went.")
        known.goes_to = goes_to or known.goes_to
        for name, where in (fields or {}).items():
            if name in known.fields:
                raise ImproperlyConfigured(f"Two parts say where {model}.{name} went.")
            known.fields[name] = where

    def __iter__(self) -> Iterator[AmyModel]:
        return iter(sorted(self._models.values(), key=lambda one: one.model))

    def __contains__(self, model: object) -> bool:
        return model in self._models

    def get(self, model: str) -> AmyModel | None:
        """What was declared of the model, if anything."""
        return self._models.get(model)

    def knows(self, model: str, name: str) -> bool:
        """Whether somebody said where this column went. Of a model that is left out nobody needs to."""
        known = self._models.get(model)
        return known is not None and (known.is_left_out or name in known.fields)


amy_models = AmyModels()


#: Ends the key by which a record is remembered that has no row of its own here, but stands in that of another one.
_INSIDE = "#inside"


def inside(key: str) -> str:
    """How a record ("django_comments.comment/12") is remembered that stands in the row of another one."""
    return f"{key}{_INSIDE}"


def record_inside(key: str) -> str:
    """The other way: the record, or nothing where the key is none of :func:`inside`."""
    return key.removesuffix(_INSIDE) if key.endswith(_INSIDE) else ""


#: Model of AMY's -> the name of the address of the list in which its records stand here, for links of the report.
amy_pages: dict[str, str] = {
    "workshops.person": "people:people",
    "workshops.organization": "people:organizations",
    "workshops.tag": "people:tags",
}
