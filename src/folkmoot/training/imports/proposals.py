"""``proposals.csv``: proposals for sessions from a table, one row each. What is there already stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
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
from folkmoot.kernel.text import clean, fold
from folkmoot.training.models import Event, Format, Proposal, Unconference

SOURCE = sources.register(
    Source(
        key="proposals.csv",
        label=_("Proposals for sessions from a table"),
        help=_(
            "A CSV or XLSX file with a row for each proposal, and the short name of its event, which is an "
            "unconference. What it needs: between semicolons. A proposal that is there already stays as it is."
        ),
        takes="file",
        permission="training.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column("event", _("event"), required=True, known_as=("slug",), example="2027-03-01-summer"),
            Column("title", _("title"), required=True, known_as=("name", "session"), example="Tea and tide tables"),
            Column("description", _("what it is about"), known_as=("abstract", "about")),
            Column("format", _("format"), known_as=("type",), example="discussion"),
            Column("leader", _("who leads it"), known_as=("speaker", "host"), example="Ana Example"),
            Column("needs", _("what it needs"), known_as=("requirements",), example="Projector"),
            Column("expected", _("how many may come"), known_as=("participants",), example="20"),
            Column("notes", _("address of the notes"), known_as=("notes url",)),
        ),
        order=77,
    )
)  # fmt: skip


def key_of(row: Mapping[str, str]) -> str:
    """What the table calls a proposal: its event and title."""
    return f"{fold(clean(row.get('event', '')))[:100]}/{fold(clean(row.get('title', '')))[:200]}"


def read_row(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What a row says, and (column, why) of what it does not."""
    problems: list[tuple[str, str]] = []
    title = clean(cells.get("title", ""))
    if not title:
        problems.append(("title", _now("is empty: the row is left out")))
    if len(title) > 200:
        problems.append(("title", _now("is longer than %(most)d characters: cut") % {"most": 200}))
    said: dict[str, Any] = {
        "title": title[:200],
        "description": block(cells.get("description", "")),
        "leader_name": clean(cells.get("leader", ""))[:200],
        "needs": list(
            dict.fromkeys(
                word for part in re.split(r"[;\n]", cells.get("needs", "")) if (word := clean(part))
            )
        ),
    }
    kind = fold(cells.get("format", ""))
    labels = {fold(str(label)): value for value, label in Format.choices}
    if kind in Format.values or kind in labels:
        said["format"] = labels.get(kind, kind)
    elif kind:
        problems.append(("format", _now("“%(said)s” is no format: left empty") % {"said": kind[:60]}))
    number = clean(cells.get("expected", ""))
    if number.isascii() and number.isdecimal() and int(number[:9]) <= 100_000:
        said["expected"] = int(number[:9])
    elif number:
        problems.append(("expected", _now("“%(said)s” is no number") % {"said": number[:60]}))
    notes = clean(cells.get("notes", ""))
    if notes:
        try:
            URLValidator(schemes=["http", "https"])(notes)
            said["notes_url"] = notes[:500]
        except ValidationError:
            problems.append(("notes", _now("“%(said)s” is no address") % {"said": notes[:60]}))
    return said, problems


@source_parts.declare
class Proposals(Part):
    """Rows of a table of proposals."""

    key: ClassVar[str] = "proposals.csv.training.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 370
    chunk_size: ClassVar[int] = 500
    counters: ClassVar[tuple[str, ...]] = ("proposals",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each proposal; the second row of one is left out."""
        table = reading.table()
        headings = [heading for heading in table.headings if heading]
        mapping = settle(SOURCE, headings, reading.mapping, file=table.name)
        met: dict[str, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(table.name, line, "", cells)
                continue
            row = {name: cells.get(heading, "") for name, heading in mapping.items()}
            said, problems = read_row(row)
            for column, why in problems:
                yield Rejection(table.name, line, mapping.get(column, column), why, row)
            if not said["title"]:
                continue
            key = key_of(row)
            if key in met:
                why = _now("line %(line)d is this proposal already: this row is left out")
                yield Rejection(table.name, line, mapping["title"], why % {"line": met[key]}, row)
                continue
            met[key] = line
            yield Row(table.name, line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make the proposals that are not there."""
        keys = [key_of(row.payload) for row in rows]
        there = set(
            Proposal.objects.filter(source=SOURCE.key, external_id__in=keys).values_list(
                "external_id", flat=True
            )
        )
        changes.unchanged("proposals", sum(key in there for key in keys))
        slugs = {clean(row.payload.get("event", ""))[:100] for row in rows}
        events = {
            row.event.slug: row
            for row in Unconference.objects.filter(event__slug__in=slugs).select_related("event")
        }
        known = set(Event.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        made = []
        for row, key in zip(rows, keys, strict=True):
            if key in there:
                continue
            slug = clean(row.payload.get("event", ""))[:100]
            unconference = events.get(slug)
            if unconference is None:
                why = (
                    _now("“%(slug)s” is no unconference: switch it on at the event’s page; left out")
                    if slug in known
                    else _now("no event has the short name “%(slug)s”: left out")
                )
                changes.reject(row, "event", why % {"slug": slug})
                continue
            said, _problems = read_row(row.payload)
            said["needs"] = [word for word in said["needs"] if word in set(unconference.needs)]
            made.append(
                Proposal(
                    **said,
                    unconference=unconference,
                    folded=fold(said["title"])[:200],
                    proposed_at=changes.now,
                    source=SOURCE.key,
                    external_id=key[:320],
                )
            )
        changes.create(Proposal, made, counter="proposals")
