"""When a consent changed, whoever wrote it: a page, an import, a merge, the undo of either, plain SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportChange, ImportRun
from folkmoot.people.actions import consents as actions
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Consent, ConsentKind, Merge, MergedRow, Person
from folkmoot.people.queries import consents as queries
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import applied, undone

pytestmark = pytest.mark.django_db
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def kind() -> ConsentKind:
    found: ConsentKind = ConsentKind.objects.get_or_create(slug="contact", defaults={"name": "Contact"})[0]
    return found


def said(kind: ConsentKind, person: Person | None = None, *, is_given: bool = True, day: int = 1) -> Consent:
    at = LONG_AGO + dt.timedelta(days=day)
    person = person or PersonFactory()
    return Consent.objects.create(person=person, kind=kind, is_given=is_given, decided_at=at)


def age() -> None:
    """As if nothing had been written since long ago."""
    Consent.objects.update(updated_at=LONG_AGO)


def changed_by(write: Callable[[], Any]) -> set[int]:
    """What is told as changed since just before this; SQLite's own clock counts milliseconds."""
    age()
    since = clock.now() - dt.timedelta(milliseconds=2)
    write()
    return {row.pk for row in queries.changed_since(queries.with_change(queries.said()), since)}


def test_nothing_changed(kind: ConsentKind) -> None:
    said(kind)
    assert changed_by(lambda: None) == set()


def test_a_newer_word_changes_the_older_ones_of_the_same_person_and_kind(kind: ConsentKind) -> None:
    ana = PersonFactory()
    other = ConsentKind.objects.create(slug="other", name="Other")
    first, _elsewhere, _theirs = said(kind, ana), said(other, ana), said(kind)
    made: list[Consent] = []
    assert changed_by(lambda: made.append(said(kind, ana, is_given=False, day=2))) == {first.pk, made[0].pk}


def test_what_was_said_long_ago_is_told_when_it_is_written_down(kind: ConsentKind, alice: User) -> None:
    ana = PersonFactory()
    made: list[Consent] = []

    def write() -> None:
        row = actions.record_consent(
            person=ana, kind=kind, is_given=True, source="mail", note="of May", actor=alice,
            said_on=dt.date(2021, 5, 3),
        )  # fmt: skip
        made.append(row)

    assert changed_by(write) == {made[0].pk}


def _by_update(row: Consent) -> None:
    Consent.objects.filter(pk=row.pk).update(is_given=False)


def _by_bulk_update(row: Consent) -> None:
    row.is_given = False
    Consent.objects.bulk_update([row], ["is_given"])


def _by_save(row: Consent) -> None:
    row.is_given = False
    row.save(update_fields=["is_given"])


def _by_sql(row: Consent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_consent SET source = 'elsewhere' WHERE id = %s", [row.pk])


@pytest.mark.parametrize("write", [_by_update, _by_bulk_update, _by_save, _by_sql])
def test_whoever_writes_a_row(kind: ConsentKind, write: Callable[[Consent], None]) -> None:
    row, _other = said(kind), said(kind)
    assert changed_by(lambda: write(row)) == {row.pk}


def test_what_is_not_told_changes_nothing(kind: ConsentKind) -> None:
    row = said(kind)
    assert changed_by(lambda: Consent.objects.filter(pk=row.pk).update(note="of May")) == set()


def test_a_merge_and_its_undo(kind: ConsentKind, alice: User) -> None:
    """The newest word of one that goes ends what the other said; taken back, that holds again."""
    stays, goes = PersonFactory(), PersonFactory()
    older, newer = said(kind, stays), said(kind, goes, is_given=False, day=2)
    other = said(kind)
    merges: list[Merge] = []
    assert changed_by(lambda: merges.append(merge_people(survivor=stays, gone=goes, actor=alice))) == {
        older.pk,
        newer.pk,
    }
    assert changed_by(lambda: unmerge(merge=merges[0], actor=alice)) == {older.pk, newer.pk}
    assert set(queries.said().values_list("pk", "is_newest")) == {
        (row.pk, True) for row in (older, newer, other)
    }


def test_an_import_and_its_undo(kind: ConsentKind, tmp_path: Path) -> None:
    """What was said before is the newest word again, once the import is taken back."""
    ana = PersonFactory(name="Ana")
    IdentityFactory(system="email", value="ana@example.org", person=ana)
    stays = said(kind, ana)
    path = tmp_path / "people.csv"
    path.write_text("name,email,consent_contact\nAna,ana@example.org,2021-05-03\n")
    runs: list[ImportRun] = []
    told = changed_by(lambda: runs.append(applied("people.csv", path)))
    assert told == {stays.pk, Consent.objects.exclude(pk=stays.pk).get().pk}
    assert changed_by(lambda: undone(runs[0])) == {stays.pk}
    assert Consent.objects.get() == stays


@pytest.mark.parametrize("asks_again", [False, True])
def test_words_that_ask_anew(kind: ConsentKind, asks_again: bool) -> None:
    row, _other = said(kind), said(ConsentKind.objects.create(slug="other", name="Other"))
    kind.texts.create(version=1, text="You may write to me.")

    def write() -> None:
        words = {"en": "You may write to me, and call."}
        actions.add_consent_text(kind=kind, texts=words, asks_again=asks_again, actor=None)

    assert changed_by(write) == ({row.pk} if asks_again else set())


def test_a_kind_that_is_archived(kind: ConsentKind) -> None:
    row, _other = said(kind), said(ConsentKind.objects.create(slug="other", name="Other"))
    for archived in (True, False):
        archive = partial(actions.archive_consent_kind, kind=kind, archived=archived, actor=None)
        assert changed_by(archive) == {row.pk}
    assert changed_by(lambda: ConsentKind.objects.update(name="Mails")) == set()


def test_rows_from_before_take_the_best_known_moment(kind: ConsentKind, tmp_path: Path, alice: User) -> None:
    """Of what the migration finds: when it was said, or later when an import or a merge wrote it."""
    migration = import_module("folkmoot.people.migrations.0009_consents_changed")
    path = tmp_path / "people.csv"
    path.write_text("name,email,consent_contact\nAna,ana@example.org,2021-05-03\n")
    run = applied("people.csv", path)
    brought, plain, moved, back = Consent.objects.get(), said(kind), said(kind, day=2), said(kind, day=3)
    one = merge_people(survivor=plain.person, gone=moved.person, actor=alice)
    two = merge_people(survivor=plain.person, gone=back.person, actor=alice)
    unmerge(merge=two, actor=alice)
    two.refresh_from_db()
    assert MergedRow.objects.filter(model="people.consent").count() == 2
    assert ImportChange.objects.filter(model="people.consent").count() == 1
    age()
    migration.best_known(apps, None)
    assert set(Consent.objects.values_list("pk", "updated_at")) == {
        (plain.pk, plain.decided_at),
        (moved.pk, one.made_at),
        (back.pk, two.undone_at),
        (brought.pk, run.applied_at),
    }
