"""What an import source is: declared classes that the areas register.

A *source* is what a person names ("pyopensci", "people.csv"). Its *parts* are what the areas read of it; an area
that comes later registers its part and the source is never edited. Parts run in the order of their ``order``,
which follows the layers: the register before the ledger before the areas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.imports.changes import Changes
    from folkmoot.kernel.imports.tables import Table


@dataclass(frozen=True)
class Row:
    """One row of a file, staged before anything is applied. ``payload`` must be plain JSON."""

    file: str
    line: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Rejection:
    """A row (or one value of a row that is used otherwise) that cannot be read: where and why, in words."""

    file: str
    line: int | None
    field: str
    reason: str
    content: Any = None


@dataclass(frozen=True)
class Lookalike:
    """Somebody whom a row may be: ``choice`` is what the part is told when a person says so."""

    choice: str
    label: str
    why: str
    url: str = ""


@dataclass(frozen=True)
class Alike:
    """A row that would make something new though something like it is there; a person decides."""

    row: Row
    label: str
    candidates: tuple[Lookalike, ...]


class FileProblem(Exception):
    """A file is missing or is not what it should be: nothing of the whole import is applied."""

    def __init__(self, file: str, reason: str, *, line: int | None = None, field: str = "") -> None:
        self.file, self.line, self.field, self.reason = file, line, field, reason
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {f'field {field}: ' if field else ''}{reason}")


@dataclass(frozen=True)
class Option:
    """Something more that a person can say: ``--name VALUE`` on the command line, a field in the browser."""

    name: str
    help: Any
    many: bool = False
    required: bool = False


@dataclass(frozen=True)
class Column:
    """A field that a plain table can fill, for the column mapping."""

    name: str
    label: Any
    required: bool = False
    #: Headings that are recognised without being told (compared folded, ``_`` and ``-`` as spaces).
    known_as: tuple[str, ...] = ()
    #: What the template's one row says.
    example: str = ""


@dataclass(frozen=True)
class Fetched:
    """A file or folder that was fetched to be imported: what the list of imports calls it, and what the run keeps."""

    path: Path
    origin: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fetch:
    """How the command line gets a source's files from elsewhere instead of being given them.

    Attributes:
        options: what has to be said; the first says that files are to be fetched. Nothing of it is kept with the run.
        fetch: gets what was said, and whom to tell how many records there are by now, and of what. It raises
            ``FileProblem`` with what to do.
    """

    options: tuple[Option, ...]
    fetch: Callable[[Mapping[str, str], Callable[[int, str], None]], Fetched]


@dataclass(frozen=True)
class Source:
    """Something that can be imported.

    Attributes:
        takes: ``folder`` (in the browser: several files, or one ZIP) or ``file``.
        permission: who may import it.
        files: patterns of the file names it reads, told to the person.
        columns: for a plain table; the person maps its headings to these.
        writes_itself: the system it comes from writes to people by itself: what an import brings of it sets off no mail
            by rule for what was so there already, unless its option ``mails`` says ``here``.
    """

    key: str
    label: Any
    help: Any
    takes: str
    permission: str
    files: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    order: int = 0
    writes_itself: bool = False
    #: Where to look at what was imported: label and the name of a URL.
    results: tuple[tuple[Any, str], ...] = ()
    fetch: Fetch | None = None

    @property
    def reads_tables(self) -> bool:
        """Whether a CSV can be among its files."""
        return bool(self.columns) or any(name.endswith(".csv") for name in self.files)


@dataclass(frozen=True)
class Reading:
    """What a part is given to read: the folder or file, what the person said, and the column mapping if any."""

    root: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    #: field name -> heading in the file; empty for sources without columns.
    mapping: Mapping[str, str] = field(default_factory=dict)
    #: Sentences about how the files were read; a part may add some.
    notes: list[str] = field(default_factory=list)

    def table(self) -> Table:
        """The plain table at ``root``, opened; what a person should know of it is noted.

        Raises:
            FileProblem: it is not there, or is no table with headings.
        """
        from folkmoot.kernel.imports.tables import open_table  # it raises what is declared here

        if not self.root.is_file():
            raise FileProblem(self.root.name, _("is not there, or is a folder: give the table"))
        table = open_table(self.root, sheet=str(self.options.get("sheet", "")))
        self.notes.extend(note for note in table.notes if note not in self.notes)
        return table


class Part:
    """What one area reads of a source. Subclasses are registered with ``@source_parts.declare``."""

    #: ``<source>.<area>.<what>``, unique.
    key: ClassVar[str]
    #: The source's key.
    source: ClassVar[str]
    #: Place among the parts of the source: register 100-199, ledger 200-299, areas 300 and up.
    order: ClassVar[int]
    #: How many rows are applied in one transaction.
    chunk_size: ClassVar[int] = 500
    #: What it counts ("people", "terms"): each appears in the result, with 0 where nothing was made or changed.
    counters: ClassVar[tuple[str, ...]] = ()

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Yield every row of this part's files, or why a row cannot be read; lazily, so that memory stays flat.

        Raises:
            FileProblem: a file is missing though needed, or cannot be read as its format. Nothing is applied.
        """
        raise NotImplementedError

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring the database in line with these rows, through ``changes`` only, in a fixed number of queries.

        Called inside a transaction, once for each chunk; idempotent: rows applied before change nothing.
        """
        raise NotImplementedError

    def alike(self, rows: Sequence[Row], changes: Changes, memory: dict[str, Any]) -> Iterator[Alike]:
        """Rows that would make something new though something like it is there. Asked before a preview; writes nothing.

        What a person chooses stands in ``changes.options["choices"]``, by the row's ``payload["key"]``: ``skip`` or the
        ``choice`` of a candidate. Without a choice the row makes something new.

        Args:
            memory: kept from chunk to chunk of one preview.
        """
        return iter(())


sources: Registry[Source] = Registry("import source")
source_parts: Registry[Part] = Registry("part of an import source")


#: A choice: the row is left out.
SKIP = "skip"


def parts_of(source: Source) -> list[Part]:
    """The source's parts, in the order in which they are read and applied."""
    return [part for part in source_parts if part.source == source.key]
