"""Work by the clock: reading mailboxes for what came back, keeping planned times true, testing every access."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.connectors import mailbox
from folkmoot.connectors.base import CannotOpen, connectors
from folkmoot.connectors.posts import MEDIUM as POSTS
from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.outbox import queries, times
from folkmoot.outbox.actions import came_back
from folkmoot.outbox.engine import access, telling
from folkmoot.outbox.models import Channel, Delivery, State

log = structlog.get_logger(__name__)

MAILBOX = "outbox.mailbox"
TIMES = "outbox.times"
ACCESS = "outbox.access"


def ten_minutes(now: dt.datetime) -> str:
    """A slot for each ten minutes, where some channel has a mailbox."""
    if not any(mailbox.is_there(channel.access) for channel in queries.channels().filter(medium="mail")):
        return ""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%dT%H}:{at.minute // 10}0"


def read_mailboxes(context: JobContext) -> dict[str, object]:
    """The job that reads what came back; each mailbox from where it was left, nothing in it is changed."""
    counts = {"messages": 0, "reports": 0, "new": 0}
    problems = []
    for channel in queries.channels().filter(medium="mail"):
        if not mailbox.is_there(channel.access):
            continue
        try:
            read_mailbox(channel, counts)
        except CannotOpen as problem:
            problems.append(f"{channel.name}: {problem}")
            log.warning("mailbox cannot be read", channel=channel.pk, why=str(problem))
            Channel.objects.filter(pk=channel.pk).update(
                mailbox_failing_since=channel.mailbox_failing_since or clock.now(),
                mailbox_failing_words=str(problem)[:500],
            )
    return {**counts, **({"problems": problems} if problems else {})}


def read_mailbox(channel: Channel, counts: dict[str, int]) -> None:
    """Read one mailbox to its end.

    Raises:
        CannotOpen: it cannot be read.
    """
    is_more = True
    while is_more:
        reading = mailbox.read(channel.access, channel.mailbox_cursor)
        with transaction.atomic():
            for report in reading.reports:
                counts["new"] += came_back(report=report, source=f"mailbox {channel.pk}") is not None
            channel.mailbox_cursor = reading.cursor
            Channel.objects.filter(pk=channel.pk).update(
                mailbox_cursor=reading.cursor, mailbox_failing_since=None, mailbox_failing_words=""
            )
        counts["messages"] += reading.messages
        counts["reports"] += len(reading.reports)
        is_more = reading.is_more


def hourly(now: dt.datetime) -> str:
    """A slot for each hour, where some channel has an access to watch."""
    watched = Q(medium=POSTS) | Q(expires_at__isnull=False) | Q(renew_at__isnull=False)
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}" if queries.channels().filter(watched).exists() else ""


def watch_access(context: JobContext) -> dict[str, int]:
    """The job that tells of accesses which end, and tests those that are needed within a day, or were not for one."""
    now = clock.now()
    counts = {"ending": 0, "tested": 0, "failing": 0}
    for channel in queries.channels().filter(expires_at__lte=now + dt.timedelta(days=queries.EXPIRY_DAYS[0])):
        counts["ending"] += 1
        _tell_of_the_end(channel, now)
    for channel in queries.to_test(now):
        if channel.must_connect or channel.kind not in connectors or _is_manual(channel):
            continue
        due = bool(getattr(channel, "has_due", False))
        counts["tested"] += 1
        words = access.probe(channel, within=access.NEAR_BEFORE_DUE if due else access.NEAR)
        if words:
            counts["failing"] += 1
            log.warning("channel does not work", channel=channel.pk, why=words)
            if due and not channel.must_connect:
                _tell_before_due(channel, words)
    return counts


def _is_manual(channel: Channel) -> bool:
    return bool(getattr(channel.connector, "is_manual", False))


def _tell_of_the_end(channel: Channel, now: dt.datetime) -> None:
    if channel.must_connect or channel.expires_at is None:
        access.must_connect(channel, "")
        return
    left = channel.expires_at - now
    days = min(days for days in queries.EXPIRY_DAYS if left <= dt.timedelta(days=days))
    title = ngettext(
        "%(name)s has to be connected anew within %(n)d day",
        "%(name)s has to be connected anew within %(n)d days",
        days,
    )
    telling.tell_settings(
        kind=telling.ACCESS,
        title=title % {"name": channel.name, "n": days},
        body=_("Its access ends then, and nothing planned for later would leave."),
        url=reverse("outbox:channel", args=[channel.pk]),
        dedupe=f"{telling.ACCESS}:{channel.pk}:{channel.expires_at.date().isoformat()}:{days}",
    )


def _tell_before_due(channel: Channel, words: str) -> None:
    since = channel.failing_since or clock.now()
    telling.tell_settings(
        kind=telling.ACCESS,
        title=_("%(name)s does not work, and something is due within a day") % {"name": channel.name},
        body=words,
        url=reverse("outbox:channel", args=[channel.pk]),
        dedupe=f"{telling.ACCESS}:due:{channel.pk}:{since.isoformat()}",
    )


def keep_times(context: JobContext) -> dict[str, int]:
    """The job that reckons planned moments anew, since the rules of a time zone may have changed meanwhile."""
    changed = 0
    planned = Delivery.objects.filter(
        state__in=[State.WAITING, State.SCHEDULED], due_at__gt=clock.now()
    ).exclude(wall_time="")
    for delivery in list(planned.only("wall_time", "zone", "due_at", "fence")):
        due = times.instant(dt.datetime.fromisoformat(delivery.wall_time), delivery.zone)
        if due != delivery.due_at:
            changed += Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence).update(
                due_at=due, next_at=due, not_after=F("not_after") + (due - delivery.due_at)
            )
    return {"moved": changed}
