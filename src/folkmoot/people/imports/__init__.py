"""What the register reads: each module declares a source and the register's parts of it."""

from folkmoot.people.imports import allcontributors, amy, editorial, pybamm, pyopensci, tables

__all__ = ["allcontributors", "amy", "editorial", "pybamm", "pyopensci", "tables"]
