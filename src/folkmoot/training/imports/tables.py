"""``events.csv``: events from a table, one row each; what was changed here since the last time is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.sources import (
    Column,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import fold
from folkmoot.people.public import ensure_identities, organizations_by_name
from folkmoot.training.actions.base import moments
from folkmoot.training.imports import making
from folkmoot.training.imports.reading import Said, read_row, typed
from folkmoot.training.models import Event, Programme, Status, TaskKind

#: The kind of events whose row names none.
USUAL_KIND = "workshop"
#: Where an event remembers what its row said.
REMEMBERED = "table"

SOURCE = sources.register(
    Source(
        key="events.csv",
        label=_("Events from a table"),
        help=_(
            "A CSV or XLSX file with a row for each event. Several languages, or GitHub logins of people: between "
            "semicolons. Without a status its days say whether it is ahead or done."
        ),
        takes="file",
        permission="training.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column("title", _("title"), required=True, known_as=("name", "event"), example="Packaging workshop"),
            Column("start", _("first day"), required=True, known_as=("start date", "date"), example="2027-03-01"),
            Column("end", _("last day"), known_as=("end date", "ends on"), example="2027-03-02"),
            Column("from", _("from"), known_as=("start time",), example="09:00"),
            Column("to", _("to"), known_as=("end time",), example="16:30"),
            Column("zone", _("time zone"), known_as=("time zone", "timezone"), example="Europe/London"),
            Column("slug", _("short name"), known_as=("key",), example="2027-03-01-leeds"),
            Column("kind", _("kind"), known_as=("type", "category", "event type"), example="workshop"),
            Column("programme", _("programme"), known_as=("program", "tag name", "administrator")),
            Column("status", _("status"), known_as=("state",)),
            Column("public", _("public"), example="yes"),
            Column("online", _("online"), example="no"),
            Column("venue", _("venue"), example="Library"),
            Column("address", _("address")),
            Column("city", _("city"), known_as=("town",), example="Leeds"),
            Column("country", _("country"), known_as=("country code",), example="GB"),
            Column("latitude", _("latitude"), known_as=("lat",), example="53.8"),
            Column("longitude", _("longitude"), known_as=("lng", "lon", "long"), example="-1.55"),
            Column("languages", _("languages"), known_as=("language",), example="en"),
            Column("host", _("host"), known_as=("organisation", "organization")),
            Column("capacity", _("places"), known_as=("seats",), example="30"),
            Column("attendance", _("how many came"), known_as=("attendees", "participants")),
            Column("website", _("website"), known_as=("url", "homepage")),
            Column("contact", _("contact")),
            Column("summary", _("in one line"), known_as=("excerpt",)),
            Column("description", _("description"), known_as=("about",)),
            Column("instructors", _("instructors"), known_as=("teachers",), example="ana-example"),
            Column("helpers", _("helpers")),
        ),
        order=75,
    )
)  # fmt: skip


@source_parts.declare
class Events(Part):
    """Rows of a table of events."""

    key: ClassVar[str] = "events.csv.training.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 350
    chunk_size: ClassVar[int] = 500
    counters: ClassVar[tuple[str, ...]] = (
        "events",
        "parts",
        "kinds",
        "programmes",
        "activities",
        "people",
        "identities",
        "bots",
    )

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each event; the second row of an event is left out."""
        table = reading.table()
        headings = [heading for heading in table.headings if heading]
        mapping = settle(SOURCE, headings, reading.mapping, file=table.name)
        met: dict[str, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(table.name, line, "", cells)
                continue
            row = {name: cells.get(heading, "") for name, heading in mapping.items()}
            said = read_row(row)
            for column, why in said.problems:
                yield Rejection(table.name, line, mapping.get(column, column), why, row)
            if not said.values["title"] or not said.values["starts_on"]:
                continue
            if said.key in met:
                why = _now("line %(line)d is this event already: this row is left out") % {
                    "line": met[said.key]
                }
                yield Rejection(table.name, line, mapping["title"], why, row)
                continue
            met[said.key] = line
            yield Row(table.name, line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make events, or bring those of before to what the table says newly."""
        _Chunk(rows, changes).apply()


class _Chunk:
    """Applies the rows of one chunk."""

    def __init__(self, rows: Sequence[Row], changes: Changes) -> None:
        self.changes = changes
        self.pairs = [(row, read_row(row.payload)) for row in rows]
        keys = [said.key for _row, said in self.pairs]
        self.by_key = {
            event.external_id: event
            for event in Event.objects.filter(source=SOURCE.key, external_id__in=keys)
        }
        slugs = [said.values["slug"] for _row, said in self.pairs if said.values["slug"]]
        self.by_slug = {event.slug: event for event in Event.objects.filter(slug__in=slugs)}
        self.kinds = making.kinds_by_word(changes, [said.kind or USUAL_KIND for _row, said in self.pairs])
        self.programmes = self._programmes()
        self.hosts = organizations_by_name(said.host for _row, said in self.pairs)
        self.slugs = making.Slugs([said.values["title"] for _row, said in self.pairs])

    def apply(self) -> None:
        """New events, changed ones, then who teaches and helps."""
        new: list[Event] = []
        old: list[tuple[Event, Mapping[str, Any]]] = []
        told: list[tuple[Said, Event]] = []
        for row, said in self.pairs:
            event = self.by_key.get(said.key) or self.by_slug.get(said.values["slug"])
            try:
                if event is None:
                    event = self._new(row, said)
                    new.append(event)
                else:
                    old.append((event, self._changed(row, said, event)))
            except ValidationError as problem:
                self.changes.reject(row, "", " ".join(problem.messages))
                continue
            told.append((said, event))
        self.changes.create(Event, new, counter="events")
        self.changes.update(Event, old, counter="events")
        self._parts(told)

    def _new(self, row: Row, said: Said) -> Event:
        values = typed(said.values)
        slug = values.pop("slug") or f"{values['starts_on'].isoformat()}-{slugify(values['title'])}"
        event = making.new_event(
            self.changes,
            announced=said.status not in (Status.PLANNED, Status.STALLED),
            slug=self.slugs.free(slug),
            source=SOURCE.key,
            external_id=said.key[:320],
            detail={REMEMBERED: self._words(row, said)},
            **values,
            **{name: one for name, one in self._others(row, said).items() if one is not None},
        )
        if said.status:
            event.status = said.status
        return event

    def _others(self, row: Row, said: Said) -> dict[str, Any]:
        host = self.hosts.get(fold(said.host)) if said.host else None
        if said.host and host is None:
            why = _now("no organisation has the name “%(name)s”: enter or import it first; left out")
            self.changes.reject(row, "host", why % {"name": said.host})
        return {
            "kind_id": self.kinds[fold(said.kind or USUAL_KIND)].pk,
            "programme_id": self.programmes[fold(said.programme)].pk if said.programme else None,
            "host_id": host.pk if host else None,
        }

    def _words(self, row: Row, said: Said) -> dict[str, Any]:
        """What the row says of an event, for comparing at the next import."""
        return {**said.values, "kind": said.kind, "programme": said.programme, "host": said.host}

    def _changed(self, row: Row, said: Said, event: Event) -> dict[str, Any]:
        """Three ways: what the table says newly is taken, unless somebody changed it here meanwhile."""
        words, before = self._words(row, said), event.detail.get(REMEMBERED)
        if words == before:
            return {}
        now, then = typed(said.values), typed(before) if before else {}
        others = self._others(row, said)
        values: dict[str, Any] = {}
        for name, value in {**now, **others}.items():
            word = name.removesuffix("_id")
            held = getattr(event, name)
            if name == "slug" or held == value or (before and words[word] == before.get(word)):
                continue
            untouched = held == then.get(name) if name in then else before is not None
            if untouched or held in (None, "", []):
                values[name] = value
            else:
                self.changes.reject(row, word, _now("says something else here: what stands here is kept"))
        trial = Event(
            **{
                name: values.get(name, getattr(event, name))
                for name in ("starts_on", "ends_on", "starts_time", "ends_time", "time_zone")
            }
        )
        values["starts_at"], values["ends_at"] = moments(trial)
        if "title" in values:
            values["folded"] = fold(values["title"])[:200]
        return {**values, "detail": {**event.detail, REMEMBERED: words}}

    def _programmes(self) -> dict[str, Programme]:
        wanted = {fold(said.programme): said.programme for _row, said in self.pairs if said.programme}
        found: dict[str, Programme] = {}
        for one in Programme.objects.order_by("is_archived", "order", "pk") if wanted else ():
            for word in (one.slug, one.name):
                found.setdefault(fold(word), one)
        new = {
            key: Programme(slug=slugify(name)[:60] or f"programme-{number}", name=name)
            for number, (key, name) in enumerate(wanted.items(), 1)
            if key not in found
        }
        self.changes.create(Programme, list(new.values()), counter="programmes")
        return found | new

    def _parts(self, told: Sequence[tuple[Said, Event]]) -> None:
        logins = [
            (event, login, does)
            for said, event in told
            for does, names in (
                (TaskKind.Does.TEACHES, said.instructors),
                (TaskKind.Does.HELPS, said.helpers),
            )
            for login in names
            if len(login) <= 100
        ]
        kinds = {does: making.part_that(does) for does in {does for _event, _login, does in logins}}
        identities = ensure_identities(self.changes, handles=[login for _event, login, _does in logins])
        making.add_parts(
            self.changes,
            [
                (event, identity, kind)
                for event, login, does in logins
                if (kind := kinds[does]) is not None
                and (identity := identities[fold(login)]).person.erased_at is None
            ],
            source=SOURCE.key,
        )
