"""The outbox as a Django app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Everything that leaves the house."""

    name = "folkmoot.outbox"
    label = "outbox"
    verbose_name = "Outbox"
