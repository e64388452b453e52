"""What people are told, what waits to be mailed, and who can be mentioned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Min, Q, QuerySet

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.notices import hours
from folkmoot.kernel.notices.kinds import DigestLine, digest_parts, notice_kinds
from folkmoot.kernel.notices.models import (
    USUAL,
    USUAL_HOUR,
    Frequency,
    Notice,
    NoticePreference,
    NoticeSettings,
)
from folkmoot.kernel.permissions.areas import Area

#: What is older than this is not mailed any more; it stays on the page.
MAILED_WITHIN = dt.timedelta(days=30)


def visible(user: User) -> Q:
    """The condition for notices whose area the person may see now, whatever they could when it was written."""
    may = Q(pk__in=[])
    for kind in notice_kinds:
        areas = [area for area in kind.areas() if kind.may_see(user, area)]
        if areas:
            may |= Q(kind=kind.key, area__in=areas)
    return may


def notices_for(user: User) -> QuerySet[Notice]:
    """The person's own notices that they may still see."""
    return Notice.objects.filter(visible(user), user=user).select_related("actor")


def unread_count(user: User) -> int:
    """How many of them are unread. One query."""
    return notices_for(user).filter(read_at__isnull=True).count()


@dataclass(frozen=True)
class Wish:
    """How often an area's notices are mailed to a person, since when, and which are too old for it."""

    mail: Frequency
    changed_at: dt.datetime | None = None
    mail_after: dt.datetime | None = None


def wishes(user: User) -> dict[str, Wish]:
    """What the person wants for each area; :data:`USUAL` where they have chosen nothing. One query."""
    return _wishes(NoticePreference.objects.filter(user=user))


def _wishes(rows: Iterable[NoticePreference]) -> dict[str, Wish]:
    chosen = {row.area: Wish(Frequency(row.mail), row.changed_at, row.mail_after) for row in rows}
    return {area.value: chosen.get(area.value, Wish(USUAL)) for area in Area}


def settings_of(user: User) -> NoticeSettings:
    """The person's quiet hours and digest times, or the usual ones, unsaved."""
    return NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)


def waiting(
    user: User, frequency: Frequency, now: dt.datetime, *, before: dt.datetime | None = None
) -> list[Notice]:
    """Notices that a mail of this frequency should hold: unread, in no mail yet, oldest first. Two queries.

    Args:
        before: only those that were written before this moment.
    """
    wished = wishes(user)
    rows = notices_for(user).filter(
        read_at__isnull=True, mailed_at__isnull=True, created_at__gte=now - MAILED_WITHIN
    )
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    rows = rows.filter(area__in=[area for area, wish in wished.items() if wish.mail == frequency])
    found = rows.order_by("created_at", "pk").select_for_update(of=("self",))
    return [row for row in found if not _too_old(row.created_at, wished[row.area])]


def _too_old(created_at: dt.datetime, wish: Wish) -> bool:
    return wish.mail_after is not None and created_at < wish.mail_after


def digest_lines(user: User, now: dt.datetime) -> list[tuple[str, list[DigestLine]]]:
    """What the areas that the person follows weekly add to the digest: (heading, lines)."""
    areas = frozenset(area for area, wish in wishes(user).items() if wish.mail == Frequency.WEEKLY)
    areas &= {area for area in areas if user.level_in(area)}
    found = [(str(part.label), list(part.find(user, now, areas))) for part in digest_parts] if areas else []
    return [(label, lines) for label, lines in found if lines]


@dataclass(frozen=True)
class DueDigest:
    """A digest whose time has come."""

    user_id: int
    frequency: Frequency
    #: The day in the person's zone, and the moment (UTC) that it was due.
    day: dt.date
    at: dt.datetime


def due_digests(now: dt.datetime) -> list[DueDigest]:
    """Digests whose last time has come, made already or not, where there may be something to say. Four queries."""
    community_zone = Community.current().time_zone
    preferences: dict[int, list[NoticePreference]] = defaultdict(list)
    for row in NoticePreference.objects.all():
        preferences[row.user_id].append(row)
    oldest: dict[int, dict[str, dt.datetime]] = defaultdict(dict)
    unmailed = Notice.objects.filter(
        read_at__isnull=True, mailed_at__isnull=True, created_at__gte=now - MAILED_WITHIN
    )
    for user_id, area, first in (
        unmailed.order_by().values_list("user_id", "area").annotate(first=Min("created_at"))
    ):
        oldest[user_id][area] = first
    found = []
    for user in User.objects.filter(is_active=True).select_related("notice_settings").order_by("pk"):
        wished = _wishes(preferences[user.pk])
        chosen: NoticeSettings | None = getattr(user, "notice_settings", None)
        hour, weekday = (chosen.digest_hour, chosen.digest_weekday) if chosen else (USUAL_HOUR, 0)
        zone = hours.zone_of(user, community_zone)
        for frequency in (Frequency.DAILY, Frequency.WEEKLY):
            day, at = hours.last_digest(now, zone, hour, weekday if frequency == Frequency.WEEKLY else None)
            if chosen is not None and chosen.changed_at > at:
                continue  # that time was not the person's then
            follows = [
                area
                for area, wish in wished.items()
                if wish.mail == frequency and (wish.changed_at is None or wish.changed_at <= at)
            ]
            told = any(area in oldest[user.pk] and oldest[user.pk][area] < at for area in follows)
            if told or (follows and frequency == Frequency.WEEKLY):
                found.append(DueDigest(user.pk, frequency, day, at))
    return found


def left_behind(now: dt.datetime) -> list[int]:
    """People with notices to be mailed at once that have been waiting for an hour: a worker died, or mail was down."""
    rows = Notice.objects.filter(
        read_at__isnull=True,
        mailed_at__isnull=True,
        created_at__gte=now - MAILED_WITHIN,
        created_at__lt=now - dt.timedelta(hours=1),
        user__is_active=True,
    )
    at_once = NoticePreference.objects.filter(mail=Frequency.AT_ONCE).values_list("user_id", "area")
    wanted: dict[int, list[str]] = defaultdict(list)
    for user_id, area in at_once:
        wanted[user_id].append(area)
    waits = set(rows.order_by().values_list("user_id", "area").distinct())
    return sorted(
        user_id for user_id, areas in wanted.items() if any((user_id, area) in waits for area in areas)
    )
