"""The app's entry for Django."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """See ARCHITECTURE.md for what belongs here."""

    name = "folkmoot.reviews"
    label = "reviews"
