"""``folkmoot publish check``: the policy over a folder of Markdown, for people and for CI."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from folkmoot.kernel.cli import cli, console, stop
from folkmoot.publishing.policy.engine import Finding
from folkmoot.publishing.policy.files import findings_in
from folkmoot.publishing.policy.loading import CannotRead, default_text, load
from folkmoot.publishing.policy.rules import BLOCK, INFO, SEVERITIES, WARN, Ruleset

publish_app = typer.Typer(no_args_is_help=True, help="Publishing.")
cli.add_typer(publish_app, name="publish")


class Severity(StrEnum):
    """How serious a finding is."""

    BLOCK = BLOCK
    WARN = WARN
    INFO = INFO


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@publish_app.callback()
def _publish() -> None:
    """Publishing."""


@publish_app.command("check")
def check(
    path: Annotated[Path, typer.Argument(help="A folder of Markdown, or one file.")],
    policy: Annotated[
        Path | None, typer.Option(help="The rules, in YAML; without it those that Folkmoot begins with.")
    ] = None,
    severity: Annotated[
        Severity, typer.Option(help="The least serious findings that are listed.")
    ] = Severity.WARN,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="Findings of this severity or above end with code 1.")
    ] = Severity.BLOCK,
    format: Annotated[
        Format, typer.Option(help="text; json; github: annotations in a pull request.")
    ] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check posts of a Jekyll or Hugo website by the policy: file, line, severity, rule, what is wrong.

    Ends with 0 when nothing of the severity of --fail-on was found, 1 when something was, 2 when the rules or the
    path cannot be read. Needs no database and asks no address.
    """
    rules = _rules(policy)
    if not path.exists():
        stop(f"{path} is not there.")
    files = findings_in(path, rules)
    if not files:
        stop(f"{path} holds no Markdown.")
    wanted = SEVERITIES[: SEVERITIES.index(severity.value) + 1]
    found = [(file, each) for file, mine in files for each in mine if each.severity in wanted]
    write = {Format.TEXT: _text, Format.JSON: _json, Format.GITHUB: _github}
    write[Format.JSON if as_json else format](found)
    counts = Counter(each.severity for _file, mine in files for each in mine)
    said = ", ".join(f"{counts[each]} {each}" for each in SEVERITIES)
    console.print(f"{len(files)} files: {said}.", soft_wrap=True)
    failing = SEVERITIES[: SEVERITIES.index(fail_on.value) + 1]
    if any(counts[each] for each in failing):
        raise typer.Exit(1)


def _rules(policy: Path | None) -> Ruleset:
    try:
        return load(policy.read_text(encoding="utf-8") if policy else default_text())
    except OSError as error:
        stop(f"{policy} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        stop(f"{policy} is not UTF-8.")
    except CannotRead as error:
        stop("\n".join(f"{policy}: {each}" for each in error.problems))


def _text(found: Sequence[tuple[Path, Finding]]) -> None:
    for file, each in found:
        fix = f" {each.fix}" if each.fix else ""
        sys.stdout.write(f"{file}:{each.line}: {each.severity} {each.rule}: {each.message}{fix}\n")


def _json(found: Sequence[tuple[Path, Finding]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "file": str(file),
            "line": each.line,
            "severity": each.severity,
            "rule": each.rule,
            "message": each.message,
            "found": each.found,
            "fix": each.fix,
            "instead": each.instead,
        }
        for file, each in found
    ]
    sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")


_KINDS = {BLOCK: "error", WARN: "warning", INFO: "notice"}


def _github(found: Sequence[tuple[Path, Finding]]) -> None:
    """Commands of GitHub's workflows, their values escaped as actions/toolkit does."""
    for file, each in found:
        where = f"file={_value(str(file))},line={each.line},title={_value(each.rule)}"
        words = " ".join(part for part in (each.message, each.fix) if part)
        sys.stdout.write(f"::{_KINDS[each.severity]} {where}::{_data(words)}\n")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
