"""What the register tells on Today: terms that end, terms beyond a team's limit, projects that ask for somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.days import community_day
from folkmoot.people.queries.pages import terms_ending
from folkmoot.people.queries.projects import is_quiet, lacking_a_maintainer, quiet_for_long
from folkmoot.people.queries.teams import beyond_limits, under_a_limit


def _title(row: Row) -> str:
    """Who, which role, where."""
    place = row["team"] or row.get("project")
    what = {"name": row["person"], "role": row["role"], "place": place}
    return _now("%(name)s: %(role)s, %(place)s") % what if place else _now("%(name)s: %(role)s") % what


def ending_terms(user: Any, now: dt.datetime) -> Rows:
    """Roles that end soon, or ended lately and nobody follows."""
    return Rows(
        terms_ending(community_day(now)),
        "pk",
        "ended_on",
        person="person__name",
        role="role_kind__name",
        notice="role_kind__notice_days",
        project="project__name",
        team="team__name",
    )


def tell_ending_terms(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each such role."""
    today = community_day(now)
    for row in rows:
        days, notice = (row["ended_on"] - today).days, row["notice"]
        told = ngettext("told %(n)d day before", "told %(n)d days before", notice) % {"n": notice}
        if days < 0:
            why = ngettext(
                "ended %(n)d day ago, nobody follows", "ended %(n)d days ago, nobody follows", -days
            )
            words, tone = _now("ended"), "overdue"
        elif days == 0:
            why, words, tone = _now("ends today"), _now("today"), "due"
        else:
            why = ngettext("ends in %(n)d day", "ends in %(n)d days", days)
            words, tone = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}, "due"
        yield TodayItem(
            key=f"people.term:{row['pk']}:{row['ended_on'].isoformat()}",
            area="people",
            area_label=_("People"),
            title=_title(row),
            why=f"{why % {'n': abs(days)} if '%' in why else why}, {told}",
            since=clock.start_of_day(row["ended_on"] - dt.timedelta(days=notice)),
            action_label=_("Renew or end"),
            action_url=reverse("people:decide_term", args=[row["pk"]]),
            badge=words,
            tone=tone,
            over_by=float(-days),
            icon="person-badge",
        )


today_sources.register(
    TodaySource("people.terms", "people", "people.manage", ending_terms, tell_ending_terms, order=20)
)


def tell_terms_beyond(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Terms that go beyond the limit of their team."""
    for one in beyond_limits(rows, community_day(now)):
        row = one.term
        why = ngettext(
            "term %(number)d in a row, limit %(n)d", "term %(number)d in a row, limit %(n)d", one.limit
        )
        yield TodayItem(
            key=f"people.limit:{row['pk']}:{one.number}",
            area="people",
            area_label=_("People"),
            title=_title(row),
            why=why % {"number": one.number, "n": one.limit},
            # The first day beyond the limit, as near as it can be told.
            since=clock.start_of_day(row["started_on"]) if row["started_on"] else row["created_at"],
            action_label=_("Renew or end"),
            action_url=reverse("people:decide_term", args=[row["pk"]]),
            badge=_now("beyond the limit"),
            tone="overdue",
            over_by=float(30 * (one.number - one.limit)),
            icon="person-exclamation",
        )


today_sources.register(
    TodaySource(
        "people.limits",
        "people",
        "people.manage",
        lambda user, now: under_a_limit(community_day(now)),
        tell_terms_beyond,
        order=21,
    )
)


def _project_item(row: Row, what: str, why: str, since: dt.datetime, label: Any, url: str) -> TodayItem:
    return TodayItem(
        key=f"people.project:{row['pk']}:{what}",
        area="people",
        area_label=_("People"),
        title=row["name"],
        why=why,
        since=since,
        action_label=label,
        action_url=reverse(url, args=[row["pk"]]),
        badge=_now("no maintainer") if what == "maintainer" else _now("quiet"),
        tone="quiet",
        icon="box-seam",
    )


def tell_lacking_a_maintainer(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Projects without a maintainer."""
    why = _now("nobody looks after it, and the rules for projects ask for somebody")
    for row in rows:
        url = "people:new_project_member"
        yield _project_item(row, "maintainer", why, row["created_at"], _("Name somebody"), url)


def tell_quiet(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Projects without a commit for long."""
    today = community_day(now)
    for row in rows:
        if is_quiet(row, today):
            why = ngettext(
                "no commit for more than %(n)d month",
                "no commit for more than %(n)d months",
                row["months"],
            ) % {"n": row["months"]}
            yield _project_item(row, "quiet", why, row["since"], _("Look"), "people:project")


today_sources.register(
    TodaySource(
        "people.projects",
        "people",
        "people.manage",
        lambda user, now: lacking_a_maintainer(community_day(now)),
        tell_lacking_a_maintainer,
        order=60,
    )
)
today_sources.register(
    TodaySource(
        "people.quiet_projects",
        "people",
        "people.manage",
        lambda user, now: quiet_for_long(community_day(now)),
        tell_quiet,
        order=61,
    )
)
