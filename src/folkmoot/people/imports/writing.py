"""Bringing the register in line with records, three ways.

For each value there are three: what the source says now, what it said at the last import (kept word for word as a
``SourceRecord``), and what the register holds.

* The source says what it said before: the register is left alone, whatever somebody made of it.
* The source says something new, and the register holds what the source said before, or nothing: the new value is taken.
* The source says something new, and the register holds something else: the register's value stays, and that is listed.
* The source says nothing any more: the last good value stays. Nothing is ever emptied or deleted by an import; a role
  that the source no longer names keeps its term, and that is listed, since its last day is not known.
* A record met for the first time fills what is empty on a person who is known already, and replaces no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from folkmoot.kernel import ids
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Rejection, Row
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.identities import Directory, Handle, newcomer, save_newcomers
from folkmoot.people.imports.claims import Claim, ProjectClaim, Role
from folkmoot.people.imports.terms import find_projects, put_affiliations, put_tags, put_terms
from folkmoot.people.models import Identity, Note, Person, Project, SourceRecord, repository_key
from folkmoot.people.systems import INTERNAL

T = TypeVar("T")
_KEEP = object()


def stage(
    file: str, line: int | None, key: str, record: Mapping[str, Any], lines: Mapping[str, int], **more: Any
) -> Row:
    """A row to stage: the record word for word, its key in the source, the lines of its fields."""
    top = {name: at for name, at in lines.items() if "." not in name}
    return Row(file, line, {"key": key[:320], "record": dict(record), "lines": top, **more})


def reject(changes: Changes, row: Row, field: str, reason: str) -> None:
    """List a value that is left out, at its own line."""
    line = row.payload["lines"].get(field, row.line)
    changes.rejections.append(Rejection(row.file, line, field, reason, row.payload["record"]))


def three_way(now: Any, before: Any, has_before: bool, held: Any, is_blank: bool) -> tuple[Any, bool]:
    """The value to set or ``_KEEP``, and whether the register's value stood against a new one."""
    if now in ("", None) or now == held:
        return _KEEP, False
    if is_blank and (not has_before or now != before):
        return now, False
    if not has_before or now == before:
        return _KEEP, False
    return (now, False) if held == before else (_KEEP, True)


class _People:
    """One chunk of records about people."""

    def __init__(
        self, rows: Sequence[Row], changes: Changes, part: str, read_claim: Callable[[Mapping[str, Any]], Claim],
        proofs: tuple[str, ...], only_fill: bool,
    ) -> None:  # fmt: skip
        self.rows, self.changes, self.part, self.read_claim = rows, changes, part, read_claim
        self.proofs, self.only_fill = proofs, only_fill
        self.claims = [read_claim(row.payload["record"]) for row in rows]
        keys = {row.payload["key"] for row in rows}
        self.records = {
            record.key: record
            for record in SourceRecord.objects.filter(
                source=changes.source, part=part, key__in=keys
            ).select_related("person")
        }
        people = [record.person for record in self.records.values() if record.person]
        self.directory = Directory(
            [handle for claim in self.claims for _field, handle in claim.handles], people
        )
        self.new_people: list[Person] = []
        self.new_identities: list[Identity] = []
        #: id(person) -> person and the values to set
        self.touched: dict[int, tuple[Person, dict[str, Any]]] = {}
        self.identity_values: dict[int, tuple[Identity, dict[str, Any]]] = {}
        self.former: list[tuple[Person, Handle]] = []

    def holder(self, row: Row, claim: Claim, record: SourceRecord | None) -> Person | None:
        """The person whom the record is about, if known; ``None`` for somebody new."""
        for _field, handle in claim.handles:
            if handle.system not in self.proofs:
                continue
            identity = self.directory.find(handle)
            if identity is not None and not self.clash(claim, identity.person, handle):
                return identity.person
        if record is None or record.person is None:
            return None
        person = self.directory.person(record.person)
        return None if self.clash(claim, person, None) else person

    def clash(self, claim: Claim, person: Person, found_by: Handle | None) -> bool:
        """Whether the claim gives another account on a system where the person is proven to have one."""
        strongest = next((handle for _field, handle in claim.handles if handle.system in self.proofs), None)
        if strongest is None or found_by == strongest:
            return False
        theirs = [one for one in self.directory.of(person) if one.system == strongest.system]
        if strongest.number:
            return any(one.number and one.number != strongest.number for one in theirs)
        return bool(theirs) and found_by is not None

    def is_blank(self, person: Person, field: str, held: Any) -> bool:
        """Empty; for a name: a handle that stands in for it."""
        if field == "name":
            return fold(held) in {one.folded for one in self.directory.of(person)}
        return held in ("", None, False)

    def is_doubtful(self, claim: Claim, person: Person) -> bool:
        """Found by nothing but an e-mail address, which people share, while the names have no word in common."""
        proven = [handle for _field, handle in claim.handles if handle.system in self.proofs]
        by = {
            handle.system
            for handle in proven
            if (one := self.directory.find(handle)) and one.person is person
        }
        if by != {"email"}:
            return False
        words = set(fold_accents(claim.fields.get("name", "")).replace(",", " ").split())
        theirs = set(fold_accents(f"{person.name} {person.sort_name}").replace(",", " ").split())
        return bool(words) and not words & theirs and not self.is_blank(person, "name", person.name)

    def newcomer(self, claim: Claim) -> Person:
        free = (handle for _field, handle in claim.handles if self.directory.find(handle) is None)
        handle = next(free, None) or Handle(INTERNAL, ids.token(12))
        identity = self.directory.add(newcomer(handle, claim.fields.get("name", "")))
        person = identity.person
        for field, value in claim.fields.items():
            if value not in ("", None) and field != "name":
                setattr(person, field, value)
        person.sort_key = person.reckon_sort_key()
        self.new_people.append(person)
        self.new_identities.append(identity)
        return person

    def fields(self, row: Row, person: Person, claim: Claim, before: Claim | None) -> None:
        """Plan the values that change on a person who is known."""
        if person.pk is None:
            pending: dict[str, Any] = {}
        else:
            pending = self.touched.setdefault(id(person), (person, {}))[1]
        for field, now in claim.fields.items():
            held = pending.get(field, getattr(person, field))
            then = before.fields.get(field) if before else None
            blank = self.is_blank(person, field, held)
            value, stood = three_way(now, then, before is not None, held, blank)
            if stood and not self.only_fill:
                reject(
                    self.changes,
                    row,
                    field,
                    f"the file says “{str(now)[:100]}” now; the register holds “{str(held)[:100]}”, which is not "
                    "what the file said before: the register's value was kept",
                )
            if value is _KEEP or (self.only_fill and not blank):
                continue
            if person.pk is None:
                setattr(person, field, value)
            else:
                pending[field] = value
        if person.pk is None:
            person.sort_key = person.reckon_sort_key()
        elif "name" in pending or "sort_name" in pending:
            copy = Person(
                name=pending.get("name", person.name), sort_name=pending.get("sort_name", person.sort_name)
            )
            pending["sort_key"] = copy.reckon_sort_key()

    def identities(self, row: Row, person: Person, claim: Claim, before: Claim | None) -> None:
        """Plan new identities, numbers that became known, logins that were renamed."""
        said_before = {(one.system, one.folded) for _field, one in before.handles} if before else set()
        for field, handle in claim.handles:
            identity = self.directory.find(handle)
            if identity is None:
                if (handle.system, handle.folded) not in said_before:
                    self.add_identity(person, handle)
            elif identity.person is not person:
                reject(
                    self.changes,
                    row,
                    field,
                    f"“{handle.value}” belongs to {identity.person.name} in the register already: left out",
                )
            else:
                self.refresh(identity, handle)

    def add_identity(self, person: Person, handle: Handle) -> None:
        made = newcomer(handle)
        made.person = person
        self.new_identities.append(self.directory.add(made))

    def refresh(self, identity: Identity, handle: Handle) -> None:
        """A number proves more than a login: it is noted, and the login is written as its source writes it."""
        if not handle.number or (identity.number == handle.number and identity.value == handle.value):
            self.changes.unchanged("identities", int(identity.pk is not None))
            return
        values: dict[str, Any] = {}
        if not identity.number:
            values["number"] = handle.number
        if identity.value != handle.value:
            values |= {"value": handle.value, "folded": handle.folded}
        former = Handle(identity.system, identity.value)
        if identity.pk is None:
            for name, value in values.items():
                setattr(identity, name, value)
        else:
            self.identity_values.setdefault(id(identity), (identity, {}))[1].update(values)
        self.directory.learn(identity, handle.number)
        if former.folded != handle.folded and all(
            one is identity or one.folded != former.folded for one in self.directory.of(identity.person)
        ):
            # what was done under the old login stays this person's
            self.former.append((identity.person, former))

    def apply(self, projects: Mapping[str, Project]) -> None:
        affiliations: list[tuple[Person, str]] = []
        tags: list[tuple[Person, str, str]] = []
        roles: list[tuple[Person, Role, Project | None]] = []
        notes: list[tuple[Person, str]] = []
        owners: list[tuple[Row, Person, SourceRecord | None]] = []
        for row, claim in zip(self.rows, self.claims, strict=True):
            record = self.records.get(row.payload["key"])
            person = self.holder(row, claim, record)
            if person is not None and record is None and self.is_doubtful(claim, person):
                reject(
                    self.changes,
                    row,
                    "email",
                    f"the address belongs to {person.name} in the register, and the name here is another: the row was "
                    "left out; give a GitHub login or an ORCID iD, or mend the address",
                )
                continue
            known = person is not None
            if person is None:
                person = self.newcomer(claim)
            same = record is not None and record.person_id is not None and record.person_id == person.pk
            before = self.read_claim(record.payload) if record and same else None
            if known:
                self.fields(row, person, claim, before)
            self.identities(row, person, claim, before)
            owners.append((row, person, record))
            if claim.organization:
                if before and fold(before.organization) == fold(claim.organization):
                    self.changes.unchanged("affiliations")
                else:
                    affiliations.append((person, claim.organization))
                    if before and before.organization:
                        reject(
                            self.changes,
                            row,
                            "organization",
                            f"the file no longer says “{before.organization}”: the affiliation was kept; "
                            "give it a last day if it has ended",
                        )
            tags += [(person, *tag) for tag in self.fresh("tags", claim.tags, before.tags if before else ())]
            roles += [
                (person, role, projects.get(role.project) if role.project else None)
                for role in self.fresh("terms", claim.roles, before.roles if before else ())
            ]
            notes += [
                (person, note) for note in self.fresh("notes", claim.notes, before.notes if before else ())
            ]
            for role in before.roles if before else ():
                if not any(
                    (role.slug, role.team, role.project) == (r.slug, r.team, r.project) for r in claim.roles
                ):
                    reject(
                        self.changes,
                        row,
                        role.field,
                        f"the file no longer names the role “{role.name or role.slug}”: its term was kept; "
                        "give it a last day if it has ended",
                    )
        self.save()
        put_affiliations(self.changes, affiliations)
        put_tags(self.changes, Person, tags)
        put_terms(self.changes, roles)
        self.changes.create(Note, [Note(person=person, body=body) for person, body in notes], counter="notes")
        save_records(self.changes, self.part, owners, "person")

    def fresh(self, counter: str, now: Sequence[T], before: Sequence[T]) -> list[T]:
        """What the record says anew; what it said before is left as people made it."""
        new = [one for one in now if one not in before]
        self.changes.unchanged(counter, len(now) - len(new))
        return new

    def save(self) -> None:
        if self.former:
            taken = set(
                Identity.objects.filter(
                    system__in={one.system for _person, one in self.former},
                    folded__in={one.folded for _person, one in self.former},
                    number="",
                ).values_list("system", "folded")
            )
            for person, handle in self.former:
                if (handle.system, handle.folded) not in taken:
                    self.add_identity(person, handle)
        save_newcomers(self.changes, self.new_people, self.new_identities)
        machines = {
            key
            for key, (person, _values) in self.touched.items()
            if any(i.is_bot for i in self.directory.of(person))
        }
        for counter, group in (("people", set(self.touched) - machines), ("bots", machines)):
            # a source that only fills gaps says "unchanged" of nobody: another part counts them
            chosen = [self.touched[key] for key in self.touched if key in group]
            if self.only_fill:
                chosen = [(person, values) for person, values in chosen if values]
            self.changes.update(Person, chosen, counter=counter)
        self.changes.update(Identity, self.identity_values.values(), counter="identities")


def apply_people(
    rows: Sequence[Row],
    changes: Changes,
    *,
    part: str,
    read_claim: Callable[[Mapping[str, Any]], Claim],
    proofs: tuple[str, ...] = ("github", "orcid"),
    only_fill: bool = False,
    projects: Mapping[str, Project] | None = None,
) -> None:
    """Bring people in line with one chunk of records (rows made by :func:`stage`), in a fixed number of queries.

    Args:
        part: the part of the source under which the records are kept.
        proofs: systems whose handle tells who the record is about, strongest first.
        only_fill: the source says less well what others say: its values go where nothing is.
        projects: those that roles name, by key.
    """
    _People(rows, changes, part, read_claim, proofs, only_fill).apply(projects or {})


def save_records(
    changes: Changes, part: str, owners: Sequence[tuple[Row, Any, SourceRecord | None]], about: str
) -> None:
    """Keep the records word for word."""
    new: dict[str, SourceRecord] = {}
    known: list[tuple[SourceRecord, dict[str, Any]]] = []
    for row, owner, record in owners:
        payload = row.payload["record"]
        if record is None:
            new[row.payload["key"]] = SourceRecord(
                source=changes.source,
                part=part,
                key=row.payload["key"],
                payload=payload,
                seen_at=changes.now,
                **{f"{about}_id": owner.pk},
            )
            continue
        values: dict[str, Any] = {"payload": payload, f"{about}_id": owner.pk}
        if any(getattr(record, name) != value for name, value in values.items()):
            values["seen_at"] = changes.now
        known.append((record, values))
    changes.create(SourceRecord, list(new.values()), counter="records")
    changes.update(SourceRecord, known, counter="records")


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
                    f"“{named.handle.value}” is no longer listed: the term was kept; "
                    "give it a last day if it has ended",
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
        if value is _KEEP and not stood:
            continue
        other = None
        if field == "name":
            other = by_name.get((project.kind, fold(now)))
        elif field == "repository":
            other = by_repository.get(repository_key(now))
        if stood or (other is not None and other is not project):
            why = (
                f"another project, {other.name}, has it already"
                if other is not None and other is not project
                else f"the register holds “{str(held)[:100]}”, which is not what the file said before"
            )
            reject(
                changes,
                row,
                field,
                f"the file says “{str(now)[:100]}” now; {why}: the register's value was kept",
            )
            continue
        pending[field] = value
        if field == "name":
            pending["folded"] = fold(value)
        elif field == "repository":
            pending["repository_key"] = repository_key(value)
