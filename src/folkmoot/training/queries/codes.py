"""What a code opens."""

from __future__ import annotations

import datetime as dt

from folkmoot.training.models import Agreement, Allowance, RegistrationCode, fold_code


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
