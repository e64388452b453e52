"""Repositories that a live source shows: found by their number, then by address; edits of people stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from folkmoot.kernel import audit
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.text import fold
from folkmoot.kernel.three_way import KEEP, three_way
from folkmoot.people.models import Project, ProjectFacts, SourceRecord, repository_key
from folkmoot.people.queries.names import former_repositories

#: The part under which a repository's own words are kept as a source's record.
PART = "repositories"


@dataclass(frozen=True)
class SeenRepository:
    """A repository as its source shows it now; ``number`` never changes, name and address may."""

    number: str
    full_name: str
    repository: str
    description: str = ""
    website: str = ""
    is_archived: bool = False

    @property
    def said(self) -> dict[str, Any]:
        """What the source says of the fields that a person may edit, too."""
        return {
            "repository": self.repository,
            "description": self.description,
            "website": self.website,
            "is_archived": self.is_archived,
        }


def seen_repository(
    seen: SeenRepository, *, source: str, project: Project | None = None, address: str = ""
) -> Project:
    """The project of a repository, made when there is none, in the caller's transaction.

    It is found by the repository's number, which it keeps when it is renamed or given to another owner; else by its
    address. Values are brought in line three ways: what a person changed since the source last spoke stays.

    Args:
        project: the one that it is known to be (after a redirect, say).
        address: under which it is known to be that, where a merge may have taken it from another project.
    """
    record = (
        SourceRecord.objects.filter(source=source, part=PART, key=seen.number)
        .select_related("project")
        .first()
    )
    facts = ProjectFacts.objects.filter(source=source, number=seen.number).select_related("project").first()
    key = repository_key(seen.repository)
    found = (
        (record.project if record else None)
        or (facts.project if facts else None)
        or project
        or Project.objects.filter(repository_key=key).first()
        or former_repositories({key}).get(key)
    )
    reason = f"read from {source}"[:200]
    if found is None:
        found = _new(seen, key)
        audit.bulk_create(Project, [found], reason=reason)
        rows_changed.send(sender=Project, model=Project, ids=[found.pk])
    else:
        redirected = record is None and found is project and is_main(found, address or found.repository)
        _bring_in_line(found, seen, record, reason, redirected=redirected)
    _keep(seen, source, record, found)
    return found


def _new(seen: SeenRepository, key: str) -> Project:
    name = seen.full_name.rpartition("/")[2]
    if Project.objects.filter(kind=Project.Kind.REPOSITORY, folded=fold(name)).exists():
        name = seen.full_name
    return Project(
        kind=Project.Kind.REPOSITORY,
        name=name[:200],
        folded=fold(name[:200]),
        repository_key=key,
        **seen.said,
    )


def _bring_in_line(
    project: Project, seen: SeenRepository, record: SourceRecord | None, reason: str, *, redirected: bool
) -> None:
    before: Mapping[str, Any] = record.payload if record else {}
    if not (redirected or is_main(project, seen.repository, str(before.get("repository", "")))):
        return
    changed = []
    for field, now in seen.said.items():
        held = getattr(project, field)
        if field == "is_archived" and record is not None and before.get(field) == held != now:
            value: Any = now  # three_way never empties a value, and False counts as empty
        elif field == "repository" and redirected:
            value = now
        else:
            value, _stood = three_way(
                now, before.get(field), record is not None, held, held in ("", None, False)
            )
        if value is KEEP or (field == "repository" and _is_taken(project, now)):
            continue
        setattr(project, field, value)
        changed.append(field)
    if changed:
        project.repository_key = repository_key(project.repository)
        audit.bulk_update(Project, [project], [*changed, "repository_key"], reason=reason)
        rows_changed.send(sender=Project, model=Project, ids=[project.pk])


def is_main(project: Project, *addresses: str) -> bool:
    """Whether one of these is the project's own address; after a merge a project may have further repositories, which
    say nothing of it."""
    return project.repository_key in {"", *map(repository_key, addresses)}


def _is_taken(project: Project, address: str) -> bool:
    return Project.objects.filter(repository_key=repository_key(address)).exclude(pk=project.pk).exists()


def _keep(seen: SeenRepository, source: str, record: SourceRecord | None, project: Project) -> None:
    payload = {"full_name": seen.full_name, **seen.said}
    if record is None:
        SourceRecord.objects.create(
            source=source, part=PART, key=seen.number, payload=payload, project=project
        )
    elif record.payload != payload or record.project_id != project.pk:
        record.payload, record.project = payload, project
        record.save(update_fields=["payload", "project"])


def put_facts(
    *, project: Project, source: str, number: str, read_at: dt.datetime, values: Mapping[str, Any]
) -> ProjectFacts:
    """Keep what the source says of a project, in the caller's transaction. What ``values`` does not name stays.

    For the repository at the project's own address (:func:`is_main`) only.
    """
    # Who had this number before (a project that was merged or given another address) has it no more.
    ProjectFacts.objects.filter(source=source, number=number).exclude(project=project).update(number="")
    wanted = {**values, "source": source, "number": number, "read_at": read_at, "stale_since": None}
    facts, _made = ProjectFacts.objects.get_or_create(project=project, defaults={"source": source})
    for name, value in wanted.items():
        setattr(facts, name, value)
    facts.save(update_fields=list(wanted))
    return facts


def mark_facts_stale(*, source: str, number: str, since: dt.datetime) -> None:
    """Say since when a repository's facts could not be read; the values stay. The first failure counts."""
    ProjectFacts.objects.filter(source=source, number=number, stale_since=None).update(stale_since=since)


def mark_facts_read(*, source: str, number: str, read_at: dt.datetime) -> None:
    """Say that a repository's facts were read and are what they were."""
    ProjectFacts.objects.filter(source=source, number=number).update(read_at=read_at, stale_since=None)
