"""How the ledger forgets a person: what happened stays and counts, what names somebody in it goes."""

from __future__ import annotations

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    erasers,
    mentioning,
    nothing_personal,
    scrubbed,
)
from folkmoot.ledger.models import Activity, Item

COUNTS = "what was contributed counts in reports that are out; its identity has no handle any more"


def _forget(subject: Subject, outcome: Outcome) -> None:
    mine = Activity.objects.filter(identity__in=subject.identities)
    outcome.keeps(Activity, mine.count(), COUNTS)
    for model, own in ((Activity, mine), (Item, Item.objects.filter(activities__in=mine).distinct())):
        found = {row.pk: row for row in mentioning(own, "detail", subject.needles)}
        if subject.user is not None:
            # Who has an account may be named as the one who decided something about others.
            rows = mentioning(model.objects.all(), "detail", subject.names)
            found |= {row.pk: row for row in rows}
        for row in found.values():
            model.objects.filter(pk=row.pk).update(detail=scrubbed(row.detail, subject))
        outcome.gone(f"{model._meta.label_lower}'s details", len(found))


erasers.register(Eraser("ledger", frozenset({"ledger.activity", "ledger.item"}), _forget, order=30))
nothing_personal.register(
    NothingPersonal(
        "ledger",
        frozenset(
            {
                "ledger.githubconnection",
                "ledger.historicalgithubconnection",
                "ledger.githubrepository",
                "ledger.syncstate",
                "ledger.webhookdelivery",
            }
        ),
        "Repositories, tokens, cursors and problems of a connection; no payload is kept.",
    )
)
