"""``folkmoot report``: a report from a terminal, for a file or to read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.reporting import reports
from folkmoot.ledger.public import make_scope
from folkmoot.reports import queries, scopes
from folkmoot.reports.renderers import FORMATS


@cli.command("report")
def report(
    name: Annotated[str, typer.Argument(help="Which report: community.")] = "community",
    period: Annotated[
        str,
        typer.Option(
            help="2026Q2, 2026, 2026-04, FY2026, FY2026Q1 or 2026-04-01..2026-06-30. Without: the last quarter."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="A file ending in .pdf, .md, .csv or .html. Without: Markdown on the screen."),
    ] = None,
    as_of: Annotated[
        str, typer.Option(help="Count only what had happened by the end of this day (UTC).")
    ] = "",
    source: Annotated[str, typer.Option(help="Only what was seen in this source.")] = "",
    project: Annotated[str, typer.Option(help="Only the project of this name.")] = "",
    exclude: Annotated[list[str] | None, typer.Option(help="What to leave out: staff.")] = None,
) -> None:
    """Write a report for a period: PDF, Markdown, CSV or HTML, by the file's ending."""
    if name not in reports:
        known = ", ".join(kind.key for kind in reports)
        stop(_("There is no report called %(name)s; known: %(known)s.") % {"name": name, "known": known})
    suffix = "md" if out is None else out.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        endings = ", ".join(f".{known}" for known in FORMATS)
        stop(_("%(file)s: the file must end in one of %(endings)s.") % {"file": out, "endings": endings})
    if out is not None:
        _check_folder(out)
    try:
        scope = make_scope(
            period=period or None, as_of=as_of or None, source=source, project=project, exclude=exclude or []
        )
    except scopes.PROBLEMS as problem:
        stop(str(problem))
    content = FORMATS[suffix].render(queries.build(name, scope, user=None))
    if out is None:
        typer.echo(content.decode(), nl=False)
        return
    write(out, content)
    console.print(
        _("%(file)s: %(period)s, as of %(day)s.")
        % {"file": out, "period": scope.period.label, "day": scope.as_of.isoformat()},
        markup=False,
        soft_wrap=True,
    )


def _check_folder(out: Path) -> None:
    """Before the work, so that nobody waits for a report that cannot be kept."""
    folder = out.parent
    if out.is_dir():
        stop(_("%(file)s is a folder: name a file in it.") % {"file": out})
    if not folder.is_dir():
        stop(_("There is no folder %(folder)s: make it first.") % {"folder": folder})
    if not os.access(folder, os.W_OK | os.X_OK):
        stop(_("The folder %(folder)s may not be written to.") % {"folder": folder})


def write(out: Path, content: bytes) -> None:
    """Put the content in place in one step: the file is the old one or the new one, never half of it."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as problem:
        stop(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": out, "reason": problem.strerror or problem}
        )
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner may read; a report is as readable as any new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(out)
    except OSError as problem:
        stop(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": out, "reason": problem.strerror or problem}
        )
    finally:
        temporary.unlink(missing_ok=True)
