"""Records about projects and the people they name, brought into the register (see ``writing`` for what wins)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Row
from folkmoot.kernel.text import fold
from folkmoot.people.identities import Directory, newcomer, save_newcomers
from folkmoot.people.imports.claims import ProjectClaim, Role
from folkmoot.people.imports.terms import find_projects, put_tags, put_terms
from folkmoot.people.imports.writing import KEEP, reject, save_records, three_way
from folkmoot.people.models import Identity, Person, Project, SourceRecord, repository_key


def apply_projects(
    rows: Sequence[Row],
    changes: Changes,
    *,
    part: str,
    read_claim: Callable[[Mapping[str, Any]], ProjectClaim],
) -> None:
    """Bring projects and the people they name in line with one chunk of records, in a fixed number of queries."""
    claims = [read_claim(row.payload["record"]) for row in rows]
    records = {
        record.key: record
        for record in SourceRecord.objects.filter(
            source=changes.source, part=part, key__in={row.payload["key"] for row in rows}
        ).select_related("project")
    }
    by_repository, by_name = find_projects(
        [(claim.kind, claim.fields["name"], claim.fields.get("repository", "")) for claim in claims]
    )
    canonical = {project.pk: project for project in [*by_repository.values(), *by_name.values()]}
    directory = Directory([named.handle for claim in claims for named in claim.people])
    new: list[Project] = []
    newcomers: list[Identity] = []
    better_names: dict[int, tuple[Person, dict[str, Any]]] = {}
    touched: dict[int, tuple[Project, dict[str, Any]]] = {}
    owners: list[tuple[Row, Project, SourceRecord | None]] = []
    tags: list[tuple[Project, str, str]] = []
    roles: list[tuple[Person, Role, Project | None]] = []
    for row, claim in zip(rows, claims, strict=True):
        key = repository_key(claim.fields.get("repository", ""))
        record = records.get(row.payload["key"])
        project = (by_repository.get(key) if key else None) or by_name.get(
            (claim.kind, fold(claim.fields["name"]))
        )
        if project is None and record and record.project:
            project = canonical.setdefault(record.project.pk, record.project)
        before = (
            read_claim(record.payload) if record and project and record.project_id == project.pk else None
        )
        if project is None:
            project = Project(kind=claim.kind)
            for field, value in claim.fields.items():
                setattr(project, field, value)
            project.folded, project.repository_key = fold(project.name), key
            new.append(project)
        elif project.pk is not None:
            pending = touched.setdefault(id(project), (project, {}))[1]
            _project_fields(changes, row, project, pending, claim, before, by_repository, by_name)
        by_name[project.kind, fold(claim.fields["name"])] = project
        if key:
            by_repository[key] = project
        owners.append((row, project, record))
        new_tags = [tag for tag in claim.tags if not (before and tag in before.tags)]
        changes.unchanged("tags", len(claim.tags) - len(new_tags))
        tags += [(project, *tag) for tag in new_tags]
        held_before = {(named.handle.folded, named.role) for named in before.people} if before else set()
        for named in claim.people:
            identity = directory.find(named.handle)
            if identity is None:
                identity = directory.add(newcomer(named.handle, named.name))
                newcomers.append(identity)
            elif identity.person.erased_at is not None:
                reject(
                    changes,
                    row,
                    named.field,
                    _(
                        "somebody named here asked to be forgotten: they were left out, and are not written again"
                    ),
                )
                continue
            elif named.name and fold(identity.person.name) in {
                one.folded for one in directory.of(identity.person)
            }:
                _rename(identity.person, named.name, better_names)
            if named.role and (named.handle.folded, named.role) in held_before:
                changes.unchanged("terms")
            elif named.role:
                roles.append((identity.person, Role(named.role, field=named.field), project))
        names_now = {(named.handle.folded, named.role) for named in claim.people}
        for named in before.people if before else ():
            if named.role and (named.handle.folded, named.role) not in names_now:
                reject(
                    changes,
                    row,
                    named.field,
                    _(
                        "“%(handle)s” is no longer listed: the term was kept; give it a last day if it has ended"
                    )
                    % {"handle": named.handle.value},
                )
    changes.create(Project, new, counter="projects")
    changes.update(Project, touched.values(), counter="projects")
    save_newcomers(changes, [identity.person for identity in newcomers], newcomers)
    changes.update(Person, better_names.values(), counter="people")
    put_tags(changes, Project, tags)
    put_terms(changes, roles)
    save_records(changes, part, owners, "project")


def _rename(person: Person, name: str, better: dict[int, tuple[Person, dict[str, Any]]]) -> None:
    """A real name for somebody who went by a login."""
    if fold(name) == fold(person.name):
        return
    if person.pk is None:
        person.name = name
        person.sort_key = person.reckon_sort_key()
        return
    copy = Person(name=name, sort_name=person.sort_name)
    better.setdefault(id(person), (person, {"name": name, "sort_key": copy.reckon_sort_key()}))


def _project_fields(
    changes: Changes, row: Row, project: Project, pending: dict[str, Any], claim: ProjectClaim,
    before: ProjectClaim | None, by_repository: Mapping[str, Project], by_name: Mapping[tuple[str, str], Project],
) -> None:  # fmt: skip
    for field, now in claim.fields.items():
        held = pending.get(field, getattr(project, field))
        then = before.fields.get(field) if before else None
        value, stood = three_way(now, then, before is not None, held, held in ("", None, False))
        if value is KEEP and not stood:
            continue
        other = None
        if field == "name":
            other = by_name.get((project.kind, fold(now)))
        elif field == "repository":
            other = by_repository.get(repository_key(now))
        if stood or (other is not None and other is not project):
            why = (
                (_("another project, %(name)s, has it already") % {"name": other.name})
                if other is not None and other is not project
                else _("the register holds “%(held)s”, which is not what the file said before")
                % {"held": str(held)[:100]}
            )
            reject(
                changes,
                row,
                field,
                _("the file says “%(now)s” now; %(why)s: the register's value was kept")
                % {"now": str(now)[:100], "why": why},
            )
            continue
        pending[field] = value
        if field == "name":
            pending["folded"] = fold(value)
        elif field == "repository":
            pending["repository_key"] = repository_key(value)
