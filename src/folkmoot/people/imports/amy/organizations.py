"""``workshops.organization``: organisations with their web address and country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Row, source_parts
from folkmoot.people.imports.amy.mapped import amy_models, left
from folkmoot.people.imports.amy.part import AmyPart, thing_of
from folkmoot.people.imports.amy.things import Thing
from folkmoot.people.imports.amy.who import ORGANIZATIONS, as_told_before, note_who, still_here
from folkmoot.people.imports.tables.organizations import (
    OrganizationClaim,
    apply_organizations,
    read_organization,
)
from folkmoot.people.models import Organization


def read_amy_organization(record: Mapping[str, Any]) -> OrganizationClaim:
    """What AMY says of an organisation. Its ``domain`` may hold a path, or be a word that is no domain at all."""
    domain = str(record.get("domain") or "").strip()
    host = re.sub(r"^https?://", "", domain).split("/", 1)[0]
    is_host = "." in host
    claim = read_organization(
        {
            "name": record.get("fullname") or domain,
            "country": record.get("country"),
            "domains": host if is_host and host == domain.rstrip("/") else "",
            "website": domain if is_host else "",
        }
    )
    own = {"name": "fullname", "domains": "domain", "website": "domain"}
    claim.problems = [
        type(one)(own.get(one.field, one.field), own.get(one.path, one.path), one.reason)
        for one in claim.problems
    ]
    return claim


@source_parts.declare
class Organizations(AmyPart):
    """Organisations, one for one; one is the same as one here by its name, or by a domain that is its own."""

    key: ClassVar[str] = "amy.people.organizations"
    order: ClassVar[int] = 105
    models: ClassVar[tuple[str, ...]] = (ORGANIZATIONS,)
    counters: ClassVar[tuple[str, ...]] = ("organizations", "domains", "records")

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """None is without a name."""
        if not read_amy_organization(thing.fields).fields["name"]:
            return "fullname", _("the organisation has no name: left out")
        return None

    def left_out(self, thing: Thing) -> Iterable[tuple[str, str]]:
        """Domains of mail providers, countries that are none."""
        return [(one.field, one.reason) for one in read_amy_organization(thing.fields).problems]

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring the register in line with these organisations."""
        staged = as_told_before(changes, still_here(changes, rows, Organization), Organization)
        mine = [
            Row(
                row.file, row.line, {"key": thing.pk, "record": {"pk": thing.pk, **thing.fields}, "lines": {}}
            )
            for row in staged
            if (thing := thing_of(row))
        ]
        apply_organizations(mine, changes, part=ORGANIZATIONS, read_claim=read_amy_organization, keyed=True)
        note_who(changes, staged, Organization)


_PLACES = gettext_lazy("the register places organisations by country: kept word for word with the record")

amy_models.declare(
    ORGANIZATIONS,
    "Organization",
    {
        "domain": gettext_lazy(
            "OrganizationDomain, Organization.website (those of administrators: Programme, too)"
        ),
        "fullname": "Organization.name",
        "country": "Organization.country",
        "latitude": left(_PLACES),
        "longitude": left(_PLACES),
        "affiliated_organizations": left(
            gettext_lazy("unused in AMY, as it says itself; kept word for word")
        ),
    },
)
