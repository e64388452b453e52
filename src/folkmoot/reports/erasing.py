"""How reports forget a person: figures follow the ledger; what somebody wrote below them a person judges."""

from __future__ import annotations

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    erasers,
    mentioning,
    nothing_personal,
)
from folkmoot.reports.models import Note

PUBLISHED = (
    "notes in reports are a published record; the search of the page finds the name, and a person decides"
)


def _forget(subject: Subject, outcome: Outcome) -> None:
    outcome.keeps(Note, mentioning(Note.objects.all(), "body", subject.needles).count(), PUBLISHED)


erasers.register(Eraser("reports", frozenset({"reports.note", "reports.historicalnote"}), _forget, order=45))
nothing_personal.register(
    NothingPersonal(
        "reports",
        frozenset({"reports.share", "reports.historicalshare"}),
        "The scope of a report, and for whom a link is: a council, a funder.",
    )
)
