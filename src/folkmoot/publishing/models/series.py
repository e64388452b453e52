"""Posts that come again: pools that rotate, recurring ones, those that follow another, those that an event sets off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Tag
from folkmoot.publishing.models.campaigns import Campaign
from folkmoot.publishing.models.media import CardTemplate


class PostTemplate(models.Model):
    """A text with gaps from which drafts are made."""

    name = models.CharField(_("name"), max_length=100)
    #: Key of an occasion (``package_accepted``): what its gaps may be; empty: none but those of every post.
    occasion = models.CharField(_("for"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=12, blank=True)
    #: Parts of a thread are parted by a line of three dashes.
    text = models.TextField(_("text"))
    link = models.CharField(_("link"), max_length=500, blank=True)
    card = models.ForeignKey(
        CardTemplate,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name=_("card"),
    )
    card_values = models.JSONField(default=dict, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("template of posts")
        verbose_name_plural = _("templates of posts")
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="posttemplate_once")]

    def __str__(self) -> str:
        return self.name


class TemplateText(models.Model):
    """Another text of a template for one platform."""

    template = models.ForeignKey(PostTemplate, on_delete=models.CASCADE, related_name="texts")
    #: Key of a connector.
    platform = models.CharField(_("platform"), max_length=40)
    text = models.TextField(_("text"))

    history = audit.history()

    class Meta:
        ordering = ["template", "platform"]
        verbose_name = _("text of a template")
        verbose_name_plural = _("texts of templates")
        constraints = [models.UniqueConstraint(fields=["template", "platform"], name="templatetext_once")]

    def __str__(self) -> str:
        return f"{self.template}: {self.platform}"


class SeriesKind(models.TextChoices):
    """What makes its posts."""

    EVERGREEN = "evergreen", _("a pool that rotates")
    RECURRING = "recurring", _("a rule of days")
    RELATIVE = "relative", _("so long after another post")
    TRIGGERED = "triggered", _("something that happens")


class Series(models.Model):
    """A rule that makes posts."""

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=SeriesKind.choices)
    channels = models.ManyToManyField(Channel, blank=True, related_name="series")
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="series",
        verbose_name=_("campaign"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="+")
    #: Its text; a pool takes those of its items.
    template = models.ForeignKey(
        PostTemplate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="series",
        verbose_name=_("text"),
    )
    #: RFC 5545, of recurring ones and of pools without slots: ``FREQ=WEEKLY;BYDAY=TU``; in local time.
    rrule = models.CharField(_("rule (RRULE)"), max_length=300, blank=True)
    #: Its first moment, as a wall time in the zone.
    starts = models.CharField(_("first time"), max_length=19, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    #: Of relative ones: after which posts (those with this tag), and how long after, at what time of day.
    after_tag = models.ForeignKey(
        Tag,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("after posts with tag"),
    )
    after_series = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("after posts of"),
    )
    days_after = models.PositiveSmallIntegerField(_("days after"), null=True, blank=True)
    time = models.TimeField(_("time of day"), null=True, blank=True)
    #: Of triggered ones: key of an occasion, and what it is narrowed to.
    occasion = models.CharField(_("when"), max_length=60, blank=True)
    narrowed = models.JSONField(default=dict, blank=True)
    #: Of pools: an item comes again after so many days at the earliest; languages in their turn.
    cool_down_days = models.PositiveSmallIntegerField(_("days until a text comes again"), default=90)
    languages = models.JSONField(_("languages in turn"), default=list, blank=True)
    #: Its posts take the next free slot instead of the rule's own time.
    uses_slots = models.BooleanField(_("takes the next free slot"), default=False)
    #: Made so many days before their time; each is a draft until somebody agrees, where a rule asks for that.
    days_ahead = models.PositiveSmallIntegerField(_("days ahead"), default=14)
    #: Scheduled by themselves where nobody has to agree; else they stay drafts.
    schedules = models.BooleanField(_("schedules its posts"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who looks after it"),
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="series_once"),
            models.CheckConstraint(condition=Q(kind__in=SeriesKind.values), name="series_known_kind"),
            models.CheckConstraint(
                condition=~Q(kind=SeriesKind.RECURRING) | ~Q(rrule="") & ~Q(starts=""),
                name="series_recurring_has_a_rule",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SeriesKind.TRIGGERED) | ~Q(occasion=""),
                name="series_triggered_by_something",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SeriesKind.RELATIVE) | Q(days_after__isnull=False),
                name="series_relative_has_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PoolItem(models.Model):
    """A text of a pool. Items of one group say the same in other languages."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="items")
    language = models.CharField(_("language"), max_length=12, blank=True)
    group = models.CharField(_("group"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    link = models.URLField(_("link"), max_length=500, blank=True)
    media = models.ForeignKey(
        "publishing.Media", on_delete=models.SET_NULL, null=True, blank=True, related_name="pool_items"
    )
    is_active = models.BooleanField(_("in the pool"), default=True)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    uses = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["used_at", "uses"])

    class Meta:
        ordering = ["series", "group", "language", "pk"]
        verbose_name = _("text of a pool")
        verbose_name_plural = _("texts of pools")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="poolitem_has_a_text")]

    def __str__(self) -> str:
        return self.title


class Occurrence(models.Model):
    """One moment of a series: the post that was made for it, or that it was left out."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="occurrences")
    #: The same moment or event again is the same occurrence: a wall time, an activity, a post.
    key = models.CharField(max_length=200)
    wall_time = models.CharField(max_length=19, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    post = models.OneToOneField(
        "publishing.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrence"
    )
    item = models.ForeignKey(
        PoolItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrences"
    )
    #: A person took it out, or the post was deleted: it is not made again.
    skipped_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["series", "due_at", "pk"]
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        constraints = [models.UniqueConstraint(fields=["series", "key"], name="occurrence_once")]

    def __str__(self) -> str:
        return f"{self.series_id}: {self.key}"
