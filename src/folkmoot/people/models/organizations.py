"""Organisations, and who belongs to them."""

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
from folkmoot.people.models.tags import Tag


class OrganizationKind(models.Model):
    """What an organisation is to the community: partner, funder, member, employer, media."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)

    history = audit.history()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("kind of organisation")
        verbose_name_plural = _("kinds of organisation")

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    """A university, company, foundation, community: something people belong to or that belongs with us."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False, unique=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    #: ISO 3166-1, two capital letters.
    country = models.CharField(_("country"), max_length=2, blank=True)
    description = models.TextField(_("description"), blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    kinds = models.ManyToManyField(
        "people.OrganizationKind", blank=True, related_name="organizations", verbose_name=_("kinds")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="organizations")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["folded", "updated_at"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="organization_has_a_name"),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z][A-Z]$"),
                name="organization_country_is_a_code",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class OrganizationDomain(models.Model):
    """A domain of an organisation's web and mail addresses; an address below it belongs there, too."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="domains")
    #: As compared: lower case, ASCII (IDNA), without ``www.``.
    domain = models.CharField(_("domain"), max_length=253, unique=True)

    history = audit.history()

    class Meta:
        ordering = ["domain"]
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        constraints = [
            models.CheckConstraint(condition=~Q(domain=""), name="organizationdomain_has_a_domain")
        ]

    def __str__(self) -> str:
        return self.domain


class OrganizationRelation(models.Model):
    """How one organisation stands to another: a part of it, a member of it, what it was called or merged into."""

    class Kind(models.TextChoices):
        PART_OF = "part_of", _("is a part of")
        MEMBER_OF = "member_of", _("is a member of")
        SUCCEEDED_BY = "succeeded_by", _("was succeeded by")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(_("relation"), max_length=20, choices=Kind.choices)
    other = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="relations_to", verbose_name=_("organisation")
    )
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("to"), null=True, blank=True)

    history = audit.history()

    class Meta:
        verbose_name = _("relation between organisations")
        verbose_name_plural = _("relations between organisations")
        constraints = [
            models.UniqueConstraint(
                "organization",
                "kind",
                "other",
                Coalesce("started_on", dt.date(1, 1, 1)),
                name="organizationrelation_once",
            ),
            models.CheckConstraint(
                condition=~Q(organization=F("other")), name="organizationrelation_to_another"
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="organizationrelation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_kind_display()} {self.other}"


class Affiliation(models.Model):
    """A person belonging to an organisation, dated where known."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="affiliations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="affiliations")
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("to"), null=True, blank=True)
    title = models.CharField(_("position"), max_length=200, blank=True)
    source = models.CharField(max_length=60, default="folkmoot")

    history = audit.history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "organization", Coalesce("started_on", dt.date(1, 1, 1)), name="affiliation_once"
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="affiliation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.organization}"


class DismissedAffiliation(models.Model):
    """Somebody said that a person does not belong to the organisation that a mail address suggests."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="dismissed_affiliations")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="dismissed_affiliations"
    )

    history = audit.history()

    class Meta:
        verbose_name = _("dismissed suggestion")
        verbose_name_plural = _("dismissed suggestions")
        constraints = [
            models.UniqueConstraint(fields=["person", "organization"], name="dismissedaffiliation_once")
        ]

    def __str__(self) -> str:
        return str(self.organization)
