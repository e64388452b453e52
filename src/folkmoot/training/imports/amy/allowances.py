"""What agreements give: seats and workshops of memberships, credits of partnerships, benefits of accounts.

AMY keeps what was passed on from one membership to the next on both of them, and reckons with the number on each. Here
it stands once, on the one that took it over; what the earlier one has left follows from that.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.training.imports.amy.basics import Known
from folkmoot.training.imports.amy.benefits import credits_kind
from folkmoot.training.imports.amy.codes import ACCOUNT, MEMBERSHIP, PARTNERSHIP, put_codes
from folkmoot.training.imports.amy.common import (
    SOURCE,
    Chunk,
    Names,
    Said,
    TrainingPart,
    key_of,
    things_beside,
)
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import Agreement, Allowance, BenefitKind, EventKind
from folkmoot.training.seeds import data

ACCOUNT_BENEFIT = "offering.accountbenefit"


def used_of(reading: Reading) -> dict[str, set[str]]:
    """Membership -> short names of the benefits that tasks and events take from it, whatever it gives of them."""
    found: dict[str, set[str]] = defaultdict(set)
    for thing in things_beside(reading, "workshops.task"):
        if thing.fields.get("seat_membership"):
            place = "public-seats" if thing.fields.get("seat_public", True) else "in-house-seats"
            found[str(thing.fields["seat_membership"])].add(place)
    for thing in things_beside(reading, "workshops.event"):
        if thing.fields.get("membership"):
            found[str(thing.fields["membership"])].add("workshops")
    return found


class MembershipsPart(TrainingPart):
    """What is read of memberships beside what they say themselves."""

    models: ClassVar[tuple[str, ...]] = (MEMBERSHIP,)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """With what is used of each, and what the membership that continues it says."""
        used = used_of(reading)
        after = {thing.pk: thing.fields for thing in things_beside(reading, MEMBERSHIP)}
        for row in super().read(reading):
            if isinstance(row, Row):
                later = after.get(str(row.payload["fields"].get("rolled_to_membership")))
                rolled = (
                    {one["rolled"]: later.get(one["rolled"]) for one in _benefits().values()} if later else {}
                )
                beside = {"used": sorted(used.get(str(row.payload["pk"]), ())), "later": rolled}
                row = Row(row.file, row.line, {**row.payload, "beside": beside})
            yield row


def _benefits() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = words()["member_benefits"]
    return found


@source_parts.declare
class MemberAllowances(MembershipsPart):
    """What memberships give."""

    key: ClassVar[str] = "amy.training.member_allowances"
    order: ClassVar[int] = 325
    counters: ClassVar[tuple[str, ...]] = ("allowances", "benefits")

    def bring(self, chunk: Chunk) -> None:
        chunk.find(more={said.key for said in chunk.said})
        benefits = _member_benefits(chunk)
        there = _there(chunk)
        wanted = []
        for said in chunk.said:
            agreement = chunk.rows.get(said.key)
            if agreement is None:
                continue
            for slug, columns in _benefits().items():
                values: dict[str, Any] = {
                    name: said.number(columns[name]) or 0
                    for name in ("granted", "added", "rolled")
                    if name in columns and said.has(columns[name])
                }
                over = said.number(columns["over"]) or 0
                if any(values.values()) or over or slug in said.beside["used"]:
                    benefit = benefits[slug].pk
                    found = there.get((agreement, benefit))
                    fixed = {"agreement_id": agreement, "benefit_id": benefit}
                    wanted.append(Wanted(f"{said.key}#{slug}", values, found, fixed, said.row, columns))
        bring(chunk.changes, source=SOURCE, model=Allowance, wanted=wanted, counter="allowances")


def _member_benefits(chunk: Chunk) -> dict[str, BenefitKind]:
    """The benefits that memberships of AMY give: those the house comes with, or new ones."""
    known = Known(BenefitKind)
    found: dict[str, BenefitKind | None] = {slug: known.find(slug) for slug in _benefits()}
    kinds = Known(EventKind)
    new = [
        BenefitKind(
            slug=row["slug"],
            name=row["name"],
            counts=row["counts"],
            place=row.get("place", ""),
            event_kind=kinds.find(row["event_kind"]),
        )
        for row in data()["benefits"]
        if row["slug"] in found and found[row["slug"]] is None
    ]
    for row in chunk.changes.create(BenefitKind, new, counter="benefits"):
        found[row.slug] = row
    return {slug: row for slug, row in found.items() if row is not None}


def _there(chunk: Chunk) -> dict[tuple[int, int], Allowance]:
    """Allowances that agreements have already; the first of each benefit."""
    found: dict[tuple[int, int], Allowance] = {}
    rows = Allowance.objects.filter(agreement__in=[pk for key, pk in chunk.rows.items() if "#" not in key])
    for row in rows.order_by("pk"):
        found.setdefault((row.agreement_id, row.benefit_id), row)
    return found


@source_parts.declare
class Renewals(MembershipsPart):
    """Which membership continues which, and what was passed on: once all of them are here."""

    key: ClassVar[str] = "amy.training.renewals"
    order: ClassVar[int] = 326
    counters: ClassVar[tuple[str, ...]] = ("agreements", "allowances")

    def bring(self, chunk: Chunk) -> None:
        pairs = [(said, f"{MEMBERSHIP}/{said.fields['rolled_to_membership']}") for said in chunk.said
                 if said.fields.get("rolled_to_membership")]  # fmt: skip
        keys = {key for said, later in pairs for key in (said.key, later)}
        chunk.find(more=keys | {f"{key}#{slug}" for key in keys for slug in _benefits()})
        agreements = Agreement.objects.in_bulk({chunk.rows[key] for _said, key in pairs if key in chunk.rows})
        allowances = Allowance.objects.in_bulk({pk for key, pk in chunk.rows.items() if "#" in key})
        renewed, passed = [], []
        for said in chunk.said:
            for slug, columns in _benefits().items():
                self._compare(said, slug, columns)
        for said, later in pairs:
            old, new = chunk.rows.get(said.key), chunk.rows.get(later)
            if old is None or new is None:
                said.leave(
                    "rolled_to_membership", _("one of the two is not here: what continues what was left out")
                )
                continue
            renewed.append(_into(said, f"{later}#renews", {"renews_id": old}, agreements[new]))
            for slug in _benefits():
                before, after = chunk.rows.get(f"{said.key}#{slug}"), chunk.rows.get(f"{later}#{slug}")
                if before is not None and after is not None and allowances[after].rolled:
                    key = f"{later}#{slug}#rolled"
                    passed.append(_into(said, key, {"rolled_from_id": before}, allowances[after]))
        bring(chunk.changes, source=SOURCE, model=Agreement, wanted=renewed, counter="agreements")
        bring(chunk.changes, source=SOURCE, model=Allowance, wanted=passed, counter="allowances")

    def _compare(self, said: Said, slug: str, columns: Mapping[str, str]) -> None:
        """What AMY says on both sides should be the same."""
        over = said.number(columns["over"]) or 0
        later = said.beside["later"]
        taken = int(later.get(columns["rolled"]) or 0)
        if over and not later:
            why = _("%(over)d were passed on, but no membership continues this one: here they are left")
            said.leave(columns["over"], why % {"over": over})
        elif over != taken:
            why = _(
                "%(over)d were passed on, and the membership that continues it says %(taken)d: here %(taken)d count"
            )
            said.leave(columns["over"], why % {"over": over, "taken": taken})


def _into(said: Said, key: str, values: Mapping[str, Any], row: Any) -> Wanted:
    names = dict.fromkeys(values, "rolled_to_membership")
    return Wanted(key, values, row, {}, said.row, names)


@source_parts.declare
class Credits(TrainingPart):
    """The credits of partnerships that are not spent on benefits yet, and which partnership continues which."""

    key: ClassVar[str] = "amy.training.credits"
    order: ClassVar[int] = 327
    models: ClassVar[tuple[str, ...]] = (PARTNERSHIP,)
    looks_up: ClassVar[tuple[str, ...]] = (ACCOUNT_BENEFIT, "offering.benefit", "fiscal.partnershiptier")
    counters: ClassVar[tuple[str, ...]] = ("allowances", "benefits", "agreements")

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        if "spent" not in names:  # once for all
            spent: dict[str, int] = defaultdict(int)
            for one in names[ACCOUNT_BENEFIT].values():
                price = names["offering.benefit"].get(str(one.get("benefit")), {}).get("credits") or 0
                spent[str(one.get("partnership"))] += int(price) * int(one.get("allocation") or 0)
            names["spent"] = {key: {"credits": number} for key, number in spent.items()}
        tier = names["fiscal.partnershiptier"].get(str(fields.get("tier")), {})
        return {"spent": names["spent"].get(pk, {}).get("credits", 0), "credits": tier.get("credits") or 0}

    def bring(self, chunk: Chunk) -> None:
        after = {f"{PARTNERSHIP}/{said.fields.get('rolled_to_partnership')}" for said in chunk.said}
        chunk.find(more={said.key for said in chunk.said} | after)
        benefit = credits_kind(chunk)
        there = _there(chunk)
        wanted = []
        for said in chunk.said:
            agreement = chunk.rows.get(said.key)
            values = credits_of(said) if agreement is not None else None
            found = there.get((int(agreement or 0), benefit.pk))
            if found is not None and chunk.changes.options.get("live"):
                continue  # the API does not tell what was bought for credits: how many are left is not known
            if values is not None:
                fixed = {"agreement_id": agreement, "benefit_id": benefit.pk}
                names = dict.fromkeys(values, "credits")
                wanted.append(Wanted(f"{said.key}#credits", values, found, fixed, said.row, names))
        bring(chunk.changes, source=SOURCE, model=Allowance, wanted=wanted, counter="allowances")
        self._renewals(chunk)

    def _renewals(self, chunk: Chunk) -> None:
        pairs = []
        for said in chunk.said:
            later = said.fields.get("rolled_to_partnership")
            key = f"{PARTNERSHIP}/{later}"
            if later and said.key in chunk.rows and key in chunk.rows:
                pairs.append((said, key, chunk.rows[key], chunk.rows[said.key]))
            elif later:
                said.leave(
                    "rolled_to_partnership", _("one of the two is not here: what continues what was left out")
                )
        rows = Agreement.objects.in_bulk({new for _said, _key, new, _old in pairs})
        wanted = [
            _into(said, f"{key}#renews", {"renews_id": old}, rows[new]) for said, key, new, old in pairs
        ]
        bring(chunk.changes, source=SOURCE, model=Agreement, wanted=wanted, counter="agreements")


def credits_of(said: Said) -> dict[str, Any] | None:
    """The credits that are left to spend: in AMY they buy benefits, which are allowances of their own here."""
    if not said.has("credits") and not said.beside["credits"]:
        return None
    given = said.number("credits")
    granted = int(said.beside["credits"]) if given is None else given
    added = sum(number for number in said.numbers("credits_extensions") if number > 0)
    spent = min(int(said.beside["spent"]), granted + added)
    if int(said.beside["spent"]) > granted + added:
        said.leave("credits", _("more are spent on benefits than there are: none is left here"))
    note = _("Of %(given)d credits in AMY, %(spent)d were spent on benefits.")
    from_granted = min(spent, granted)
    return {
        "granted": granted - from_granted,
        "added": added - (spent - from_granted),
        "note": note % {"given": granted + added, "spent": spent} if spent else "",
    }


@source_parts.declare
class AccountBenefits(TrainingPart):
    """Benefits that accounts bought: allowances, some with a code and days of their own."""

    key: ClassVar[str] = "amy.training.account_benefits"
    order: ClassVar[int] = 328
    models: ClassVar[tuple[str, ...]] = (ACCOUNT_BENEFIT,)
    looks_up: ClassVar[tuple[str, ...]] = ("offering.accountbenefitdiscount",)
    counters: ClassVar[tuple[str, ...]] = ("allowances", "codes")

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        discount = names["offering.accountbenefitdiscount"].get(str(fields.get("discount")), {})
        return {"discount": str(discount.get("name") or "")}

    def bring(self, chunk: Chunk) -> None:
        chunk.find(
            {
                "account": ACCOUNT,
                "partnership": PARTNERSHIP,
                "benefit": "offering.benefit",
                "curriculum": "workshops.curriculum",
            }
        )
        wanted, owners = [], {}
        for said in chunk.said:
            field, model = (
                ("partnership", PARTNERSHIP) if said.fields.get("partnership") else ("account", ACCOUNT)
            )
            agreement = chunk.rows.get(key_of(model, said.fields.get(field)))
            benefit = chunk.row(said, "benefit", "offering.benefit")
            if agreement is None:
                said.leave(field, _("its agreement is not here: look why that was left out"))
            if agreement is None or benefit is None:
                continue
            owners[said.key] = (said, agreement)
            names = {"granted": "allocation", "starts_on": "start_date", "ends_on": "end_date",
                     "curriculum_id": "curriculum", "is_frozen": "frozen", "note": "discount"}  # fmt: skip
            values = said.only_said(self._values(chunk, said), names)
            fixed = {"agreement_id": agreement, "benefit_id": benefit}
            wanted.append(Wanted(said.key, values, None, fixed, said.row, names))
        rows = bring(chunk.changes, source=SOURCE, model=Allowance, wanted=wanted, counter="allowances")
        put_codes(chunk, [(*owners[key], row.pk) for key, row in rows.items()])

    def _values(self, chunk: Chunk, said: Said) -> dict[str, Any]:
        first, last = said.day("start_date"), said.day("end_date")
        if isinstance(first, dt.date) and last is not None and last < first:
            said.leave("end_date", _("is before the first day: left out"))
            last = None
        discount = str(said.beside["discount"])
        return {
            "granted": said.number("allocation") or 0,
            "starts_on": first,
            "ends_on": last,
            "curriculum_id": chunk.row(said, "curriculum", "workshops.curriculum"),
            "is_frozen": said.is_true("frozen"),
            "note": _("Discount: %(name)s") % {"name": discount} if discount else "",
        }
