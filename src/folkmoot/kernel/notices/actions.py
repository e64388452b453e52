"""Telling people, marking as read, and how each wants to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.notices import hours, queries
from folkmoot.kernel.notices.kinds import notice_kinds
from folkmoot.kernel.notices.models import TITLE_LENGTH, Frequency, Notice, NoticePreference, NoticeSettings
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.text import clean

MAIL_JOB = "notices.mail"


def notify(
    *,
    users: Iterable[User],
    kind: str,
    title: str,
    url: str,
    dedupe: str,
    actor: User | None,
    area: str = "",
    body: str = "",
    about: str = "",
) -> int:
    """Tell people something, in the caller's transaction; who wants mail at once gets it after the commit.

    The actor is never told, nor who may not see the area; the same ``dedupe`` is told to the same person once.

    Args:
        kind: a key of ``notice_kinds``.
        title: one line, cut to 300 characters.
        url: a path of this installation.
        area: for kinds that belong to no area of their own.
        about: by which :func:`withdraw` finds it.

    Returns:
        how many people were told.

    Raises:
        LookupError: no such kind.
        ValueError: the address leads elsewhere, or the area is none of the kind's.
        RuntimeError: called outside a transaction, so that the change and its notice could part.
    """
    declared = notice_kinds.get(kind)
    area = area or declared.area
    if area not in declared.areas():
        raise ValueError(f"a notice of the kind {kind!r} cannot be about the area {area!r}")
    if not is_own_path(url):
        raise ValueError(f"a notice leads to a path of this installation, not to {url!r}")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("notify() belongs inside the transaction of the change it tells of")
    wanted = {
        user.pk: user
        for user in users
        if (actor is None or user.pk != actor.pk) and declared.may_see(user, area)
    }
    told = set(Notice.objects.filter(dedupe=dedupe, user__in=wanted).values_list("user_id", flat=True))
    fresh = [user for pk, user in sorted(wanted.items()) if pk not in told]
    Notice.objects.bulk_create(
        [
            Notice(
                user=user,
                kind=kind,
                area=area,
                title=clean(title)[:TITLE_LENGTH],
                body=body,
                url=url[:500],
                about=about,
                dedupe=dedupe,
                actor=actor,
                created_at=clock.now(),
            )
            for user in fresh
        ],
        ignore_conflicts=True,
    )
    at_once = NoticePreference.objects.filter(user__in=fresh, area=area, mail=Frequency.AT_ONCE)
    for preference in at_once.select_related("user") if fresh else ():
        plan_mail(user=preference.user)
    return len(fresh)


def is_own_path(url: str) -> bool:
    """Whether an address is a path of this installation."""
    return url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable()


def plan_mail(*, user: User, key: str = "") -> None:
    """Queue the mail of what waits to be mailed at once: now, or when the person's quiet hours end."""
    now = clock.now()
    until = hours.quiet_until(now, hours.zone_of(user), queries.settings_of(user).quiet)
    due = until or now
    enqueue(
        kind=MAIL_JOB,
        arguments={"user": user.pk},
        due_at=due,
        unique_key=f"{MAIL_JOB}:{user.pk}:{key or due.isoformat()}",
    )


@transaction.atomic
def withdraw(*, about: str, user: User | None = None) -> int:
    """Take back the unread notices about something that is no more, from one person or from all.

    Returns:
        how many went.
    """
    rows = Notice.objects.filter(about=about, read_at__isnull=True)
    if user is not None:
        rows = rows.filter(user=user)
    return rows.delete()[0] if about else 0


@transaction.atomic
def mark_read(*, notices: QuerySet[Notice], actor: User) -> tuple[int, dt.datetime]:
    """Mark those of the actor's notices that are unread.

    Returns:
        how many, and the moment that :func:`mark_unread_again` takes.
    """
    now = clock.now()
    mine = Notice.objects.filter(pk__in=notices.order_by().values("pk"), user=actor, read_at__isnull=True)
    return mine.update(read_at=now), now


@transaction.atomic
def mark_unread(*, notices: QuerySet[Notice], actor: User) -> int:
    """Mark the actor's notices as unread; those that were mailed are not mailed again."""
    mine = Notice.objects.filter(pk__in=notices.order_by().values("pk"), user=actor, read_at__isnull=False)
    return mine.update(read_at=None)


@transaction.atomic
def mark_unread_again(*, actor: User, moment: dt.datetime) -> int:
    """Take back one :func:`mark_read`."""
    return Notice.objects.filter(user=actor, read_at=moment).update(read_at=None)


@transaction.atomic
def change_wishes(
    *,
    user: User,
    actor: User | None,
    mail: Mapping[str, str],
    quiet_from: dt.time | None,
    quiet_to: dt.time | None,
    digest_hour: int,
    digest_weekday: int,
) -> None:
    """Set how often a person wants mail about each area that is named, and when. The same again changes nothing.

    Args:
        mail: area to frequency.
        quiet_from: wall time in the person's zone; quiet hours may go past midnight.
        digest_weekday: 0 for Monday.

    Raises:
        PermissionDenied: somebody else's.
        ValidationError: by field: an unknown area, frequency, hour or day; quiet hours with one end or none between
            them; a digest within the quiet hours.
    """
    if actor is None or actor.pk != user.pk:
        raise PermissionDenied("notices.own")
    unknown = [area for area, wish in mail.items() if area not in Area.values or wish not in Frequency.values]
    if unknown:
        raise ValidationError({unknown[0]: _("Choose one of the offered answers.")})
    check_hours(quiet_from, quiet_to, digest_hour)
    now = clock.now()
    User.objects.select_for_update().get(pk=user.pk)  # two windows of one person take turns
    chosen = NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)
    was = (chosen.quiet_from, chosen.quiet_to, chosen.digest_hour, chosen.digest_weekday)
    if (quiet_from, quiet_to, digest_hour, digest_weekday) != was:
        chosen.quiet_from, chosen.quiet_to = quiet_from, quiet_to
        if (digest_hour, digest_weekday) != was[2:]:
            chosen.changed_at = now
        chosen.digest_hour, chosen.digest_weekday = digest_hour, digest_weekday
        chosen.full_clean()
        chosen.save()
    _set_mail(user, mail, now)


def check_hours(quiet_from: dt.time | None, quiet_to: dt.time | None, digest_hour: int) -> None:
    """Whether quiet hours and the digests' hour go together.

    Raises:
        ValidationError: by field.
    """
    if (quiet_from is None) != (quiet_to is None):
        missing = "quiet_from" if quiet_from is None else "quiet_to"
        raise ValidationError(
            {missing: _("Give both, when the quiet hours begin and when they end, or neither.")}
        )
    if quiet_from is None or quiet_to is None:
        return
    if quiet_from == quiet_to:
        raise ValidationError(
            {"quiet_to": _("Quiet hours cannot end when they begin. To get no mail, choose never.")}
        )
    at = dt.time(digest_hour) if 0 <= digest_hour <= 23 else None
    across = quiet_from > quiet_to
    if at is not None and ((at >= quiet_from or at < quiet_to) if across else (quiet_from <= at < quiet_to)):
        raise ValidationError({"digest_hour": _("This lies in your quiet hours. Choose another hour.")})


@transaction.atomic
def stop_mail(*, user: User) -> None:
    """Never mail this person about notices again, in any area, until they choose otherwise."""
    _set_mail(user, dict.fromkeys(Area.values, Frequency.NEVER.value), clock.now())


def _set_mail(user: User, mail: Mapping[str, str], now: dt.datetime) -> None:
    known = {row.area: row for row in NoticePreference.objects.select_for_update().filter(user=user)}
    for area, wish in mail.items():
        row = known.get(area) or NoticePreference(user=user, area=area)
        if wish == row.mail:
            continue
        if row.mail == Frequency.NEVER:
            row.mail_after = now
        row.mail, row.changed_at = wish, now
        row.save()
