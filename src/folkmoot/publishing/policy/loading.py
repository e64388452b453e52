"""Reads a policy from YAML, and says with line and field what cannot be read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from rapidfuzz import process
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from folkmoot.publishing.policy import checks as _checks  # noqa: F401 - registers the checks
from folkmoot.publishing.policy.registry import Check, Param, Window, checks
from folkmoot.publishing.policy.rules import BLOCK, CONDITIONS, SEVERITIES, Rule, Ruleset, When

DEFAULT = Path(__file__).parent / "default.yml"
#: Characters of a policy, and rules in it, at most.
LONGEST, MOST_RULES = 200_000, 500
_FIELDS = ("id", "check", "severity", "when", "unless", "params", "message", "fix")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@dataclass(frozen=True)
class Problem:
    """Something in a policy that cannot be read."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = _("line %(n)s") % {"n": self.line} if self.line else ""
        return ": ".join(part for part in (where, self.field, self.message) if part)


class CannotRead(Exception):
    """A policy cannot be read; every problem is listed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@lru_cache(maxsize=16)
def load(text: str) -> Ruleset:
    """The rules of a policy.

    Raises:
        CannotRead: with every problem's line and field.
    """
    reader = _Reader()
    found = reader.ruleset(text)
    if reader.problems:
        raise CannotRead(sorted(reader.problems, key=lambda each: each.line))
    return found


def default_text() -> str:
    """The policy that an installation begins with."""
    return DEFAULT.read_text(encoding="utf-8")


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def bad(self, node: Node | None, field: str, message: str) -> None:
        line = node.start_mark.line + 1 if node is not None and node.start_mark else 0
        self.problems.append(Problem(line, field, message))

    def ruleset(self, text: str) -> Ruleset:
        root = self._compose(text)
        if root is None:
            return Ruleset()
        if not isinstance(root, MappingNode):
            self.bad(root, "", _("A policy is a list of rules under “rules:”."))
            return Ruleset()
        rules: list[Rule] = []
        for name, key, value in self._pairs(root, ""):
            if name == "version":
                if not (isinstance(value, ScalarNode) and value.value == "1"):
                    self.bad(value, name, _("Only version 1 is known."))
            elif name != "rules":
                self.bad(key, name, _("Nothing is known under this name. Expected: rules."))
            elif isinstance(value, SequenceNode):
                rules = [rule for each in value.value[:MOST_RULES] if (rule := self._rule(each))]
                if len(value.value) > MOST_RULES:
                    self.bad(value, name, _("At most %(n)s rules.") % {"n": MOST_RULES})
            elif not _is_empty(value):
                self.bad(value, name, _("This has to be a list."))
        self._unique(rules)
        return Ruleset(tuple(rules))

    def _compose(self, text: str) -> Node | None:
        if len(text) > LONGEST:
            self.bad(None, "", _("A policy has at most %(n)s characters.") % {"n": LONGEST})
            return None
        try:
            for token in yaml.scan(text, Loader=yaml.SafeLoader):
                if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                    line = token.start_mark.line + 1
                    self.problems.append(Problem(line, "", _("Anchors (& and *) are not taken here.")))
                    return None
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = _("This is no YAML: %(why)s") % {"why": error.problem or error.context or ""}
            self.problems.append(Problem(mark.line + 1 if mark else 0, "", said))
        except (yaml.YAMLError, RecursionError) as error:
            position, said = getattr(error, "position", None), getattr(error, "reason", "")
            line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
            self.problems.append(Problem(line, "", _("This is no YAML: %(why)s") % {"why": said}))
        return None

    def _pairs(self, node: MappingNode, field: str) -> Iterator[tuple[str, Node, Node]]:
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.bad(key, field, _("A name is a single word."))
            elif key.value in seen:
                self.bad(key, _under(field, key.value), _("This stands here twice."))
            else:
                seen.add(key.value)
                yield key.value, key, value

    def _unique(self, rules: list[Rule]) -> None:
        first: dict[str, Rule] = {}
        for each in rules:
            if each.id in first:
                said = _("Another rule is called “%(id)s” (line %(n)s).")
                said %= {"id": each.id, "n": first[each.id].line}
                self.problems.append(Problem(each.line, "id", said))
            first.setdefault(each.id, each)

    def _rule(self, node: Node) -> Rule | None:
        if not isinstance(node, MappingNode):
            self.bad(node, "rules", _("A rule is a list of names and values: id, check, severity …"))
            return None
        before = len(self.problems)
        values: dict[str, Node] = {}
        for name, key, value in self._pairs(node, ""):
            if name in _FIELDS:
                values[name] = value
            else:
                self.bad(key, name, _nothing_called(name, _FIELDS))
        id_ = self._text(values.get("id"), "id", node)
        if id_ and not _ID.fullmatch(id_):
            self.bad(values["id"], "id", _("Use small letters, figures and hyphens, at most 60."))
        declared = self._check(values.get("check"), node)
        severity = self._text(values.get("severity"), "severity", node)
        if severity and severity not in SEVERITIES:
            self.bad(values["severity"], "severity", _nothing_called(severity, SEVERITIES))
        params = self._params(values.get("params"), declared) if declared else {}
        when = self._when(values.get("when"), "when")
        unless = self._when(values["unless"], "unless") if "unless" in values else None
        message = self._text(values["message"], "message", node) if "message" in values else ""
        fix = self._text(values["fix"], "fix", node) if "fix" in values else ""
        if len(self.problems) > before or declared is None:
            return None
        line = node.start_mark.line + 1
        return Rule(id_, declared, severity or BLOCK, when, unless, params, message, fix, line)

    def _text(self, node: Node | None, field: str, rule: Node) -> str:
        if node is None:
            self.bad(rule, field, _("This is missing."))
        elif not isinstance(node, ScalarNode) or not node.value.strip():
            self.bad(node, field, _("A text is expected here."))
        else:
            return " ".join(str(node.value).split())
        return ""

    def _check(self, node: Node | None, rule: Node) -> Check | None:
        key = self._text(node, "check", rule)
        if not key:
            return None
        if key in checks:
            return checks.get(key)
        self.bad(node, "check", _nothing_called(key, [each.key for each in checks]))
        return None

    def _when(self, node: Node | None, field: str) -> When:
        if node is None or _is_empty(node):
            return When()
        if not isinstance(node, MappingNode):
            self.bad(node, field, _("Conditions are names with values: channel, platform, tag …"))
            return When()
        asked: dict[str, frozenset[str]] = {}
        for name, key, value in self._pairs(node, field):
            where = _under(field, name)
            if name not in CONDITIONS:
                self.bad(key, where, _nothing_called(name, list(CONDITIONS)))
                continue
            words = self._words(value, where)
            if words == []:
                self.bad(value, where, _("At least one value is expected here."))
            asked[name] = frozenset(word.casefold() for word in words or ())
        return When(asked)

    def _params(self, node: Node | None, declared: Check) -> Mapping[str, Any]:
        found = declared.defaults
        if node is None or _is_empty(node):
            return found
        if not isinstance(node, MappingNode):
            self.bad(node, "params", _("Names with values are expected here."))
            return found
        for name, key, value in self._pairs(node, "params"):
            param, where = declared.param(name), _under("params", name)
            if param is None:
                self.bad(key, where, _nothing_called(name, [each.name for each in declared.params]))
            else:
                read = self._value(value, where, param)
                if read is not None:
                    found[name] = read
        return found

    def _value(self, node: Node, where: str, param: Param) -> Any:
        if param.kind == "words":
            words = self._words(node, where)
            for word in words or () if param.choices else ():
                if word not in param.choices:
                    self.bad(node, where, _nothing_called(word, param.choices))
            return None if words is None else tuple(words)
        if param.kind == "map":
            return self._map(node, where)
        if param.kind in ("days", "windows"):
            return self._many(node, where, self._window if param.kind == "windows" else self._day)
        if not isinstance(node, ScalarNode):
            self.bad(node, where, _("A single value is expected here."))
            return None
        return self._single(node, where, param.kind)

    def _single(self, node: ScalarNode, where: str, kind: str) -> Any:
        text = str(node.value).strip()
        try:
            if kind == "number":
                return int(text) if 0 <= int(text) <= 10**9 else self._no(node, where, kind)
            if kind == "share":
                return float(text) if 0 <= float(text) <= 1 else self._no(node, where, kind)
            if kind == "flag":
                return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[
                    text.lower()
                ]
            if kind == "time":
                return dt.time.fromisoformat(text.zfill(5))
        except (ValueError, KeyError):
            return self._no(node, where, kind)
        return text

    def _no(self, node: Node, where: str, kind: str) -> None:
        said = {
            "number": _("A whole number is expected here."),
            "share": _("A number between 0 and 1 is expected here."),
            "flag": _("“true” or “false” is expected here."),
            "time": _("A time such as “22:00” is expected here, in quotation marks."),
            "day": _("A day such as 2026-12-25, or 12-25 for every year, is expected here."),
        }
        self.bad(node, where, said[kind])

    def _words(self, node: Node, where: str) -> list[str] | None:
        """A text, or a list of texts."""
        if isinstance(node, ScalarNode):
            return [] if _is_empty(node) else [str(node.value).strip()]
        if isinstance(node, SequenceNode) and all(isinstance(each, ScalarNode) for each in node.value):
            return [str(each.value).strip() for each in node.value]
        self.bad(node, where, _("A list of texts is expected here."))
        return None

    def _map(self, node: Node, where: str) -> dict[str, tuple[str, ...]] | None:
        if _is_empty(node):
            return {}
        if not isinstance(node, MappingNode):
            self.bad(node, where, _("Names with values are expected here."))
            return None
        return {
            name: tuple(self._words(value, _under(where, name)) or ())
            for name, _key, value in self._pairs(node, where)
        }

    def _many(self, node: Node, where: str, read: Any) -> tuple[Any, ...] | None:
        if _is_empty(node):
            return ()
        if not isinstance(node, SequenceNode):
            self.bad(node, where, _("This has to be a list."))
            return None
        return tuple(found for each in node.value if (found := read(each, where)) is not None)

    def _day(self, node: Node, where: str) -> tuple[int, int, int] | None:
        """Year (0: every), month, day."""
        text = str(node.value).strip() if isinstance(node, ScalarNode) else ""
        try:
            if re.fullmatch(r"\d\d-\d\d", text):
                day = dt.date.fromisoformat(f"2024-{text}")  # a leap year: 29 February is a day
                return 0, day.month, day.day
            day = dt.date.fromisoformat(text)
            return day.year, day.month, day.day
        except ValueError:
            self._no(node, where, "day")
            return None

    def _window(self, node: Node, where: str) -> Window | None:
        if not isinstance(node, MappingNode):
            self.bad(node, where, _("Each is a “from”, a “to” and a “why”."))
            return None
        found: dict[str, Any] = {"from": None, "to": None, "why": ""}
        for name, key, value in self._pairs(node, where):
            if name not in found:
                self.bad(key, _under(where, name), _nothing_called(name, list(found)))
            elif name == "why":
                found[name] = " ".join(self._words(value, _under(where, name)) or ())
            else:
                day = self._day(value, _under(where, name))
                if day and not day[0]:
                    self._no(value, _under(where, name), "day")
                elif day:
                    found[name] = dt.date(*day)
        if not found["from"] or not found["to"]:
            self.bad(node, where, _("Each is a “from”, a “to” and a “why”."))
            return None
        if found["to"] < found["from"]:
            self.bad(node, where, _("This ends before it begins."))
            return None
        return Window(found["from"], found["to"], found["why"])


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _under(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _nothing_called(name: str, known: Any) -> str:
    near = process.extractOne(name, list(known), score_cutoff=70)
    if near:
        return _("There is no “%(name)s”. Did you mean “%(near)s”?") % {"name": name[:60], "near": near[0]}
    listed = ", ".join(sorted(known)) or _("nothing can be set here")
    return _("There is no “%(name)s”. Known: %(known)s.") % {"name": name[:60], "known": listed}
