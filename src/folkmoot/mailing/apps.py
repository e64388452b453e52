"""The app's entry for Django."""

from django.apps import AppConfig


class MailingConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.mailing"
    label = "mailing"
