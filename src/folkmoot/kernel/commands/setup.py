"""``folkmoot init``, ``user`` and ``doctor``: making an installation and looking after it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Prefetch, QuerySet
from rich.table import Table
from rich.text import Text

from folkmoot.kernel import doctor as examinations
from folkmoot.kernel import installation
from folkmoot.kernel.accounts import actions
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.ops import checks
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.text import fold
from folkmoot.kernel.welcome import gate

user_cli = typer.Typer(help="People who sign in, and what they may do.", no_args_is_help=True)
cli.add_typer(user_cli, name="user")


@cli.command()
def init(
    community: Annotated[
        str, typer.Option(help="The community's name, shown on every page.", show_default=False)
    ] = "",
) -> None:
    """Make or update the data folder, the database and the browser assets. Safe to run at any time."""
    did = installation.prepare()
    if named := installation.name_community(community):
        did.append(named)
    for sentence in did:
        console.print(sentence, markup=False, soft_wrap=True)
    missing = installation.assets_missing()
    if missing:
        console.print(
            "The browser assets are not here: run `make setup`, or `npm ci` in the project's folder.",
            style="yellow",
        )
    if not did:
        console.print("Nothing to do: the database and everything around it are up to date.")
    if not User.objects.exists():
        console.print(
            "Next: `folkmoot serve`, then open this link, which lets its first visitor set the community up"
            " (or make an account here: `folkmoot user add you@example.org --admin`):",
            soft_wrap=True,
        )
        console.print(gate.link(), markup=False, soft_wrap=True)


@user_cli.command("add")
def user_add(
    email: str,
    name: Annotated[str, typer.Option(help="As the person writes it.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="Every right in every area.")] = False,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input instead of asking."),
    ] = False,
) -> None:
    """Make a user, or set the name and password of one. Asks for the password; an empty one leaves it as it is."""
    try:
        validate_email(email)
    except ValidationError as error:
        stop(" ".join(error.messages))
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, default="", show_default=False, err=True)
        if password and typer.prompt("Again", hide_input=True, err=True) != password:
            stop("The two passwords differ: run the command again.")
    else:
        stop("There is no terminal to ask for a password: pass it on standard input with --password-stdin.")
    known = User.objects.filter(email__iexact=fold(email)).exists()
    try:
        user = actions.add_user(email=email, name=name, password=password or None)
    except ValidationError as error:
        stop(" ".join(error.messages))
    if admin:
        actions.grant_all(user=user, level=Level.ADMIN)
    console.print(
        f"{'Changed' if known else 'Made'} the user {user.email}{', with every right' if admin else ''}."
    )
    if not user.has_usable_password():
        console.print("They cannot sign in yet: run the command again with a password.", style="yellow")
    if not admin and not known:
        console.print(
            f"They may do nothing yet: `folkmoot user grant {user.email} people manage`, for example."
        )


@user_cli.command("grant")
def user_grant(
    email: str, area: str, level: Annotated[str, typer.Argument(help="A level, or `none`.")]
) -> None:
    """Set how far a user may go in an area (or `all` areas); each level includes the lower ones."""
    user = User.objects.filter(email__iexact=fold(email)).first()
    if user is None:
        stop(f"There is no user {email}: `folkmoot user list` shows them, `folkmoot user add` makes one.")
    if area != "all" and area not in Area.values:
        stop(f"{area!r} is no area; choose one of {', '.join(Area.values)}, or all.")
    try:
        wanted = None if level == "none" else Level.named(level)
    except ValueError as error:
        stop(f"{error}, or none.")
    try:
        for each in Area if area == "all" else [Area(area)]:
            actions.grant(user=user, area=each, level=wanted)
    except ValidationError as error:
        stop(" ".join(error.messages))
    where = "all areas" if area == "all" else area
    console.print(f"{user.email}: {where}: {wanted.name.lower() if wanted else 'no right'}.")


@user_cli.command("list")
def user_list(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show who may sign in, and their level in each area."""
    users = [(user, {g.area: Level(g.level).name.lower() for g in user.grants.all()}) for user in _users()]
    if as_json:
        rows = [
            {"email": user.email, "name": user.name, "active": user.is_active, "grants": grants}
            for user, grants in users
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    table = Table("E-mail", "Name", "Rights", box=None, pad_edge=False)
    for user, grants in users:
        rights = ", ".join(f"{area} {level}" for area, level in grants.items()) or "none"
        if len(grants) == len(Area) and len(set(grants.values())) == 1:
            rights = f"all areas {next(iter(grants.values()))}"
        table.add_row(
            Text(user.email), Text(user.name), Text(rights if user.is_active else f"{rights} (switched off)")
        )
    console.print(table if users else "There are no users yet: `folkmoot user add you@example.org --admin`.")


def _users() -> QuerySet[User]:
    grants = Prefetch("grants", Grant.objects.order_by("area"))
    return User.objects.prefetch_related(grants).order_by("email")


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Also whether it is fit to be reached by others.")
    ] = False,
) -> None:
    """Check every setting and its surroundings; say what is wrong and how to mend it. Exit code 1 when something is."""
    findings = examinations.examine(checks.DEPLOY_CHECKS if deploy else ())
    state = examinations.worst(findings)
    if as_json:
        answer = {"state": state, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    else:
        _show(findings)
    if state == examinations.State.WRONG:
        raise typer.Exit(1)


def _show(findings: list[examinations.Finding]) -> None:
    colours = {"ok": "green", "warning": "yellow", "wrong": "red"}
    table = Table("", "", "", box=None, pad_edge=False, show_header=False)
    for finding in findings:
        table.add_row(
            Text(finding.state, style=colours[finding.state]), Text(finding.name), Text(finding.says)
        )
    console.print(table)
    amiss = list(examinations.amiss(findings))
    if not amiss:
        console.print("\nAll is well.", style="green")
        return
    console.print()
    for finding in amiss:
        line = Text(f"{finding.state}: ", style=colours[finding.state])
        console.print(line + Text(f"{finding.name}: {finding.says}. {finding.mend}"), soft_wrap=True)
