"""Everything that is stored about one person, as JSON or as a table of contents.

Derived from the schema: every table that names the person, their identities or their account. What such a row says
about others is left out: columns that lead to other people and to other users are not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.audit import has_history
from folkmoot.people.models import Identity, Merge, Person

FORMAT = "folkmoot-person"
VERSION = 1
_CHUNK = 500

#: Columns that are secrets of the house or speak of somebody else, by table; ``*``: of every table.
LEFT_OUT: dict[str, frozenset[str]] = {
    "*": frozenset({"password", "token_hash", "secret_hash", "session_key", "folded", "sort_key", "search"}),
    "mfa.authenticator": frozenset({"data"}),
    "people.personcandidate": frozenset({"reasons", "group"}),
}
#: Keys in JSON under which others are named: who decided, who wrote.
OTHERS = frozenset({"by", "author", "actor", "decided_by"})


@dataclass(frozen=True)
class Table:
    """Rows of one table that are about the person."""

    label: str
    name: str
    rows: QuerySet[Any]


def tables(person: Person) -> list[Table]:
    """Every table with rows about the person, that of the record first; histories come after their tables."""
    found: dict[str, tuple[type[models.Model], Q]] = {}

    def note(model: type[models.Model], where: Q) -> None:
        label = model._meta.label_lower
        found[label] = (model, found[label][1] | where if label in found else where)

    identities = list(Identity.objects.filter(person=person).values_list("pk", flat=True))
    note(Person, Q(pk=person.pk))
    for model, column in _pointing_at(Person):
        note(model, Q(**{column: person.pk}))
    for model, column in _pointing_at(Identity):
        note(model, Q(**{f"{column}__in": identities}))
    merges = Q(model="people.person", survivor_id=person.pk)
    note(Merge, merges)
    if person.user_id is not None:
        note(User, Q(pk=person.user_id))
        for model, column in _pointing_at(User):
            if model is not Person:
                note(model, Q(**{column: person.user_id}))
    made = []
    for label, (model, where) in found.items():
        rows = model._default_manager.filter(where).order_by("pk").distinct()
        made.append(Table(label, str(model._meta.verbose_name_plural), rows))
        if has_history(model):
            made.append(_history(model, person, where))
    return made


def _pointing_at(target: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Every table and column that names a row of ``target`` as its own; links without a way back are made by others."""
    found = []
    for relation in target._meta.related_objects:
        model = relation.related_model
        if not isinstance(model, str) and not relation.many_to_many and not relation.hidden:
            found.append((model, str(relation.field.name)))
    return found


def _history(model: Any, person: Person, where: Q) -> Table:
    table = model.history.model
    names = {field.name for field in table.tracked_fields}
    if model is Person:
        rows = table.objects.filter(id=person.pk)
    elif "person" in names:
        rows = table.objects.filter(person_id=person.pk)
    else:
        rows = table.objects.filter(id__in=model._default_manager.filter(where).values("pk"))
    label = f"{model._meta.label_lower}:history"
    return Table(label, f"{model._meta.verbose_name_plural} (history)", rows.order_by("history_id"))


def stored(person: Person) -> list[tuple[Table, int]]:
    """The tables that hold something about the person, and how many rows each; one query for each table."""
    counted = [(table, table.rows.count()) for table in tables(person)]
    return [(table, number) for table, number in counted if number]


def document(person: Person) -> Iterator[str]:
    """The whole as JSON text, piece by piece: never more than some rows in memory."""
    head = {"format": FORMAT, "version": VERSION, "made_at": clock.now(), "person": person.pk}
    yield json.dumps(head, cls=DjangoJSONEncoder, ensure_ascii=False)[:-1] + ', "tables": {'
    tags = [{"facet": tag.facet, "name": tag.name} for tag in person.tags.all()]
    yield f'\n"people.tag": {json.dumps(tags, ensure_ascii=False)}'
    for table in tables(person):
        yield f',\n"{table.label}": ['
        separator = ""
        for row in _related(table.rows).iterator(chunk_size=_CHUNK):
            yield f"{separator}\n  {_text(row, table.label, person)}"
            separator = ","
        yield "]"
    yield "\n}}\n"


def _related(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what its columns name, in the same query."""
    named = [field.name for field in rows.model._meta.concrete_fields if _is_named(field)]
    return rows.select_related(*named) if named else rows


def _is_named(field: Any) -> bool:
    """Whether a link is written as the name of what it leads to: something that is not itself about people."""
    if not field.is_relation or getattr(field, "db_constraint", True) is False:
        return False
    target = field.related_model
    about_people = {Person, User}
    return target not in about_people and not any(
        other.is_relation and other.related_model in about_people for other in target._meta.concrete_fields
    )


def _text(row: models.Model, label: str, person: Person) -> str:
    return json.dumps(_row(row, label, person), cls=DjangoJSONEncoder, ensure_ascii=False)


def _row(row: models.Model, label: str, person: Person) -> dict[str, Any]:
    hidden = LEFT_OUT["*"] | LEFT_OUT.get(label.removesuffix(":history"), frozenset())
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in hidden:
            continue
        value = getattr(row, field.attname)
        if field.is_relation:
            if _leads_to_others(field):
                continue
            values[field.name] = str(getattr(row, field.name)) if value and _is_named(field) else value
        elif isinstance(field, models.JSONField):
            values[field.name] = _without_others(value)
        elif isinstance(field, models.FileField):
            values[field.name] = str(value)
        elif isinstance(value, bytes | memoryview):
            continue
        else:
            values[field.name] = value
    return values


def _leads_to_others(field: Any) -> bool:
    """People and users: the person themself is known, and others are nobody's business."""
    return field.related_model in (Person, User)


def _without_others(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_others(item) for key, item in value.items() if key not in OTHERS}
    if isinstance(value, list):
        return [_without_others(item) for item in value]
    return value
