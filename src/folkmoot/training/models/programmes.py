"""What events are made of, as rows a coordinator edits: programmes, kinds, parts, curricula."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit


class Programme(models.Model):
    """Under whose name events happen: a lesson programme, a series of conferences, a mentoring programme."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    website = models.URLField(_("website"), max_length=500, blank=True)
    contact = models.EmailField(_("contact"), max_length=320, blank=True)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="trainingprogramme_has_a_name")]

    def __str__(self) -> str:
        return self.name


class CertificatePattern(models.Model):
    """What a certificate looks like: an SVG with the names of facts in double braces."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    svg = models.TextField(
        _("SVG"), help_text=_("Facts stand in double braces: {{ name }}, {{ event }}, {{ days }}.")
    )
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("pattern of certificates")
        verbose_name_plural = _("patterns of certificates")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="certificatepattern_has_a_name")]

    def __str__(self) -> str:
        return self.name


class EventKind(models.Model):
    """A kind of event, and what events of this kind have."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    #: What websites call it: ``event_type`` of their pages; empty: the short name.
    site_word = models.CharField(_("word on the website"), max_length=60, blank=True)
    #: The type of schema.org that its public page states.
    schema_type = models.CharField(_("type of schema.org"), max_length=40, default="Event")
    matches_contributions = models.BooleanField(
        _("contributions are matched"),
        default=False,
        help_text=_("A sprint: what people contributed during it stands on its page."),
    )
    needs_teaching = models.BooleanField(
        _("somebody teaches"),
        default=False,
        help_text=_("Today says when an event is near and nobody does yet."),
    )
    certificate = models.ForeignKey(
        CertificatePattern,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="kinds",
        verbose_name=_("certificate"),
        help_text=_("Empty: none is issued unless an event says so."),
    )
    takes_seats = models.BooleanField(
        _("learners have seats"),
        default=False,
        help_text=_("Each learner sits by an agreement, or on an open seat."),
    )
    seat_price = models.PositiveSmallIntegerField(
        _("credits for a seat"), null=True, blank=True, help_text=_("Empty: no credits are taken for it.")
    )
    event_price = models.PositiveSmallIntegerField(
        _("credits for the event"), null=True, blank=True, help_text=_("Empty: no credits are taken for it.")
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("kind of event")
        verbose_name_plural = _("kinds of events")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="eventkind_has_a_name")]

    def __str__(self) -> str:
        return self.name


class TaskKind(models.Model):
    """A part that people take in events: instructor, helper, host, learner, organiser, speaker."""

    class Does(models.TextChoices):
        """What the house may conclude from a part, whatever a community calls it."""

        TEACHES = "teaches", _("teaches")
        HELPS = "helps", _("helps")
        HOSTS = "hosts", _("hosts")
        ORGANISES = "organises", _("organises")
        SPEAKS = "speaks", _("speaks")
        LEARNS = "learns", _("takes part")
        OTHER = "other", _("something else")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    does = models.CharField(_("what they do"), max_length=12, choices=Does.choices, default=Does.OTHER)
    #: Their names stand on the public page of an event, where they agreed that names are published.
    is_public = models.BooleanField(_("named on public pages"), default=False)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("kind of part")
        verbose_name_plural = _("kinds of parts")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="taskkind_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Curriculum(models.Model):
    """What is taught: lessons in an order that somebody thought about."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="curricula",
        verbose_name=_("programme"),
    )
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    website = models.URLField(_("website"), max_length=500, blank=True)
    #: Projects of the register of the kind "lesson".
    lessons = models.ManyToManyField(
        "people.Project", blank=True, related_name="curricula", verbose_name=_("lessons")
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="curriculum_has_a_name")]

    def __str__(self) -> str:
        return self.name
