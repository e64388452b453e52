"""What AMY lists no more is told at each reading, of every kind of record; it stays here."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from typer.testing import CliRunner

import folkmoot.people.commands  # noqa: F401 - registers itself
from folkmoot.kernel.cli import cli
from folkmoot.kernel.imports.models import ImportRun, SeenRecord
from folkmoot.people.imports.amy.unlisted import not_listed, numbers_of
from folkmoot.people.models import Person
from folkmoot.people.queries import amy_report
from folkmoot.training.models import AgreementContact, AgreementParty, Award, Task
from tests.amy import dump
from tests.amy import dump_training as made
from tests.amy.standing import register, seeded
from tests.people.importing import applied

pytestmark = pytest.mark.django_db
#: Deleted in AMY after the first dump: the only one of its kind, and one of several.
GONE = {
    "fiscal.membershiptask": ["1"],
    "workshops.award": ["1"],
    "workshops.person": ["3"],
    "workshops.task": ["2"],
}


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    seeded()


def brought(tmp_path: Path, things: list[dict[str, Any]]) -> ImportRun:
    return applied("amy", dump.write(tmp_path / f"amy-{ImportRun.objects.count()}.json", things))


def without(things: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in things if str(one["pk"]) not in GONE.get(one["model"], ())]


def told(run: ImportRun) -> dict[str, list[str]]:
    lines = amy_report.report(run).lines
    return {line.model: [one.pk for one in line.unlisted] for line in lines if line.unlisted}


def notes(run: ImportRun) -> list[str]:
    return [note for note in run.options.get("notes", ()) if "does not list" in note]


def test_what_amy_lists_no_more_is_told_each_time(tmp_path: Path, as_alice: Client) -> None:
    things = [*register(), *made.training()]
    first = brought(tmp_path, things)
    counts = [model.objects.count() for model in (Person, Task, Award, AgreementContact)]
    assert (told(first), notes(first)) == ({}, [])
    second = brought(tmp_path, without(things))
    third = brought(tmp_path, without(things))
    assert [model.objects.count() for model in (Person, Task, Award, AgreementContact)] == counts
    for run in (second, third):
        assert told(run) == GONE
        assert notes(run) == [
            f"{model}: AMY does not list 1 record any more that came before. It stays here; “Counts on both sides” "
            "names it."
            for model in GONE
        ]
        page = as_alice.get(reverse("people:amy_report"), {"run": run.pk}).content.decode()
        assert page.count("AMY did not list it any more; here it stays") == 4
        shown = as_alice.get(reverse("imports:run", args=[run.pk])).content.decode()
        assert shown.count("AMY does not list 1 record any more") == 4
        answer = as_alice.get(reverse("people:amy_report_file"), {"run": run.pk})
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(row["model"], row["number in AMY"]) for row in rows if row["state"] == "unlisted"] == [
            (model, pk) for model, pks in GONE.items() for pk in pks
        ]
        printed = CliRunner().invoke(cli, ["amy-report", str(run.pk), "--json"], catch_exceptions=True)
        assert printed.exit_code == 0
        models = json.loads(printed.stdout)["models"]
        assert {
            line["model"]: [one["pk"] for one in line["unlisted"]] for line in models if line["unlisted"]
        } == GONE
    assert told(first) == {}
    back = brought(tmp_path, things)
    assert (told(back), notes(back), told(third)) == ({}, [], GONE)


def test_what_came_later_is_not_told_of_an_earlier_reading(tmp_path: Path) -> None:
    first = brought(tmp_path, register())
    brought(tmp_path, [*register(), dump.person(4)])
    third = brought(tmp_path, register())
    assert (told(first), told(third)) == ({}, {"workshops.person": ["4"]})


def test_what_was_removed_or_made_one_here_is_not_told(tmp_path: Path) -> None:
    brought(tmp_path, register())
    rows = dict(SeenRecord.objects.filter(key__startswith="workshops.person/").values_list("key", "row"))
    SeenRecord.objects.filter(key="workshops.person/2").update(row=rows["workshops.person/1"])
    SeenRecord.objects.filter(key="workshops.person/3").update(row="987654")
    run = brought(
        tmp_path, [one for one in register() if one["pk"] == 1 or one["model"] != "workshops.person"]
    )
    assert told(run) == {}


def test_names_of_the_api_are_compared_with_the_api_only(tmp_path: Path) -> None:
    brought(tmp_path, register())
    person = SeenRecord.objects.get(key="workshops.person/1")
    keys = ("workshops.task/2024-03-04-lima-1/quispe1_grace/helper", "workshops.task/12", "workshops.task/12/x/3",
            "workshops.member/5/2", "workshops.member/6", "workshops.tag/SWC", "workshops.tag/1")  # fmt: skip
    for key in keys:
        SeenRecord.objects.create(source="amy", key=key, table=person.table, row=person.row)
    # a dump of an app holds the small lists that it held before
    small = ("language", "knowledgedomain", "academiclevel", "computingexperiencelevel", "infosource")
    people = {"workshops.person": numbers_of(["1", "2", "3"]), "workshops.organization": numbers_of("123"),
              **{f"workshops.{name}": numbers_of("1") for name in small}}  # fmt: skip
    assert not_listed(people, is_live=False) == {
        "workshops.member": ["6"], "workshops.tag": ["1"], "workshops.task": ["12"]
    }  # fmt: skip
    assert not_listed(people, is_live=True) == {
        "workshops.member": ["5/2"],
        "workshops.task": ["2024-03-04-lima-1/quispe1_grace/helper"],
    }


def test_a_dump_of_some_models_says_nothing_of_the_others(tmp_path: Path) -> None:
    """Of models that are named, what is not listed is told; of others of the same app nobody knows anything."""
    things = [*register(), *made.training()]
    first = brought(tmp_path, things)
    some = [one for one in things if one["model"] in ("workshops.person", "workshops.organization")]
    run = brought(tmp_path, [one for one in some if one["pk"] != 3 or one["model"] != "workshops.person"])
    assert (told(run), notes(run)) == (
        {"workshops.person": ["3"]},
        ["workshops.person: AMY does not list 1 record any more that came before. It stays here; “Counts on both "
         "sides” names it."],
    )  # fmt: skip
    # an app that has no small list of its own, beside some models of another one
    recruiting = [one for one in things if one["model"] == "recruitment.instructorrecruitment"]
    assert told(brought(tmp_path, [*some, *recruiting])) == {}
    # a whole dump again: what it does not hold at all is gone
    assert told(brought(tmp_path, without(things))) == GONE
    assert told(first) == {}


def test_a_member_that_was_deleted_is_told(tmp_path: Path) -> None:
    """An organisation that is a membership's no more: it stays a party here. Each is counted on both sides."""
    things = [*register(), *made.training(), made.member(2, organization=2), made.member(3, organization=99)]
    for _twice in range(2):
        run = brought(tmp_path, things)
        line = next(one for one in amy_report.report(run).lines if one.model == "workshops.member")
        why = "membership: its membership or its organisation is not here: look why that was left out"
        assert (line.there, line.here, [(one.pk, one.why) for one in line.rejected], line.missing, line.state) == (
            3, 2, [("3", why)], [], "explained"
        )  # fmt: skip
    parties = AgreementParty.objects.count()
    for _twice in range(2):
        run = brought(
            tmp_path, [one for one in things if (one["model"], one["pk"]) != ("workshops.member", 2)]
        )
        assert told(run) == {"workshops.member": ["2"]}
        assert AgreementParty.objects.count() == parties == 1
    AgreementParty.objects.all().delete()  # somebody here took it out, too
    assert (
        told(
            brought(tmp_path, [one for one in things if one["model"] != "workshops.member" or one["pk"] == 1])
        )
        == {}
    )


def test_as_many_statements_for_three_as_for_one(tmp_path: Path) -> None:
    brought(tmp_path, register())
    for listed in ("23", ""):
        with CaptureQueriesContext(connection) as captured:
            found = not_listed({"workshops.person": numbers_of(listed)}, is_live=False)
        assert len(found["workshops.person"]) == 3 - len(listed)
        assert len(captured) == 4
