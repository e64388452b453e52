"""Posts: what is to be said, how each channel gets it, and what has left."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.public import Channel, Delivery
from folkmoot.people.public import Tag
from folkmoot.publishing.models.campaigns import Campaign
from folkmoot.publishing.models.media import Media


class Kind(models.TextChoices):
    """How a post came to be."""

    SINGLE = "single", _("single post")
    EVERGREEN = "evergreen", _("from a pool")
    RECURRING = "recurring", _("recurring")
    RELATIVE = "relative", _("follows another")
    TRIGGERED = "triggered", _("after something happened")
    IMPORTED = "imported", _("imported")


class PostState(models.TextChoices):
    """Where a post stands."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("waits for approval")
    APPROVED = "approved", _("approved")
    SCHEDULED = "scheduled", _("scheduled")
    #: All of it is there.
    PUBLISHED = "published", _("published")
    #: Something of it was refused, missed, or asks a person.
    TROUBLE = "trouble", _("needs a look")
    CANCELLED = "cancelled", _("cancelled")


#: Its content may be edited: nothing of it has left.
EDITABLE = (PostState.DRAFT, PostState.REVIEW, PostState.APPROVED, PostState.SCHEDULED)


class Post(models.Model):
    """Something to be said at a time. Its text stands in variants: the base, and one for each channel."""

    #: For lists; no reader sees it.
    title = models.CharField(_("title"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SINGLE)
    state = models.CharField(_("state"), max_length=10, choices=PostState.choices, default=PostState.DRAFT)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("campaign"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="posts")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("who looks after it"),
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: BCP 47; variants may differ.
    language = models.CharField(_("language"), max_length=12, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    #: When (``2026-11-20T09:00``) in an IANA zone, and the moment that it means (UTC). Empty: no time yet.
    wall_time = models.CharField(max_length=19, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    #: How long after its time it may still leave; empty: as its campaign says, else as usual.
    grace_hours = models.PositiveSmallIntegerField(_("may leave late by hours"), null=True, blank=True)
    #: Nothing of it leaves before.
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)
    #: It leaves once its link answers.
    waits_for_link = models.BooleanField(_("waits until the link is live"), default=False)
    #: Which it is about.
    project = models.ForeignKey(
        "people.Project",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("project"),
    )
    people = models.ManyToManyField("people.Person", blank=True, related_name="posts")
    #: Who paid for it; said in the text where the policy wants it.
    sponsor = models.ForeignKey(
        "people.Organization",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sponsored_posts",
        verbose_name=_("sponsor"),
    )
    #: What made it: a series, and the page it announces.
    series = models.ForeignKey(
        "publishing.Series", on_delete=models.SET_NULL, null=True, blank=True, related_name="posts"
    )
    article = models.ForeignKey(
        "publishing.Article", on_delete=models.SET_NULL, null=True, blank=True, related_name="posts"
    )
    activity = models.ForeignKey(
        "ledger.Activity", on_delete=models.SET_NULL, null=True, blank=True, related_name="posts"
    )
    #: SHA-256 of everything that readers will see, where and when; an approval is for one of these.
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    #: Where an import found it: the same row again is the same post.
    import_key = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["folded", "content_sha256", "changed_at"], m2m_fields=[tags])

    class Meta:
        ordering = ["-due_at", "-pk"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="post_has_a_title"),
            models.CheckConstraint(condition=Q(state__in=PostState.values), name="post_known_state"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="post_known_kind"),
            models.CheckConstraint(
                condition=Q(wall_time="", zone="", due_at=None)
                | ~Q(wall_time="") & ~Q(zone="") & Q(due_at__isnull=False),
                name="post_time_with_zone",
            ),
            models.CheckConstraint(
                condition=~Q(state=PostState.SCHEDULED) | Q(due_at__isnull=False),
                name="post_scheduled_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["import_key"], condition=~Q(import_key=""), name="post_imported_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="post_due"),
            models.Index(fields=["state", "due_at"], name="post_state"),
            models.Index(fields=["campaign", "due_at"], name="post_campaign"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_editable(self) -> bool:
        """Nothing of it has left."""
        return self.state in EDITABLE


class Variant(models.Model):
    """A post as one channel gets it; the one without a channel is the base that others follow."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="variants")
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="variants"
    )
    #: It has the base's text, pictures and title, whatever those become.
    follows_base = models.BooleanField(_("like the base text"), default=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    #: Empty: the post's.
    language = models.CharField(_("language"), max_length=12, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    #: What only this platform knows.
    options = models.JSONField(default=dict, blank=True)
    #: Another time than the post's; the same three as there.
    wall_time = models.CharField(max_length=19, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    #: Raised when it is published again.
    version = models.PositiveSmallIntegerField(default=1)

    history = audit.history()

    class Meta:
        ordering = ["post", F("channel").asc(nulls_first=True)]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.UniqueConstraint(fields=["post", "channel"], name="variant_once"),
            models.UniqueConstraint(fields=["post"], condition=Q(channel=None), name="variant_one_base"),
            models.CheckConstraint(
                condition=Q(channel__isnull=False) | Q(follows_base=False), name="variant_base_follows_none"
            ),
            models.CheckConstraint(
                condition=Q(wall_time="", zone="", due_at=None)
                | ~Q(wall_time="") & ~Q(zone="") & Q(due_at__isnull=False),
                name="variant_time_with_zone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post}: {self.channel or _('base')}"


class Part(models.Model):
    """One part of a thread; most posts have one."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(default=1)
    #: As it is written: ``@[alias]`` names somebody of the handle book.
    text = models.TextField(_("text"), blank=True)

    history = audit.history()

    class Meta:
        ordering = ["variant", "position"]
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints = [
            models.UniqueConstraint(fields=["variant", "position"], name="part_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="part_from_one"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class PartMedia(models.Model):
    """A picture in a part."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="pictures")
    media = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField(default=1)
    #: In the part's language; empty: the picture's own.
    alt = models.TextField(_("what it shows"), blank=True, max_length=2000)

    history = audit.history()

    class Meta:
        ordering = ["part", "position", "pk"]
        verbose_name = _("picture of a part")
        verbose_name_plural = _("pictures of parts")
        constraints = [models.UniqueConstraint(fields=["part", "media"], name="partmedia_once")]

    def __str__(self) -> str:
        return f"{self.part_id}: {self.media_id}"


class Publication(models.Model):
    """A part on its way to a channel, or there. Publishing again is another one."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="publications")
    part = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveSmallIntegerField(default=1)
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="publication")
    #: Of the post, when it was scheduled.
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["variant", "version", "part"]
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(fields=["variant", "part", "version"], name="publication_once"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}/{self.part}/{self.version}"
