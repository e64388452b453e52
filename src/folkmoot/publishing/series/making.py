"""Posts that series make: each occurrence once, however often and by however many workers this runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.ledger.public import Activity
from folkmoot.outbox.public import instant, written
from folkmoot.publishing.actions import planning, posts, variants
from folkmoot.publishing.actions.cards import draw_card
from folkmoot.publishing.models import (
    Kind,
    Media,
    Occurrence,
    PoolItem,
    Post,
    PostState,
    PostTemplate,
    Series,
    SeriesKind,
)
from folkmoot.publishing.queries.slots import next_free_slot
from folkmoot.publishing.series import gaps, pools, rules
from folkmoot.publishing.series.occasions import occasions

log = structlog.get_logger(__name__)

JOB = "publishing.series"
#: What happened longer ago is no news: an import of old files sets nothing off.
NEWS = dt.timedelta(days=14)
_KINDS = {
    SeriesKind.EVERGREEN: Kind.EVERGREEN,
    SeriesKind.RECURRING: Kind.RECURRING,
    SeriesKind.RELATIVE: Kind.RELATIVE,
    SeriesKind.TRIGGERED: Kind.TRIGGERED,
}


@dataclass(frozen=True)
class Wanted:
    """An occurrence that has to be: its key, when it is to leave, and what its text may name."""

    key: str
    wall_time: str = ""
    zone: str = ""
    due_at: dt.datetime | None = None
    values: Mapping[str, str] | None = None
    activity: Activity | None = None


def active() -> list[Series]:
    """Series that make posts."""
    rows = Series.objects.filter(paused_at=None, archived_at=None)
    return list(rows.select_related("template__card", "campaign", "owner").order_by("pk"))


def minutes(now: dt.datetime) -> str:
    """A slot for each minute, where there is a series at all."""
    if not Series.objects.filter(paused_at=None, archived_at=None).exists():
        return ""
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"


def make_all(context: JobContext) -> dict[str, int]:
    """The job: what is to be made by now, series by series. What goes wrong with one does not keep the others."""
    told = {"made": 0, "skipped": 0, "problems": 0}
    rows = active()
    for number, series in enumerate(rows, start=1):
        try:
            made = make(series)
            posts_made = len(made) - made.count(None)
            told["made"] += posts_made
            told["skipped"] += len(made) - posts_made
        except ValidationError as problem:
            told["problems"] += 1
            log.warning("a series could not make its post", series=series.pk, why="; ".join(problem.messages))
        context.checkpoint(None, done=number, total=len(rows))
    return told


def make(series: Series, now: dt.datetime | None = None) -> list[Post | None]:
    """Make every post of a series that is to be made by now; ``None`` for what was left out.

    Raises:
        ValidationError: its rule, zone or template cannot be read (any more).
    """
    now = now or clock.now()
    wanted = due(series, now)
    known = set(
        Occurrence.objects.filter(series=series, key__in=[one.key for one in wanted]).values_list(
            "key", flat=True
        )
    )
    return [make_one(series, one, now) for one in wanted if one.key not in known]


def due(series: Series, now: dt.datetime) -> list[Wanted]:
    """The occurrences that have to exist by now."""
    if series.kind in (SeriesKind.RECURRING, SeriesKind.EVERGREEN):
        until = now + dt.timedelta(days=series.days_ahead)
        return [
            Wanted(one.wall_time, one.wall_time, one.zone, one.instant) for one in coming(series, now, until)
        ]
    if series.kind == SeriesKind.RELATIVE:
        return _after_posts(series, now)
    return _after_events(series, now)


def coming(series: Series, after: dt.datetime, until: dt.datetime) -> list[rules.Moment]:
    """The moments of a series by its rule, later than one moment and not later than another (UTC)."""
    if not series.rrule or not series.starts:
        return []
    return rules.moments(
        series.rrule,
        starts=dt.datetime.fromisoformat(series.starts),
        zone=series.zone,
        after=after,
        until=until,
        ends_on=series.ends_on,
    )


def _after_posts(series: Series, now: dt.datetime) -> list[Wanted]:
    """One for each published post that this series follows; those that left before the series was made do not count."""
    rows = Post.objects.filter(state=PostState.PUBLISHED, due_at__isnull=False, due_at__lte=now)
    rows = rows.filter(due_at__gte=series.created_at).exclude(series=series)
    if series.after_series_id is not None:
        rows = rows.filter(series=series.after_series_id)
    elif series.after_tag_id is not None:
        rows = rows.filter(tags=series.after_tag_id)
    else:
        return []
    until = now + dt.timedelta(days=series.days_ahead)
    waiting = rows.exclude(pk__in=_told(series, "post")).order_by("due_at", "pk")
    return [
        _after(series, post, at, now)
        for post, at in ((post, followed(series, post)) for post in waiting)
        if at <= until
    ]


def _after(series: Series, post: Post, at: dt.datetime, now: dt.datetime) -> Wanted:
    """The occurrence that follows a post; one whose time is over is drafted without."""
    key, values = f"post:{post.pk}", {"title": post.title, "link": post.link}
    if at <= now:
        return Wanted(key, values=values)
    return Wanted(key, written(_wall(at, series.zone)), series.zone, at, values)


def _told(series: Series, kind: str) -> list[int]:
    keys = Occurrence.objects.filter(series=series, key__startswith=f"{kind}:").values_list("key", flat=True)
    return [int(key.partition(":")[2]) for key in keys]


def followed(series: Series, post: Post) -> dt.datetime:
    """When the post that follows another is to leave (UTC): so many days after, at the series' time of day.

    Raises:
        ValidationError: there is no such zone.
    """
    assert post.due_at is not None  # noqa: S101 - only published ones are asked for
    there = _wall(post.due_at, series.zone)
    day = there.date() + dt.timedelta(days=series.days_after or 0)
    return instant(dt.datetime.combine(day, series.time or there.time()), series.zone)


def _wall(at: dt.datetime, zone: str) -> dt.datetime:
    try:
        return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (KeyError, ValueError, OSError):
        raise ValidationError(_("There is no time zone “%(zone)s”.") % {"zone": zone}) from None


def _after_events(series: Series, now: dt.datetime) -> list[Wanted]:
    """One for each thing that happened since the series was made and is news still."""
    if series.occasion not in {one.key for one in occasions}:
        return []
    occasion = occasions.get(series.occasion)
    rows = Activity.objects.filter(
        kind__in=occasion.kinds,
        occurred_at__gte=max(now - NEWS, series.created_at - dt.timedelta(days=1)),
        occurred_at__lte=now,
        recorded_at__gte=series.created_at,
    )
    project = series.narrowed.get("project")
    if project:
        rows = rows.filter(project=project)
    rows = rows.exclude(pk__in=_told(series, "activity")).order_by("occurred_at", "pk")
    found = []
    for activity in rows.select_related("item", "project", "identity__person")[:100]:
        key = f"activity:{activity.pk}"
        found.append(Wanted(key, values=occasion.facts(activity), activity=activity))
    return found


@transaction.atomic
def make_one(series: Series, wanted: Wanted, now: dt.datetime) -> Post | None:
    """One occurrence with its post; twice makes it once.

    Raises:
        ValidationError: its template names a gap that there is not any more, or a channel takes no posts.
    """
    try:
        with transaction.atomic():
            occurrence = Occurrence.objects.create(
                series=series,
                key=wanted.key,
                wall_time=wanted.wall_time,
                zone=wanted.zone,
                due_at=wanted.due_at
                or (instant(_of(wanted.wall_time), wanted.zone) if wanted.wall_time else None),
            )
    except IntegrityError:
        return None  # another worker makes it
    at = wanted.due_at or now
    item = None
    if series.kind == SeriesKind.EVERGREEN:
        item = _next_item(series, at)
        if item is None:
            _leave_out(occurrence, _("Every text of the pool was used too lately."), now)
            return None
    elif series.template is None:
        _leave_out(occurrence, _("The series has no text."), now)
        return None
    post = _post_of(series, wanted, item)
    if item is not None:
        PoolItem.objects.filter(pk=item.pk).update(used_at=at, uses=item.uses + 1)
    occurrence.post, occurrence.item = post, item
    occurrence.save(update_fields=["post", "item"])
    _plan(series, post, wanted, now)
    post.refresh_from_db()  # planning works on a row of its own, locked
    return post


def _of(wall_time: str) -> dt.datetime:
    return dt.datetime.fromisoformat(wall_time)


def _leave_out(occurrence: Occurrence, words: str, now: dt.datetime) -> None:
    occurrence.skipped_at, occurrence.words = now, words
    occurrence.save(update_fields=["skipped_at", "words"])


def _next_item(series: Series, at: dt.datetime) -> PoolItem | None:
    items = {one.pk: one for one in PoolItem.objects.filter(series=series, is_active=True)}
    last = (
        Occurrence.objects.filter(series=series, item__isnull=False)
        .order_by("-due_at", "-pk")
        .values_list("item__language", flat=True)
        .first()
    )
    chosen = pools.next_of(
        [pools.Candidate(one.pk, one.language, one.group, one.uses, one.used_at) for one in items.values()],
        at=at,
        cool_down=dt.timedelta(days=series.cool_down_days),
        languages=series.languages,
        last_language=last,
    )
    return items[chosen.pk] if chosen is not None else None


def _post_of(series: Series, wanted: Wanted, item: PoolItem | None) -> Post:
    template, values = series.template, dict(wanted.values or {})
    values.setdefault("date", wanted.wall_time[:10])
    values.setdefault("series", series.name)
    title = item.title if item else gaps.filled(template.title, values) if template else series.name
    link = item.link if item else gaps.filled(template.link, values) if template else ""
    fields: posts.PostFields = {
        "title": title or series.name,
        "kind": _KINDS[SeriesKind(series.kind)],
        "campaign": series.campaign,
        "owner": series.owner,
        "language": (item.language if item else template.language if template else ""),
        "link": link,
        "series": series,
        "tags": [*series.tags.all(), *(template.tags.all() if template else ())],
    }
    if wanted.activity is not None:
        fields |= {"activity": wanted.activity, "project": wanted.activity.project}
    channels = list(series.channels.filter(archived_at=None, medium="post"))
    post = posts.save_post(values=fields, channels=channels, actor=None)
    text = item.text if item else template.text if template else ""
    pictures = _pictures(template, item, values)
    parts = gaps.parts(gaps.filled(text, values))
    variants.save_variant(
        post=post, channel=None, text_parts=parts, media=[pictures] if pictures else None, actor=None
    )
    if template is not None and item is None:
        own = {one.platform: one.text for one in template.texts.all()}
        for channel in channels:
            if channel.kind in own:
                variants.save_variant(
                    post=post,
                    channel=channel,
                    follows_base=False,
                    text_parts=gaps.parts(gaps.filled(own[channel.kind], values)),
                    media=[pictures] if pictures else None,
                    actor=None,
                )
    return post


def _pictures(
    template: PostTemplate | None, item: PoolItem | None, values: Mapping[str, str]
) -> list[variants.Picture]:
    media: Media | None = item.media if item else None
    if media is None and item is None and template is not None and template.card is not None:
        media = draw_card(card=template.card, values={**template.card_values, **values}, actor=None)
    return [(media, "")] if media is not None else []


def _plan(series: Series, post: Post, wanted: Wanted, now: dt.datetime) -> None:
    """Give the post its time, and schedule it where the series may; what stands against that leaves it a draft."""
    wall_time, zone = wanted.wall_time, wanted.zone
    if series.uses_slots:
        channel = series.channels.filter(archived_at=None).order_by("pk").first()
        slot = next_free_slot(channel, max(wanted.due_at or now, now), but=post) if channel else None
        if slot is not None:
            wall_time, zone = slot.wall_time, slot.zone
    if not wall_time and series.time is not None:
        there = _wall(now, series.zone)
        day = there.date() if there.time() < series.time else there.date() + dt.timedelta(days=1)
        wall_time, zone = written(dt.datetime.combine(day, series.time)), series.zone
    if wall_time and instant(_of(wall_time), zone) > now:
        planning.set_time(post=post, wall_time=wall_time, zone=zone, actor=None)
        if series.schedules:
            _schedule(post)


def _schedule(post: Post) -> None:
    try:
        with transaction.atomic():
            planning.schedule(post=post, actor=None)
    except ValidationError as problem:
        log.info("a series left its post a draft", post=post.pk, why="; ".join(problem.messages))
