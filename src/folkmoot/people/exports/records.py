"""Laying what the register holds over what a source said, so that nothing it said is lost or changed needlessly.

A value of the source stays exactly as it was written while it still means what the register holds. Where somebody
changed the register since, the register's value takes its place. Fields that no area owns stay word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import yaml

from folkmoot.kernel.text import fold
from folkmoot.people.imports.values import Unreadable

#: A moment as :func:`folkmoot.kernel.imports.engine.plain` keeps it; YAML writes it without quotation marks.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")


def parsed(parse: Callable[[Any], Any], raw: Any) -> Any:
    """What the source's value means to the register; ``None`` for nothing, or nothing that can be read."""
    if raw is None or raw == "":
        return None
    try:
        return parse(raw) or None
    except Unreadable:
        return None


def lay(entry: dict[str, Any], field: str, meant: Any, now: Any) -> None:
    """Put the register's value into a record unless the record says the same already.

    Args:
        meant: what the record's own value means (:func:`parsed`); ``None``: nothing that the register could hold.
        now: what the register holds; empty texts are nothing.
    """
    if (meant or None) != (now or None):
        entry[field] = now or None


def lay_words(
    entry: dict[str, Any],
    field: str,
    *,
    same: Callable[[str], str],
    now: Iterable[str],
    vocabulary: Collection[str],
) -> None:
    """Keep the words of a list that still hold, in their order and spelling, and add new ones.

    Args:
        same: the register's word for a word of the file.
        now: the register's words.
        vocabulary: folded words that may be added: those that the site uses anywhere.
    """
    raw = entry.get(field)
    written = raw if isinstance(raw, list) else [raw] if raw else []
    held = {fold(word): word for word in now}
    kept = [word for word in written if not isinstance(word, str) or fold(same(word)) in held]
    there = {fold(same(word)) for word in kept if isinstance(word, str)}
    added = [word for folded, word in held.items() if folded not in there and folded in vocabulary]
    if len(kept) == len(written) and not added:
        return
    entry[field] = [*kept, *added] or None


def filled(records: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    """One record from those of somebody who was several: the first one's values, gaps filled from the others.

    Keys stand in the order of the site's own files; those that it does not know come last, by name.
    """
    found: dict[str, Any] = {}
    for record in records:
        for key, value in record.items():
            if found.get(key) in (None, "", []):
                found[key] = value
    known = [key for key in keys if key in found]
    return {key: found[key] for key in [*known, *sorted(found.keys() - set(keys))]}


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: lists indented below their key, nothing sorted, moments as moments."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    if _MOMENT.fullmatch(value):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.replace("T", " ", 1))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value)


def _nothing(dumper: yaml.SafeDumper, value: None) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)


def as_yaml(content: Any) -> str:
    """Text of a YAML file; an empty value is written as nothing behind its key."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
