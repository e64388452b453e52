"""The figures of reviews over a world small enough to reckon by hand."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import Scope, compute_all, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import report_sections
from folkmoot.kernel.ui.navigation import Navigation
from folkmoot.ledger.queries.scopes import make_scope
from folkmoot.people.models import Person
from folkmoot.reviews.models import Programme, Sighting, Stage, StageChange, Submission
from tests.conftest import signed_in
from tests.factories import (
    AssignmentFactory,
    PersonFactory,
    ProgrammeFactory,
    StageFactory,
    SubmissionFactory,
)
from tests.ledger.test_commands import refusal, run

pytestmark = pytest.mark.django_db


def at(day: str, hour: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=dt.UTC)


@pytest.fixture
def programme() -> Programme:
    return ProgrammeFactory(slug="software", name="Software review")


@pytest.fixture
def stages(programme: Programme) -> dict[str, Stage]:
    made = {}
    for place, (slug, limit) in enumerate((("seeking", 21), ("reviewing", 30), ("accepted", None)), 1):
        made[slug] = StageFactory(
            programme=programme,
            slug=slug,
            name=slug.capitalize(),
            position=place,
            limit_days=limit,
            is_accepted=slug == "accepted",
        )
    return made


def changes(submission: Submission, *steps: tuple[Stage, str | None, str]) -> None:
    for position, (stage, not_before, when) in enumerate(steps):
        StageChange.objects.create(
            submission=submission,
            position=position,
            stage=stage,
            not_before=at(not_before) if not_before else None,
            at=at(when),
            source="test",
        )


def sighted(submission: Submission, when: str, **more: Any) -> None:
    Sighting.objects.create(
        submission=submission, at=at(when), source="test", external_id=f"{submission.pk}/{when}", **more
    )


@pytest.fixture
def world(programme: Programme, stages: dict[str, Stage]) -> dict[str, Any]:
    """Eight submissions and an enquiry, 2025 and 2026.

    - arenite: opened 1 Jan 2025 12:00, accepted 11 Apr 2025 (99.5 days), published by JOSS
    - basaltic: opened 1 Mar 2026 00:00, accepted 30 May 2026 (90 days); seeking 1 Mar - 11 Mar, reviewing - 30 May
    - calcite: opened 2 Apr 2026 06:00, accepted 2 Jun 2026 (60.75 days); in its first stage seen since 10 April only
    - dolomite: opened 1 Apr 2026, seeking since 3 Apr (limit 21): over it; Erin edits
    - erionite: opened 1 Jun 2026, reviewing since 10 Jun (limit 30): in time on 30 June; Erin and Noor edit
    - feldspar: opened 1 Feb 2026, on hold since 1 Mar, seeking since 1 Feb; Noor declined to edit
    - gypsum: opened 1 Feb 2026, out of scope, its issue open; first seen so on 20 Apr 2026
    - halite: an enquiry of 5 May 2026
    - ilmenite: opened 3 Apr 2026; its source has not shown it since 1 May: none of these any more, but one before
    """
    made = {
        name: SubmissionFactory(programme=programme, title=name, opened_at=at(day, hour))
        for name, day, hour in (
            ("arenite", "2025-01-01", 12),
            ("basaltic", "2026-03-01", 0),
            ("calcite", "2026-04-02", 6),
            ("dolomite", "2026-04-01", 0),
            ("erionite", "2026-06-01", 0),
            ("feldspar", "2026-02-01", 0),
            ("gypsum", "2026-02-01", 0),
            ("ilmenite", "2026-04-03", 0),
        )
    }
    SubmissionFactory(programme=programme, title="halite", kind="presubmission", opened_at=at("2026-05-05"))
    for name, day in (("arenite", "2025-04-11"), ("basaltic", "2026-05-30"), ("calcite", "2026-06-02")):
        Submission.objects.filter(title=name).update(
            accepted_on=dt.date.fromisoformat(day), outcome="accepted"
        )
    Submission.objects.filter(title="arenite").update(joss="approved", closed_at=at("2025-05-01"))
    Submission.objects.filter(title="ilmenite").update(vanished_at=at("2026-05-01"))
    Submission.objects.filter(title="gypsum").update(outcome="out_of_scope")
    sighted(made["gypsum"], "2026-03-20")
    sighted(made["gypsum"], "2026-04-20", outcome="out_of_scope")
    sighted(made["gypsum"], "2026-04-28", outcome="out_of_scope")
    sighted(made["feldspar"], "2026-02-01", stage=stages["seeking"])
    sighted(made["feldspar"], "2026-03-01", stage=stages["seeking"], is_on_hold=True)
    seeking, reviewing, done = stages["seeking"], stages["reviewing"], stages["accepted"]
    changes(
        made["basaltic"],
        (seeking, "2026-03-01", "2026-03-01"),
        (reviewing, "2026-03-09", "2026-03-11"),
        (done, "2026-05-30", "2026-05-30"),
    )
    changes(made["calcite"], (seeking, None, "2026-04-10"), (done, "2026-06-01", "2026-06-03"))
    changes(made["dolomite"], (seeking, "2026-04-01", "2026-04-03"))
    changes(made["erionite"], (seeking, "2026-06-01", "2026-06-02"), (reviewing, "2026-06-05", "2026-06-10"))
    changes(made["feldspar"], (seeking, "2026-02-01", "2026-02-01"))
    erin, noor = PersonFactory(name="Erin Editor"), PersonFactory(name="Noor Haidari")
    for name, person, state in (
        ("arenite", erin, "accepted"),
        ("dolomite", erin, "accepted"),
        ("erionite", erin, "accepted"),
        ("erionite", noor, "accepted"),
        ("feldspar", noor, "declined"),
    ):
        AssignmentFactory(submission=made[name], person=person, role="editor", state=state)
    return made


def asked(period: str = "2026Q2", as_of: str = "2026-11-20") -> Scope:
    return Scope(Period.parse(period), as_of=dt.date.fromisoformat(as_of))


def figure(key: str, **scope: str) -> tuple[Any, int]:
    found = metrics.get(key).compute(asked(**scope))
    return found.value, found.rows


def titles(key: str, **scope: str) -> list[str]:
    rows = metrics.get(key).rows(asked(**scope))
    return sorted((row if isinstance(row, Submission) else row.submission).title for row in rows)


@pytest.mark.parametrize(
    ("key", "scope", "value", "rows"),
    [
        ("submissions", {}, 3, ["calcite", "dolomite", "erionite"]),
        ("submissions", {"as_of": "2026-04-30"}, 3, ["calcite", "dolomite", "ilmenite"]),
        ("submissions", {"period": "2025"}, 1, ["arenite"]),
        ("presubmissions", {}, 1, ["halite"]),
        ("acceptances", {}, 2, ["basaltic", "calcite"]),
        ("acceptances", {"as_of": "2026-05-30"}, 1, ["basaltic"]),
        ("acceptances", {"as_of": "2026-05-29"}, 0, []),
        ("days_to_acceptance_median", {}, 75.375, ["basaltic", "calcite"]),
        ("days_to_acceptance_median", {"period": "2025"}, 99.5, ["arenite"]),
        ("days_to_acceptance_median", {"period": "2024"}, None, []),
        (
            "days_to_acceptance_quartiles",
            {},
            {"lower": 68.0625, "median": 75.375, "upper": 82.6875},
            ["basaltic", "calcite"],
        ),
        ("acceptance_share", {}, 2 / 3, ["basaltic", "calcite", "gypsum"]),
        ("acceptance_share", {"period": "2026Q1"}, None, []),
        ("joss_published", {"period": "2025Q2"}, 1, ["arenite"]),
        ("joss_published", {}, 0, []),
        ("open_submissions", {}, 3, ["dolomite", "erionite", "feldspar"]),
        ("open_submissions", {"period": "2026Q1"}, 3, ["basaltic", "feldspar", "gypsum"]),
        ("open_submissions", {"period": "2025Q1"}, 1, ["arenite"]),
        (
            "open_submissions",
            {"as_of": "2026-04-20"},
            5,
            ["basaltic", "calcite", "dolomite", "feldspar", "ilmenite"],
        ),
        ("open_by_stage", {}, {"seeking": 2, "reviewing": 1}, ["dolomite", "erionite", "feldspar"]),
        ("held_up", {}, 1, ["dolomite"]),
        ("held_up", {"as_of": "2026-04-23"}, 1, ["basaltic"]),
        ("held_up", {"as_of": "2026-04-24"}, 2, ["basaltic", "dolomite"]),
        ("held_up", {"period": "2026Q1", "as_of": "2026-02-28"}, 1, ["feldspar"]),
        # basaltic 80 days in reviewing; seeking: erionite 9 days, calcite 61.75, each from its opening
        (
            "stage_days_median",
            {},
            {"seeking": 35.375, "reviewing": 80.0},
            ["basaltic", "calcite", "erionite"],
        ),
        ("stage_days_median", {"period": "2026Q1"}, {"seeking": 10.0}, ["basaltic"]),
        ("stage_days_median", {"period": "2025"}, None, []),
        ("editor_load", {}, {"Erin Editor": 2, "Noor Haidari": 1}, ["dolomite", "erionite", "erionite"]),
    ],
)
def test_a_figure_is_what_one_reckons_by_hand_and_opens_its_rows(
    world: dict[str, Any], key: str, scope: dict[str, str], value: Any, rows: list[str]
) -> None:
    assert figure(key, **scope) == (value, len(rows))
    assert titles(key, **scope) == rows


def test_editors_of_one_name_are_told_apart(world: dict[str, Any]) -> None:
    other = PersonFactory(name="Erin Editor")
    AssignmentFactory(submission=world["feldspar"], person=other, role="editor", state="accepted")
    first = Person.objects.filter(name="Erin Editor").exclude(pk=other.pk).get()
    assert figure("editor_load")[0] == {
        f"Erin Editor ({first.pk})": 2,
        f"Erin Editor ({other.pk})": 1,
        "Noor Haidari": 1,
    }


def test_figures_of_a_project_are_its_own(world: dict[str, Any]) -> None:
    assert compute_all(make_scope(period="2026Q2"), ["submissions"])["submissions"].value == 3
    scope = Scope(Period.parse("2026Q2"), project="nothing of this name", as_of=dt.date(2026, 11, 20))
    assert metrics.get("submissions").compute(scope).value == 0


# The command


def test_the_command_prints_the_figures_of_an_area(world: dict[str, Any]) -> None:
    printed = run("--area", "reviews", "--period", "2026Q2", "--as-of", "2026-11-20", "--json")
    found = json.loads(printed)["metrics"]
    assert list(found) == [
        "submissions",
        "presubmissions",
        "acceptances",
        "days_to_acceptance_median",
        "days_to_acceptance_quartiles",
        "acceptance_share",
        "joss_published",
        "open_submissions",
        "open_by_stage",
        "held_up",
        "stage_days_median",
        "editor_load",
    ]
    assert {key: found["submissions"][key] for key in ("value", "previous", "year_before", "rows")} == {
        "value": 3,
        "previous": 3,
        "year_before": 0,
        "rows": 3,
    }


def test_an_area_that_has_no_figures_is_told_with_those_that_have(db: None) -> None:
    assert (
        refusal("--area", "reviewz")
        == "no area 'reviewz' has figures; known: community, reviews, training, publishing"
    )


# Pages


def test_each_figure_leads_to_a_page_with_as_many_rows(world: dict[str, Any], bob: User) -> None:
    client = signed_in(bob)
    for metric in metrics:
        if metric.area != "reviews":
            continue
        answer = client.get(metric.rows_url(asked()))
        assert answer.status_code == 200
        assert len(answer.context["list"].rows) == metric.compute(asked()).rows


def test_what_cannot_be_read_in_the_address_is_said(world: dict[str, Any], bob: User) -> None:
    client = signed_in(bob)
    answer = client.get("/reviews/figures/rows/?metric=nonsense")
    assert "There is no figure nonsense here; known: " in answer.content.decode()
    assert list(answer.context["list"].rows) == []
    answer = client.get("/reviews/figures/rows/?metric=submissions&period=2026Q9")
    assert list(answer.context["list"].rows) == []
    assert answer.context["problem"] != ""


@pytest.mark.parametrize(("more", "queries"), [(0, 8), (3, 8)])
def test_rows_cost_the_same_however_many(
    world: dict[str, Any],
    bob: User,
    programme: Programme,
    more: int,
    queries: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(more):
        SubmissionFactory(programme=programme, title=f"more {number}", opened_at=at("2026-05-01"))
    client = signed_in(bob)
    url = metrics.get("submissions").rows_url(asked())
    client.get(url)
    with django_assert_num_queries(queries):
        client.get(url)


def test_a_stranger_sees_no_rows(world: dict[str, Any], client: Client) -> None:
    answer = client.get("/reviews/figures/rows/?metric=submissions")
    assert answer.status_code == 302
    assert "dolomite" not in answer.content.decode()


# The report


def test_the_report_tells_of_a_small_world(world: dict[str, Any]) -> None:
    scope = asked()
    section = report_sections.get("reviews.comes_in").build(scope, None)
    assert section is not None
    chart = section.of(type(section.blocks[-1]))[-1]
    assert chart.table.rows == (("2025", 1, 1), ("2026 so far", 6, 2))
    assert chart.title == "2 packages accepted in 2026 so far, more than in any year before"
    stands = report_sections.get("reviews.stands").build(scope, None)
    assert stands is not None
    assert stands.blocks[-1].table.rows == (("Seeking", 2, 1), ("Reviewing", 1, 0))  # type: ignore[union-attr]
    days = report_sections.get("reviews.days").build(scope, None)
    assert days is not None
    by_year, cohorts = days.blocks[-2:]
    assert by_year.table.rows == (  # type: ignore[union-attr]
        ("2025", 1, 99.5, 99.5, 99.5),
        ("2026 so far", 2, 68.0625, 75.375, 82.6875),
    )
    assert cohorts.rows == (("2025", 1, 1, 1.0, 99.5), ("2026 so far", 6, 2, 2 / 6, 75.375))  # type: ignore[union-attr]
    stays = report_sections.get("reviews.stays").build(scope, None)
    assert stays is not None
    assert stays.blocks[0].rows == (("Seeking", 35.375, 10.0, 21), ("Reviewing", 80.0, 80.0, 30))  # type: ignore[union-attr]
    editors = report_sections.get("reviews.editors").build(scope, None)
    assert editors is not None
    assert editors.blocks[0].rows == (("Erin Editor", 2), ("Noor Haidari", 1))  # type: ignore[union-attr]


def test_without_any_submission_a_report_is_silent_about_reviews(db: None) -> None:
    ours = [section for section in report_sections if section.key.startswith("reviews.")]
    assert [section.build(asked(), None) for section in ours] == [None] * 6


def test_who_may_not_see_reviews_gets_no_report_about_them(
    world: dict[str, Any], alice: User, bob: User
) -> None:
    assert signed_in(alice).get("/reports/reviews/?period=2026Q2").status_code == 200
    assert signed_in(bob).get("/reports/reviews/?period=2026Q2").status_code == 403


def test_the_navigation_knows_that_the_rows_are_figures(bob: User) -> None:
    entries = Navigation(bob, "/reviews/figures/rows/").entries
    assert [(one.key, one.is_page) for top in entries for one in (top, *top.children) if one.is_current] == [
        ("reviews", False),
        ("reviews.figures", False),
    ]
