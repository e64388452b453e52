"""What the ledger tells in the community report: who took part, who is new, how the work is spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from folkmoot.kernel import charts
from folkmoot.kernel.area_reports import figures_of
from folkmoot.kernel.metrics import STAFF, Scope, compute_all, measure, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import (
    Chart,
    Column,
    PeopleList,
    PersonLine,
    ReportSection,
    Section,
    Table,
    Unit,
    fraction_in_words,
    listed,
    report_sections,
)
from folkmoot.ledger.queries.facts import BOT, VOLUNTEER, active_by_month, facts, new_among
from folkmoot.ledger.queries.thanks import people_to_thank

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

MONTHS, QUARTERS = 12, 8


def _may_open_rows(user: User | None) -> bool:
    """Whether the reader may open the rows behind figures."""
    return user is not None and user.has_perm("ledger.view")


_figures = partial(figures_of, permission="ledger.view")


@report_sections.declare
class Contributions(ReportSection):
    """How many took part and what they opened, over twelve months; whom to thank."""

    key = "ledger.contributions"
    title = gettext_lazy("Who took part")
    order = 10

    def build(self, scope: Scope, user: User | None) -> Section:
        """Figures, items by month, people to thank."""
        _measured, figures = _figures(
            scope, user, "active_people", "first_timers", "contributor_absence_factor", "retention_rate"
        )
        return Section(self.key, str(self.title), (*figures, by_month(scope, user), thanks(scope, user)))


@report_sections.declare
class Newcomers(ReportSection):
    """New and returning people over two years."""

    key = "ledger.newcomers"
    title = gettext_lazy("New and returning people")
    order = 20

    def build(self, scope: Scope, user: User | None) -> Section:
        """Figures and people by quarter."""
        _measured, figures = _figures(scope, user, "returning_people", "conversion_rate", "inactive_people")
        return Section(self.key, str(self.title), (*figures, by_quarter(scope)))


@report_sections.declare
class Spread(ReportSection):
    """On how many people the work rests."""

    key = "ledger.spread"
    title = gettext_lazy("How the work is spread")
    order = 30

    def build(self, scope: Scope, user: User | None) -> Section:
        """Items by who opened them, and how few people opened most of them."""
        keys = ["items_volunteer", "items_staff", "items_bot"]
        if STAFF in scope.exclude:
            keys.remove("items_staff")
        _measured, figures = _figures(scope, user, *keys)
        return Section(self.key, str(self.title), (*figures, concentration(scope, user)))


# Items by month


def _sorts(scope: Scope) -> list[tuple[str, str, str]]:
    """Key, name and colour of the sorts of people who open items, staff only where they are not left out."""
    sorts = [
        (VOLUNTEER, _("volunteers"), charts.VOLUNTEERS),
        (STAFF, _("staff"), charts.STAFF),
        (BOT, _("bots"), charts.BOTS),
    ]
    return [sort for sort in sorts if sort[0] not in scope.exclude]


def by_month(scope: Scope, user: User | None) -> Chart:
    """Items by month and who opened them: twelve months up to the period's end, or to the newest that is known."""
    window = scope.over(Period.months_until(min(scope.period.last, scope.as_of), MONTHS))
    found, sorts = facts(window).months, _sorts(scope)
    months = [
        (month, {key: found.get(str(month), {}).get(key, 0) for key, _name, _colour in sorts})
        for month in window.period.months
    ]
    totals = {key: sum(counts[key] for _month, counts in months) for key, _name, _colour in sorts}
    title = _by_month_finding(totals, {key: name for key, name, _colour in sorts})
    measured = measure(metrics.get("items_by_month"), window, is_compared=False)
    table = Table(
        "items_by_month",
        title,
        (Column(_("Month")), *(Column(name.capitalize(), Unit.COUNT) for _key, name, _colour in sorts)),
        tuple((month.label, *(counts[key] for key, _name, _colour in sorts)) for month, counts in months),
    )
    return Chart(
        key="items_by_month",
        title=title,
        subtitle=_("Items opened by month, %(first)s to %(last)s")
        % {"first": months[0][0].label, "last": months[-1][0].label},
        spec=_stacked(
            [
                {"when": _short(month), "who": name, "number": counts[key], "place": place}
                for month, counts in months
                for place, (key, name, _colour) in enumerate(sorts)
            ],
            order=[_short(month) for month, _counts in months],
            colours={name: colour for _key, name, colour in sorts},
            unit=_("items"),
        ),
        table=table,
        description=_("Stacked bars, one for each month. %(totals)s in all.")
        % {"totals": listed([f"{name} {totals[key]}" for key, name, _colour in sorts])},
        definition=measured.definition,
        excludes=measured.excludes,
        rows=measured.rows,
        rows_url=measured.rows_url if _may_open_rows(user) else "",
    )


def _by_month_finding(totals: dict[str, int], names: dict[str, str]) -> str:
    whole = sum(totals.values())
    if not whole:
        return _("No items in these twelve months")
    key = max(totals, key=lambda each: (totals[each], each == VOLUNTEER))
    if key == BOT and totals.get(VOLUNTEER):
        key = VOLUNTEER
    share = totals[key] / whole
    part = pgettext("part of the items", "all") if totals[key] == whole else fraction_in_words(share)
    return _("%(who)s opened %(part)s of the items of twelve months") % {
        "who": names[key].capitalize(),
        "part": part,
    }


def _short(month: Period) -> str:
    """The month below a bar: "Sep", and with its year in January and at the start of the axis."""
    return f"{MONTHS_3[month.first.month].capitalize()} {month.first:%y}"


# New and returning people


def by_quarter(scope: Scope) -> Chart:
    """New and returning people of the eight quarters up to the one that holds the period's last day."""
    rows = people_by_quarter(scope)
    new, back = _("new"), _("returning")
    title = _by_quarter_finding(rows, scope.period)
    labels = [str(quarter) for quarter, _new, _back in rows]
    return Chart(
        key="people_by_quarter",
        title=title,
        subtitle=_("People who took part, by quarter"),
        spec=_stacked(
            [
                {"when": str(quarter), "who": name, "number": number, "place": place}
                for quarter, first, again in rows
                for place, (name, number) in enumerate(((back, again), (new, first)))
            ],
            order=labels,
            colours={back: charts.RETURNING, new: charts.NEW},
            unit=_("people"),
        ),
        table=Table(
            "people_by_quarter",
            title,
            (
                Column(_("Quarter")),
                Column(pgettext("people", "New"), Unit.COUNT),
                Column(_("Returning"), Unit.COUNT),
            ),
            tuple((quarter.label, first, again) for quarter, first, again in rows),
        ),
        description=_("Stacked bars, one for each quarter: returning people below, new people above."),
        definition=_(
            "New: people whose first item ever lies in the quarter; returning: the others who had an item in it."
        ),
        excludes=_("Bots, and items whose author is unknown."),
    )


def people_by_quarter(scope: Scope, quarters: int = QUARTERS) -> list[tuple[Period, int, int]]:
    """Quarter, first-timers and returning people, as the metrics of these names count them; two queries, four where
    staff is left out.

    The people of the whole window are read once. Somebody is new in the quarter of their first month in the window
    if they had no item before the window; what they did as staff counts as their past even where staff is left out.
    """
    window = scope.over(Period.months_until(_quarter_end(scope), 3 * quarters))
    past = replace(window, exclude=frozenset(), memo={}) if scope.exclude else window
    first_month: dict[int, str] = {}
    for month, people in sorted(active_by_month(past).items()):
        for person in people:
            first_month.setdefault(person, month)
    new_in_window = new_among(past, frozenset(first_month))
    active = active_by_month(window)
    rows = []
    months = window.period.months
    for start in range(0, len(months), 3):
        three = [str(month) for month in months[start : start + 3]]
        people = frozenset().union(*(active.get(month, frozenset()) for month in three))
        new = sum(1 for person in people if person in new_in_window and first_month[person] in three)
        rows.append((Period.quarter_of(months[start].first), new, len(people) - new))
    return rows


def _quarter_end(scope: Scope) -> Any:
    return Period.quarter_of(scope.period.last).last


def _by_quarter_finding(rows: Sequence[tuple[Period, int, int]], asked: Period) -> str:
    quarter, new, back = rows[-1]
    if not new + back:
        return _("Nobody took part in the last quarter shown")
    earlier = [first for _quarter, first, _back in rows[:-1]]
    told = ngettext(
        "%(new)s of %(number)s person was new", "%(new)s of %(number)s people were new", new + back
    ) % {"new": new, "number": new + back}
    if quarter != asked:
        told = _("%(told)s in %(quarter)s") % {"told": told, "quarter": quarter}
    if new > max(earlier):
        return _("%(told)s, the most in two years") % {"told": told}
    if new < min(earlier):
        return _("%(told)s, the fewest in two years") % {"told": told}
    return told


# Concentration


def concentration(scope: Scope, user: User | None) -> Chart:
    """What share of the items so many people opened, most first; with the number that makes half."""
    measured = compute_all(scope, ["contributor_absence_factor"])["contributor_absence_factor"]
    numbers = [number for _person, number in facts(scope).ranked()]
    whole = sum(numbers)
    factor = measured.value if isinstance(measured.value, int) else 0
    shares = [so_far / whole for so_far in accumulate(numbers)]
    title = (
        ngettext(
            "%(number)s person opened half of the items", "%(number)s people opened half of the items", factor
        )
        % {"number": factor}
        if whole
        else _("No items in this period")
    )
    steps = sorted(
        {n for n in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, factor, len(numbers)) if 0 < n <= len(numbers)}
    )
    return Chart(
        key="concentration",
        title=title,
        subtitle=_("Share of the items that so many people opened, those with most first"),
        spec=_curve(shares, factor),
        table=Table(
            "concentration",
            title,
            (
                Column(_("People")),
                Column(_("Items"), Unit.COUNT),
                Column(_("Share of the items"), Unit.SHARE, places=1),
            ),
            tuple((str(n), sum(numbers[:n]), shares[n - 1]) for n in steps),
        ),
        description=_(
            "A rising line: of %(people)s people, %(factor)s make at least half of the %(items)s items."
        )
        % {"people": len(numbers), "factor": factor, "items": whole},
        definition=measured.definition,
        excludes=measured.excludes,
        rows=measured.rows,
        rows_url=measured.rows_url if _may_open_rows(user) else "",
    )


# Pictures


def _stacked(
    values: list[dict[str, Any]], *, order: list[str], colours: dict[str, str], unit: str
) -> dict[str, Any]:
    """Stacked bars from zero, the first sort lowest."""
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X("when:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("number:Q", title=unit, axis=alt.Axis(format="d", tickMinStep=1, tickCount=5)),
            color=alt.Color(
                "who:N",
                scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                legend=alt.Legend(orient="top", title=None),
            ),
            order=alt.Order("place:Q"),
        )
        .properties(width=charts.WIDTH, height=charts.HEIGHT)
    )
    return charts.spec_of(chart)


def _curve(shares: Sequence[float], factor: int) -> dict[str, Any]:
    """A line from nothing to the share of the first people, a mark where it passes half."""
    import altair as alt

    shown = min(len(shares), max(20, 3 * factor))
    points = [
        {"people": 0, "share": 0.0},
        *({"people": n, "share": s} for n, s in enumerate(shares[:shown], 1)),
    ]
    line = (
        alt.Chart(alt.Data(values=points))
        .mark_line(interpolate="linear", color=charts.VOLUNTEERS, point=shown <= 40)
        .encode(
            x=alt.X("people:Q", title=_("people"), axis=alt.Axis(format="d", tickMinStep=1, grid=False)),
            y=alt.Y(
                "share:Q",
                title=_("share of the items"),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
        )
    )
    layers = [line]
    if factor:
        half = [
            {"people": factor, "share": shares[factor - 1], "told": _factor_told(factor, shares[factor - 1])}
        ]
        rule = (
            alt.Chart(alt.Data(values=half))
            .mark_rule(strokeDash=[4, 4], color=charts.STAFF, strokeWidth=2)
            .encode(x="people:Q")
        )
        label = (
            alt.Chart(alt.Data(values=half))
            .mark_text(align="left", baseline="top", dx=6, dy=6)
            .encode(x="people:Q", y="share:Q", text="told:N")
        )
        layers += [rule, label]
    return charts.spec_of(alt.layer(*layers).properties(width=charts.WIDTH, height=charts.HEIGHT))


def _factor_told(factor: int, share: float) -> str:
    percent = round(share * 100)
    return ngettext("%(number)s person: %(percent)s %%", "%(number)s people: %(percent)s %%", factor) % {
        "number": factor,
        "percent": percent,
    }


# People to thank


def thanks(scope: Scope, user: User | None) -> PeopleList:
    """People to thank, with why; the only names in the report."""
    may_open = user is not None and user.has_perm("people.view")
    return PeopleList(
        key="thanks",
        title=_("To thank"),
        people=tuple(
            PersonLine(
                name=row.name,
                reason=row.reason,
                url=reverse("people:person", args=[row.person_id]) if may_open else "",
            )
            for row in people_to_thank(scope)
        ),
        definition=_(
            "The six people who opened most items as volunteers in the period, and the four most active of the others "
            "who took part for the first time."
        ),
        empty=_("Nobody opened anything in this period."),
    )
