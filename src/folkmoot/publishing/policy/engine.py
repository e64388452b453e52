"""What a policy finds: in plain data (:func:`check_content`), and in posts (:func:`findings`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.loading import CannotRead, default_text, load
from folkmoot.publishing.policy.registry import Hit
from folkmoot.publishing.policy.rules import BLOCK, INFO, SEVERITIES, WARN, Rule, Ruleset
from folkmoot.publishing.policy.subject import Subject

if TYPE_CHECKING:
    from folkmoot.outbox.public import Channel
    from folkmoot.publishing.models import Post
    from folkmoot.publishing.policy.reading import Looked

__all__ = [
    "BLOCK",
    "INFO",
    "SEVERITIES",
    "WARN",
    "Finding",
    "blocking",
    "check_content",
    "findings",
    "findings_many",
    "findings_of",
    "rules_in_force",
]


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: id of the rule.
        severity: ``block``, ``warn`` or ``info``; of a waived block: ``info``.
        where: in words: the channels, the part.
        channels: names of the channels that it is about; none: the base text, a file.
        part: number of the part, 0: the whole.
        line: in a file.
        found: the words in question; ``instead`` could stand there.
        waived: who lets it pass, and why.
    """

    rule: str
    severity: str
    message: str
    where: str = ""
    fix: str = ""
    channels: tuple[str, ...] = ()
    part: int = 0
    line: int = 0
    found: str = ""
    instead: str = ""
    waived: str = ""

    @property
    def blocks(self) -> bool:
        """Nothing leaves while it stands."""
        return self.severity == BLOCK


def check_content(subject: Subject, ruleset: Ruleset | None = None) -> list[Finding]:
    """What the rules find in one text on one channel, the most serious first; asks no database.

    Args:
        ruleset: the rules; ``None``: those that an installation begins with.
    """
    rules = (ruleset or load(default_text())).rules
    found = [
        _finding(rule, hit, subject)
        for rule in rules
        if rule.applies(subject)
        for hit in rule.check.find(subject, rule.params)
    ]
    return in_order(dict.fromkeys(found))


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """The most serious first, then as they stand in the text."""
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), each.line, each.part))


def _finding(rule: Rule, hit: Hit, subject: Subject) -> Finding:
    piece = subject.parts[hit.part - 1] if 0 < hit.part <= len(subject.parts) else None
    line = hit.line
    if not line and piece is not None and piece.line:
        line = piece.line + piece.text.count("\n", 0, hit.at or 0)
    message = hit.message
    if rule.message:
        message = rule.message.replace("{what}", hit.message).replace("{found}", hit.found)
    part = hit.part if len(subject.parts) > 1 else 0
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        where=_where((subject.channel,) if subject.channel else (), part),
        fix=rule.fix or hit.fix,
        channels=(subject.channel,) if subject.channel else (),
        part=part,
        line=line,
        found=hit.found,
        instead=hit.instead,
    )


def _where(channels: Sequence[str], part: int) -> str:
    words = [", ".join(channels)] if channels else []
    return " · ".join([*words, _("part %(n)s") % {"n": part}] if part else words)


def together(found: Iterable[Finding]) -> list[Finding]:
    """What several channels have in common, said once."""
    channels: dict[Finding, list[str]] = {}
    for each in found:
        channels.setdefault(replace(each, channels=(), where=""), []).extend(each.channels)
    merged = []
    for each, names in channels.items():
        unique = tuple(dict.fromkeys(names))
        merged.append(replace(each, channels=unique, where=_where(unique, each.part)))
    return in_order(merged)


def blocking(found: Iterable[Finding]) -> list[Finding]:
    """Those that nothing leaves with."""
    return [each for each in found if each.blocks]


def rules_in_force() -> Ruleset:
    """The community's rules; those that an installation begins with where nobody saved any. One query.

    A stored policy that this version cannot read any more (a check went away) blocks nothing silently: the rules that
    an installation begins with hold until somebody mends it.
    """
    from folkmoot.publishing.models import Policy

    text = Policy.objects.filter(pk=1).values_list("text", flat=True).first()
    try:
        return load(default_text() if text is None else text)
    except CannotRead:
        return load(default_text())


def findings(post: Post, *, channel: Channel | None = None, ruleset: Ruleset | None = None) -> list[Finding]:
    """What the community's policy finds in a post, on all of its channels or on one; waivers are looked at.

    Args:
        channel: only this channel's text.
        ruleset: other rules than those in force, for a trial.
    """
    return findings_many([post], channel=channel, ruleset=ruleset)[post.pk]


def findings_many(
    posts: Iterable[Post], *, channel: Channel | None = None, ruleset: Ruleset | None = None
) -> dict[int, list[Finding]]:
    """:func:`findings` of many posts, by their number, in a fixed number of queries."""
    from folkmoot.publishing.policy import reading

    posts = list(posts)
    rules = ruleset if ruleset is not None else rules_in_force()
    subjects = reading.subjects(posts, channel=channel)
    waivers = reading.waivers(reading.waiver_rows(posts))
    return {post.pk: _found(subjects[post.pk], rules, waivers.get(post.pk, {})) for post in posts}


def findings_of(looked: Looked, *, waivers: Mapping[str, str]) -> list[Finding]:
    """:func:`findings` of a post that was read already, and need not be saved.

    Args:
        waivers: which rules it may pass, with the words for each (``reading.waivers``).
    """
    from folkmoot.publishing.policy import reading

    return _found(reading.subjects_of([looked])[0], rules_in_force(), waivers)


def _found(subjects: Iterable[Subject], rules: Ruleset, waivers: Mapping[str, str]) -> list[Finding]:
    return _waived(together(hit for subject in subjects for hit in check_content(subject, rules)), waivers)


def _waived(found: list[Finding], waivers: Mapping[str, str]) -> list[Finding]:
    return in_order(
        replace(each, severity=INFO, waived=waivers[each.rule])
        if each.blocks and each.rule in waivers
        else each
        for each in found
    )
