"""Posts on Today: those in trouble, those that are due and nobody has agreed to, links that lead nowhere, good news."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import StrIndex
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import GoodNews, TodayItem
from folkmoot.kernel.rows import Row, Rows
from folkmoot.publishing.addresses import post_page
from folkmoot.publishing.models import LinkCheck, Part, Post, PostState, Publication, Variant
from folkmoot.publishing.settling import STUCK

#: A post that is planned for so soon is told of while nobody has agreed to it or planned its leaving.
SOON = dt.timedelta(days=3)
#: So long after its time a draft is told of still.
FORGOTTEN = dt.timedelta(days=14)
#: Statuses by which a link counts as dead, as the policy's check has it; 0: nobody answered.
DEAD = Q(status=0) | Q(status__in=[404, 410]) | Q(status__gte=500)
#: What may follow an address within a longer one: the shorter one is no link there.
_GOES_ON = re.compile(r"[\w/?#&=%-]")


def _days(since: dt.datetime, until: dt.datetime) -> float:
    return (until - since).total_seconds() / 86400


def _theirs(user: User, rows: QuerySet[Post]) -> QuerySet[Post]:
    """All of them for who manages what is published, their own for the others."""
    if user.has_perm("publishing.manage"):
        return rows
    return rows.filter(Q(owner=user) | Q(written_by=user))


def _mine(row: Row) -> frozenset[int]:
    number = row["owner_id"] or row["written_by_id"]
    return frozenset({number}) if number else frozenset()


def _moment(row: Row) -> dt.datetime:
    moment: dt.datetime = row["due_at"]
    return moment.astimezone(ZoneInfo(row["zone"] or "UTC"))


def in_trouble(user: User, now: dt.datetime) -> Rows:
    """Posts of which something was refused, missed, held back, or asks a person; the oldest first."""
    stuck = Publication.objects.filter(variant__post=OuterRef("pk"), delivery__state__in=STUCK)
    newest = stuck.order_by("-delivery__changed_at", "-pk")
    return Rows(
        _troubled(user).order_by("changed_at", "pk"),
        *("pk", "title", "changed_at", "owner_id", "written_by_id"),
        channel=Subquery(newest.values("variant__channel__name")[:1]),
        words=Subquery(newest.values("delivery__words")[:1]),
    )


def _troubled(user: User) -> QuerySet[Post]:
    return _theirs(user, Post.objects.filter(state=PostState.TROUBLE))


def told_as_trouble(user: User) -> Q:
    """Deliveries of the posts that :func:`in_trouble` tells somebody of: the outbox need not tell of them too."""
    if not user.has_perm("publishing.view"):
        return Q(pk__in=[])
    mine = Publication.objects.filter(variant__post__in=_troubled(user)).values("delivery")
    return Q(pk__in=mine) | Q(about__in=mine)


def tell_trouble(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each post in trouble, with what the platform said last."""
    for row in rows:
        said = row["words"] or _("It did not leave as planned.")
        yield TodayItem(
            key=f"publishing.trouble:{row['pk']}:{row['changed_at']:%Y%m%d%H%M}",
            area=Area.PUBLISHING,
            area_label=Area.PUBLISHING.label,
            title=_("“%(title)s” is in trouble") % {"title": row["title"]},
            why=f"{row['channel']}: {said}" if row["channel"] else said,
            since=row["changed_at"],
            action_label=_("See what happened"),
            action_url=post_page(row["pk"]),
            badge=_("needs a look"),
            tone="failed",
            over_by=2 + _days(row["changed_at"], now),
            icon="exclamation-triangle",
            mine=_mine(row),
        )


def not_agreed(user: User, now: dt.datetime) -> Rows:
    """Posts whose time is near or has just passed and that would not leave then, the soonest first. Those that wait
    for an approval are told by :mod:`folkmoot.publishing.agreement_plugs`."""
    rows = Post.objects.filter(
        state__in=[PostState.DRAFT, PostState.APPROVED],
        due_at__gt=now - FORGOTTEN,
        due_at__lte=now + SOON,
    )
    return Rows(
        _theirs(user, rows).order_by("due_at", "pk"),
        *("pk", "title", "state", "due_at", "zone", "owner_id", "written_by_id"),
    )


def tell_not_agreed(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """ "Leaves on Thursday, and nobody has agreed": each post that would not leave at its time as it stands."""
    for row in rows:
        there, late = _moment(row), row["due_at"] <= now
        when = {"day": date_format(there, "l"), "time": date_format(there, "H:i"), "zone": row["zone"]}
        if late:
            why = _("It was to leave on %(day)s at %(time)s (%(zone)s), and nobody had planned that.")
        elif row["state"] == PostState.APPROVED:
            why = _("It is to leave on %(day)s at %(time)s (%(zone)s): agreed to, and not scheduled.")
        else:
            why = _("It is to leave on %(day)s at %(time)s (%(zone)s), and nobody has agreed.")
        yield TodayItem(
            key=f"publishing.not_agreed:{row['pk']}:{row['due_at']:%Y%m%d%H%M}",
            area=Area.PUBLISHING,
            area_label=Area.PUBLISHING.label,
            title=row["title"],
            why=why % when,
            since=row["due_at"] - SOON,
            action_label=_("Give it another time") if late else _("Finish it"),
            action_url=post_page(row["pk"]),
            badge=_("time is over") if late else _("planned soon"),
            tone="overdue" if late else "due",
            over_by=_days(row["due_at"], now),
            icon="calendar-x",
            mine=_mine(row),
        )


def dead_links(user: User, now: dt.datetime) -> Rows:
    """Texts of scheduled posts with an address that did not answer at the last look."""
    follows = Variant.objects.filter(post=OuterRef("variant__post"), channel__isnull=False, follows_base=True)
    used = Q(variant__channel=None) & Exists(follows) | Q(
        variant__channel__isnull=False, variant__follows_base=False
    )
    named = Q(url=OuterRef("variant__link")) | Q(url=OuterRef("variant__post__link"))
    dead = (
        LinkCheck.objects.filter(DEAD)
        .alias(at=StrIndex(OuterRef("text"), F("url")))
        .filter(named | Q(at__gt=0))
        .order_by("-checked_at", "pk")
    )
    rows = Part.objects.filter(used, variant__post__state=PostState.SCHEDULED)
    if not user.has_perm("publishing.manage"):
        rows = rows.filter(Q(variant__post__owner=user) | Q(variant__post__written_by=user))
    rows = rows.annotate(dead=Subquery(dead.values("url")[:1])).filter(dead__isnull=False)
    return Rows(
        rows.order_by("variant__post__due_at", "pk"),
        *("text", "dead"),
        status=Subquery(dead.values("status")[:1]),
        checked=Subquery(dead.values("checked_at")[:1]),
        post=F("variant__post_id"),
        title=F("variant__post__title"),
        due_at=F("variant__post__due_at"),
        link=F("variant__post__link"),
        own_link=F("variant__link"),
        waits=F("variant__post__waits_for_link"),
        owner_id=F("variant__post__owner_id"),
        written_by_id=F("variant__post__written_by_id"),
    )


def tell_dead_links(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each scheduled post with a dead link, once; a post that waits for its link knows already."""
    told: set[Any] = set()
    for row in rows:
        url = row["dead"]
        announced = url in (row["link"], row["own_link"])
        if row["post"] in told or (announced and row["waits"]):
            continue
        if not announced and not _stands_in(url, row["text"]):
            continue
        told.add(row["post"])
        shown = url if len(url) <= 80 else url[:79] + "…"
        why = (
            _("%(url)s answered %(status)d.") % {"url": shown, "status": row["status"]}
            if row["status"]
            else _("Nobody answers at %(url)s.") % {"url": shown}
        )
        yield TodayItem(
            key=f"publishing.dead_link:{row['post']}:{url}"[:200],
            area=Area.PUBLISHING,
            area_label=Area.PUBLISHING.label,
            title=_("A link in “%(title)s” leads nowhere") % {"title": row["title"]},
            why=why,
            since=row["checked"],
            action_label=_("Mend the link"),
            action_url=post_page(row["post"]),
            badge=_("dead link"),
            tone="failed",
            over_by=1 - min(_days(now, row["due_at"]), 14.0),
            icon="link-45deg",
            mine=_mine(row),
        )


def _stands_in(url: str, text: str) -> bool:
    """Whether the address itself stands in a text, and is not only the beginning of a longer one."""
    at = text.find(url)
    while at >= 0:
        if not _GOES_ON.match(text[at + len(url) :]):
            return True
        at = text.find(url, at + 1)
    return False


def published(user: User, since: dt.datetime, now: dt.datetime) -> Rows:
    """Posts that left since a moment, the newest first."""
    rows = Post.objects.filter(state=PostState.PUBLISHED, due_at__gte=since, due_at__lte=now)
    return Rows(rows.order_by("-due_at", "-pk"), "pk", "title", "due_at", most=100)


def good_news(user: User, since: dt.datetime, now: dt.datetime, rows: Sequence[Row]) -> Iterator[GoodNews]:
    """How many posts went out; the title where it was one."""
    if len(rows) == 1:
        row = rows[0]
        yield GoodNews(
            _("“%(title)s” went out") % {"title": row["title"]}, icon="megaphone", url=post_page(row["pk"])
        )
    elif rows:
        words = ngettext("%(n)d post went out", "%(n)d posts went out", len(rows)) % {"n": len(rows)}
        url = f"{reverse('publishing:posts')}?state=published&from={since:%Y-%m-%d}&sort=-when"
        yield GoodNews(words, icon="megaphone", url=url)
