"""AMY read by its API: the same things as a dump, cut and gone on with; and the counts on both sides."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner, Result

import folkmoot.kernel.commands
import folkmoot.people.commands  # noqa: F401 - registers itself
from folkmoot.connectors import amy as connector
from folkmoot.connectors.amy import Amy, AmyProblem, Trouble
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli
from folkmoot.kernel.imports.files import files_in, uploads
from folkmoot.kernel.imports.models import ImportRun, RunState, SeenRecord
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people.actions.amy import connect_amy, read_amy
from folkmoot.people.amy_plugs import NIGHTLY
from folkmoot.people.imports.amy import fetching, live
from folkmoot.people.models import AmyConnection, AmyInventory, Person
from folkmoot.people.queries import amy_report
from tests.amy import dump, server
from tests.amy.server import SESSION, TOKEN, World
from tests.people.importing import applied, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.HTTP_ALLOW = ["127.0.0.1"]
    settings.DATA_DIR = tmp_path
    world = server.filled()
    with server.running(world):
        yield world


def run_command(arguments: list[str]) -> Result:
    """A command; its answer is on standard output alone."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


def read(world: World) -> list[dict[str, Any]]:
    with Amy(world.url, token=TOKEN, session=SESSION, pause=lambda seconds: None) as amy:
        found = live.read(amy)
    assert (found.origin, found.options) == (world.url, {"live": world.url})
    return [json.loads(line) for line in found.path.read_text().splitlines()]


def by_key(things: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{one['model']}/{one['pk']}": one["fields"] for one in things}


def test_answers_become_the_things_of_a_dump(world: World) -> None:
    things = by_key(read(world))
    assert sorted(things) == [
        "workshops.award/3",
        "workshops.badge/instructor",
        "workshops.curriculum/swc-python",
        "workshops.event/7",
        "workshops.language/Spanish",
        "workshops.lesson/python-novice",
        "workshops.member/5/1",
        "workshops.membership/5",
        "workshops.organization/1",
        "workshops.organization/2",
        "workshops.person/1",
        "workshops.person/2",
        "workshops.role/instructor",
        "workshops.role/learner",
        "workshops.tag/SWC",
        "workshops.tag/online",
        "workshops.task/2027-03-01-harbour/berg_ola/learner",
        "workshops.task/2027-03-01-harbour/quispe_grace/instructor",
        "workshops.trainingrequirement/1",
    ]
    event = things["workshops.event/7"]
    named = ("host", "administrator", "membership", "assigned_to", "tags", "language", "curricula", "url")
    assert [event[name] for name in named] == [
        "1", "2", "5", "2", ["SWC", "online"], "Spanish", ["swc-python"], "https://harbour.example/2027"
    ]  # fmt: skip
    assert {"main_tag", "manual_attendance"}.isdisjoint(event)
    assert things["workshops.person/1"]["airport_iata"] == "LIM"
    assert things["workshops.award/3"] == {
        "person": "1", "badge": "instructor", "awarded": "2024-05-06", "event": None, "awarded_by": "2"
    }  # fmt: skip
    assert things["workshops.member/5/1"] == {"membership": "5", "organization": "1"}


def test_words_have_the_numbers_that_a_dump_told(world: World) -> None:
    run = ImportRun.objects.create(source="amy", state=RunState.APPLIED)
    AmyInventory.objects.create(run=run, model="workshops.tag", number=1, words={"SWC": "11"})
    assert by_key(read(world))["workshops.event/7"]["tags"] == ["11", "online"]


def test_names_that_several_have_lead_nowhere(world: World) -> None:
    twin = {**world.lists["/api/v2/membership"][0], "pk": 6}
    world.lists["/api/v2/membership"].append(twin)
    world.lists["/api/v2/award"][0]["person"] = "nobody"
    things = by_key(read(world))
    assert "membership" not in things["workshops.event/7"]
    assert "person" not in things["workshops.award/3"]


def test_a_cut_reading_leaves_nothing_and_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages are asked once each; no file is there to import before the last one came."""
    monkeypatch.setattr(connector, "PAGE_SIZE", 1)
    world.faults["/api/v2/task"] = [None, "cut", "cut", "cut", "cut"]
    with Amy(world.url, token=TOKEN, pause=lambda seconds: None) as amy:
        with pytest.raises(AmyProblem) as problem:
            live.read(amy)
        assert problem.value.trouble == Trouble.NETWORK
        assert [path.name for path in files_in(uploads()) if path.name == live.FILE] == []
        world.asked.clear()
        found = live.read(amy)
    assert world.asked[0].startswith("/api/v2/task?page=2")
    tasks = [line for line in found.path.read_text().splitlines() if '"workshops.task"' in line]
    assert len(tasks) == 2
    assert [one for one in world.asked if "/person" in one] == []


def test_after_a_day_it_begins_anew(world: World) -> None:
    world.faults["/api/v2/award"] = [403]
    with (
        time_machine.travel("2026-11-30 02:00 +0000", tick=False) as clock,
        Amy(world.url, token=TOKEN) as amy,
    ):
        with pytest.raises(AmyProblem):
            live.read(amy)
        clock.shift(dt.timedelta(days=1, minutes=1))
        world.asked.clear()
        live.read(amy)
    assert "/api/v2/organization?page_size=1000" in world.asked


def test_a_kept_connection_is_read_in_the_background(world: World, alice: User) -> None:
    connection = connect_amy(url=world.url + "/", token=TOKEN, session=SESSION, is_nightly=True, actor=alice)
    job = read_amy(connection=connection, apply=True, actor=alice)
    assert read_amy(connection=connection, apply=True, actor=alice).pk == job.pk
    run_in_foreground(job)
    run = ImportRun.objects.get()
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    assert (run.state, run.origin) == (RunState.APPLIED, world.url)
    assert TOKEN not in json.dumps(run.options)
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Grace Quispe", "Ola Berg"]
    connection.refresh_from_db()
    assert (connection.problem, connection.read_at is not None) == ("", True)


def test_a_reading_that_cannot_go_on_says_so_and_comes_back(world: World, alice: User) -> None:
    connection = connect_amy(url=world.url, token=TOKEN, actor=alice)
    world.faults["/api/v2/event"] = [500] * 4
    job = read_amy(connection=connection, apply=True, actor=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connector, "WAITS", (0.0, 0.0, 0.0))
        run_in_foreground(job)
    job.refresh_from_db()
    connection.refresh_from_db()
    assert "AMY answered with an error of its own." in connection.problem
    assert ImportRun.objects.count() == 0
    later = Job.objects.filter(kind=job.kind).exclude(pk=job.pk).get()
    assert later.due_at > job.created_at + dt.timedelta(minutes=14)
    run_in_foreground(later)
    assert ImportRun.objects.count() == 1


def test_on_the_command_line(world: World, alice: User) -> None:
    """By a token that is given, or kept for the address; cut, it says that the same command goes on."""
    world.faults["/api/v2/event"] = [403]
    broken = run_command(["import", "amy", "--url", world.url, "--token", TOKEN])
    assert broken.exit_code != 0
    assert "The same command goes on." in f"{broken.exception} {broken.stderr}"
    told = run_command(["import", "amy", "--url", world.url, "--token", TOKEN, "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["created"]["people"] == 2
    connect_amy(url=world.url, token=TOKEN, actor=alice)
    again = run_command(["import", "amy", "--url", world.url, "--json"])
    assert sum(json.loads(again.stdout)["created"].values()) == 0
    nothing = run_command(["import", "amy"])
    assert nothing.exit_code != 0


def test_every_night(world: World, alice: User) -> None:
    connect_amy(url=world.url, token=TOKEN, is_nightly=True, actor=alice)
    assert fetching.nightly(None) == {"connections": 1}  # type: ignore[arg-type]
    assert Job.objects.filter(kind="people.read_amy", arguments__apply=True).count() == 1
    AmyConnection.objects.update(is_nightly=False)
    assert fetching.nightly(None) == {"connections": 0}  # type: ignore[arg-type]
    assert NIGHTLY == "people.read_amy_nightly"


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"token": "wrong"}, "token"),
        ({"session": "wrong"}, "session"),
        ({"url": "amy"}, "url"),
        ({"token": ""}, "token"),
    ],
)
def test_a_connection_is_tried_before_it_is_kept(
    world: World, alice: User, said: dict[str, str], column: str
) -> None:
    with pytest.raises(ValidationError) as error:
        connect_amy(**{"url": world.url, "token": TOKEN, **said}, actor=alice)  # type: ignore[arg-type]
    assert list(error.value.error_dict) == [column]
    assert AmyConnection.objects.count() == 0


def test_pages(world: World, as_alice: Client) -> None:
    page = reverse("people:amy")
    assert "Not connected" in as_alice.get(page).content.decode()
    said = {"url": world.url, "token": TOKEN, "is_nightly": "on"}
    wrong = as_alice.post(reverse("people:amy_connect"), {**said, "token": "wrong"})
    assert wrong.status_code == 422
    as_alice.post(reverse("people:amy_connect"), said)
    connection = AmyConnection.objects.get()
    assert connection.token == TOKEN
    shown = as_alice.get(reverse("people:amy_connect")).content.decode()
    assert TOKEN not in shown
    as_alice.post(reverse("people:amy_read", args=[connection.pk]))
    job = Job.objects.get(kind="people.read_amy")
    run_in_foreground(job)
    run = ImportRun.objects.get()
    assert run.job is not None
    run_in_foreground(run.job)
    assert Person.objects.filter(name="Ola Berg").count() == 0
    assert f"/imports/{run.pk}/" in as_alice.get(page).content.decode()
    as_alice.post(reverse("people:amy_forget", args=[connection.pk]))
    assert AmyConnection.objects.count() == 0


# ---------------------------------------------------------------------------------------------------- the report


def register(tmp_path: Path, *things: dict[str, Any], name: str = "amy.json") -> ImportRun:
    return applied("amy", dump.write(tmp_path / name, list(things)))


def line(report: amy_report.Report, model: str) -> amy_report.Line:
    return next(one for one in report.lines if one.model == model)


def test_counts_on_both_sides(tmp_path: Path, settings: Any) -> None:
    """Equal, rejected with its reason, removed here, not listed any more, and not taken over with the reason."""
    settings.DATA_DIR = tmp_path / "data"
    people = [dump.person(n) for n in (1, 2, 3)]
    nameless = dump.person(4, personal="", middle="", family="")
    stays = {"model": "auth.group", "pk": 1, "fields": {"name": "trainers"}}
    first = register(tmp_path, *people, nameless, dump.organization(1), stays)
    report = amy_report.report(first)
    said = line(report, "workshops.person")
    assert (said.there, said.here, [one.pk for one in said.rejected], said.state) == (
        4,
        3,
        ["4"],
        "explained",
    )
    assert line(report, "workshops.organization").state == "equal"
    groups = line(report, "auth.group")
    assert (groups.state, groups.there, "rights are given here" in groups.why) == ("left", 1, True)
    assert report.is_whole
    second = register(tmp_path, *people[:2], dump.organization(1), stays, name="later.json")
    later = line(amy_report.report(second), "workshops.person")
    assert (later.there, later.here, [one.pk for one in later.unlisted]) == (2, 2, ["3"])
    assert Person.objects.count() == 3
    SeenRecord.objects.filter(key="workshops.person/1").update(
        row="987654"
    )  # as when somebody removed the person
    gone = line(amy_report.report(second), "workshops.person")
    assert (gone.here, [one.pk for one in gone.removed], gone.state) == (1, ["1"], "explained")
    SeenRecord.objects.filter(key="workshops.person/2").delete()
    gap = amy_report.report(second)
    assert ([one.pk for one in line(gap, "workshops.person").missing], gap.is_whole) == (["2"], False)


def test_an_undone_import_is_counted_no_more(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "data"
    run = register(tmp_path, dump.person(1))
    assert amy_report.runs_to_report() == [run]
    undone(run)
    assert (amy_report.runs_to_report(), AmyInventory.objects.count()) == ([], 0)


def test_the_report_as_page_file_and_command(tmp_path: Path, settings: Any, as_alice: Client) -> None:
    settings.DATA_DIR = tmp_path / "data"
    page = reverse("people:amy_report")
    assert "Nothing was imported from AMY yet" in as_alice.get(page).content.decode()
    assert as_alice.get(reverse("people:amy_report_file")).status_code == 404
    run = register(tmp_path, dump.person(1), dump.person(2, personal="", middle="", family=""))
    shown = as_alice.get(page).content.decode()
    assert "AMY listed 2 records; 1 are here" in shown
    assert "workshops.person" in shown
    answer = as_alice.get(reverse("people:amy_report_file"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["model"], row["in AMY"], row["came"], row["rejected"]) for row in rows if row["in AMY"]] == [
        ("workshops.person", "2", "1", "1")
    ]
    assert [row["number in AMY"] for row in rows if row["state"] == "rejected"] == ["2"]
    told = run_command(["amy-report", "--json"])
    assert told.exit_code == 0
    assert {name: json.loads(told.stdout)[name] for name in ("run", "there", "here", "is_whole")} == {
        "run": run.pk, "there": 2, "here": 1, "is_whole": True
    }  # fmt: skip
    SeenRecord.objects.all().delete()
    assert run_command(["amy-report"]).exit_code == 1
