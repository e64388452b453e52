"""``agreements.csv``: agreements with members and partners from a table, one row each. What is there stays as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.sources import (
    Column,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.saving import block
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import Organization, ensure_identities, organizations_by_name
from folkmoot.training.actions.agreements import PARTIES, made_up_code
from folkmoot.training.imports.reading import NO, YES
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementKind,
    AgreementParty,
    Allowance,
    BenefitKind,
    ContactRole,
    RegistrationCode,
    Tier,
    fold_code,
)

SOURCE = sources.register(
    Source(
        key="agreements.csv",
        label=_("Agreements from a table"),
        help=_(
            "A CSV or XLSX file with a row for each agreement. Members of a consortium, GitHub logins of contacts, and "
            "what it gives: between semicolons (public-seats: 10; workshops: 2). An agreement that is there already "
            "stays as it is."
        ),
        takes="file",
        permission="training.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column(
                "organization",
                _("organisation"),
                required=True,
                known_as=("organization", "member", "name"),
                example="University of Leeds",
            ),
            Column("tier", _("tier"), required=True, known_as=("variant", "level"), example="silver"),
            Column("from", _("from"), required=True, known_as=("agreement start", "start"), example="2027-01-01"),
            Column("to", _("to"), required=True, known_as=("agreement end", "end"), example="2027-12-31"),
            Column("kind", _("kind"), example="member"),
            Column("consortium", _("consortium")),
            Column("members", _("members of the consortium")),
            Column("code", _("code"), known_as=("registration code", "member code")),
            Column("public", _("public"), example="yes"),
            Column("gives", _("gives"), known_as=("benefits", "allowances"), example="public-seats: 10; workshops: 2"),
            Column("contacts", _("contacts"), example="ana-example"),
            Column("document", _("document"), known_as=("agreement link",)),
            Column("note", _("note")),
        ),
        order=76,
    )
)  # fmt: skip


@dataclass
class Said:
    """What one row says, and (column, why) of what it does not."""

    organization: str = ""
    tier: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    kind: str = AgreementKind.MEMBER
    consortium: str = ""
    members: list[str] = field(default_factory=list)
    code: str = ""
    is_public: bool = False
    gives: dict[str, int] = field(default_factory=dict)
    contacts: list[str] = field(default_factory=list)
    document: str = ""
    note: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the table calls the agreement: who holds it, and from when."""
        return f"{fold(self.consortium or self.organization)[:300]}/{self.first}"

    @property
    def is_whole(self) -> bool:
        """It says what an agreement needs."""
        return bool(self.organization and self.tier and self.first and self.last and self.first < self.last)


def read_row(cells: Mapping[str, str]) -> Said:
    """What the cells of a row say."""
    said = Said()

    def line(name: str, most: int) -> str:
        text = clean(cells.get(name, ""))
        if len(text) > most:
            said.problems.append((name, _now("is longer than %(most)d characters: cut") % {"most": most}))
        return text[:most]

    def day(name: str) -> dt.date | None:
        text = clean(cells.get(name, ""))
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            said.problems.append((name, _now("“%(said)s” is no day: write 2027-03-01") % {"said": text[:60]}))
            return None

    def words(name: str) -> list[str]:
        parts = re.split(r"[;\n]", cells.get(name, ""))
        return list(dict.fromkeys(word for part in parts if (word := clean(part))))

    said.organization, said.tier = line("organization", 200), line("tier", 100)
    for name, value in (("organization", said.organization), ("tier", said.tier)):
        if not value:
            said.problems.append((name, _now("is empty: the row is left out")))
    said.first, said.last = day("from"), day("to")
    if said.first and said.last and said.last <= said.first:
        said.problems.append(("to", _now("ends before it starts: the row is left out")))
    kind = fold(cells.get("kind", ""))
    if kind in AgreementKind.values:
        said.kind = kind
    elif kind:
        said.problems.append(("kind", _now("“%(said)s” is neither member nor partner") % {"said": kind[:60]}))
    public = fold(cells.get("public", ""))
    said.is_public = public in YES
    if public not in (*YES, *NO):
        said.problems.append(("public", _now("“%(said)s” is neither yes nor no") % {"said": public[:60]}))
    said.consortium, said.code = line("consortium", 200), line("code", 60)
    said.members, said.contacts = words("members")[:PARTIES], words("contacts")
    for each in words("gives"):
        name, _colon, number = each.rpartition(":")
        if clean(name) and number.strip().isdecimal() and len(number.strip()) < 7:
            said.gives[fold(name)] = int(number)
        else:
            said.problems.append(
                ("gives", _now("“%(said)s” cannot be read: write workshops: 2") % {"said": each[:60]})
            )
    said.document, said.note = line("document", 1000), block(cells.get("note", ""))
    if said.document:
        try:
            URLValidator(schemes=["http", "https"])(said.document)
        except ValidationError:
            said.problems.append(
                ("document", _now("“%(said)s” is no address") % {"said": said.document[:60]})
            )
            said.document = ""
    return said


@source_parts.declare
class Agreements(Part):
    """Rows of a table of agreements."""

    key: ClassVar[str] = "agreements.csv.training.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 360
    chunk_size: ClassVar[int] = 500
    counters: ClassVar[tuple[str, ...]] = (
        *("agreements", "tiers", "allowances", "codes", "contacts", "parties"),
        *("people", "identities", "bots"),
    )

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each agreement; the second row of one is left out."""
        table = reading.table()
        headings = [heading for heading in table.headings if heading]
        mapping = settle(SOURCE, headings, reading.mapping, file=table.name)
        met: dict[str, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(table.name, line, "", cells)
                continue
            row = {name: cells.get(heading, "") for name, heading in mapping.items()}
            said = read_row(row)
            for column, why in said.problems:
                yield Rejection(table.name, line, mapping.get(column, column), why, row)
            if not said.is_whole:
                continue
            if said.key in met:
                why = _now("line %(line)d is this agreement already: this row is left out")
                yield Rejection(table.name, line, mapping["organization"], why % {"line": met[said.key]}, row)
                continue
            met[said.key] = line
            yield Row(table.name, line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make the agreements that are not there."""
        _Chunk(rows, changes).apply()


class _Chunk:
    """Applies the rows of one chunk."""

    def __init__(self, rows: Sequence[Row], changes: Changes) -> None:
        self.changes = changes
        pairs = [(row, read_row(row.payload)) for row in rows]
        there = set(
            Agreement.objects.filter(
                source=SOURCE.key, external_id__in=[said.key for _row, said in pairs]
            ).values_list("external_id", flat=True)
        )
        changes.unchanged("agreements", sum(said.key in there for _row, said in pairs))
        self.pairs = [(row, said) for row, said in pairs if said.key not in there]
        names = [name for _row, said in self.pairs for name in (said.organization, *said.members)]
        self.organizations = organizations_by_name(names)
        self.tiers = self._tiers()
        self.benefits: dict[str, BenefitKind] = {}
        for one in BenefitKind.objects.order_by("-is_archived", "-order", "-pk"):
            self.benefits |= {fold(one.name): one, fold(one.slug): one}
        wanted = [fold_code(said.code) for _row, said in self.pairs if said.code]
        self.codes = set(RegistrationCode.objects.filter(folded__in=wanted).values_list("folded", flat=True))

    def apply(self) -> None:
        """Agreements, then who holds them too, what they give, codes and contacts."""
        made: list[tuple[Row, Said, Agreement]] = []
        for row, said in self.pairs:
            organization = self._organization(row, "organization", said.organization)
            if organization is not None:
                made.append((row, said, self._new(said, organization)))
        self.changes.create(Agreement, [one for _row, _said, one in made], counter="agreements")
        parties, allowances, codes = [], [], []
        for row, said, one in made:
            codes.append(self._code(row, said, one))
            for name in said.members:
                member = self._organization(row, "members", name)
                if member is not None and member.pk != one.organization_id:
                    parties.append(AgreementParty(agreement=one, organization=member))
            for name, number in said.gives.items():
                if (benefit := self.benefits.get(name)) is not None:
                    allowances.append(Allowance(agreement=one, benefit=benefit, granted=number))
                else:
                    why = _now("there is no benefit “%(name)s”: left out") % {"name": name[:60]}
                    self.changes.reject(row, "gives", why)
        unique = {(one.agreement_id, one.organization_id): one for one in parties}
        self.changes.create(AgreementParty, list(unique.values()), counter="parties")
        self.changes.create(Allowance, allowances, counter="allowances")
        self.changes.create(RegistrationCode, codes, counter="codes")
        self._contacts([(said, one) for _row, said, one in made])

    def _organization(self, row: Row, column: str, name: str) -> Organization | None:
        found = self.organizations.get(fold(name))
        if found is None:
            why = _now("no organisation has the name “%(name)s”: enter or import it first; left out")
            self.changes.reject(row, column, why % {"name": name})
        return found

    def _new(self, said: Said, organization: Organization) -> Agreement:
        days: Any = {"starts_on": said.first, "ends_on": said.last}
        row = Agreement(
            **days,
            kind=said.kind,
            organization=organization,
            consortium=said.consortium,
            tier=self.tiers[fold(said.tier)],
            is_public=said.is_public,
            document_url=said.document,
            note=said.note,
            owner=self.changes.run.created_by,
            source=SOURCE.key,
            external_id=said.key,
            updated_at=self.changes.now,
        )
        row.last_day, row.grace_until = row.reckon_last_day(), row.reckon_grace()
        return row

    def _code(self, row: Row, said: Said, agreement: Agreement) -> RegistrationCode:
        text = said.code
        if text and fold_code(text) in self.codes:
            why = _now("“%(code)s” is another agreement’s code: this one gets a new one") % {"code": text}
            self.changes.reject(row, "code", why)
            text = ""
        text = text or made_up_code(said.consortium or said.organization)
        self.codes.add(fold_code(text))
        return RegistrationCode(agreement=agreement, text=text, folded=fold_code(text)[:60])

    def _tiers(self) -> dict[str, Tier]:
        wanted = {fold(said.tier): said.tier for _row, said in self.pairs}
        found: dict[str, Tier] = {}
        for one in Tier.objects.order_by("is_archived", "order", "pk") if wanted else ():
            for word in (one.slug, one.name):
                found.setdefault(fold(word), one)
        new = {
            key: Tier(slug=slugify(name)[:60] or f"tier-{number}", name=name)
            for number, (key, name) in enumerate(wanted.items(), 1)
            if key not in found
        }
        self.changes.create(Tier, list(new.values()), counter="tiers")
        return found | new

    def _contacts(self, made: Sequence[tuple[Said, Agreement]]) -> None:
        """Contacts in the first of the roles."""
        role = ContactRole.objects.filter(is_archived=False).order_by("order", "pk").first()
        logins = [(one, login) for said, one in made for login in said.contacts if len(login) <= 100]
        if role is None or not logins:
            return
        identities = ensure_identities(self.changes, handles=[login for _one, login in logins])
        rows: dict[tuple[int, int], Any] = {}
        for one, login in logins:
            person = identities[fold(login)].person
            if person.erased_at is None:
                rows[one.pk, person.pk] = AgreementContact(agreement=one, person=person, role=role)
        self.changes.create(AgreementContact, list(rows.values()), counter="contacts")
