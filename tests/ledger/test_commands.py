"""``folkmoot metrics``."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.utils.module_loading import autodiscover_modules
from typer.testing import CliRunner

from folkmoot.kernel.cli import Problem, cli
from folkmoot.kernel.metrics import metrics
from folkmoot.ledger.models import Activity
from folkmoot.people.models import Identity
from tests.factories import IdentityFactory, ProjectFactory
from tests.ledger.reference import Opened, Reference, World
from tests.ledger.test_github_issues import said_by
from tests.ledger.worlds import opened, staff_term
from tests.people.importing import applied

pytestmark = pytest.mark.django_db
autodiscover_modules("commands")


def run(*arguments: str) -> str:
    """Standard output of the command."""
    done = CliRunner().invoke(cli, ["metrics", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def refusal(*arguments: str) -> str:
    """The one sentence that a person reads."""
    with pytest.raises(Problem) as problem:
        CliRunner().invoke(cli, ["metrics", *arguments], catch_exceptions=False)
    return str(problem.value)


def test_json_has_each_metric_with_its_definition_and_rows() -> None:
    identity = IdentityFactory()
    opened(identity, "2025-05-04", "2026-01-05", "2026-05-04", "2026-05-05")
    found = json.loads(run("--period", "2026Q2", "--as-of", "2026-08-11", "--json"))
    assert {key: found[key] for key in ("period", "as_of")} == {"period": "2026Q2", "as_of": "2026-08-11"}
    assert list(found["metrics"]) == [metric.key for metric in metrics if metric.area == "community"]
    for key, one in found["metrics"].items():
        assert list(one) == ["value", "previous", "year_before", "definition", "excludes", "rows"]
        assert isinstance(one["rows"], int)
        assert str(metrics.get(key).definition) in one["definition"]
        assert one["excludes"]
    volunteer = found["metrics"]["items_volunteer"]
    assert {key: volunteer[key] for key in ("value", "previous", "year_before", "rows")} == {
        "value": 2, "previous": 1, "year_before": 1, "rows": 2,
    }  # fmt: skip
    assert found["metrics"]["conversion_rate"]["value"] is None
    assert found["metrics"]["first_timers"]["year_before"] == 1


def test_options_narrow_and_leave_out() -> None:
    identity, paid = IdentityFactory(), IdentityFactory()
    staff_term(paid.person)
    opened(identity, "2026-05-04", project=ProjectFactory(name="Guide"))
    opened(paid, "2026-05-04", source="list")
    said = {
        (): 2,
        ("--exclude", "staff"): 1,
        ("--source", "forge"): 1,
        ("--project", "guide"): 1,
        ("--as-of", "2026-05-03"): 0,
    }
    found = {
        options: json.loads(run("--period", "2026-05", "--json", *options))["metrics"]["active_people"][
            "value"
        ]
        for options in said
    }
    assert found == said
    without = json.loads(run("--period", "2026-05", "--exclude", "staff", "--json"))
    assert without["metrics"]["active_people"]["excludes"] == (
        "Bots, and items whose author is unknown. Items opened on a day as staff."
    )
    only = json.loads(run("--period", "2026-05", "--metric", "active_people", "--json"))
    assert list(only["metrics"]) == ["active_people"]


def test_without_json_a_person_reads_a_table() -> None:
    opened(IdentityFactory(), "2026-05-04", "2024-05-04")
    shown = run("--period", "2026Q2", "--as-of", "2026-08-11")
    assert shown.startswith("Second quarter 2026, as of 2026-08-11")
    assert [line.split() for line in shown.splitlines() if line.startswith("active_people")] == [
        ["active_people", "1", "0", "0", "1"]
    ]
    assert [line.split() for line in shown.splitlines() if line.startswith("2026-05")] == [
        ["2026-05", "1", "0", "0"]
    ]
    assert "conversion_rate: Known at the end of 28 Sep 2027" in shown


def test_what_does_not_exist_is_told_in_one_sentence_with_what_does() -> None:
    assert refusal("--source", "x") == "There is no source x: the ledger is empty; import something first."
    assert (
        refusal("--project", "x") == "There is no project x: no activity names one; import something first."
    )
    opened(IdentityFactory(), "2026-05-04", project=ProjectFactory(name="Guide"))
    opened(IdentityFactory(), "2026-05-04", source="list", project=ProjectFactory(name="site"))
    assert refusal("--source", "x") == "There is no source x in the ledger; known: forge, list."
    assert refusal("--project", "zzz") == "There is no project zzz; known: Guide, site."
    assert refusal("--project", "giude") == "There is no project giude; did you mean Guide?"
    assert refusal("--exclude", "bots") == "There is nothing called bots to leave out; known: staff."
    assert refusal("--as-of", "soon") == "soon is no day: write it as 2026-06-30."
    assert refusal("--as-of", "9999-12-31") == "9999-12-31: the year must lie between 1900 and 2999."
    assert refusal("--period", "2026Q7") == "2026Q7: a year has the quarters Q1 to Q4."
    assert refusal("--metric", "stars").startswith(
        "no metric 'stars'; known: acceptance_share, acceptances, active_people"
    )


@pytest.mark.django_db(transaction=True)
def test_the_real_community_s_figures_agree_with_a_count_over_the_files(
    real_data: Path, tmp_path: Path
) -> None:
    """The figures through importer and SQL against plain Python over the files."""
    for path in sorted((real_data / "pyopensci").glob("*_all_issues_prs.csv")):
        shutil.copy(path, tmp_path / path.name)
    applied("pyopensci", tmp_path)
    bots = {"dependabot[bot]", "github-actions[bot]", "copilot"}
    ((busiest, _number),) = Counter(
        a for _repo, a, _second in said_by(tmp_path) if a not in bots
    ).most_common(1)
    staff_term(Identity.objects.get(folded=busiest).person)
    world = World(
        opened=tuple(
            Opened(
                author, dt.datetime.fromisoformat(second).replace(tzinfo=dt.UTC), author in bots, project=repo
            )
            for repo, author, second in said_by(tmp_path)
        ),
        staff=((busiest, None, None),),
    )
    assert Activity.objects.count() == len(world.opened)
    for options, without_staff in (((), False), (("--exclude", "staff"), True)):
        for written, first, last, before in (
            ("2026Q2", "2026-04-01", "2026-06-30", ("2026-01-01", "2026-03-31")),
            ("2025Q1", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
            ("2024", "2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
        ):
            day = dt.date.fromisoformat
            expected = Reference(
                world, day(first), day(last), dt.date(2026, 8, 11), without_staff=without_staff
            ).answers((day(before[0]), day(before[1])))
            found = json.loads(run("--period", written, "--as-of", "2026-08-11", "--json", *options))[
                "metrics"
            ]
            assert {key: (found[key]["value"], found[key]["rows"]) for key in expected} == expected
