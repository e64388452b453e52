"""What feeds posts, on Today: pools whose texts are used up, articles that were merged and do not appear."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db.models import F
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import TodayItem
from folkmoot.kernel.rows import Row, Rows
from folkmoot.publishing.models import Article, ArticleState, Series, SeriesKind
from folkmoot.publishing.series import rules

#: A page that was merged appears within this; later somebody has to look.
APPEARS = dt.timedelta(hours=1)
#: How far beyond the posts that are made a series' next moment is looked for.
AHEAD = dt.timedelta(days=62)


def pools(user: User, now: dt.datetime) -> Rows:
    """The texts of every pool that makes posts, each with its pool; a pool without texts as one row."""
    rows = Series.objects.filter(kind=SeriesKind.EVERGREEN, paused_at=None, archived_at=None)
    return Rows(
        rows.order_by("pk"),
        *("pk", "name", "rrule", "starts", "zone", "ends_on", "cool_down_days", "days_ahead", "owner_id"),
        most=None,
        item=F("items__pk"),
        in_pool=F("items__is_active"),
        used_at=F("items__used_at"),
    )


def tell_tired(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Pools in which no text may come again by the next moment for which a post is made."""
    texts: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        texts[row["pk"]].append(row)
    for number, found in texts.items():
        series = found[0]
        moment = _next(series, now)
        in_pool = [row for row in found if row["item"] is not None and row["in_pool"]]
        cool_down = dt.timedelta(days=series["cool_down_days"])
        if moment is None or any(_may_come(row["used_at"], moment, cool_down) for row in in_pool):
            continue
        day = date_format(moment.date(), "MONTH_DAY_FORMAT")
        why = (
            ngettext(
                "Its %(n)d text was used too lately: nothing is made for %(day)s.",
                "Its %(n)d texts were all used too lately: nothing is made for %(day)s.",
                len(in_pool),
            )
            if in_pool
            else _("It has no text: nothing is made for %(day)s.")
        )
        yield TodayItem(
            key=f"publishing.tired:{number}:{moment:%Y%m%d}",
            area=Area.PUBLISHING,
            area_label=Area.PUBLISHING.label,
            title=_("%(name)s needs more texts") % {"name": series["name"]},
            why=why % {"n": len(in_pool), "day": day},
            since=now,
            action_label=_("Add a text"),
            action_url=reverse("publishing:new_pool_item", args=[number]),
            badge=_("pool is used up"),
            tone="due",
            over_by=-(moment - now).total_seconds() / 86400,
            icon="arrow-repeat",
            mine=frozenset({series["owner_id"]}) if series["owner_id"] else frozenset(),
        )


def _may_come(used_at: dt.datetime | None, at: dt.datetime, cool_down: dt.timedelta) -> bool:
    return used_at is None or at - used_at >= cool_down


def _next(series: Row, now: dt.datetime) -> dt.datetime | None:
    """The first moment for which no post is made yet; ``None``: there is none soon, or its rule cannot be read."""
    if not series["rrule"] or not series["starts"]:
        return None
    after = now + dt.timedelta(days=series["days_ahead"])
    try:
        found = rules.moments(
            series["rrule"],
            starts=dt.datetime.fromisoformat(series["starts"]),
            zone=series["zone"],
            after=after,
            until=after + AHEAD,
            ends_on=series["ends_on"],
        )
    except ValidationError:  # its own page says so
        return None
    return found[0].instant if found else None


def not_live(user: User, now: dt.datetime) -> Rows:
    """Articles that were merged more than an hour ago and whose page was not seen, the oldest first."""
    rows = Article.objects.filter(state=ArticleState.MERGED, merge__sent_at__lte=now - APPEARS)
    return Rows(
        rows.order_by("merge__sent_at", "pk"),
        *("pk", "title", "url", "owner_id"),
        merged_at=F("merge__sent_at"),
        site_name=F("site__name"),
    )


def tell_not_live(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each article that does not appear; posts that wait for its page wait meanwhile."""
    for row in rows:
        waits = (now - row["merged_at"]).total_seconds() / 86400
        yield TodayItem(
            key=f"publishing.not_live:{row['pk']}",
            area=Area.PUBLISHING,
            area_label=Area.PUBLISHING.label,
            title=_("“%(title)s” does not appear on %(site)s")
            % {"title": row["title"], "site": row["site_name"]},
            why=_("It was merged more than an hour ago; posts that wait for its page stay here.")
            if row["url"]
            else _("It was merged more than an hour ago, and its address is not known."),
            since=row["merged_at"],
            action_label=_("Look why"),
            action_url=reverse("publishing:article", args=[row["pk"]]),
            badge=_("not live"),
            tone="failed",
            over_by=1 + waits,
            icon="journal-x",
            mine=frozenset({row["owner_id"]}) if row["owner_id"] else frozenset(),
        )
