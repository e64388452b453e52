"""Which records may be one, which never are, and how two became one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.models.organizations import Organization
from folkmoot.people.models.persons import Person
from folkmoot.people.models.projects import Project


class GenericValue(models.Model):
    """A name or mailbox that many share ("Admin", info@): no reason to take two records for one."""

    class Kind(models.TextChoices):
        NAME = "name", _("name")
        MAILBOX = "mailbox", _("mailbox")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    #: A mailbox without ``@`` is one at every domain.
    value = models.CharField(_("value"), max_length=320)
    folded = models.CharField(max_length=320, editable=False)

    class Meta:
        ordering = ["kind", "folded"]
        verbose_name = _("generic value")
        verbose_name_plural = _("generic values")
        constraints = [
            models.UniqueConstraint(fields=["kind", "folded"], name="genericvalue_once"),
            models.CheckConstraint(condition=~Q(value=""), name="genericvalue_has_a_value"),
        ]

    def __str__(self) -> str:
        return self.value

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold_accents(self.value) if self.kind == self.Kind.NAME else fold(self.value)
        super().save(*args, **kwargs)


class Candidate(models.Model):
    """Two records that may be one: and what was decided. ``first`` is the older row."""

    class State(models.TextChoices):
        OPEN = "open", _("to decide")
        LATER = "later", _("later")
        DIFFERENT = "different", _("not the same")

    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    #: How alike, from 0 to 1; a proven link would not be here.
    score = models.FloatField(default=0)
    #: Codes with their facts, for and against, the weightiest first; queries put them in words.
    reasons = models.JSONField(default=list, blank=True)
    #: Candidates that hang together carry one number; a group that grew too large is cut.
    group = models.BigIntegerField(null=True, blank=True)
    #: For later: the day it comes back.
    later_until = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"  # type: ignore[attr-defined]


class PersonCandidate(Candidate):
    """Two people who may be one."""

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="candidates_first")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="candidates_second")

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="personcandidate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="personcandidate_in_order"),
        ]
        indexes = [models.Index(fields=["state", "-score", "id"], name="personcandidate_queue")]


class OrganizationCandidate(Candidate):
    """Two organisations that may be one."""

    first = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidates_first")
    second = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidates_second")

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="organizationcandidate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="organizationcandidate_in_order"),
        ]
        indexes = [models.Index(fields=["state", "-score", "id"], name="organizationcand_queue")]


class ProjectCandidate(Candidate):
    """Two projects that may be one."""

    first = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="candidates_first")
    second = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="candidates_second")

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="projectcandidate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="projectcandidate_in_order"),
        ]
        indexes = [models.Index(fields=["state", "-score", "id"], name="projectcandidate_queue")]


class Merge(models.Model):
    """Two records made one: everything that is needed to make them two again."""

    #: ``people.person``, ``people.organization`` or ``people.project``.
    model = models.CharField(max_length=80)
    survivor_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    #: How the two were called, for lists; the record that is gone, field by field.
    survivor_name = models.CharField(max_length=200)
    gone_name = models.CharField(max_length=200)
    gone = models.JSONField()
    #: The survivor's fields that were changed, as they were.
    before = models.JSONField(default=dict)
    #: Why they were taken for one: the candidate's score and reasons.
    grounds = models.JSONField(default=dict, blank=True)
    #: Merges done with one click share a number.
    batch = models.UUIDField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        indexes = [
            models.Index(fields=["model", "gone_id"], name="merge_gone"),
            models.Index(fields=["model", "survivor_id"], name="merge_survivor"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_name} → {self.survivor_name}"


class MergedRow(models.Model):
    """A row that a merge moved to the survivor, or parked because it could not stand beside one that was there."""

    class What(models.TextChoices):
        MOVED = "moved", _("moved")
        PARKED = "parked", _("parked")

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    #: Undo walks backwards.
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=10, choices=What.choices)
    model = models.CharField(max_length=80)
    row_id = models.CharField(max_length=64)
    field = models.CharField(max_length=80)
    #: A parked row, field by field; a moved one's fields that changed beside the link, as they were.
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "number"], name="mergedrow_once")]
        indexes = [models.Index(fields=["model", "row_id"], name="mergedrow_row")]

    def __str__(self) -> str:
        return f"{self.what} {self.model} {self.row_id}"
