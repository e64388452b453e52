"""The areas of the house and how far into them somebody may go."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """What a right is about."""

    PEOPLE = "people", _("People")
    REVIEWS = "reviews", _("Reviews")
    PUBLISHING = "publishing", _("Publishing")
    TRAINING = "training", _("Training & events")
    CALLS = "calls", _("Calls")
    FUNDING = "funding", _("Funding")
    REPORTS = "reports", _("Reports")
    SETTINGS = "settings", _("Settings")


class Level(models.IntegerChoices):
    """How far: each level includes the ones before it."""

    VIEW = 1, _("view")
    CONTRIBUTE = 2, _("contribute")
    MANAGE = 3, _("manage")
    ADMIN = 4, _("admin")

    @classmethod
    def named(cls, name: str) -> Level:
        """The level with this name.

        Raises:
            ValueError: no such level; the message lists them.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            known = ", ".join(level.name.lower() for level in cls)
            raise ValueError(f"{name!r} is no level; choose one of {known}") from None
