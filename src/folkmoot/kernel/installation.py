"""Making an installation ready: the data folder, the database, the browser assets, each area's first rows.

Every step looks first and does only what is missing, so that all of it can be run at any time.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.community import Community
from folkmoot.kernel.ops import fresh
from folkmoot.kernel.setup_steps import setup_steps
from folkmoot.kernel.text import clean


def prepare() -> list[str]:
    """Do everything that is still to do.

    Returns:
        a sentence for each thing that was done; empty when there was nothing to do.

    Raises:
        Problem: something a person has to mend first; the message says what.
    """
    did = [make_data_folder(), create_database(), migrate(), collect_assets()]
    did += [step.run() for step in setup_steps]
    return [sentence for sentence in did if sentence]


def make_data_folder() -> str:
    """Make the data folder, readable by its owner's group at most."""
    folder: Path = settings.DATA_DIR
    # Reading the settings makes it, when the secret key is kept there; so "was it there" is asked of what it holds.
    is_new = not folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "media").mkdir(exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The data folder {folder} cannot be made ({error.strerror}): name another with FOLKMOOT_DATA_DIR."
        ) from None
    return f"Made the data folder {folder}." if is_new else ""


def database_name() -> str:
    """The database as a person knows it: the file, or server and name; never the password."""
    config: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(config["NAME"])
    return f"{config['NAME']} on {config['HOST'] or 'this machine'}"


def create_database() -> str:
    """Make the database when its server has none of that name; SQLite's folder and file alike.

    Raises:
        Problem: the server does not answer or refuses.
    """
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if str(path) == ":memory:" or path.exists():
            return _checked("")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(
                f"The folder {path.parent} cannot be made ({error.strerror}): check FOLKMOOT_DATABASE_URL."
            ) from None
        return _checked(f"Made the database {path}.")
    return _create_on_server()


def _checked(sentence: str) -> str:
    """The sentence, once the database has answered."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise Problem(
            f"The database {database_name()} cannot be used: {_one_line(error)}. Check FOLKMOOT_DATABASE_URL."
        ) from None
    return sentence


def _create_on_server() -> str:
    try:
        return _checked("")
    except Problem:
        name = str(connection.settings_dict["NAME"])
        # Ask the server itself, through the database that every server has.
        server = connections.create_connection("default")
        server.settings_dict = {**server.settings_dict, "NAME": "postgres"}
        try:
            with server.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if cursor.fetchone():
                    raise
                cursor.execute(
                    f"CREATE DATABASE {server.ops.quote_name(name)} ENCODING 'UTF8' TEMPLATE template0"
                )
        except DatabaseError as error:
            raise Problem(
                f"The database {database_name()} cannot be reached or made: {_one_line(error)}."
                " Check FOLKMOOT_DATABASE_URL, or make the database and run this again."
            ) from None
        finally:
            server.close()
    return _checked(f"Made the database {database_name()}.")


def name_community(name: str) -> str:
    """Give the community its name.

    Raises:
        Problem: the name is too long.
    """
    name = clean(name)
    community = Community.current()
    if not name or (community.pk and not community._state.adding and community.name == name):
        return ""
    community.name = name
    try:
        community.full_clean()
    except ValidationError as error:
        raise Problem(" ".join(error.messages)) from None
    community.save()
    return f"The community is called {name}."


def has_tables() -> bool:
    """Whether the database was ever set up, by this version or an older one; a missing file is not made by asking."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return False
    try:
        return User._meta.db_table in connection.introspection.table_names()
    except OperationalError:
        return False
    except DatabaseError as error:
        raise Problem(
            f"{database_name()} is no database that Folkmoot can use: {_one_line(error)}."
        ) from None


def pending_migrations() -> int:
    """How many steps the database is behind the code.

    Raises:
        DatabaseError: the database does not answer.
    """
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> str:
    """Bring the tables up to date."""
    pending = pending_migrations()
    if not pending:
        return ""
    fresh.create(connection)
    call_command("migrate", verbosity=0, interactive=False)
    return f"Brought the database up to date: {pending} {'step' if pending == 1 else 'steps'}."


def assets_fingerprint() -> str:
    """A digest over the names, sizes and times of everything that pages load."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(
                f"{getattr(storage, 'prefix', '')}/{path} {stat.st_size} {stat.st_mtime_ns}\n".encode()
            )
    return digest.hexdigest()


def assets_missing() -> list[str]:
    """The folders under ``node_modules`` that pages need and that are not there."""
    return [folder for _, folder in settings.BROWSER_ASSETS if not (settings.NODE_MODULES / folder).is_dir()]


def assets_collected() -> bool:
    """Whether the collected assets are those that the code and ``node_modules`` hold now."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    return stamp.is_file() and stamp.read_text() == assets_fingerprint()


def collect_assets() -> str:
    """Collect what pages load into the data folder, when anything changed; not in debug, where it is read in place."""
    if settings.DEBUG or assets_missing() or assets_collected():
        return ""
    fingerprint = assets_fingerprint()
    call_command("collectstatic", verbosity=0, interactive=False, stdout=io.StringIO())
    (Path(settings.STATIC_ROOT) / ".stamp").write_text(fingerprint)
    return "Collected the browser assets."


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
