"""What every part of the source "amy" has in common: it names its models, and is handed their things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.people.imports.amy.mapped import amy_models
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import Sorted, Thing, sorted_things

#: So many columns that nobody declared are named one by one.
_NAMED = 100


class AmyPart(Part):
    """A part that reads some models of AMY's. Its ``apply`` turns rows into things with :func:`thing_of`."""

    source: ClassVar[str] = AMY
    #: The models it reads, in the order in which they are applied.
    models: ClassVar[tuple[str, ...]]
    #: Small models whose words it needs while it reads: see :meth:`things`.
    looks_up: ClassVar[tuple[str, ...]] = ()

    #: Models whose records it remembers as standing in those of others (:func:`~.mapped.inside`), beside its own.
    stands: ClassVar[tuple[str, ...]] = ()

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """The field and the reason, when this thing cannot be used at all: it is then left out and listed."""
        return None

    def left_out(self, thing: Thing) -> Iterable[tuple[str, str]]:
        """Field and reason of values that cannot be used, while the rest of the thing is."""
        return ()

    def things(self, found: Sorted) -> Iterator[Thing]:
        """The part's things, in the order in which they are staged. A part that has to know words of a small model
        (a language, a kind) puts them into the fields here: ``found.lookup("workshops.language")``.
        """
        return found.things(self.models)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each thing of the part's models."""
        found = sorted_things(reading, models_read())
        yield from _told(reading, found)
        for thing in self.things(found):
            row = row_of(found.name, thing)
            problem = self.problem(thing)
            for name, why in self.left_out(thing) if problem is None else [problem]:
                yield Rejection(found.name, thing.line, name, why, dict(row.payload))
            if problem is None:
                yield row


def row_of(file: str, thing: Thing) -> Row:
    """The row that is staged for a thing."""
    return Row(file, thing.line, {"model": thing.model, "pk": thing.pk, "fields": dict(thing.fields)})


def thing_of(row: Row) -> Thing:
    """The thing that a staged row holds."""
    return Thing(row.payload["model"], row.payload["pk"], row.payload["fields"], row.line)


def things_of(rows: Iterable[Row], model: str) -> list[tuple[Row, Thing]]:
    """The rows of one model with their things."""
    return [(row, thing_of(row)) for row in rows if row.payload["model"] == model]


def moment(value: Any) -> dt.datetime | None:
    """A moment as a dump writes it, in UTC where it says no zone; ``None`` for what is none."""
    try:
        found = parse_datetime(str(value or ""))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or dt.UTC) if found else None


def models_read() -> list[str]:
    """Every model that some part reads or looks something up in."""
    parts = [part for part in source_parts if isinstance(part, AmyPart)]
    return list(dict.fromkeys(model for part in parts for model in (*part.models, *part.looks_up)))


def amy_things(reading: Reading, model: str) -> Iterator[Thing]:
    """The things of a model that some part reads or needs."""
    return sorted_things(reading, models_read()).things((model,))


def _told(reading: Reading, found: Sorted) -> Iterator[Rejection]:
    """Once for each reading: what is broken in it, and what it holds that nobody here has heard of."""
    if found.told:
        return
    found.told = True
    yield from found.broken
    read = set(models_read())
    unknown = [(model, number) for model, number in sorted(found.counts.items()) if model not in amy_models]
    for model, number in unknown:
        reading.notes.append(
            ngettext(
                "%(model)s: %(number)d record of a kind that is not known here: it was not read.",
                "%(model)s: %(number)d records of a kind that is not known here: they were not read.",
                number,
            )
            % {"model": model, "number": number}
        )
    columns = [
        (model, name, number)
        for (model, name), number in sorted(found.fields.items())
        if model in read and not amy_models.knows(model, name)
    ]
    for model, name, number in columns[:_NAMED]:
        reading.notes.append(
            ngettext(
                "%(model)s.%(name)s: %(number)d value in a column that is not known here.",
                "%(model)s.%(name)s: %(number)d values in a column that is not known here.",
                number,
            )
            % {"model": model, "name": name, "number": number}
        )
    if len(columns) > _NAMED:
        reading.notes.append(
            _("And %(number)d more columns that are not known here.") % {"number": len(columns) - _NAMED}
        )
