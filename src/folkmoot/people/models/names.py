"""What else organisations and projects are called: by it imports find them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.people.models.merges import Merge
from folkmoot.people.models.organizations import Organization
from folkmoot.people.models.projects import Project


class OtherName(models.Model):
    """A name or repository that an organisation or project had before it was merged with another.

    Sources go on saying it. A record that bears the name itself always comes before.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="other_names"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="other_names"
    )
    #: The merge that made it; it goes when that is undone.
    merge = models.ForeignKey(
        Merge, on_delete=models.CASCADE, null=True, blank=True, related_name="other_names"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    folded = models.CharField(max_length=200, blank=True, editable=False)
    #: For projects, whose names are unique within their kind.
    kind = models.CharField(max_length=12, blank=True)
    repository_key = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=False, project=None)
                | Q(organization=None, project__isnull=False),
                name="othername_of_one",
            ),
            models.UniqueConstraint(
                fields=["folded"], condition=Q(organization__isnull=False), name="othername_one_organization"
            ),
            models.UniqueConstraint(
                fields=["kind", "folded"],
                condition=Q(project__isnull=False) & ~Q(folded=""),
                name="othername_one_project",
            ),
            models.UniqueConstraint(
                fields=["repository_key"], condition=~Q(repository_key=""), name="othername_one_repository"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.repository_key

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)
