"""Badges that people are awarded, what leads to them, and which lessons somebody can teach."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event
from folkmoot.training.models.programmes import CertificatePattern
from folkmoot.training.models.progress import Requirement


class Badge(models.Model):
    """What somebody is once they have shown that they can: instructor, trainer, maintainer, mentor."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    requirements = models.ManyToManyField(
        Requirement,
        blank=True,
        related_name="badges",
        verbose_name=_("what leads to it"),
        help_text=_("Whoever has passed all of these is complete. None: it is awarded by hand only."),
    )
    is_automatic = models.BooleanField(
        _("awarded by itself"),
        default=False,
        help_text=_("As soon as somebody is complete. Otherwise Today offers it."),
    )
    role_kind = models.ForeignKey(
        "people.RoleKind",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="badges",
        verbose_name=_("role that it opens"),
        help_text=_("Whoever is awarded the badge holds this role from that day on."),
    )
    certificate = models.ForeignKey(
        CertificatePattern,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="badges",
        verbose_name=_("certificate"),
        help_text=_("Empty: none is issued."),
    )
    #: A small PNG that :mod:`folkmoot.training.badge_pictures` has drawn.
    picture = models.FileField(_("picture"), upload_to="badges", blank=True)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    #: Awarded no more; whoever has it keeps it.
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="badge_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Award(models.Model):
    """That somebody has a badge, since when, and until it was taken back."""

    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="awards", verbose_name=_("person")
    )
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="awards", verbose_name=_("badge"))
    awarded_on = models.DateField(_("awarded on"))
    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="awards",
        verbose_name=_("event"),
    )
    awarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("awarded by"),
    )
    #: The role that it opened; empty where it opens none, or somebody held it already.
    term = models.ForeignKey(
        "people.Term", on_delete=models.SET_NULL, null=True, blank=True, related_name="awards"
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_because = models.CharField(_("why"), max_length=300, blank=True)
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["-awarded_on", "-pk"]
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "badge"], condition=Q(revoked_at=None), name="award_once"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoked_because=""), name="award_revoked_with_reason"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="award_once_per_source"
            ),
        ]
        indexes = [
            models.Index(fields=["badge", "-awarded_on", "-id"], name="award_of_badge"),
            models.Index(fields=["updated_at"], name="award_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.badge}"

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Not while a certificate says that it was given: that one is taken back instead. (A merge of two people lays
        the second award aside together with its certificates, and its undo brings them back.)
        """
        held: set[models.Model] = set(self.certificates.all())
        if held:
            raise models.ProtectedError(f"{self} has certificates", held)
        return super().delete(*args, **kwargs)

    @property
    def holds(self) -> bool:
        """It was not taken back."""
        return self.revoked_at is None


class Qualification(models.Model):
    """That somebody can teach a lesson: a project of the register of the kind "lesson"."""

    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="qualifications", verbose_name=_("person")
    )
    lesson = models.ForeignKey(
        "people.Project", on_delete=models.PROTECT, related_name="qualifications", verbose_name=_("lesson")
    )
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["person", "lesson"]
        verbose_name = _("lesson that somebody can teach")
        verbose_name_plural = _("lessons that people can teach")
        constraints = [models.UniqueConstraint(fields=["person", "lesson"], name="qualification_once")]

    def __str__(self) -> str:
        return f"{self.person} – {self.lesson}"
