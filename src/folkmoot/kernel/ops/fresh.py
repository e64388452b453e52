"""The tables of an empty database, made at once.

Django's ``migrate`` takes half a minute for that: it thinks through every step in between. A database that holds
nothing needs no steps: its tables are made as they are after the last migration, and all migrations are recorded as
applied. A database that holds anything migrates step by step, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation

#: What these do to the tables is told by the models after the last migration. Not by subclasses, which may do more.
TOLD_BY_MODELS: frozenset[type[Operation]] = frozenset(
    {
        operations.AddConstraint,
        operations.AddField,
        operations.AddIndex,
        operations.AlterConstraint,
        operations.AlterField,
        operations.AlterIndexTogether,
        operations.AlterModelManagers,
        operations.AlterModelOptions,
        operations.AlterModelTable,
        operations.AlterModelTableComment,
        operations.AlterOrderWithRespectTo,
        operations.AlterUniqueTogether,
        operations.CreateModel,
        operations.DeleteModel,
        operations.RemoveConstraint,
        operations.RemoveField,
        operations.RemoveIndex,
        operations.RenameField,
        operations.RenameIndex,
        operations.RenameModel,
    }
)
#: These are run once all tables are there, in the migrations' order: triggers, the search's tables, seeds.
RUN: frozenset[type[Operation]] = frozenset({operations.RunPython, operations.RunSQL})


def obstacles(migrations: list[Migration]) -> list[str]:
    """What only ``migrate`` knows how to do; with any of it, an empty database is migrated step by step as well."""
    found = [
        f"{each.app_label}.{each.name} (not in one transaction)" for each in migrations if not each.atomic
    ]
    found += [
        f"{each.app_label}.{each.name}: {type(operation).__name__}"
        for each in migrations
        for operation in each.operations
        if type(operation) not in TOLD_BY_MODELS | RUN
        or (isinstance(operation, operations.RunPython) and operation.atomic is False)
    ]
    return found


def plan(executor: MigrationExecutor, targets: Sequence[tuple[str, str]]) -> list[Migration]:
    """The migrations that lead there, in the order in which an empty database takes them."""
    return [migration for migration, _ in executor.migration_plan(list(targets), clean_start=True)]


def create(connection: BaseDatabaseWrapper, targets: Sequence[tuple[str, str]] = ()) -> bool:
    """Make all tables of a database that has none, in one transaction.

    The rows that Django keeps about the tables (permissions, content types) are made by its ``migrate``, which finds
    nothing else left to do.

    Args:
        targets: the last migrations, for tables as an older version had them; those of today if left out.

    Returns:
        whether it did; otherwise nothing was touched, and ``migrate`` does everything.
    """
    if connection.introspection.table_names(include_views=True):
        return False
    executor = MigrationExecutor(connection)
    targets = list(targets) or executor.loader.graph.leaf_nodes()
    migrations = plan(executor, targets)
    if obstacles(migrations):
        return False
    state = executor.loader.project_state(targets)
    with connection.schema_editor(atomic=True) as editor:
        editor.create_model(executor.recorder.Migration)
        for model in state.apps.get_models():
            if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
                editor.create_model(model)
        for statement in editor.deferred_sql:  # indexes and references, before there are rows
            editor.execute(statement)
        editor.deferred_sql.clear()
        for migration in migrations:
            for operation in migration.operations:
                if type(operation) in RUN:
                    operation.database_forwards(migration.app_label, editor, state, state)
            for key in migration.replaces or [(migration.app_label, migration.name)]:
                executor.recorder.record_applied(*key)
    return True
