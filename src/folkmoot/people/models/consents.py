"""What people agreed to, what they asked for: consents, claims of a record, erasure."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.people.models.persons import Person


class ConsentKind(models.Model):
    """Something people are asked to agree to: contact, public profile, photograph, publication of the name."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("kind of consent")
        verbose_name_plural = _("kinds of consent")

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """One version of the words that people agree to. A version never changes: new words are a new version."""

    kind = models.ForeignKey(ConsentKind, on_delete=models.CASCADE, related_name="texts")
    version = models.PositiveSmallIntegerField(_("version"))
    #: A language code such as ``en``.
    language = models.CharField(_("language"), max_length=12, default="en")
    text = models.TextField(_("text"))
    #: Whether those who agreed to an earlier version are asked again.
    asks_again = models.BooleanField(_("ask everybody again"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["kind", "-version", "language"]
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version", "language"], name="consenttext_once"),
            models.CheckConstraint(condition=~Q(text=""), name="consenttext_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} ({self.language})"


class Consent(models.Model):
    """What a person said to a text, when and where. Never edited: a change of mind is a new row, the newest holds."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    kind = models.ForeignKey(ConsentKind, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    is_given = models.BooleanField(_("given"))
    decided_at = models.DateTimeField(default=timezone.now)
    #: Where it was said: ``self`` (their own page), ``unsubscribe``, an import's source, a form.
    source = models.CharField(max_length=60, default="folkmoot")
    #: Who wrote it down, when it was not the person.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: What a coordinator noted: "by mail of 3 May".
    note = models.CharField(max_length=200, blank=True)
    #: When the row, or what it is told with, was written last; rows that are not saved one by one: ``triggers.py``.
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-decided_at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["person", "kind", "-decided_at"], name="consent_newest"),
            models.Index(fields=["updated_at"], name="consent_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind}"


class Claim(models.Model):
    """Somebody who signed in says: this record is mine. Proven ones are granted at once, others wait for a person."""

    class State(models.TextChoices):
        OPEN = "open", _("waits")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    #: By which identity it is proven: ``github``, ``orcid``, ``email``; empty: by nothing but their word.
    proof = models.CharField(max_length=40, blank=True)
    message = models.TextField(_("how we can tell"), blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "user"], condition=Q(state="open"), name="claim_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.person}"


class Erasure(models.Model):
    """A person asked to be forgotten: what was removed, what is kept and why."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        DONE = "done", _("done")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REFUSED = "refused", _("refused")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="erasures")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    #: What was removed and what is kept, by table, without any of the person's data.
    outcome = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="asked"), name="erasure_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_state_display()}"
