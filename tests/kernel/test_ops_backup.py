"""Backup and restore: everything is in it, nothing else changes, and what is damaged is said in words."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader

from folkmoot.home.models import Assignment
from folkmoot.kernel import secrets
from folkmoot.kernel.accounts.actions import add_user
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.community import Community
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.ops import fresh, load, media, streams
from folkmoot.kernel.ops.archive import FORMAT, Backup
from folkmoot.kernel.ops.backup import take
from folkmoot.kernel.ops.rebuild import derived_labels
from folkmoot.kernel.ops.restore import restore
from folkmoot.kernel.ops.snapshot import applied, apps_at, snapshot, tips
from folkmoot.kernel.ops.tables import (
    LEFT_OUT,
    Tally,
    all_tables,
    kept_tables,
    line_of,
    moved_tables,
    rows_of,
)
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Note, Person, SourceRecord, Tag, Term
from tests.factories import ActivityFactory, IdentityFactory, PersonFactory, TagFactory, TermFactory
from tests.kernel.houses import House, Houses

ODD = "Ana \u202e\U0001f469\u200d\U0001f4bb\t'\"\\N \\. \n,{}$1%s%%"
DETAIL = {"z": 1.0, "a": [None, True, -0.5, 10**18, 1e16, {"$json": None}], "ü": "\U0001f389\\u0000", "": {}}


def furnish() -> None:
    """Rows with every kind of value, histories and links, and two files."""
    ana = PersonFactory(name=ODD)
    ana.tags.add(TagFactory(name="maths"), TagFactory(name="münze"))
    ana.name = ODD + "!"
    ana.save()  # a second row of history
    identity = IdentityFactory(person=ana)
    Note.objects.create(person=ana, body="line\r\nline\u2028end")
    TermFactory(person=ana, started_on=dt.date(1, 1, 1), ended_on=dt.date(9999, 12, 31))
    SourceRecord.objects.create(source="s", part="p", key="k", payload=DETAIL, person=ana)
    SourceRecord.objects.create(source="s", part="p", key="list", payload=[], person=ana)
    SourceRecord.objects.create(source="s", part="p", key="wrapped", payload={"$json": {"a": 1}}, person=ana)
    ActivityFactory(identity=identity, occurred_at=dt.datetime(2026, 5, 4, 12, 0, 0, 1, tzinfo=dt.UTC))
    ActivityFactory(identity=None, occurred_at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), detail={"x": 0.1})
    user = add_user(email="ana@example.org", name="Ana", password="correct horse battery")
    Job.objects.create(kind="none", outcome=None, created_by=user, arguments={"n": 1})
    Session.objects.create(
        session_key="key-that-signs-in", session_data="x", expire_date=dt.datetime.now(dt.UTC)
    )
    PersonFactory.create_batch(3)
    Person.objects.order_by("pk").last().delete()  # its number must not be given again
    default_storage.save("logos/é moot.png", ContentFile(b"\x89PNG" + bytes(range(256)) * 40))
    default_storage.save("empty.txt", ContentFile(b""))


def contents(*, sessions: bool = False) -> dict[str, Any]:
    """Every row of every table that is copied, as plain values, and every file."""
    found: dict[str, Any] = {}
    for table in moved_tables(apps):
        if sessions or table.label not in LEFT_OUT:
            tally = Tally()
            rows = []
            for row in table.rows(connections["default"]):
                if "search.rebuild" in row:
                    continue  # queued by every restore
                tally.add(row)
                rows.append(json.dumps(row, sort_keys=True))
            found[table.name] = (sorted(rows), tally.digest)
    files = {}
    for name in media.names():
        with default_storage.open(name) as file:
            files[name] = file.read()
    return {"tables": found, "files": files}


def digests(all_of_it: dict[str, Any]) -> dict[str, str]:
    return {name: digest for name, (_, digest) in all_of_it["tables"].items()}


@pytest.fixture(scope="module")
def _furnished(
    _all_houses: Houses, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> tuple[House, Path]:
    """A furnished house and its backup; nobody changes either."""
    path = tmp_path_factory.mktemp("saved") / "it.backup"
    with django_db_blocker.unblock():
        house = _all_houses.new()
        with house.inside():
            furnish()
            take(path, None)
    return house, path


@pytest.fixture
def source(_furnished: tuple[House, Path], db: None) -> House:
    return _furnished[0]


@pytest.fixture
def saved(_furnished: tuple[House, Path], db: None) -> Path:
    return _furnished[1]


@pytest.fixture
def key(tmp_path: Path) -> streams.Key:
    return streams.Key(streams.new_key()[0], origin="test")


# --- which tables


def test_every_table_of_the_database_is_accounted_for(db: None) -> None:
    """Asked of the database itself: a table that is neither copied nor named as left out would be lost."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%%'")
            virtual = {row[0] for row in cursor.fetchall()}
            there = {
                name for name in there if not any(name == v or name.startswith(f"{v}_") for v in virtual)
            }
    by_label = {table.label: table.name for table in all_tables(apps)}
    assert set(LEFT_OUT) | derived_labels() <= set(by_label)
    accounted = {table.name for table in kept_tables(apps)}
    accounted |= {by_label[label] for label in LEFT_OUT} | {by_label[label] for label in derived_labels()}
    assert there - {"django_migrations"} == accounted


def test_histories_and_links_are_tables_too() -> None:
    labels = {table.label for table in kept_tables(apps)}
    assert {"people.historicalperson", "people.person_tags", "ledger.activity", "kernel.user"} <= labels


def test_only_sessions_and_the_search_stay_behind() -> None:
    assert set(LEFT_OUT) == {"sessions.session"}
    assert derived_labels() == {"kernel.changedrow", "kernel.searchentry", "kernel.searchspelling"}


# --- there and back


def test_round_trip(houses: Houses, source: House, saved: Path) -> None:
    with source.inside():
        before = contents()
        assert len(before["tables"]["ledger_activity"][0]) == 2
    target = houses.new(migrated=False)
    with target.inside():
        restored = restore(saved, None)
        assert contents() == before
        assert restored.files == 2
        assert restored.rows == sum(len(rows) for rows, _ in before["tables"].values())
        assert not Session.objects.exists()
        assert User.objects.get().check_password("correct horse battery")
        record = SourceRecord.objects.get(key="k")
        assert record.payload == DETAIL
        assert SourceRecord.objects.get(key="wrapped").payload == {"$json": {"a": 1}}
        assert Person.history.filter(name__startswith="Ana").count() == 2
        assert applied(connections["default"])[1] == set(applied(connections["default"])[0].graph.nodes)
    with source.inside():
        assert contents() == before


def test_numbers_are_not_given_twice(houses: Houses, saved: Path) -> None:
    target = houses.new()
    with target.inside():
        restore(saved, None)
        highest = max(Person.history.values_list("id", flat=True))
        assert highest not in Person.objects.values_list("id", flat=True)
        assert PersonFactory().pk == highest + 1
        assert PersonFactory().pk == highest + 2


def test_search_is_made_anew(houses: Houses, saved: Path) -> None:
    target = houses.new()
    with target.inside():
        restored = restore(saved, None)
        assert not SearchEntry.objects.exists()
        assert list(Job.objects.filter(kind="search.rebuild").values_list("state", flat=True)) == ["queued"]
        assert restored.after == ("The search is made anew in the background, once Folkmoot runs.",)


def test_the_ledger_still_refuses_changes(houses: Houses, saved: Path) -> None:
    from folkmoot.ledger.models import AppendOnly

    target = houses.new()
    with target.inside():
        restore(saved, None)
        with pytest.raises(AppendOnly), transaction.atomic():
            Activity.objects.update(kind="other")


@pytest.mark.postgres
def test_from_one_database_to_the_other_and_back(
    houses: Houses, source: House, saved: Path, tmp_path: Path
) -> None:
    with source.inside():
        before = contents()
    other, again = houses.other(), houses.new()
    second = tmp_path / "second.backup"
    with other.inside():
        restore(saved, None)
        assert digests(contents()) == digests(before)
        assert contents()["files"] == before["files"]
        take(second, None)
    with again.inside():
        restore(second, None)
        assert digests(contents()) == digests(before)
        assert SourceRecord.objects.get(key="k").payload == DETAIL


@pytest.mark.postgres
def test_a_value_that_postgresql_cannot_hold_is_named(houses: Houses, tmp_path: Path) -> None:
    source, target = houses.sqlite(), houses.postgresql()
    with source.inside():
        Note.objects.create(person=PersonFactory(), body="before\x00after")
        take(tmp_path / "it.backup", None)
    with target.inside():
        with pytest.raises(Problem, match=r"refuses a row of people_\w*note: .*NUL.*Nothing was changed"):
            restore(tmp_path / "it.backup", None)
        assert load.holdings(connections["default"], apps) == []


def test_into_a_migrated_empty_database(houses: Houses, source: House, saved: Path) -> None:
    with source.inside():
        before = contents()
    with houses.new().inside():
        restore(saved, None)
        assert contents() == before


def test_a_backup_of_an_older_version_is_brought_up_to_date(houses: Houses, tmp_path: Path) -> None:
    """Made before a table and some columns were there, restored by code that has them."""
    path = tmp_path / "old.backup"
    with houses.new(migrated=False).inside():
        known = MigrationLoader(None)
        newer = {("home", "0002_assignment"), ("kernel", "0009_community_members")}
        resting = {each for node in newer for each in known.graph.backwards_plan(node)}
        nodes = set(known.graph.nodes) - resting
        assert fresh.create(connections["default"], tips(known, nodes))
        then = apps_at(known, nodes)
        then.get_model("people.Tag").objects.create(id=7, facet="tag", name="Old", folded="old")
        then.get_model("kernel.Community").objects.update_or_create(id=1, defaults={"name": "Old Harbour"})
        take(path, None)
    for target in (houses.new(migrated=False), houses.sqlite()):
        with target.inside():
            restore(path, None)
            loader, now = applied(connections["default"])
            assert now == set(loader.graph.nodes)
            assert list(Tag.objects.values_list("id", "name")) == [(7, "Old")]
            assert list(Community.objects.values_list("name", "members")) == [("Old Harbour", "closed")]
            assert not Assignment.objects.exists()
            ActivityFactory()
    full = houses.new()
    with full.inside():
        PersonFactory()
        with pytest.raises(
            Problem, match="older Folkmoot than the database: restore it into a new, empty one"
        ):
            restore(path, None, replace=True)
        assert Person.objects.count() == 1


# --- consistent while in use


def test_what_is_written_meanwhile_is_not_in_it(houses: Houses, tmp_path: Path) -> None:
    path = tmp_path / "it.backup"
    with houses.new().inside():
        furnish()
        before = contents()
        wrote = []

        def others_write(done: int, total: int | None, note: str) -> None:
            if note == "kernel_community" and not wrote:  # begun: a table before the people has been read
                PersonFactory(name="Too late")
                Person.objects.filter(name__startswith="Person").update(name="Changed")
                wrote.append(True)

        take(path, None, on_progress=others_write)
        assert wrote == [True]
        assert contents() != before
    with houses.new().inside():
        restore(path, None)
        assert contents() == before


def test_the_snapshot_only_reads(source: House) -> None:
    from django.db import DatabaseError

    refused = pytest.raises(DatabaseError, match=r"readonly|read-only")
    with source.inside(), refused, snapshot() as reader, reader.cursor() as cursor:
        cursor.execute("DELETE FROM people_person_tags")


# --- the file


def unpacked(path: Path) -> bytes:
    """The tar inside, without our own code."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        return stream.read()


def test_anyone_can_open_it_with_tar(saved: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(unpacked(saved))) as tar:
        names = tar.getnames()
        header = json.load(tar.extractfile("header.json"))  # type: ignore[arg-type]
        activity = next(t for t in header["tables"] if t["table"] == "ledger_activity")
        lines = tar.extractfile("tables/ledger_activity/000001.jsonl").read().splitlines()  # type: ignore[union-attr]
    assert (names[0], names[-1]) == ("header.json", "manifest.json")
    rows = [dict(zip(activity["columns"], json.loads(line), strict=True)) for line in lines]
    assert rows[0]["occurred_at"] == "2026-05-04T12:00:00.000001+00:00"
    assert rows[1]["detail"] == {"x": 0.1}
    assert "media/logos/é moot.png" in names
    assert "keys/encryption-keys" not in names


def test_only_its_owner_may_read_it_and_nothing_is_left_beside(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_large_tables_come_in_pieces(houses: Houses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from folkmoot.kernel.ops import archive

    monkeypatch.setattr(archive, "PIECE", 300)
    with houses.new().inside():
        PersonFactory.create_batch(20)
        before = contents()
        take(tmp_path / "it.backup", None)
    with tarfile.open(fileobj=io.BytesIO(unpacked(tmp_path / "it.backup"))) as tar:
        names = tar.getnames()
    assert len([name for name in names if name.startswith("tables/people_person/")]) > 5
    with houses.new().inside():
        restore(tmp_path / "it.backup", None)
        assert contents() == before


def test_a_name_that_is_taken(source: House, saved: Path) -> None:
    before = saved.read_bytes()
    with source.inside(), pytest.raises(Problem, match="is there already: choose another name"):
        take(saved, None)
    assert saved.read_bytes() == before


def test_a_folder_that_cannot_be_written(source: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with source.inside(), pytest.raises(Problem, match="cannot be written to"):
        take(tmp_path / "file" / "x.backup", None)


def test_an_empty_database_is_not_backed_up(houses: Houses, tmp_path: Path) -> None:
    with houses.new(migrated=False).inside(), pytest.raises(Problem, match="nothing to back up"):
        take(tmp_path / "x.backup", None)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_lies_is_noticed(source: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back is not what was written: the backup does not get its name, the one before stays."""
    from folkmoot.kernel.ops import backup

    fsync = os.fsync

    def damage(descriptor: int) -> None:
        fsync(descriptor)
        with open(f"/proc/self/fd/{descriptor}", "r+b") as file:
            file.seek(os.fstat(descriptor).st_size // 2)
            file.write(b"\0\0\0\0\0\0\0\0")

    monkeypatch.setattr(backup.os, "fsync", damage)
    with source.inside(), pytest.raises(Problem):
        take(tmp_path / "x.backup", None)
    assert list(tmp_path.iterdir()) == []


# --- damaged, cut, of another


def refused(house: House, path: Path, key: streams.Key | None = None) -> str:
    """What a restore says that must not touch anything."""
    with house.inside():
        with pytest.raises(Problem) as told:
            restore(path, key)
        assert load.holdings(connections["default"], apps) == []
        assert list(media.names()) == []
    return str(told.value)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_file_cut_anywhere(
    houses: Houses, source: House, tmp_path: Path, key: streams.Key, encrypted: bool
) -> None:
    used = key if encrypted else None
    path, cut = tmp_path / "it.backup", tmp_path / "cut.backup"
    with source.inside():
        take(path, used)
    whole = path.read_bytes()
    for length in (0, 3, 30, 200, len(whole) // 3, len(whole) // 2, len(whole) - 400, len(whole) - 20):
        cut.write_bytes(whole[:length])
        with pytest.raises(Problem, match=r"cut off|damaged|not a backup"):
            Backup(cut, used).verify()
    assert "Take another backup" in refused(houses.new(), cut, used) or encrypted


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_changed_byte(
    houses: Houses, source: House, tmp_path: Path, key: streams.Key, encrypted: bool
) -> None:
    used = key if encrypted else None
    path, bad = tmp_path / "it.backup", tmp_path / "bad.backup"
    with source.inside():
        take(path, used)
    whole = path.read_bytes()
    wrong = []
    for place in range(10, len(whole) - 10, max(1, len(whole) // 40)):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        bad.write_bytes(changed)
        try:
            Backup(bad, used).verify()
        except Problem:
            wrong.append(bytes(changed))
        else:
            # Compression has spellings that mean the same: then nothing is damaged.
            assert not encrypted
            assert unpacked(bad) == unpacked(path)
    assert len(wrong) > 35
    bad.write_bytes(wrong[-1])
    assert refused(houses.new(), bad, used)


def repacked(path: Path, change: Any, target: Path) -> Path:
    """The backup with members changed by ``change(name, content) -> content or None``, well packed again."""
    old = tarfile.open(fileobj=io.BytesIO(unpacked(path)))  # noqa: SIM115
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as new:
        for info in old:
            content = change(info.name, old.extractfile(info).read())  # type: ignore[union-attr]
            if content is not None:
                name, data = content if isinstance(content, tuple) else (info.name, content)
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                new.addfile(entry, io.BytesIO(data))
    target.write_bytes(zstandard.compress(made.getvalue()))
    return target


def test_a_row_changed_by_hand(houses: Houses, saved: Path, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"ana@example.org", b"eve@example.org") if "kernel_user" in name else content

    said = refused(houses.new(), repacked(saved, change, tmp_path / "bad.backup"))
    assert "damaged: the rows of kernel_user are not those that were written" in said


def test_a_missing_piece_and_a_changed_file(houses: Houses, saved: Path, tmp_path: Path) -> None:
    gone = repacked(saved, lambda n, c: None if "ledger_activity" in n else c, tmp_path / "a.backup")
    assert "the rows of ledger_activity are not those" in refused(houses.new(), gone)
    other = repacked(saved, lambda n, c: b"x" if n == "media/empty.txt" else c, tmp_path / "b.backup")
    assert "the file empty.txt is not the one that was written" in refused(houses.new(), other)


def test_a_newer_format_and_newer_tables(houses: Houses, saved: Path, tmp_path: Path) -> None:
    def newer(**values: Any) -> Any:
        def change(name: str, content: bytes) -> bytes:
            if name != "header.json":
                return content
            header = json.loads(content)
            header["version"] = "9.1"
            header["format"] = values.get("format", FORMAT)
            header["migrations"] += values.get("migrations", [])
            return json.dumps(header).encode()

        return change

    format_ = repacked(saved, newer(format=FORMAT + 1), tmp_path / "a.backup")
    said = refused(houses.new(), format_)
    assert "made by Folkmoot 9.1, which is newer than the one here: update Folkmoot first" in said
    tables = repacked(saved, newer(migrations=[["people", "9999_later"]]), tmp_path / "b.backup")
    said = refused(houses.new(), tables)
    assert (
        "made by Folkmoot 9.1, which is newer than the one here (it knows people.9999_later): update" in said
    )


def test_a_file_that_would_leave_the_folder(houses: Houses, saved: Path, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> Any:
        if name == "media/empty.txt":
            return "media/../../evil.txt", content
        return content.replace(b"empty.txt", b"../../evil.txt") if name == "manifest.json" else content

    said = refused(houses.new(), repacked(saved, change, tmp_path / "bad.backup"))
    assert "'../../evil.txt', which no storage may hold" in said


def test_something_else(houses: Houses, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"SQLite format 3\0")
    assert "is not a backup made by Folkmoot" in refused(houses.new(), tmp_path / "x")
    assert "cannot be read: No such file" in refused(houses.new(), tmp_path / "nothing")
    (tmp_path / "y").write_bytes(zstandard.compress(b"just text"))
    assert "cut off" in refused(houses.new(), tmp_path / "y")


# --- keys


def test_encrypted(houses: Houses, source: House, tmp_path: Path, key: streams.Key) -> None:
    path = tmp_path / "it.backup"
    with source.inside():
        before = contents()
        token = secrets.encrypt("a token")
        taken = take(path, key)
    assert (taken.encrypted, taken.read_back) == (True, "row by row")
    assert b"ana@example.org" not in path.read_bytes()
    target = houses.new()
    assert "is encrypted: name its key" in refused(houses.new(), path)
    other = streams.Key(streams.new_key()[0], origin="test")
    assert "was encrypted with another key than the one given" in refused(houses.new(), path, other)
    with target.inside():
        own = secrets.encrypt("another")
        restore(path, key)
        assert contents() == before
        assert secrets.decrypt(token) == "a token"
        assert secrets.decrypt(own) == "another"


def test_the_public_part_is_enough_to_take_one(houses: Houses, source: House, tmp_path: Path) -> None:
    secret, public = streams.new_key()
    path = tmp_path / "it.backup"
    with source.inside():
        taken = take(path, streams.Key(public, origin="test"))
    assert taken.read_back == "byte by byte"
    assert "a public key cannot open it" in refused(houses.new(), path, streams.Key(public, origin="test"))
    with houses.new().inside():
        assert restore(path, streams.Key(secret, origin="test")).rows == taken.rows


def test_where_a_key_comes_from(tmp_path: Path) -> None:
    secret, public = streams.new_key()
    file = tmp_path / "key"
    file.write_text(f"# public: {public}\n{secret}\n")
    assert streams.find_key(None, "") is None
    for found in (
        streams.find_key(file, ""),
        streams.find_key(None, str(file)),
        streams.find_key(None, secret),
    ):
        assert found is not None
        assert str(found.identity) == secret
    locked = streams.find_key(None, public)
    assert locked is not None
    assert locked.identity is None
    with pytest.raises(Problem, match="cannot be read: No such file"):
        streams.find_key(tmp_path / "none", "")
    for text in ("", "swordfish", "AGE-SECRET-KEY-1XYZ", "age1abc"):
        file.write_text(text)
        with pytest.raises(Problem, match="holds no key for backups"):
            streams.find_key(file, "")


# --- what is there already


def test_what_would_be_lost_is_named(houses: Houses, saved: Path, source: House) -> None:
    target = houses.new()
    with target.inside():
        person = PersonFactory(name="Stays")
        default_storage.save("mine.txt", ContentFile(b"mine"))
        before = contents()
        with pytest.raises(Problem) as told:
            restore(saved, None)
        assert "a restore would remove: " in str(told.value)
        assert "1 person" in str(told.value)
        assert "and 1 file" in str(told.value)
        assert "--replace" in str(told.value)
        assert contents() == before
        assert Person.objects.get() == person
    with source.inside():
        wanted = contents()
    with target.inside():
        restore(saved, None, replace=True)
        assert contents() == wanted


def test_all_or_nothing(houses: Houses, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails at the last moment, with rows loaded and files placed: all is as it was."""
    target = houses.new()
    with target.inside():
        PersonFactory()
        default_storage.save("mine.txt", ContentFile(b"mine"))
        default_storage.save("empty.txt", ContentFile(b"not empty here"))
        before = contents()
        place = media.Placement.place

        def fails(self: media.Placement) -> int:
            place(self)
            assert sorted(media.names()) == ["empty.txt", "logos/é moot.png"]
            raise OSError("no space left")

        monkeypatch.setattr(media.Placement, "place", fails)
        with pytest.raises(OSError, match="no space left"):
            restore(saved, None, replace=True)
        assert contents() == before
        assert not list(target.folder.glob("restoring-*"))


def test_a_foreign_database_is_left_alone(houses: Houses, saved: Path) -> None:
    with houses.new(migrated=False).inside():
        with connections["default"].cursor() as cursor:
            cursor.execute("CREATE TABLE recipes (id integer)")
        with pytest.raises(Problem, match="tables that are not Folkmoot's"):
            restore(saved, None)
        assert connections["default"].introspection.table_names() == ["recipes"]


# --- rows as text


def test_equal_rows_have_equal_sums_in_any_order_and_spelling() -> None:
    one, two, other = Tally(), Tally(), Tally()
    for row in ([1, {"b": 1.0, "a": [2]}, "x"], [2, None, 0.5]):
        one.add(row)
    for row in ([2, None, 0.5], [1, {"a": [2.0], "b": 1}, "x"]):
        two.add(row, line=line_of(row))
    for row in ([2, None, 0.5], [1, {"a": [2], "b": 2}, "x"]):
        other.add(row)
    assert one == two
    assert one != other
    repeated = Tally()
    for _ in rows_of([line_of([2, None, 0.5]), line_of([1, {"a": [2], "b": 1}, "x"])], repeated):
        pass
    assert repeated == one


def test_half_a_surrogate_pair_survives() -> None:
    row = [1, "\ud83d alone"]
    assert json.loads(line_of(row)) == row


def test_every_row_is_counted_once(saved: Path, source: House) -> None:
    header, manifest = Backup(saved, None).verify()
    with source.inside():
        expected = {table.name: table.count(connections["default"]) for table in kept_tables(apps)}
        assert {name: each["rows"] for name, each in manifest.tables.items()} == expected
        assert header.rows == sum(expected.values())
        assert Item.objects.count() == manifest.tables["ledger_item"]["rows"]
        assert Term.objects.count() == manifest.tables["people_term"]["rows"] == 1
        assert Note.objects.count() == manifest.tables["people_note"]["rows"] == 1
