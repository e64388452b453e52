"""What the register reads: each module declares a source and the register's parts of it."""

from folkmoot.people.imports import allcontributors, pybamm, pyopensci, table

__all__ = ["allcontributors", "pybamm", "pyopensci", "table"]
