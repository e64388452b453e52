"""What was planned, what left, what was missed, how it fared."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.publishing.metrics.base import PostMetric
from folkmoot.publishing.models import Publication
from folkmoot.publishing.queries import figures


@metrics.declare
class PostsPlanned(PostMetric):
    """Posts whose time lies in the period."""

    key = "posts_planned"
    label = _("posts were to leave")
    better = Better.NEITHER
    order = 300
    definition = _(
        "Posts on channels whose time lies in the period, whatever became of them. A post counts once for each channel "
        "it goes to; its time is the one it was scheduled for last. Rows: these posts on channels."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each post and channel."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Publication]:
        """Those planned for the period."""
        return figures.planned(scope)


@metrics.declare
class PostsSent(PostMetric):
    """Posts of the period that left."""

    key = "posts_sent"
    label = _("posts left")
    order = 310
    definition = _(
        "Of the posts on channels whose time lies in the period, those that are known to have reached the platform. "
        "Rows: these posts on channels."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each post and channel."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Publication]:
        """Those that left."""
        return figures.sent(scope)


@metrics.declare
class PostsMissed(PostMetric):
    """Posts of the period that did not leave."""

    key = "posts_missed"
    label = _("posts did not leave")
    better = Better.DOWN
    order = 320
    definition = _(
        "Of the posts on channels whose time lies in the period, those that were refused, withheld by a check, missed "
        "because their time went by, or that still ask a person what became of them. Rows: these posts on channels."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each post and channel."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Publication]:
        """Those that did not leave."""
        return figures.missed(scope)


@metrics.declare
class PostsOnTime(PostMetric):
    """How much of what left did so at its minute."""

    key = "posts_on_time"
    label = _("of the posts left on time")
    unit = Unit.SHARE
    order = 330
    definition = _(
        "Of the posts on channels that left in the period, the share that the platform had within one minute of their "
        "time. Not known when nothing left. Rows: the posts on channels that left."
    )

    def compute(self, scope: Scope) -> Figure:
        """Between 0 and 1."""
        number = self.rows(scope).count()
        return Figure(figures.on_time(scope).count() / number if number else None, number)

    def rows(self, scope: Scope) -> QuerySet[Publication]:
        """Those that left."""
        return figures.sent(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That nothing left."""
        return gettext("No post left in this period.")


@metrics.declare
class EngagementMedian(PostMetric):
    """How much people did with a post, in the middle."""

    key = "engagement_median"
    label = _("reactions to a post (median)")
    order = 340
    definition = _(
        "Of the posts on channels that left in the period and of which the platform told something, the median of "
        "likes, shares, replies and quotes together, by the newest reading up to the end of the day that was "
        "looked at. Young posts have had less time. Rows: these posts on channels."
    )
    excludes = _(
        "Posts on channels that tell nothing, cancelled posts, corrections and withdrawals, later parts of threads."
    )

    def compute(self, scope: Scope) -> Figure:
        """In reactions, with fractions."""
        values = list(self.rows(scope).values_list("engagement", flat=True))
        return Figure(figures.middle(values), len(values))

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Those of which something was told."""
        return figures.told(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That nothing was told."""
        return gettext("No platform told anything about the posts of this period.")


@metrics.declare
class ReachMedian(PostMetric):
    """How often a post was seen, in the middle."""

    key = "reach_median"
    label = _("views of a post (median)")
    order = 350
    definition = _(
        "Of the posts on channels that left in the period and of which the platform told how often they were seen, the "
        "median of views by the newest reading. Mastodon and Bluesky do not tell views. Rows: these posts on channels."
    )
    excludes = _("Posts on channels that do not tell views, cancelled posts, later parts of threads.")

    def compute(self, scope: Scope) -> Figure:
        """In views, with fractions."""
        values = list(self.rows(scope).values_list("reading_views", flat=True))
        return Figure(figures.middle(values), len(values))

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Those of which views were told."""
        return figures.reached(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That no platform tells."""
        return gettext("No platform told how often the posts of this period were seen.")


@metrics.declare
class PostsByTag(PostMetric):
    """What the posts were about."""

    key = "posts_by_tag"
    label = _("posts by tag")
    better = Better.NEITHER
    order = 360
    definition = _(
        "Posts on channels that left in the period, by the tags of the post; one with two tags counts under both, one "
        "without is left out. Says whether what is seldom told is told. Rows: the posts on channels that left and bear "
        "a tag."
    )
    excludes = _("Posts without a tag, cancelled posts, corrections and withdrawals, later parts of threads.")

    def compute(self, scope: Scope) -> Figure:
        """Tag to number."""
        found: dict[str, Any] = figures.by_tag(scope)
        return Figure(found, self.rows(scope).count())

    def rows(self, scope: Scope) -> QuerySet[Publication]:
        """Those that left and bear a tag."""
        return figures.sent(scope).filter(variant__post__tags__isnull=False).distinct()
