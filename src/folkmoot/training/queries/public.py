"""What everybody may see of events: public pages, feeds and websites ask here, so that none shows more than another."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from folkmoot.people.public import consents_of
from folkmoot.training.models import (
    Event,
    EventKind,
    EventLink,
    Status,
    Task,
    TaskKind,
    TaskState,
    Visibility,
)

#: The consent to stand in lists and on pages by name.
PUBLISH_NAME = "publish-name"


def shown() -> QuerySet[Event]:
    """Events that everybody may see: public, and announced; one that was cancelled only if it had been announced."""
    return Event.objects.filter(
        Q(status__in=[Status.ANNOUNCED, Status.RUNNING, Status.DONE])
        | Q(status=Status.CANCELLED, announced_at__isnull=False),
        visibility=Visibility.PUBLIC,
    )


def upcoming(now: dt.datetime) -> QuerySet[Event]:
    """Those that are not over, the next first."""
    return shown().filter(ends_at__gt=now).order_by("starts_at", "pk")


def past(now: dt.datetime) -> QuerySet[Event]:
    """Those that are over, the latest first."""
    return shown().filter(ends_at__lte=now).order_by("-starts_at", "-pk")


def narrowed(rows: QuerySet[Event], kind: EventKind | None) -> QuerySet[Event]:
    """Only those of a kind; ``None``: all."""
    return rows if kind is None else rows.filter(kind=kind)


def kinds_shown() -> list[EventKind]:
    """Kinds of which there is an event for everybody, in their order; one query."""
    here = shown().filter(kind=OuterRef("pk"))
    return list(EventKind.objects.filter(Exists(here)).order_by("order", "name", "pk"))


@dataclass
class Parts:
    """Who takes part in an event, as everybody may know it: how many in each kind, and who agreed to be named."""

    #: What they do (``teaches``) to how many.
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: Kind of part to names, in the kinds' order.
    named: dict[str, list[str]] = field(default_factory=dict)
    #: What they do to names.
    by_what: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def parts_of(events: Iterable[Event]) -> dict[int, Parts]:
    """Of each event, who takes part; names only of parts that are named in public, and of people who consent now.

    Four queries, whatever the number of events, and one for each 500 people who may be named.
    """
    ids = [event.pk for event in events]
    found = {pk: Parts() for pk in ids}
    rows = list(
        Task.objects.filter(event__in=ids, state=TaskState.CONFIRMED, session=None)
        .exclude(kind__does=TaskKind.Does.LEARNS)
        .select_related("kind", "person")
        .order_by("kind__order", "kind__pk", "person__sort_key", "pk")
    )
    agreed = consents_of({row.person_id for row in rows if row.kind.is_public}, [PUBLISH_NAME])
    for row in rows:
        parts = found[row.event_id]
        parts.counts[row.kind.does] += 1
        if not row.kind.is_public or not agreed[row.person_id][PUBLISH_NAME]:
            continue
        parts.named.setdefault(str(row.kind.name), []).append(row.person.name)
        parts.by_what[row.kind.does].append(row.person.name)
    return found


def links_of(event: Event) -> list[EventLink]:
    """Its links that are for everybody."""
    return list(event.links.filter(is_public=True).order_by("kind", "pk"))
