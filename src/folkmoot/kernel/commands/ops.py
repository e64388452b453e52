"""``folkmoot backup``, ``restore``, ``move``, ``backup-key``, ``rotate-key``: looking after an installation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from django.conf import settings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from folkmoot.kernel import installation, secrets
from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.ops import archive, streams
from folkmoot.kernel.ops import backup as backups
from folkmoot.kernel.ops import move as moves
from folkmoot.kernel.ops import restore as restores

KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="File with the key (`folkmoot backup-key`); else FOLKMOOT_BACKUP_KEY."),
]


@contextmanager
def watched(what: str) -> Iterator[archive.Progress]:
    """A bar with counts and the time left; nothing when nobody watches."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int | None, note: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{what}: {note}")

        yield tell


def said(text: str) -> None:
    """A line for the person at the terminal."""
    console.print(text, markup=False, soft_wrap=True)


@cli.command()
def backup(file: Path, key_file: KeyFile = None) -> None:
    """Save the database and the uploaded files to FILE, consistent while others work, and verify what was written."""
    key = streams.find_key(key_file, settings.BACKUP_KEY)
    with watched("Backup") as progress:
        taken = backups.take(file, key, on_progress=progress)
    said(
        f"Saved {taken.rows:,} rows and {taken.files:,} files to {taken.path} ({taken.bytes / 1e6:,.1f} MB,"
        f" {'encrypted' if taken.encrypted else 'not encrypted'}); read back {taken.read_back}."
    )
    if key is None:
        said(
            "Stored tokens and passwords stay encrypted in it, with keys that are not in it: keep a copy of"
            f" {'FOLKMOOT_SECRET_KEYS' if secrets.keys_given() else secrets.key_file()} elsewhere,"
            " or encrypt backups (`folkmoot backup-key`)."
        )


@cli.command()
def restore(
    file: Path,
    key_file: KeyFile = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Lose what is in the database and the file storage now.")
    ] = False,
) -> None:
    """Put a backup back into an empty database: all of it, or nothing. Stop Folkmoot first."""
    key = streams.find_key(key_file, settings.BACKUP_KEY)
    installation.make_data_folder()
    installation.create_database()
    with watched("Restore") as progress:
        restored = restores.restore(file, key, replace=replace, on_progress=progress)
    said(
        f"Restored {restored.rows:,} rows and {restored.files:,} files, saved at {restored.header.made_at[:16]} UTC"
        f" by Folkmoot {restored.header.version}."
    )
    for sentence in restored.after:
        said(sentence)
    said("Next: `folkmoot init`, then start Folkmoot. Everybody signs in again.")


@cli.command("backup-key")
def backup_key(file: Path) -> None:
    """Make a key for encrypted backups and write it to FILE. Without it nobody can ever open them."""
    secret, public = streams.new_key()
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        stop(f"{file} is there already: choose another name.")
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}.")
    with os.fdopen(descriptor, "w") as target:
        target.write(f"# public: {public}\n{secret}\n")
    said(f"Wrote a new key to {file}. Keep a copy where the backups are not.")
    said(f"To take backups its public part is enough: FOLKMOOT_BACKUP_KEY={public}")


@cli.command()
def move(
    to: Annotated[str, typer.Option("--to", help="An empty database: postgres://… or sqlite:////path.db")],
) -> None:
    """Copy everything into another database and compare. The present one stays as it is. Stop Folkmoot first."""
    with watched("Move") as progress:
        moved = moves.move(to, on_progress=progress)
    said(
        f"Copied {moved.total:,} rows of {len(moved.rows)} tables to {moved.target};"
        " each table was read back and is equal."
    )
    said(
        "Next: set FOLKMOOT_DATABASE_URL to the new database's address, run `folkmoot init`, start Folkmoot."
    )
    said("The old database was not touched; keep it until you are content.")


@cli.command("rotate-key")
def rotate_key(
    resume: Annotated[
        bool, typer.Option("--resume", help="Make no new key: finish what was interrupted.")
    ] = False,
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Remove the older keys at the end: older backups need them.")
    ] = False,
) -> None:
    """Make a new key for stored tokens and passwords, and encrypt all of them with it. Folkmoot may go on working."""
    if not resume:
        if secrets.keys_given():
            stop(
                "FOLKMOOT_SECRET_KEYS gives the keys: put a new one first there, followed by a comma, restart, and run"
                f" `folkmoot rotate-key --resume`. A new one: {Fernet.generate_key().decode()}"
            )
        secrets.add_key()
        said(f"Put a new key first in {secrets.key_file()}.")
    with watched("Encrypting again") as progress:
        done = secrets.reencrypt(on_rows=lambda rows: progress(rows, None, "stored secrets"))
    said(f"Encrypted {done.changed:,} stored secrets again; {done.current:,} were already.")
    if done.unreadable:
        stop(
            f"{done.unreadable:,} stored secrets open with none of the keys: bring the missing key back and run"
            " `folkmoot rotate-key --resume`, or enter those secrets again."
        )
    if forget_old:
        said(f"Removed {secrets.forget_old_keys()} older keys.")
