"""What happened to one issue, as its timeline tells: labels, assignments, comments, closing; whose text is left there.

Source: GitHub Docs, "REST API endpoints for timeline events", "Issue event types".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from folkmoot.connectors.github.shapes import Account, account, issue, moment, text

#: Events that are read; a timeline holds many others (references, renamings, commits).
KINDS = frozenset({"labeled", "unlabeled", "assigned", "unassigned", "commented", "closed", "reopened"})
#: How much of an issue's text is read: GitHub takes 65,536 characters.
LONGEST_BODY = 70_000
_MARK = re.compile(r"<!-- folkmoot:([0-9a-f]{16,64}) -->")


@dataclass(frozen=True)
class Event:
    """Something that happened to an issue.

    Attributes:
        number: GitHub's own, unique among events and among comments.
        by: who did it; ``None``: the account was deleted, or GitHub does not say.
        label: which one was put on or taken off.
        whom: who was assigned, or is no longer.
        marker: of a comment: the mark that our own outbox put into it.
    """

    number: str
    kind: str
    at: dt.datetime
    by: Account | None = None
    label: str = ""
    whom: Account | None = None
    marker: str = ""


@dataclass(frozen=True)
class Ticket:
    """An issue with its text and who is assigned."""

    number: int
    title: str
    is_open: bool
    labels: tuple[str, ...]
    url: str
    author: Account | None
    opened_at: dt.datetime
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    body: str
    assignees: tuple[Account, ...] = ()


def event(found: Mapping[str, Any]) -> Event | None:
    """A row of ``/repos/…/issues/N/timeline``; what is of no use here is passed over."""
    kind = str(found.get("event") or "")
    if kind not in KINDS:
        return None
    is_comment = kind == "commented"
    opening = _MARK.match(str(found.get("body") or "")) if is_comment else None
    return Event(
        number=str(int(found["id"])),
        kind=kind,
        at=moment(found["created_at"]),
        by=account(found.get("user") if is_comment and found.get("user") else found.get("actor")),
        label=text(found["label"]["name"], 100) if kind in ("labeled", "unlabeled") else "",
        whom=account(found.get("assignee")) if kind in ("assigned", "unassigned") else None,
        marker=opening[1] if opening else "",
    )


def ticket(found: Mapping[str, Any]) -> Ticket | None:
    """A row of ``/repos/…/issues``; pull requests are passed over."""
    row = issue(found)
    if row.is_pull:
        return None
    assigned = (account(one) for one in found.get("assignees") or ())
    return Ticket(
        number=row.number,
        title=row.title,
        is_open=row.state == "open",
        labels=row.labels,
        url=row.url,
        author=row.author,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        body=str(found.get("body") or "").replace("\x00", "")[:LONGEST_BODY],
        assignees=tuple(one for one in assigned if one is not None),
    )
