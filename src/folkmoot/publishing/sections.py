"""What publishing tells: a section of the community report, and a report of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.area_reports import AreaSection
from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.reporting import (
    Block,
    Column,
    ReportKind,
    Table,
    Text,
    Unit,
    report_sections,
    reports,
)
from folkmoot.publishing.models import Kind, Publication
from folkmoot.publishing.queries import figures

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

REPORT = reports.register(
    ReportKind(
        "publishing",
        gettext_lazy("Publishing"),
        gettext_lazy(
            "What was planned, what left, what was missed; cadence, reach and reactions; what worked."
        ),
        permission="publishing.view",
        order=30,
    )
)


class PostSection(AreaSection):
    """A section of the report about publishing; none before anything was ever scheduled."""

    report = REPORT.key
    permission = area_permission = "publishing.view"

    def is_empty(self, scope: Scope) -> bool:
        return not scope.remember("publishing.any", lambda: Publication.objects.exists())


@report_sections.declare
class Summary(PostSection):
    """Publishing in the community report."""

    key = "publishing.summary"
    report = "community"
    permission = "reports.view"
    title = gettext_lazy("Publishing")
    order = 60

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """What was planned, left and missed, and how it fared; cadence kept."""
        _found, shown = self.figures(
            scope, user, "posts_planned", "posts_sent", "posts_missed", "engagement_median"
        )
        return (*shown, channels(scope), *cadence(scope))


@report_sections.declare
class Leaving(PostSection):
    """Planned, sent, missed."""

    key = "publishing.leaving"
    title = gettext_lazy("What was planned, what left")
    order = 10

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Figures of the period, and each channel."""
        _found, shown = self.figures(
            scope, user, "posts_planned", "posts_sent", "posts_missed", "posts_on_time"
        )
        return (*shown, channels(scope))


@report_sections.declare
class Cadence(PostSection):
    """Goals kept."""

    key = "publishing.cadence"
    title = gettext_lazy("Cadence")
    order = 20

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Each channel's windows, and how many were kept."""
        return cadence(scope) or (Text(_("No channel has a cadence goal.")),)


@report_sections.declare
class Fared(PostSection):
    """Reach and engagement."""

    key = "publishing.fared"
    title = gettext_lazy("Reach and reactions")
    order = 30

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Medians, by kind and campaign; followers."""
        _found, shown = self.figures(scope, user, "engagement_median", "reach_median")
        kinds = dict(Kind.choices)
        by_kind = _by(
            "engagement_by_kind",
            _("Reactions by kind of post"),
            _("Kind"),
            [(str(kinds.get(name, name)), number, value) for name, number, value in figures.by_kind(scope)],
        )
        by_campaign = _by(
            "engagement_by_campaign",
            _("Reactions by campaign"),
            _("Campaign"),
            [(name or _("none"), number, value) for name, number, value in figures.by_campaign(scope)],
        )
        return (*shown, by_kind, by_campaign, *follow(scope))


@report_sections.declare
class Worked(PostSection):
    """What worked."""

    key = "publishing.worked"
    title = gettext_lazy("What worked")
    order = 40

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """The posts with the most reactions, and hours where there is enough to tell."""
        rows = [
            (
                one.variant.post.title,
                str(one.delivery.channel),
                int(getattr(one, "engagement", 0)),
                getattr(one, "reading_views", None),
            )
            for one in figures.best(scope)
        ]
        if not rows:
            return (Text(_("No platform told of a reaction to a post of this period.")),)
        title = _("“%(title)s” was met with the most reactions") % {"title": rows[0][0]}
        columns = (
            Column(_("Post")),
            Column(_("Channel")),
            Column(_("Reactions"), Unit.COUNT),
            Column(_("Views"), Unit.COUNT),
        )
        return (Table("best_posts", title, columns, tuple(rows)), hours(scope))


@report_sections.declare
class About(PostSection):
    """What was told of."""

    key = "publishing.about"
    title = gettext_lazy("What the posts were about")
    order = 50

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Posts by tag."""
        found = figures.by_tag(scope)
        if not found:
            return (Text(_("No post of this period bears a tag.")),)
        whole = figures.sent(scope).count()
        first = next(iter(found))
        return (
            Table(
                "posts_by_tag",
                _("Most were about “%(tag)s”") % {"tag": first},
                (Column(_("Tag")), Column(_("Posts"), Unit.COUNT), Column(_("Share"), Unit.SHARE)),
                tuple((tag, number, number / whole) for tag, number in found.items()),
            ),
        )


def channels(scope: Scope) -> Table:
    """Each channel: planned, left, and how it fared in the middle."""
    rows = figures.by_channel(scope)
    left, whole = sum(row[2] for row in rows), sum(row[1] for row in rows)
    title = (
        ngettext("%(left)d of %(n)d post left", "%(left)d of %(n)d posts left", whole)
        % {"left": left, "n": whole}
        if rows
        else _("No post was to leave in this period")
    )
    return Table(
        "posts_by_channel",
        title,
        (
            Column(_("Channel")),
            Column(_("Were to leave"), Unit.COUNT),
            Column(_("Left"), Unit.COUNT),
            Column(_("Reactions (median)"), Unit.COUNT),
            Column(_("Views (median)"), Unit.COUNT),
        ),
        tuple(rows),
    )


def cadence(scope: Scope) -> tuple[Block, ...]:
    """Each channel's windows that ended in the period; nothing where no channel has a goal."""
    windows = figures.windows(scope)
    if not windows:
        return ()
    kept: dict[str, list[int]] = {}
    for window in windows:
        told = kept.setdefault(window.channel.name, [0, 0, 0])
        told[0] += 1
        told[1] += window.is_kept
        told[2] += window.missing
    whole = sum(window.is_kept for window in windows)
    title = ngettext(
        "%(kept)d of %(n)d window was kept", "%(kept)d of %(n)d windows were kept", len(windows)
    ) % {"kept": whole, "n": len(windows)}
    columns = (
        Column(_("Channel")),
        Column(_("Windows"), Unit.COUNT),
        Column(_("Kept"), Unit.COUNT),
        Column(_("Posts that lacked"), Unit.COUNT),
    )
    return (Table("cadence", title, columns, tuple((name, *told) for name, told in kept.items())),)


def follow(scope: Scope) -> tuple[Block, ...]:
    """Followers of each channel that tells them."""
    rows = figures.followers(scope)
    if not rows:
        return ()
    columns = (
        Column(_("Channel")),
        Column(_("Followers at first"), Unit.COUNT),
        Column(_("At the end"), Unit.COUNT),
        Column(_("Change"), Unit.COUNT),
    )
    told = tuple(
        (name, before, after, after - before if before is not None else None) for name, before, after in rows
    )
    return (Table("followers", _("Followers"), columns, told),)


def hours(scope: Scope) -> Block:
    """Hours by reactions, or that there is not enough to tell."""
    rows = figures.by_hour(scope)
    if not rows:
        return Text(
            _("Fewer than %(n)d posts were told of: too few to say which hours work.") % {"n": figures.ENOUGH}
        )
    columns = (
        Column(_("Hour of the day")),
        Column(_("Posts"), Unit.COUNT),
        Column(_("Reactions (median)"), Unit.COUNT),
    )
    title = _("Reactions by hour, on each channel's clock")
    return Table(
        "hours", title, columns, tuple((f"{hour:02}:00", number, value) for hour, number, value in rows)
    )


def _by(key: str, title: str, what: str, rows: list[tuple[str, int, float | None]]) -> Table:
    columns = (Column(what), Column(_("Posts"), Unit.COUNT), Column(_("Reactions (median)"), Unit.COUNT))
    return Table(key, title, columns, tuple(rows))
