"""Asking platforms how posts fare: often at first, seldom later, each answer kept with its moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.outbox.public import Channel, Delivery, State, Verb, figures_of, followers_of
from folkmoot.publishing.models import FollowerReading, Publication, Reading

JOB = "publishing.figures"
FOLLOWERS = "publishing.followers"
#: What a reading holds; a platform tells some of it.
NAMES = ("likes", "shares", "replies", "quotes", "views", "clicks")
#: Up to which age a post is read how often.
PACE = (
    (dt.timedelta(days=2), dt.timedelta(hours=3)),
    (dt.timedelta(days=14), dt.timedelta(days=1)),
    (dt.timedelta(days=90), dt.timedelta(days=7)),
)
#: Asked for by one line.
AT_ONCE = 50


def hours(now: dt.datetime) -> str:
    """A slot for each hour, where something is young enough to be asked for."""
    young = Delivery.objects.filter(
        publication__isnull=False, state=State.SENT, sent_at__gte=now - PACE[-1][0]
    )
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}" if young.exists() else ""


def there(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """Of publications those that left and were not withdrawn since."""
    gone = Delivery.objects.filter(about=OuterRef("delivery"), verb=Verb.WITHDRAW, state=State.SENT)
    return rows.filter(delivery__state=State.SENT, delivery__verb=Verb.SEND).exclude(Exists(gone))


def due(now: dt.datetime) -> QuerySet[Publication]:
    """The publications whose newest reading is older than their age allows, those that wait longest first."""
    newest = Reading.objects.filter(publication=OuterRef("pk"), is_newest=True).values("at")[:1]
    rows = there(Publication.objects.all()).annotate(read_at=Subquery(newest))
    wanted, younger = Q(pk__in=[]), dt.timedelta(0)
    for age, pause in PACE:
        of_age = Q(delivery__sent_at__lte=now - younger, delivery__sent_at__gt=now - age)
        wanted |= of_age & (Q(read_at=None) | Q(read_at__lte=now - pause))
        younger = age
    return (
        rows.filter(wanted)
        .select_related("delivery__channel")
        .order_by(F("read_at").asc(nulls_first=True), "pk")
    )


def read_all(context: JobContext) -> dict[str, int]:
    """The job: one line for each channel, whatever is due. What cannot be asked now is asked next time."""
    rows = list(due(clock.now()))
    told = {"asked": 0, "told": 0}
    by_channel: dict[int, list[Publication]] = {}
    for row in rows:
        by_channel.setdefault(row.delivery.channel_id, []).append(row)
    for those in by_channel.values():
        for start in range(0, len(those), AT_ONCE):
            some = those[start : start + AT_ONCE]
            told["told"] += read(some)
            told["asked"] += len(some)
            context.checkpoint(None, done=told["asked"], total=len(rows))
    return told


def read(publications: Sequence[Publication]) -> int:
    """Ask for these and keep what is told.

    Returns:
        of how many something was told.
    """
    found = figures_of([row.delivery for row in publications])
    known = [(row, found[row.delivery_id]) for row in publications if row.delivery_id in found]
    return keep(known)


@transaction.atomic
def keep(known: Iterable[tuple[Publication, dict[str, int]]], at: dt.datetime | None = None) -> int:
    """Keep readings of one moment (UTC); what a platform does not tell stays empty. The same moment twice is once."""
    moment = at or clock.now()
    number = 0
    for publication, told in known:
        values = {name: max(0, int(told[name])) for name in NAMES if name in told}
        if not values:
            continue
        number += 1
        newest = Reading.objects.select_for_update().filter(publication=publication, is_newest=True).first()
        if newest is not None and newest.at >= moment:
            continue
        if newest is not None:
            Reading.objects.filter(pk=newest.pk).update(is_newest=False)
        Reading.objects.create(publication=publication, at=moment, **values)
    return number


def read_followers(context: JobContext) -> dict[str, int]:
    """The job: how many follow each channel today (UTC)."""
    rows = list(Channel.objects.filter(medium="post", archived_at=None).order_by("pk"))
    told = 0
    for number, channel in enumerate(rows, start=1):
        followers = followers_of(channel)
        if followers is not None:
            told += 1
            FollowerReading.objects.update_or_create(
                channel=channel, on=clock.today(), defaults={"followers": followers}
            )
        context.checkpoint(None, done=number, total=len(rows))
    return {"channels": len(rows), "told": told}
