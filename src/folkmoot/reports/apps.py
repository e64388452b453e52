"""The app's entry for Django."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.reports"
    label = "reports"
