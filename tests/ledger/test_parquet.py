"""The ledger as Parquet, read back by DuckDB: the same rows, and nobody's name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from django.db import connection

from folkmoot.ledger import parquet
from folkmoot.ledger.models import Activity, Item
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)


def happened(identity: object, at: dt.datetime, number: int, item: Item | None = None) -> Activity:
    return Activity.objects.create(
        kind="item.opened",
        identity=identity,
        item=item,
        occurred_at=at,
        source="made",
        external_id=f"made-{number}",
        detail={"login": "ana-secret"},
    )


@pytest.fixture
def ledger() -> list[Activity]:
    ana = IdentityFactory(value="ana-secret", person=PersonFactory(name="Ana Secret"))
    project = ProjectFactory(name="Alpha")
    item = Item.objects.create(
        kind="issue", title="Ünïcode", project=project, labels=["a", "b"], source="made", external_id="i-1"
    )
    moments = [
        dt.datetime(2026, 4, 30, 23, 59, 59, 999_999, tzinfo=dt.UTC),
        dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC),
    ]
    return [
        happened(ana if number else None, at, number, item if number == 1 else None)
        for number, at in enumerate(moments)
    ]


def test_duckdb_reads_what_the_database_holds(ledger: list[Activity], tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    told: list[tuple[str, int]] = []
    counts = parquet.write(folder, lambda table, rows: told.append((table, rows)))
    assert counts == {"activity": 3, "item": 1, "identity": 1, "project": 1}
    assert told == [
        ("activity", 1),
        ("activity", 2),
        ("activity", 3),
        ("item", 1),
        ("identity", 1),
        ("project", 1),
    ]
    assert json.loads((folder / parquet.MANIFEST).read_text())["rows"] == counts
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        rows = duck.execute(
            "SELECT id, month, identity_id, person_id, item_id, epoch_us(occurred_at), external_id "
            "FROM read_parquet(?, hive_partitioning = true) ORDER BY id",
            [f"{folder}/activity/*/*.parquet"],
        ).fetchall()
        items = duck.execute(
            "SELECT title, labels FROM read_parquet(?)", [f"{folder}/item.parquet"]
        ).fetchall()
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert [tuple(map(str, row)) for row in rows] == [
        tuple(
            map(
                str,
                (
                    one.pk,
                    f"{one.occurred_at:%Y-%m}",
                    one.identity_id,
                    one.identity.person_id if one.identity else None,
                    one.item_id,
                    (one.occurred_at - epoch) // dt.timedelta(microseconds=1),
                    one.external_id,
                ),
            )
        )
        for one in ledger
    ]
    assert items == [("Ünïcode", '["a","b"]')]
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"ecret" not in everything


def test_again_replaces_it_whole_and_nothing_else_is_touched(ledger: list[Activity], tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    parquet.write(folder)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_activity WHERE external_id = 'made-2'")
    parquet.write(folder)
    assert sorted(path.name for path in (folder / "activity").iterdir()) == ["month=2026-04", "month=2026-05"]
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(parquet.ExportProblem, match="holds something that is no earlier export"):
        parquet.write(mine)
    with pytest.raises(parquet.ExportProblem, match="is no folder"):
        parquet.write(mine / "thesis.txt")
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_an_empty_ledger_is_an_export_too(tmp_path: Path) -> None:
    assert set(parquet.write(tmp_path / "lake").values()) == {0}
