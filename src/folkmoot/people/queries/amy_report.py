"""AMY and this house side by side: how many records of each kind are there, how many came, and what of the others.

What AMY has is what the last applied reading listed (:class:`AmyInventory`); what is here is looked up anew each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState, SeenRecord
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.people.imports.amy.mapped import Left, amy_models, record_inside
from folkmoot.people.imports.amy.part import AmyPart
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.unlisted import not_listed, number_of, numbers_of
from folkmoot.people.models import AmyInventory

#: So many records of a kind are named one by one on the page; the CSV has all.
NAMED = 20


@dataclass(frozen=True)
class Named:
    """One record that is not on both sides."""

    pk: str
    state: str
    why: str = ""


@dataclass
class Line:
    """One of AMY's models.

    Attributes:
        there: how many AMY listed.
        here: how many of those are here.
        rejected: could not be used, each with its reason.
        removed: came once, and somebody here removed them.
        missing: neither here nor explained.
        unlisted: came once, and this reading did not list them any more; they stay here.
        kept: records that are here of which a value was left out or kept as it is here.
        goes_to: what they are here.
        why: why none of them came; empty for models that are taken over.
        beside: they are no records of their own here, but part of others.
    """

    model: str
    there: int = 0
    here: int = 0
    goes_to: str = ""
    why: str = ""
    beside: bool = False
    rejected: list[Named] = field(default_factory=list)
    removed: list[Named] = field(default_factory=list)
    missing: list[Named] = field(default_factory=list)
    unlisted: list[Named] = field(default_factory=list)
    kept: int = 0

    @property
    def named(self) -> list[Named]:
        """What differs, record by record."""
        return [*self.missing, *self.rejected, *self.removed, *self.unlisted]

    @property
    def state(self) -> str:
        """In a word: ``equal``, ``explained`` (every record that is not here has its reason), ``missing``, ``left``,
        ``beside``."""
        if self.why:
            return "left"
        if self.missing:
            return "missing"
        if self.beside:
            return "beside"
        return "equal" if self.here == self.there and not self.unlisted else "explained"


@dataclass
class Report:
    """All of it. ``run``: the reading that it is about."""

    run: ImportRun
    lines: list[Line]

    @property
    def is_whole(self) -> bool:
        """Whether everything that AMY listed is here or explained."""
        return not any(line.missing for line in self.lines)

    @property
    def taken(self) -> list[Line]:
        """The models whose records are records here."""
        return [line for line in self.lines if not line.why and not (line.beside and not line.here)]

    @property
    def there(self) -> int:
        """How many records of them AMY listed."""
        return sum(line.there for line in self.taken)

    @property
    def here(self) -> int:
        """How many of those are here."""
        return sum(line.here for line in self.taken)


def runs_to_report() -> list[ImportRun]:
    """Applied readings of AMY, the newest first."""
    runs = ImportRun.objects.filter(source=AMY, state=RunState.APPLIED)
    return list(runs.order_by("-applied_at", "-pk")[:50])


def report(run: ImportRun) -> Report:
    """The counts of both sides, for one reading; some queries, and one for each table here."""
    listed = {row.model: row for row in AmyInventory.objects.filter(run=run)}
    here, gone = _here()
    reasons, kept = _rejections(run)
    parts = [part for part in source_parts if isinstance(part, AmyPart)]
    read = {model for part in parts for model in (*part.models, *part.stands)}
    numbers = {model: numbers_of(row.pks) for model, row in listed.items() if row.packed}
    unlisted = not_listed(numbers, is_live=bool(run.options.get("live")), run=run)
    lines = [
        _line(model, listed.get(model), unlisted.get(model, []), here, gone, reasons, kept, model in read)
        for model in sorted(listed.keys() | unlisted.keys())
    ]
    return Report(run, lines)


def _line(
    model: str, row: AmyInventory | None, unlisted: list[str], here: _Records, gone: _Records,
    reasons: Mapping[str, Mapping[str, str]], kept: Mapping[str, set[str]], is_read: bool,
) -> Line:  # fmt: skip
    declared = amy_models.get(model)
    goes_to = declared.goes_to if declared is not None else ""
    line = Line(model, there=row.number if row is not None else 0)
    if isinstance(goes_to, Left):
        line.why = str(goes_to.why)
        return line
    if declared is None:
        line.why = _("not known here: nothing reads it")
        return line
    line.goes_to = str(goes_to)
    pks = row.pks if row is not None else []
    why = reasons.get(model, {})
    line.beside = not is_read
    is_here, is_gone = here.get(model, set()), gone.get(model, set())
    line.kept = sum(number_of(pk) in is_here for pk in kept.get(model, set()).intersection(pks))
    for pk in pks:
        if number_of(pk) in is_here:
            line.here += 1
        elif pk in why:
            line.rejected.append(Named(pk, "rejected", why[pk]))
        elif number_of(pk) in is_gone:
            line.removed.append(Named(pk, "removed", _("somebody removed it here, or asked to be forgotten")))
        elif is_read:
            line.missing.append(Named(pk, "missing", _("nothing was made of it, and nobody said why")))
    why_not = _("AMY did not list it any more; here it stays")
    line.unlisted = [Named(pk, "unlisted", why_not) for pk in unlisted]
    return line


#: Model -> numbers of its records, held small.
_Records = Mapping[str, set[int | str]]


def _here() -> tuple[_Records, _Records]:
    """AMY's records that something here was made of, and those that were removed here since; two statements a table."""
    here: dict[str, set[int | str]] = defaultdict(set)
    gone: dict[str, set[int | str]] = defaultdict(set)
    parts: dict[str, set[int | str]] = defaultdict(set)
    whole: set[str] = set()
    seen = SeenRecord.objects.filter(source=AMY)
    for table in seen.values_list("table", flat=True).distinct().order_by("table"):
        there = set(apps.get_model(table)._base_manager.values_list("pk", flat=True)) if table else set()
        rows = seen.filter(table=table).values_list("key", "row", "is_gone")
        for key, row, is_gone in rows.iterator(chunk_size=5000):
            is_here = not is_gone and bool(row) and number_of(row) in there
            model, _slash, rest = (record_inside(key) or key).partition("/")
            record, mark, _part = rest.partition("#")
            if not mark:
                (here if is_here else gone)[model].add(number_of(record))
                if "/" not in record:
                    whole.add(model)
            if is_here:
                parts[model] |= {number_of(record), number_of(record.partition("/")[0])}
    # of some models nothing is remembered but what their records became: "workshops.membership/1/party/2"
    for model, records in parts.items():
        if model not in whole:
            here[model] |= records
    return here, {model: records - here[model] for model, records in gone.items()}


def _rejections(run: ImportRun) -> tuple[dict[str, dict[str, str]], dict[str, set[str]]]:
    """Model -> number -> the first reason; and model -> numbers of which something was listed."""
    reasons: dict[str, dict[str, str]] = defaultdict(dict)
    listed: dict[str, set[str]] = defaultdict(set)
    rows = RejectedRow.objects.filter(run=run).order_by("pk").values_list("field", "reason", "content")
    for field_name, reason, content in rows.iterator(chunk_size=1000):
        model, pk = _what(content)
        if model:
            reasons[model].setdefault(pk, f"{field_name}: {reason}" if field_name else reason)
            listed[model].add(pk)
    return reasons, listed


#: A column by which the records of these are known, where a part keeps a record's columns alone.
_KNOWN_BY = (("username", "workshops.person"), ("fullname", "workshops.organization"))


def _what(content: Any) -> tuple[str, str]:
    """Which record of AMY's a rejected row is about, however its part keeps it."""
    if not isinstance(content, dict):
        return "", ""
    record = content.get("record")
    said: dict[str, Any] = record if isinstance(record, dict) else content
    model = said.get("model") or next((model for column, model in _KNOWN_BY if column in said), "")
    return (str(model), str(said.get("pk", ""))) if model else ("", "")


def rows(found: Report) -> Iterator[list[str]]:
    """The report as a table: a row for each model, then one for each record that differs."""
    yield ["model", "here", "in AMY", "came", "missing", "rejected", "removed here", "not listed any more",
           "with something left out", "state", "number in AMY", "why"]  # fmt: skip
    for line in found.lines:
        numbers = [line.there, line.here, len(line.missing), len(line.rejected), len(line.removed),
                   len(line.unlisted), line.kept]  # fmt: skip
        yield [line.model, line.goes_to, *map(str, numbers), line.state, "", line.why]
        for one in line.named:
            yield [line.model, line.goes_to, "", "", "", "", "", "", "", one.state, one.pk, one.why]
