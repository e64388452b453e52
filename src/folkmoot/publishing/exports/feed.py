"""Posts as a calendar that other programs subscribe to (iCalendar, RFC 5545).

Moments are in UTC, so that no program needs to know a zone. A post keeps its UID whatever becomes of it; a cancelled
one says so, since a program that only misses it would keep it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from folkmoot.kernel import clock
from folkmoot.kernel.community import Community
from folkmoot.publishing.models import Part, Post, PostState, Variant

#: What a token must be good for that stands in the address.
SCOPE = "posts.calendar:read"
#: How far back and ahead the feed goes, and how many entries it has at most.
BACK, AHEAD = dt.timedelta(days=92), dt.timedelta(days=400)
MOST = 2000
#: How often programs should ask again.
REFRESH = dt.timedelta(hours=1)

_STATUS = {
    PostState.SCHEDULED: "CONFIRMED",
    PostState.PUBLISHED: "CONFIRMED",
    PostState.CANCELLED: "CANCELLED",
}
#: Revisions are counted in minutes from here: they have to fit into 31 bits.
_ZERO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def feed(posts: QuerySet[Post], *, name: str = "") -> bytes:
    """The posts as an iCalendar file; five queries."""
    now = clock.now()
    window = (now - BACK, now + AHEAD)
    rows = list(posts.filter(due_at__range=window).order_by("due_at", "pk")[:MOST])
    own = Variant.objects.filter(
        due_at__range=window, channel__isnull=False, post__in=posts.order_by().values("pk")
    )
    apart = list(own.select_related("post", "channel").order_by("due_at", "pk")[: max(0, MOST - len(rows))])
    shown = {row.pk for row in rows} | {variant.post_id for variant in apart}
    channels: dict[int, list[str]] = defaultdict(list)
    follow = Variant.objects.filter(post__in=shown, channel__isnull=False, due_at=None).order_by(
        "channel__name"
    )
    for pk, channel in follow.values_list("post_id", "channel__name"):
        channels[pk].append(str(channel))
    texts: dict[int, list[str]] = defaultdict(list)
    parts = Part.objects.filter(variant__post__in=shown, variant__channel=None).order_by("position")
    for pk, text in parts.values_list("variant__post", "text"):
        texts[pk].append(text)
    calendar = Calendar()
    calendar.add("prodid", "-//Folkmoot//Posts//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    title = name or _("%(community)s: posts") % {"community": Community.current().name}
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for row in rows:
        assert row.due_at is not None  # noqa: S101 - only those with a time are asked for
        calendar.add_component(_event(f"post-{row.pk}", row, row.due_at, channels[row.pk], texts[row.pk]))
    for variant in apart:
        assert variant.due_at is not None  # noqa: S101
        place = [variant.channel.name] if variant.channel else []
        calendar.add_component(
            _event(f"variant-{variant.pk}", variant.post, variant.due_at, place, texts[variant.post_id])
        )
    content: bytes = calendar.to_ical()
    return content


def _event(key: str, post: Post, at: dt.datetime, channels: list[str], texts: list[str]) -> Event:
    event = Event()
    event.add("uid", f"{key}@{urlsplit(settings.BASE_URL).hostname or 'folkmoot'}")
    event.add("dtstamp", post.changed_at.astimezone(dt.UTC))
    event.add("last-modified", post.changed_at.astimezone(dt.UTC))
    event.add("created", post.created_at.astimezone(dt.UTC))
    event.add("sequence", max(0, int((post.changed_at - _ZERO).total_seconds() // 60)))
    event.add("dtstart", at.astimezone(dt.UTC))
    event.add("duration", dt.timedelta(minutes=15))
    event.add("summary", post.title)
    event.add("status", _STATUS.get(PostState(post.state), "TENTATIVE"))
    event.add("transp", "TRANSPARENT")
    state = str(post.get_state_display())
    first = f"{state}: {', '.join(channels)}" if channels else state
    event.add("description", "\n\n".join([first, *texts]))
    event.add("url", f"{settings.BASE_URL.rstrip('/')}{reverse('publishing:post', args=[post.pk])}")
    return event
