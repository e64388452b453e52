"""What people ask for with forms that are rows: a workshop, a place in a training, an answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.training.models.events import Event
from folkmoot.training.models.parts import Task
from folkmoot.training.models.request_forms import FormVersion, RequestForm


class RequestState(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("draft")
    UNPROVEN = "unproven", _("waits for a click in a mail")
    PENDING = "pending", _("waits for a decision")
    ACCEPTED = "accepted", _("accepted")
    DISCARDED = "discarded", _("discarded")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Requests that have reached those who decide.
RECEIVED = (
    RequestState.PENDING,
    RequestState.ACCEPTED,
    RequestState.DISCARDED,
    RequestState.WITHDRAWN,
)


class Request(models.Model):
    """What somebody asked for with a form.

    Only a click in a mail proves the address; then the request is received, and belongs to the record of the register
    that has this address, where there is one.
    """

    form = models.ForeignKey(RequestForm, on_delete=models.PROTECT, related_name="requests")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.DRAFT
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=320, blank=True)
    email_folded = models.CharField(max_length=320, blank=True, editable=False)
    #: By key of the field: text, list of texts, number, true and false, days as ISO writes them.
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("person"),
    )
    organization = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("organisation"),
    )
    #: As it was typed.
    organization_name = models.CharField(_("organisation as written"), max_length=300, blank=True)
    # What answers say, beside, for lists and for finding duplicates.
    country = models.CharField(_("country"), max_length=2, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    member_code = models.CharField(_("member code"), max_length=100, blank=True)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("whose it is"),
    )
    event = models.ForeignKey(
        Event,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("event"),
    )
    #: The learner's part that an application became.
    task = models.OneToOneField(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="request"
    )
    reason = models.CharField(_("why"), max_length=300, blank=True)
    score_auto = models.IntegerField(_("points by the rules"), null=True, blank=True)
    #: What each rule gave: ``[{"rule": number, "label": …, "points": …, "why": …}]``.
    score_reasons = models.JSONField(default=list, blank=True)
    score_manual = models.IntegerField(_("points by hand"), null=True, blank=True)
    score_notes = models.TextField(_("note on the points"), blank=True)
    #: The request that this one is the same as; it is laid aside then.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    #: The language they read, for mails.
    language = models.CharField(max_length=12, default="en")
    started_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    #: Until when it should be decided, as its form says.
    due_at = models.DateTimeField(_("decided until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(
        excluded_fields=["email_folded", "score_auto", "score_reasons", "due_at", "updated_at"],
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(condition=Q(state="draft") | ~Q(name=""), name="request_has_a_name"),
            models.CheckConstraint(condition=Q(state="draft") | ~Q(email=""), name="request_has_an_address"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "unproven"]) | Q(received_at__isnull=False),
                name="request_received_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "discarded", "withdrawn"]) | Q(decided_at__isnull=False),
                name="request_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="request_not_merged_into_itself"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="request_once_per_source",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at"], name="request_state"),
            models.Index(fields=["email_folded"], name="request_email"),
            models.Index(fields=["organization", "starts_on"], name="request_place"),
            models.Index(fields=["updated_at"], name="request_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.form}: {self.name or self.email}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_folded = fold(self.email)[:320]
        super().save(*args, **kwargs)

    @property
    def score(self) -> int | None:
        """The points that count: those by hand where there are some."""
        return self.score_auto if self.score_manual is None else self.score_manual


class RequestFile(models.Model):
    """A file that came with a request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="files")
    #: The key of the field.
    field = models.SlugField(max_length=60)
    name = models.CharField(_("name"), max_length=200)
    #: As its content says, whatever its name does.
    type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    #: Its path in the storage.
    path = models.CharField(max_length=300)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["request", "pk"]
        verbose_name = _("file of a request")
        verbose_name_plural = _("files of requests")
        constraints = [models.UniqueConstraint(fields=["request", "field"], name="requestfile_once")]

    def __str__(self) -> str:
        return self.name


class RequestNote(models.Model):
    """What somebody wrote down about a request, for the others who run training."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("note about a request")
        verbose_name_plural = _("notes about requests")
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="requestnote_says_something")]

    def __str__(self) -> str:
        return self.body[:60]
