"""What gives an application points: rules as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.request_forms import FormField, RequestForm

#: Most points that one rule gives.
MOST_POINTS = 100


class ScoreRule(models.Model):
    """Points for what an answer says."""

    class Condition(models.TextChoices):
        """When the points are given."""

        IS = "is", _("it is one of")
        NOT = "not", _("it is given, and none of")
        HAS = "has", _("for each of these that it holds")
        SAYS = "says", _("its text contains one of")
        YES = "yes", _("it is yes")
        GIVEN = "given", _("it is given")

    form = models.ForeignKey(RequestForm, on_delete=models.CASCADE, related_name="rules")
    label = models.CharField(_("what it rewards"), max_length=200)
    field = models.ForeignKey(
        FormField, on_delete=models.CASCADE, related_name="rules", verbose_name=_("field")
    )
    condition = models.CharField(
        _("condition"), max_length=5, choices=Condition.choices, default=Condition.IS
    )
    #: One on each line in its form; countries by their codes.
    values = models.JSONField(_("of these"), default=list, blank=True)
    points = models.SmallIntegerField(
        _("points"),
        default=1,
        validators=[MinValueValidator(-MOST_POINTS), MaxValueValidator(MOST_POINTS)],
    )
    most = models.PositiveSmallIntegerField(
        _("at most"),
        null=True,
        blank=True,
        help_text=_("Points of this rule in all, where several of its words are found."),
    )
    is_archived = models.BooleanField(_("not used any more"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["form", "pk"]
        verbose_name = _("rule for points")
        verbose_name_plural = _("rules for points")
        constraints = [
            models.CheckConstraint(condition=~Q(label=""), name="scorerule_says_what_it_rewards"),
            models.CheckConstraint(
                condition=Q(condition__in=["yes", "given"]) | ~Q(values=[]), name="scorerule_has_words"
            ),
            models.CheckConstraint(condition=~Q(points=0), name="scorerule_gives_points"),
        ]

    def __str__(self) -> str:
        return self.label
