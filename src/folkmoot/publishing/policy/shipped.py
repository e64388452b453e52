"""The shipped rules that a community's policy lacks, and putting one of them into its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import yaml
from django.utils.translation import gettext as _
from yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from folkmoot.publishing.policy.loading import CannotRead, default_text, load
from folkmoot.publishing.policy.rules import Rule

#: How far rules stand in where a policy has none yet.
INDENT = 2


class CannotAdd(Exception):
    """A rule cannot be put into a policy as this one is written; the text says why."""


@dataclass(frozen=True)
class Offer:
    """A shipped rule that is not in use, and the community's rules that ask the same check."""

    rule: Rule
    alike: Sequence[Rule]


def missing(text: str) -> list[Offer]:
    """The shipped rules whose ids a policy lacks; none where it cannot be read."""
    try:
        mine = load(text)
    except CannotRead:
        return []
    return [
        Offer(rule, [each for each in mine.rules if each.check.key == rule.check.key])
        for rule in load(default_text()).rules
        if mine.rule(rule.id) is None
    ]


def with_rule(text: str, id: str) -> str:
    """The policy with a shipped rule behind its last, the rest as it was; where its id is there, nothing is done.

    Raises:
        CannotAdd: no such rule is shipped, or the policy is written so that it has to be done by hand.
        CannotRead: the policy cannot be read.
    """
    before, rule = load(text), load(default_text()).rule(id)
    if rule is None:
        raise CannotAdd(_("No shipped rule is called “%(id)s”.") % {"id": id})
    if before.rule(id) is not None:
        return text
    found = _put(text, _written(id))
    expected = [replace(each, line=0) for each in (*before.rules, rule)]
    try:
        is_right = [replace(each, line=0) for each in load(found).rules] == expected
    except CannotRead:
        is_right = False
    if not is_right:
        raise CannotAdd(
            _("The rules are written in a way in which “%(id)s” cannot be added here: write it among them.")
            % {"id": id}
        )
    return found


def _written(id: str) -> list[str]:
    """The lines of a shipped rule, from its hyphen on, without what all stand in."""
    text = default_text()
    rules = _rules(text)
    assert isinstance(rules, SequenceNode)  # noqa: S101 - it is shipped so
    node = next(each for each in rules.value if dict(_named(each))["id"].value == id)
    lines = text.split("\n")[node.start_mark.line : _last_line(node) + 1]
    return [line[rules.start_mark.column :] for line in lines]


def _put(text: str, rule: list[str]) -> str:
    node = _rules(text)
    if isinstance(node, SequenceNode) and node.value and not node.flow_style:
        at = _last_line(node) + 1
        lines = text.split("\n")
        return "\n".join([*lines[:at], *_indented(rule, node.start_mark.column), *lines[at:]])
    if isinstance(node, SequenceNode) and node.value:
        end = node.end_mark.index - 1
        head = text[:end].rstrip()
        return f"{head}{'' if head.endswith(',') else ','} {_in_one_line(rule)}{text[end:]}"
    block = "\n".join(["", *_indented(rule, INDENT)])
    if node is not None:  # "rules:" with nothing, or with []
        return text[: node.start_mark.index].rstrip(" ") + block + text[node.end_mark.index :]
    return f"{text.rstrip()}\nrules:{block}\n".lstrip("\n")


def _indented(lines: list[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]


def _in_one_line(rule: list[str]) -> str:
    (values,) = yaml.safe_load("\n".join(rule))
    return yaml.safe_dump(
        values, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    ).strip()


def _rules(text: str) -> Node | None:
    """What stands under ``rules``."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return dict(_named(root)).get("rules") if isinstance(root, MappingNode) else None


def _named(node: MappingNode) -> list[tuple[str, Node]]:
    return [(key.value, value) for key, value in node.value]


def _last_line(node: Node) -> int:
    """The last line that something of a node stands on; comments and empty lines after it are not its own."""
    if isinstance(node, CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.line - (1 if node.end_mark.column == 0 and node.end_mark.line else 0)
