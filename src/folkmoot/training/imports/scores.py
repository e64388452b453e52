"""``training_scores.csv``: points that people gave applications by hand, out of the list and in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.sources import (
    Column,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.saving import block
from folkmoot.training.models import RECEIVED, Request
from folkmoot.training.models.scoring import MOST_POINTS

#: Points by hand are between minus this and this.
MOST = 10 * MOST_POINTS

SOURCE = sources.register(
    Source(
        key="scores.csv",
        label=_("Points of requests from a table"),
        help=_(
            "A CSV or XLSX file with a row for each request: its number, points by hand, a note. Empty points "
            "leave the points as they are, and so does an empty note; a dash takes the points back."
        ),
        takes="file",
        permission="training.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column("request_id", _("number"), required=True, known_as=("request", "number", "id"), example="12"),
            Column("score_manual", _("points by hand"), known_as=("points", "score"), example="7"),
            Column("score_notes", _("note on the points"), known_as=("note", "notes"), example="Teaches already"),
        ),
        order=76,
        results=((_("Requests"), "training:requests"),),
    )
)  # fmt: skip


@source_parts.declare
class Scores(Part):
    """Rows of a table of points."""

    key: ClassVar[str] = "scores.csv.training.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 350
    chunk_size: ClassVar[int] = 500
    counters: ClassVar[tuple[str, ...]] = ("requests",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each request; the second row of a request is left out."""
        table = reading.table()
        headings = [heading for heading in table.headings if heading]
        mapping = settle(SOURCE, headings, reading.mapping, file=table.name)
        met: dict[int, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(table.name, line, "", cells)
                continue
            row = {name: str(cells.get(heading, "") or "").strip() for name, heading in mapping.items()}
            number = _whole(row["request_id"])
            points = row.get("score_manual", "")
            if number is None or number < 1:
                yield Rejection(
                    table.name, line, mapping["request_id"], _now("this is no number of a request"), row
                )
                continue
            if points not in ("", "-", "–") and (
                (whole := _whole(points)) is None or not -MOST <= whole <= MOST
            ):
                why = _now("points are whole numbers between -%(n)d and %(n)d") % {"n": MOST}
                yield Rejection(table.name, line, mapping["score_manual"], why, row)
                continue
            if number in met:
                why = _now("line %(line)d is this request already: this row is left out") % {
                    "line": met[number]
                }
                yield Rejection(table.name, line, mapping["request_id"], why, row)
                continue
            met[number] = line
            yield Row(table.name, line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Give the points; one query for the requests."""
        numbers = [int(row.payload["request_id"]) for row in rows]
        known = Request.objects.filter(state__in=RECEIVED).in_bulk(numbers)
        given: list[tuple[Request, dict[str, Any]]] = []
        for row, number in zip(rows, numbers, strict=True):
            request = known.get(number)
            if request is None:
                changes.reject(row, "request_id", _now("there is no request of this number"))
                continue
            values: dict[str, Any] = {}
            points, note = row.payload.get("score_manual", ""), row.payload.get("score_notes", "")
            if points:
                values["score_manual"] = None if points in ("-", "–") else _whole(points)
            if note:
                values["score_notes"] = block(note)
            given.append((request, values))
        changes.update(Request, given, counter="requests")


def _whole(words: str) -> int | None:
    """A whole number as spreadsheets write it, too ("7.0")."""
    bare = words.strip().removesuffix(".0")
    digits = bare.removeprefix("-")
    return int(bare) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
