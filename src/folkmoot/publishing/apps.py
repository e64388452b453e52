"""The app's entry for Django."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.publishing"
    label = "publishing"
