"""Packages, repositories and lessons."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.people.models.tags import Tag


class Project(models.Model):
    """A package, repository or lesson."""

    class Kind(models.TextChoices):
        PACKAGE = "package", _("package")
        REPOSITORY = "repository", _("repository")
        LESSON = "lesson", _("lesson")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PACKAGE)
    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    description = models.TextField(_("description"), blank=True)
    repository = models.URLField(_("repository"), max_length=500, blank=True)
    #: The repository as compared: host and path, case-folded, without scheme, ``.git`` and last slash.
    repository_key = models.CharField(max_length=500, blank=True, editable=False)
    website = models.URLField(_("website"), max_length=500, blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    tags = models.ManyToManyField(Tag, blank=True, related_name="projects")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["folded", "repository_key", "updated_at"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["kind", "folded"], name="project_one_name_per_kind"),
            models.UniqueConstraint(
                fields=["repository_key"], condition=~Q(repository_key=""), name="project_one_per_repository"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        self.repository_key = repository_key(self.repository)
        super().save(*args, **kwargs)


class ProjectFacts(models.Model):
    """What an outside system says of a project, and when it said so. A failed reading keeps the last good values."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="facts")
    source = models.CharField(max_length=60)
    #: The system's own unchanging id of the repository.
    number = models.CharField(max_length=64, blank=True)
    stars = models.PositiveIntegerField(_("stars"), null=True, blank=True)
    forks = models.PositiveIntegerField(_("forks"), null=True, blank=True)
    watchers = models.PositiveIntegerField(_("watchers"), null=True, blank=True)
    open_issues = models.PositiveIntegerField(_("open issues"), null=True, blank=True)
    contributors = models.PositiveIntegerField(_("contributors"), null=True, blank=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    documentation = models.URLField(_("documentation"), max_length=500, blank=True)
    repository_created_at = models.DateTimeField(_("repository since"), null=True, blank=True)
    last_commit_at = models.DateTimeField(_("last commit"), null=True, blank=True)
    latest_release = models.CharField(_("latest release"), max_length=200, blank=True)
    latest_release_at = models.DateTimeField(_("released"), null=True, blank=True)
    #: When these values were last read with success, and since when reading fails.
    read_at = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("facts about a project")
        verbose_name_plural = _("facts about projects")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], condition=~Q(number=""), name="projectfacts_one_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} ({self.source})"


class ProjectRules(models.Model):
    """When Today tells of a project: one row."""

    needs_maintainer = models.BooleanField(
        _("tell of projects without a maintainer"),
        default=False,
        help_text=_("Archived projects are left out."),
    )
    quiet_months = models.PositiveSmallIntegerField(
        _("tell of projects that are quiet for so many months"),
        null=True,
        blank=True,
        help_text=_("Reckoned from the last commit that is known. Empty: not told."),
    )

    history = audit.history()

    class Meta:
        verbose_name = _("rules for projects")
        verbose_name_plural = _("rules for projects")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="projectrules_is_one_row")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> ProjectRules:
        """The one row, or its defaults when nobody has set anything yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


def repository_key(address: str) -> str:
    """``https://GitHub.com/Org/Repo.git/`` -> ``github.com/org/repo``; empty stays empty."""
    folded = fold(address).split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return folded.removesuffix(".git").rstrip("/")
