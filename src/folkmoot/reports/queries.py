"""Putting a report together, and finding notes and shares."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.metrics import STAFF, Scope
from folkmoot.kernel.periods import Period, PeriodKind
from folkmoot.kernel.reporting import Report, Section, SectionNote, reports, sections_of
from folkmoot.ledger.public import newest_day
from folkmoot.reports import scopes
from folkmoot.reports.models import Note, Share


def build(key: str, scope: Scope, *, user: User | None, links: bool = True) -> Report:
    """The report as this user may see it: sections by permission, links by what they may open.

    ``user`` ``None`` is whoever may run commands on the machine: everything, without links. ``links`` ``False``
    leaves them out for anybody.

    Raises:
        LookupError: no such report.
    """
    kind = reports.get(key)
    allowed = [part for part in sections_of(key) if user is None or user.has_perm(part.permission)]
    notes = notes_of(key, scope)
    reader = user if links else None
    built = (part.build(scope, reader) for part in allowed)
    sections = tuple(_with_note(section, notes) for section in built if section is not None)
    report = Report(
        key=key,
        title=str(kind.title),
        community=Community.current().name,
        period=str(scope.period),
        period_label=scope.period.label,
        days=days_in_words(scope.period),
        as_of=scope.as_of,
        sections=sections,
        comparison=comparison_in_words(scope.period),
        limits=limits_in_words(scope),
    )
    return report if reader else report.without_links()


def _with_note(section: Section, notes: Mapping[str, SectionNote]) -> Section:
    return replace(section, note=notes[section.key]) if section.key in notes else section


def notes_of(key: str, scope: Scope) -> dict[str, SectionNote]:
    """The notes of a report for the scope's period, by section; none when it is about a part of the community."""
    if scopes.is_narrowed(scope):
        return {}
    rows = Note.objects.filter(report=key, period=str(scope.period)).select_related("author")
    return {
        row.section: SectionNote(row.body, row.author.name if row.author else "", row.written_at)
        for row in rows
    }


def days_in_words(period: Period) -> str:
    """The period's first and last day: "1 July – 30 September 2026"."""
    last = date_format(period.last, "DATE_FORMAT")
    if period.first == period.last:
        return last
    same_year = period.first.year == period.last.year
    return f"{date_format(period.first, 'MONTH_DAY_FORMAT' if same_year else 'DATE_FORMAT')} – {last}"


def comparison_in_words(period: Period) -> str:
    """What the period is compared with, in words."""
    if period.kind in (PeriodKind.YEAR, PeriodKind.FISCAL_YEAR):
        return _("compared with the year before")
    return _("compared with %(previous)s and with a year before") % {"previous": period.previous_label}


def limits_in_words(scope: Scope) -> tuple[str, ...]:
    """What the report is narrowed to, and whether the period is still running."""
    told = []
    if scope.period.last > scope.as_of:
        told.append(
            _("The period is not over: it ends on %(day)s.")
            % {"day": date_format(scope.period.last, "DATE_FORMAT")}
        )
    newest = newest_day(scope)
    if newest is not None and newest < min(scope.period.last, scope.as_of):
        told.append(
            _("The newest row is of %(day)s: later days may be missing.")
            % {"day": date_format(newest, "DATE_FORMAT")}
        )
    if scope.project:
        told.append(_("Only the project %(name)s.") % {"name": scope.project})
    if scope.source:
        told.append(_("Only what was seen in %(name)s.") % {"name": scope.source})
    if STAFF in scope.exclude:
        told.append(_("Without staff."))
    return tuple(told)


def note(key: str, section: str, period: str) -> Note | None:
    """The note on a section for a period, or ``None``."""
    return Note.objects.filter(report=key, section=section, period=period).select_related("author").first()


def shares() -> QuerySet[Share]:
    """All shared links, newest first, with who made them."""
    return Share.objects.select_related("created_by")


def shares_that_end(first: dt.datetime, before: dt.datetime) -> QuerySet[Share]:
    """Links that nobody has withdrawn and that end from a moment until before another."""
    return Share.objects.filter(expires_at__gte=first, expires_at__lt=before, withdrawn_at=None).order_by(
        "expires_at", "pk"
    )


def token_hash(token: str) -> str:
    """What is kept of a link's secret (SHA-256; the secret itself has 192 random bits, so no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()


class ShareUnknown(Exception):
    """No link has this secret."""


class ShareOver(Exception):
    """The link has ended or was withdrawn."""


def open_share(token: str, *, now: dt.datetime | None = None) -> Share:
    """The share behind a link's secret.

    Raises:
        ShareUnknown: there is none.
        ShareOver: it has ended, was withdrawn, or whoever made it may not share any more.
    """
    share = Share.objects.select_related("created_by").filter(token_hash=token_hash(token)).first()
    if share is None:
        raise ShareUnknown
    maker = share.created_by
    if not share.is_open(now or clock.now()) or maker is None or not maker.has_perm("reports.manage"):
        raise ShareOver
    return share


def shared_report(share: Share) -> Report:
    """The shared report as whoever shared it may see it now, without any link.

    Raises:
        ShareOver: nobody stands behind the link any more.
        LookupError: its report is not there any more.
        ScopeProblem: its scope cannot be read any more.
    """
    if share.created_by is None:
        raise ShareOver
    return build(share.report, scopes.parse(share.scope), user=share.created_by, links=False)
