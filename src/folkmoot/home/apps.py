"""The app's entry for Django."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.home"
    label = "home"
