"""What the page of a post tells of agreement: findings, who agreed, comments, links."""

from __future__ import annotations

from dataclasses import dataclass, field

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing.models import Comment, PostState, PreviewLink, Waiver
from folkmoot.publishing.policy import engine, reading
from folkmoot.publishing.policy.engine import Finding
from folkmoot.publishing.queries import agreement as queries


@dataclass(frozen=True)
class Agreement:
    """Everything that is said of a post beside its texts."""

    findings: list[Finding] = field(default_factory=list)
    standings: list[queries.Standing] = field(default_factory=list)
    approvers: list[User] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    resolved: list[Comment] = field(default_factory=list)
    links: list[PreviewLink] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    #: This person's approval is wanted.
    may_approve: bool = False
    may_contribute: bool = False
    may_manage: bool = False

    @property
    def needs_agreement(self) -> bool:
        """Somebody has not agreed yet."""
        return any(each.still for each in self.standings)

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


def post_agreement(looked: reading.Looked, user: User) -> Agreement:
    """What is said of a post that was read already, to somebody; nothing is asked for twice.

    Of what has left only the comments and waivers are told.
    """
    post, level = looked.whole.post, user.level_in(Area.PUBLISHING)
    is_open = post.is_editable
    comments = list(post.comments.select_related("author", "resolved_by", "part__variant__channel"))
    waivers = reading.waiver_rows([post])
    standings = _standings(looked) if is_open else []
    authors = queries.writers(post) if any(each.still for each in standings) else frozenset()
    is_asked = post.state == PostState.REVIEW
    return Agreement(
        findings=engine.findings_of(looked, waivers=reading.waivers(waivers).get(post.pk, {}))
        if is_open
        else [],
        standings=standings,
        approvers=queries.approvers_among(standings, authors=authors) if is_asked else [],
        comments=[each for each in comments if each.resolved_at is None],
        resolved=[each for each in comments if each.resolved_at is not None],
        links=list(post.preview_links.filter(withdrawn_at=None, until__gt=clock.now())) if is_open else [],
        waivers=waivers,
        may_approve=bool(queries.approvable_among(user, standings, authors=authors)),
        may_contribute=level >= Level.CONTRIBUTE,
        may_manage=level >= Level.MANAGE,
    )


def _standings(looked: reading.Looked) -> list[queries.Standing]:
    whole = looked.whole
    channels = {pk for one in whole.sources if (pk := one.variant.channel_id) is not None}
    return queries.standings_of(whole.post, channels=channels, tags={tag.pk for tag in whole.post.tags.all()})
