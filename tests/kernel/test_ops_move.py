"""Moving to another database: everything arrives, the old one stays as it was."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections

from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops.move import move
from folkmoot.people.models import Person
from tests.factories import PersonFactory
from tests.kernel.houses import House, Houses
from tests.kernel.test_ops_backup import contents, digests, furnish


@pytest.fixture
def source(houses: Houses) -> House:
    house = houses.new()
    with house.inside():
        furnish()
    return house


def check(source: House, target: House, url: str) -> None:
    with source.inside():
        before = contents(sessions=True)
        moved = move(url)
        assert contents(sessions=True) == before
    with target.inside():
        after = contents(sessions=True)
        assert digests(after) == digests(before)
        assert {name: len(rows) for name, (rows, _) in after["tables"].items()} == moved.rows
        assert Session.objects.count() == 1
        highest = max(Person.history.values_list("id", flat=True))
        assert PersonFactory().pk == highest + 1


def test_to_a_new_database_of_the_same_kind(houses: Houses, source: House) -> None:
    target = houses.new(migrated=False)
    check(source, target, target.url)


@pytest.mark.postgres
def test_from_sqlite_to_postgresql_and_back(houses: Houses) -> None:
    source, target, back = houses.sqlite(), houses.postgresql(), houses.sqlite()
    with source.inside():
        furnish()
    check(source, target, target.url)
    check(target, back, back.url)


def test_a_target_that_holds_something(houses: Houses, source: House) -> None:
    target = houses.new()
    with target.inside():
        PersonFactory(name="Stays")
    with (
        source.inside(),
        pytest.raises(Problem, match=r"is not empty, it holds .*1 person.*name an empty database"),
    ):
        move(target.url)
    with target.inside():
        assert [person.name for person in Person.objects.all()] == ["Stays"]


def test_the_same_database(source: House) -> None:
    with source.inside(), pytest.raises(Problem, match="is the database in use"):
        move(source.url)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", ""])
def test_an_address_that_is_none(source: House, url: str) -> None:
    with source.inside(), pytest.raises(Problem, match="Name the target as sqlite:"):
        move(url)


def test_a_server_that_does_not_answer_and_no_password_is_shown(source: House) -> None:
    with source.inside(), pytest.raises(Problem) as told:
        move("postgres://me:hunter2hunter2@127.0.0.1:9/there")
    assert "there on 127.0.0.1 cannot be reached" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_foreign_database(houses: Houses, source: House) -> None:
    target = houses.new(migrated=False)
    with target.inside(), connections["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE recipes (id integer)")
    with source.inside(), pytest.raises(Problem, match="tables that are not Folkmoot's"):
        move(target.url)


def test_a_source_behind_the_code(houses: Houses) -> None:
    source, target = houses.sqlite(), houses.sqlite(migrated=False)
    with source.inside():
        call_command("migrate", "sessions", "zero", verbosity=0)
        with pytest.raises(Problem, match="run `folkmoot init` first"):
            move(target.url)


def test_a_write_in_the_middle_does_not_reach_the_copy(houses: Houses, source: House) -> None:
    target = houses.new()
    wrote = []

    def others_write(done: int, total: int | None, note: str) -> None:
        if note == "kernel_community" and not wrote:
            PersonFactory(name="Too late")
            wrote.append(True)

    with source.inside():
        before = contents(sessions=True)
        move(target.url, on_progress=others_write)
        assert wrote == [True]
    with target.inside():
        assert digests(contents(sessions=True)) == digests(before)
