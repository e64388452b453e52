"""What a programme of review is made of, as rows a coordinator edits: stages, labels, rules, checklists."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold


class Turn(models.TextChoices):
    """Whose turn something is, and the part somebody has in a review."""

    AUTHOR = "author", _("author")
    EIC = "eic", _("editor-in-chief")
    EDITOR = "editor", _("editor")
    REVIEWER = "reviewer", _("reviewers")
    OUTSIDE = "outside", _("somebody outside")
    NOBODY = "", _("nobody")


class Programme(models.Model):
    """A programme of review: what is reviewed, where it is tracked, how many reviewers it takes."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    #: The repository whose issues are submissions, as compared: ``github.com/org/repo``; empty: none.
    tracker = models.CharField(
        _("tracker"),
        max_length=300,
        blank=True,
        help_text=_("The repository whose issues are submissions: github.com/org/repository."),
    )
    reviewers_wanted = models.PositiveSmallIntegerField(_("reviewers for each submission"), default=2)
    rest_months = models.PositiveSmallIntegerField(
        _("months between two reviews"),
        default=6,
        help_text=_("How long nobody who has reviewed is asked again."),
    )
    conflict_years = models.PositiveSmallIntegerField(
        _("years that working together counts"),
        default=3,
        help_text=_("Who worked with an author so recently has a conflict of interest."),
    )
    review_days = models.PositiveSmallIntegerField(_("days for a review"), default=21)
    #: Whether authors may submit by the form of this house.
    is_open = models.BooleanField(_("authors submit here"), default=False)
    guide = models.TextField(
        _("what authors are told"), blank=True, help_text=_("Markdown, above the author's form.")
    )
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="programme_has_a_name"),
            models.UniqueConstraint(
                fields=["tracker"], condition=~Q(tracker=""), name="programme_one_per_tracker"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a programme: its place, how long it may take, whose turn it is, what there is to do."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="stages")
    slug = models.SlugField(_("short name"), max_length=60)
    name = models.CharField(_("name"), max_length=100)
    #: The furthest of several wins.
    position = models.PositiveSmallIntegerField(_("place"))
    turn = models.CharField(
        _("whose turn"), max_length=12, choices=Turn.choices, blank=True, default=Turn.NOBODY
    )
    answered_by = models.CharField(
        _("who answers"),
        max_length=12,
        choices=Turn.choices,
        blank=True,
        default=Turn.NOBODY,
        help_text=_("Whose turn it is once they have spoken. Empty: it stays theirs."),
    )
    limit_days = models.PositiveSmallIntegerField(
        _("days it may take"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    guide = models.TextField(_("what there is to do"), blank=True, help_text=_("Markdown."))
    #: For enquiries before a submission.
    is_presubmission = models.BooleanField(_("of pre-submissions"), default=False)
    #: Whoever stands here, or further on, is accepted.
    is_accepted = models.BooleanField(_("accepted from here on"), default=False)
    #: What standing here says of the journal: a value of :class:`folkmoot.reviews.models.Joss`.
    joss = models.CharField(_("state at JOSS"), max_length=12, blank=True)
    #: No submission is moved here any more; those that were keep it in their history.
    is_archived = models.BooleanField(_("not used any more"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["programme", "position", "pk"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="stage_has_a_name"),
            models.UniqueConstraint(fields=["programme", "slug"], name="stage_one_per_slug"),
        ]

    def __str__(self) -> str:
        return self.name


class LabelMeaning(models.Model):
    """What a label of the tracker means; spellings of other days are further rows."""

    class Means(models.TextChoices):
        STAGE = "stage", _("a stage")
        HOLD = "hold", _("on hold")
        OUTCOME = "outcome", _("an outcome")
        KIND = "kind", _("a kind of submission")
        PARTNER = "partner", _("a partner")
        JOSS = "joss", _("a state at JOSS")
        NOTHING = "nothing", _("nothing for us")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="labels")
    label = models.CharField(_("label"), max_length=100)
    #: As compared: case and accents folded, emoji and spaces around it gone.
    folded = models.CharField(max_length=100, editable=False)
    means = models.CharField(_("means"), max_length=12, choices=Means.choices)
    stage = models.ForeignKey(
        Stage,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="labels",
        verbose_name=_("stage"),
    )
    #: For holds why, for outcomes, kinds and JOSS the value, for partners the name.
    value = models.CharField(_("value"), max_length=60, blank=True)

    history = audit.history(excluded_fields=["folded"])

    class Meta:
        ordering = ["programme", "means", "label"]
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["programme", "folded"], name="labelmeaning_once"),
            models.CheckConstraint(
                condition=Q(means="stage", stage__isnull=False) | (~Q(means="stage") & Q(stage=None)),
                name="labelmeaning_stage_has_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = label_key(self.label)
        super().save(*args, **kwargs)


def label_key(label: str) -> str:
    """A label as compared: case-folded, signs and spaces at either end gone (``6/pyOS-approved 🚀🚀🚀``)."""
    folded = fold(label)
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while end > start and not (folded[end - 1].isalnum() or folded[end - 1] in ")!"):
        end -= 1
    return folded[start:end][:100]


class HoldUpRule(models.Model):
    """When a submission counts as held up."""

    class Kind(models.TextChoices):
        STAGE = "stage", _("in its stage for longer than the stage's limit")
        QUIET = "quiet", _("nobody has said anything for so many days")
        NO_EDITOR = "no_editor", _("without an editor for so many days")
        REVIEWER_SILENT = "reviewer_silent", _("a reviewer has not answered for so many days")
        AUTHOR_SILENT = "author_silent", _("the author has not answered for so many days")
        ON_HOLD = "on_hold", _("on hold for so many days")
        REVIEW_DUE = "review_due", _("a review is due in so many days")
        ARCHIVE = "archive", _("accepted so many days ago, and no archive of the version is named")
        JOSS = "joss", _("on its way to the journal for so many days")
        WEBSITE = "website", _("accepted so many days ago, and not in the website's files")
        NO_COMMITS = "no_commits", _("accepted, and without a commit for so many days")
        PROMISE = "promise", _("accepted so many days ago: what was promised is over")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(_("when"), max_length=20, choices=Kind.choices)
    #: Empty for :attr:`Kind.STAGE`, whose days are the stage's own limit.
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    #: Who is told; empty: whoever's turn it is.
    tells = models.CharField(
        _("who is told"),
        max_length=12,
        choices=Turn.choices,
        blank=True,
        default=Turn.NOBODY,
        help_text=_("Empty: whoever's turn it is."),
    )
    advice = models.CharField(_("what to do"), max_length=300, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    history = audit.history()

    class Meta:
        ordering = ["programme", "kind", "pk"]
        verbose_name = _("rule for what is held up")
        verbose_name_plural = _("rules for what is held up")
        constraints = [
            models.UniqueConstraint(fields=["programme", "kind", "days"], name="holduprule_once"),
            models.CheckConstraint(
                condition=Q(kind="stage", days=None) | (~Q(kind="stage") & Q(days__gt=0)),
                name="holduprule_has_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.days})" if self.days else self.get_kind_display()


class ChecklistItem(models.Model):
    """One thing to do in a stage, and whose it is."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="checklist")
    turn = models.CharField(_("whose"), max_length=12, choices=Turn.choices)
    text = models.CharField(_("what"), max_length=400)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    is_archived = models.BooleanField(_("not used any more"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["stage", "turn", "position", "pk"]
        verbose_name = _("entry of a checklist")
        verbose_name_plural = _("entries of checklists")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="checklistitem_says_something"),
            models.CheckConstraint(condition=~Q(turn=""), name="checklistitem_is_somebodys"),
        ]

    def __str__(self) -> str:
        return self.text
