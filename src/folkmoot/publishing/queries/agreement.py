"""Who has to agree to a post, who has, and who may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.people.public import Term
from folkmoot.publishing.models import Post, PostApproval, PostApprovalRule, PostState, Variant

#: Why the history of a post has an entry: its content changed (written by every action that changes it), it was handed
#: in, it was sent back.
CONTENT_CHANGED, HANDED_IN, SENT_BACK = "content changed", "handed in", "sent back"


def rules_for_many(posts: Iterable[Post]) -> dict[int, list[PostApprovalRule]]:
    """The rules that each post falls under, by its number; three queries.

    A rule that exempts a channel takes a post out of the others only when all of its channels are exempt.
    """
    posts = list(posts)
    rules = _rules()
    channels: dict[int, set[int]] = defaultdict(set)
    tags: dict[int, set[int]] = defaultdict(set)
    if rules:
        keys = [post.pk for post in posts]
        rows = Variant.objects.filter(post__in=keys, channel__isnull=False).order_by()
        for post_pk, channel in rows.values_list("post_id", "channel_id"):
            if channel is not None:
                channels[post_pk].add(channel)
        for post_pk, tag in Post.tags.through.objects.filter(post__in=keys).values_list("post_id", "tag_id"):
            tags[post_pk].add(tag)
    return {post.pk: _those_for(rules, post, channels[post.pk], tags[post.pk]) for post in posts}


def _rules() -> list[PostApprovalRule]:
    return list(PostApprovalRule.objects.select_related("tag", "channel", "role_kind"))


def _those_for(
    rules: Sequence[PostApprovalRule], post: Post, channels: set[int], tags: set[int]
) -> list[PostApprovalRule]:
    mine = [rule for rule in rules if _matches(rule, post, channels, tags)]
    exempt = [rule for rule in mine if rule.is_exempt]
    is_exempt = any(rule.channel_id is None for rule in exempt) or bool(
        exempt and channels <= {rule.channel_id for rule in exempt}
    )
    return [] if is_exempt else [rule for rule in mine if not rule.is_exempt]


def _matches(rule: PostApprovalRule, post: Post, channels: set[int], tags: set[int]) -> bool:
    return (
        (rule.tag_id is None or rule.tag_id in tags)
        and (rule.channel_id is None or rule.channel_id in channels)
        and rule.kind in ("", post.kind)
    )


def rules_for(post: Post) -> list[PostApprovalRule]:
    """The rules that the post falls under: all of them have to be met. None: nobody has to agree."""
    return rules_for_many([post])[post.pk]


@dataclass
class Standing:
    """A rule, and how far a post has met it."""

    rule: PostApprovalRule
    approvals: list[PostApproval] = field(default_factory=list)

    @property
    def still(self) -> int:
        """How many people are missing."""
        return max(0, self.rule.people_needed - len({each.by_id for each in self.approvals}))


def standings_many(posts: Iterable[Post]) -> dict[int, list[Standing]]:
    """The rules of each post with the approvals that hold for its present content, now; four queries."""
    posts = list(posts)
    return _standings(posts, rules_for_many(posts))


def _standings(
    posts: Sequence[Post], rules: Mapping[int, list[PostApprovalRule]]
) -> dict[int, list[Standing]]:
    wanted = [post.pk for post in posts if rules[post.pk]]
    held: dict[tuple[int, int], list[PostApproval]] = defaultdict(list)
    for row in _holding(wanted) if wanted else ():
        held[row.post_id, row.rule_id].append(row)
    return {post.pk: [Standing(rule, held[post.pk, rule.pk]) for rule in rules[post.pk]] for post in posts}


def standings(post: Post) -> list[Standing]:
    """:func:`standings_many` of one post."""
    return standings_many([post])[post.pk]


def standings_of(post: Post, *, channels: set[int], tags: set[int]) -> list[Standing]:
    """:func:`standings` of a post whose channels and tags were read already; two queries."""
    return _standings([post], {post.pk: _those_for(_rules(), post, channels, tags)})[post.pk]


def _holding(posts: Sequence[int]) -> QuerySet[PostApproval]:
    """Approvals that hold now: for the content that is there, not withdrawn, not over, by somebody who is known."""
    return PostApproval.objects.filter(
        Q(until=None) | Q(until__gt=clock.now()),
        post__in=posts,
        content_sha256=F("post__content_sha256"),
        withdrawn_at=None,
        by__isnull=False,
    ).select_related("by")


def missing(post: Post) -> list[PostApprovalRule]:
    """The rules that are not met yet, for the content as it is now."""
    return [each.rule for each in standings(post) if each.still]


def is_agreed(post: Post) -> bool:
    """Everybody who has to agree has agreed to exactly this content; also where nobody has to."""
    return not missing(post)


def is_agreed_many(posts: Iterable[Post]) -> dict[int, bool]:
    """:func:`is_agreed` of many posts, by their number; four queries."""
    return {pk: not any(each.still for each in mine) for pk, mine in standings_many(posts).items()}


# ------------------------------------------------------------------ who may


def writers(post: Post) -> frozenset[int]:
    """Who wrote the post, and who changed its content last: the eyes that a rule of four eyes does not count."""
    last = _last_change(OuterRef("pk"))
    row = Post.objects.filter(pk=post.pk).values_list("written_by", Subquery(last)).first() or ()
    return frozenset(pk for pk in row if pk is not None)


def _last_change(post: Any) -> QuerySet[Any, Any]:
    history: Any = Post.history
    rows = history.filter(id=post, history_change_reason=CONTENT_CHANGED)
    found: QuerySet[Any, Any] = rows.order_by("-history_id").values("history_user")[:1]
    return found


def may_approve(user: User, rule: PostApprovalRule, *, authors: frozenset[int]) -> bool:
    """Whether a person may agree for this rule.

    Args:
        authors: of the post (:func:`writers`).
    """
    if not user.is_active or user.level_in(Area.PUBLISHING) < rule.level:
        return False
    if rule.four_eyes and user.pk in authors:
        return False
    if rule.role_kind_id is None:
        return True
    return Term.objects.on(clock.today()).filter(role_kind=rule.role_kind_id, person__user=user.pk).exists()


def approvable(user: User, post: Post) -> list[PostApprovalRule]:
    """The rules for which this person's approval of the post is still wanted."""
    return approvable_among(user, standings(post), authors=writers(post))


def approvable_among(
    user: User, found: Iterable[Standing], *, authors: frozenset[int]
) -> list[PostApprovalRule]:
    """:func:`approvable` of a post whose standings and writers were read already."""
    return [
        each.rule
        for each in found
        if each.still
        and user.pk not in {one.by_id for one in each.approvals}
        and may_approve(user, each.rule, authors=authors)
    ]


def approvers(post: Post) -> list[User]:
    """Everybody whose approval is still wanted; a query for each rule that is not met."""
    return approvers_among(standings(post), authors=writers(post))


def approvers_among(among: Iterable[Standing], *, authors: frozenset[int]) -> list[User]:
    """:func:`approvers` of a post whose standings and writers were read already."""
    found: dict[int, User] = {}
    for each in among:
        rule = each.rule
        if not each.still:
            continue
        users = User.objects.filter(
            is_active=True, grants__area=Area.PUBLISHING, grants__level__gte=rule.level
        )
        if rule.role_kind_id is not None:
            terms = Term.objects.on(clock.today()).filter(role_kind=rule.role_kind_id)
            users = users.filter(pk__in=terms.values("person__user"))
        if rule.four_eyes:
            users = users.exclude(pk__in=authors)
        given = {one.by_id for one in each.approvals}
        found.update({user.pk: user for user in users.distinct() if user.pk not in given})
    return sorted(found.values(), key=lambda user: (user.name, user.pk))


def waiting_for(user: User) -> QuerySet[Post, Any]:
    """Posts that wait for an approval: those that this person may give one for (``is_mine``), and their own.

    ``handed_in_at`` is since when. One statement, for Today and lists.
    """
    level = user.level_in(Area.PUBLISHING)
    own = Q(written_by=user.pk) | Q(owner=user.pk)
    given = PostApproval.objects.filter(
        Q(until=None) | Q(until__gt=clock.now()),
        post=OuterRef(OuterRef("pk")),
        rule=OuterRef("pk"),
        content_sha256=OuterRef(OuterRef("content_sha256")),
        withdrawn_at=None,
        by=user.pk,
    )
    terms = Term.objects.on(clock.today()).filter(role_kind=OuterRef("role_kind"), person__user=user.pk)
    rules = PostApprovalRule.objects.filter(
        Q(tag=None) | Q(tag__posts=OuterRef("pk")),
        Q(channel=None) | Q(channel__variants__post=OuterRef("pk")),
        Q(kind="") | Q(kind=OuterRef("kind")),
        Q(role_kind=None) | Q(Exists(terms)),
        ~Q(Exists(given)),
        is_exempt=False,
        level__lte=level,
    )
    history: Any = Post.history
    handed_in = history.filter(id=OuterRef("pk"), history_change_reason=HANDED_IN).order_by("-history_id")
    rows = Post.objects.filter(state=PostState.REVIEW).annotate(
        handed_in_at=Subquery(handed_in.values("history_date")[:1]),
        last_by=Subquery(_last_change(OuterRef("pk"))),
    )
    # As yes or no: where nobody is known, a comparison is neither.
    wrote = When(Q(written_by=user.pk) | Q(last_by=user.pk), then=Value(True))
    rows = rows.annotate(is_author=Case(wrote, default=Value(False), output_field=BooleanField()))
    rows = rows.annotate(
        is_mine=Case(
            When(Q(Exists(rules)) & Q(is_author=False), then=Value(True)),
            When(Q(Exists(rules.filter(four_eyes=False))) & Q(is_author=True), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
    )
    return rows.filter(Q(is_mine=True) | own).order_by("changed_at", "pk")
