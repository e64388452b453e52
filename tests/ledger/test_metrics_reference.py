"""The metrics against a slow reference, over worlds that nobody thought of."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import Period
from tests.ledger.reference import Opened, Reference, World
from tests.ledger.worlds import build

PEOPLE = ("ana", "ben", "chi", "dee")
#: Around the edges of quarters, months, years and a leap day, and 91 and 455 days later.
EDGES = [
    dt.datetime(2023, 12, 31, 23, 59, 59, 999999),
    dt.datetime(2024, 1, 1),
    dt.datetime(2024, 2, 29, 12),
    dt.datetime(2024, 3, 31, 23, 59, 59),
    dt.datetime(2024, 4, 1),
    dt.datetime(2024, 4, 1) + dt.timedelta(days=91),
    dt.datetime(2024, 4, 1) + dt.timedelta(days=455),
    dt.datetime(2025, 4, 1, 0, 0, 0, 1),
    dt.datetime(2025, 6, 30, 23, 59, 59, 999999),
]
moments = st.one_of(
    st.sampled_from(EDGES), st.datetimes(min_value=dt.datetime(2023, 6, 1), max_value=dt.datetime(2026, 6, 1))
).map(lambda at: at.replace(tzinfo=dt.UTC))
days = st.one_of(
    st.sampled_from([edge.date() for edge in EDGES]), st.dates(dt.date(2023, 6, 1), dt.date(2026, 6, 1))
)
opened = st.builds(
    Opened,
    person=st.sampled_from(PEOPLE),
    at=moments,
    is_bot=st.sampled_from([False, False, False, True]),
    source=st.sampled_from(["forge", "forge", "list"]),
    project=st.sampled_from(["", "guide", "site"]),
)


@st.composite
def terms(draw: st.DrawFn) -> tuple[str, dt.date | None, dt.date | None]:
    start, end = draw(st.none() | days), draw(st.none() | days)
    if start and end and end < start:
        start, end = end, start
    return draw(st.sampled_from(PEOPLE)), start, end


worlds = st.builds(
    World,
    opened=st.lists(opened, max_size=30).map(tuple),
    # One term for each person and first day, as the register keeps them.
    staff=st.lists(terms(), max_size=3, unique_by=lambda term: term[:2]).map(tuple),
)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    kind = draw(st.sampled_from(["quarter", "month", "year", "days"]))
    year = draw(st.integers(2023, 2025))
    if kind == "quarter":
        return Period.quarter(year, draw(st.integers(1, 4)))
    if kind == "month":
        return Period.month(year, draw(st.integers(1, 12)))
    if kind == "year":
        return Period.year(year)
    return Period.days(*sorted([draw(days), draw(days)]))


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    world=worlds,
    period=periods(),
    as_of=days | st.just(dt.date(2027, 1, 1)),
    source=st.sampled_from(["", "", "forge"]),
    project=st.sampled_from(["", "", "guide"]),
    without_staff=st.booleans(),
)
def test_every_metric_agrees_with_the_reference_and_lists_its_rows(
    db: None,
    world: World,
    period: Period,
    as_of: dt.date,
    source: str,
    project: str,
    without_staff: bool,
) -> None:
    from django.db import transaction

    with transaction.atomic():
        build(world)
        scope = Scope(
            period=period,
            as_of=as_of,
            source=source,
            project=project,
            exclude=frozenset({"staff"} if without_staff else ()),
        )
        for asked in (period, period.previous, period.year_before):
            expected = Reference(
                world,
                asked.first,
                asked.last,
                as_of,
                source=source,
                project=project,
                without_staff=without_staff,
            ).answers((asked.previous.first, asked.previous.last))
            here = scope.over(asked)
            found = {key: metrics.get(key).compute(here) for key in expected}
            assert {key: (figure.value, figure.rows) for key, figure in found.items()} == expected
        for metric in metrics:
            if metric.__module__.startswith("folkmoot.ledger"):
                rows = list(metric.rows(scope).values_list("pk", flat=True))
                assert (metric.key, len(rows), len(set(rows))) == (
                    metric.key,
                    metric.compute(scope).rows,
                    len(rows),
                )
        transaction.set_rollback(True)
