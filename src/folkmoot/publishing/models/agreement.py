"""Who agreed to what, what was said about it, and which rules hold."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.permissions.areas import Level
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Tag
from folkmoot.publishing.models.posts import Kind, Part, Post


class PostApprovalRule(models.Model):
    """Posts of a sort need somebody's approval before they leave. All rules that a post falls under must be met."""

    name = models.CharField(_("name"), max_length=100)
    #: Which posts; what is empty does not matter.
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("with tag")
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("on")
    )
    kind = models.CharField(_("kind of post"), max_length=12, choices=Kind.choices, blank=True)
    #: By whom: a right in publishing, and, where a role is named, only those who hold it then.
    level = models.PositiveSmallIntegerField(
        _("by whoever may at least"), choices=Level.choices, default=Level.MANAGE
    )
    role_kind = models.ForeignKey(
        "people.RoleKind",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("holding the role"),
    )
    #: Not by who wrote it or changed it last.
    four_eyes = models.BooleanField(_("by somebody else than who wrote it"), default=True)
    people_needed = models.PositiveSmallIntegerField(_("how many people"), default=1)
    #: An approval holds so long; empty: until the content changes.
    days = models.PositiveSmallIntegerField(_("holds for days"), null=True, blank=True)
    #: Posts of this sort need no approval at all: takes them out of every other rule.
    is_exempt = models.BooleanField(_("these need no approval"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("approval rule for posts")
        verbose_name_plural = _("approval rules for posts")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="postapprovalrule_once"),
            models.CheckConstraint(condition=Q(people_needed__gte=1), name="postapprovalrule_needs_somebody"),
        ]

    def __str__(self) -> str:
        return self.name


class PostApproval(models.Model):
    """Somebody agreed to exactly this content."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="approvals")
    rule = models.ForeignKey(PostApprovalRule, on_delete=models.CASCADE, related_name="approvals")
    content_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    #: When it no longer holds.
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("approval of a post")
        verbose_name_plural = _("approvals of posts")
        constraints = [
            models.UniqueConstraint(
                fields=["post", "rule", "content_sha256", "by"],
                condition=Q(withdrawn_at=None),
                name="postapproval_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.by}"


class Comment(models.Model):
    """What somebody says about a draft; with a suggestion it can be taken over as it is."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    #: About one part's text: the words meant, and what should stand there instead.
    part = models.ForeignKey(Part, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments")
    quote = models.TextField(blank=True)
    suggestion = models.TextField(_("suggestion"), blank=True)
    text = models.TextField(_("comment"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Of a guest who came by a preview link.
    guest = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The suggestion was taken over.
    taken_at = models.DateTimeField(null=True, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("comment on a post")
        verbose_name_plural = _("comments on posts")
        constraints = [
            models.CheckConstraint(condition=~Q(text="") | ~Q(suggestion=""), name="comment_says_something"),
        ]

    def __str__(self) -> str:
        return self.text[:60] or self.suggestion[:60]


class PreviewLink(models.Model):
    """An address at which somebody without an account sees a draft, until it ends or is withdrawn."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="preview_links")
    #: SHA-256 of the address's secret; the secret itself is shown once.
    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(_("for whom"), max_length=100, blank=True)
    may_comment = models.BooleanField(_("may comment"), default=True)
    until = models.DateTimeField(_("until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")

    def __str__(self) -> str:
        return self.note or str(self.pk)


class Policy(models.Model):
    """The community's rules for what it says, as YAML; one row, its history is the history of the rules."""

    text = models.TextField(_("rules (YAML)"))
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policy")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="policy_is_one_row")]

    def __str__(self) -> str:
        return str(_("policy"))


class Waiver(models.Model):
    """Somebody lets a post pass a rule, for a reason and until a moment."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="waivers")
    #: Id of a rule of the policy.
    rule = models.CharField(max_length=60)
    reason = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(_("until"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_a_reason"),
            models.UniqueConstraint(
                fields=["post", "rule"], condition=Q(withdrawn_at=None), name="waiver_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.rule}"


class LinkCheck(models.Model):
    """What an address answered last."""

    url = models.URLField(max_length=500, unique=True)
    #: HTTP status; 0: no answer.
    status = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)
    #: Where it led, and what the page is called.
    final_url = models.URLField(max_length=500, blank=True)
    title = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["url"]
        verbose_name = _("check of a link")
        verbose_name_plural = _("checks of links")

    def __str__(self) -> str:
        return self.url
