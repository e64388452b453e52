"""What unconferences tell on Today: proposals wait, a phase closes, voting is over and no grid is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import AHEAD, Proposal, ProposalState, Unconference

_AREA, _LABEL = "training", gettext_lazy("Training & events")
#: So many days before a phase closes it is told, and after as many days a proposal has waited too long.
NEAR, LIMIT = 3, 3


def _mine(row: Row) -> frozenset[int]:
    return frozenset({row["owner"]}) if row["owner"] else frozenset()


def waiting_rows(user: User, now: dt.datetime) -> Rows:
    """Unconferences with proposals that wait to be let in."""
    waiting = Proposal.objects.filter(state=ProposalState.WAITING).order_by()
    counted = waiting.values("unconference__event").annotate(n=Count("pk"), oldest=Min("proposed_at"))
    return Rows(
        counted.order_by("oldest"),
        *("n", "oldest"),
        event=F("unconference__event"),
        title=F("unconference__event__title"),
        owner=F("unconference__event__owner"),
    )


def tell_waiting(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how long the first has waited."""
    for row in rows:
        days = max((now - row["oldest"]).days, 0)
        yield TodayItem(
            key=f"training.proposals:{row['event']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=ngettext(
                "%(n)d proposal waits to be let in (limit %(limit)d days)",
                "%(n)d proposals wait to be let in (limit %(limit)d days)",
                row["n"],
            )
            % {"n": row["n"], "limit": LIMIT},
            since=row["oldest"],
            action_label=_("Look at them"),
            action_url=f"{reverse('training:proposals', args=[row['event']])}?state=waiting",
            badge=ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days} if days else _("today"),
            tone="overdue" if days >= LIMIT else "due",
            over_by=float(days - LIMIT),
            icon="lightbulb",
            mine=_mine(row),
        )


def closing_rows(user: User, now: dt.datetime) -> Rows:
    """Unconferences of events ahead whose proposals or votes close soon, or whose voting is over without a grid."""
    soon = now + dt.timedelta(days=NEAR)
    closes = Q(proposals_close_at__gt=now, proposals_close_at__lte=soon) | Q(
        votes_close_at__gt=now, votes_close_at__lte=soon
    )
    over = Q(votes_close_at__lte=now, published_at=None)
    rows = Unconference.objects.filter(closes | over, event__status__in=AHEAD, phase_by_hand="")
    return Rows(
        rows.order_by("pk"),
        *("pk", "event_id", "proposals_close_at", "votes_close_at", "published_at"),
        title=F("event__title"),
        owner=F("event__owner"),
    )


def tell_closing(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each: what closes when, or that a grid is missing."""
    for row in rows:
        votes, proposals = row["votes_close_at"], row["proposals_close_at"]
        near = now + dt.timedelta(days=NEAR)
        if votes is not None and votes <= now and row["published_at"] is None:
            at, why, label = votes, _("voting is over, and no grid is published"), _("Plan the grid")
            url = reverse("training:grid", args=[row["event_id"]])
        else:
            is_votes = votes is not None and now < votes <= near
            at = votes if is_votes else proposals
            why = (
                _("voting closes (told %(n)d days before)")
                if is_votes
                else _("proposals close (told %(n)d days before)")
            ) % {"n": NEAR}
            label, url = _("Look at it"), reverse("training:unconference", args=[row["event_id"]])
        left = (at - now).total_seconds() / 86400
        days = abs(int(left))
        ahead = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days} if days else _("today")
        behind = ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days} if days else _("over")
        yield TodayItem(
            key=f"training.unconference:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=row["title"],
            why=why,
            since=at if left <= 0 else at - dt.timedelta(days=NEAR),
            action_label=label,
            action_url=url,
            badge=ahead if left > 0 else behind,
            tone="overdue" if left < -NEAR else "due",
            over_by=-left,
            icon="grid-3x3",
            mine=_mine(row),
        )


for _source in (
    TodaySource("training.proposals", _AREA, "training.manage", waiting_rows, tell_waiting, order=45),
    TodaySource("training.unconferences", _AREA, "training.manage", closing_rows, tell_closing, order=46),
):
    today_sources.register(_source)
