"""Sentences that all renderers share, so that they cannot say different things."""

from __future__ import annotations

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.reporting import Chart, Figure, Report


def subtitle(report: Report) -> str:
    """ "1 April – 30 June 2026 · compared with … · as of 20 November 2026"."""
    parts = [
        report.days,
        report.comparison,
        _("as of %(day)s") % {"day": date_format(report.as_of, "DATE_FORMAT")},
    ]
    return " · ".join(part for part in parts if part)


def rows_of(block: Figure | Chart) -> str:
    """How many rows a figure or chart rests on: "1,043 rows"; empty when it does not say."""
    if block.rows is None:
        return ""
    number = number_format(block.rows, use_l10n=True, force_grouping=True)
    return ngettext("%(number)s row", "%(number)s rows", block.rows) % {"number": number}


def how(block: Figure | Chart) -> str:
    """How it is counted: the definition, and what is left out."""
    excludes = _sentence(_("Left out: %(what)s") % {"what": block.excludes}) if block.excludes else ""
    return " ".join(part for part in (_sentence(block.definition), excludes) if part)


def counted(block: Figure | Chart) -> str:
    """How it is counted, with the number of rows."""
    return " ".join(part for part in (how(block), _sentence(rows_of(block))) if part)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
