#!/usr/bin/env python3
"""Writes the tables in ``docs/`` that the code knows itself: settings, commands, metrics, sources, jobs, pages, rights.

Each stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``; the text around it is written by hand. A test
fails when a table is not what the code says: run this script again.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
#: Which file holds which tables.
PLACES = {
    "settings": "settings.md",
    "commands": "commands.md",
    "metrics": "metrics.md",
    "sources": "imports.md",
    "schedule": "operations.md",
    "pages": "pages.md",
    "permissions": "permissions.md",
    "checks": "policy.md",
    "conditions": "policy.md",
    "amy": "coming-from-amy.md",
}
#: The one line for each page and permission that the code does not know.
WORDS = DOCS / "words.yml"
#: Parts of docs/pages.md: heading, and the beginnings of the names of its pages.
PARTS = (
    ("Today", ("home:",)),
    ("The register", ("people:",)),
    ("One's own record", ("own:",)),
    ("Public pages", ("contributors:",)),
    ("Peer review", ("reviews:",)),
    ("Publishing", ("publishing:",)),
    ("Training and events", ("training:",)),
    ("Public pages of events", ("events:",)),
    ("What happened", ("ledger:",)),
    ("Reports", ("reports:",)),
    ("Notices", ("notices:",)),
    ("Search", ("search:",)),
    ("Signing in", ("account_", "mfa_", "signin:", "github_", "orcid_", "openid_", "socialaccount_")),
    ("One's own account", ("accounts:",)),
    ("Users and rights", ("users:",)),
    ("First run and the community", ("welcome:", "theme_css", "logo")),
    ("Mails by rule", ("mailing:",)),
    ("The outbox", ("outbox:",)),
    ("Imports", ("imports:",)),
    ("GitHub", ("github:",)),
    ("Jobs", ("jobs:",)),
    ("The API", ("api:", "api-", "tokens:", "webhooks:")),
    ("For machines", ("healthz", "readyz", "metrics")),
)


def set_up() -> None:
    """Load the house, with a database that nobody uses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")
    os.environ.setdefault("FOLKMOOT_DATA_DIR", tempfile.mkdtemp(prefix="folkmoot-docs-"))
    import django
    from django.utils.module_loading import autodiscover_modules

    django.setup()
    autodiscover_modules("commands")


def tables() -> dict[str, str]:
    """Every table by its name, as Markdown."""
    from django.utils import translation

    with translation.override("en"):
        return {
            "settings": settings(),
            "commands": commands(),
            "metrics": metrics(),
            "sources": sources(),
            "amy": amy(),
            "schedule": schedule(),
            "pages": pages(),
            "permissions": permissions(),
            "checks": checks(),
            "conditions": conditions(),
        }


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def checks() -> str:
    from folkmoot.publishing.policy import loading as _loading  # noqa: F401 - registers them
    from folkmoot.publishing.policy.registry import checks as found

    parts = []
    for one in found:
        more = f"{one.more}\n\n" if one.more else ""
        lines = [row("can be set", "takes", "without it", "what it does"), "|---|---|---|---|\n"]
        for param in one.params:
            choices = (
                f" One or more of: {', '.join(f'`{each}`' for each in param.choices)}."
                if param.choices
                else ""
            )
            lines.append(row(f"`{param.name}`", param.kind, _default(param), param.help + choices))
        table = "".join(lines) + "\n" if one.params else ""
        parts.append(f"### `{one.key}`\n\n{one.about}\n\n{more}{table}*Source:* {one.source}\n\n")
    return "".join(parts).rstrip() + "\n"


def _default(param: Any) -> str:
    value = param.default
    if param.choices and tuple(value) == tuple(param.choices):
        return "all of them"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if param.kind == "days":
        return ", ".join(f"{month:02}-{day:02}" for _year, month, day in value)
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value) if value != {} else "none"


def conditions() -> str:
    from folkmoot.publishing.policy.rules import CONDITIONS

    lines = [row("condition", "what it asks"), "|---|---|\n"]
    return "".join([*lines, *(row(f"`{name}`", said) for name, said in CONDITIONS.items())])


def settings() -> str:
    from folkmoot.environment import ENVIRONMENT

    lines = [row("variable", "without it", "what it does"), "|---|---|---|\n"]
    for setting in ENVIRONMENT:
        default = f"`{setting.default}`" if setting.default else "nothing"
        secret = " **Secret:** never shown or logged." if setting.secret else ""
        lines.append(row(f"`{setting.name}`", default, setting.help + secret))
    return "".join(lines)


def each_command() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    import typer

    from folkmoot.kernel.cli import cli

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "list_commands", None)
        if inner is None:
            yield " ".join(words), command
            return
        context = typer.Context(command)
        for name in inner(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from walk(found, (*words, name))

    yield from sorted(walk(typer.main.get_command(cli), ("folkmoot",)), key=lambda pair: pair[0])


def commands() -> str:
    parts = []
    for name, command in each_command():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        names = [(p.metavar or p.name).strip("[]").upper() for p in arguments]
        usage = " ".join(
            [name, *(n if p.required else f"[{n}]" for n, p in zip(names, arguments, strict=True))]
        )
        parts.append(
            f"### `{name}`\n\n`{usage}{' [OPTIONS]' if options else ''}`\n\n{_text(command.help)}\n\n"
        )
        told = [
            (f"`{n}`", _text(p.help))
            for n, p in zip(names, arguments, strict=True)
            if getattr(p, "help", None)
        ]
        for option in options:
            takes = "" if option.is_flag else f" {(option.metavar or option.name or '').upper()}"
            many = " May be given several times." if option.multiple else ""
            flags = ", ".join(f"`{flag}{takes}`" for flag in (option.opts[0], *option.secondary_opts))
            told.append((flags, _text(option.help) + many))
        if told:
            parts.append("| | |\n|---|---|\n" + "".join(row(*pair) for pair in told) + "\n")
    return "".join(parts).rstrip() + "\n"


def _text(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())


def metrics() -> str:
    from folkmoot.kernel.metrics import areas, metrics_of

    parts = []
    for area in areas():
        parts.append(f"## Figures of `--area {area}`\n\n")
        for metric in metrics_of(area):
            source = f" After {metric.source}." if metric.source else ""
            parts.append(
                f"### `{metric.key}`\n\n**{metric.label}.** {metric.definition}{source}\n\n"
                f"*Never counted:* {str(metric.excludes)[0].lower() + str(metric.excludes)[1:]}\n\n"
            )
    return "".join(parts).rstrip() + "\n"


def sources() -> str:
    from folkmoot.kernel.imports.sources import sources as registered

    parts = []
    for source in registered:
        files = ", ".join(f"`{pattern}`" for pattern in source.files)
        parts.append(f"### `{source.key}`\n\n{source.help} Reads a {source.takes}: {files}.")
        parts.append(f" Needs `{source.permission}`.\n\n")
        if source.options:
            parts.append("| option | |\n|---|---|\n")
            parts += [row(f"`--{option.name}`", option.help) for option in source.options]
            parts.append("\n")
        if source.columns:
            parts.append("| field | headings that are recognised |\n|---|---|\n")
            for column in source.columns:
                known = ", ".join((column.name, *column.known_as))
                parts.append(row(f"`{column.name}`{' (required)' if column.required else ''}", known))
            parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def amy() -> str:
    from folkmoot.people.imports.amy.mapped import amy_models

    def went(where: Any, *, none: str = "") -> str:
        return f"*not taken over:* {where.why}" if hasattr(where, "why") else str(where or none)

    parts = []
    for model in amy_models:
        if model.is_left_out:
            continue
        parts.append(f"### {model.model}\n\n{went(model.goes_to)}\n\n| column | here |\n|---|---|\n")
        parts += [row(f"`{name}`", went(where)) for name, where in model.fields.items()]
        parts.append("\n")
    parts.append("### Not taken over\n\n| model | why |\n|---|---|\n")
    parts += [row(f"`{model.model}`", model.goes_to.why) for model in amy_models if model.is_left_out]
    return "".join(parts).rstrip() + "\n"


def schedule() -> str:
    from folkmoot.kernel.plugs import schedule as registered

    lines = [row("job", "what it does"), "|---|---|\n"]
    return "".join(lines + [row(f"`{entry.key}`", entry.help) for entry in registered])


def words(kind: str, wanted: set[str]) -> dict[str, Any]:
    """What ``docs/words.yml`` says of each page or permission.

    Raises:
        ValueError: one of them has no line, or a line is about none of them.
    """
    found: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))[kind]
    problems = [
        *(f"say in docs/words.yml under {kind} what {name} is" for name in sorted(wanted - set(found))),
        *(
            f"docs/words.yml, {kind}: there is no {name}; remove the line"
            for name in sorted(set(found) - wanted)
        ),
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return found


def each_page() -> Iterator[tuple[str, str, Any]]:
    """Every address with a name: the name, the address as one reads it, and its view."""
    from django.urls import URLResolver, get_resolver

    def walk(resolver: Any, before: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
        for entry in resolver.url_patterns:
            address = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                own = (entry.namespace,) if entry.namespace else ()
                yield from walk(entry, address, (*spaces, *own))
            else:
                yield ":".join((*spaces, entry.name or "")), _address(address), entry.callback

    yield from walk(get_resolver(), "/", ())


def _address(pattern: str) -> str:
    """`people/<int:pk>/` as `people/PK/`, a regular expression's named groups likewise."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: m[1].upper(), pattern)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: m[1].upper(), named).replace("^", "").replace("$", "")


def methods(view: Any) -> set[str]:
    """The methods that a view's decorators let through; empty when none says."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            cell = view.__closure__[code.co_freevars.index("request_method_list")]
            return set(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return set()


def pages() -> str:
    from folkmoot.kernel.permissions.access import PUBLIC, permission_of

    found = list(each_page())
    said = words("pages", {name for name, _address, _view in found})
    parts, left = [], {name for name, _address, _view in found}
    for heading, beginnings in PARTS:
        lines = [f"### {heading}\n\n", row("address", "what", "who may"), "|---|---|---|\n"]
        for name, address, view in sorted(found, key=lambda page: page[1]):
            if not name.startswith(beginnings) or name not in left:
                continue
            left.discard(name)
            permission = permission_of(view)
            who = "anybody" if permission == PUBLIC else f"`{permission}`"
            button = " *(button)*" if methods(view) == {"POST"} else ""
            lines.append(row(f"`{address}`", said[name] + button, who))
        parts.append("".join(lines))
    if left:
        raise ValueError(f"PARTS in scripts/docs.py has no part for {', '.join(sorted(left))}")
    return "\n".join(parts)


def permissions() -> str:
    from rules.permissions import permissions as registered

    said = words("permissions", set(registered))
    lines = [row("permission", "who has it", "what it opens"), "|---|---|---|\n"]
    for name in said:
        who = said[name].get("who") or who_has(registered[name])
        lines.append(row(f"`{name}`", who, said[name]["what"]))
    return "".join(lines)


def who_has(predicate: Any) -> str:
    """A rule in words.

    Raises:
        ValueError: it is more than levels and signing in; ``docs/words.yml`` has to say it.
    """
    told = []
    for part in re.sub(r"[()]", "", predicate.name).split(" | "):
        level = re.fullmatch(r"has_level:(\w+):(\w+)", part)
        some = re.fullmatch(r"has_any_level:(\w+)", part)
        if level:
            told.append(f"{level[1]}: `{level[2]}`")
        elif some:
            told.append(f"`{some[1]}` in any area")
        elif part == "is_signed_in":
            told.append("whoever is signed in")
        else:
            raise ValueError(f"say in docs/words.yml, permissions, who may: {predicate.name}")
    return ", or ".join(told)


def fill(text: str, name: str, table: str) -> str:
    """The page with this table in its place.

    Raises:
        ValueError: the page has no such place.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no place for the table {name!r}: write {begin} and {end} into the page")
    return pattern.sub(lambda _match: f"{begin}\n{table}{end}", text)


def main() -> int:
    set_up()
    for name, table in tables().items():
        path = DOCS / PLACES[name]
        before = path.read_text(encoding="utf-8")
        after = fill(before, name, table)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote the {name} in docs/{PLACES[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
