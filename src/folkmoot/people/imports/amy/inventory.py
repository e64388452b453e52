"""What a reading of AMY listed: kept with the import, for the report of counts on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.utils.translation import ngettext

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.people.imports.amy.lists import NUMBERED_BY_WORD
from folkmoot.people.imports.amy.live import notes_beside
from folkmoot.people.imports.amy.part import models_read
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import sorted_things
from folkmoot.people.imports.amy.unlisted import Numbers, not_listed, numbers_of
from folkmoot.people.models import AmyInventory


@source_parts.declare
class Inventory(Part):
    """The last part: a row for each model, with the numbers of its records."""

    key: ClassVar[str] = "amy.people.inventory"
    source: ClassVar[str] = AMY
    order: ClassVar[int] = 999

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each model that was listed, also for those that nothing here reads."""
        read = models_read()
        found = sorted_things(reading, read)
        reading.notes.extend(notes_beside(reading.root))
        listed: dict[str, Numbers] = {}
        for model, number in sorted(found.counts.items()):
            pks: dict[str, None] = {}
            words: dict[str, str] = {}
            empty = found.empty.get(model, set())
            column = NUMBERED_BY_WORD.get(model)
            if model in read:
                for thing in found.things([model]):
                    if thing.fields.get("is_removed"):
                        continue  # AMY keeps such comments, and lists them nowhere
                    pks[thing.pk] = None
                    if column and thing.fields.get(column):
                        words[str(thing.fields[column])] = thing.pk
            if pks:
                listed[model] = numbers_of(pks)
                number -= len(empty)
                for pk in empty:
                    pks.pop(pk, None)
            packed = AmyInventory.pack(pks) if pks else ""
            yield Row(
                found.name,
                None,
                {
                    "key": model,
                    "model": model,
                    "number": len(pks) or max(number, 0),
                    "packed": packed,
                    "words": words,
                },
            )

        gone = not_listed(listed, is_live=bool(reading.options.get("live")))
        reading.notes.extend(
            ngettext(
                "%(model)s: AMY does not list %(number)d record any more that came before. It stays here; “Counts on "
                "both sides” names it.",
                "%(model)s: AMY does not list %(number)d records any more that came before. They stay here; “Counts "
                "on both sides” names them.",
                len(pks_gone),
            )
            % {"model": model, "number": len(pks_gone)}
            for model, pks_gone in gone.items()
        )

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Keep them; the undo of the import takes them back."""
        there = set(AmyInventory.objects.filter(run=changes.run).values_list("model", flat=True))
        new = [
            AmyInventory(
                run=changes.run,
                model=row.payload["model"][:100],
                number=row.payload["number"],
                packed=row.payload["packed"],
                words=row.payload["words"],
            )
            for row in rows
            if row.payload["model"][:100] not in there
        ]
        changes.create(AmyInventory, new, counter="")
