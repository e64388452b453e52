"""The sprints of source ``pyopensci``: what was contributed at each, and the events themselves.

The table names no days: a sprint's are those on which contributions lie close together (some were opened long before,
and were worked on there). An event of the same conference and year that is here already is the sprint.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml
from django.utils.translation import gettext as _

from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import clean, fold
from folkmoot.ledger.public import Opened, put_opened
from folkmoot.training.imports import making
from folkmoot.training.models import Contribution, Event

COLUMNS = (
    "event",
    "author",
    "title",
    "type",
    "repository",
    "organization",
    "state",
    "number",
    "created",
    "closed",
    "url",
)
_WORD = re.compile(r"([a-z]+)-?(\d{2}|\d{4})")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,98}(\[bot\])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}")


@cache
def rules() -> dict[str, Any]:
    """What the table's words mean: ``pyopensci.yml``."""
    found: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("pyopensci.yml").read_text(encoding="utf-8")
    )
    return found


@source_parts.declare
class Sprints(Part):
    """The table of contributions to sprints."""

    key: ClassVar[str] = "pyopensci.training.sprints"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 360
    counters: ClassVar[tuple[str, ...]] = (
        "events",
        "contributions",
        "items",
        "activities",
        "projects",
        "people",
        "identities",
        "bots",
        "kinds",
    )

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each contribution, with the days of its sprint; the table is held in memory."""
        path = reading.root / rules()["file"]
        if not path.is_file():
            return
        good: list[tuple[int, tables.Cells]] = []
        for line, cells in tables.rows(path, required=COLUMNS):
            if isinstance(cells, str):
                yield Rejection(path.name, line, "", cells)
            elif problem := _problem(cells):
                yield Rejection(path.name, line, problem[0], problem[1], cells)
            else:
                good.append((line, cells))
        opened: dict[str, list[dt.date]] = defaultdict(list)
        for _line, cells in good:
            opened[fold(cells["event"])].append(tables.moment(cells["created"]).date())
        days = {word: days_of(dates) for word, dates in opened.items()}
        for line, cells in good:
            first, last = days[fold(cells["event"])]
            payload = {**cells, "first": first.isoformat(), "last": last.isoformat()}
            yield Row(path.name, line, payload)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Find or make the items and the events, and put them together."""
        source = rules()["source"]
        opened = [_opened(row.payload) for row in rows]
        items = put_opened(changes, source, opened)
        events = _events(changes, {fold(row.payload["event"]): row.payload for row in rows})
        wanted = {
            (events[fold(row.payload["event"])].pk, items[one.key].pk): fold(row.payload["event"])
            for row, one in zip(rows, opened, strict=True)
        }
        there = set(
            Contribution.objects.filter(event__in={event for event, _item in wanted}).values_list(
                "event_id", "item_id"
            )
        )
        changes.unchanged("contributions", len(wanted.keys() & there))
        changes.create(
            Contribution,
            [
                Contribution(event_id=event, item_id=item, source=source, event_word=word)
                for (event, item), word in wanted.items()
                if (event, item) not in there
            ],
            counter="contributions",
        )


def days_of(dates: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """First and last day of a sprint: those of its contributions that lie near the middle one."""
    ordered = sorted(dates)
    middle = ordered[len(ordered) // 2]
    near = [day for day in ordered if abs((day - middle).days) <= rules()["nearby_days"]]
    return near[0], near[-1]


def name_of(word: str) -> tuple[str, int]:
    """What a sprint's word says: the conference and the year (``scipy-24``: SciPy, 2024); year 0: it says none."""
    found = _WORD.fullmatch(fold(word))
    if found is None:
        return clean(word), 0
    year = int(found[2])
    return rules()["conferences"].get(found[1], found[1].capitalize()), year if year > 99 else 2000 + year


def _problem(cells: tables.Cells) -> tuple[str, str] | None:
    """The first field that cannot be used, and why."""
    for column in ("created", "closed"):
        try:
            if column == "created" or clean(cells[column]):
                tables.moment(cells[column])
        except ValueError as error:
            return column, str(error)
    if not clean(cells["event"]):
        return "event", _("is empty: nobody knows which sprint it was")
    if len(clean(cells["event"])) > 80:
        return "event", _("is longer than 80 characters")
    if not _LOGIN.fullmatch(clean(cells["author"])):
        return "author", _("“%s” is no GitHub login") % clean(cells["author"])[:60]
    if not _REPOSITORY.fullmatch(clean(cells["repository"])):
        return "repository", _("“%s” is no name of a repository") % clean(cells["repository"])[:60]
    if fold(cells["organization"]) != fold(rules()["organization"]):
        return "organization", _("“%(name)s” is not read: only %(known)s is") % {
            "name": clean(cells["organization"])[:60],
            "known": rules()["organization"],
        }
    if not clean(cells["number"]).isdecimal() or len(clean(cells["number"])) > 12:
        return "number", _("“%s” is no number of an issue") % clean(cells["number"])[:60]
    for column, words in (("type", rules()["types"]), ("state", rules()["states"])):
        if clean(cells[column]) not in words:
            return column, _("“%(word)s” is not known; known: %(words)s") % {
                "word": clean(cells[column])[:60],
                "words": ", ".join(words),
            }
    return ("title", _("is longer than 500 characters")) if len(clean(cells["title"])) > 500 else None


def _opened(cells: Mapping[str, Any]) -> Opened:
    closed = clean(cells["closed"])
    return Opened(
        repository=clean(cells["repository"]),
        number=clean(cells["number"]),
        author=clean(cells["author"]),
        opened_at=tables.moment(cells["created"]).replace(microsecond=0),
        kind=rules()["types"][clean(cells["type"])],
        title=clean(cells["title"]),
        state=rules()["states"][clean(cells["state"])],
        url=clean(cells["url"])[:1000],
        closed_at=tables.moment(closed).replace(microsecond=0) if closed else None,
        detail={"sprint": clean(cells["event"])},
    )


def _events(changes: Changes, words: Mapping[str, Mapping[str, Any]]) -> dict[str, Event]:
    """The event of each sprint: where its contributions stand already, else of the same name and year, else made."""
    source = rules()["source"]
    told = Contribution.objects.filter(source=source, event_word__in=list(words)).select_related("event")
    found = {row.event_word: row.event for row in told.order_by("-pk")}
    changes.unchanged("events", len(found))
    missing = [word for word in words if word not in found]
    if not missing:
        return found
    kind = making.kinds_by_word(changes, [rules()["kind"]])[fold(rules()["kind"])]
    known = list(Event.objects.filter(kind__matches_contributions=True).order_by("starts_at", "pk"))
    slugs = making.Slugs(missing)
    new: dict[str, Event] = {}
    for word in missing:
        conference, year = name_of(word)
        first, last = (dt.date.fromisoformat(words[word][name]) for name in ("first", "last"))
        same = [one for one in known if _is(one, conference, year)]
        if len(same) == 1:
            found[word] = same[0]
            changes.unchanged("events")
            continue
        title = f"{conference} {year} sprint" if year else f"{conference} sprint"
        new[word] = making.new_event(
            changes,
            announced=True,
            slug=slugs.free(f"{first.isoformat()}-{title}"),
            title=title[:200],
            kind=kind,
            starts_on=first,
            ends_on=last,
            source=source,
            external_id=word,
        )
    changes.create(Event, list(new.values()), counter="events")
    return found | new


def _is(event: Event, conference: str, year: int) -> bool:
    """Whether an event's title names the conference, in that year."""
    if event.starts_on is None or event.starts_on.year != year:
        return False
    return re.search(rf"\b{re.escape(fold(conference))}\b", fold(event.title)) is not None
