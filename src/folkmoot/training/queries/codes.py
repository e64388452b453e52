"""What a code opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.training.models import Agreement, Allowance, RegistrationCode, Request, Use, fold_code

USES = (
    ("unused", _("nothing was taken with it")),
    ("used", _("something was taken with it")),
    ("unknown", _("no agreement has it")),
)


def find(code: str, *, on: dt.date) -> Agreement | Allowance | None:
    """The agreement or the allowance that a code opens on a day; ``None``: there is none, or not on this day.

    Case and spaces do not matter. An agreement's code holds from its first day until its days of grace are over; an
    allowance's for as long as the allowance, and not while it is frozen. One query; the agreement's organisation and
    tier are read with it.
    """
    row = known(code)
    if row is None:
        return None
    if row.allowance is not None:
        return row.allowance if row.allowance.holds_on(on) and not row.allowance.is_frozen else None
    return row.agreement if row.agreement.starts_on <= on <= row.agreement.grace_until else None


def known(code: str) -> RegistrationCode | None:
    """A code whatever the day, with what it opens; one query."""
    folded = fold_code(code)
    if not folded or len(folded) > 60 or not folded.isprintable():
        return None
    return (
        RegistrationCode.objects.select_related(
            "agreement__organization",
            "agreement__tier",
            "allowance__benefit__event_kind",
            "allowance__curriculum",
            "allowance__agreement__organization",
            "allowance__agreement__tier",
        )
        .filter(folded=folded)
        .first()
    )


def by_use(rows: QuerySet[Any], chosen: Sequence[str]) -> QuerySet[Any]:
    """Requests whose member code is known or not, and with which the event or the seat was taken or not. Two queries
    for the codes, which are compared folded.
    """
    written = list(Request.objects.exclude(member_code="").values_list("member_code", flat=True).distinct())
    known = set(RegistrationCode.objects.values_list("folded", flat=True))
    good = [code for code in written if fold_code(code)[:60] in known]
    taken = Exists(
        Use.objects.filter(
            Q(event=OuterRef("event_id")) | Q(task=OuterRef("task_id")), allowance__isnull=False
        )
    )
    named = Q(member_code__in=good)
    asked = {
        "unused": named & ~Q(taken),
        "used": named & Q(taken),
        "unknown": ~Q(member_code="") & ~named,
    }
    wanted = Q(pk=None)
    for one in chosen:
        wanted |= asked.get(one, Q(pk=None))
    return rows.filter(wanted)
