"""Who takes part in a review, and who must not."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.reviews.models.submissions import Submission


class Assignment(models.Model):
    """A person's part in a submission."""

    class Role(models.TextChoices):
        AUTHOR = "author", _("author")
        MAINTAINER = "maintainer", _("maintainer")
        EIC = "eic", _("editor-in-chief")
        EDITOR = "editor", _("editor")
        REVIEWER = "reviewer", _("reviewer")

    class State(models.TextChoices):
        INVITED = "invited", _("asked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        DONE = "done", _("done")
        ENDED = "ended", _("ended early")

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(_("part"), max_length=12, choices=Role.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ACCEPTED)
    position = models.PositiveSmallIntegerField(default=0)
    invited_at = models.DateTimeField(_("asked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    #: Of a reviewer: the day on which the review is due.
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    #: The author named them as a reviewer; of these a submission has one at most.
    is_suggested = models.BooleanField(_("suggested by the author"), default=False)
    #: The mail or comment by which they were asked.
    delivery = models.ForeignKey(
        "outbox.Delivery", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["submission", "role", "position", "pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["submission", "person", "role"], name="assignment_once"),
            models.CheckConstraint(
                condition=Q(role__in=["editor", "reviewer"]) | ~Q(state__in=["invited", "declined"]),
                name="assignment_only_some_are_asked",
            ),
        ]
        indexes = [models.Index(fields=["person", "role", "state"], name="assignment_of_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class Conflict(models.Model):
    """Somebody should not review or edit what this person, organisation or project has a part in."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="conflicts")
    other_person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="conflicts_of_others"
    )
    organization = models.ForeignKey(
        "people.Organization", on_delete=models.CASCADE, null=True, blank=True, related_name="conflicts"
    )
    project = models.ForeignKey(
        "people.Project", on_delete=models.CASCADE, null=True, blank=True, related_name="conflicts"
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    #: The last day on which it counts; empty: for ever.
    until = models.DateField(_("until"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        constraints = [
            models.CheckConstraint(
                condition=Q(other_person__isnull=False, organization=None, project=None)
                | Q(other_person=None, organization__isnull=False, project=None)
                | Q(other_person=None, organization=None, project__isnull=False),
                name="conflict_with_one",
            ),
            models.CheckConstraint(condition=~Q(person=F("other_person")), name="conflict_not_with_oneself"),
            models.UniqueConstraint(
                fields=["person", "other_person"],
                condition=Q(other_person__isnull=False),
                name="conflict_once_with_person",
            ),
            models.UniqueConstraint(
                fields=["person", "organization"],
                condition=Q(organization__isnull=False),
                name="conflict_once_with_organization",
            ),
            models.UniqueConstraint(
                fields=["person", "project"],
                condition=Q(project__isnull=False),
                name="conflict_once_with_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.other_person or self.organization or self.project}"
