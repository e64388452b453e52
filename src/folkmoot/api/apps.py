"""The API as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Stands on top: puts together what the apps answer, and tells others of changes."""

    name = "folkmoot.api"
    label = "api"
    verbose_name = "API"
