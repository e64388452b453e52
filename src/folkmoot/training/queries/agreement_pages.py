"""What an agreement's page shows, and the list of what used it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.public import country_name
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    Counts,
    Extension,
    RegistrationCode,
    Use,
)
from folkmoot.training.queries import allowances
from folkmoot.training.queries.agreements import left_words

#: Uses of each allowance that the page shows; the list shows all.
SHOWN = 8


@dataclass(frozen=True)
class Held:
    """One allowance: how much there is, what took it."""

    row: Row
    uses: list[Row]
    words: str
    in_words: str

    @property
    def more(self) -> int:
        """How many uses are not shown."""
        return int(self.uses[0]["number"]) - len(self.uses) if self.uses else 0

    @property
    def taken(self) -> int:
        """What is used, planned, and passed on."""
        return int(self.row["used"] + self.row["planned"] + self.row["rolled_over"])

    @property
    def of(self) -> int:
        """What the whole length of its bar stands for."""
        return max(int(self.row["given"]), self.taken, 1)


@dataclass(frozen=True)
class AgreementPage:
    """Everything beside timeline and cards."""

    parties: list[Row]
    contacts: list[Row]
    extensions: list[Row]
    held: list[Held]
    code: str
    renewal: Row | None
    country: str
    over: list[str] = field(default_factory=list)


def read(pk: int) -> Agreement | None:
    """The agreement with what its first lines name; one query."""
    return (
        Agreement.objects.select_related(
            "organization", "tier", "owner", "renews__organization", "renews__tier"
        )
        .filter(pk=pk)
        .first()
    )


def rows_of(row: Agreement) -> dict[Hashable, Rows | None]:
    """What the page asks for together with timeline and cards."""
    return {
        "parties": Rows(
            AgreementParty.objects.filter(agreement=row).exclude(organization=row.organization_id),
            "organization_id",
            name=F("organization__name"),
            sort=F("organization__folded"),
        ),
        "contacts": Rows(
            AgreementContact.objects.filter(agreement=row),
            *("pk", "person_id"),
            name=F("person__name"),
            role=F("role__name"),
            order=F("role__order"),
            sees_people=F("role__sees_people"),
        ),
        "extensions": Rows(
            Extension.objects.filter(agreement=row),
            *("pk", "days", "reason", "made_at"),
            who=name_of("made_by"),
        ),
        "codes": Rows(RegistrationCode.objects.filter(agreement=row), "text", "allowance_id"),
        "allowances": allowance_rows(row),
        "uses": Rows(first_uses(row), *_USE, most=None, **_TOLD),
        "renewal": Rows(
            Agreement.objects.filter(renews=row), "pk", "starts_on", "last_day", tier_name=F("tier__name")
        ),
    }


def allowance_rows(row: Agreement) -> Rows:
    """The allowances of an agreement with what is left."""
    return Rows(
        allowances.with_balance(Allowance.objects.filter(agreement=row)),
        *("pk", "granted", "added", "rolled", "starts_on", "ends_on", "is_frozen", "note"),
        *("given", "used", "planned", "rolled_over", "left"),
        most=None,
        benefit=F("benefit__name"),
        counts=F("benefit__counts"),
        order=F("benefit__order"),
        curriculum_name=F("curriculum__name"),
    )


_USE = ("pk", "allowance_id", "amount", "reason", "given_at", "is_in_house")
_TOLD: dict[str, Any] = {
    "counts": F("counts"),
    "number": F("number"),
    "at": F("at"),
    "title": F("title"),
    "event": F("at_event"),
    "person_id": F("task__person_id"),
    "person": F("task__person__name"),
}


def uses(row: Agreement) -> QuerySet[Any]:
    """What took something from an agreement, with ``at_event``, ``title`` and ``at`` of the event, and ``counts``:
    whether it counts.
    """
    return told_uses().filter(allowance__agreement=row)


def told_uses() -> QuerySet[Any]:
    """All uses, of all agreements and of open seats, with the same beside."""
    return Use.objects.annotate(
        counts=Case(
            When(allowances.COUNTS, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
        at_event=Coalesce("event_id", "task__event_id"),
        title=Coalesce("event__title", "task__event__title"),
        at=Coalesce("event__starts_at", "task__event__starts_at"),
    )


def first_uses(row: Agreement) -> QuerySet[Any]:
    """The newest of each allowance, with ``number``: how many there are."""
    by = F("allowance")
    found: QuerySet[Any] = (
        uses(row)
        .annotate(
            place=Window(RowNumber(), partition_by=by, order_by=[F("given_at").desc(), F("pk").desc()]),
            number=Window(Count("pk"), partition_by=by),
        )
        .filter(place__lte=SHOWN)
    )
    return found


def agreement_page(row: Agreement, rows: Mapping[Hashable, Sequence[Row]]) -> AgreementPage:
    """What the page shows, given the rows of :func:`rows_of`; no query."""
    codes = {one["allowance_id"]: one["text"] for one in rows["codes"]}
    by_allowance: dict[int, list[Row]] = defaultdict(list)
    for one in sorted(rows["uses"], key=lambda one: (one["given_at"], one["pk"]), reverse=True):
        by_allowance[one["allowance_id"]].append(one)
    held = [
        Held(
            row={**one, "code": codes.get(one["pk"], "")},
            uses=by_allowance[one["pk"]],
            words=left_words(one["left"], one["given"]),
            in_words=str(Counts(one["counts"]).label).split(":")[0],
        )
        for one in sorted(rows["allowances"], key=lambda one: (one["order"], one["benefit"], one["pk"]))
    ]
    return AgreementPage(
        parties=sorted(rows["parties"], key=lambda one: str(one["sort"])),
        contacts=sorted(rows["contacts"], key=lambda one: (one["order"], str(one["name"]))),
        extensions=sorted(rows["extensions"], key=lambda one: one["made_at"]),
        held=held,
        code=codes.get(None, ""),
        renewal=next(iter(rows["renewal"]), None),
        country=country_name(row.organization.country) if row.organization.country else "",
        over=[one.row["benefit"] for one in held if one.row["left"] < 0],
    )


def beyond(rows: QuerySet[Any], on: bool) -> QuerySet[Any]:
    """Uses that were given beyond what there was, or the others."""
    return rows.exclude(reason="") if on else rows.filter(reason="")


def found(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Uses by events and people that the search finds by these words."""
    return rows.filter(
        Q(task__person__in=ids_matching("person", words)) | Q(at_event__in=ids_matching("event", words))
    )
