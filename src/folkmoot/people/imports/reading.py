"""Files as their format: YAML with line numbers, JSON. What is not that format is a ``FileProblem``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.sources import FileProblem

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Deeper than any register.
MAX_DEPTH = 40


def content(path: Path, shown_as: str) -> str:
    """The file's text, without a byte order mark.

    Raises:
        FileProblem: it is not UTF-8 (with the line), or no text at all.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileProblem(
            shown_as,
            _("is not UTF-8 (byte 0x%(error)s): save it as UTF-8")
            % {"error": format(raw[error.start], "02x")},
            line=line,
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileProblem(shown_as, _("is no text file: it holds NUL characters"), line=line)
    return text


@dataclass(frozen=True)
class Record:
    """A mapping of a YAML file: its line, its content as plain JSON, the line of each value.

    ``lines`` is keyed by path: ``reviewers``, ``reviewers.1.github_username``.
    """

    line: int
    content: dict[str, Any]
    lines: dict[str, int]
    twice: tuple[str, ...] = ()

    def line_of(self, path: str) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return self.line


def yaml_records(path: Path, shown_as: str) -> Iterator[Record | tuple[int, str]]:
    """The mappings of a YAML file that holds a list of them.

    Yields:
        records; or line and reason for an entry that is none.

    Raises:
        FileProblem: no YAML, no list, or cut in the middle.
    """
    text = content(path, shown_as)
    loader = Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise FileProblem(
                shown_as, _("a list of records is expected: each begins with “- ”"), line=_line(root)
            )
        # without aliases of aliases a file has no more values than characters
        budget = [2 * len(text) + 1000]
        found = [_record(loader, node, shown_as, budget) for node in root.value]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise FileProblem(
            shown_as, _("is no YAML: %(said)s") % {"said": said}, line=mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise FileProblem(
            shown_as, _("is no YAML: %(error)s") % {"error": str(error).splitlines()[0]}
        ) from None
    finally:
        loader.dispose()
    _refuse_cut(found, shown_as, text.endswith("\n"))
    yield from found


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _record(loader: Any, node: yaml.Node, shown_as: str, budget: list[int]) -> Record | tuple[int, str]:
    if not isinstance(node, yaml.MappingNode):
        return _line(node), "a record is expected: lines of “field: value”"
    lines: dict[str, int] = {}
    twice: list[str] = []
    plain = _plain(loader, node, shown_as, budget, "", lines, twice, 0)
    return Record(_line(node), plain, lines, tuple(twice))


def _plain(
    loader: Any, node: yaml.Node, shown_as: str, budget: list[int], path: str, lines: dict[str, int],
    twice: list[str], depth: int,
) -> Any:  # fmt: skip
    """A node as JSON can hold it; dates and times as ISO text; the line of every value noted."""
    budget[0] -= 1
    if budget[0] < 0 or depth > MAX_DEPTH:
        raise FileProblem(shown_as, _("holds more than can be read (aliases of aliases?)"), line=_line(node))
    if path:
        lines[path] = _line(node)
    within = f"{path}." if path else ""
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(_scalar(loader, key_node))
            if key in result:
                twice.append(within + key)
            result[key] = _plain(loader, value_node, shown_as, budget, within + key, lines, twice, depth + 1)
            lines[within + key] = _line(key_node)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, entry, shown_as, budget, f"{within}{place}", lines, twice, depth + 1)
            for place, entry in enumerate(node.value)
        ]
    return _scalar(loader, node)


def _scalar(loader: Any, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return str(node.value)
    try:
        value = loader.construct_object(node)
    except (
        ValueError,
        yaml.constructor.ConstructorError,
    ):  # looks like a date (2021-19-08) and is none: as written
        return node.value
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return node.value
    return value if value is None or isinstance(value, (str, int, float, bool)) else node.value


def _refuse_cut(found: Sequence[Record | tuple[int, str]], shown_as: str, ends_a_line: bool) -> None:
    """A cut file's last record lacks fields that every other has: those at the end of their order."""
    records = [entry for entry in found if isinstance(entry, Record)]
    if len(records) < 3 or found[-1] is not records[-1]:
        return
    last, order = records[-1], list(records[-2].content)
    everywhere = set.intersection(*(set(record.content) for record in records[:-1]))
    missing = [name for name in order if name in everywhere and name not in last.content]
    is_beginning = list(last.content) == order[: len(last.content)]
    if missing and (is_beginning or not ends_a_line):
        raise FileProblem(
            shown_as,
            _(
                "ends in the middle of a record: %(missing)s missing, which every other record has; the file "
                "seems cut"
            )
            % {"missing": ", ".join(missing)},
            line=last.line,
        )


def json_file(path: Path, shown_as: str) -> Any:
    """The content of a JSON file.

    Raises:
        FileProblem: it is none, or cut in the middle.
    """
    try:
        return _without_nul(json.loads(content(path, shown_as)))
    except json.JSONDecodeError as error:
        raise FileProblem(
            shown_as, _("is no JSON: %(msg)s") % {"msg": error.msg}, line=error.lineno
        ) from None
    except RecursionError:
        raise FileProblem(shown_as, _("is nested deeper than can be read")) from None


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")  # half characters, too
    if isinstance(value, list):
        return [_without_nul(entry) for entry in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(entry) for key, entry in value.items()}
    return value
