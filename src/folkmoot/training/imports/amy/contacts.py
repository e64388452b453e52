"""Who speaks for the other side of agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.training.imports.amy.basics import Known, label, slug_of
from folkmoot.training.imports.amy.codes import ACCOUNT, MEMBERSHIP, PARTNERSHIP, agreement_keys
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, TrainingPart
from folkmoot.training.imports.amy.words import means
from folkmoot.training.models import AgreementContact, ContactRole


@source_parts.declare
class MembershipContacts(TrainingPart):
    """People of memberships."""

    key: ClassVar[str] = "amy.training.membership_contacts"
    order: ClassVar[int] = 330
    models: ClassVar[tuple[str, ...]] = ("fiscal.membershiptask",)
    counters: ClassVar[tuple[str, ...]] = ("contacts",)

    def bring(self, chunk: Chunk) -> None:
        chunk.find({"membership": MEMBERSHIP, "role": "fiscal.membershippersonrole"}, people=("person",))
        found = []
        for said in chunk.said:
            agreement = chunk.row(said, "membership", MEMBERSHIP)
            role = chunk.row(said, "role", "fiscal.membershippersonrole")
            person = chunk.person(said, "person")
            if agreement is not None and role is not None and person is not None:
                found.append((said, said.key, agreement, person, role))
        _put(chunk, found)


@source_parts.declare
class AccountOwners(TrainingPart):
    """Owners of accounts: contacts of every agreement that the account has."""

    key: ClassVar[str] = "amy.training.account_owners"
    order: ClassVar[int] = 331
    models: ClassVar[tuple[str, ...]] = ("offering.accountowner",)
    looks_up: ClassVar[tuple[str, ...]] = (ACCOUNT, PARTNERSHIP)
    counters: ClassVar[tuple[str, ...]] = ("contacts", "contact_roles")

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        account = str(fields.get("account"))
        return {"agreements": agreement_keys(account, names[ACCOUNT].get(account, {}), names)}

    def bring(self, chunk: Chunk) -> None:
        chunk.find(people=("person",), more={key for said in chunk.said for key in said.beside["agreements"]})
        roles = _roles(chunk)
        found = []
        for said in chunk.said:
            person = chunk.person(said, "person")
            if person is None:
                continue
            if said.has("active") and not said.is_true("active"):
                said.leave(
                    "active",
                    _("is not active in AMY any more: left out; who is a contact here already stays"),
                )
                continue
            role = roles[said.line("permission_type", 60)].pk
            agreements = [(key, chunk.rows[key]) for key in said.beside["agreements"] if key in chunk.rows]
            if not agreements:
                said.leave("account", _("its agreement is not here: look why that was left out"))
            for key, agreement in agreements:
                found.append((said, f"{said.key}/{key}", agreement, person, role))
        _put(chunk, found)


def _roles(chunk: Chunk) -> dict[str, ContactRole]:
    known = Known(ContactRole)
    found: dict[str, ContactRole] = {}
    new: list[ContactRole] = []
    for word in dict.fromkeys(said.line("permission_type", 60) for said in chunk.said):
        slug = means("contact_roles", word)
        role = known.find(slug)
        if role is None:
            role = ContactRole(slug=known.free(slug_of(slug, "contact")), name=label(word) or "Contact")
            new.append(role)
        found[word] = role
    chunk.changes.create(ContactRole, new, counter="contact_roles")
    return found


def _put(chunk: Chunk, found: Sequence[tuple[Said, str, int, int, int]]) -> None:
    rows = AgreementContact.objects.filter(
        agreement__in={agreement for _said, _key, agreement, *_rest in found}
    )
    there = {(row.agreement_id, row.person_id, row.role_id): row for row in rows}
    wanted: dict[tuple[int, int, int], Wanted] = {}
    for said, key, agreement, person, role in found:
        values = {"agreement_id": agreement, "person_id": person, "role_id": role}
        names = {"agreement_id": "membership", "person_id": "person", "role_id": "role"}
        triple = (agreement, person, role)
        one = Wanted(key, values, there.get(triple), {}, said.row, names)
        if wanted.setdefault(triple, one) is not one:
            said.leave("person", _("is the same contact of the same agreement as another record: left out"))
    bring(
        chunk.changes,
        source=SOURCE,
        model=AgreementContact,
        wanted=list(wanted.values()),
        counter="contacts",
    )
