"""Pictures, kept once, with what they show in words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit


class Media(models.Model):
    """A picture, drawn anew from its pixels: what the camera wrote into it is gone."""

    #: In the storage, under its content's digest.
    file = models.CharField(max_length=300)
    #: As it was called when it was uploaded.
    name = models.CharField(_("name"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: Bytes.
    size = models.PositiveIntegerField()
    alt = models.TextField(_("what it shows"), blank=True, max_length=2000)
    #: What must stay visible when it is cropped: -1 to 1, to the right and upwards.
    focus_x = models.FloatField(default=0.0)
    focus_y = models.FloatField(default=0.0)
    credit = models.CharField(_("whose picture it is"), max_length=200, blank=True)
    #: Who can be recognised in it; each must have agreed to be shown.
    people = models.ManyToManyField("people.Person", blank=True, related_name="pictures")
    shows_people = models.BooleanField(_("people can be recognised"), default=False)
    #: Drawn from this card; empty: uploaded.
    card = models.ForeignKey(
        "publishing.CardTemplate", on_delete=models.SET_NULL, null=True, blank=True, related_name="pictures"
    )
    card_values = models.JSONField(default=dict, blank=True)
    #: Texts of the card that are hard to read, as they were when it was drawn (``cards.faint``).
    faint = models.JSONField(_("hard to read"), default=list, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(focus_x__gte=-1, focus_x__lte=1, focus_y__gte=-1, focus_y__lte=1),
                name="media_focus_inside",
            ),
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="media_has_pixels"),
        ]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]


class Rendition(models.Model):
    """A picture as one kind of platform takes it: smaller, in another format."""

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="renditions")
    #: The limits it was made for, as a short text: the same limits, the same rendition.
    made_for = models.CharField(max_length=100)
    file = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint(fields=["media", "made_for"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.media_id}: {self.made_for}"


class CardTemplate(models.Model):
    """A picture that is drawn from a pattern and facts: a quote, an accepted package, an event, a milestone."""

    name = models.CharField(_("name"), max_length=100)
    #: SVG with gaps such as ``{{ title }}``; colours and logo of the community have gaps of their own.
    svg = models.TextField(_("pattern (SVG)"))
    #: What the gaps are: name, label, example, most characters on a line, most lines.
    fields = models.JSONField(_("fields"), default=list)
    #: What the picture shows, with the same gaps.
    alt = models.TextField(_("what it shows"), max_length=2000)
    width = models.PositiveIntegerField(default=1200)
    height = models.PositiveIntegerField(default=675)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = [models.UniqueConstraint(fields=["name"], name="cardtemplate_once")]

    def __str__(self) -> str:
        return self.name
