"""``organizations.csv``: organisations with their kinds, domains, country and tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Column, Rejection, Row, Source, source_parts, sources
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim
from folkmoot.people.imports.tables.base import FILES, PlainTable, key_in, records_of, told, with_examples
from folkmoot.people.imports.terms import put_tags
from folkmoot.people.imports.writing import KEEP, reject, save_records, stage, three_way
from folkmoot.people.models import Organization, OrganizationDomain, OrganizationKind, SourceRecord

SOURCE = sources.register(
    Source(
        key="organizations.csv",
        label=_("Organisations from a table"),
        help=_(
            "A CSV or XLSX file with a row for each organisation. Several kinds, domains or tags: between semicolons."
        ),
        takes="file",
        permission="people.manage",
        files=FILES,
        columns=with_examples(
            Column(
                "name", _("name"), required=True, known_as=("organization", "organisation", "institution")
            ),
            Column("kinds", _("kinds"), known_as=("kind", "type", "category")),
            Column("domains", _("domains"), known_as=("domain", "mail domain", "e-mail domain")),
            Column("country", _("country"), known_as=("country code", "país")),
            Column("location", _("location"), known_as=("place", "city")),
            Column("website", _("website"), known_as=("url", "homepage", "web page")),
            Column("description", _("description"), known_as=("about", "notes")),
            Column("tags", _("tags"), known_as=("labels", "keywords")),
        ),
        order=42,
        results=((_("Look at the organisations"), "people:organizations"),),
    )
)
_PARSED: tuple[tuple[str, Callable[..., str]], ...] = (
    ("name", values.short),
    ("country", values.country),
    ("location", values.short),
    ("website", values.web_address),
    ("description", values.paragraphs),
)


class OrganizationClaim(Claim):
    """What a row says of an organisation."""

    kinds: list[str]
    domains: list[str]


def read_organization(record: Mapping[str, Any]) -> OrganizationClaim:
    """One row."""
    claim = OrganizationClaim()
    claim.fields = {name: claim.read(record, name, parse, default="") for name, parse in _PARSED}
    claim.kinds = claim.read_words(record, "kinds", values.between_semicolons)
    claim.domains = claim.read_words(record, "domains", values.domains)
    claim.tags = [("tag", word) for word in claim.read_words(record, "tags", values.between_semicolons)]
    return claim


@source_parts.declare
class Organizations(PlainTable):
    """Rows of a table of organisations. One is the same by its name, or by a domain that is its own."""

    key: ClassVar[str] = "organizations.csv.people.rows"
    source: ClassVar[str] = SOURCE.key
    of: ClassVar[Source] = SOURCE
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = (
        "organizations", "organization_kinds", "kinds_given", "domains", "tags", "records",
    )  # fmt: skip

    def row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        """Staged under the name; the second row of a name is left out."""
        claim = read_organization(record)
        yield from told(file, line, record, mapping, claim.problems)
        name = fold(claim.fields["name"])
        if not name:
            if not any(problem.field == "name" for problem in claim.problems):
                yield Rejection(file, line, mapping["name"], _now("is missing: the row is left out"), record)
            return
        if name in met:
            why = _now("line %(line)d has this name already: this row is left out") % {"line": met[name]}
            yield Rejection(file, line, mapping["name"], why, record)
            return
        met[name] = line
        yield stage(file, line, key_in(file, f"name:{name}"), record, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make organisations or bring them up to date, three ways."""
        apply_organizations(rows, changes, part="rows")


def apply_organizations(
    rows: Sequence[Row],
    changes: Changes,
    *,
    part: str,
    read_claim: Callable[[Mapping[str, Any]], OrganizationClaim] = read_organization,
    keyed: bool = False,
) -> None:
    """Bring organisations in line with one chunk of records, three ways, in a fixed number of queries.

    Args:
        part: the part of the source under which the records are kept.
        keyed: the source's own number tells which a record is about, once it was met, whatever it is called by now.
    """
    _Chunk(rows, changes, part, read_claim, keyed).apply()


class _Chunk:
    def __init__(
        self, rows: Sequence[Row], changes: Changes, part: str,
        read_claim: Callable[[Mapping[str, Any]], OrganizationClaim], keyed: bool,
    ) -> None:  # fmt: skip
        self.rows, self.changes, self.part = rows, changes, part
        self.read_claim, self.keyed = read_claim, keyed
        self.claims = [read_claim(row.payload["record"]) for row in rows]
        self.records = records_of(changes.source, part, {row.payload["key"] for row in rows}, "organization")
        names = {fold(claim.fields["name"]) for claim in self.claims}
        self.known: dict[int, Organization] = {
            row.organization.pk: row.organization for row in self.records.values() if row.organization
        }
        for one in Organization.objects.filter(folded__in=names):
            self.known.setdefault(one.pk, one)
        domains = {domain for claim in self.claims for domain in claim.domains}
        self.by_domain: dict[str, Organization] = {}
        for row in OrganizationDomain.objects.filter(domain__in=domains).select_related("organization"):
            self.by_domain[row.domain] = self.known.setdefault(row.organization.pk, row.organization)
        self.by_name = {one.folded: one for one in self.known.values()}
        self.new: list[Organization] = []
        self.touched: dict[int, tuple[Organization, dict[str, Any]]] = {}
        self.owners: list[tuple[Row, Organization, SourceRecord | None]] = []
        self.tags: list[tuple[Organization, str, str]] = []
        self.kinds: list[tuple[Organization, str]] = []
        self.domains: list[OrganizationDomain] = []

    def apply(self) -> None:
        for row, claim in zip(self.rows, self.claims, strict=True):
            record = self.records.get(row.payload["key"])
            before = None
            found = self.by_name.get(fold(claim.fields["name"]))
            if self.keyed and record is not None and record.organization is not None:
                found = self.known[record.organization.pk]
            if found is None and record is not None and record.organization is not None:
                found = self.known[record.organization.pk]
            if found is None:
                found = next((self.by_domain[one] for one in claim.domains if one in self.by_domain), None)
            if found is None:
                found = Organization(**claim.fields, folded=fold(claim.fields["name"]))
                self.new.append(found)
                self.by_name[found.folded] = found
            elif found.pk is not None:
                if record is not None and record.organization_id == found.pk:
                    before = self.read_claim(record.payload)
                self.fields(row, found, claim, before)
            self.owners.append((row, found, record))
            self.said(row, found, claim, before)
        self.changes.create(Organization, self.new, counter="organizations")
        self.changes.update(Organization, self.touched.values(), counter="organizations")
        self.changes.create(OrganizationDomain, self.domains, counter="domains")
        put_tags(self.changes, Organization, self.tags)
        self.put_kinds()
        save_records(self.changes, self.part, self.owners, "organization")

    def fields(
        self, row: Row, found: Organization, claim: OrganizationClaim, before: OrganizationClaim | None
    ) -> None:
        pending = self.touched.setdefault(id(found), (found, {}))[1]
        for field, now in claim.fields.items():
            held = pending.get(field, getattr(found, field))
            then = before.fields.get(field) if before else None
            value, stood = three_way(now, then, before is not None, held, held in ("", None))
            if field == "name" and value is not KEEP:
                if self.by_name.get(fold(str(value)), found) is not found:
                    stood, value = True, KEEP
                else:
                    pending["folded"] = fold(str(value))
                    self.by_name[pending["folded"]] = found
            if stood:
                reject(
                    self.changes, row, field,
                    _now(
                        "the file says “%(now)s” now; the register holds “%(held)s”, which is not what the "
                        "file said before: the register's value was kept"
                    ) % {"now": str(now)[:100], "held": str(held)[:100]},
                )  # fmt: skip
            if value is not KEEP:
                pending[field] = value

    def said(
        self, row: Row, found: Organization, claim: OrganizationClaim, before: OrganizationClaim | None
    ) -> None:
        """Plan kinds, domains and tags that the row says anew."""
        self.tags += [(found, *tag) for tag in claim.tags if before is None or tag not in before.tags]
        self.kinds += [(found, kind) for kind in claim.kinds if before is None or kind not in before.kinds]
        for domain in claim.domains:
            owner = self.by_domain.get(domain)
            if owner is None and (before is None or domain not in before.domains):
                self.domains.append(OrganizationDomain(organization=found, domain=domain))
                self.by_domain[domain] = found
            elif owner is found:
                self.changes.unchanged("domains")
            elif owner is not None:
                why = _now("“%(domain)s” belongs to %(name)s in the register already: left out")
                reject(self.changes, row, "domains", why % {"domain": domain, "name": owner.name})

    def put_kinds(self) -> None:
        if not self.kinds:
            return
        every = list(OrganizationKind.objects.all())
        by_name = {fold(word): kind for kind in every for word in (kind.slug, kind.name)}
        new: dict[str, OrganizationKind] = {}
        for _found, name in self.kinds:
            slug = slugify(fold_accents(name))[:60]
            if fold(name) not in by_name and slug:
                by_name[fold(name)] = by_name.get(slug) or new.setdefault(
                    slug, OrganizationKind(slug=slug, name=name)
                )
        self.changes.create(OrganizationKind, list(new.values()), counter="organization_kinds")
        through: Any = Organization.kinds.through
        pairs = dict.fromkeys(
            (found.pk, by_name[fold(name)].pk) for found, name in self.kinds if fold(name) in by_name
        )
        there = set(
            through.objects.filter(organization__in={pk for pk, _kind in pairs}).values_list(
                "organization_id", "organizationkind_id"
            )
        )
        rows = [
            through(organization_id=pk, organizationkind_id=kind)
            for pk, kind in pairs
            if (pk, kind) not in there
        ]
        self.changes.create(through, rows, counter="kinds_given")
