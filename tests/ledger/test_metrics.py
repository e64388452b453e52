"""Each metric, reckoned by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from folkmoot.kernel.metrics import Scope, compute_all, metrics
from folkmoot.kernel.periods import Period
from folkmoot.ledger.metrics.contributions import smallest_group
from folkmoot.ledger.models import Activity
from tests.factories import (
    IdentityFactory,
    ItemFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TermFactory,
)
from tests.ledger.worlds import opened, staff_term

pytestmark = pytest.mark.django_db

LATER = dt.date(2027, 12, 31)


def scope(period: str = "2026Q2", as_of: dt.date = LATER, **fields: Any) -> Scope:
    return Scope(period=Period.parse(period), as_of=as_of, **fields)


def values(asked: Scope, *keys: str) -> tuple[Any, ...]:
    return tuple(metrics.get(key).compute(asked).value for key in keys)


def test_the_ledger_declares_these_metrics_in_this_order() -> None:
    assert [m.key for m in metrics if m.__module__.startswith("folkmoot.ledger")] == [
        "active_people",
        "first_timers",
        "returning_people",
        "items_volunteer",
        "items_staff",
        "items_bot",
        "contributor_absence_factor",
        "conversion_rate",
        "retention_rate",
        "inactive_people",
        "contributor_groups",
        "items_by_month",
        "items_by_kind",
        "items_by_organization",
    ]


def test_of_an_empty_database_every_figure_is_nothing_or_unknown() -> None:
    found = {key: (m.value, m.previous, m.year_before, m.rows) for key, m in compute_all(scope()).items()}
    none = {"volunteer": 0, "staff": 0, "bot": 0}

    def months(year: int, *numbers: int) -> dict[str, Any]:
        return {f"{year}-{number:02d}": none for number in numbers}

    nobody = {"core": 0, "regular": 0, "casual": 0}
    nothing = {"issue": 0, "pull_request": 0}
    counts = ("active_people", "first_timers", "returning_people", "items_volunteer", "items_staff", "items_bot",
              "contributor_absence_factor", "inactive_people")  # fmt: skip
    ours = {key: found[key] for key in found if metrics.get(key).__module__.startswith("folkmoot.ledger")}
    assert ours == {
        **dict.fromkeys(counts, (0, 0, 0, 0)),
        **dict.fromkeys(("conversion_rate", "retention_rate"), (None, None, None, 0)),
        "contributor_groups": (nobody, nobody, nobody, 0),
        "items_by_month": (months(2026, 4, 5, 6), months(2026, 1, 2, 3), months(2025, 4, 5, 6), 0),
        "items_by_kind": (nothing, nothing, nothing, 0),
        "items_by_organization": ({}, {}, {}, 0),
    }


def test_two_identities_of_a_person_count_once_and_look_back_together() -> None:
    person = PersonFactory()
    opened(IdentityFactory(person=person), "2025-01-10")
    opened(IdentityFactory(person=person, system="gitlab"), "2026-05-04", "2026-05-05")
    opened(IdentityFactory(), "2026-05-04")
    assert values(scope(), "active_people", "first_timers", "returning_people") == (2, 1, 1)


def test_bots_are_nobody_even_when_their_person_is_somebody() -> None:
    person = PersonFactory()
    opened(IdentityFactory(person=person, is_bot=True), "2025-05-04", "2026-05-04", "2026-05-05")
    asked = scope()
    assert values(asked, "active_people", "items_bot", "items_volunteer") == (0, 2, 0)
    opened(IdentityFactory(person=person), "2026-06-01")
    assert values(scope(), "active_people", "first_timers", "items_bot", "items_volunteer") == (1, 1, 2, 1)


def test_staff_is_who_holds_a_paid_role_on_that_day() -> None:
    mid, always, former = (IdentityFactory() for _ in range(3))
    staff_term(mid.person, dt.date(2026, 5, 10), dt.date(2026, 5, 20))
    staff_term(always.person)
    staff_term(former.person, None, dt.date(2026, 3, 31))
    # The last moment before the term, its first, its last, and the first after it.
    opened(
        mid,
        "2026-05-09 23:59:59.999999",
        "2026-05-10 00:00:00",
        "2026-05-20 23:59:59.999999",
        "2026-05-21 00:00:00",
    )
    opened(always, "2026-04-01", "2026-06-30")
    opened(former, "2026-04-01")
    TermFactory(person=former.person, role_kind=RoleKindFactory(is_staff=False))
    assert values(scope(), "items_volunteer", "items_staff", "active_people") == (3, 4, 3)
    assert values(scope(), "items_by_month") == (
        {
            "2026-04": {"volunteer": 1, "staff": 1, "bot": 0},
            "2026-05": {"volunteer": 2, "staff": 2, "bot": 0},
            "2026-06": {"volunteer": 0, "staff": 1, "bot": 0},
        },
    )
    without = scope(exclude=frozenset({"staff"}))
    assert values(without, "active_people", "items_volunteer", "items_staff") == (2, 3, 0)


def test_two_staff_terms_at_once_do_not_count_an_item_twice() -> None:
    identity = IdentityFactory()
    staff_term(identity.person)
    TermFactory(person=identity.person, role_kind=RoleKindFactory(is_staff=True))
    opened(identity, "2026-05-04")
    assert values(scope(), "items_staff", "items_volunteer", "active_people") == (1, 0, 1)
    assert metrics.get("items_staff").rows(scope()).count() == 1


def test_who_did_it_as_staff_before_is_no_first_timer_without_staff_either() -> None:
    identity = IdentityFactory()
    staff_term(identity.person, None, dt.date(2025, 12, 31))
    opened(identity, "2025-12-31", "2026-05-04")
    assert values(scope(exclude=frozenset({"staff"})), "first_timers", "returning_people") == (0, 1)


def test_what_happened_after_as_of_is_not_counted() -> None:
    identity = IdentityFactory()
    opened(identity, "2026-05-04 23:59:59.999999", "2026-05-05 00:00:00")
    on_the_day = scope(as_of=dt.date(2026, 5, 4))
    assert values(on_the_day, "items_volunteer", "active_people") == (1, 1)
    assert values(scope(as_of=dt.date(2026, 5, 3)), "items_volunteer", "active_people") == (0, 0)
    assert values(scope(as_of=dt.date(2025, 1, 1)), "items_volunteer", "active_people") == (0, 0)


def test_the_edges_of_a_period_hold_both_days_in_utc() -> None:
    identity = IdentityFactory()
    opened(identity, "2026-03-31 23:59:59.999999", "2026-04-01 00:00:00")
    opened(identity, "2026-06-30 23:59:59.999999", "2026-07-01 00:00:00")
    half_past_midnight_in_delhi = dt.datetime(
        2026, 7, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))
    )
    opened(identity, half_past_midnight_in_delhi)
    assert values(scope(), "items_volunteer") == (3,)


def test_a_leap_day_belongs_to_its_february() -> None:
    identity = IdentityFactory()
    opened(identity, "2024-02-28", "2024-02-29", "2024-03-01")
    assert values(scope("2024-02"), "items_by_month") == (
        {"2024-02": {"volunteer": 2, "staff": 0, "bot": 0}},
    )
    assert values(scope("2024-02-29..2024-02-29"), "items_volunteer") == (1,)
    found = compute_all(scope("2025-02-28..2025-03-01"), ["items_volunteer"])["items_volunteer"]
    assert (found.value, found.previous, found.year_before) == (0, 0, 3)


def test_custom_days_compare_with_as_many_days_before() -> None:
    identity = IdentityFactory()
    opened(identity, "2025-12-30", "2025-12-31", "2026-03-31", "2026-04-01", "2025-06-30")
    found = compute_all(scope("2026-04-01..2026-06-30"), ["items_volunteer"])["items_volunteer"]
    assert (found.value, found.previous, found.year_before) == (1, 2, 1)
    assert compute_all(scope("2026Q2"), ["items_volunteer"])["items_volunteer"].previous == 1


def test_first_ever_looks_back_within_the_same_source_and_project() -> None:
    guide, site = ProjectFactory(name="Guide"), ProjectFactory(name="site")
    identity = IdentityFactory()
    opened(identity, "2025-05-04", source="list", project=site)
    opened(identity, "2026-05-04", source="forge", project=guide)
    assert values(scope(), "first_timers") == (0,)
    assert values(scope(source="forge"), "first_timers") == (1,)
    assert values(scope(project="guide"), "first_timers", "items_volunteer") == (1, 1)
    assert values(scope(project="site"), "first_timers", "items_volunteer") == (0, 0)
    assert values(scope(project="gone"), "first_timers", "items_volunteer") == (0, 0)


def test_only_what_opens_an_item_counts_and_only_with_an_author() -> None:
    opened(IdentityFactory(), "2026-05-04")
    person = PersonFactory()
    other = IdentityFactory(person=person)
    Activity.objects.create(
        kind="people.term_started",
        identity=other,
        occurred_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC),
        external_id="t",
    )
    Activity.objects.create(
        kind="item.opened", identity=None, occurred_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC), external_id="u"
    )
    assert values(scope(), "active_people", "items_volunteer", "items_bot") == (1, 1, 0)


@pytest.mark.parametrize(
    ("numbers", "factor"),
    [
        ([1000, 202, 90, 33, 332, 343, 42, 433], 2),  # the worked example of CHAOSS
        ([], 0),
        ([7], 1),
        ([5, 5], 1),  # exactly half is at least half
        ([5, 4, 2], 2),
        ([1, 1, 1], 2),
        ([1, 1, 1, 1], 2),
    ],
)
def test_absence_factor_is_the_smallest_number_that_makes_at_least_half(
    numbers: list[int], factor: int
) -> None:
    assert smallest_group(numbers, 50) == factor


def test_absence_factor_and_groups_count_people_not_identities_nor_bots() -> None:
    person = PersonFactory()
    for system in ("github", "gitlab"):
        opened(IdentityFactory(person=person, system=system), *["2026-05-04"] * 3)
    for _number in range(5):
        opened(IdentityFactory(), "2026-05-05")
    opened(IdentityFactory(is_bot=True), *["2026-05-06"] * 50)
    assert values(scope(), "contributor_absence_factor", "contributor_groups") == (
        1,
        {"core": 4, "regular": 2, "casual": 0},  # 6 + 3 of 11 are 82 %; all 11 are needed for 95 %
    )


def test_conversion_is_another_item_91_to_455_days_after_the_first() -> None:
    first = dt.datetime(2024, 5, 4, 12, tzinfo=dt.UTC)
    day, instant = dt.timedelta(days=1), dt.timedelta(microseconds=1)
    for gaps in (
        [],
        [91 * day - instant],
        [91 * day],
        [455 * day],
        [455 * day + instant],
        [10 * day, 20 * day],
        [200 * day],
    ):
        opened(IdentityFactory(), first, *[first + gap for gap in gaps])
    opened(IdentityFactory(), "2023-01-01", first, first + 100 * day)  # no first-timer
    assert values(scope("2024Q2"), "first_timers", "conversion_rate") == (7, 3 / 7)
    assert metrics.get("conversion_rate").compute(scope("2024Q2")).rows == 9


def test_conversion_by_another_identity_of_the_same_person_counts_a_bot_s_does_not() -> None:
    person = PersonFactory()
    opened(IdentityFactory(person=person), "2024-05-04")
    opened(IdentityFactory(person=person, system="gitlab"), "2024-10-04")
    other = PersonFactory()
    opened(IdentityFactory(person=other), "2024-05-04")
    opened(IdentityFactory(person=other, is_bot=True), "2024-10-04")
    assert values(scope("2024Q2"), "conversion_rate") == (0.5,)


def test_conversion_is_unknown_until_everybody_has_had_their_time() -> None:
    opened(IdentityFactory(), "2024-05-04", "2024-10-04")
    last_unknown, first_known = dt.date(2025, 9, 27), dt.date(2025, 9, 28)
    assert dt.date(2024, 6, 30) + dt.timedelta(days=455) == first_known
    metric = metrics.get("conversion_rate")
    assert values(scope("2024Q2", last_unknown), "conversion_rate") == (None,)
    assert metric.unknown_because(scope("2024Q2", last_unknown)) == (
        "Known at the end of 28 Sep 2025: until then first-timers have time to come back."
    )
    assert values(scope("2024Q2", first_known), "conversion_rate") == (1.0,)
    assert metric.unknown_because(scope("2024Q2", first_known)) == ""
    assert values(scope("2023Q2", first_known), "conversion_rate") == (None,)
    assert metric.unknown_because(scope("2023Q2", first_known)) == "Nobody took part for the first time."


def test_retention_is_the_part_of_those_active_before_that_is_active_again() -> None:
    stayed, left, new = IdentityFactory(), IdentityFactory(), IdentityFactory()
    third, fourth = IdentityFactory(), IdentityFactory()
    opened(stayed, "2026-01-01", "2026-06-30")
    for gone in (left, third):
        opened(gone, "2026-03-31")
    opened(fourth, "2025-12-31", "2026-05-01")  # not active in the quarter before
    opened(new, "2026-04-01")
    opened(IdentityFactory(is_bot=True), "2026-03-31", "2026-04-01")
    asked = scope()
    assert values(asked, "retention_rate", "inactive_people") == (1 / 3, 2)
    assert metrics.get("retention_rate").compute(asked).rows == 3
    assert metrics.get("retention_rate").unknown_because(asked) == ""
    assert values(scope("2020Q2"), "retention_rate") == (None,)
    assert (
        metrics.get("retention_rate").unknown_because(scope("2020Q2"))
        == "Nobody was active in the period before."
    )


def test_kinds_are_those_of_the_items() -> None:
    identity = IdentityFactory()
    for kind in ("issue", "issue", "pull_request", "talk"):
        opened(identity, "2026-05-04", item=ItemFactory(kind=kind))
    opened(identity, "2026-05-04", item=None)
    assert values(scope(), "items_by_kind") == ({"issue": 2, "pull_request": 1, "other": 2},)


def test_every_metric_lists_as_many_rows_as_it_says() -> None:
    project = ProjectFactory(name="guide")
    staff, regular, newcomer, bot = (IdentityFactory(is_bot=n == 3) for n in range(4))
    staff_term(staff.person, dt.date(2026, 5, 1))
    for identity in (staff, regular, bot):
        opened(
            identity,
            "2025-05-04",
            "2026-02-03",
            "2026-04-04",
            "2026-05-04",
            project=project,
            item=ItemFactory(),
        )
    opened(newcomer, "2026-04-04", "2026-05-04", item=ItemFactory(kind="pull_request"))
    for exclude in (frozenset(), frozenset({"staff"})):
        for named in ("", "guide"):
            asked = scope(exclude=exclude, project=named)
            for metric in metrics:
                if metric.__module__.startswith("folkmoot.ledger"):
                    figure = metric.compute(asked)
                    assert (metric.key, metric.rows(asked).count()) == (metric.key, figure.rows)


def test_a_reckoning_of_all_metrics_takes_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    ours = [m.key for m in metrics if m.__module__.startswith("folkmoot.ledger")]
    # People in five windows; of three: months, kinds (two each), who is new, organisations.
    with django_assert_num_queries(20):
        compute_all(scope(as_of=dt.date(2026, 8, 1)), ours)
    for number in range(4):
        identity = IdentityFactory()
        opened(identity, *[f"202{year}-05-0{number + 1}" for year in (4, 5, 6)])
    with django_assert_num_queries(20):
        compute_all(scope(as_of=dt.date(2026, 8, 1)), ours)


def test_an_unknown_metric_is_told_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"no metric 'stars'; known: .*active_people"):
        compute_all(scope(), ["stars"])
