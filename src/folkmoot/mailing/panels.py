"""The card on the page of a record: which mails are planned about it, which left, and which did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Value, When, Window
from django.urls import reverse

from folkmoot.kernel.rows import Row, Rows
from folkmoot.mailing.models import OPEN, MailState, PlannedMail

#: Mails that a card shows; the list has all.
SHOWN = 12
TONES = {
    MailState.PLANNED: "new",
    MailState.WAITING: "due",
    MailState.APPROVED: "new",
    MailState.HANDED: "done",
    MailState.CANCELLED: "quiet",
    MailState.SKIPPED: "quiet",
}


def _is_other(subject: str, record: Any) -> bool:
    """The mail is about another record than that whose page it is, such as somebody's part in an event."""
    from folkmoot.mailing.subjects import subjects

    return subject not in subjects or subjects.get(subject).model is not type(record)


def rows(user: Any, record: Any) -> Rows:
    """What is still to leave first, by its moment; then the newest."""
    from folkmoot.mailing.subjects import about

    is_open = Case(When(state__in=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    return Rows(
        PlannedMail.objects.filter(about(record))
        .annotate(all_of_them=Window(Count("pk")), place=is_open)
        .order_by("place", "-changed_at", "-pk"),
        *("pk", "state", "due_at", "reason", "problem", "question", "handed_at"),
        *("record_name", "subject", "all_of_them"),
        most=SHOWN,
        rule_name=F("rule__name"),
        is_on=F("rule__is_active"),
    )


def told(user: Any, record: Any, found: Sequence[Row]) -> dict[str, Any] | None:
    """For the card; ``None`` where there are none."""
    if not found:
        return None
    mails = [
        {
            **row,
            "state_label": MailState(row["state"]).label,
            "tone": "overdue" if row["problem"] or row["question"] else TONES[MailState(row["state"])],
            "url": reverse("mailing:mail", args=[row["pk"]]),
            "words": row["question"] or row["problem"] or row["reason"],
            "is_open": row["state"] in OPEN,
            "record": row["record_name"] if _is_other(row["subject"], record) else "",
        }
        for row in found
    ]
    mails.sort(key=lambda mail: (not mail["is_open"], mail["due_at"].timestamp() if mail["is_open"] else 0))
    label = record._meta.label_lower
    more = found[0]["all_of_them"] - len(found)
    return {
        "mails": mails,
        "more": more,
        "more_url": f"{reverse('mailing:mails')}?on={label}:{record.pk}" if more else "",
    }
