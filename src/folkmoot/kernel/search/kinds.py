"""What can be found: each area registers its kinds in its ``plugs.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class Document:
    """One record as the search knows it.

    Attributes:
        id: the record's primary key.
        title: what a hit shows and what counts most ("Ana Pérez").
        subtitle: one more line of a hit ("Editor · anap"); searched like ``text``.
        text: everything else it should be found by: handles, tags, the description.
        url: where a hit leads (a path).
    """

    id: int
    title: str
    subtitle: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class Follow:
    """Another model whose rows are part of this kind's documents.

    ``owner`` names the attribute that holds the record's primary key (``person_id``); for a many-to-many table, the
    column of its through model. When such a row is saved or deleted, the record is indexed again.
    """

    model: type[models.Model]
    owner: str


@dataclass(frozen=True)
class Naming:
    """Other records whose name is part of this kind's documents: the organisations that a person belongs to.

    When such a record gets another name or is deleted, whatever names it is indexed again (:mod:`.naming`).

    Attributes:
        path: the lookup that leads from this kind's model to them ("affiliations__organization").
        column: what documents say of them. Where they are a kind of their own, it is their documents' title.
    """

    path: str
    column: str = "name"


@dataclass(frozen=True)
class SearchKind:
    """A kind of record that can be found.

    Attributes:
        key: unique, short, lower-case letters ("person").
        label: the plural that heads its hits ("People").
        icon: a Bootstrap Icons name.
        permission: who may find it; without the right its records do not exist for the search.
        area: the area it belongs to.
        model: whose rows it holds; saving or deleting one keeps the index up to date.
        documents: ``documents(ids)`` yields a :class:`Document` for each of these records that exists and should be
            found, in a fixed number of queries; a record it leaves out is taken from the index.
        follows: other models that the documents are made of.
        names: other records that the documents name.
    """

    key: str
    label: Any
    icon: str
    permission: str
    area: str
    model: type[models.Model]
    documents: Callable[[Sequence[int]], Iterable[Document]]
    follows: tuple[Follow, ...] = ()
    names: tuple[Naming, ...] = ()
    order: int = 0


search_kinds: Registry[SearchKind] = Registry("search kind")
