"""``folkmoot``: everything that is done from a terminal."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Set Django up, collect the areas' commands, run the one that was asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, ProgrammingError, connection
    from django.utils.module_loading import autodiscover_modules

    from folkmoot.kernel.cli import Problem, cli, console

    try:
        django.setup()
        autodiscover_modules("commands")
        cli()
    except (Problem, ImproperlyConfigured) as problem:
        console.print(f"folkmoot: {problem}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)
    except (OperationalError, ProgrammingError) as problem:
        if "no such table" in str(problem) or "does not exist" in str(problem):
            console.print("folkmoot: the database is empty or old: run `folkmoot init` first.", style="red")
            sys.exit(2)
        if isinstance(problem, OperationalError) and connection.connection is None:
            console.print(
                f"folkmoot: the database cannot be reached: {' '.join(str(problem).split())} "
                "Start it or mend FOLKMOOT_DATABASE_URL; `folkmoot doctor` checks every setting.",
                style="red",
                markup=False,
                soft_wrap=True,
            )
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
