"""What other rules would mean, and the rules' history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from folkmoot.publishing.models import Policy, Post
from folkmoot.publishing.policy import engine
from folkmoot.publishing.policy.engine import Finding
from folkmoot.publishing.policy.rules import Ruleset

#: Posts that a trial looks at: those that were changed last.
TRIED = 50


@dataclass(frozen=True)
class Tried:
    """A post for which other rules say something else."""

    post: Post
    #: What would hold it up and does not now, and the other way round.
    blocks: list[Finding]
    frees: list[Finding]


@dataclass(frozen=True)
class Trial:
    """What other rules would mean for the posts that were changed last."""

    looked_at: int
    #: Posts that would be held up now, and how many of them are not so far.
    blocked: int
    rows: list[Tried]
    #: Findings by severity, now and then.
    before: dict[str, int]
    after: dict[str, int]

    @property
    def newly_blocked(self) -> int:
        """Posts that would be held up and are not so far."""
        return sum(bool(row.blocks) for row in self.rows)


def trial(ruleset: Ruleset) -> Trial:
    """Look at the last posts by other rules and by those in force; a fixed number of queries."""
    posts = list(Post.objects.order_by("-changed_at", "-pk")[:TRIED])
    now = engine.findings_many(posts)
    then = engine.findings_many(posts, ruleset=ruleset)
    rows = []
    for post in posts:
        was, will = engine.blocking(now[post.pk]), engine.blocking(then[post.pk])
        blocks = [each for each in will if each not in was]
        frees = [each for each in was if each not in will]
        if blocks or frees:
            rows.append(Tried(post, blocks, frees))
    return Trial(
        looked_at=len(posts),
        blocked=sum(bool(engine.blocking(then[post.pk])) for post in posts),
        rows=rows,
        before=_counts(now),
        after=_counts(then),
    )


def _counts(found: dict[int, list[Finding]]) -> dict[str, int]:
    return {
        severity: sum(each.severity == severity for mine in found.values() for each in mine)
        for severity in engine.SEVERITIES
    }


def versions() -> QuerySet[Any, Any]:
    """Every version of the policy, the newest first."""
    history: Any = Policy.history
    rows: QuerySet[Any, Any] = history.filter(id=1).select_related("history_user").order_by("-history_id")
    return rows
