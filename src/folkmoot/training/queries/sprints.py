"""What was contributed at a sprint: who, what, how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.rows import Row, Rows
from folkmoot.ledger.public import Item
from folkmoot.training.models import Contribution, Event
from folkmoot.training.queries.figures import with_authors

#: Contributions that the card on a sprint's page names; its figures count all.
NAMED = 8
#: Contributions that are read for the card.
MOST = 2000
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


def contributions_of(event: Event) -> QuerySet[Contribution]:
    """All contributions to a sprint with who opened them, the newest first."""
    rows = with_authors(Contribution.objects.filter(event=event)).select_related("item__project")
    return rows.order_by("-item__opened_at", "-pk")


def card_rows(_user: Any, event: Any) -> Rows:
    """What the card on the sprint's page needs."""
    return Rows(
        with_authors(Contribution.objects.filter(event=event)).order_by("-item__opened_at", "-pk"),
        *("pk", "author", "author_name", "is_bot"),
        most=MOST,
        title="item__title",
        url="item__url",
        kind="item__kind",
        state="item__state",
        opened_at="item__opened_at",
    )


def card(_user: Any, event: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """The sprint's figures, bots apart, and its newest contributions; ``None``: nothing was contributed."""
    if not rows:
        return None
    people = [row for row in rows if not row["is_bot"]]
    newest = sorted(people, key=lambda row: (row["opened_at"] or _NEVER, row["pk"]), reverse=True)
    return {
        "figures": [
            (len(people), _("contributions")),
            (len({row["author"] for row in people} - {None}), _("people")),
            (sum(row["kind"] == "pull_request" for row in people), _("pull requests")),
            (sum(row["state"] == Item.State.OPEN for row in people), _("still open")),
        ],
        "contributions": [
            {**row, "state": Item.State(row["state"]).label if row["state"] else ""} for row in newest[:NAMED]
        ],
        "all_url": reverse("training:contributions", args=[event.pk]),
        "left_out": len(rows) - len(people),
    }
