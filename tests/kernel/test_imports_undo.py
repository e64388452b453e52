"""Undoing an import: exactly what it did, nothing that others built on since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from folkmoot.kernel import audit
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions, changes, queries, undo
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RunState
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.imports.sources import source_parts, sources
from folkmoot.kernel.jobs import runner
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Identity, Note, Person, Project, RoleKind, Tag, Team, Term
from tests.factories import ActivityFactory, IdentityFactory, PersonFactory, ProjectFactory, TeamFactory
from tests.kernel import made_up_source

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
    return made_up_source.write(
        tmp_path / "in",
        "name,tag\nAda,maths\nBo,\nCy,maths\nDi,physics\n",
        "name,description\none,first\ntwo,second\n",
    )


def do_import(folder: Path) -> ImportRun:
    run, _resumed = actions.start(
        source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True, hold=True
    )
    return work(run)


def do_undo(run: ImportRun, actor: User | None = None) -> ImportRun:
    return work(actions.undo(run=run, actor=actor, hold=True))


def work(run: ImportRun) -> ImportRun:
    assert run.job is not None
    runner.run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def outcome(run: ImportRun) -> dict[str, Any]:
    assert run.job is not None
    run.job.refresh_from_db()
    return {name: run.job.outcome[name] for name in ("removed", "restored", "kept")}


def kept(run: ImportRun) -> list[tuple[str, str]]:
    return [(row["name"], row["reason"]) for row in queries.describe(list(queries.kept_of(run)))]


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the register and the ledger, history apart."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=str)
        for label in ("people", "ledger")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if not hasattr(model, "history_object")
    }


def made(model: type[models.Model], rows: list[models.Model], run: ImportRun) -> None:
    changes.Changes(run).create(model, rows, counter="")


@pytest.fixture
def run() -> ImportRun:
    return ImportRun.objects.create(source="made-up", origin="x", path="x", state=RunState.APPLIED)


@pytest.mark.parametrize("chunk", [1, 2, 300])
def test_everything_is_as_it_was(
    folder: Path, alice: User, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(undo, "CHUNK", chunk)
    PersonFactory.create(name="Ada")
    ProjectFactory.create(name="two", description="old")
    before = everything()
    run = do_import(folder)
    assert everything() != before

    run = do_undo(run, actor=alice)

    assert everything() == before
    assert (run.state, run.undone_by) == (RunState.UNDONE, alice)
    assert outcome(run) == {
        "removed": {"people": 3, "tags": 2, "projects": 1, "person-tag relationships": 3},
        "restored": 1,
        "kept": 0,
    }
    gone = Person.history.get(name="Bo", history_type="-")
    assert (gone.history_change_reason, gone.history_user) == (f"undo of import {run.pk} (made-up)", alice)
    with pytest.raises(actions.ImportStateError, match="undone already"):
        actions.undo(run=run, actor=alice)


def test_what_would_stay_is_foretold_and_nothing_changes(folder: Path, alice: User) -> None:
    run = do_import(folder)
    Note.objects.create(person=Person.objects.get(name="Bo"), body="Met in Bergen.", author=alice)
    before = everything()

    foretold = undo.foretell_undo(run)

    assert everything() == before
    assert foretold.undone.as_json() == {
        "removed": {"people": 3, "tags": 2, "projects": 2, "person-tag relationships": 3},
        "restored": 0,
        "kept": 1,
    }
    assert [row["name"] for row in queries.describe(list(foretold.kept))] == ["Bo"]
    assert outcome(do_undo(run)) == foretold.undone.as_json()


def test_what_something_else_points_at_stays(folder: Path, alice: User) -> None:
    run = do_import(folder)
    Note.objects.create(person=Person.objects.get(name="Bo"), body="Met in Bergen.", author=alice)
    ActivityFactory.create(project=Project.objects.get(name="one"), identity=None, item=None)
    PersonFactory.create(name="Eve").tags.add(Tag.objects.get(name="physics"))

    run = do_undo(run)

    assert kept(run) == [
        ("one", "activity points at it"),
        ("physics", "person-tag relationship points at it"),
        ("Bo", "note points at it"),
    ]
    assert set(Person.objects.values_list("name", flat=True)) == {"Bo", "Eve"}


def test_what_somebody_edited_stays(folder: Path, alice: User) -> None:
    run = do_import(folder)
    person = Person.objects.get(name="Cy")
    person.pronouns = "they/them"
    person.save()

    run = do_undo(run)

    assert kept(run) == [("Cy", "it was changed since")]
    assert list(Person.objects.values_list("name", "pronouns")) == [("Cy", "they/them")]
    assert outcome(run)["kept"] == 1


def test_what_another_import_changed_since_stays_until_that_is_undone(folder: Path) -> None:
    first = do_import(folder)
    (folder / "projects.csv").write_text("name,description\none,better\ntwo,second\n")
    second = do_import(folder)

    first = do_undo(first)
    assert kept(first) == [("one", f"import {second.pk} changed it since")]
    second = do_undo(second)
    assert Project.objects.get().description == "first"
    first = do_undo(first)  # asked again of what stayed
    assert (kept(first), Project.objects.count()) == ([], 0)


def test_only_values_that_are_still_the_imports_are_put_back(run: ImportRun) -> None:
    project = ProjectFactory.create(name="one", description="old", website="https://old.example.org")
    wanted = {"description": "new", "website": "https://new.example.org", "is_archived": True}
    changes.Changes(run).update(Project, [(project, wanted)], counter="projects")
    project.description = "by hand"
    project.save()

    run = do_undo(run)

    project.refresh_from_db()
    assert (project.description, project.website, project.is_archived) == (
        "by hand",
        "https://old.example.org",
        False,
    )
    assert kept(run) == [("one", "description: changed since")]
    change = run.changes.get()
    assert (change.before, change.after) == ({"description": "old"}, {"description": "new"})


def test_values_go_back_in_their_own_types(run: ImportRun) -> None:
    moment = dt.datetime(2026, 4, 1, 12, 30, 0, 7, tzinfo=dt.UTC)
    person = PersonFactory.create(name="Ada", joined_on=dt.date(2024, 2, 29), archived_at=moment)
    changes.Changes(run).update(
        Person, [(person, {"joined_on": None, "archived_at": None})], counter="people"
    )

    do_undo(run)

    person.refresh_from_db()
    assert (person.joined_on, person.archived_at) == (dt.date(2024, 2, 29), moment)


def test_rows_of_one_import_that_point_at_each_other_all_go(run: ImportRun) -> None:
    """Whatever the order in which they were made, and though the database protects them."""
    person = Person(name="Ada", sort_key="ada")
    made(Person, [person], run)
    identity = Identity(person=person, system="github", value="Ada", folded="ada")
    made(Identity, [identity], run)
    item = Item(kind="issue", source="test", external_id="1")
    made(Item, [item], run)
    opened = Activity(
        kind="item.opened",
        identity=identity,
        item=item,
        occurred_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC),
        source="test",
        external_id="1",
    )
    made(Activity, [opened], run)
    # A row that was made before the one it points at: its turn comes after, so that the other waits for it.
    first = ImportChange.objects.order_by("pk").first()
    assert first is not None
    ImportChange.objects.filter(pk=first.pk).update(id=first.pk + 10_000)

    run = do_undo(run)

    assert kept(run) == []
    assert [model.objects.count() for model in (Person, Identity, Item, Activity)] == [0, 0, 0, 0]


def test_a_row_stays_when_a_row_of_the_same_import_that_points_at_it_stays(run: ImportRun) -> None:
    person = Person(name="Ada", sort_key="ada")
    made(Person, [person], run)
    identity = Identity(person=person, system="github", value="Ada", folded="ada")
    made(Identity, [identity], run)
    ActivityFactory.create(identity=identity, item=None)

    run = do_undo(run)

    assert kept(run) == [("github:Ada", "activity points at it"), ("Ada", "identity points at it")]


def test_a_reference_whose_target_is_gone_is_not_put_back(run: ImportRun) -> None:
    old, new = TeamFactory.create(name="Old team"), TeamFactory.create(name="New team")
    term = Term.objects.create(
        person=PersonFactory.create(name="Ada"),
        role_kind=RoleKind.objects.create(slug="x", name="Editor"),
        team=old,
    )
    changes.Changes(run).update(Term, [(term, {"team_id": new.pk})], counter="terms")
    old.delete()

    run = do_undo(run)

    assert kept(run) == [("Ada: Editor", "team_id: what it pointed at is gone")]
    assert Team.objects.get() == new


def test_what_an_area_made_that_is_not_installed_any_more_stays_and_says_why(run: ImportRun) -> None:
    row = ImportChange.objects.create(
        run=run, model="gone.thing", object_id=7, action=ImportChange.CREATED, after={}
    )

    run = do_undo(run)

    row.refresh_from_db()
    assert (row.undone, row.kept_reason) == (False, "its area is not installed here any more")
    assert outcome(run) == {"removed": {}, "restored": 0, "kept": 1}


def test_a_value_that_somebody_else_has_now_is_not_put_back(run: ImportRun) -> None:
    project = ProjectFactory.create(name="one")
    changes.Changes(run).update(Project, [(project, {"name": "two", "folded": "two"})], counter="projects")
    ProjectFactory.create(name="one")

    run = do_undo(run)

    assert kept(run) == [
        ("two", "name: another row has this value now; folded: another row has this value now")
    ]


def test_what_somebody_removed_already_is_no_hindrance(folder: Path) -> None:
    run = do_import(folder)
    Person.objects.filter(name="Bo").delete()
    run = do_undo(run)
    assert (run.state, kept(run), Person.objects.count()) == (RunState.UNDONE, [], 0)


def test_a_half_applied_import_can_be_undone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(made_up_source.Projects, "apply", breaks)
    run, _ = actions.start(
        source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True, hold=True
    )
    with pytest.raises(OSError, match="full"):
        work(run)
    run = do_undo(run)
    assert (run.state, Person.objects.count(), Tag.objects.count(), run.rows.count()) == (
        RunState.UNDONE,
        0,
        0,
        0,
    )


def test_what_is_being_worked_on_is_not_undone(folder: Path) -> None:
    run, _ = actions.start(source=made_up_source.SOURCE, path=folder, actor=None, apply_at_once=True)
    with pytest.raises(actions.ImportStateError, match="there is nothing to undo"):
        actions.undo(run=run, actor=None)


def test_others_are_told_of_every_row(folder: Path) -> None:
    run = do_import(folder)
    told: dict[type[models.Model], set[int]] = {}

    def note(model: type[models.Model], ids: list[int], **kwargs: Any) -> None:
        told.setdefault(model, set()).update(ids)

    people = set(Person.objects.values_list("pk", flat=True))
    rows_changed.connect(note)
    try:
        do_undo(run)
    finally:
        rows_changed.disconnect(note)
    assert told[Person] == people
    assert set(told) == {Person, Project, Tag, Person.tags.through}


def test_relations_come_from_the_schema() -> None:
    """A table that points at a person and is forgotten would lose rows: the list must come from Django itself."""
    found = {(f.model._meta.label, f.name) for f in undo.relations_to(Person)}
    asked = {
        (relation.related_model._meta.label, relation.field.name)
        for relation in Person._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and relation.field.concrete
        and not relation.many_to_many
        if not hasattr(relation.related_model, "history_object")
    }
    through = (Person.tags.through._meta.label, "person")
    assert found == asked | {through}
    assert ("people.Note", "person") in found
    assert not any(label.startswith("people.Historical") for label, _name in found)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_pointed_at_is_never_torn_out() -> None:
    """The last line of defence: the database itself refuses."""
    identity = IdentityFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        audit.bulk_delete(Person, [identity.person], reason="a test")
    assert connection.is_usable()
    assert Person.objects.count() == 1
