"""What is about a person, an organisation or a project: notes, and what sources said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.people.models.organizations import Organization
from folkmoot.people.models.persons import Person
from folkmoot.people.models.projects import Project

ONE_SUBJECT = (
    Q(person__isnull=False, organization=None, project=None)
    | Q(person=None, organization__isnull=False, project=None)
    | Q(person=None, organization=None, project__isnull=False)
)


class AboutOne(models.Model):
    """Something about exactly one person, organisation or project."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def about(self) -> Person | Organization | Project:
        """The one it is about."""
        about = self.person or self.organization or self.project
        assert about is not None  # noqa: S101 - a database constraint
        return about


class Note(AboutOne):
    """What somebody wrote down about a record, for the others who may see it."""

    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.CheckConstraint(condition=ONE_SUBJECT, name="note_about_one"),
            models.CheckConstraint(condition=~Q(body=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class SourceRecord(AboutOne):
    """A record of a source, kept word for word, so that fields no area owns yet are not lost."""

    source = models.CharField(max_length=60)
    #: Which part of the source: a file's or table's name.
    part = models.CharField(max_length=80)
    key = models.CharField(max_length=320)
    payload = models.JSONField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("record of a source")
        verbose_name_plural = _("records of a source")
        constraints = [
            models.UniqueConstraint(fields=["source", "part", "key"], name="sourcerecord_once"),
            models.CheckConstraint(condition=ONE_SUBJECT, name="sourcerecord_about_one"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.part}/{self.key}"
