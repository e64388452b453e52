"""Series, pools and templates of posts: what a person changes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel import clock, saving
from folkmoot.kernel.undo import BESIDE_HISTORY, Undo, removed
from folkmoot.outbox.public import Channel, written
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import (
    Occurrence,
    PoolItem,
    PostTemplate,
    Series,
    SeriesKind,
    TemplateText,
)
from folkmoot.publishing.series import gaps, making, rules
from folkmoot.publishing.series.occasions import occasions

#: Gaps that every text may name.
ALWAYS = ("date", "series")
#: Gaps of texts that follow another post.
OF_POST = ("title", "link")

# A text that comes back into its pool keeps its turn.
BESIDE_HISTORY["publishing.poolitem"] = ("used_at", "uses")
saving.say(
    {
        "series_once": ("name", gettext_lazy("There is a series of this name already.")),
        "series_recurring_has_a_rule": ("rrule", gettext_lazy("Say how often, and when it begins.")),
        "series_triggered_by_something": ("occasion", gettext_lazy("Say what sets it off.")),
        "series_relative_has_days": ("days_after", gettext_lazy("Say how many days after.")),
        "posttemplate_once": (
            "name",
            gettext_lazy("There is a template of this name in this language already."),
        ),
        "poolitem_has_a_text": ("text", gettext_lazy("Write something first.")),
    }
)


@transaction.atomic
def save_series(
    *,
    series: Series | None,
    values: Mapping[str, Any],
    channels: Iterable[Channel],
    tags: Iterable[Any] = (),
    actor: Actor,
    seen: int | None = None,
) -> Series:
    """Add a series, or change one. What it made stays as it is; what it will make follows the new rule.

    Args:
        values: fields of the series; ``starts`` is a wall time.

    Raises:
        ValidationError: by field: a rule or zone that cannot be read, nothing to follow, no text.
    """
    series = base.locked(series, seen) if series is not None else Series(owner=actor)
    starts = base.wall(values.get("starts"))
    base.put(series, {**values, "starts": written(starts) if starts else ""})
    wrong: dict[str, Any] = {}
    try:
        ZoneInfo(series.zone)
    except (KeyError, ValueError, OSError):
        wrong["zone"] = _("There is no time zone “%(zone)s”.") % {"zone": series.zone}
    if series.rrule:
        try:
            series.rrule = rules.checked(series.rrule)
        except ValidationError as problem:
            wrong["rrule"] = problem
    wrong |= _what_is_missing(series)
    among = list(channels)
    if any(channel.medium != MEDIUM for channel in among):
        wrong["channels"] = _("Choose channels that posts go to.")
    if wrong:
        raise ValidationError(wrong)
    series = base.write(series, actor=actor)
    series.channels.set(among)
    series.tags.set(tags)
    return series


def _what_is_missing(series: Series) -> dict[str, Any]:
    kind, wrong = series.kind, {}
    if kind in (SeriesKind.RECURRING, SeriesKind.EVERGREEN):
        if not series.rrule:
            wrong["rrule"] = _("Say how often: FREQ=WEEKLY;BYDAY=TU is every Tuesday.")
        if not series.starts:
            wrong["starts"] = _("Say when it begins.")
    if kind == SeriesKind.RELATIVE:
        if series.after_tag_id is None and series.after_series_id is None:
            wrong["after_tag"] = _("Say which posts it follows: those with a tag, or those of a series.")
        if series.after_series_id is not None and series.after_series_id == series.pk:
            wrong["after_series"] = _("A series cannot follow itself.")
        if series.days_after is None:
            wrong["days_after"] = _("Say how many days after.")
    if kind == SeriesKind.TRIGGERED and series.occasion not in {one.key for one in occasions}:
        wrong["occasion"] = _("Say what sets it off.")
    if kind != SeriesKind.EVERGREEN:
        if series.template is None:
            wrong["template"] = _("Choose a text.")
        else:
            known = gaps_of_series(series)
            texts = [series.template.title, series.template.text, series.template.link]
            texts += [one.text for one in series.template.texts.all()]
            unknown = [name for name in gaps.named(*texts) if name not in known]
            if unknown:
                wrong["template"] = _("This text names {{ %(name)s }}, which is not known here.") % {
                    "name": unknown[0]
                }
    return wrong


def gaps_of_series(series: Series) -> list[str]:
    """What texts of a series may name."""
    more: tuple[str, ...] = ()
    if series.kind == SeriesKind.RELATIVE:
        more = OF_POST
    elif series.kind == SeriesKind.TRIGGERED and series.occasion in {one.key for one in occasions}:
        more = tuple(gap.name for gap in occasions.get(series.occasion).gaps)
    return list(dict.fromkeys((*more, *ALWAYS)))


@transaction.atomic
def pause_series(*, series: Series, actor: Actor, paused: bool = True) -> Series:
    """It makes no more posts until it goes on; what was missed meanwhile is not made up for."""
    series = base.locked(series)
    if bool(series.paused_at) != paused:
        if not paused:
            _pass_over(series)
        series.paused_at = clock.now() if paused else None
        base.write(series, actor=actor, reason=_("paused") if paused else _("goes on"))
    return series


def _pass_over(series: Series) -> None:
    """What would have been made while it was paused, and whose time is over, is left out for good."""
    now = clock.now()
    for wanted in making.due(series, now):
        if wanted.due_at is not None and wanted.due_at > now:
            continue
        Occurrence.objects.get_or_create(
            series=series,
            key=wanted.key,
            defaults={"skipped_at": now, "words": _("The series was paused."), "due_at": wanted.due_at},
        )


@transaction.atomic
def archive_series(*, series: Series, actor: Actor, archived: bool = True) -> Series:
    """Take a series out of use, or bring it back. Its posts stay."""
    series = base.locked(series)
    if bool(series.archived_at) != archived:
        series.archived_at = clock.now() if archived else None
        base.write(series, actor=actor)
    return series


@transaction.atomic
def skip_moment(*, series: Series, wall_time: str, actor: Actor, skipped: bool = True) -> Occurrence | None:
    """Leave one moment of a series out before its post is made, or take that back.

    Raises:
        ValidationError: its post is made already: cancel that instead.
    """
    known = Occurrence.objects.select_for_update().filter(series=series, key=wall_time).first()
    if known is not None and known.post_id is not None:
        raise ValidationError(_("Its post is made already: cancel the post."))
    if not skipped:
        if known is not None:
            known.delete()
        return None
    if known is not None:
        return known
    wall = base.wall(wall_time)
    moment = next(
        (
            one
            for one in making.coming(series, clock.now(), clock.now() + dt.timedelta(days=800))
            if wall is not None and one.wall_time == written(wall)
        ),
        None,
    )
    if moment is None:
        raise ValidationError(_("The series has no such moment."))
    return Occurrence.objects.create(
        series=series,
        key=moment.wall_time,
        wall_time=moment.wall_time,
        zone=moment.zone,
        due_at=moment.instant,
        skipped_at=clock.now(),
        words=_("left out by %(who)s") % {"who": actor or _("Folkmoot")},
    )


@transaction.atomic
def save_item(
    *,
    series: Series,
    item: PoolItem | None,
    values: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> PoolItem:
    """Add a text to a pool, or change one.

    Raises:
        ValidationError: by field; the series is no pool.
    """
    if series.kind != SeriesKind.EVERGREEN:
        raise ValidationError(_("Only pools have texts of their own."))
    item = base.locked(item, seen) if item is not None else PoolItem(series=series)
    base.put(item, values)
    try:
        gaps.check(item.text, ALWAYS)
    except ValidationError as problem:
        raise ValidationError({"text": problem}) from None
    return base.write(item, actor=actor)


@transaction.atomic
def remove_item(*, item: PoolItem, actor: Actor) -> Undo:
    """Take a text out of a pool. Posts made from it stay."""
    return removed(base.locked(item), actor=actor)


@transaction.atomic
def save_template(
    *,
    template: PostTemplate | None,
    values: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
    tags: Iterable[Any] | None = None,
    actor: Actor,
    seen: int | None = None,
) -> PostTemplate:
    """Add a template of posts, or change one.

    Args:
        texts: other texts by platform; an empty one takes it away; ``None``: as they are.

    Raises:
        ValidationError: by field: a gap that its occasion does not fill, a platform that there is not.
    """
    template = base.locked(template, seen) if template is not None else PostTemplate()
    base.put(template, values)
    known = gaps_of_template(template)
    wrong: dict[str, Any] = {}
    for name in ("title", "text", "link"):
        try:
            gaps.check(getattr(template, name), known)
        except ValidationError as problem:
            wrong[name] = problem
    platforms = {one.key for one in connectors if one.medium == MEDIUM}
    for platform, text in (texts or {}).items():
        try:
            if platform not in platforms:
                raise ValidationError(_("There is no platform of this name."))
            gaps.check(text, known)
        except ValidationError as problem:
            wrong[f"text_{platform}"] = problem
    if wrong:
        raise ValidationError(wrong)
    template = base.write(template, actor=actor)
    if tags is not None:
        template.tags.set(tags)
    for platform, text in (texts or {}).items():
        _put_text(template, platform, base.block(text), actor)
    return template


def _put_text(template: PostTemplate, platform: str, text: str, actor: Actor) -> None:
    row = TemplateText.objects.filter(template=template, platform=platform).first()
    if not text:
        if row is not None:
            base.remove(row, actor=actor)
    elif row is None or row.text != text:
        row = row or TemplateText(template=template, platform=platform)
        row.text = text
        base.write(row, actor=actor)


def gaps_of_template(template: PostTemplate) -> list[str]:
    """What a template may name: what its occasion knows; one without an occasion what follows another post knows."""
    if template.occasion in {one.key for one in occasions}:
        more = tuple(gap.name for gap in occasions.get(template.occasion).gaps)
    else:
        more = OF_POST
    return list(dict.fromkeys((*more, *ALWAYS)))


@transaction.atomic
def set_template_aside(*, template: PostTemplate, actor: Actor, aside: bool = True) -> PostTemplate:
    """Take a template out of use, or bring it back.

    Raises:
        ValidationError: a series that makes posts uses it.
    """
    template = base.locked(template)
    if aside and template.series.filter(archived_at=None).exists():
        raise ValidationError(_("A series uses this text: give that another one first."))
    if bool(template.archived_at) != aside:
        template.archived_at = clock.now() if aside else None
        base.write(template, actor=actor)
    return template
