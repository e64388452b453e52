"""What posts belong together, and what has to be done for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.people.public import Tag


class Campaign(models.Model):
    """Posts with one purpose: a release, an event, a call."""

    name = models.CharField(_("name"), max_length=200)
    goal = models.TextField(_("what it is for"), blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who looks after it"),
    )
    #: ``utm_campaign`` of its links; empty: none.
    utm = models.SlugField(
        _("name in links"), max_length=100, blank=True, help_text=_("Becomes utm_campaign; empty: none.")
    )
    #: How long after its time a post may still leave; empty: as usual.
    grace_hours = models.PositiveSmallIntegerField(_("may leave late by hours"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="campaigns")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-starts_on", "name", "pk"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="campaign_once"),
            models.CheckConstraint(condition=~Q(name=""), name="campaign_has_a_name"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChecklistEntry(models.Model):
    """Something to be done for a post or a campaign."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="checklist"
    )
    post = models.ForeignKey(
        "publishing.Post", on_delete=models.CASCADE, null=True, blank=True, related_name="checklist"
    )
    text = models.CharField(_("what"), max_length=300)
    position = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    history = audit.history()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("entry of a checklist")
        verbose_name_plural = _("entries of checklists")
        constraints = [
            models.CheckConstraint(
                condition=Q(campaign=None, post__isnull=False) | Q(campaign__isnull=False, post=None),
                name="checklistentry_of_one",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="checklistentry_says_what"),
        ]

    def __str__(self) -> str:
        return self.text
