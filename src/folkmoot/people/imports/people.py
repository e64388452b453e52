"""Records about people, brought into the register chunk by chunk (see ``writing`` for what wins)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from folkmoot.kernel import ids
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Row
from folkmoot.kernel.text import fold
from folkmoot.people.identities import Directory, Handle, meant, newcomer, save_newcomers
from folkmoot.people.imports.claims import Claim, Role
from folkmoot.people.imports.consents import put_consents
from folkmoot.people.imports.doubts import field_and_reason, is_doubtful
from folkmoot.people.imports.terms import put_affiliations, put_tags, put_terms
from folkmoot.people.imports.writing import KEEP, reject, save_records, three_way
from folkmoot.people.matching import store
from folkmoot.people.models import FormerHandle, Identity, Note, Person, Project, SourceRecord
from folkmoot.people.systems import INTERNAL

T = TypeVar("T")


@dataclass(frozen=True)
class Applied:
    """Who the rows of a chunk are, and what their records said at the last import; both by the rows' keys."""

    people: Mapping[str, Person]
    before: Mapping[str, Mapping[str, Any]]


class _People:
    """One chunk of records about people."""

    def __init__(
        self, rows: Sequence[Row], changes: Changes, part: str, read_claim: Callable[[Mapping[str, Any]], Claim],
        proofs: tuple[str, ...], only_fill: bool, claims: Sequence[Claim] | None = None, typed: bool = False,
        keyed: bool = False,
    ) -> None:  # fmt: skip
        self.rows, self.changes, self.part, self.read_claim = rows, changes, part, read_claim
        self.proofs, self.only_fill, self.typed, self.keyed = proofs, only_fill, typed, keyed
        self.claims = claims or [read_claim(row.payload["record"]) for row in rows]
        #: What a person said about rows that look like somebody: "skip", a number in the register, "row:" and a key.
        self.choices: Mapping[str, str] = changes.options.get("choices") or {}
        chosen = [self.choices[key] for row in rows if (key := row.payload["key"]) in self.choices]
        keys = {row.payload["key"] for row in rows}
        keys |= {choice.removeprefix("row:") for choice in chosen if choice.startswith("row:")}
        keys |= {row.payload["was"] for row in rows if "was" in row.payload}
        self.records = {
            record.key: record
            for record in SourceRecord.objects.filter(
                source=changes.source, part=part, key__in=keys
            ).select_related("person")
        }
        people = [record.person for record in self.records.values() if record.person]
        numbers = [int(choice) for choice in chosen if choice.isdigit()]
        self.chosen = Person.objects.in_bulk(numbers) if numbers else {}
        people += self.chosen.values()
        self.directory = Directory(
            [handle for claim in self.claims for _field, handle in claim.handles], people
        )
        self.new_people: list[Person] = []
        self.new_identities: list[Identity] = []
        #: id(person) -> person and the values to set
        self.touched: dict[int, tuple[Person, dict[str, Any]]] = {}
        self.identity_values: dict[int, tuple[Identity, dict[str, Any]]] = {}
        self.former: list[FormerHandle] = []
        #: Two people whom one record takes for one, and the handle of the second.
        self.both: list[tuple[Person, Person, Handle]] = []
        self.affiliations: list[tuple[Person, str]] = []
        self.tags: list[tuple[Person, str, str]] = []
        self.roles: list[tuple[Person, Role, Project | None]] = []
        self.notes: list[tuple[Person, str]] = []
        self.owners: list[tuple[Row, Person, SourceRecord | None]] = []
        self.by_key: dict[str, Person] = {}
        self.consents: list[tuple[Row, Person, tuple[str, bool, dt.date | None]]] = []

    def holder(self, row: Row, claim: Claim, record: SourceRecord | None) -> Person | None:
        """The person whom the record is about, if known; ``None`` for somebody new."""
        if self.keyed and record is not None and record.person is not None:
            return self.directory.person(record.person)
        for _field, handle in claim.handles:
            if handle.system not in self.proofs:
                continue
            identity = self.directory.find(handle)
            if identity is None or self.clash(claim, identity.person, handle):
                continue
            if record is None and handle.system == "email" and self.is_another(claim, identity.person):
                continue
            return identity.person
        if record is None or record.person is None:
            return self.said_to_be(row)
        person = self.directory.person(record.person)
        return None if self.clash(claim, person, None) else person

    def said_to_be(self, row: Row) -> Person | None:
        """Whom somebody chose for this row before anything was written."""
        choice = self.choices.get(row.payload["key"], "")
        if not choice and "was" in row.payload:  # a row that was mended is whom it was before
            choice = f"row:{row.payload['was']}"
        if choice.isdigit():
            person = self.chosen.get(int(choice))
            return self.directory.person(person) if person is not None else None
        key = choice.removeprefix("row:")
        record = self.records.get(key)
        if record is not None and record.person is not None:
            return self.directory.person(record.person)
        return self.by_key.get(key)

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

    def is_another(self, claim: Claim, person: Person) -> bool:
        """Shares an e-mail address with the person, and has an account of its own by which it will be known."""
        has_own = any(
            handle.system in self.proofs and handle.system != "email" for _field, handle in claim.handles
        )
        return has_own and self.is_doubtful(claim, person)

    def is_doubtful(self, claim: Claim, person: Person) -> bool:
        """Whether the row may be about somebody else than whom it leads to; a handle for a name tells nothing."""
        return not self.is_blank(person, "name", person.name) and is_doubtful(
            claim, person, self.directory, self.proofs, typed=self.typed
        )

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
                    _(
                        "the file says “%(now)s” now; the register holds “%(held)s”, which is not what the "
                        "file said before: the register's value was kept"
                    )
                    % {"now": str(now)[:100], "held": str(held)[:100]},
                )
            if value is KEEP or (self.only_fill and not blank):
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
                    _("“%(handle)s” belongs to %(name)s in the register already: left out")
                    % {"handle": handle.value, "name": identity.person.name},
                )
                self.both.append((person, identity.person, handle))
            else:
                self.refresh(identity, handle)

    def add_identity(self, person: Person, handle: Handle) -> None:
        made = newcomer(handle)
        made.person = person
        self.new_identities.append(self.directory.add(made))

    def refresh(self, identity: Identity, handle: Handle) -> None:
        """A number proves more than a login: it is noted, and the login is written as its source writes it."""
        by_address, handle = handle.system == "email", meant(handle)
        if not handle.number or (
            identity.number == handle.number and (identity.folded == handle.folded or by_address)
        ):  # an address that GitHub made keeps the login of its day
            self.changes.unchanged("identities", int(identity.pk is not None))
            return
        values: dict[str, Any] = {}
        if not identity.number:
            values["number"] = handle.number
        if identity.value != handle.value and not by_address:
            values |= {"value": handle.value, "folded": handle.folded}
        if identity.folded != handle.folded and not by_address:
            # what is written under the old login stays this person's
            self.former.append(
                FormerHandle(
                    identity=identity,
                    value=identity.value,
                    folded=identity.folded,
                    seen_at=self.changes.now,
                    source=self.changes.source,
                )
            )
        if identity.pk is None:
            for name, value in values.items():
                setattr(identity, name, value)
        else:
            self.identity_values.setdefault(id(identity), (identity, {}))[1].update(values)
        self.directory.learn(identity, handle.number)

    def apply(self, projects: Mapping[str, Project]) -> None:
        for row, claim in zip(self.rows, self.claims, strict=True):
            record = self.records.get(row.payload["key"])
            if record is None and self.choices.get(row.payload["key"]) == "skip":
                continue
            person = self.holder(row, claim, record)
            if person is not None and person.erased_at is not None:
                reject(
                    self.changes,
                    row,
                    "",
                    _("this person asked to be forgotten: the row was left out, and is not written again"),
                )
                continue
            if person is not None and record is None and self.is_doubtful(claim, person):
                field, why = field_and_reason(claim, person, self.directory, self.proofs)
                reject(self.changes, row, field, why)
                continue
            known = person is not None
            if person is None:
                person = self.newcomer(claim)
            same = record is not None and record.person_id is not None and record.person_id == person.pk
            before = None
            if record is not None and same:
                is_as_before = record.payload == row.payload["record"]
                before = claim if is_as_before else self.read_claim(record.payload)
            if known:
                self.fields(row, person, claim, before)
            self.identities(row, person, claim, before)
            self.owners.append((row, person, record))
            self.by_key[row.payload["key"]] = person
            self.said(row, person, claim, before, projects)
            self.no_longer_said(row, claim, before)
        self.save()
        put_affiliations(self.changes, self.affiliations)
        put_tags(self.changes, Person, self.tags)
        put_terms(self.changes, self.roles)
        put_consents(self.changes, self.consents)
        notes = [Note(person=person, body=body) for person, body in self.notes]
        self.changes.create(Note, notes, counter="notes")
        save_records(self.changes, self.part, self.owners, "person")

    def said(
        self, row: Row, person: Person, claim: Claim, before: Claim | None, projects: Mapping[str, Project]
    ) -> None:
        """Plan affiliation, tags, roles and notes that the record says anew."""
        before = before or Claim()
        if claim.organization and fold(before.organization) == fold(claim.organization):
            self.changes.unchanged("affiliations")
        elif claim.organization:
            self.affiliations.append((person, claim.organization))
            if before.organization:
                reject(
                    self.changes,
                    row,
                    "organization",
                    _(
                        "the file no longer says “%(organization)s”: the affiliation was kept; give it a "
                        "last day if it has ended"
                    )
                    % {"organization": before.organization},
                )
        self.tags += [(person, *tag) for tag in self.fresh("tags", claim.tags, before.tags)]
        self.consents += [
            (row, person, one) for one in self.fresh("consents", claim.consents, before.consents)
        ]
        self.notes += [(person, note) for note in self.fresh("notes", claim.notes, before.notes)]
        self.roles += [
            (person, role, projects.get(role.project) if role.project else None)
            for role in self.fresh("terms", claim.roles, before.roles)
        ]

    def no_longer_said(self, row: Row, claim: Claim, before: Claim | None) -> None:
        """List roles that the record named at the last import and does not any more."""
        now = {(role.slug, role.team, role.project) for role in claim.roles}
        for role in before.roles if before else ():
            if (role.slug, role.team, role.project) not in now:
                reject(
                    self.changes,
                    row,
                    role.field,
                    _(
                        "the file no longer names the role “%(role)s”: its term was kept; give it a last day "
                        "if it has ended"
                    )
                    % {"role": role.name or role.slug},
                )

    def fresh(self, counter: str, now: Sequence[T], before: Sequence[T]) -> list[T]:
        """What the record says anew; what it said before is left as people made it."""
        new = [one for one in now if one not in before]
        self.changes.unchanged(counter, len(now) - len(new))
        return new

    def save(self) -> None:
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
        self.save_former()
        self.offer_both()

    def offer_both(self) -> None:
        """A record that names two people is a reason to look at them; addresses are only said to be somebody's."""
        for strong in (True, False):
            pairs = {
                (person.pk, other.pk): {
                    "source": self.changes.source,
                    "first": person.name,
                    "second": handle.value,
                }
                for person, other, handle in self.both
                if (handle.system in ("github", "orcid")) is strong
            }
            if pairs:
                store.offer(pairs, 1.0 if strong else 0.9)

    def save_former(self) -> None:
        """Keep logins that were renamed; one that was renamed twice is kept once."""
        if not self.former:
            return
        known = set(
            FormerHandle.objects.filter(identity__in={one.identity_id for one in self.former}).values_list(
                "identity_id", "folded"
            )
        )
        fresh = {(one.identity_id, one.folded): one for one in self.former}
        self.changes.create(FormerHandle, [one for key, one in fresh.items() if key not in known], counter="")


def known_people(
    rows: Sequence[Row],
    claims: Sequence[Claim],
    changes: Changes,
    *,
    part: str,
    read_claim: Callable[[Mapping[str, Any]], Claim],
    proofs: tuple[str, ...],
    keyed: bool = False,
) -> list[Person | None]:
    """Whom each row is about by what proves it, or by what was chosen; ``None`` for somebody new. Writes nothing."""
    chunk = _People(rows, changes, part, read_claim, proofs, False, claims, keyed=keyed)
    return [
        chunk.holder(row, claim, chunk.records.get(row.payload["key"]))
        for row, claim in zip(rows, claims, strict=True)
    ]


def apply_people(
    rows: Sequence[Row],
    changes: Changes,
    *,
    part: str,
    read_claim: Callable[[Mapping[str, Any]], Claim],
    proofs: tuple[str, ...] = ("github", "orcid"),
    only_fill: bool = False,
    projects: Mapping[str, Project] | None = None,
    claims: Sequence[Claim] | None = None,
    typed: bool = False,
    keyed: bool = False,
) -> Applied:
    """Bring people in line with one chunk of records (rows made by :func:`stage`), in a fixed number of queries.

    Args:
        part: the part of the source under which the records are kept.
        proofs: systems whose handle tells who the record is about, strongest first.
        only_fill: the source says less well what others say: its values go where nothing is.
        projects: those that roles name, by key.
        claims: what ``read_claim`` makes of the rows, where the caller has read them already.
        typed: people wrote the logins down, so that one may be mistyped, or somebody else's by now.
        keyed: the source's own number tells who a record is about, once it was met, whatever address it has by now.
    """
    chunk = _People(rows, changes, part, read_claim, proofs, only_fill, claims, typed, keyed)
    before = {key: record.payload for key, record in chunk.records.items()}
    chunk.apply(projects or {})
    return Applied(chunk.by_key, before)
