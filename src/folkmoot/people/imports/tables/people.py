"""``people.csv``: people from a plain table; which column means which field is recognised or chosen.

One row may say one role; a person with several roles has several rows. Rows are the same person when they share
what proves it (GitHub login, ORCID iD, e-mail address), never because their names are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Column, Row, Source, source_parts, sources
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people import seeds
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Problem, Role
from folkmoot.people.imports.tables.base import FILES, handle_columns, read_handles, with_examples
from folkmoot.people.imports.tables.rows import PeopleRows
from folkmoot.people.imports.terms import ensure_projects
from folkmoot.people.imports.writing import PEOPLE_COUNTERS

#: The kinds of consent that an installation starts with, by column.
_CONSENTS = {
    "consent_contact": (
        "contact",
        gettext_lazy("agrees to be written to"),
        ("contact consent", "may contact"),
    ),
    "consent_public_profile": (
        "public-profile",
        gettext_lazy("agrees to a public profile"),
        ("public profile", "public profile consent"),
    ),
    "consent_photograph": ("photograph", gettext_lazy("agrees to the photograph"), ("photo consent",)),
    "consent_publish_name": (
        "publish-name",
        gettext_lazy("agrees to being named in publications"),
        ("publication consent", "may publish name"),
    ),
}
#: Facets of tags by column.
_FACETS = {"tags": "tag", "languages": "language", "domains": "domain", "technical_areas": "technical area"}

ROLE_COLUMNS = (
    Column("role", gettext_lazy("role"), known_as=("role kind", "position")),
    Column("team", gettext_lazy("team"), known_as=("council", "board", "committee", "group")),
    Column("project", gettext_lazy("project"), known_as=("package", "repository name")),
    Column(
        "role_from",
        gettext_lazy("role from"),
        known_as=("from", "start", "started on", "role start", "first day"),
    ),
    Column(
        "role_to",
        gettext_lazy("role to"),
        known_as=("to", "end", "until", "ended on", "role end", "last day"),
    ),
)

SOURCE = sources.register(
    Source(
        key="people.csv",
        label=gettext_lazy("People from a table"),
        help=gettext_lazy("A CSV or XLSX file with a row for each person, or for each role of a person."),
        takes="file",
        permission="people.manage",
        files=FILES,
        columns=with_examples(
            Column(
                "name",
                gettext_lazy("name"),
                required=True,
                known_as=("full name", "person", "display name", "nombre"),
            ),
            Column("sort_name", gettext_lazy("sort name"), known_as=("sort as", "last name first")),
            *handle_columns(),
            Column(
                "organization",
                gettext_lazy("organisation"),
                known_as=("affiliation", "institution", "company", "employer"),
            ),
            Column("location", gettext_lazy("location"), known_as=("place", "city")),
            Column("country", gettext_lazy("country"), known_as=("country code", "país")),
            Column("time_zone", gettext_lazy("time zone"), known_as=("timezone",)),
            Column("pronouns", gettext_lazy("pronouns")),
            Column("publication_name", gettext_lazy("name in publications"), known_as=("author name",)),
            Column("website", gettext_lazy("website"), known_as=("url", "homepage", "web page")),
            Column("bio", gettext_lazy("about"), known_as=("biography", "description")),
            Column(
                "joined_on",
                gettext_lazy("in the community since"),
                known_as=("joined", "date added", "member since"),
            ),
            Column("availability", gettext_lazy("availability"), known_as=("available",)),
            *ROLE_COLUMNS,
            Column("tags", gettext_lazy("tags"), known_as=("labels", "keywords", "skills")),
            Column("languages", gettext_lazy("languages"), known_as=("language", "speaks")),
            Column("domains", gettext_lazy("domains of expertise"), known_as=("expertise", "domain")),
            Column("technical_areas", gettext_lazy("technical areas"), known_as=("technical area",)),
            *(Column(name, label, known_as=known) for name, (_slug, label, known) in _CONSENTS.items()),
            Column("notes", gettext_lazy("notes"), known_as=("note", "comment", "remarks")),
        ),
        order=40,
        results=((gettext_lazy("Look at the people"), "people:people"),),
    )
)


def read_person(record: Mapping[str, Any]) -> Claim:
    """One row; the record is keyed by field name."""
    claim = Claim()
    read_handles(claim, record)
    claim.fields = {
        "name": claim.read(record, "name", values.name, default=""),
        "sort_name": claim.read(record, "sort_name", values.short, default=""),
        "pronouns": claim.read(record, "pronouns", values.pronouns, default=""),
        "bio": claim.read(record, "bio", values.paragraphs, default=""),
        "location": claim.read(record, "location", values.short, default=""),
        "country": claim.read(record, "country", values.country, default=""),
        "time_zone": claim.read(record, "time_zone", values.time_zone, default=""),
        "publication_name": claim.read(record, "publication_name", values.short, default=""),
        "availability": claim.read(record, "availability", values.availability, default=""),
        "website": claim.read(record, "website", values.web_address, default=""),
        "joined_on": claim.read(record, "joined_on", values.day, default=None),
    }
    claim.organization = claim.read(record, "organization", values.organization, default="")
    claim.tags = list(
        dict.fromkeys(
            (facet, word)
            for column, facet in _FACETS.items()
            if record.get(column)
            for word in claim.read_words(record, column, values.between_semicolons)
        )
    )
    for column, (slug, _label, _known) in _CONSENTS.items():
        if record.get(column):
            said = claim.read(record, column, values.consent, default=None)
            if said is not None:
                claim.consents.append((slug, *said))
    note = claim.read(record, "notes", values.paragraphs, default="")
    claim.notes = [note] if note else []
    role = read_role(claim, record)
    if role:
        claim.roles.append(role)
    return claim


def read_role(claim: Claim, record: Mapping[str, Any]) -> Role | None:
    """The role that a row says, with its days; what is wrong with it is noted in the claim."""
    noted = len(claim.problems)
    name = claim.read(record, "role", values.role_name, default="")
    first = claim.read(record, "role_from", values.day, default=None)
    last = claim.read(record, "role_to", values.day, default=None)
    team = claim.read(record, "team", values.short, default="")
    project = claim.read(record, "project", values.short, default="")
    if not name:
        return None
    if any(problem.field in ("role_from", "role_to") for problem in claim.problems[noted:]):
        return None  # a term on wrong days would be a false statement: the row says which day to mend
    if first and last and last < first:
        claim.problems.append(
            Problem(
                "role_to",
                "role_to",
                _("the last day, %(last)s, is before the first, %(first)s") % {"last": last, "first": first},
            )
        )
        return None
    if team and project:
        claim.problems.append(
            Problem(
                "team",
                "team",
                _("a role is held in a team or in a project, not in both: the project was taken"),
            )
        )
        team = ""
    slug, known_as = role_kind(name)
    return Role(slug, team, project, first, last, field="role", name=known_as)


def role_kind(name: str) -> tuple[str, str]:
    """Short name and name of the kind of role: one of the seeds when it is called so, else as written."""
    for slug, row in seeds.role_kinds().items():
        if fold(name) in (fold(slug), fold(row["name"])):
            return slug, row["name"]
    return slugify(fold_accents(name))[:60] or "role", name


@source_parts.declare
class PeopleTable(PeopleRows):
    """Rows of a table: people, how they are reached, a role."""

    key: ClassVar[str] = "people.csv.people.rows"
    source: ClassVar[str] = "people.csv"
    of: ClassVar[Source] = SOURCE
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = (*PEOPLE_COUNTERS, "consents")
    proofs: ClassVar[tuple[str, ...]] = ("github", "orcid", "email")

    def claim(self, record: Mapping[str, Any]) -> Claim:
        """A person, with a role."""
        return read_person(record)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring the register in line with these rows."""
        claims = [read_person(row.payload["record"]) for row in rows]
        names = {role.project for claim in claims for role in claim.roles if role.project}
        asked = [("package", name, "") for name in sorted(names)]
        projects = {
            name: project for (_kind, name, _repository), project in ensure_projects(changes, asked).items()
        }
        self.put(rows, changes, claims=claims, projects=projects)
