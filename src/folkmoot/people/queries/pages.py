"""What the pages of one person, organisation, project or team show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q, QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold
from folkmoot.people.actions.terms import END_DECIDED
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    Person,
    Project,
    RoleKind,
    SourceRecord,
    Tag,
    Team,
    Term,
)
from folkmoot.people.systems import INTERNAL, system_label, systems

#: People shown on a page of an organisation, project or team; beyond it the list says how many more there are.
SHOWN = 200


@dataclass(frozen=True)
class Held:
    """A term with what its badge says: days until its last day (``None``: not soon, or open)."""

    term: Term
    ends_in: int | None = None

    @property
    def place(self) -> Project | Team | None:
        """The project or team it is held in."""
        return self.term.project or self.term.team


@dataclass(frozen=True)
class Handle:
    """An identity as a page shows it."""

    identity: Identity
    label: str
    icon: str
    url: str


@dataclass(frozen=True)
class PersonPage:
    """Everything a person's page shows beside the timeline."""

    person: Person
    local_time: dt.datetime | None
    roles_now: list[Held]
    roles_next: list[Held]
    roles_before: list[Held]
    handles: list[Handle]
    is_bot: bool
    affiliations_now: list[Affiliation]
    affiliations_before: list[Affiliation]
    tags: list[Tag]
    records: list[SourceRecord] = field(default_factory=list)

    @property
    def in_one_line(self) -> list[str]:
        """Where they belong and live."""
        return [
            *(str(a.organization) for a in self.affiliations_now[:2]),
            *filter(None, [self.person.location]),
        ]

    @property
    def local_clock(self) -> str:
        """The time of day where they live ("08:12"); empty when nobody knows where."""
        return f"{self.local_time:%H:%M}" if self.local_time else ""

    @property
    def maintains(self) -> list[Held]:
        """The roles held in projects today, for the list of projects."""
        return [held for held in self.roles_now if held.term.project_id]


def person_page(person: Person, day: dt.date | None = None) -> PersonPage:
    """What the page of a person shows, in five queries (four when identities were prefetched).

    Args:
        day: the day that counts as today (UTC).
    """
    day = day or clock.today()
    now, later, before = _by_time(
        Term.objects.filter(person=person).select_related("role_kind", "project", "team"), day
    )
    identities = sorted(person.identities.all(), key=lambda one: one.pk)
    homes = Affiliation.objects.filter(person=person).select_related("organization")
    affiliations = list(homes.order_by("-started_on", "pk"))
    return PersonPage(
        person=person,
        local_time=local_time(person.time_zone),
        roles_now=now,
        roles_next=later,
        roles_before=before,
        handles=handles(identities),
        is_bot=any(one.is_bot for one in identities),
        affiliations_now=[a for a in affiliations if a.ended_on is None or a.ended_on >= day],
        affiliations_before=[a for a in affiliations if a.ended_on is not None and a.ended_on < day],
        tags=list(person.tags.all()),
        records=list(person.sourcerecords.order_by("source", "part", "key")),
    )


def handles(identities: list[Identity]) -> list[Handle]:
    """Identities in the order of their systems; the internal one is left out."""
    shown = [
        Handle(
            one,
            system_label(one.system),
            systems.get(one.system).icon if one.system in systems else "at",
            systems.get(one.system).url(one.value) if one.system in systems else "",
        )
        for one in identities
        if one.system != INTERNAL
    ]
    order = {system.key: system.order for system in systems}
    return sorted(shown, key=lambda handle: order.get(handle.identity.system, 500))


def local_time(zone: str) -> dt.datetime | None:
    """The time at this moment in an IANA zone; ``None`` when the zone is none or unknown."""
    try:
        return clock.now().astimezone(ZoneInfo(zone)) if zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _by_time(terms: QuerySet[Term], day: dt.date) -> tuple[list[Held], list[Held], list[Held]]:
    """Terms of today, of the future and of the past, each in the order of their kinds."""
    now: list[Held] = []
    later: list[Held] = []
    before: list[Held] = []
    for term in terms.order_by("role_kind__order", "role_kind__name", "started_on", "pk"):
        if term.started_on is not None and term.started_on > day:
            later.append(Held(term))
        elif term.ended_on is not None and term.ended_on < day:
            before.append(Held(term))
        else:
            left = (term.ended_on - day).days if term.ended_on else None
            soon = left if left is not None and left <= term.role_kind.notice_days else None
            now.append(Held(term, soon))
    before.sort(key=lambda held: held.term.ended_on or dt.date.min, reverse=True)
    return now, later, before


@dataclass(frozen=True)
class Members:
    """Who has a role somewhere on a day, and who had one before."""

    day: dt.date
    now: list[Held]
    before: list[Held]


def members(place: Project | Team, day: dt.date | None = None) -> Members:
    """Who holds a role in a project or team on this day (today when ``None``), and whose ended before; one query."""
    day = day or clock.today()
    where = Q(project=place) if isinstance(place, Project) else Q(team=place)
    terms = Term.objects.filter(where).select_related("role_kind", "person", "project", "team")
    now, _later, before = _by_time(terms, day)
    return Members(day, now[:SHOWN], before[:SHOWN])


def holders(role_kind: RoleKind, day: dt.date | None = None) -> QuerySet[Term]:
    """Who holds this role on this day (today when ``None``), by name."""
    return (
        Term.objects.on(day or clock.today())
        .filter(role_kind=role_kind)
        .select_related("person", "project", "team", "role_kind")
        .order_by("person__sort_key", "pk")
    )


def people_of(organization: Organization, day: dt.date | None = None) -> list[Affiliation]:
    """Who belongs to the organisation on this day (today when ``None``), by name; at most ``SHOWN``."""
    day = day or clock.today()
    open_now = Q(ended_on=None) | Q(ended_on__gte=day)
    rows = Affiliation.objects.filter(open_now, organization=organization, person__archived_at=None)
    return list(rows.select_related("person").order_by("person__sort_key", "pk")[:SHOWN])


def records_of(record: Organization | Project) -> list[SourceRecord]:
    """What sources say of an organisation or project, word for word."""
    return list(record.sourcerecords.order_by("source", "part", "key"))


def terms_ending(day: dt.date, *, overdue_days: int = 30, limit: int = 200) -> list[tuple[Term, int]]:
    """Terms that end within the notice of their kind, or ended within the last ``overdue_days`` days without a
    successor: the same person, role and place going on, or somebody else beginning in that role there. A term whose
    end somebody decided is left out, and so are terms of archived people and of roles of the past.

    Returns:
        each term and how many days are left (negative: since its last day), the most overdue first; four queries.
    """
    longest = RoleKind.objects.order_by("-notice_days").values_list("notice_days", flat=True).first() or 0
    ending: Any = (
        Term.objects.filter(
            ended_on__gte=day - dt.timedelta(days=overdue_days),
            ended_on__lte=day + dt.timedelta(days=longest),
            role_kind__is_former=False,
            person__archived_at=None,
        )
        .select_related("person", "role_kind", "project", "team")
        .order_by("ended_on", "pk")
    )
    places = [term for term in ending if (term.ended_on - day).days <= term.role_kind.notice_days]
    answered = _followed(places) | _decided(places)
    return [(term, (term.ended_on - day).days) for term in places if term.pk not in answered][:limit]


def _decided(terms: list[Term]) -> set[int]:
    """Those of the terms whose end was the last thing that somebody decided about them."""
    history: Any = Term
    entries = history.history.filter(id__in=[term.pk for term in terms]).order_by("history_id")
    newest = dict(entries.values_list("id", "history_change_reason"))
    return {pk for pk, reason in newest.items() if (reason or "").startswith(END_DECIDED)}


def _followed(terms: list[Term]) -> set[int]:
    """Those of the terms that somebody follows on: a later term of the same role and place."""
    if not terms:
        return set()
    last = max(term.ended_on for term in terms if term.ended_on)
    others = (
        Term.objects.filter(role_kind__in={term.role_kind_id for term in terms})
        .filter(Q(ended_on=None) | Q(ended_on__gt=min(t.ended_on for t in terms if t.ended_on)))
        .filter(Q(started_on=None) | Q(started_on__lte=last + dt.timedelta(days=400)))
        .filter(
            Q(person__in={term.person_id for term in terms})
            | Q(project__in={term.project_id for term in terms if term.project_id})
            | Q(team__in={term.team_id for term in terms if term.team_id})
        )
        .values_list("pk", "person_id", "role_kind_id", "project_id", "team_id", "started_on", "ended_on")
    )
    found = set()
    rows = list(others)
    for term in terms:
        assert term.ended_on is not None  # noqa: S101 - asked for above
        for pk, person, kind, project, team, started, ended in rows:
            same_place = (kind, project, team) == (term.role_kind_id, term.project_id, term.team_id)
            goes_on = ended is None or ended > term.ended_on
            starts_later = started is not None and started > term.ended_on - dt.timedelta(days=31)
            if (
                pk != term.pk
                and same_place
                and goes_on
                and (person == term.person_id or (starts_later and (project or team)))
            ):
                found.add(term.pk)
                break
    return found


def find_people(text: str, limit: int = 6) -> list[Person]:
    """Who is meant by a handle, an address or the whole name: exact, case-folded; at most ``limit``, by sort name."""
    wanted = fold(text).lstrip("@")
    if not wanted:
        return []
    by_handle = (
        Identity.objects.filter(folded__in=[wanted, f"@{wanted}"]).exclude(system=INTERNAL).values("person")
    )
    people = Person.objects.filter(pk__in=by_handle).order_by("sort_key", "pk")[:limit]
    found = list(people)
    return found or list(Person.objects.filter(name__iexact=clean(text)).order_by("sort_key", "pk")[:limit])
