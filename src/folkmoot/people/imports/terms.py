"""Writing what hangs on people and projects: tags, affiliations, terms. In bulk, through an import's ``Changes``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.people import seeds
from folkmoot.people.imports.claims import Role
from folkmoot.people.models import (
    Affiliation,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Team,
    Term,
    repository_key,
)
from folkmoot.people.queries.names import (
    former_project_names,
    former_repositories,
    organizations_by_name,
)


def put_tags(
    changes: Changes,
    model: type[Person] | type[Project] | type[Organization],
    wanted: Iterable[tuple[Any, str, str]],
) -> None:
    """Put tags (record, facet, name) on records; those that are there stay."""
    rows = {(record.pk, facet, fold(name)): (record, name) for record, facet, name in wanted}
    if not rows:
        return
    facets, folded = {key[1] for key in rows}, {key[2] for key in rows}
    tags = {(tag.facet, tag.folded): tag for tag in Tag.objects.filter(facet__in=facets, folded__in=folded)}
    missing: dict[tuple[str, str], Tag] = {}
    for (_pk, facet, word), (_record, name) in rows.items():
        if (facet, word) not in tags:
            missing.setdefault((facet, word), Tag(facet=facet, name=name, folded=word))
    changes.create(Tag, list(missing.values()), counter="")
    tags |= missing
    through: Any = model.tags.through
    column = f"{model._meta.model_name}_id"
    there = set(
        through.objects.filter(**{f"{column}__in": {key[0] for key in rows}}).values_list(column, "tag_id")
    )
    pairs = {(pk, tags[facet, word].pk) for pk, facet, word in rows}
    changes.create(
        through, [through(**{column: pk, "tag_id": tag}) for pk, tag in sorted(pairs - there)], counter="tags"
    )
    changes.unchanged("tags", len(pairs & there))


def ensure_organizations(changes: Changes, names: Iterable[str]) -> dict[str, Organization]:
    """Organisations by folded name; what is missing is made."""
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(fold(name), name)
    known = organizations_by_name(wanted)
    missing = [
        Organization(name=name, folded=folded) for folded, name in wanted.items() if folded not in known
    ]
    made = changes.create(Organization, missing, counter="organizations")
    return known | {one.folded: one for one in made}


def put_affiliations(changes: Changes, wanted: Sequence[tuple[Person, str]]) -> None:
    """Let people belong to organisations, found by their folded name, made when unknown; undated."""
    if not wanted:
        return
    folded = {fold(name) for _person, name in wanted}
    known = organizations_by_name(folded)
    missing: dict[str, Organization] = {}
    for _person, name in wanted:
        if fold(name) not in known:
            missing.setdefault(fold(name), Organization(name=name, folded=fold(name)))
    changes.create(Organization, list(missing.values()), counter="organizations")
    known |= missing
    there = set(
        Affiliation.objects.filter(person__in={person.pk for person, _name in wanted}).values_list(
            "person_id", "organization_id"
        )
    )
    pairs = dict.fromkeys((person.pk, known[fold(name)].pk) for person, name in wanted)
    changes.create(
        Affiliation,
        [
            Affiliation(person_id=person, organization_id=organization, source=changes.source)
            for person, organization in pairs
            if (person, organization) not in there
        ],
        counter="affiliations",
    )
    changes.unchanged("affiliations", len(there.intersection(pairs)))


def ensure_role_kinds(changes: Changes, roles: Iterable[Role]) -> dict[str, RoleKind]:
    """The kinds of role by short name; what is missing is made as the seeds describe it, or as the source names it."""
    wanted = {role.slug: role for role in roles}
    known = {kind.slug: kind for kind in RoleKind.objects.filter(slug__in=wanted)}
    described = seeds.role_kinds()
    missing = [
        RoleKind(
            **described.get(slug, {"slug": slug, "name": role.name or slug.replace("-", " ").capitalize()})
        )
        for slug, role in wanted.items()
        if slug not in known
    ]
    return known | {kind.slug: kind for kind in changes.create(RoleKind, missing, counter="role_kinds")}


def ensure_teams(changes: Changes, names: Iterable[str]) -> dict[str, Team]:
    """Teams by folded name; what is missing is made."""
    wanted = {fold(name): name for name in names if name}
    if not wanted:
        return {}
    known = {team.folded: team for team in Team.objects.filter(folded__in=wanted)}
    missing = [Team(name=name, folded=folded) for folded, name in wanted.items() if folded not in known]
    return known | {team.folded: team for team in changes.create(Team, missing, counter="teams")}


def ensure_projects(
    changes: Changes, wanted: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], Project]:
    """Projects by (kind, name, repository): found by repository, else by kind and name; made when unknown."""
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    by_repository, by_name = find_projects(asked)
    found: dict[tuple[str, str, str], Project] = {}
    new: list[Project] = []
    for kind, name, repository in asked:
        key = repository_key(repository)
        project = (by_repository.get(key) if key else None) or by_name.get((kind, fold(name)))
        if project is None:
            project = Project(
                kind=kind, name=name, folded=fold(name), repository=repository, repository_key=key
            )
            new.append(project)
            by_name[kind, project.folded] = project
            if key:
                by_repository[key] = project
        found[kind, name, repository] = project
    changes.create(Project, new, counter="projects")
    return found


def find_projects(
    wanted: Iterable[tuple[str, str, str]],
) -> tuple[dict[str, Project], dict[tuple[str, str], Project]]:
    """The projects that (kind, name, repository) may mean: by repository key, and by kind and folded name. Those that
    had them before a merge count, too, where no other has them now."""
    wanted = list(wanted)
    keys = {key for _kind, _name, repository in wanted if (key := repository_key(repository))}
    names = {fold(name) for _kind, name, _repository in wanted}
    found = list(Project.objects.filter(repository_key__in=keys)) if keys else []
    canonical = {project.pk: project for project in found}
    for project in Project.objects.filter(folded__in=names):
        canonical.setdefault(project.pk, project)
    once_there, once_named = former_repositories(keys), former_project_names(names)
    for project in (*once_there.values(), *once_named.values()):
        canonical.setdefault(project.pk, project)
    return (
        {key: canonical[project.pk] for key, project in once_there.items()}
        | {project.repository_key: project for project in canonical.values() if project.repository_key},
        {key: canonical[project.pk] for key, project in once_named.items()}
        | {(project.kind, project.folded): project for project in canonical.values()},
    )


def put_terms(changes: Changes, wanted: Sequence[tuple[Person, Role, Project | None]]) -> None:
    """Let people hold roles.

    A role said without days is there already when the person holds it at all, dated or not: somebody who knew more
    wrote the days. A role said with its first day is that term; a last day is added where none is written.
    """
    if not wanted:
        return
    kinds = ensure_role_kinds(changes, [role for _person, role, _project in wanted])
    teams = ensure_teams(changes, [role.team for _person, role, _project in wanted])
    held: dict[tuple[int, int, int, int], list[Term]] = {}
    for term in Term.objects.filter(person__in={person.pk for person, _role, _project in wanted}).order_by(
        "pk"
    ):
        held.setdefault(
            (term.person_id, term.role_kind_id, term.project_id or 0, term.team_id or 0), []
        ).append(term)
    new: list[Term] = []
    ended: list[tuple[Term, dict[str, dt.date | None]]] = []
    same = 0
    for person, role, project in wanted:
        team = teams.get(fold(role.team)) if role.team and project is None else None
        key = (person.pk, kinds[role.slug].pk, project.pk if project else 0, team.pk if team else 0)
        terms = held.setdefault(key, [])
        known = next(
            (term for term in terms if role.started_on is None or term.started_on == role.started_on), None
        )
        if known is None:
            term = Term(
                person=person,
                role_kind=kinds[role.slug],
                project=project,
                team=team,
                started_on=role.started_on,
                ended_on=role.ended_on,
                source=changes.source,
            )
            terms.append(term)
            new.append(term)
        elif role.ended_on and known.ended_on is None and known.pk and _fits(known, role.ended_on):
            ended.append((known, {"ended_on": role.ended_on}))
        else:
            same += 1
    changes.create(Term, new, counter="terms")
    changes.update(Term, ended, counter="terms")
    changes.unchanged("terms", same)


def _fits(term: Term, last: dt.date) -> bool:
    return term.started_on is None or term.started_on <= last
