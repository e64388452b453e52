"""Charts and tables of the sections about reviews: by year, and by stage."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.metrics import Measured, Scope, compute_all
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import Chart, Column, Table, Unit
from folkmoot.reviews import pictures
from folkmoot.reviews.metrics.base import NO_ENQUIRIES
from folkmoot.reviews.models import Stage
from folkmoot.reviews.queries import figures

#: Years that a chart shows at most.
YEARS = 10


# By year


def _years(scope: Scope) -> list[Scope]:
    """A scope for each calendar year from the first submission to the period's end, ten at most."""
    last = min(scope.period.last, scope.as_of).year
    first = figures.submissions(scope).order_by("opened_at").values_list("opened_at", flat=True).first()
    start = max(first.year if first else last, last - YEARS + 1)
    return [scope.over(Period.year(year)) for year in range(min(start, last), last + 1)]


def _so_far(scope: Scope) -> str:
    """The year, marked where it is not over."""
    year = scope.period.first.year
    return _("%(year)s so far") % {"year": year} if scope.as_of < scope.period.last else str(year)


def by_year(scope: Scope) -> Chart:
    """Submissions and acceptances, year by year."""
    rows = []
    opened: dict[int, int] = defaultdict(int)
    decided: dict[int, int] = defaultdict(int)
    years = _years(scope)
    whole = scope.over(Period.days(years[0].period.first, years[-1].period.last))
    for at in figures.opened(whole).values_list("opened_at", flat=True):
        opened[at.astimezone(dt.UTC).year] += 1
    for year, _taken in figures.days_by_acceptance(whole):
        decided[year] += 1
    for each in years:
        year = each.period.first.year
        rows.append((_so_far(each), opened[year], decided[year]))
    title = _by_year_finding(rows)
    submitted, accepted = _("submitted"), _("accepted")
    return Chart(
        key="reviews_by_year",
        title=title,
        subtitle=_("Packages submitted and accepted, by year"),
        spec=pictures.side_by_side(
            [
                {"when": label, "what": name, "number": number}
                for label, came, went in rows
                for name, number in ((submitted, came), (accepted, went))
            ],
            names=[submitted, accepted],
            order=[label for label, _came, _went in rows],
            unit=_("packages"),
        ),
        table=Table(
            "reviews_by_year",
            title,
            (Column(_("Year")), Column(_("Submitted"), Unit.COUNT), Column(_("Accepted"), Unit.COUNT)),
            tuple(rows),
        ),
        description=_("Two bars for each year: what was submitted, and what was accepted."),
        definition=_("Submitted by the moment of opening, accepted by the day of acceptance, both in UTC."),
        excludes=str(NO_ENQUIRIES),
    )


def _by_year_finding(rows: list[tuple[str, int, int]]) -> str:
    best = max(rows, key=lambda row: row[2])
    if not best[2]:
        return _("Nothing has been accepted yet")
    if best is rows[-1] and len(rows) > 1:
        return ngettext(
            "%(n)d package accepted in %(year)s, more than in any year before",
            "%(n)d packages accepted in %(year)s, more than in any year before",
            best[2],
        ) % {"n": best[2], "year": best[0]}
    return ngettext(
        "Most were accepted in %(year)s: %(n)d package",
        "Most were accepted in %(year)s: %(n)d packages",
        best[2],
    ) % {"n": best[2], "year": best[0]}


def days_by_year(scope: Scope) -> Chart:
    """Quartiles of the days to acceptance, by year of acceptance."""
    rows: list[tuple[str, int, float | None, float | None, float | None]] = []
    days: dict[int, list[float]] = defaultdict(list)
    years = _years(scope)
    whole = scope.over(Period.days(years[0].period.first, years[-1].period.last))
    for year, taken in figures.days_by_acceptance(whole):
        days[year].append(taken)
    for each in years:
        found = sorted(days[each.period.first.year])
        low, middle, high = figures.quartiles(found) or (None, None, None)
        rows.append((_so_far(each), len(found), low, middle, high))
    known = [row for row in rows if row[3] is not None]
    title = (
        _("Half of the packages accepted in %(year)s took %(days)s days or less")
        % {"year": known[-1][0], "days": round(known[-1][3] or 0)}
        if known
        else _("Nothing has been accepted yet")
    )
    return Chart(
        key="days_to_acceptance_by_year",
        title=title,
        subtitle=_("Days from submission to acceptance, by year of acceptance: median, and the middle half"),
        spec=pictures.spans(
            [
                {"when": label, "low": low, "middle": middle, "high": high}
                for label, _number, low, middle, high in known
            ],
            order=[row[0] for row in rows],
            unit=_("days"),
        ),
        table=Table(
            "days_to_acceptance_by_year",
            title,
            (
                Column(_("Year of acceptance")),
                Column(_("Accepted"), Unit.COUNT),
                Column(_("Lower quartile"), Unit.DAYS),
                Column(_("Median"), Unit.DAYS),
                Column(_("Upper quartile"), Unit.DAYS),
            ),
            tuple(rows),
        ),
        description=_("For each year a dot at the median and a bar over the middle half."),
        definition=_(
            "Days from the moment of opening to 00:00 UTC of the day of acceptance; quartiles by the inclusive method."
        ),
        excludes=_("Pre-submission enquiries, and what was not accepted."),
    )


def cohorts(scope: Scope) -> Table:
    """What became of each year's submissions."""
    rows: list[tuple[str, int, int, float | None, float | None]] = []
    came: dict[int, int] = defaultdict(int)
    days: dict[int, list[float]] = defaultdict(list)
    for opened, taken in figures.fates(scope):
        came[opened.astimezone(dt.UTC).year] += 1
        if taken is not None:
            days[opened.astimezone(dt.UTC).year].append(taken)
    for each in _years(scope):
        year = each.period.first.year
        number, known = came[year], days[year]
        share = len(known) / number if number else None
        rows.append((_so_far(each), number, len(known), share, figures.middle(sorted(known))))
    return Table(
        "reviews_by_cohort",
        _("What became of each year's submissions"),
        (
            Column(_("Submitted in")),
            Column(_("Submitted"), Unit.COUNT),
            Column(_("Accepted by now"), Unit.COUNT),
            Column(_("Share"), Unit.SHARE),
            Column(_("Median of those accepted"), Unit.DAYS),
        ),
        tuple(rows),
    )


# By stage


def open_by_stage(scope: Scope, measured: Measured) -> Chart:
    """Where the open submissions stood, and how many of them for too long."""
    late = set(figures.over_limit(scope).values_list("pk", flat=True))
    count: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pk, stage in figures.stands(scope).values_list("pk", "stage_id"):
        count[stage or 0][pk in late] += 1
    stages = figures.stages_in_order(count)
    rows = tuple((stage.name, sum(count[stage.pk]), count[stage.pk][1]) for stage in stages)
    most = max(rows, key=lambda row: row[1], default=None)
    title = (
        _("Most packages under review stand at “%(stage)s”") % {"stage": most[0]}
        if most
        else _("Nothing is under review")
    )
    in_time, over = _("within the limit"), _("over the limit")
    return Chart(
        key="open_by_stage",
        title=title,
        subtitle=_("Packages under review at the end of the period, by stage"),
        spec=pictures.lying(
            [
                {"where": name, "what": what, "number": number, "place": place}
                for name, whole, overdue in rows
                for place, (what, number) in enumerate(((in_time, whole - overdue), (over, overdue)))
            ],
            names=[in_time, over],
            order=[row[0] for row in rows],
            unit=_("packages"),
        ),
        table=Table(
            "open_by_stage",
            title,
            (
                Column(_("Stage")),
                Column(_("Under review"), Unit.COUNT),
                Column(_("Over the limit"), Unit.COUNT),
            ),
            rows,
        ),
        description=_("One bar for each stage, the part over the stage's limit in another colour."),
        definition=measured.definition,
        excludes=measured.excludes,
        rows=measured.rows,
    )


def stage_days(scope: Scope) -> Table:
    """Median days in each stage beside its limit: in the period, and in all that is known."""
    ever = scope.over(Period.days(dt.date(2000, 1, 1), min(scope.period.last, scope.as_of)))
    measured = {each: compute_all(each, ["stage_days_median"])["stage_days_median"] for each in (scope, ever)}
    values = [one.value if isinstance(one.value, dict) else {} for one in measured.values()]
    stages = Stage.objects.filter(slug__in={*values[0], *values[1]}).order_by("programme", "position", "pk")
    return Table(
        "stage_days",
        _("Median days in each stage, and the days it may take"),
        (
            Column(_("Stage")),
            Column(_("In the period"), Unit.DAYS),
            Column(_("Ever"), Unit.DAYS),
            Column(_("Limit"), Unit.DAYS),
        ),
        tuple(
            (stage.name, values[0].get(stage.slug), values[1].get(stage.slug), stage.limit_days)
            for stage in stages
        ),
    )
