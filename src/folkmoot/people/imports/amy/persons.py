"""``workshops.person``: people with their names, addresses, accounts, fields of work, and what they wrote.

AMY's number tells who is who once somebody was met. The first time it is GitHub login, ORCID iD or e-mail address,
as for every table; each is only said to be theirs, so never proven here. AMY's account (password, rights, groups)
stays in AMY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Alike, Row, source_parts
from folkmoot.kernel.text import clean, fold
from folkmoot.people.identities import Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.amy.apart import keep_apart
from folkmoot.people.imports.amy.mapped import amy_models, left
from folkmoot.people.imports.amy.part import AmyPart, moment, thing_of
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import PERSON, Sorted, Thing
from folkmoot.people.imports.amy.who import as_told_before, note_who, parted, still_here
from folkmoot.people.imports.claims import Claim
from folkmoot.people.imports.likeness import Register
from folkmoot.people.imports.people import apply_people, known_people
from folkmoot.people.imports.writing import PEOPLE_COUNTERS
from folkmoot.people.models import Affiliation, Note, Person
from folkmoot.people.queries.names import organizations_by_name

#: Strongest proof first.
_PROOFS = ("github", "orcid", "email")
#: AMY's column and the system of the handle in it.
_HANDLES = (
    ("github", "github"),
    ("orcid", "orcid"),
    ("email", "email"),
    ("secondary_email", "email"),
    ("mastodon", "mastodon"),
    ("bluesky", "bluesky"),
    ("twitter", "x"),
)
#: Different at every visit, and nothing about the person.
_PASSING = frozenset({"last_login"})
_WORD_FOR_WORD = gettext_lazy(
    "no field of the register: kept word for word with the record, and erased with it"
)


def read_person(record: Mapping[str, Any]) -> Claim:
    """What AMY says of somebody, in the register's words."""
    claim = Claim()
    for column, system in _HANDLES:
        found = claim.read(record, column, values.handle, system, default="")
        if found:
            claim.handles.append((column, Handle(system, found)))
    first, middle, last = (
        claim.read(record, column, values.short, default="") for column in ("personal", "middle", "family")
    )
    claim.fields = {
        "name": " ".join(word for word in (first, middle, last) if word)[:200],
        "sort_name": f"{last}, {' '.join(word for word in (first, middle) if word)}"[:200]
        if first and last
        else "",
        "country": claim.read(record, "country", values.country, default=""),
        "time_zone": claim.read(record, "timezone", values.time_zone, default="")
        or claim.read(record, "airport_timezone", values.time_zone, default=""),
        "website": claim.read(record, "url", values.web_address, default=""),
        "joined_on": claim.read(record, "created_at", values.day, default=None),
        "archived_at": moment(record.get("archived_at")),
    }
    claim.organization = claim.read(record, "affiliation", values.organization, default="")
    claim.tags = [("domain", word) for word in claim.read_words(record, "domains", _domains)]
    return claim


def _domains(value: Any) -> list[str]:
    """Names of fields of work; numbers that nothing in the dump explains, and AMY's way to say "none", are none."""
    names = value if isinstance(value, list) else []
    words = [clean(name) for name in names if isinstance(name, str)]
    return [word[:100] for word in words if word and not fold(word).startswith("don't know")]


def _kept(thing: Thing) -> dict[str, Any]:
    """What is kept word for word."""
    return {"pk": thing.pk} | {name: value for name, value in thing.fields.items() if name not in _PASSING}


def _for_register(row: Row) -> Row:
    """The row as the register's own importers know it."""
    thing = thing_of(row)
    return Row(row.file, row.line, {"key": thing.pk[:320], "record": _kept(thing), "lines": {}})


@source_parts.declare
class People(AmyPart):
    """People, one for one."""

    key: ClassVar[str] = "amy.people.persons"
    order: ClassVar[int] = 110
    models: ClassVar[tuple[str, ...]] = (PERSON,)
    looks_up: ClassVar[tuple[str, ...]] = ("workshops.knowledgedomain",)
    counters: ClassVar[tuple[str, ...]] = (*PEOPLE_COUNTERS, "notes")

    def things(self, found: Sorted) -> Iterator[Thing]:
        """People, with the names of their fields of work."""
        names = {
            pk: str(fields.get("name") or "")
            for pk, fields in found.lookup("workshops.knowledgedomain").items()
        }
        for thing in found.things(self.models):
            said = thing.fields.get("domains")
            domains = [names.get(str(one), one) for one in said] if isinstance(said, list) else []
            told = {"domains": domains} if "domains" in thing.fields else {}
            yield Thing(thing.model, thing.pk, {**thing.fields, **told}, thing.line)

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """Nobody is without a name."""
        if not read_person(thing.fields).fields["name"]:
            return "personal", _("the person has no name: left out")
        return None

    def left_out(self, thing: Thing) -> Iterable[tuple[str, str]]:
        """Addresses, accounts, countries that are none."""
        found = [(problem.field, problem.reason) for problem in read_person(thing.fields).problems]
        if any(not isinstance(one, str) for one in thing.fields.get("domains", ())):
            found.append(("domains", _("the dump does not hold the names of the fields of work: left out")))
        return found

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring the register in line with these people."""
        staged = as_told_before(changes, still_here(changes, rows, Person), Person)
        mine = [_for_register(row) for row in staged]
        claims = [read_person(row.payload["record"]) for row in mine]
        apply_people(
            mine,
            changes,
            part=PERSON,
            read_claim=read_person,
            proofs=_PROOFS,
            claims=claims,
            typed=True,
            keyed=True,
        )
        people = note_who(changes, staged, Person)
        there = [(row, claim, people[key]) for row, claim in zip(mine, claims, strict=True)
                 if (key := row.payload["key"]) in people]  # fmt: skip
        _positions(changes, there)
        _notes(changes, there)
        keep_apart(changes, {row.payload["key"]: row.payload["record"] for row, _claim, _person in there})

    def alike(self, rows: Sequence[Row], changes: Changes, memory: dict[str, Any]) -> Iterator[Alike]:
        """People who would be new though somebody here, or earlier in the dump, looks like them."""
        mine = [_for_register(row) for row in parted(rows, Person)[0]]
        claims = [read_person(row.payload["record"]) for row in mine]
        known = known_people(
            mine, claims, changes, part=PERSON, read_claim=read_person, proofs=_PROOFS, keyed=True
        )
        if "register" not in memory:
            memory["register"] = Register()
        register: Register = memory["register"]
        new = [(row, claim) for row, claim, one in zip(mine, claims, known, strict=True) if one is None]
        yield from register.like(new)


def _occupation(row: Row) -> str:
    return clean(str(row.payload["record"].get("occupation") or ""))[:200]


def _positions(changes: Changes, there: Sequence[tuple[Row, Claim, int]]) -> None:
    """The occupation is the position at the organisation that AMY names beside it."""
    wanted = [(row, claim, person) for row, claim, person in there if claim.organization and _occupation(row)]
    homes = organizations_by_name(claim.organization for _row, claim, _person in wanted) if wanted else {}
    found = {
        (one.person_id, one.organization_id): one
        for one in Affiliation.objects.filter(person__in={person for *_rest, person in wanted}).order_by("-pk")
    } if wanted else {}  # fmt: skip
    positions = []
    for row, claim, person in wanted:
        home = homes.get(fold(claim.organization))
        affiliation = found.get((person, home.pk)) if home else None
        if affiliation is not None:
            key = f"{PERSON}/{row.payload['key']}#position/{fold(claim.organization)}"[:320]
            positions.append(
                Wanted(key, {"title": _occupation(row)}, affiliation, row=row, names={"title": "occupation"})
            )
    bring(changes, source=AMY, model=Affiliation, wanted=positions, counter="affiliations")


def _notes(changes: Changes, there: Sequence[tuple[Row, Claim, int]]) -> None:
    """What people wrote about themselves, and an occupation that belongs to no organisation."""
    wanted = []
    for row, claim, person in there:
        said = values.paragraphs(row.payload["record"].get("user_notes"))
        work = "" if claim.organization else _occupation(row)
        texts = {"user_notes": said, "occupation": _("Occupation: %(what)s") % {"what": work} if work else ""}
        wanted += [
            Wanted(
                f"{PERSON}/{row.payload['key']}#{column}",
                {"body": text, "person_id": person},
                fixed={"created_at": moment(row.payload["record"].get("last_updated_at")) or changes.now},
                row=row,
                names={"body": column},
            )
            for column, text in texts.items()
            if text
        ]
    bring(changes, source=AMY, model=Note, wanted=wanted, counter="notes")


_HERE = gettext_lazy("people sign in here anew: AMY's accounts, passwords and rights stay in AMY")

amy_models.declare(
    PERSON,
    "Person, Identity, Affiliation, Note",
    {
        "personal": "Person.name, Person.sort_name",
        "middle": "Person.name, Person.sort_name",
        "family": "Person.name, Person.sort_name",
        "email": "Identity (email)",
        "secondary_email": "Identity (email)",
        "github": "Identity (github)",
        "twitter": "Identity (x)",
        "bluesky": "Identity (bluesky)",
        "mastodon": "Identity (mastodon)",
        "orcid": "Identity (orcid)",
        "url": "Person.website",
        "country": "Person.country",
        "timezone": "Person.time_zone",
        "airport_timezone": "Person.time_zone",
        "affiliation": "Affiliation, Organization",
        "occupation": "Affiliation.title, Note",
        "user_notes": "Note",
        "domains": "Tag (domain)",
        "created_at": "Person.joined_on",
        "last_updated_at": "Note.created_at",
        "archived_at": "Person.archived_at",
        "duplication_reviewed_on": "PersonCandidate",
        "username": left(
            gettext_lazy(
                "nobody signs in with it here; kept word for word with the record, which finds it again"
            )
        ),
        "gender": left(_WORD_FOR_WORD),
        "gender_other": left(_WORD_FOR_WORD),
        "data_privacy_agreement": left(
            gettext_lazy("AMY's consents say it since 2021; kept word for word with the record")
        ),
        "may_contact": left(gettext_lazy("older AMY only; its consents say it; kept word for word")),
        "publish_profile": left(gettext_lazy("older AMY only; its consents say it; kept word for word")),
        "lesson_publication_consent": left(
            gettext_lazy("older AMY only; its consents say it; kept word for word")
        ),
        "password": left(_HERE),
        "last_login": left(_HERE),
        "is_active": left(_HERE),
        "is_superuser": left(_HERE),
        "groups": left(_HERE),
        "user_permissions": left(_HERE),
    },
)
amy_models.declare("workshops.knowledgedomain", "Tag (domain)", {"name": "Tag.name"})
