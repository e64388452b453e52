"""How reports join the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation
from folkmoot.kernel.reporting import ReportKind, reports

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
