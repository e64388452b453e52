"""Codes that open agreements and allowances, and which agreements an account has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, key_of
from folkmoot.training.models import RegistrationCode, fold_code

MEMBERSHIP, PARTNERSHIP, ACCOUNT = "workshops.membership", "fiscal.partnership", "offering.account"
#: What an account is of.
ORGANISATION, CONSORTIUM = "organisation", "consortium"


def put_codes(chunk: Chunk, pairs: Sequence[tuple[Said, int, int | None]]) -> None:
    """Codes of agreements, or of their allowances; one that opens something else is listed.

    Args:
        pairs: what says the code, the agreement, the allowance.
    """
    said_codes = {said.key: said.line("registration_code", 60) for said, *_rest in pairs}
    taken = {
        row.folded: row
        for row in RegistrationCode.objects.filter(
            folded__in=[fold_code(code) for code in said_codes.values()]
        )
    }
    mine: dict[tuple[int, int | None], RegistrationCode] = {}
    for row in RegistrationCode.objects.filter(agreement__in=[agreement for _said, agreement, _one in pairs]):
        mine[row.agreement_id, row.allowance_id] = row
    wanted, met = [], set()
    for said, agreement, allowance in pairs:
        code = said_codes[said.key]
        folded = fold_code(code)
        if not folded:
            continue
        other = taken.get(folded)
        if folded in met or (
            other is not None and (other.agreement_id, other.allowance_id) != (agreement, allowance)
        ):
            said.leave(
                "registration_code", _("“%(code)s” opens something else here: left out") % {"code": code}
            )
            continue
        met.add(folded)
        fixed = {"agreement_id": agreement, "allowance_id": allowance}
        found = mine.get((agreement, allowance))
        wanted.append(
            Wanted(f"{said.key}#code", {"text": code}, found, fixed, said.row, {"text": "registration_code"})
        )
    bring(
        chunk.changes,
        source=SOURCE,
        model=RegistrationCode,
        wanted=wanted,
        counter="codes",
        reckon=lambda row: {"folded": fold_code(row.text)[:60]},
    )


def agreement_keys(account: str, fields: Mapping[str, Any], partnerships: Names) -> list[str]:
    """Keys of the agreements of an account: its partnerships, and its own."""
    kind, related = fields.get("account_type"), str(fields.get("generic_relation_pk"))
    field = {ORGANISATION: "partner_organisation", CONSORTIUM: "partner_consortium"}.get(str(kind), "")
    found = [
        key_of(PARTNERSHIP, pk)
        for pk, one in partnerships[PARTNERSHIP].items()
        if str(one.get("account") or "") == account or (field and str(one.get(field) or "") == related)
    ]
    return [*found, key_of(ACCOUNT, account)]
