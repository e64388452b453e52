"""The community this installation belongs to: one row."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.ui import accent


def check_accent(value: str) -> None:
    """Field validator: a colour that can be read on light pages, both as text and behind text (WCAG AA).

    Raises:
        ValidationError: it is none, or too pale; the message names the nearest one that will do.
    """
    try:
        problem = accent.too_pale(value)
    except ValueError:
        raise ValidationError(_("Write a colour as # and six hexadecimal digits, such as #0f766e.")) from None
    if problem is not None:
        raise ValidationError(
            _(
                "On white its contrast is %(ratio)s to 1, and 4.5 is needed to read it: take %(better)s, for example."
            )
            % {"ratio": f"{problem.ratio:.1f}", "better": problem.better}
        )


class Community(models.Model):
    """Name, looks and habits of the community: asked by the first-run guide, edited on the settings page."""

    name = models.CharField(_("name"), max_length=120, default="Folkmoot")
    #: An IANA zone; empty: that of the installation (FOLKMOOT_TIME_ZONE).
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    #: A picture that :mod:`folkmoot.kernel.welcome.logo` has checked and drawn anew.
    logo = models.FileField(_("logo"), upload_to="community", blank=True)
    #: ``#rrggbb``; empty: Folkmoot's own.
    accent = models.CharField(_("accent colour"), max_length=7, blank=True, validators=[check_accent])
    #: ISO 4217, three letters: what reports reckon in.
    currency = models.CharField(
        _("reporting currency"),
        max_length=3,
        default="USD",
        validators=[
            RegexValidator(r"^[A-Z]{3}\Z", _("Write the three letters of the currency, such as EUR."))
        ],
    )
    #: 1 to 12.
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year begins in"), default=1, choices=sorted(MONTHS.items())
    )

    history = audit.history()

    class Meta:
        app_label = "kernel"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="community_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start__gte=1, fiscal_year_start__lte=12),
                name="community_fiscal_year_is_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Community:
        """The one row, or its defaults when nobody has set anything yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
