"""Requests that were accepted in AMY and here as well: one event or part where it is the same, told where it is two."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.sources import Reading
from folkmoot.training.imports.amy import asked
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said, key_of, things_beside
from folkmoot.training.models import TAKEN, Event, Request, Status, Task


def asked_for(reading: Reading) -> dict[str, list[str]]:
    """AMY's number of an event -> keys of the requests that were accepted into it."""
    found: dict[str, list[str]] = {}
    for model in asked.models():
        for thing in things_beside(reading, model):
            event = thing.fields.get("event")
            if event not in (None, ""):
                found.setdefault(str(event), []).append(thing.key)
    return found


def events_made_here(requests: Iterable[str]) -> dict[str, Event]:
    """Key of a request of AMY's -> the event that was planned for it here; three statements."""
    wanted = set(requests)
    if not wanted:
        return {}
    rows = Request.objects.filter(source=SOURCE, external_id__in=wanted, event__isnull=False)
    events = dict(rows.values_list("external_id", "event_id"))
    made = Event.objects.in_bulk(set(events.values()) - _amys(events.values()))
    return {key: made[event] for key, event in events.items() if event in made}


def _amys(events: Iterable[int]) -> set[int]:
    """Those of the events that a record of AMY's became."""
    wanted = {str(pk) for pk in events}
    if not wanted:
        return set()
    seen = SeenRecord.objects.filter(
        source=SOURCE, table=Event._meta.label_lower, row__in=wanted, is_gone=False
    )
    return {int(row) for row in seen.values_list("row", flat=True)}


def _named(event: Event) -> str:
    """Titles of two trainings may be the same; short names are not."""
    return f"{event.title}, {event.slug}"


@dataclass(frozen=True)
class Twins:
    """Events of one request: the one that was planned here, and the one that AMY planned."""

    ours: Mapping[str, Event]
    theirs: Mapping[int, Event]

    def of(self, said: Said, theirs: int | None) -> bool:
        """Whether there are two; listed as long as none of them is cancelled."""
        ours, other = self.ours.get(said.key), self.theirs.get(theirs or 0)
        if ours is None or other is None or ours.pk == other.pk:
            return False
        if Status.CANCELLED not in (ours.status, other.status):
            why = _(
                "was accepted in both: here into “%(ours)s”, in AMY into “%(theirs)s”. Both events are here, and this "
                "request stays with the first: cancel or delete the one that is too much"
            )
            said.leave("event", why % {"ours": _named(ours), "theirs": _named(other)})
        return True


def twins(said: Iterable[Said], rows: Mapping[str, int]) -> Twins:
    """What was accepted in both; four statements at most.

    Args:
        rows: key of an event of AMY's -> the event here.
    """
    named = {one.key: rows.get(key_of("workshops.event", one.fields.get("event"))) for one in said}
    ours = events_made_here(key for key, event in named.items() if event is not None)
    theirs = {event for key, event in named.items() if event is not None and key in ours}
    return Twins(ours, Event.objects.in_bulk(theirs) if theirs else {})


def tell_parts(chunk: Chunk, given: Mapping[str, int], others: Mapping[str, Collection[int]]) -> None:
    """List applications whose person got a part here by them, and one in another training in AMY; as long as both hold.
    One statement where there may be some.

    Args:
        given: key of an application -> the part that it became here.
        others: key -> more parts of the same person that it could have become.
    """
    asked = {key: pks for key, pks in others.items() if pks}
    if not asked:
        return
    wanted = {given[key] for key in asked} | {pk for pks in asked.values() for pk in pks}
    rows = Task.objects.filter(pk__in=wanted, state__in=TAKEN).exclude(event__status=Status.CANCELLED)
    tasks = {row.pk: row for row in rows.select_related("event")}
    for said in chunk.said:
        ours = tasks.get(given.get(said.key, 0))
        if ours is None or ours.source == SOURCE:
            continue
        amys = [
            tasks[pk] for pk in sorted(asked.get(said.key, ())) if pk in tasks and tasks[pk].source == SOURCE
        ]
        for theirs in amys:
            why = _(
                "was accepted in both: here into “%(ours)s”, in AMY into “%(theirs)s”. Both parts are here, and this "
                "application stays with the first: take back the one that is too much"
            )
            said.leave("person", why % {"ours": _named(ours.event), "theirs": _named(theirs.event)})
