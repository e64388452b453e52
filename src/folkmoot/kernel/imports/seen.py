"""Bringing rows of any table in line with a source, three ways, again and again while both sides are worked on.

For each value there are three: what the source says now, what it said last time (a digest, kept as a ``SeenRecord``),
and what the row holds.

* The source says what it said before: the row is left alone, whatever somebody made of it.
* The source says something new, or nothing any more, and the row holds what the source said before: that is taken.
* The source says something new and the row holds something else: the row keeps its value, and that is listed.
* A row that was here before the source was read for the first time: what is empty is filled, nothing is replaced.
* A row that somebody removed here stays removed.

See docs/decisions/three-way-import.md.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes, field_of, to_json, typed
from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.sources import Rejection, Row

M = TypeVar("M", bound=models.Model)
_NOTHING = ("", None)


@dataclass(frozen=True)
class Wanted:
    """A record as the source has it now.

    Attributes:
        key: the source's own name of it, unique within the source: ``workshops.event/12``.
        values: what the source says, by column (``attname``: foreign keys as ``host_id``).
        found: a row that is here already and is the same, where the source was never read before.
        fixed: more columns, set only when the row is made.
        row: the staged row that says so, for what is listed.
        names: what the source calls a column, where it is listed under another name.
    """

    key: str
    values: Mapping[str, Any]
    found: models.Model | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    row: Row | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def bring(
    changes: Changes,
    *,
    source: str,
    model: type[M],
    wanted: Sequence[Wanted],
    counter: str,
    reckon: Callable[[M], Mapping[str, Any]] | None = None,
) -> dict[str, M]:
    """Make what is new, take what the source changed, keep what was changed here; a fixed number of statements.

    Applied again it changes nothing. Of two records with one key the last counts.

    Args:
        counter: as in :meth:`Changes.create`.
        reckon: columns that ``save`` would reckon (folded names and the like), from a row with its new values.

    Returns:
        key -> row, without those that somebody removed here.

    Raises:
        ValidationError: a value is not of its column's kind, or too long; the engine lists the record.
    """
    records = {one.key: one for one in wanted}
    seen = {one.key: one for one in SeenRecord.objects.filter(source=source, key__in=records)}
    table = model._meta.label_lower
    numbers = {int(one.row) for one in seen.values() if one.row and one.table == table}
    here = {row.pk: row for row in model._base_manager.filter(pk__in=numbers)} if numbers else {}
    kept: dict[str, M] = {}
    new: dict[str, M] = {}
    changed: list[tuple[M, dict[str, Any]]] = []
    noted: list[tuple[SeenRecord, dict[str, Any]]] = []
    fresh: list[tuple[str, dict[str, str]]] = []
    for key, one in records.items():
        known = seen.get(key)
        now = {name: typed(model, name, value) for name, value in one.values.items()}
        said = {name: digest(to_json(model, name, value)) for name, value in now.items()}
        is_known = known is not None and bool(known.row) and known.table == table
        row: Any = here.get(int(known.row)) if known is not None and is_known else one.found
        if known is not None and is_known and row is None:
            noted.append((known, {"is_gone": True, "said": {}}))
            continue
        if row is None:
            row = model(**now, **one.fixed)
            for name, value in (reckon(row) if reckon else {}).items():
                setattr(row, name, value)
            new[key] = row
        else:
            before = known.said if known is not None and is_known else {}
            changed.append((row, _settle(changes, one, model, row, now, said, before, reckon)))
            kept[key] = row
        if known is None or not is_known:
            fresh.append((key, said))
        else:
            # what it says nothing of this time, it still said last time: a part of a source tells less than the whole
            noted.append((known, {"said": {**known.said, **said}, "is_gone": False}))
    changes.create(model, list(new.values()), counter=counter)
    changes.update(model, changed, counter=counter)
    kept |= new
    again = [(seen[key], {"said": said, "table": table, "row": str(kept[key].pk), "is_gone": False})
             for key, said in fresh if key in seen]  # fmt: skip
    records_made = [
        SeenRecord(source=source, key=key, table=table, row=str(kept[key].pk), said=said)
        for key, said in fresh
        if key not in seen
    ]
    changes.create(SeenRecord, records_made, counter="")
    changes.update(SeenRecord, noted + again, counter="")
    return {key: kept[key] for key in records if key in kept}


def _settle(
    changes: Changes, one: Wanted, model: type[M], row: M, now: Mapping[str, Any], said: Mapping[str, str],
    before: Mapping[str, str], reckon: Callable[[M], Mapping[str, Any]] | None,
) -> dict[str, Any]:  # fmt: skip
    """The values to set on a row that is here, three ways; what both sides changed is listed."""
    values: dict[str, Any] = {}
    for name, value in now.items():
        held = getattr(row, name)
        if held == value:
            continue
        if name not in before:  # never said of this row: only what is empty is filled
            if held in _NOTHING:
                values[name] = value
        elif before[name] == said[name]:
            continue
        elif before[name] == digest(to_json(model, name, held)):
            values[name] = value
        else:
            _list(changes, one, model, name, value, held)
    if values and reckon is not None:
        later = copy.copy(row)
        for name, value in values.items():
            setattr(later, name, value)
        values |= reckon(later)
    return values


def _list(changes: Changes, one: Wanted, model: type[models.Model], name: str, value: Any, held: Any) -> None:
    why = _(
        "the source says “%(now)s” now; here it is “%(held)s”, which is not what the source said before: "
        "what is here was kept"
    ) % {"now": _shown(value), "held": _shown(held)}
    column = one.names.get(name) or field_of(model, name).name
    row = one.row or Row(one.key, None, {})
    changes.rejections.append(Rejection(row.file, row.line, column, why, dict(row.payload)))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)[:100]


def rows_of(source: str, keys: Iterable[str]) -> dict[str, int]:
    """The rows that were made of these records (key -> primary key), as far as they are here; one statement."""
    wanted = set(keys)
    if not wanted:
        return {}
    found = SeenRecord.objects.filter(source=source, key__in=wanted, is_gone=False).exclude(row="")
    return {key: int(row) for key, row in found.values_list("key", "row")}


def note_seen(changes: Changes, *, source: str, model: type[models.Model], rows: Mapping[str, int]) -> None:
    """Remember which rows records became (key -> primary key) that another way than :func:`bring` keeps up to date."""
    known = {one.key: one for one in SeenRecord.objects.filter(source=source, key__in=set(rows))}
    table = model._meta.label_lower
    fresh = [
        SeenRecord(source=source, key=key, table=table, row=str(pk))
        for key, pk in rows.items()
        if key not in known
    ]
    changes.create(SeenRecord, fresh, counter="")
    moved = [
        (known[key], {"row": str(pk), "table": table, "is_gone": False})
        for key, pk in rows.items()
        if key in known
    ]
    changes.update(SeenRecord, moved, counter="")


def digest(value: Any) -> str:
    """What is kept of a value: enough to tell whether it is still the same, and nothing to read it from."""
    text = json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "replace"), key=_key(), digest_size=8).hexdigest()


def _key() -> bytes:
    return _key_of(settings.SECRET_KEY)


@lru_cache(maxsize=2)
def _key_of(secret: str) -> bytes:
    return salted_hmac("folkmoot.kernel.imports.seen", "said", secret=secret, algorithm="sha256").digest()
