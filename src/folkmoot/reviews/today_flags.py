"""What could not be read, on Today: one entry for each submission, and one for each label without a meaning."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.reviews.models import Flag
from folkmoot.reviews.queries.flags import meaning_url, open_flags

#: Reasons that an item names; the others are on the page of the submission.
NAMED = 2
#: So many open flags are looked at, the oldest first.
LOOKED_AT = 500


def waiting(user: Any, now: dt.datetime) -> Rows:
    """Open flags, the oldest first, over an index of open ones only."""
    return Rows(
        open_flags().order_by("first_seen_at", "pk"),
        *("pk", "kind", "field", "value", "reason", "first_seen_at", "submission_id", "programme_id"),
        most=LOOKED_AT,
        title=F("submission__title"),
        programme=F("programme__slug"),
    )


def tell(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """One for each submission with something that cannot be read, and for each label without a meaning."""
    may_admin = user.has_perm("reviews.admin")
    groups: dict[tuple[int | None, int], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["first_seen_at"], row["pk"])):
        groups[row["submission_id"], 0 if row["submission_id"] else row["pk"]].append(row)
    for flags in groups.values():
        is_label = flags[0]["kind"] == Flag.Kind.LABEL
        yield _label(flags[0]) if is_label and may_admin else _values(flags)


def _label(flag: Row) -> TodayItem:
    return TodayItem(
        key=f"reviews.flag:{flag['pk']}",
        area="reviews",
        area_label=_("Reviews"),
        title=_now("The label “%(label)s”") % {"label": flag["value"]},
        why=_now("nobody has said what it means"),
        since=flag["first_seen_at"],
        action_label=_("Give it a meaning"),
        action_url=meaning_url(flag["programme_id"], flag["value"]),
        badge=_now("new"),
        icon="tag",
    )


def _values(flags: Sequence[Row]) -> TodayItem:
    first = flags[0]
    number = first["submission_id"]
    shown = [f"{flag['field']}: {flag['reason']}" for flag in flags[:NAMED]]
    if (more := len(flags) - NAMED) > 0:
        shown.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
    said = f"submission={number}" if number else f"programme={first['programme']}"
    return TodayItem(
        key=f"reviews.flags:{number or -first['pk']}:{flags[-1]['pk']}",
        area="reviews",
        area_label=_("Reviews"),
        title=first["title"] or first["value"] or first["field"],
        why="; ".join(shown),
        since=first["first_seen_at"],
        action_label=_("Look at it"),
        action_url=f"{reverse('reviews:flags')}?{said}",
        badge=ngettext("%(n)d value", "%(n)d values", len(flags)) % {"n": len(flags)},
        tone="quiet",
        icon="question-circle",
    )


FLAGS = today_sources.register(
    TodaySource("reviews.flags", "reviews", "reviews.manage", waiting, tell, order=90)
)
