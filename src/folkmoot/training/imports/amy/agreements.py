"""Agreements: AMY's memberships, partnerships, and accounts that bought something without either."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring, note_seen, rows_of
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.people.public import amy_inside
from folkmoot.training.imports.amy.basics import Known, label, slug_of
from folkmoot.training.imports.amy.codes import (
    ACCOUNT,
    CONSORTIUM,
    MEMBERSHIP,
    ORGANISATION,
    PARTNERSHIP,
    agreement_keys,
    put_codes,
)
from folkmoot.training.imports.amy.common import (
    SOURCE,
    Chunk,
    Names,
    Said,
    TrainingPart,
    key_of,
    things_beside,
)
from folkmoot.training.imports.amy.members import COMMENT, MEMBER, comments_of, members_of, note_members
from folkmoot.training.models import (
    GRACE,
    Agreement,
    AgreementKind,
    AgreementParty,
    Extension,
    Tier,
)
from folkmoot.training.models.agreements import Given

#: The tier of partnerships that name none, and of accounts without a partnership.
NO_TIER, NO_AGREEMENT = "partner", "alacarte"

_NAMES = {
    "kind": "agreement_start",
    "organization_id": "organizations",
    "tier_id": "variant",
    "starts_on": "agreement_start",
    "ends_on": "agreement_end",
    "extended_days": "extensions",
    "contribution": "contribution_type",
    "is_public": "public_status",
    "document_url": "agreement_link",
    "note": "emergency_contact",
}


class AgreementsPart(TrainingPart):
    """What memberships and partnerships have in common."""

    counters: ClassVar[tuple[str, ...]] = ("agreements", "tiers", "extensions", "codes", "parties")
    names: ClassVar[Mapping[str, str]] = _NAMES

    def bring(self, chunk: Chunk) -> None:
        self.prepare(chunk)
        tiers = _tiers(chunk, [self.tier(said) for said in chunk.said])
        wanted = [one for said in chunk.said if (one := self._wanted(chunk, said, tiers)) is not None]
        rows = bring(
            chunk.changes,
            source=SOURCE,
            model=Agreement,
            wanted=wanted,
            counter="agreements",
            reckon=_reckoned,
        )
        pairs = [(said, rows[said.key]) for said in chunk.said if said.key in rows]
        _extensions(chunk, pairs)
        put_codes(chunk, [(said, row.pk, None) for said, row in pairs])
        self._parties(chunk, pairs)

    def prepare(self, chunk: Chunk) -> None:
        """Look up organisations and tiers."""
        named = {pk for said in chunk.said for pk in said.beside["organizations"]}
        chunk.add_organizations(named)

    def tier(self, said: Said) -> str:
        """The word for the tier."""
        raise NotImplementedError

    def values(self, said: Said) -> dict[str, Any]:
        """What this kind of agreement says beside."""
        raise NotImplementedError

    def _wanted(self, chunk: Chunk, said: Said, tiers: Mapping[str, Tier]) -> Wanted | None:
        organizations = [
            found for pk in said.beside["organizations"] if (found := chunk.organizations.get(pk)) is not None
        ]
        if not organizations:
            why = _("none of its organisations is here: the agreement is left out")
            if said.fields.get("account_type") == "individual":
                why = _("is of a person alone, and agreements here are with organisations: left out")
            said.leave(self.names["organization_id"], why)
            return None
        days = days_of(said)
        if days is None:
            return None
        values: dict[str, Any] = {
            **days,
            **self.values(said),
            "organization_id": organizations[0],
            "tier_id": tiers[self.tier(said)].pk,
            "is_public": said.fields.get("public_status") == "public",
            "document_url": said.url("agreement_link"),
        }
        known = {**self.names, "organization_id": self.names["starts_on"], "tier_id": self.names["starts_on"]}
        fixed: dict[str, Any] = {"source": SOURCE, "external_id": said.key, "grace_days": GRACE}
        told = said.only_said(values, known)
        if chunk.changes.options.get("live"):  # comments stand in the note, and AMY's API does not tell them
            fixed["note"] = told.pop("note", "")
        return Wanted(said.key, told, None, fixed, said.row, self.names)

    def _parties(self, chunk: Chunk, pairs: Sequence[tuple[Said, Agreement]]) -> None:
        rows = AgreementParty.objects.filter(agreement__in=[row.pk for _said, row in pairs])
        there = {(row.agreement_id, row.organization_id): row for row in rows}
        wanted: dict[tuple[int, int], Wanted] = {}
        for said, row in pairs:
            for pk in said.beside["organizations"]:
                found = chunk.organizations.get(pk)
                if found is None:
                    why = _("organisation %(pk)s of AMY is not here: look why it was left out")
                    said.leave("organizations", why % {"pk": pk})
                elif found != row.organization_id:
                    fixed = {"agreement_id": row.pk}
                    key = f"{said.key}/party/{pk}"
                    wanted.setdefault(
                        (row.pk, found),
                        Wanted(key, {"organization_id": found}, there.get((row.pk, found)), fixed, said.row),
                    )
        bring(
            chunk.changes,
            source=SOURCE,
            model=AgreementParty,
            wanted=list(wanted.values()),
            counter="parties",
        )


@source_parts.declare
class Memberships(AgreementsPart):
    """Memberships."""

    key: ClassVar[str] = "amy.training.memberships"
    order: ClassVar[int] = 320
    models: ClassVar[tuple[str, ...]] = (MEMBERSHIP,)
    stands: ClassVar[tuple[str, ...]] = (MEMBER,)
    looks_up: ClassVar[tuple[str, ...]] = (
        MEMBER,
        "workshops.memberrole",
        "workshops.organization",
        COMMENT,
    )

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        if "members" not in names:  # once for all
            names["members"] = {key: {"of": rows} for key, rows in members_of(names).items()}
            names["comments"] = {key: {"of": rows} for key, rows in comments_of(names).items()}
        listed = names["members"].get(pk, {}).get("of", [])
        members = list(dict.fromkeys(org for _key, org in listed))
        members = members or [str(one) for one in fields.get("organizations") or ()]
        main = names["workshops.organization"].get(members[0], {}) if members else {}
        comments = names["comments"].get(pk, {}).get("of", [])
        return {
            "organizations": members,
            "members": listed,
            "main": str(main.get("fullname") or ""),
            "comments": [text for _key, text in comments],
            "commented": [key for key, _text in comments],
        }

    def bring(self, chunk: Chunk) -> None:
        super().bring(chunk)
        here = rows_of(SOURCE, [said.key for said in chunk.said])
        note_members(chunk, here)
        stands: dict[str, int] = {}
        for said in chunk.said:
            for pk in said.beside["commented"]:
                if said.key in here:
                    stands[amy_inside(key_of(COMMENT, pk))] = here[said.key]
                else:
                    row = Row(said.row.file, said.row.line, {"model": COMMENT, "pk": pk})
                    why = _("what it is about is not here: look why that was left out")
                    chunk.changes.reject(row, "object_pk", why)
        note_seen(chunk.changes, source=SOURCE, model=Agreement, rows=stands)

    def tier(self, said: Said) -> str:
        return said.line("variant", 60) or NO_TIER

    def values(self, said: Said) -> dict[str, Any]:
        name, is_consortium = said.line("name", 200), said.is_true("consortium")
        contribution = str(said.fields.get("contribution_type") or "")
        if contribution not in Given.values:
            said.leave(
                "contribution_type", _("“%(said)s” is not known here: left out") % {"said": contribution[:40]}
            )
            contribution = ""
        named = "" if is_consortium or name == said.beside["main"] else name
        emergency = said.text("emergency_contact")
        notes = [_("In AMY: %(name)s") % {"name": named} if named else ""]
        notes.append(_("In an emergency: %(who)s") % {"who": emergency} if emergency else "")
        notes += said.beside["comments"]
        return {
            "kind": AgreementKind.MEMBER,
            "consortium": name if is_consortium else "",
            "contribution": contribution,
            "note": "\n\n".join(filter(None, notes)),
        }


@source_parts.declare
class Partnerships(AgreementsPart):
    """Partnerships of organisations and consortia."""

    key: ClassVar[str] = "amy.training.partnerships"
    order: ClassVar[int] = 321
    models: ClassVar[tuple[str, ...]] = (PARTNERSHIP,)
    looks_up: ClassVar[tuple[str, ...]] = (
        "fiscal.consortium",
        "fiscal.partnershiptier",
        "workshops.organization",
    )

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        consortium = names["fiscal.consortium"].get(str(fields.get("partner_consortium")), {})
        members = [str(one) for one in consortium.get("organisations") or ()]
        if fields.get("partner_organisation"):
            members = [str(fields["partner_organisation"])]
        tier = names["fiscal.partnershiptier"].get(str(fields.get("tier")), {})
        main = names["workshops.organization"].get(members[0], {}) if members else {}
        return {
            "organizations": members,
            "consortium": str(consortium.get("name") or ""),
            "description": str(consortium.get("description") or ""),
            "tier": str(tier.get("name") or ""),
            "main": str(main.get("fullname") or ""),
        }

    def tier(self, said: Said) -> str:
        return str(said.beside["tier"])[:100] or NO_TIER

    def values(self, said: Said) -> dict[str, Any]:
        name, consortium = said.line("name", 200), str(said.beside["consortium"])[:200]
        named = "" if name in (consortium, said.beside["main"]) else name
        notes = [_("In AMY: %(name)s") % {"name": named} if named else "", str(said.beside["description"])]
        return {
            "kind": AgreementKind.PARTNER,
            "consortium": consortium,
            "note": "\n\n".join(filter(None, notes)),
        }

    names: ClassVar[Mapping[str, str]] = _NAMES | {
        "tier_id": "tier",
        "note": "name",
        "consortium": "name",
        "organization_id": "partner_organisation",
    }


@source_parts.declare
class Accounts(AgreementsPart):
    """Accounts of organisations and consortia that bought benefits without a partnership; others are remembered as
    part of their partnerships."""

    key: ClassVar[str] = "amy.training.accounts"
    order: ClassVar[int] = 322
    models: ClassVar[tuple[str, ...]] = (ACCOUNT,)
    looks_up: ClassVar[tuple[str, ...]] = ("fiscal.consortium", PARTNERSHIP)
    names: ClassVar[Mapping[str, str]] = dict.fromkeys((*_NAMES, "consortium"), "account_type")

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Accounts; those whose benefits belong to no partnership with the days of these."""
        spans: dict[str, list[str]] = defaultdict(list)
        for thing in things_beside(reading, "offering.accountbenefit"):
            if not thing.fields.get("partnership"):
                spans[str(thing.fields.get("account"))] += [
                    str(thing.fields[name]) for name in ("start_date", "end_date") if thing.fields.get(name)
                ]
        for row in super().read(reading):
            if isinstance(row, Row):
                span = spans.get(str(row.payload["pk"]))
                if span:
                    beside = {**row.payload["beside"], "first": min(span), "last": max(span)}
                    row = Row(row.file, row.line, {**row.payload, "beside": beside})
            yield row

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        related = str(fields.get("generic_relation_pk"))
        kind = fields.get("account_type")
        consortium = names["fiscal.consortium"].get(related, {}) if kind == CONSORTIUM else {}
        members = [str(one) for one in consortium.get("organisations") or ()]
        return {
            "organizations": [related] if kind == ORGANISATION else members,
            "consortium": str(consortium.get("name") or ""),
            "partnerships": agreement_keys(pk, fields, names)[:-1],
        }

    def bring(self, chunk: Chunk) -> None:
        everything = chunk.said
        chunk.said = [said for said in everything if "first" in said.beside]
        super().bring(chunk)
        chunk.said = everything
        others = [said for said in everything if "first" not in said.beside]
        here = rows_of(SOURCE, [key for said in others for key in said.beside["partnerships"]])
        stands: dict[str, int] = {}
        for said in others:
            rows = [here[key] for key in said.beside["partnerships"] if key in here]
            if rows:
                stands[amy_inside(said.key)] = rows[0]
            else:
                said.leave(
                    "account_type", _("has no partnership here and bought nothing: nothing is made of it")
                )
        note_seen(chunk.changes, source=SOURCE, model=Agreement, rows=stands)

    def tier(self, said: Said) -> str:
        return NO_AGREEMENT

    def values(self, said: Said) -> dict[str, Any]:
        return {
            "kind": AgreementKind.PARTNER,
            "consortium": str(said.beside["consortium"])[:200],
            "note": _("An account of AMY that bought benefits without a partnership."),
        }


def days_of(said: Said) -> dict[str, Any] | None:
    """First and last day as agreed, and by how many days it was extended: AMY has moved the end by them already."""
    if said.model == ACCOUNT:
        first, last = (dt.date.fromisoformat(said.beside[name][:10]) for name in ("first", "last"))
        return {"starts_on": first, "ends_on": max(last, first + dt.timedelta(days=1))}
    start, end = said.day("agreement_start"), said.day("agreement_end")
    if start is None or end is None:
        said.leave("agreement_start", _("has no first or no last day: the agreement is left out"))
        return None
    if end <= start:
        said.leave("agreement_end", _("is not after the first day: the agreement is left out"))
        return None
    extended = sum(extensions_of(said))
    if end - dt.timedelta(days=extended) <= start:
        said.leave("extensions", _("are longer than the agreement: left out"))
        extended = 0
    return {"starts_on": start, "ends_on": end - dt.timedelta(days=extended), "extended_days": extended}


def extensions_of(said: Said) -> list[int]:
    """By how many days it was extended, each time."""
    return [days for days in said.numbers("extensions") if 0 < days < 36_600]


def _reckoned(row: Agreement) -> dict[str, Any]:
    return {"last_day": row.reckon_last_day(), "grace_until": row.reckon_grace()}


def _tiers(chunk: Chunk, named: Sequence[str]) -> dict[str, Tier]:
    """Tiers by their word; one that nobody has is made."""
    known = Known(Tier)
    found: dict[str, Tier] = {}
    new: list[Tier] = []
    for word in dict.fromkeys(named):
        tier = known.find(word)
        if tier is None:
            tier = Tier(slug=known.free(slug_of(word, "tier")), name=label(word)[:100])
            new.append(tier)
        found[word] = tier
    chunk.changes.create(Tier, new, counter="tiers")
    return found


def _extensions(chunk: Chunk, pairs: Sequence[tuple[Said, Agreement]]) -> None:
    wanted = [
        Wanted(
            f"{said.key}/extension/{number}",
            {"days": days},
            None,
            {"agreement_id": row.pk, "reason": _("Extended in AMY."), "made_at": chunk.changes.now},
            said.row,
            {"days": "extensions"},
        )
        for said, row in pairs
        if row.extended_days
        for number, days in enumerate(extensions_of(said), 1)
    ]
    bring(chunk.changes, source=SOURCE, model=Extension, wanted=wanted, counter="extensions")
