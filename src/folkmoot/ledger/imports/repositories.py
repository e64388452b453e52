"""The projects of repositories that tables of ``pyopensci`` name; a repository that was renamed is one project."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.people.public import Project, projects_by_name, projects_by_repository, repository_key


@cache
def rules() -> dict[str, Any]:
    """What the files' names and words mean: ``pyopensci.yml``."""
    found: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("pyopensci.yml").read_text(encoding="utf-8")
    )
    return found


def repository_now(name: str) -> str:
    """The folded name that a repository has today, by any that it had."""
    return str(rules()["renamed"].get(fold(name), fold(name)))


def repositories(changes: Changes, names: Iterable[str]) -> dict[str, Project]:
    """The projects of these repositories by folded name: found by address, else by name; made when unknown.

    A name that a repository had before leads to the same project, under whichever of them it was made. Four queries at
    most, and those that insert what is new.
    """
    spelled = {fold(name): name for name in sorted(names)}
    also = {folded: _all_names(folded) for folded in spelled}
    addresses = {
        name: rules()["repository"].format(repo=spelled.get(name, name))
        for several in also.values()
        for name in several
    }
    by_address = projects_by_repository(addresses.values())
    by_name = projects_by_name(addresses, kind=Project.Kind.REPOSITORY)
    found: dict[str, Project] = {}
    new: dict[str, Project] = {}
    for folded, several in also.items():
        there = (by_address.get(repository_key(addresses[name])) or by_name.get(name) for name in several)
        project = next(filter(None, there), None) or new.get(repository_now(folded))
        if project is None:
            project = new[repository_now(folded)] = Project(
                kind=Project.Kind.REPOSITORY,
                name=spelled[folded],
                folded=folded,
                repository=addresses[folded],
                repository_key=repository_key(addresses[folded]),
            )
        found[folded] = project
    changes.create(Project, list(new.values()), counter="projects")
    return found


def _all_names(folded: str) -> list[str]:
    """A repository's names, the one that was asked for first."""
    now = repository_now(folded)
    before = [name for name, later in rules()["renamed"].items() if later == now]
    return list(dict.fromkeys([folded, now, *before]))
