"""The import engine: staging, trying out, applying, going on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from folkmoot.kernel import clock, plugs
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions, changes, engine, queries
from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState, StagedRow
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.imports.sources import Part, Row, source_parts, sources
from folkmoot.kernel.jobs import actions as jobs
from folkmoot.kernel.jobs import runner
from folkmoot.kernel.jobs.models import JobState
from folkmoot.ledger.models import Item
from folkmoot.people.models import Person, Project, Tag, Term
from tests.factories import PersonFactory, ProjectFactory
from tests.kernel import made_up_source

FRIENDS = "name,tag\nAda,maths\nBo,\n,lost\nCy,maths\nDi,physics\n"
PROJECTS = "name,description\none,first\ntwo,?\nthree,third\n"
NOTHING = {"people": 0, "tags": 0, "projects": 0}
REJECTED = [
    {"file": "friends.csv", "line": 4, "field": "name", "reason": "is empty"},
    {"file": "projects.csv", "line": 3, "field": "description", "reason": "is a question mark"},
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    made_up_source.register()
    yield
    del sources._items["made-up"]
    for key in ("made-up.people.friends", "made-up.people.projects"):
        del source_parts._items[key]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_up_source.write(tmp_path / "in", FRIENDS, PROJECTS)


def start(folder: Path, **more: Any) -> ImportRun:
    said = {"apply_at_once": True, "actor": None, **more}
    return actions.start(source=made_up_source.SOURCE, path=folder, hold=True, **said)[0]


def work(run: ImportRun) -> ImportRun:
    assert run.job is not None
    runner.run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def do_import(folder: Path, **more: Any) -> ImportRun:
    return work(start(folder, **more))


def test_an_import_counts_what_it_did(folder: Path) -> None:
    run = do_import(folder)
    assert run.state == RunState.APPLIED
    assert queries.result(run) == {
        "created": {"people": 4, "tags": 2, "projects": 3},
        "updated": NOTHING,
        "unchanged": NOTHING,
        "rejected": REJECTED,
    }
    assert (run.staged, run.applied, StagedRow.objects.count()) == (7, 7, 0)
    history = Person.objects.get(name="Ada").history.get()
    assert history.history_change_reason == f"import {run.pk} (made-up)"


def test_the_same_again_changes_nothing(folder: Path) -> None:
    do_import(folder)
    again = do_import(folder)
    assert queries.result(again) == {
        "created": NOTHING,
        "updated": NOTHING,
        "unchanged": {"people": 4, "tags": 0, "projects": 3},
        "rejected": REJECTED,
    }
    assert again.changes.count() == 0


def test_a_changed_file_updates(folder: Path) -> None:
    do_import(folder)
    made_up_source.write(folder, FRIENDS, "name,description\none,first\ntwo,second\n")
    run = do_import(folder)
    assert run.counts["updated"] == {"people": 0, "tags": 0, "projects": 1}
    assert Project.objects.get(name="two").description == "second"
    change = run.changes.get()
    assert (change.before, change.after) == ({"description": "?"}, {"description": "second"})


def test_a_dry_run_foretells_exactly_and_changes_nothing(folder: Path) -> None:
    told: list[type[models.Model]] = []

    def note(model: type[models.Model], **kwargs: Any) -> None:
        told.append(model)

    rows_changed.connect(note)
    try:
        run = do_import(folder, apply_at_once=False)
        assert run.state == RunState.STAGED
        foretold = queries.result(run)
        assert (Person.objects.count(), Tag.objects.count(), run.changes.count(), told) == (0, 0, 0, [])

        run = actions.confirm(run=run, actor=None, hold=True)
        run = work(run)
        assert queries.result(run) == foretold
        assert (run.state, Person.objects.count()) == (RunState.APPLIED, 4)
        assert told == [Person, Tag, Person.tags.through, Person, Tag, Person.tags.through, Project, Project]
        assert list(RejectedRow.objects.values_list("is_foretold", flat=True)) == [False, False]
    finally:
        rows_changed.disconnect(note)


@pytest.mark.parametrize(
    ("projects", "error"),
    [
        ("title,description\nx,y\n", {"line": 1, "field": "name", "reason": "has no column name"}),
        (
            "name,description\none,first\ntwo",
            {"line": 3, "field": "", "reason": "is cut off or has a cell too many"},
        ),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    folder: Path, projects: str, error: dict[str, Any]
) -> None:
    made_up_source.write(folder, FRIENDS, projects)
    run = do_import(folder)
    assert (run.state, run.error) == (RunState.REFUSED, {"file": "projects.csv", **error})
    assert queries.result(run)["rejected"] == [{"file": "projects.csv", **error}]
    assert (Person.objects.count(), StagedRow.objects.count(), RejectedRow.objects.count()) == (0, 0, 0)
    assert run.job is not None
    run.job.refresh_from_db()
    assert run.job.state == JobState.SUCCEEDED


def test_files_that_are_gone_are_refused(folder: Path, tmp_path: Path) -> None:
    run = start(folder)
    folder.rename(tmp_path / "elsewhere")
    run = work(run)
    assert run.state == RunState.REFUSED
    assert run.error["reason"] == "is not there: give the folder or file again"


def test_an_unfinished_import_of_the_same_files_goes_on(folder: Path) -> None:
    begun = start(folder)
    same, resumed = actions.start(
        source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True, hold=True
    )
    assert (same, resumed) == (begun, True)
    assert same.job == begun.job
    assert start(folder, options={"shout": "yes"}) != begun, "other options are another import"
    made_up_source.write(folder, FRIENDS + "Ed,\n", PROJECTS)
    assert start(folder) != begun, "other content is another import"


def test_an_import_that_stopped_goes_on_where_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: Part, rows: Sequence[Row], changes: changes.Changes) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(made_up_source.Projects, "apply", breaks)
        run = start(folder)
        with pytest.raises(OSError, match="the disk is full"):
            work(run)
    run.refresh_from_db()
    assert (run.state, run.applied, run.error["reason"]) == (RunState.FAILED, 4, "OSError: the disk is full")
    assert Person.objects.count() == 4

    again, resumed = actions.start(
        source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True, hold=True
    )
    assert (again, resumed) == (run, True)
    assert queries.result(work(again))["created"] == {"people": 4, "tags": 2, "projects": 3}


def test_a_cancelled_import_can_be_gone_on_with_or_undone(folder: Path) -> None:
    run = actions.start(source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True)[0]
    assert run.job is not None
    jobs.cancel(job=run.job, actor=None)
    run.refresh_from_db()
    assert (run.state, run.error["reason"]) == (RunState.FAILED, "cancelled")
    resumed = work(actions.resume(run=run, actor=None, hold=True))
    assert resumed.state == RunState.APPLIED


def test_a_row_the_database_refuses_is_listed_and_the_others_apply(folder: Path) -> None:
    made_up_source.write(folder, f"name,tag\nAda,\n{'x' * 201},\nBo,\n")
    (folder / "projects.csv").unlink()
    run = do_import(folder)
    assert set(Person.objects.values_list("name", flat=True)) == {"Ada", "Bo"}
    assert queries.result(run)["rejected"] == [
        {"file": "friends.csv", "line": 3, "field": "", "reason": "name has 201 characters; 200 fit"}
    ]
    assert run.counts["created"]["people"] == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\x00b", "holds a NUL character: remove it"),
        ("a\ud800", "holds half of a character (a lone surrogate): write the character again"),
        (float("nan"), "holds a value that cannot be kept: Out of range float values are not JSON compliant"),
        (b"x", "holds a value that cannot be kept: Object of type bytes is not JSON serializable"),
    ],
)
def test_what_json_cannot_keep_on_both_databases_is_named(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match="holds") as refusal:
        engine.plain({"name": value})
    assert str(refusal.value).startswith(reason)
    assert engine.plain({"day": dt.date(2026, 4, 1)}) == {"day": "2026-04-01"}


def test_a_newer_reading_of_the_same_files_replaces_what_was_to_mend(folder: Path, alice: User) -> None:
    first = do_import(folder)
    source = plugs.today_sources.get("imports.rejected")
    (item,) = source.find(alice, clock.now(), 10)
    assert item.title == "2 rows could not be read"
    assert item.why == f"import {first.pk} of {folder}; first: line 4 of friends.csv"
    assert item.action_url == f"/imports/{first.pk}/rejected/"

    made_up_source.write(folder, FRIENDS, "name,description\none,first\n")
    second = do_import(folder)
    (item,) = source.find(alice, clock.now(), 10)
    assert (item.key, item.title) == (f"imports.rejected:{second.pk}", "1 row could not be read")

    assert actions.dismiss_rejected(run=second, actor=alice) == 1
    assert actions.dismiss_rejected(run=second, actor=alice) == 0
    assert list(source.find(alice, clock.now(), 10)) == []


def test_today_tells_only_those_who_may_import_it(folder: Path, bob: User, charlie: User) -> None:
    do_import(folder)
    source = plugs.today_sources.get("imports.rejected")
    assert list(source.find(bob, clock.now(), 10)) == []
    assert list(source.find(charlie, clock.now(), 10)) == []


def test_what_changed_nothing_can_be_removed(folder: Path) -> None:
    waiting = do_import(folder, apply_at_once=False)
    actions.discard(run=waiting, actor=None)
    assert ImportRun.objects.count() == 0
    applied = do_import(folder)
    with pytest.raises(actions.ImportStateError, match="undo it instead"):
        actions.discard(run=applied, actor=None)


# -- Changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "name", "value", "kept"),
    [
        (Person, "joined_on", dt.date(2026, 4, 1), "2026-04-01"),
        (Person, "joined_on", None, None),
        (
            Person,
            "archived_at",
            dt.datetime(2026, 4, 1, 12, 30, 1, 5, tzinfo=dt.UTC),
            "2026-04-01T12:30:01.000005+00:00",
        ),
        (
            Person,
            "archived_at",
            dt.datetime(2026, 4, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2026-04-01T10:00:00+00:00",
        ),
        (Person, "name", "Zoë", "Zoë"),
        (Project, "kind", Project.Kind.LESSON, "lesson"),
        (Project, "is_archived", True, True),
        (Term, "project_id", 7, 7),
        (Item, "labels", ["a", {"b": 1}], ["a", {"b": 1}]),
        (Item, "external_id", "x/1", "x/1"),
    ],
)
def test_values_come_back_from_json_as_they_were(
    model: type[models.Model], name: str, value: Any, kept: Any
) -> None:
    assert changes.to_json(model, name, value) == kept
    assert type(changes.to_json(model, name, value)) is type(kept)
    assert changes.from_json(model, name, kept) == value


def test_a_decimal_comes_back_as_one() -> None:
    class Priced(models.Model):  # noqa: DJ008
        price = models.DecimalField(max_digits=8, decimal_places=2)

        class Meta:
            app_label = "kernel"
            managed = False

    try:
        assert changes.to_json(Priced, "price", Decimal("1.10")) == "1.10"
        assert changes.from_json(Priced, "price", "1.10") == Decimal("1.10")
    finally:
        from django.apps import apps

        del apps.all_models["kernel"]["priced"]
        apps.clear_cache()


def test_update_compares_by_the_fields_own_type() -> None:
    run = ImportRun.objects.create(source="made-up", origin="x", path="x")
    person = PersonFactory.create(name="Ada", joined_on=dt.date(2026, 4, 1))
    some = changes.Changes(run)
    assert some.update(Person, [(person, {"joined_on": "2026-04-01"})], counter="people") == 0
    assert some.counts == {"created": {}, "updated": {}, "unchanged": {"people": 1}}
    assert some.update(Person, [(person, {"joined_on": "2026-04-02"})], counter="people") == 1
    person.refresh_from_db()
    assert person.joined_on == dt.date(2026, 4, 2)
    with pytest.raises(ValidationError):
        some.update(Person, [(person, {"joined_on": "yesterday"})], counter="people")
    with pytest.raises(LookupError, match="has no field 'nonsense'"):
        some.update(Person, [(person, {"nonsense": 1})], counter="people")


def test_the_same_row_twice_in_one_update_ends_at_the_last_value() -> None:
    run = ImportRun.objects.create(source="made-up", origin="x", path="x")
    project = ProjectFactory.create(description="zero")
    twin = Project.objects.get(pk=project.pk)
    some = changes.Changes(run)
    some.update(
        Project, [(project, {"description": "one"}), (twin, {"description": "two"})], counter="projects"
    )
    assert Project.objects.get(pk=project.pk).description == "two"
    told = [(c.before, c.after) for c in run.changes.order_by("pk")]
    assert told == [
        ({"description": "zero"}, {"description": "one"}),
        ({"description": "one"}, {"description": "two"}),
    ]


def test_uploads_and_imports_nobody_confirmed_go_after_30_days(
    folder: Path, tmp_path: Path, settings: Any
) -> None:
    import os

    settings.DATA_DIR = tmp_path / "data"
    old, young = (settings.DATA_DIR / "imports" / name for name in ("new-old", "new-young"))
    for upload in (old, young):
        upload.mkdir(parents=True)
    then = (clock.now() - dt.timedelta(days=31)).timestamp()
    os.utime(old, (then, then))
    waiting = do_import(folder, apply_at_once=False)
    applied = do_import(folder, options={"shout": "yes"})
    ImportRun.objects.update(created_at=timezone.now() - dt.timedelta(days=31))

    job = runner.run_in_foreground(jobs.enqueue(kind="imports.clean", hold=True))

    assert (old.exists(), young.exists()) == (False, True)
    assert list(ImportRun.objects.all()) == [applied]
    assert waiting.pk != applied.pk
    assert job.outcome["uploads"] == 1
