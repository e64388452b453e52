"""Items of GitHub that a table of an area names: found where another source tells of them, else made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.ledger.imports.live import LiveNames
from folkmoot.ledger.imports.repositories import repositories, repository_now
from folkmoot.ledger.imports.writing import put_items, seen_at
from folkmoot.ledger.matching import Opening, named
from folkmoot.ledger.models import Item
from folkmoot.people.public import ensure_identities


@dataclass(frozen=True)
class Opened:
    """An issue or pull request as a table tells it.

    Attributes:
        repository: its name, without the organisation's.
        kind: ``issue`` or ``pull_request``.
    """

    repository: str
    number: str
    author: str
    opened_at: dt.datetime
    kind: str
    title: str
    state: str
    url: str = ""
    closed_at: dt.datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the table's source calls the item; the same before and after its repository is renamed."""
        return f"{repository_now(self.repository)}#{self.number}"


def put_opened(changes: Changes, source: str, opened: Sequence[Opened]) -> dict[str, Item]:
    """The items by key. One that another source tells of (same repository and second, same author or title) gets a
    second name and counts once; the others are made under ``source``, with who opened them. A fixed number of queries.
    """
    rows = {one.key: one for one in opened}
    identities = ensure_identities(changes, handles=[one.author for one in rows.values()])
    projects = repositories(changes, {one.repository for one in rows.values()})
    known = named(source, list(rows))
    names = LiveNames(changes, source, known, among=~Q(source=source))
    names.find(
        [
            Opening(
                key,
                projects[fold(one.repository)].pk,
                one.opened_at,
                identities[fold(one.author)].pk,
                one.title,
            )
            for key, one in rows.items()
        ]
    )
    wanted = {
        key: Item(
            kind=one.kind,
            title=one.title,
            state=one.state,
            url=one.url,
            project=projects[fold(one.repository)],
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            source=source,
            external_id=key,
            detail=dict(one.detail),
        )
        for key, one in rows.items()
        if key not in names.live
    }
    put_items(changes, list(wanted.values()), known)
    seen_at(
        changes,
        [(identities[fold(rows[key].author)], item, rows[key].opened_at) for key, item in wanted.items()],
    )
    return named(source, list(rows))
