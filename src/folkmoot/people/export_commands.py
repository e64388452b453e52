"""``folkmoot export person``: all that is stored about one person, as JSON."""

from __future__ import annotations

import sys

import typer

from folkmoot.kernel.cli import stop
from folkmoot.kernel.commands.exports import export_cli
from folkmoot.people.models import Person
from folkmoot.people.queries.export_person import document


@export_cli.command("person")
def person(
    number: int = typer.Argument(help="The number in the address of the person's page."),
) -> None:
    """Write all that is stored about a person to standard output, as JSON: for somebody who asks without an account."""
    found = Person.objects.filter(pk=number).first()
    if found is None:
        stop(f"There is nobody with the number {number}: look at the address of the person's page.")
    for piece in document(found):
        sys.stdout.write(piece)
