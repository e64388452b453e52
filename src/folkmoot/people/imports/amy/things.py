"""The things in a dump of AMY (``manage.py dumpdata``): a JSON list or JSON lines, plain or packed, of any size.

The dump is read once, object by object, and each object goes into a file of its model; every part then reads the
files of its own models. What no part reads is only counted. Memory stays flat: one object and one block of text.

What is written with ``--natural-foreign`` is brought into the form without: people by number, kinds of record by
``app.model``. AMY knows people by their username there; no other model of its own has a natural key.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
import re
import shutil
import time
import weakref
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from folkmoot.kernel.ids import token
from folkmoot.kernel.imports.files import uploads
from folkmoot.kernel.imports.sources import FileProblem, Reading, Rejection

PERSON = "workshops.person"
#: Columns that name a person, in any model. With natural keys they hold ``["username"]``.
PEOPLE = frozenset(
    {
        "person", "assigned_to", "awarded_by", "evaluated_by", "user", "trainee", "created_by", "author", "reviewer",
        "person_from", "owner",
    }
)  # fmt: skip
#: Columns that name a kind of record.
KINDS = frozenset({"content_type", "generic_relation_content_type", "generic_relation_ct", "account_type"})
#: Never written to disk: nobody here may have them.
SECRETS = frozenset({"password"})
_BLOCK = 1 << 20
_READING = "reading-"
#: An object of a dump is some thousand characters long; a mail's some hundred thousand.
MOST_CHARACTERS = 32 << 20
#: A cut text is told from a broken one by how near its end the fault is.
_NEAR = 16


@dataclass(frozen=True)
class Thing:
    """One object of AMY's, wherever it came from.

    Attributes:
        pk: its number as text; in a dump written with ``--natural-primary``, a person's username.
        fields: as ``dumpdata`` has them, people by their ``pk``, kinds of record as ``app.model``.
        line: the line of the dump on which it begins.
    """

    model: str
    pk: str
    fields: Mapping[str, Any]
    line: int | None = None

    @property
    def key(self) -> str:
        """What it is known by among all things of AMY: ``workshops.event/12``."""
        return f"{self.model}/{self.pk}"


@dataclass
class Sorted:
    """What was read, by model; and what nobody reads.

    Attributes:
        name: what the dump is called.
        counts: how many things of each model there are, those that nobody reads too.
        broken: objects that are none of a dump.
        fields: (model, column) -> how many things say something there.
    """

    folder: Path
    name: str
    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[Rejection] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    told: bool = False
    #: What parts passed over while they read, by their own words: how often.
    passed: Counter[str] = field(default_factory=Counter)
    #: The same things by model and number: they hold nothing that could be here.
    empty: dict[str, set[str]] = field(default_factory=dict)
    _lookups: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def things(self, models: Iterable[str]) -> Iterator[Thing]:
        """The things of these models, a model after the other, each in the order of the dump."""
        for model in models:
            path = self.folder / model
            if not path.is_file():
                continue
            with path.open(encoding="utf-8", errors="surrogatepass") as lines:
                for text in lines:
                    line, pk, fields = json.loads(text)
                    yield Thing(model, pk, self._plain(fields), line)

    def lookup(self, model: str) -> dict[str, Mapping[str, Any]]:
        """The fields of a model with few records, by number; some part must name it in ``models`` or ``looks_up``."""
        if model not in self._lookups:
            self._lookups[model] = {thing.pk: thing.fields for thing in self.things([model])}
        return self._lookups[model]

    def pass_over(self, thing: Thing, why: str) -> None:
        """Count a thing that says nothing, and that nobody looks for here."""
        self.passed[why] += 1
        self.empty.setdefault(thing.model, set()).add(thing.pk)

    def _plain(self, fields: dict[str, Any]) -> dict[str, Any]:
        for name, value in fields.items():
            if name in PEOPLE and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
                fields[name] = self.people.get(value[0], value[0])
            elif name in KINDS and isinstance(value, list) and len(value) == 2:
                fields[name] = f"{value[0]}.{value[1]}"
            elif name in KINDS and isinstance(value, int):
                fields[name] = self.kinds.get(str(value), value)
        return fields


#: Who finds the objects of a reading (a file, an API): (line, object); ``None`` when it is not theirs. The first that
#: answers counts; at last the dump at ``reading.root`` is opened.
Opener = Callable[[Reading], Iterable[tuple[int | None, Any]] | None]
openers: list[Opener] = []

#: Readings that were sorted already, while they last.
_sorted: dict[int, Sorted] = {}


def sorted_things(reading: Reading, models: Iterable[str]) -> Sorted:
    """The reading's things by model: read and sorted once, however many parts ask; removed with the reading.

    Args:
        models: all models that any part reads.

    Raises:
        FileProblem: it is no dump, cut, or written so that records cannot be told apart.
    """
    known = _sorted.get(id(reading))
    if known is not None:
        return known
    _clear()
    folder = uploads() / f"{_READING}{token(12)}"
    folder.mkdir(parents=True, mode=0o700)
    weakref.finalize(reading, _forget, id(reading), folder)
    found = Sorted(folder, reading.root.name)
    objects = next((given for opener in openers if (given := opener(reading)) is not None), None)
    _sort(found, objects if objects is not None else dumped(reading.root), frozenset(models))
    _sorted[id(reading)] = found
    return found


def _clear() -> None:
    """Remove what a process that was killed left behind a day ago or longer."""
    for folder in uploads().glob(f"{_READING}*"):
        if folder.stat().st_mtime < time.time() - 86_400:
            shutil.rmtree(folder, ignore_errors=True)


def _forget(reading: int, folder: Path) -> None:
    _sorted.pop(reading, None)
    shutil.rmtree(folder, ignore_errors=True)


def _sort(into: Sorted, objects: Iterable[tuple[int | None, Any]], models: frozenset[str]) -> None:
    numbered = ""  # a model whose people are named by number
    nameless = False  # people without a number
    with ExitStack() as stack:
        files: dict[str, IO[str]] = {}
        for line, thing in objects:
            model = thing.get("model") if isinstance(thing, dict) else None
            fields = thing.get("fields") if isinstance(thing, dict) else None
            if not isinstance(model, str) or not isinstance(fields, dict):
                why = _("is no object of a dump: it needs “model”, “pk” and “fields”: left out")
                into.broken.append(Rejection(into.name, line, "", why, thing))
                continue
            model = model.lower()
            into.counts[model] += 1
            pk = thing.get("pk")
            if model == PERSON:
                username = str(fields.get("username") or "")
                nameless = nameless or pk is None
                pk = username if pk is None else pk
                if username:
                    into.people[username] = str(pk)
            elif model == "contenttypes.contenttype" and pk is not None:
                into.kinds[str(pk)] = f"{fields.get('app_label')}.{fields.get('model')}"
            for name, value in fields.items():
                if value not in (None, "", [], {}):
                    into.fields[model, name] += 1
                    if name in PEOPLE and isinstance(value, int):
                        numbered = numbered or model
            if model not in models:
                continue
            if pk is None or isinstance(pk, (dict, list, bool)) or pk == "":
                why = _("has no number (“pk”): left out")
                into.broken.append(Rejection(into.name, line, "pk", why, _open(fields)))
                continue
            if model not in files:
                files[model] = stack.enter_context(
                    (into.folder / model).open("w", encoding="utf-8", errors="surrogatepass")
                )
            files[model].write(json.dumps([line, str(pk), _open(fields)], ensure_ascii=False) + "\n")
    if nameless and numbered:
        raise FileProblem(
            into.name,
            _(
                "was written with --natural-primary but without --natural-foreign: people have no number, and "
                "%(model)s names them by number. Write it again without --natural-primary, or with both"
            )
            % {"model": numbered},
        )
    if not any(model.startswith("workshops.") or model in models for model in into.counts):
        raise FileProblem(
            into.name,
            _("holds nothing of AMY's (no “workshops.…”): write it with “manage.py dumpdata” in AMY"),
        )


def _open(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in SECRETS}


# -- the file --------------------------------------------------------------------------------------------------------


def dumped(path: Path) -> Iterator[tuple[int, Any]]:
    """The objects of a dump with the line on which each begins; gzip, bzip2 and xz are unpacked on the way.

    Raises:
        FileProblem: it cannot be read as JSON from some line on, or ends in the middle.
    """
    if path.is_dir():
        raise FileProblem(path.name, _("is a folder: give the file that “manage.py dumpdata” wrote"))
    return _objects(path.name, _texts(path))


_PACKED: tuple[tuple[bytes, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)


def _texts(path: Path) -> Iterator[str]:
    """The text in blocks, without a byte order mark."""
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"PK\x03\x04":
        raise FileProblem(path.name, _("is a ZIP archive: unpack it, and give the JSON file in it"))
    opener = next((opener for magic, opener in _PACKED if start.startswith(magic)), None)
    line = 1
    try:
        with opener(path) if opener else path.open("rb") as file:
            decoder = None
            while True:
                raw = file.read(_BLOCK)
                if decoder is None:
                    # a shell of Windows writes what it is given in UTF-16
                    utf16 = raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
                    decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")()
                try:
                    text = decoder.decode(raw, final=not raw)
                except UnicodeDecodeError as error:
                    line += bytes(error.object).count(b"\n", 0, error.start)
                    raise FileProblem(
                        path.name,
                        _("is not UTF-8 (byte 0x%(byte)s): write the dump anew")
                        % {"byte": format(error.object[error.start], "02x")},
                        line=line,
                    ) from None
                line += text.count("\n")
                if text:
                    yield text
                if not raw:
                    return
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise FileProblem(
            path.name, _("is cut or broken: it cannot be unpacked to its end; copy it again"), line=line
        ) from error


class _Text:
    """A window on the text that moves on, and where in the text it is."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self.blocks, self.buffer, self.at = blocks, "", 0
        self._counted, self._line = 0, 1

    def more(self) -> bool:
        """Read on; what is behind is let go. ``False`` at the end of the text."""
        block = next(self.blocks, None)
        if block is None:
            return False
        self.line_at(self.at)
        self.buffer, self.at, self._counted = self.buffer[self.at :] + block, 0, 0
        return True

    def line_at(self, place: int) -> int:
        """The line of a place in the window, at or behind the last that was asked for."""
        self._line += self.buffer.count("\n", self._counted, place)
        self._counted = max(place, self._counted)
        return self._line

    def next(self) -> str:
        """The next character that is no space; ``""`` at the end."""
        while True:
            found = _SPACES.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""


_SPACES = re.compile(r"[\s\ufeff]*")
_DECODER = json.JSONDecoder()


def _objects(name: str, blocks: Iterator[str]) -> Iterator[tuple[int, Any]]:
    text = _Text(blocks)
    first = text.next()
    if first not in ("[", "{"):
        why = {
            "": _("is empty"),
            "<": _("is XML or HTML, no JSON: write the dump with “--format json”"),
        }.get(first, _("is no JSON dump: it begins with “%(first)s”, not with “[” or “{”") % {"first": first})
        raise FileProblem(name, why, line=text.line_at(text.at) if first else None)
    is_list = first == "["
    text.at += is_list
    mark, after_one = text.next(), False
    while mark and not (mark == "]" and is_list):
        if after_one and mark == ",":
            text.at += 1
            after_one = False
        elif after_one and is_list:
            raise FileProblem(name, _("is no JSON: a comma is missing here"), line=text.line_at(text.at))
        else:
            yield text.line_at(text.at), _one(name, text)
            after_one = True
        mark = text.next()
    if is_list and not mark:
        raise FileProblem(name, _cut(), line=text.line_at(len(text.buffer)))
    text.at += is_list
    if text.next():
        raise FileProblem(
            name, _("is no JSON: something follows the end of the list"), line=text.line_at(text.at)
        )


def _one(name: str, text: _Text) -> Any:
    """The value that begins here; the window is moved behind it."""
    while True:
        try:
            value, end = _DECODER.raw_decode(text.buffer, text.at)
        except json.JSONDecodeError as error:
            is_cut = error.msg.startswith("Unterminated string") or error.pos >= len(text.buffer) - _NEAR
            if is_cut and len(text.buffer) - text.at < MOST_CHARACTERS and text.more():
                continue
            if is_cut and len(text.buffer) - text.at < MOST_CHARACTERS:
                raise FileProblem(name, _cut(), line=text.line_at(len(text.buffer))) from None
            raise FileProblem(
                name, _("is no JSON: %(msg)s") % {"msg": error.msg}, line=text.line_at(error.pos)
            ) from None
        except RecursionError:
            raise FileProblem(
                name, _("is nested deeper than can be read"), line=text.line_at(text.at)
            ) from None
        # a number at the very end of the window may go on
        if end == len(text.buffer) and not isinstance(value, (dict, list)) and text.more():
            continue
        text.at = end
        return value


def _cut() -> str:
    return _("ends in the middle: the dump seems cut; write or copy it again")
