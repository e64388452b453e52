"""What an event's page shows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.public import Project, Tag, country_name
from folkmoot.training.models import TAKEN, Curriculum, Event, EventLink, Session, Status, Task, TaskKind
from folkmoot.training.queries import bookings
from folkmoot.training.queries.bookings import Booking
from folkmoot.training.queries.lists import days_words, language_names, place_words

#: People of each part, sessions and links that the page shows; the lists show all.
PEOPLE, SESSIONS, LINKS = 8, 50, 30


@dataclass(frozen=True)
class PartGroup:
    """Who takes one part: the first of them, and how many there are."""

    kind: TaskKind
    tasks: list[Row]
    number: int
    there: int
    absent: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.tasks)


@dataclass(frozen=True)
class EventPage:
    """Everything beside timeline and cards."""

    groups: list[PartGroup]
    #: With when they are, in the zone of the event, and what else is in their room then.
    sessions: list[tuple[Session, str, str]]
    links: list[EventLink]
    learners: int
    came: int
    place: str
    country: str
    days: str
    times: str
    languages: str
    description: str
    steps: list[str]
    curricula: str
    lessons: list[tuple[int, str]]
    tags: list[str]
    #: Addresses without the scheme, which says nothing to a person.
    website: str
    repository: str
    #: What is booked twice.
    bookings: list[Booking]

    @property
    def people(self) -> int:
        """How many parts are taken."""
        return sum(group.number for group in self.groups)


def read(pk: int) -> Event | None:
    """The event with what its first lines name; one query."""
    return (
        Event.objects.select_related(
            *("kind", "programme", "host", "organizer", "owner", "certificate", "kind__certificate")
        )
        .filter(pk=pk)
        .first()
    )


def rows_of(event: Event) -> dict[Hashable, Rows | None]:
    """What the page asks for together with timeline and cards."""
    return {
        "people": people_rows(event),
        "counts": count_rows(event),
        "curricula": Rows(Curriculum.objects.filter(events=event), "pk", "name", "order", most=None),
        "lessons": Rows(Project.objects.filter(taught_at=event), "pk", "name", most=None),
        "tags": Rows(Tag.objects.filter(events=event), "pk", "name", most=None),
        **bookings.rows_of(event),
    }


def event_page(event: Event, rows: Mapping[Hashable, Sequence[Row]]) -> EventPage:
    """What the page shows, given the rows of :func:`rows_of`; three queries."""
    kinds = list(TaskKind.objects.order_by("order", "name", "pk"))
    groups = part_groups(kinds, rows["people"], rows["counts"])
    learning = [group for group in groups if group.kind.does == TaskKind.Does.LEARNS]
    curricula = sorted(rows["curricula"], key=lambda row: (row["order"], row["name"]))
    sessions = list(event.sessions.all()[:SESSIONS])
    twice = bookings.rooms_twice(sessions)
    return EventPage(
        groups=groups,
        sessions=[(row, when_words(row, event.time_zone), twice.get(row.pk, "")) for row in sessions],
        links=list(event.links.all()[:LINKS]),
        learners=sum(group.number for group in learning),
        came=came(event, sum(group.there for group in learning)),
        place=place_words(event),
        country=country_name(event.country) if event.country else "",
        days=days_words(event.starts_on, event.ends_on),
        times=times_words(event),
        languages=language_names(event.languages),
        description=as_html(event.description),
        steps=steps(event),
        curricula=", ".join(row["name"] for row in curricula),
        lessons=sorted(((row["pk"], row["name"]) for row in rows["lessons"]), key=lambda pair: pair[1]),
        tags=sorted(row["name"] for row in rows["tags"]),
        website=bare(event.website),
        repository=bare(event.repository),
        bookings=bookings.bookings(event, rows),
    )


def bare(address: str) -> str:
    """An address as a person reads it: without scheme and the slash at its end."""
    return address.split("://", 1)[-1].rstrip("/")


def when_words(session: Session, zone: str) -> str:
    """When a session is, as the clocks at the place say: "1 March, 09:00–10:30"; nothing without times."""
    if session.starts_at is None or session.ends_at is None:
        return ""
    begins, ends = (at.astimezone(ZoneInfo(zone)) for at in (session.starts_at, session.ends_at))
    return f"{date_format(begins.date(), 'MONTH_DAY_FORMAT')}, {begins:%H:%M}–{ends:%H:%M}"


def came(event: Event, noted: int) -> int:
    """How many came: the greater of what was noted of each, and of the number that somebody gave."""
    return max(noted, event.attendance or 0)


def times_words(event: Event) -> str:
    """From when to when, with the zone: "09:00–16:30 (Europe/London)"; nothing without times."""
    if event.starts_time is None or event.ends_time is None:
        return ""
    return f"{event.starts_time:%H:%M}–{event.ends_time:%H:%M} ({event.time_zone.replace('_', ' ')})"


def people_rows(event: Event) -> Rows:
    """The first people of each part that is taken."""
    numbered = (
        Task.objects.filter(event=event, state__in=TAKEN)
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("kind"), order_by=[F("person__sort_key").asc(), F("pk").asc()]
            )
        )
        .filter(place__lte=PEOPLE)
    )
    return Rows(
        numbered.order_by("kind", "place"),
        *("pk", "kind_id", "person_id", "state", "attended", "note"),
        most=None,
        name=F("person__name"),
        session=F("session__title"),
        sort=F("person__sort_key"),
    )


def count_rows(event: Event) -> Rows:
    """How many take each part, and how many of them were there or not."""
    return Rows(
        Task.objects.filter(event=event, state__in=TAKEN).order_by().values("kind_id"),
        "kind_id",
        most=None,
        number=Count("pk"),
        there=Count("pk", filter=Q(attended=True)),
        absent=Count("pk", filter=Q(attended=False)),
    )


def part_groups(kinds: Sequence[TaskKind], people: Sequence[Row], counts: Sequence[Row]) -> list[PartGroup]:
    """Rows by part, in the order of the kinds."""
    counted = {row["kind_id"]: row for row in counts}
    groups = []
    for kind in kinds:
        if row := counted.get(kind.pk):
            shown = [one for one in people if one["kind_id"] == kind.pk]
            shown.sort(key=lambda one: (one["sort"], one["pk"]))
            groups.append(PartGroup(kind, shown, row["number"], row["there"], row["absent"]))
    return groups


def in_one_line(event: Event, page: EventPage) -> list[str]:
    """What it is: kind, programme, days, place."""
    words = [event.kind.name, event.programme.name if event.programme else "", page.days, page.place]
    return [word for word in words if word] if page.days else [*[w for w in words if w], _("no day yet")]


def steps(event: Event) -> list[str]:
    """What its status may become, the likeliest first: names of actions."""
    over = event.ends_at is not None and event.ends_at <= clock.now()
    begun = event.starts_at is not None and event.starts_at <= clock.now()
    if event.status in (Status.PLANNED, Status.STALLED):
        found = ["finish", "announce"] if over else ["announce", *(["finish"] if begun else [])]
        if event.status == Status.STALLED:
            found.append("plan")
        else:
            found.append("stall")
        return [*found, "cancel"]
    if event.status in (Status.ANNOUNCED, Status.RUNNING):
        return [*(["finish"] if begun else []), "stall", "plan", "cancel"]
    return ["plan"]
