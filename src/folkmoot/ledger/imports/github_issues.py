"""The issues and pull requests of source ``pyopensci``: one item for each repository, author and second of opening."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import clean, fold
from folkmoot.ledger.imports.live import LiveNames
from folkmoot.ledger.imports.repositories import repositories, rules
from folkmoot.ledger.imports.writing import note_seen, put_items, seen_at
from folkmoot.ledger.matching import Opening, named
from folkmoot.ledger.models import Item
from folkmoot.people.public import Project, ensure_identities

COLUMNS = (
    "title",
    "item_opened_by",
    "current_status",
    "labels",
    "created_by",
    "location",
    "contrib_type",
    "repo",
    "type",
)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+")

#: What one file says of an item, column by column; ``None`` for a column that only newer files have.
Said = dict[str, Any]


@dataclass
class _Met:
    """An item while the files are read."""

    repository: str
    author: str
    opened_at: dt.datetime
    file: str
    line: int
    said: dict[str, Said] = field(default_factory=dict)


@source_parts.declare
class Issues(Part):
    """The tables of issues and pull requests; an item that several files name is merged before anything is staged."""

    key: ClassVar[str] = "pyopensci.ledger.issues"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 200
    chunk_size: ClassVar[int] = 1000
    counters: ClassVar[tuple[str, ...]] = ("items", "activities", "projects", "people")

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each item, with what each file says of it; held in memory, some 1 kB for each item."""
        met: dict[str, _Met] = {}
        for path in sorted(reading.root.glob(rules()["files"]), key=lambda path: path.name):
            yield from self._read_file(path, met)
        # An author's items stand together, so that few chunks touch the same identity.
        for external_id, item in sorted(
            met.items(), key=lambda pair: (fold(pair[1].author), pair[1].opened_at)
        ):
            yield Row(
                item.file,
                item.line,
                {
                    "id": external_id,
                    "repository": item.repository,
                    "author": item.author,
                    "opened_at": item.opened_at.isoformat(),
                    "said": item.said,
                },
            )

    def _read_file(self, path: Path, met: dict[str, _Met]) -> Iterator[Rejection]:
        types = list(rules()["types"])
        lines: dict[str, tuple[int, Said]] = {}
        last_cell = types if tables.headings(path)[-1] == "type" else ()
        for line, cells in tables.rows(path, required=COLUMNS, last_cell=last_cell):
            if isinstance(cells, str):
                yield Rejection(path.name, line, "", cells)
                continue
            if problem := _problem(cells):
                yield Rejection(path.name, line, problem[0], problem[1], cells)
                continue
            at = tables.moment(cells["item_opened_by"]).replace(microsecond=0)
            repository, author = clean(cells["repo"]), clean(cells["created_by"])
            external_id = f"{fold(repository)}/{fold(author)}/{at:%Y-%m-%dT%H:%M:%SZ}"
            said = _said(cells)
            if external_id in lines:
                earlier_line, earlier = lines[external_id]
                if _differs(earlier, said):
                    yield Rejection(
                        path.name,
                        earlier_line,
                        "title",
                        f"line {line} says something else of the item of the same repository, author and second: "
                        "that line is used",
                        {**cells, **earlier},
                    )
                said["type"] = " ".join(
                    sorted({*earlier["type"].split(), *said["type"].split()}, key=types.index)
                )
            lines[external_id] = line, said
            item = met.setdefault(external_id, _Met(repository, author, at, path.name, line))
            item.repository, item.author, item.file, item.line = repository, author, path.name, line
            item.said[path.name] = said

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make or update the items, record that they were opened."""
        identities = ensure_identities(
            changes, system=rules()["system"], handles=[row.payload["author"] for row in rows]
        )
        projects = repositories(changes, {row.payload["repository"] for row in rows})
        known = named(rules()["source"], [row.payload["id"] for row in rows])
        names = LiveNames(changes, rules()["source"], known)
        names.find(
            [
                Opening(
                    row.payload["id"],
                    projects[fold(row.payload["repository"])].pk,
                    _opened_at(row),
                    identities[fold(row.payload["author"])].pk,
                    clean(row.payload["said"][max(row.payload["said"])]["title"]),
                )
                for row in rows
            ]
        )
        wanted = {
            row.payload["id"]: (
                row,
                _item(row, known.get(row.payload["id"]), projects[fold(row.payload["repository"])]),
            )
            for row in rows
            if row.payload["id"] not in names.live
        }
        put_items(changes, [item for _row, item in wanted.values()], known)
        seen_at(
            changes,
            [
                (identities[fold(row.payload["author"])], item, _opened_at(row))
                for row, item in wanted.values()
            ],
        )
        note_seen(
            changes,
            [
                (identities[fold(row.payload["author"])], _opened_at(row))
                for row in rows
                if row.payload["id"] in names.live
            ],
        )


def _opened_at(row: Row) -> dt.datetime:
    return dt.datetime.fromisoformat(row.payload["opened_at"])


def _problem(cells: tables.Cells) -> tuple[str, str] | None:
    """The first field that cannot be used, and why."""
    try:
        tables.moment(cells["item_opened_by"])
    except ValueError as error:
        return "item_opened_by", str(error)
    author, repository = clean(cells["created_by"]), clean(cells["repo"])
    if not author:
        return "created_by", "is empty: nobody knows who opened it"
    if not _LOGIN.fullmatch(author) or len(author) > 100:
        return "created_by", f"“{author[:60]}” is no GitHub login: letters, digits and hyphens only"
    if not _REPOSITORY.fullmatch(repository) or len(repository) > 100:
        return "repo", f"“{repository[:60]}” is no name of a repository" if repository else "is empty"
    for column, words in (("type", rules()["types"]), ("current_status", rules()["states"])):
        if clean(cells[column]) not in words:
            return column, f"“{clean(cells[column])[:60]}” is not known; known: {', '.join(words)}"
    if len(clean(cells["title"])) > 500:
        return "title", "is longer than 500 characters"
    return None


def _said(cells: tables.Cells) -> Said:
    """What the row says beyond what makes it this item; every column of the file, word for word."""
    names = {"current_status": "state", "created_by": "author", "repo": "repository"}
    return {
        names.get(name, name): value for name, value in cells.items() if name and name != "item_opened_by"
    }


def _differs(one: Said, other: Said) -> bool:
    return {**one, "type": ""} != {**other, "type": ""}


def _item(row: Row, known: Item | None, project: Project) -> Item:
    """The item as all files together tell it, those of earlier imports too.

    The newest file's title, state and labels are the item's. ``detail`` holds the newest file's columns word for word,
    the names of all files that list the item, and, file by file, only what an older one says otherwise.
    """
    said = {**(_said_before(known) if known else {}), **row.payload["said"]}
    newest = max(said)
    now: Said = dict(said[newest])
    types = {word for file in said.values() for word in file["type"].split()}
    kinds: dict[str, str] = rules()["types"]
    otherwise = {
        file: differing
        for file, columns in sorted(said.items())
        if (
            differing := {
                name: columns.get(name) for name in {**now, **columns} if now.get(name) != columns.get(name)
            }
        )
    }
    return Item(
        kind=[kind for word, kind in kinds.items() if word in types][-1],
        title=clean(now["title"]),
        state=rules()["states"][clean(now["state"])],
        labels=[label for part in now["labels"].split(",") if (label := clean(part))],
        project=project,
        opened_at=_opened_at(row),
        source=rules()["source"],
        external_id=row.payload["id"],
        detail={"said": now, "files": sorted(said), **({"otherwise": otherwise} if otherwise else {})},
    )


def _said_before(known: Item) -> dict[str, Said]:
    """File by file, what earlier imports said of the item."""
    detail: Mapping[str, Any] = known.detail
    otherwise: Mapping[str, Said] = detail.get("otherwise", {})
    return {
        file: {
            name: value
            for name, value in {**detail["said"], **otherwise.get(file, {})}.items()
            if value is not None
        }
        for file in detail.get("files", [])
    }
