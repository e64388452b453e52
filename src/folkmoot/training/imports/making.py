"""What importers of events share: new events with everything that saving would reckon, parts, what the ledger hears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.text import slugify

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.ledger.public import Activity
from folkmoot.people.public import Identity
from folkmoot.training import telling
from folkmoot.training.actions.base import moments
from folkmoot.training.models import Event, EventKind, Status, Task, TaskKind, TaskState


class Slugs:
    """Short names that no event has; those that are given out here are not given out twice. One query."""

    def __init__(self, wanted: Iterable[str]) -> None:
        beginnings = {slugify(word)[:80] for word in wanted}
        self._taken: set[str] = set()
        if beginnings:
            self._taken = set(Event.objects.values_list("slug", flat=True))

    def free(self, wanted: str) -> str:
        """The wanted one, with a number behind it where it is taken."""
        wanted = slugify(wanted)[:90].strip("-") or "event"
        found, number = wanted, 2
        while found in self._taken:
            found, number = f"{wanted}-{number}", number + 1
        self._taken.add(found)
        return found


def status_by(event: Event, now: dt.datetime) -> str:
    """Where an event that was announced stands by now, from its moments."""
    if event.starts_at is None or event.ends_at is None:
        return Status.PLANNED
    if event.ends_at <= now:
        return Status.DONE
    return Status.RUNNING if event.starts_at <= now else Status.ANNOUNCED


def new_event(changes: Changes, *, announced: bool, **values: Any) -> Event:
    """An event that is not saved yet, with what saving would reckon.

    Raises:
        ValidationError: its zone is none, or it ends before it begins.
    """
    row = Event(owner=changes.run.created_by, **values)
    row.folded = fold(row.title)[:200]
    row.starts_at, row.ends_at = moments(row)
    row.updated_at = changes.now
    if announced:
        row.status, row.announced_at = status_by(row, changes.now), changes.now
    return row


def kinds_by_word(changes: Changes, words: Iterable[str]) -> dict[str, EventKind]:
    """Kinds by their folded word on websites, short name or name; one that nobody has is made."""
    spelled = {fold(word): word for word in words if word}
    found: dict[str, EventKind] = {}
    for kind in EventKind.objects.order_by("is_archived", "order", "pk"):
        for word in (kind.site_word, kind.slug, kind.name):
            if word:
                found.setdefault(fold(word), kind)
    new: dict[str, EventKind] = {}
    for folded, word in spelled.items():
        if folded not in found and (slug := slugify(word)[:60]):
            new[folded] = EventKind(slug=slug, name=word[:100], site_word=word if slug != word else "")
    changes.create(EventKind, list(new.values()), counter="kinds")
    return found | new


def part_that(does: str) -> TaskKind | None:
    """The first kind of part of those who do this."""
    return TaskKind.objects.filter(does=does, is_archived=False).order_by("order", "pk").first()


def add_parts(
    changes: Changes, parts: Sequence[tuple[Event, Identity, TaskKind]], *, source: str
) -> list[Task]:
    """Parts that people took, each once; the ledger hears of those in events that are over. Three queries at most."""
    wanted = {
        (event.pk, identity.person_id, kind.pk): (event, identity, kind) for event, identity, kind in parts
    }
    if not wanted:
        return []
    there = set(
        Task.objects.filter(event__in={event for event, _person, _kind in wanted}, session=None).values_list(
            "event_id", "person_id", "kind_id"
        )
    )
    new = [each for key, each in wanted.items() if key not in there]
    changes.unchanged("parts", len(wanted) - len(new))
    made = changes.create(
        Task,
        [
            Task(event=event, person=identity.person, kind=kind, state=TaskState.CONFIRMED, source=source)
            for event, identity, kind in new
        ],
        counter="parts",
    )
    changes.create(
        Activity,
        [
            Activity(
                kind=telling.PARTS[kind.does],
                identity=identity,
                occurred_at=event.starts_at or changes.now,
                source=telling.SOURCE,
                external_id=f"task:{task.pk}",
                detail={"event": event.pk, "title": event.title, "part": kind.slug},
                recorded_at=changes.now,
            )
            for task, (event, identity, kind) in zip(made, new, strict=True)
            if event.status == Status.DONE
        ],
        counter="activities",
    )
    return made
