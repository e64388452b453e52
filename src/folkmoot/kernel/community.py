"""The community this installation belongs to: one row."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.ui import accent

#: The row as it was read, while :func:`read_once` holds.
_kept: ContextVar[list[Community] | None] = ContextVar("community", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Inside, the row is read once, whoever asks for it; a request is inside from its beginning to its end."""
    token = _kept.set([] if (kept := _kept.get()) is None else kept)
    try:
        yield
    finally:
        _kept.reset(token)


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


class Members(models.TextChoices):
    """Who may sign in without having been invited."""

    CLOSED = "closed", _("By invitation only")
    OPEN = "open", _("Members may sign in on their own; they see their own record and nothing else")


class Contributors(models.TextChoices):
    """Who finds the public pages of people who consented."""

    CLOSED = "closed", _("Off")
    UNLISTED = "unlisted", _("On; search engines are asked not to list them")
    LISTED = "listed", _("On; search engines may list them")


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
    #: See :attr:`members_sign_in`.
    members = models.CharField(_("members"), max_length=10, choices=Members, default=Members.CLOSED)
    #: See :attr:`public_pages`.
    contributors = models.CharField(
        _("public pages"), max_length=10, choices=Contributors, default=Contributors.UNLISTED
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if kept := _kept.get():
            kept.clear()

    @property
    def members_sign_in(self) -> bool:
        """Members may sign in by themselves. ``FOLKMOOT_MEMBERS``, where it is set, has the last word."""
        return (settings.MEMBERS or self.members) == Members.OPEN

    @property
    def public_pages(self) -> Contributors:
        """Who finds the public pages. ``FOLKMOOT_CONTRIBUTORS``, where it is set, has the last word."""
        return Contributors(settings.CONTRIBUTORS or self.contributors)

    @classmethod
    def current(cls) -> Community:
        """The one row, or its defaults when nobody has set anything yet; at most one query in a request.

        Whoever changes what they get changes it for themselves, until they save it.
        """
        kept = _kept.get()
        if kept:
            return copy.copy(kept[0])
        row = cls.objects.filter(pk=1).first() or cls(pk=1)
        if kept is not None:
            kept.append(copy.copy(row))
        return row
