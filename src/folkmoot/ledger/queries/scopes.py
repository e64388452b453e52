"""A scope from words: the command line, an address. What does not exist is told with what does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from difflib import get_close_matches

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.periods import FIRST_YEAR, LAST_YEAR, Period
from folkmoot.kernel.text import clean, fold
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries.items import EXCLUDES, ScopeProblem, everything
from folkmoot.people.public import Project


def make_scope(
    *,
    period: str | Period | None = None,
    as_of: str | dt.date | None = None,
    source: str = "",
    project: str = "",
    exclude: Iterable[str] = (),
) -> Scope:
    """A scope whose parts exist.

    Args:
        period: as :meth:`Period.parse` reads it; without one, the last quarter that is over.
        as_of: a day as ISO text or date (UTC); without one, today.

    Raises:
        PeriodProblem: the period cannot be read.
        ScopeProblem: the day, source, project or exclusion does not exist.
    """
    left_out = frozenset(fold(word) for part in exclude for word in part.split(",") if word.strip())
    if unknown := sorted(left_out - EXCLUDES):
        raise ScopeProblem(
            _("There is nothing called %(unknown)s to leave out; known: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(sorted(EXCLUDES))}
        )
    day = _day(as_of)
    return Scope(
        period=period
        if isinstance(period, Period)
        else Period.parse(period)
        if period
        else Period.last_quarter(),
        as_of=day,
        source=_source(clean(source)),
        project=_project(clean(project)),
        exclude=left_out,
    )


def newest_day(scope: Scope) -> dt.date | None:
    """The UTC day of the newest item that the scope knows of, whatever its period; ``None``: there is none."""
    newest = everything(scope).order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    return newest.astimezone(dt.UTC).date() if newest else None


def known_sources() -> list[str]:
    """Where activities were seen, in order; one query, with one look at the index for each."""
    table = Activity._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE seen (source) AS ("  # noqa: S608 - the name of a table
            f"SELECT MIN(source) FROM {table} UNION ALL "
            f"SELECT (SELECT MIN(a.source) FROM {table} a WHERE a.source > seen.source) FROM seen "
            "WHERE seen.source IS NOT NULL) "
            "SELECT source FROM seen WHERE source IS NOT NULL"
        )
        return sorted(source for (source,) in cursor)


def _day(as_of: str | dt.date | None) -> dt.date:
    if as_of is None or as_of == "":
        return clock.today()
    if isinstance(as_of, dt.date):
        return as_of
    try:
        day = dt.date.fromisoformat(as_of.strip())
    except ValueError:
        raise ScopeProblem(_("%(text)s is no day: write it as 2026-06-30.") % {"text": as_of}) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ScopeProblem(
            _("%(text)s: the year must lie between %(first)d and %(last)d.")
            % {"text": as_of, "first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return day


def _source(source: str) -> str:
    if not source or Activity.objects.filter(source=source).exists():
        return source
    known = known_sources()
    if not known:
        raise ScopeProblem(
            _("There is no source %(source)s: the ledger is empty; import something first.")
            % {"source": source}
        )
    raise ScopeProblem(
        _("There is no source %(source)s in the ledger; known: %(known)s.")
        % {"source": source, "known": ", ".join(known)}
    )


def _project(project: str) -> str:
    if not project:
        return ""
    named = Project.objects.filter(folded=fold(project)).values_list("name", flat=True).first()
    if named:
        return named
    names = dict(
        Project.objects.filter(activities__isnull=False).values_list("folded", "name").distinct()[:5000]
    )
    if not names:
        raise ScopeProblem(
            _("There is no project %(project)s: no activity names one; import something first.")
            % {"project": project}
        )
    near = [names[folded] for folded in get_close_matches(fold(project), names, n=3)]
    shown = near or sorted(names.values(), key=str.casefold)[:10]
    more = len(names) - len(shown)
    told = ", ".join(shown)
    if not near and more > 0:
        told += " " + (ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
    raise ScopeProblem(
        _("There is no project %(project)s; known: %(known)s.") % {"project": project, "known": told}
        if not near
        else _("There is no project %(project)s; did you mean %(known)s?")
        % {"project": project, "known": told}
    )
