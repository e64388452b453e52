"""The app's entry for Django."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.training"
    label = "training"
