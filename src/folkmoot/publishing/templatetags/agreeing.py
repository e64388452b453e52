"""What the page of a post tells of agreement: findings, who agreed, comments, links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import template

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing.forms.agreement import CommentForm
from folkmoot.publishing.models import Comment, Post, PreviewLink, Waiver
from folkmoot.publishing.policy import engine
from folkmoot.publishing.policy.engine import Finding
from folkmoot.publishing.queries import agreement as queries

register = template.Library()

TONES = {engine.BLOCK: "failed", engine.WARN: "due", engine.INFO: "quiet"}


@dataclass
class Agreement:
    """Everything that is said of a post beside its texts."""

    findings: list[Finding] = field(default_factory=list)
    standings: list[queries.Standing] = field(default_factory=list)
    approvers: list[User] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    resolved: list[Comment] = field(default_factory=list)
    links: list[PreviewLink] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    form: CommentForm | None = None
    may_contribute: bool = False
    may_manage: bool = False

    @property
    def blocks(self) -> list[Finding]:
        """What nothing leaves with."""
        return engine.blocking(self.findings)

    @property
    def warnings(self) -> list[Finding]:
        """What somebody should look at."""
        return [each for each in self.findings if each.severity == engine.WARN]

    @property
    def notes(self) -> list[Finding]:
        """What is good to know, and what was let pass."""
        return [each for each in self.findings if each.severity == engine.INFO]


@register.simple_tag(takes_context=True)
def agreement_of(context: dict[str, Any], post: Post) -> Agreement:
    """What is said of a post; read once for each page."""
    request = context["request"]
    kept: dict[int, Agreement] = request.__dict__.setdefault("_folkmoot_agreement", {})
    if post.pk not in kept:
        kept[post.pk] = _read(post, request.user)
    return kept[post.pk]


def _read(post: Post, user: User) -> Agreement:
    level = user.level_in(Area.PUBLISHING)
    comments = list(post.comments.select_related("author", "resolved_by", "part__variant__channel"))
    now = clock.now()
    is_open = post.is_editable
    return Agreement(
        findings=engine.findings(post) if is_open else [],
        standings=queries.standings(post) if is_open else [],
        approvers=queries.approvers(post) if post.state == "review" else [],
        comments=[each for each in comments if each.resolved_at is None],
        resolved=[each for each in comments if each.resolved_at is not None],
        links=list(post.preview_links.filter(withdrawn_at=None, until__gt=now)) if is_open else [],
        waivers=list(post.waivers.filter(withdrawn_at=None, until__gt=now).select_related("by")),
        form=CommentForm(post=post) if level >= Level.CONTRIBUTE else None,
        may_contribute=level >= Level.CONTRIBUTE,
        may_manage=level >= Level.MANAGE,
    )


@register.filter
def severity_tone(severity: str) -> str:
    """The look of a severity."""
    return TONES.get(severity, "quiet")
