"""A policy: rules, when each holds, and how serious it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from folkmoot.publishing.policy.registry import Check
from folkmoot.publishing.policy.subject import Subject

BLOCK, WARN, INFO = "block", "warn", "info"
#: The more serious, the further to the front.
SEVERITIES = (BLOCK, WARN, INFO)

#: What ``when`` and ``unless`` may ask, and what each means.
CONDITIONS: Mapping[str, str] = {
    "source": "`post` or `file`",
    "channel": "name of a channel",
    "platform": "key of a connector: `mastodon`, `bluesky`, `linkedin` …",
    "tag": "a tag of the post, or of the file's front matter",
    "kind": "kind of post: `single`, `evergreen`, `recurring`, `relative`, `triggered`, `imported`",
    "author": "e-mail or name of who wrote it",
    "language": "`es` also means `es-MX`",
    "campaign": "name of the campaign",
}


@dataclass(frozen=True)
class When:
    """Conditions: all of those that are named must hold, each by any of its values; compared folded."""

    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def holds(self, subject: Subject) -> bool:
        """Whether the subject is one of these."""
        return all(_values(subject, name) & wanted for name, wanted in self.asked.items())


def _values(subject: Subject, name: str) -> frozenset[str]:
    if name == "tag":
        return frozenset(each.casefold() for each in subject.tags)
    if name == "language":
        return frozenset({subject.language.casefold(), subject.base_language} - {""})
    if name == "author":
        return frozenset(each.strip().casefold() for each in subject.author.split("\n"))
    return frozenset({str(getattr(subject, name)).casefold()})


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        message: said instead of the check's own words; ``{what}`` is these, ``{found}`` the words in question.
        line: where it stands in the YAML.
    """

    id: str
    check: Check
    severity: str
    when: When = When()
    unless: When | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    fix: str = ""
    line: int = 0

    def applies(self, subject: Subject) -> bool:
        """Whether it is for this subject."""
        return self.when.holds(subject) and not (self.unless is not None and self.unless.holds(subject))


@dataclass(frozen=True)
class Ruleset:
    """All rules of a community, in their order."""

    rules: Sequence[Rule] = ()

    def rule(self, id: str) -> Rule | None:
        """The rule with this id."""
        return next((each for each in self.rules if each.id == id), None)
