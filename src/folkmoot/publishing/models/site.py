"""Websites made of files, and the articles in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.public import Channel, Delivery


class Generator(models.TextChoices):
    """What makes a website of files."""

    JEKYLL = "jekyll", _("Jekyll")
    HUGO = "hugo", _("Hugo")


class Site(models.Model):
    """A website whose articles are Markdown files in a repository."""

    name = models.CharField(_("name"), max_length=100)
    generator = models.CharField(_("made by"), max_length=10, choices=Generator.choices)
    #: ``owner/name`` and the branch that is published.
    repository = models.CharField(_("repository"), max_length=200)
    branch = models.CharField(_("branch"), max_length=100, default="main")
    #: ``_posts/{date}-{slug}.md``.
    path = models.CharField(_("file of an article"), max_length=200)
    #: ``https://example.org/blog/{slug}/``.
    address = models.CharField(_("address of an article"), max_length=300)
    #: Front matter of a new article, with gaps.
    front = models.TextField(_("front matter of a new article"), blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name=_("channel"),
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="site_once"),
            models.CheckConstraint(condition=Q(generator__in=Generator.values), name="site_known_generator"),
        ]

    def __str__(self) -> str:
        return self.name


class ArticleState(models.TextChoices):
    """Where an article stands."""

    DRAFT = "draft", _("draft")
    #: A pull request is open.
    PROPOSED = "proposed", _("proposed")
    MERGED = "merged", _("merged")
    #: Its page answers, with its title.
    LIVE = "live", _("live")
    #: Read from files that were there before.
    IMPORTED = "imported", _("from before")


class Article(models.Model):
    """A blog post or newsletter text: a file with front matter and Markdown."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="articles")
    title = models.CharField(_("title"), max_length=300)
    folded = models.CharField(max_length=300, editable=False)
    slug = models.CharField(_("short name"), max_length=200)
    #: The file in the repository; filled from the site's pattern.
    path = models.CharField(_("file"), max_length=300)
    #: The front matter between its fences, letter by letter; what is not edited stays as it was.
    front = models.TextField(_("front matter"), blank=True)
    body = models.TextField(_("text"), blank=True)
    #: As the file begins and ends where that is unusual (line ends, a mark at the beginning, no last line end).
    form = models.JSONField(default=dict, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=12, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ArticleState.choices, default=ArticleState.DRAFT
    )
    authors = models.ManyToManyField("people.Person", blank=True, related_name="articles")
    published_on = models.DateField(_("date"), null=True, blank=True)
    wall_time = models.CharField(max_length=19, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The pull request, and its merge.
    proposal = models.OneToOneField(
        Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposed_article"
    )
    merge = models.OneToOneField(
        Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="merged_article"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who looks after it"),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["folded", "checked_at"])

    class Meta:
        ordering = ["-published_on", "-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(fields=["site", "path"], name="article_once"),
            models.CheckConstraint(condition=Q(state__in=ArticleState.values), name="article_known_state"),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="article_state")]

    def __str__(self) -> str:
        return self.title
