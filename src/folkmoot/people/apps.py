"""The app's entry for Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.people"
    label = "people"
