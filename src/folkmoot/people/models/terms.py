"""Teams, kinds of role, and who holds which from when to when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.people.models.persons import Person
from folkmoot.people.models.projects import Project


class Team(models.Model):
    """A council, board or group whose members hold terms."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    term_months = models.PositiveSmallIntegerField(
        _("months of a term"),
        null=True,
        blank=True,
        help_text=_("How long a term lasts when nothing else is said."),
    )
    most_terms = models.PositiveSmallIntegerField(
        _("terms in a row"),
        null=True,
        blank=True,
        help_text=_("How many terms one person may serve one after the other."),
    )
    break_months = models.PositiveSmallIntegerField(
        _("months of a break"),
        null=True,
        blank=True,
        help_text=_("After how many months somebody who reached the limit may return."),
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), null=True, blank=True, help_text=_("How many people it should have; empty: not fixed.")
    )
    becomes = models.ForeignKey(
        "people.RoleKind",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("role afterwards"),
        help_text=_("Offered when a term ends: emeritus, alumna."),
    )

    history = audit.history(excluded_fields=["folded"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class RoleKind(models.Model):
    """A kind of role a person can hold. Rows that a coordinator edits."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    is_staff = models.BooleanField(
        _("counts as staff"),
        default=False,
        help_text=_("Contributions of its holders are reported as staff's."),
    )
    is_former = models.BooleanField(
        _("a role of the past"), default=False, help_text=_("Emeritus and alumni roles: thanks, no duties.")
    )
    is_maintaining = models.BooleanField(
        _("looks after projects"),
        default=False,
        help_text=_("Its holders are a project's maintainers."),
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice"), default=30, help_text=_("Days before its end that a term appears on Today.")
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"),
        null=True,
        blank=True,
        help_text=_("How many people should hold it, all in all; empty: not fixed."),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)

    history = audit.history()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("kind of role")
        verbose_name_plural = _("kinds of role")

    def __str__(self) -> str:
        return self.name


class TermQuerySet(models.QuerySet["Term"]):
    """Terms by day."""

    def on(self, day: dt.date) -> TermQuerySet:
        """Those that hold on this day; an undated end or start is open."""
        return self.filter(
            Q(started_on=None) | Q(started_on__lte=day), Q(ended_on=None) | Q(ended_on__gte=day)
        )


class Term(models.Model):
    """A person holding a role, from the first day to the last (both included), within a project or team or neither."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="terms")
    role_kind = models.ForeignKey(
        RoleKind, on_delete=models.PROTECT, related_name="terms", verbose_name=_("role")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="terms",
        verbose_name=_("project"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="terms", verbose_name=_("team")
    )
    started_on = models.DateField(_("first day"), null=True, blank=True)
    ended_on = models.DateField(_("last day"), null=True, blank=True)
    source = models.CharField(max_length=60, default="folkmoot")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()
    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(
                "person",
                "role_kind",
                Coalesce("project", 0),
                Coalesce("team", 0),
                Coalesce("started_on", dt.date(1, 1, 1)),
                name="term_once",
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="term_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(project=None) | Q(team=None), name="term_in_project_or_team"),
        ]
        indexes = [
            models.Index(fields=["person", "role_kind"], name="term_person"),
            models.Index(fields=["ended_on"], condition=Q(ended_on__isnull=False), name="term_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role_kind}"

    def holds_on(self, day: dt.date) -> bool:
        """Whether the term covers the day."""
        return (self.started_on is None or self.started_on <= day) and (
            self.ended_on is None or self.ended_on >= day
        )
