"""What the ledger tells in the community report, by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from folkmoot.kernel.metrics import STAFF, Scope, compute_all
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import Chart, Figure, PeopleList, report_sections, sections_of
from folkmoot.ledger import sections
from tests.factories import IdentityFactory, PersonFactory
from tests.ledger.worlds import opened, staff_term

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2026, 11, 20)


def scope(period: str = "2026Q2", *, exclude: frozenset[str] = frozenset()) -> Scope:
    return Scope(Period.parse(period), as_of=AS_OF, exclude=exclude)


@pytest.fixture
def world() -> None:
    """Ana opens much and long ago, Ben is new, Cem is staff since 2026-05-01, a bot opens as well."""
    ana, ben, cem, bot = (PersonFactory(name=name) for name in ("Ana", "Ben", "Cem", "Bot"))
    opened(IdentityFactory(person=ana), "2025-01-10", "2026-04-02", "2026-05-03", "2026-06-04", "2026-06-05")
    opened(IdentityFactory(person=ben), "2026-05-20", "2026-05-21")
    opened(IdentityFactory(person=cem), "2026-02-01", "2026-04-30", "2026-05-02")
    opened(IdentityFactory(person=bot, is_bot=True), "2026-06-30")
    staff_term(cem, dt.date(2026, 5, 1))


def build(key: str, asked: Scope) -> tuple[dict[str, object], list[Chart], list[PeopleList]]:
    section = report_sections.get(key).build(asked, None)
    assert section is not None
    figures = {figure.key: figure.value for figure in section.of(Figure)}
    return figures, section.of(Chart), section.of(PeopleList)


def test_the_sections_in_their_order() -> None:
    ours = [section.key for section in sections_of("community") if section.key.startswith("ledger.")]
    assert ours == ["ledger.contributions", "ledger.newcomers", "ledger.spread", "ledger.organizations"]


def test_who_took_part(world: None) -> None:
    figures, (chart,), (thanks,) = build("ledger.contributions", scope())
    assert figures == {
        "active_people": 3,
        "first_timers": 1,
        "contributor_absence_factor": 1,
        "retention_rate": 1.0,
    }
    assert chart.title == "Volunteers opened 80 % of the items of twelve months"
    assert [row for row in chart.table.rows if any(row[1:])] == [
        ("February 2026", 1, 0, 0),
        ("April 2026", 2, 0, 0),
        ("May 2026", 3, 1, 0),
        ("June 2026", 2, 0, 1),
    ]
    assert len(chart.table.rows) == 12
    assert chart.rows == 10
    assert [(line.name, line.reason, line.url) for line in thanks.people] == [
        ("Ana", "opened 4 items", ""),
        ("Ben", "opened 2 items, for the first time here", ""),
        ("Cem", "opened 1 item", ""),
    ]


def test_without_staff_nobody_draws_staff(world: None) -> None:
    figures, (chart,), _thanks = build("ledger.contributions", scope(exclude=frozenset({STAFF})))
    assert figures["active_people"] == 3
    assert [column.label for column in chart.table.columns] == ["Month", "Volunteers", "Bots"]
    figures, _charts, _people = build("ledger.spread", scope(exclude=frozenset({STAFF})))
    assert figures == {"items_volunteer": 7, "items_bot": 1}


def test_new_and_returning_people(world: None) -> None:
    figures, (chart,), _people = build("ledger.newcomers", scope())
    assert figures == {"returning_people": 2, "conversion_rate": None, "inactive_people": 0}
    assert chart.title == "1 of 3 people were new"
    assert chart.table.rows[-3:] == (
        ("Fourth quarter 2025", 0, 0),
        ("First quarter 2026", 1, 0),
        ("Second quarter 2026", 1, 2),
    )


def test_a_year_says_which_quarter_it_speaks_of(world: None) -> None:
    _figures, (chart,), _people = build("ledger.newcomers", scope("2026"))
    assert chart.title == "Nobody took part in the last quarter shown"
    _figures, (chart,), _people = build("ledger.newcomers", scope("2026-06"))
    assert chart.title == "1 of 3 people were new in 2026Q2"


@pytest.mark.parametrize("exclude", [frozenset[str](), frozenset({STAFF})])
def test_the_quarters_say_what_the_metrics_say(world: None, exclude: frozenset[str]) -> None:
    for quarter, new, back in sections.people_by_quarter(scope(exclude=exclude)):
        measured = compute_all(
            Scope(quarter, as_of=AS_OF, exclude=exclude), ["first_timers", "returning_people"]
        )
        assert (new, back) == (measured["first_timers"].value, measured["returning_people"].value), str(
            quarter
        )


def test_somebody_who_was_staff_before_is_not_new_as_a_volunteer() -> None:
    person = PersonFactory()
    staff_term(person, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    opened(IdentityFactory(person=person), "2026-02-01", "2026-05-01")
    assert sections.people_by_quarter(scope(exclude=frozenset({STAFF})))[-2:] == [
        (Period.parse("2026Q1"), 0, 0),
        (Period.parse("2026Q2"), 0, 1),
    ]


def test_how_the_work_is_spread(world: None) -> None:
    figures, (chart,), _people = build("ledger.spread", scope())
    assert figures == {"items_volunteer": 7, "items_staff": 1, "items_bot": 1}
    assert chart.title == "1 person opened half of the items"
    assert next(chart.table.written()) == ("1", "4", "50.0 %")
    assert chart.table.rows == (("1", 4, 0.5), ("2", 6, 0.75), ("3", 8, 1.0))


def test_no_picture_names_anybody(world: None) -> None:
    for key in ("ledger.contributions", "ledger.newcomers", "ledger.spread"):
        _figures, charts, _people = build(key, scope())
        for chart in charts:
            assert not {"Ana", "Ben", "Cem", "Bot"} & set(str(chart).replace("'", " ").split())


def test_an_empty_ledger_has_a_report(db: None) -> None:
    figures, (chart,), (thanks,) = build("ledger.contributions", scope())
    assert figures["active_people"] == 0
    assert chart.title == "No items in these twelve months"
    assert thanks.people == ()
    _figures, (chart,), _people = build("ledger.newcomers", scope())
    assert chart.title == "Nobody took part in the last quarter shown"
    _figures, (chart,), _people = build("ledger.spread", scope())
    assert (chart.title, chart.table.rows) == ("No items in this period", ())


def test_new_people_are_thanked_after_the_most_active(db: None) -> None:
    for number in range(8):
        opened(IdentityFactory(person=PersonFactory(name=f"Old {number}")), "2025-01-01", *["2026-05-01"] * 3)
    for number in range(6):
        opened(IdentityFactory(person=PersonFactory(name=f"New {number}")), "2026-05-02")
    names = [line.name for line in sections.thanks(scope(), None).people]
    assert names == ["Old 0", "Old 1", "Old 2", "Old 3", "Old 4", "Old 5", "New 0", "New 1", "New 2", "New 3"]


def test_bots_and_staff_are_not_thanked(db: None) -> None:
    bot, paid = PersonFactory(name="Robot"), PersonFactory(name="Paid")
    staff_term(paid)
    opened(IdentityFactory(person=bot, is_bot=True), "2026-05-01")
    opened(IdentityFactory(person=paid), "2026-05-01")
    assert sections.thanks(scope(), None).people == ()
