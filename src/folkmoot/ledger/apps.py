"""The app's entry for Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.ledger"
    label = "ledger"
