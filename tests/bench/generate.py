"""A made-up community of any size, the same for the same seed, written straight into the database.

``python -m tests.bench.generate --activities 1000000 --people 100000`` fills the database that
``FOLKMOOT_DATABASE_URL`` names (it is migrated first, and must be empty).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

FIRST_DAY = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
LAST_DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
STAFF, BOTS, PROJECTS = 40, 12, 400


def fill(*, activities: int, people: int, seed: int = 20261101) -> None:
    """Fill the default database: people with one or two identities, staff with dated terms, bots, projects, items.

    Who is early in the list does more (a long tail); people arrive over the years; half of them stay a few weeks.
    """
    chance = random.Random(seed)
    made = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    insert(
        "people_person",
        "id name sort_key created_at updated_at",
        ((n, f"Person {n}", f"person {n:08d}", made, made) for n in range(1, people + 1)),
    )
    owners = list(range(1, people + 1)) + [chance.randint(STAFF + BOTS, people) for _ in range(people // 20)]
    insert(
        "people_identity",
        "id person_id system value folded number is_verified is_bot created_at",
        (
            (n, owner, "github" if n <= people else "email", f"Login{n}", f"login{n}", "", False,
             STAFF < n <= STAFF + BOTS, made)
            for n, owner in enumerate(owners, 1)
        ),
    )  # fmt: skip
    insert("people_project",
           "id kind name folded description repository repository_key website is_archived created_at updated_at",
           ((n, "repository", f"project-{n}", f"project-{n}", "", "", "", "", False, made, made)
            for n in range(1, PROJECTS + 1)))  # fmt: skip
    insert("people_rolekind", "id slug name description is_staff is_former notice_days order",
           [(900, "bench-staff", "Staff", "", True, False, 30, 1)])  # fmt: skip
    insert(
        "people_term",
        "id person_id role_kind_id started_on ended_on source created_at",
        (
            (n, n, 900, None if n % 4 == 0 else dt.date(2018 + n % 6, 1 + n % 12, 1),
             dt.date(2026, 1 + n % 6, 15) if n % 5 == 0 else None, "bench", made)
            for n in range(1, STAFF + 1)
        ),
    )  # fmt: skip
    opened = list(happenings(chance, activities, owners))
    with indexed_at_the_end():
        insert_ledger(opened, made)
    _settle()


def insert_ledger(opened: Sequence[tuple[dt.datetime, int, int]], made: dt.datetime) -> None:
    """An item and the activity that opened it for each time, identity and project."""
    insert(
        "ledger_item",
        "id kind title state url project_id labels opened_at source external_id detail updated_at",
        (
            (n, "issue" if n % 3 == 0 else "pull_request", f"Item {n}", "open" if n % 7 == 0 else "closed", "", project,
             "[]", at, "bench", f"item-{n}", "{}", made)
            for n, (at, _identity, project) in enumerate(opened, 1)
        ),
    )  # fmt: skip
    insert(
        "ledger_activity",
        "id kind identity_id item_id project_id occurred_at source external_id detail recorded_at",
        (
            (
                n,
                "item.opened",
                identity,
                n,
                project,
                at,
                "bench" if n % 10 else "other",
                f"item-{n}",
                "{}",
                made,
            )
            for n, (at, identity, project) in enumerate(opened, 1)
        ),
    )


@contextmanager
def indexed_at_the_end() -> Iterator[None]:
    """The ledger's indexes are made once all rows are there, which takes a third of the time."""
    from django.db import connection

    from folkmoot.ledger.models import Activity, Item

    indexes = [(model, index) for model in (Item, Activity) for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    yield
    for model, index in indexes:
        with connection.schema_editor() as editor:
            editor.add_index(model, index)


def happenings(
    chance: random.Random, number: int, owners: Sequence[int]
) -> Iterator[tuple[dt.datetime, int, int]]:
    """Time, identity and project of each item."""
    seconds = int((LAST_DAY - FIRST_DAY).total_seconds())
    # When each identity arrives, and for how long it stays.
    stays = [
        (int(seconds * chance.random() ** 0.7), int(86_400 * chance.choice((1, 14, 60, 400, 3000))))
        for _ in owners
    ]
    stays[: STAFF + BOTS] = [(0, seconds)] * (STAFF + BOTS)
    busy = STAFF + BOTS
    for n in range(number):
        if n < len(owners):
            identity = n  # everybody at least once
        elif chance.random() < 0.15:
            identity = chance.randrange(busy)
        else:
            identity = int(len(owners) * chance.random() ** 2.2)
        arrives, stays_for = stays[identity]
        at = min(seconds - 1, arrives + int(stays_for * chance.random() ** 2))
        yield FIRST_DAY + dt.timedelta(seconds=at), identity + 1, 1 + int(PROJECTS * chance.random() ** 3)


def insert(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows as fast as the database takes them, in transactions of 100,000."""
    from django.db import connection, transaction

    names = columns.split()
    plain = _defaults(table, names)
    names += plain
    rows = ((*row, *plain.values()) for row in rows)
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    while batch := list(islice(rows, 100_000)):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                    for row in batch:
                        copy.write_row(row)
            else:
                marks = ", ".join(["?"] * len(names))
                cursor.cursor.connection.executemany(
                    f"INSERT INTO {table} ({quoted}) VALUES ({marks})",
                    [[_plain(cell) for cell in row] for row in batch],
                )


def _defaults(table: str, given: Sequence[str]) -> dict[str, Any]:
    """What the table's other columns hold when nothing is said, as the models have it."""
    from django.apps import apps

    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    return {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in given and not field.null and not field.primary_key
    }


def _plain(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None).isoformat(" ")
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _settle() -> None:
    """Sequences behind what was inserted; statistics as a database has them after its first night."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("people_person", "people_identity", "people_project", "people_rolekind", "people_term",
                          "ledger_item", "ledger_activity"):  # fmt: skip
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
                )
            cursor.execute("VACUUM ANALYZE")


def main() -> None:
    """From a terminal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    said = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")
    import django

    django.setup()
    from folkmoot.kernel import installation

    installation.migrate()
    fill(activities=said.activities, people=said.people)


if __name__ == "__main__":
    main()
