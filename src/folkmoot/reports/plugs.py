"""How reports join the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    NavEntry,
    calendar_sources,
    commands,
    navigation,
)
from folkmoot.kernel.reporting import ReportKind, reports
from folkmoot.reports import erasing as _erasing  # noqa: F401 - registers how reports forget
from folkmoot.reports import queries

reports.register(
    ReportKind(
        "community",
        _("Community report"),
        _("Who took part, who is new, how the work is spread; for a council, every quarter."),
    )
)

navigation.register(NavEntry("reports", _("Reports"), "reports:index", "bar-chart", "reports.view", order=80))
navigation.register(
    NavEntry("reports.community", _("Community"), "reports:community", "", "reports.view", "reports", 10)
)
navigation.register(
    NavEntry(
        "reports.definitions", _("Definitions"), "reports:definitions", "", "reports.view", "reports", 90
    )
)
navigation.register(
    NavEntry("reports.shares", _("Shared links"), "reports:shares", "", "reports.manage", "reports", 95)
)
commands.register(
    Command("reports.community", _("Community report"), "reports:community", "reports.view", "bar-chart")
)
commands.register(
    Command(
        "reports.definitions",
        _("Definitions of the figures"),
        "reports:definitions",
        "reports.view",
        "bar-chart",
    )
)


def ending_shares(user: User, first: dt.date, last: dt.date) -> Iterable[CalendarEntry]:
    """The days on which shared links end. One query."""
    zone = timezone.get_current_timezone()
    start, end = (
        dt.datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + dt.timedelta(days=1))
    )
    for share in queries.shares_that_end(start, end)[:500]:
        yield CalendarEntry(
            key=f"reports.share:{share.pk}",
            day=timezone.localtime(share.expires_at).date(),
            at=share.expires_at,
            title=gettext("Shared report: %(recipient)s") % {"recipient": share.recipient},
            area="reports",
            url=reverse("reports:shares"),
            icon="link-45deg",
            badge=gettext("ends"),
        )


calendar_sources.register(
    CalendarSource("reports.shares", _("Shared links"), "reports", "reports.manage", ending_shares, order=80)
)
