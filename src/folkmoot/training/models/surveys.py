"""Surveys that events get by themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.programmes import EventKind, Programme


class When(models.TextChoices):
    """When a survey is filled in; also what kind of link it becomes."""

    BEFORE = "survey_before", _("before the event")
    AFTER = "survey_after", _("after the event")
    LATER = "survey_later", _("months later")


class Audience(models.TextChoices):
    """Who gets a link, of those who take part."""

    EVERYBODY = "", _("everybody who takes part")
    LEARNERS = "learners", _("those who learn")
    TEACHERS = "teachers", _("those who teach and help")


class Survey(models.Model):
    """A survey whose address is made of an event's short name: every event it is for gets it as a link."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    when = models.CharField(_("filled in"), max_length=14, choices=When.choices, default=When.BEFORE)
    audience = models.CharField(
        _("by whom"), max_length=10, choices=Audience.choices, blank=True, default=Audience.LEARNERS
    )
    address = models.CharField(
        _("address"),
        max_length=500,
        help_text=_(
            "With {slug} where the short name of the event belongs: https://survey.example/?event={slug}"
        ),
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("programme"),
        help_text=_("Empty: of any programme, or none."),
    )
    event_kind = models.ForeignKey(
        EventKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("kind of event"),
        help_text=_("Empty: any."),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    #: Events get it no more; those that have it keep it.
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="survey_has_a_name"),
            models.CheckConstraint(condition=Q(address__contains="{slug}"), name="survey_names_the_event"),
        ]

    def __str__(self) -> str:
        return self.name

    def address_for(self, slug: str) -> str:
        """The address of the survey for the event of this short name."""
        return self.address.replace("{slug}", slug)
