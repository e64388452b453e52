"""What is due on a day, on the calendar: agreements end, requests are to be answered, trainees have to be done."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import CalendarEntry, CalendarSource, calendar_sources
from folkmoot.kernel.rows import Row, Rows, together
from folkmoot.training.addresses import agreement_page
from folkmoot.training.models import Request, RequestState
from folkmoot.training.queries.agreements import ends_between
from folkmoot.training.today_progress import late_rows

#: Of each kind, at most.
MOST = 150


def _agreements(rows: Sequence[Row]) -> Iterator[CalendarEntry]:
    for row in rows:
        holder = row["consortium"] or row["holder"]
        yield CalendarEntry(
            key=f"training.agreement:{row['pk']}",
            day=row["last_day"],
            title=f"{holder} ({row['tier']})",
            area="training",
            url=agreement_page(row["pk"]),
            icon="file-earmark-text",
            badge=_("ends"),
            tone="due",
            sign="file-earmark-x",
        )


def _requests(rows: Sequence[Row]) -> Iterator[CalendarEntry]:
    for row in rows:
        yield CalendarEntry(
            key=f"training.request:{row['pk']}",
            day=timezone.localtime(row["due_at"]).date(),
            title=f"{row['form']}: {row['name']}",
            area="training",
            url=reverse("training:request", args=[row["pk"]]),
            icon="inbox",
            badge=_("to be decided"),
            tone="due",
            sign="hourglass-split",
        )


def _trainees(rows: Sequence[Row], first: dt.date, last: dt.date) -> Iterator[CalendarEntry]:
    """How many trainees of a badge have something due on a day."""
    people = {
        (due, row["slug"], row["name"], row["person_id"])
        for row in rows
        if first <= (due := row["until"] or row["ended"] + dt.timedelta(days=row["days"])) <= last
    }
    for (due, slug, name), number in sorted(Counter(one[:3] for one in people).items())[:MOST]:
        words = ngettext("%(n)d trainee: %(badge)s", "%(n)d trainees: %(badge)s", number)
        yield CalendarEntry(
            key=f"training.trainees:{slug}:{due.isoformat()}",
            day=due,
            title=words % {"n": number, "badge": name},
            area="training",
            url=f"{reverse('training:trainees', args=[slug])}?due=soon",
            icon="mortarboard",
            badge=_now("due"),
            tone="due",
            sign="hourglass-split",
        )


def due_entries(user: User, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """All of it, as far as the user may see it; one query."""
    zone = timezone.get_current_timezone()
    begins = dt.datetime.combine(first, dt.time(), zone)
    ends = dt.datetime.combine(last, dt.time(), zone) + dt.timedelta(days=1)
    asked: dict[str, Rows | None] = {
        "agreements": Rows(
            ends_between(first, last).select_related(None),
            *("pk", "last_day", "consortium"),
            most=MOST,
            holder=F("organization__name"),
            tier=F("tier__name"),
        )
    }
    if user.has_perm("training.manage"):
        waiting = Request.objects.filter(
            state=RequestState.PENDING, merged_into=None, due_at__gte=begins, due_at__lt=ends
        )
        asked["requests"] = Rows(
            waiting.order_by("due_at", "pk"), "pk", "name", "due_at", most=MOST, form=F("form__title")
        )
        asked["trainees"] = late_rows(user, begins)
    found = together(asked)
    return [
        *_agreements(sorted(found["agreements"], key=lambda row: (row["last_day"], row["pk"]))),
        *_requests(found.get("requests", [])),
        *_trainees(found.get("trainees", []), first, last),
    ]


calendar_sources.register(
    CalendarSource(
        "training.due", _("Due dates of training"), "training", "training.view", due_entries, order=42
    )
)
