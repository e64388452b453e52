"""Standard texts that an app brings: rows of a YAML file, made once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.outbox.models import MessageTemplate

#: What begins a line of its own: an entry of a list, a variable.
ITEM = re.compile(r"-|\d+\.|\{\{")
#: A line of the file that is at least so long goes on in the next.
LONG = 90


def unwrapped(text: str) -> str:
    """A text of the file without the breaks that only keep its lines short; those between short lines are meant."""
    lines: list[str] = []
    goes_on = False
    for line in text.strip().split("\n"):
        is_new = not line.strip() or ITEM.match(line.lstrip()) is not None
        if goes_on and not is_new:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.rstrip())
        goes_on = len(line) >= LONG
    return "\n".join(lines)


@transaction.atomic
def load_texts(rows: Iterable[Mapping[str, Any]], *, topic: str) -> int:
    """Make the texts that are not there and never were: what a person edited, renamed or removed stays so.

    Args:
        rows: each with ``kind``, ``name``, ``subject`` and ``body``.
        topic: what one unsubscribes from.

    Returns:
        how many were made.
    """
    rows = list(rows)
    names = [row["name"] for row in rows]
    history: Any = MessageTemplate.history
    known = set(history.filter(name__in=names).values_list("name", flat=True))
    known |= set(MessageTemplate.objects.filter(name__in=names).values_list("name", flat=True))
    fresh = [
        MessageTemplate(
            kind=row["kind"],
            name=row["name"],
            subject=row["subject"],
            body=unwrapped(row["body"]),
            topic=topic,
            is_personal=True,
        )
        for row in rows
        if row["name"] not in known
    ]
    audit.bulk_create(MessageTemplate, fresh, reason="seeds")
    return len(fresh)
