"""What a contact of a member or partner sees of their own agreements; and what everybody sees of public ones."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from folkmoot.people.public import Person
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementKind,
    Allowance,
    RegistrationCode,
    Standing,
    Use,
)
from folkmoot.training.queries import allowances
from folkmoot.training.queries.agreements import left_words, standing

#: Agreements of one person, and learners of one agreement, that the page shows.
AGREEMENTS, LEARNERS = 30, 300


@dataclass(frozen=True)
class OwnAgreement:
    """One agreement, as who speaks for it may see it."""

    agreement: Agreement
    roles: list[str]
    code: str
    #: Each allowance with what is left in words, and its own code.
    held: list[tuple[Any, str, str]]
    contacts: list[AgreementContact]
    #: Events taken from it.
    events: list[Use]
    #: Learners with seats; ``None``: this contact does not see who they are.
    learners: list[Use] | None
    seats: int


def own(person: Person | None) -> list[OwnAgreement]:
    """The agreements that somebody speaks for, the newest first; five queries, whatever their number.

    Who got seats is told only to contacts whose role sees it; the number to all of them.
    """
    if person is None:
        return []
    mine: dict[int, list[AgreementContact]] = defaultdict(list)
    rows = AgreementContact.objects.filter(person=person).select_related("role").order_by("role__order", "pk")
    for one in rows:
        mine[one.agreement_id].append(one)
    agreements = list(
        Agreement.objects.filter(pk__in=mine)
        .select_related("organization", "tier")
        .order_by("-starts_on", "-pk")[:AGREEMENTS]
    )
    ids = [row.pk for row in agreements]
    codes = dict(
        RegistrationCode.objects.filter(agreement__in=ids)
        .values_list("agreement_id", "text")
        .filter(allowance=None)
    )
    held: dict[int, list[Any]] = defaultdict(list)
    for one in allowances.with_balance(Allowance.objects.filter(agreement__in=ids)).select_related(
        "benefit", "code"
    ):
        held[one.agreement_id].append((one, left_words(one.left, one.given), _code_of(one)))
    contacts: dict[int, list[AgreementContact]] = defaultdict(list)
    for one in (
        AgreementContact.objects.filter(agreement__in=ids)
        .select_related("person", "role")
        .order_by("role__order", "person__sort_key", "pk")
    ):
        contacts[one.agreement_id].append(one)
    taken = _uses(ids)
    return [
        OwnAgreement(
            agreement=row,
            roles=[one.role.name for one in mine[row.pk]],
            code=codes.get(row.pk, ""),
            held=held[row.pk],
            contacts=contacts[row.pk],
            events=[use for use in taken[row.pk] if use.event_id],
            learners=_seen(taken[row.pk], mine[row.pk]),
            seats=sum(1 for use in taken[row.pk] if use.task_id),
        )
        for row in agreements
    ]


def _code_of(row: Any) -> str:
    found = getattr(row, "code", None)
    return found.text if found is not None else ""


def _uses(ids: list[int]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = defaultdict(list)
    rows = (
        allowances.counting()
        .filter(allowance__agreement__in=ids)
        .select_related("event", "task__event", "task__person", "allowance")
        .order_by(F("task__person__sort_key").asc(nulls_first=True), "pk")
    )
    for use in rows:
        if use.allowance is not None:
            found[use.allowance.agreement_id].append(use)
    return found


def _seen(uses: list[Use], mine: list[AgreementContact]) -> list[Use] | None:
    if not any(one.role.sees_people for one in mine):
        return None
    return [use for use in uses if use.task_id][:LEARNERS]


# ----------------------------------------------------------------- everybody


def for_everybody(day: dt.date, kind: str = "") -> QuerySet[Agreement]:
    """Agreements in the public list: marked as public, and running on this day."""
    rows = Agreement.objects.filter(standing([Standing.RUNNING], day), is_public=True)
    if kind in AgreementKind.values:
        rows = rows.filter(kind=kind)
    return (
        rows.select_related("organization", "tier")
        .prefetch_related("parties__organization")
        .order_by("tier__order", "tier__name", "organization__folded", "pk")
    )
