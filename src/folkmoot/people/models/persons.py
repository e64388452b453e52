"""People, and their handles and addresses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.models.tags import Tag


class Person(models.Model):
    """Somebody in the community. The name is one field, as the person writes it."""

    class Availability(models.TextChoices):
        UNKNOWN = "", _("not said")
        YES = "yes", _("can be asked")
        LIMITED = "limited", _("can be asked for little")
        NO = "no", _("cannot be asked")

    name = models.CharField(_("name"), max_length=200, help_text=_("As the person writes it."))
    sort_name = models.CharField(
        _("sort name"),
        max_length=200,
        blank=True,
        help_text=_("Where lists put the person, if not under the name."),
    )
    #: What lists sort by: sort name or name, folded.
    sort_key = models.CharField(max_length=200, editable=False, db_index=True)
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    bio = models.TextField(_("about"), blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    #: ISO 3166-1, two capital letters.
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    publication_name = models.CharField(
        _("name in publications"),
        max_length=200,
        blank=True,
        help_text=_("As it stands in acknowledgements and author lists, if not the name."),
    )
    #: A picture that has been checked and drawn anew, without what the camera wrote into it.
    photo = models.FileField(_("photograph"), upload_to="people", blank=True)
    availability = models.CharField(
        _("availability"), max_length=12, blank=True, choices=Availability.choices, default=""
    )
    availability_note = models.CharField(_("about the availability"), max_length=200, blank=True)
    #: The first day on which the person can be asked again.
    available_from = models.DateField(_("away until"), null=True, blank=True)
    joined_on = models.DateField(_("in the community since"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Set when the person asked to be forgotten: what is left is what must be kept, under a stand-in for the name.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="people")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["sort_key", "updated_at"])

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z][A-Z]$"), name="person_country_is_a_code"
            ),
        ]
        indexes = [models.Index(fields=["sort_key", "id"], name="person_sort")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = self.reckon_sort_key()
        super().save(*args, **kwargs)

    def reckon_sort_key(self) -> str:
        """The folded sort name, or name; set by ``save`` and by bulk writers."""
        return fold_accents(self.sort_name or self.name)[:200]

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        words = self.name.split() or ["?"]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Identity(models.Model):
    """A handle or address of a person on a system. What is done is done by identities.

    ``number`` is the system's own unchanging id (GitHub's numeric id); a login alone may be given to
    somebody else later, a number never is.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    system = models.CharField(_("system"), max_length=40)
    value = models.CharField(_("handle or address"), max_length=320)
    folded = models.CharField(max_length=320, editable=False)
    number = models.CharField(_("number on the system"), max_length=64, blank=True)
    is_verified = models.BooleanField(_("proven"), default=False)
    is_bot = models.BooleanField(_("a bot"), default=False)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["folded", "first_seen_at", "last_seen_at"])

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["system", "number"], condition=~Q(number=""), name="identity_one_per_number"
            ),
            models.UniqueConstraint(
                fields=["system", "folded"], condition=Q(number=""), name="identity_one_per_handle"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="identity_has_a_value"),
        ]
        indexes = [
            models.Index(fields=["system", "folded"], name="identity_handle"),
            models.Index(fields=["person", "is_bot"], name="identity_person"),
            # Machines are few, and every figure and list leaves them out.
            models.Index(fields=["person"], condition=Q(is_bot=True), name="identity_machine"),
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.value)
        super().save(*args, **kwargs)


class FormerHandle(models.Model):
    """A handle that an identity had before it was renamed: who is meant where only the old one is written."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="former_handles")
    value = models.CharField(_("handle or address"), max_length=320)
    folded = models.CharField(max_length=320, editable=False)
    #: When the rename was first seen; the real day is not known.
    seen_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=60, default="folkmoot")

    class Meta:
        verbose_name = _("former handle")
        verbose_name_plural = _("former handles")
        constraints = [models.UniqueConstraint(fields=["identity", "folded"], name="formerhandle_once")]
        indexes = [models.Index(fields=["folded"], name="formerhandle_folded")]

    def __str__(self) -> str:
        return self.value

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.value)
        super().save(*args, **kwargs)
