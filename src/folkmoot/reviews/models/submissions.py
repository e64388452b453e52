"""What is under review."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.people.public import Tag
from folkmoot.reviews.models.programmes import Programme, Stage


class Kind(models.TextChoices):
    """What was asked for."""

    PRESUBMISSION = "presubmission", _("pre-submission")
    FULL = "full", _("submission")
    FAST_TRACK = "fast_track", _("fast-track submission")


class Outcome(models.TextChoices):
    """How a review ended. On hold is no outcome."""

    OPEN = "", _("open")
    ACCEPTED = "accepted", _("accepted")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    CLOSED = "closed", _("closed without acceptance")
    ANSWERED = "answered", _("answered")


class Joss(models.TextChoices):
    """Where a package stands at the Journal of Open Source Software."""

    NONE = "", _("not submitted")
    PENDING = "pending", _("to be submitted")
    UNDER_REVIEW = "under_review", _("under review")
    REVIEWED = "reviewed", _("review complete")
    APPROVED = "approved", _("published")


#: What :attr:`Submission.is_open` says, for queries.
OPEN = Q(outcome=Outcome.OPEN, closed_at=None, vanished_at=None)


class Submission(models.Model):
    """A package under review, or an enquiry before that. Stage, hold and outcome are kept apart.

    An issue that was an enquiry first and became a submission is two rows; the second ``follows`` the first.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="submissions")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.FULL)
    #: The package's name as the author writes it.
    title = models.CharField(_("package"), max_length=300)
    folded = models.CharField(max_length=300, editable=False)
    description = models.TextField(_("in one line"), blank=True)
    project = models.ForeignKey(
        "people.Project",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("project"),
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("pre-submission"),
    )
    repository = models.URLField(_("repository"), max_length=500, blank=True)
    #: Where it is tracked: the issue's address and number, and the item of the ledger, where that is known.
    issue_url = models.URLField(_("issue"), max_length=500, blank=True)
    issue_number = models.PositiveIntegerField(_("number of the issue"), null=True, blank=True)
    #: By it imports and the reader of the tracker find it: ``github.com/org/repo#12``, for enquiries with ``?`` at its
    #: end; empty for what was entered by hand.
    key = models.CharField(max_length=320, blank=True, editable=False)
    item = models.ForeignKey(
        "ledger.Item", on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions"
    )

    opened_at = models.DateTimeField(_("submitted"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    #: As the newest stage change says; :mod:`folkmoot.reviews.history` keeps it.
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions"
    )
    #: The first moment at which it was known to stand there.
    stage_since = models.DateTimeField(null=True, blank=True)
    on_hold_since = models.DateTimeField(_("on hold since"), null=True, blank=True)
    hold_reason = models.CharField(_("why on hold"), max_length=200, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=Outcome.choices, blank=True, default=Outcome.OPEN
    )
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)

    version_submitted = models.CharField(_("version submitted"), max_length=100, blank=True)
    version_accepted = models.CharField(_("version accepted"), max_length=100, blank=True)
    archive = models.CharField(
        _("archive"), max_length=500, blank=True, help_text=_("DOI or address of the archived version.")
    )
    joss = models.CharField(_("JOSS"), max_length=12, choices=Joss.choices, blank=True, default=Joss.NONE)
    joss_doi = models.CharField(_("DOI at JOSS"), max_length=200, blank=True)
    publication_title = models.CharField(_("published as"), max_length=500, blank=True)
    publication_doi = models.CharField(_("DOI of the publication"), max_length=200, blank=True)
    publication_venue = models.CharField(_("published in"), max_length=300, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="submissions")
    labels = models.JSONField(default=list, blank=True)
    #: What the header of the issue says word for word, keys that nobody knows included.
    header = models.JSONField(default=dict, blank=True)

    #: What files and headers said last, by where it stood: what a person edited since is told from what they say anew.
    said = models.JSONField(default=dict, blank=True, editable=False)

    #: Who spoke last, and who answered the author first (bots left out).
    last_word_at = models.DateTimeField(_("last word"), null=True, blank=True)
    last_word_by = models.ForeignKey(
        "people.Identity", on_delete=models.PROTECT, null=True, blank=True, related_name="last_words"
    )
    first_response_at = models.DateTimeField(_("first answer"), null=True, blank=True)

    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    #: When a source showed it last; a row that vanishes from newer files stays, and says when it was shown last.
    #: Undecided, it counts in no figure and as open nowhere.
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    vanished_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Since when reading it from its tracker fails: the last good values stay.
    stale_since = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(
        excluded_fields=["folded", "key", "said", "seen_at", "vanished_at", "stale_since", "updated_at"]
    )

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="submission_one_per_key"),
            models.CheckConstraint(condition=~Q(title=""), name="submission_has_a_title"),
            models.CheckConstraint(
                condition=~Q(outcome="accepted") | ~Q(kind="presubmission"),
                name="submission_enquiries_are_not_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["outcome", "stage"], name="submission_open_by_stage"),
            models.Index(fields=["accepted_on"], name="submission_accepted"),
            models.Index(fields=["-opened_at", "-id"], name="submission_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.title)[:300]
        super().save(*args, **kwargs)

    @property
    def is_open(self) -> bool:
        """Nothing has been decided, and its issue is open, as far as its source still shows it."""
        return not self.outcome and self.closed_at is None and self.vanished_at is None
