"""``amy-people.csv``: the table by which AMY takes people in bulk: who they are, and their part in an event.

AMY's template has ``personal,family,email,airport_iata,event,role``. A row without event and role makes the person
only. What is wrong with a part (no such event, it is full or cancelled, no such part) is listed; the person is in all
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import Count
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Column, Row, Source, source_parts, sources
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import (
    PEOPLE_COUNTERS,
    Claim,
    ClaimProblem,
    Identity,
    PeopleRows,
    Person,
    own_identities,
    read_two_names,
)
from folkmoot.training import places
from folkmoot.training.imports import making
from folkmoot.training.models import (
    TAKEN,
    Event,
    Status,
    Task,
    TaskKind,
    TeachingProfile,
    Use,
    unit_vector,
)
from folkmoot.training.places import Place

SOURCE = sources.register(
    Source(
        key="amy-people.csv",
        label=_("People and their parts, as AMY takes them in bulk"),
        help=_(
            "A CSV or XLSX file with a row for each person, or for each part of a person in an event: the event by its "
            "short name, the part as it is called here (learner). Without event and part the row makes the person only."
        ),
        takes="file",
        permission="training.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column("personal", _("given name"), required=True, known_as=("given name", "first name"), example="Ana"),
            Column("family", _("family name"), known_as=("last name", "surname"), example="Pérez"),
            Column("email", _("e-mail"), known_as=("mail", "email address"), example="ana@example.org"),
            Column("airport_iata", _("airport"), known_as=("airport", "iata", "airport code"), example="LIM"),
            Column("event", _("event"), known_as=("slug", "event slug", "workshop"), example="2027-03-01-leeds"),
            Column("role", _("part"), known_as=("part", "task"), example="learner"),
        ),
        order=77,
        results=((_("Events"), "training:list"),),
    )
)  # fmt: skip
#: AMY's words for parts that are spelled otherwise here (its roles: helper, instructor, host, learner, organizer,
#: contributor, supporting-instructor; ``workshops.Role``).
SPELLED = {"organizer": "organiser"}

_Key = tuple[int, int, int]


@dataclass
class AmyClaim(Claim):
    """What a row says of a person, and of their part in an event."""

    airport: Place | None = None
    event: str = ""
    role: str = ""


def read_row(record: Mapping[str, Any]) -> AmyClaim:
    """One row, keyed by AMY's own headings."""
    claim = AmyClaim()
    read_two_names(claim, record, given="personal", family="family")
    code = clean(record.get("airport_iata") or "").upper()
    if code:
        claim.airport = places.airport(code)
        if claim.airport is None:
            why = _now("no airport has the code “%(code)s”: write three letters, such as LBA; left out")
            claim.problems.append(ClaimProblem("airport_iata", "airport_iata", why % {"code": code[:60]}))
    claim.event, claim.role = clean(record.get("event") or ""), clean(record.get("role") or "")
    for name, value, other in (("event", claim.event, claim.role), ("role", claim.role, claim.event)):
        if other and not value:
            why = _now("is empty: a part needs both an event and a role; the person is in without it")
            claim.problems.append(ClaimProblem(name, name, why))
    return claim


@source_parts.declare
class AmyPeople(PeopleRows):
    """Rows of AMY's table of people and parts."""

    key: ClassVar[str] = "amy-people.csv.training.rows"
    source: ClassVar[str] = SOURCE.key
    of: ClassVar[Source] = SOURCE
    order: ClassVar[int] = 350
    chunk_size: ClassVar[int] = 2000
    counters: ClassVar[tuple[str, ...]] = (*PEOPLE_COUNTERS, "profiles", "parts", "seats", "activities")
    proofs: ClassVar[tuple[str, ...]] = ("email",)
    name_field: ClassVar[str] = "personal"

    def claim(self, record: Mapping[str, Any]) -> Claim:
        """A person, an airport, a part."""
        return read_row(record)

    def nameless(self) -> str:
        """Why the second row of a name without an address is left out."""
        return _now(
            "another row without e-mail has this name: nothing tells whether it is the same person; the row is left "
            "out: give the address"
        )

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """People first, then where they set out from, then their parts."""
        claims = [read_row(row.payload["record"]) for row in rows]
        done = self.put(rows, changes, claims=claims)
        said = [
            _Said(row, claim, person, read_row(before) if before else None)
            for row, claim in zip(rows, claims, strict=True)
            if (person := done.people.get(row.payload["key"])) is not None
            for before in (done.before.get(row.payload["key"]),)
        ]
        _put_profiles(changes, said)
        _Parts(changes, said).put()


@dataclass(frozen=True)
class _Said:
    """A row whose person is in, and what it said at the last import."""

    row: Row
    claim: AmyClaim
    person: Person
    before: AmyClaim | None


def _put_profiles(changes: Changes, said: Sequence[_Said]) -> None:
    """Airports, three ways: what somebody wrote here is kept. Three queries."""
    wanted: dict[int, tuple[_Said, Place]] = {}
    for one in said:
        airport = one.claim.airport
        if airport is None:
            continue
        first, place = wanted.setdefault(one.person.pk, (one, airport))
        if place.airport != airport.airport:
            why = _now("line %(line)s says %(airport)s of the same person: this airport is left out")
            changes.reject(one.row, "airport_iata", why % {"line": first.row.line, "airport": place.airport})
    if not wanted:
        return
    there = {row.person_id: row for row in TeachingProfile.objects.filter(person__in=wanted)}
    new: list[TeachingProfile] = []
    changed: list[tuple[TeachingProfile, dict[str, Any]]] = []
    for pk, (one, place) in wanted.items():
        values = {
            "airport": place.airport,
            "place": str(place),
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        held = there.get(pk)
        if held is None:
            row = TeachingProfile(person_id=pk, updated_at=changes.now, **values)
            row.reckon()
            new.append(row)
            continue
        then = one.before.airport if one.before else None
        if held.airport == place.airport or (then is not None and then.airport == place.airport):
            changes.unchanged("profiles")
        elif not held.place or (then is not None and held.airport == then.airport):
            x, y, z = unit_vector(place.latitude, place.longitude)
            changed.append((held, {**values, "x": x, "y": y, "z": z}))
        else:
            why = _now("the file says %(now)s; here they set out from %(held)s, which was kept")
            changes.reject(one.row, "airport_iata", why % {"now": place.airport, "held": held.place})
    changes.create(TeachingProfile, new, counter="profiles")
    changes.update(TeachingProfile, changed, counter="profiles")


@dataclass
class _Parts:
    """Parts of one chunk, each once; what is there stays as people made it."""

    changes: Changes
    said: Sequence[_Said]
    wanted: dict[_Key, tuple[_Said, Event, TaskKind]] = field(default_factory=dict)

    def put(self) -> None:
        """Make the parts that can be; list the others. A fixed number of queries."""
        asked = [one for one in self.said if one.claim.event and one.claim.role]
        if not asked:
            return
        self._find(asked)
        there = {
            (event, person, kind): state
            for event, person, kind, state in Task.objects.filter(
                event__in={key[0] for key in self.wanted},
                person__in={key[1] for key in self.wanted},
                session=None,
            ).values_list("event_id", "person_id", "kind_id", "state")
        }
        gone = self._taken_out_here([key for key in self.wanted if key not in there])
        places_left = self._places_left([key for key in self.wanted if key not in there and key not in gone])
        new: dict[_Key, _Said] = {}
        for key, (one, event, kind) in self.wanted.items():
            if key in there or key in gone:
                if key in there and there[key] not in TAKEN and not _said_before(one):
                    self._list(one, "role", self._said_no(one, event, kind))
                self.changes.unchanged("parts")
            elif kind.does == TaskKind.Does.LEARNS and places_left.get(event.pk, 1) < 1:
                self._list(one, "event", _full(event))
            else:
                if event.pk in places_left and kind.does == TaskKind.Does.LEARNS:
                    places_left[event.pk] -= 1
                new[key] = one
        self._make(new)

    def _find(self, asked: Sequence[_Said]) -> None:
        """Which event and kind of part each row means; the events are held until the chunk is through."""
        slugs = {word for one in asked for word in (one.claim.event, one.claim.event.lower())}
        events = {
            event.slug: event
            for event in Event.objects.filter(slug__in=slugs)
            .select_related("kind")
            .select_for_update(of=("self",))
            .order_by("pk")
        }
        kinds: dict[str, TaskKind] = {}
        for kind in TaskKind.objects.filter(is_archived=False).order_by("order", "pk"):
            for word in (kind.slug, kind.name):
                kinds.setdefault(fold(word), kind)
        for one in asked:
            said, role = one.claim.event, fold(one.claim.role)
            event = events.get(said) or events.get(said.lower())
            part = kinds.get(role) or kinds.get(SPELLED.get(role, ""))
            if event is None:
                why = _now(
                    "no event has the short name “%(slug)s”: enter or import it first, then this row again"
                )
                self._list(one, "event", why % {"slug": said[:100]})
            elif part is None:
                known = ", ".join(kind.slug for kind in dict.fromkeys(kinds.values()))
                why = _now("“%(role)s” is no part in events; known: %(known)s")
                self._list(one, "role", why % {"role": one.claim.role[:60], "known": known})
            elif event.status == Status.CANCELLED:
                why = _now("%(event)s is cancelled: take that back first, or name another event")
                self._list(one, "event", why % {"event": event.title})
            elif one.person.archived_at is not None:
                why = _now(
                    "the record of %(person)s is archived: take it back first, then import this row again"
                )
                self._list(one, "role", why % {"person": one.person.name})
            else:
                key = (event.pk, one.person.pk, part.pk)
                if key in self.wanted:
                    self.changes.unchanged("parts")
                self.wanted.setdefault(key, (one, event, part))

    def _taken_out_here(self, missing: Sequence[_Key]) -> set[_Key]:
        """Parts that an earlier import made and somebody took out since: they stay out. One query at most."""
        again = {key for key in missing if _said_before(self.wanted[key][0])}
        if not again:
            return set()
        gone = Task.history.filter(
            history_type="-",
            source=SOURCE.key,
            event_id__in={key[0] for key in again},
            person_id__in={key[1] for key in again},
        )
        return again & set(gone.values_list("event_id", "person_id", "kind_id"))

    def _places_left(self, missing: Sequence[_Key]) -> dict[int, int]:
        """How many more learners fit into each event that has so many places only. One query at most."""
        limited = {
            event.pk: event.capacity
            for key in missing
            for _one, event, kind in (self.wanted[key],)
            if event.capacity is not None and kind.does == TaskKind.Does.LEARNS
        }
        if not limited:
            return {}
        taken = dict(
            Task.objects.filter(
                event__in=limited, kind__does=TaskKind.Does.LEARNS, session=None, state__in=TAKEN
            )
            .order_by()
            .values_list("event_id")
            .annotate(number=Count("pk"))
        )
        return {pk: capacity - taken.get(pk, 0) for pk, capacity in limited.items()}

    def _make(self, new: Mapping[_Key, _Said]) -> None:
        told = [one.person for key, one in new.items() if self.wanted[key][1].status == Status.DONE]
        identities = own_identities(self.changes, told)
        parts = [
            (event, identities.get(one.person.pk) or Identity(person=one.person), kind)
            for key, one in new.items()
            for _said, event, kind in (self.wanted[key],)
        ]
        made = making.add_parts(self.changes, parts, source=SOURCE.key)
        seats: list[Use] = []
        for task in made:
            one, event, kind = self.wanted[task.event_id, task.person_id, task.kind_id]
            if kind.does != TaskKind.Does.LEARNS or not event.kind.takes_seats:
                continue
            if event.open_seats:
                seats.append(Use(task=task, allowance=None, amount=0))
            else:
                why = _now(
                    "takes part, but sits on no seat: %(event)s offers no open ones; give one by the code of an "
                    "agreement on its page"
                )
                self._list(one, "role", why % {"event": event.title})
        self.changes.create(Use, seats, counter="seats")

    def _said_no(self, one: _Said, event: Event, kind: TaskKind) -> str:
        why = _now("%(person)s declined this part in %(event)s, or withdrew: confirm it on the event’s page")
        return why % {"person": one.person.name, "event": event.title}

    def _list(self, one: _Said, column: str, why: str) -> None:
        self.changes.reject(one.row, column, why)


def _said_before(one: _Said) -> bool:
    """The last import read the same part in this row."""
    before = one.before
    return before is not None and (fold(before.event), fold(before.role)) == (
        fold(one.claim.event),
        fold(one.claim.role),
    )


def _full(event: Event) -> str:
    why = _now(
        "%(event)s is full (%(n)d places): give it more places, or put them on the waiting list; then import this row "
        "again"
    )
    return why % {"event": event.title, "n": event.capacity}
