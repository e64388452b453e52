"""What the pages of one person, organisation, project or team show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold
from folkmoot.people.actions.terms import END_DECIDED
from folkmoot.people.functions import DayPlus
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
from folkmoot.people.queries.organizations import on_day
from folkmoot.people.systems import INTERNAL, system_label, systems

#: People shown on a page of an organisation, project or team; beyond it the list says how many more there are.
SHOWN = 200


@dataclass(frozen=True)
class Held:
    """A term with what its badges say: days until its last day (``None``: not soon, or open), and which in a row it is
    where that is beyond the team's limit.
    """

    term: Term
    ends_in: int | None = None
    beyond: int | None = None

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
        today = clock.today()
        begun = [a for a in self.affiliations_now if a.started_on is None or a.started_on <= today]
        return [
            *(str(a.organization) for a in begun[:2]),
            *filter(None, [self.person.location]),
        ]

    @property
    def has_mail(self) -> bool:
        """A mail address of theirs is known."""
        return any(handle.identity.system == "email" for handle in self.handles)

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
    """Who has a role somewhere on a day, who gets one later, and who had one before."""

    day: dt.date
    now: list[Held]
    before: list[Held]
    later: list[Held] = field(default_factory=list)

    @property
    def maintainers(self) -> list[Held]:
        """Those who look after the project."""
        return [
            held
            for held in self.now
            if held.term.role_kind.is_maintaining and held.term.person.archived_at is None
        ]

    @property
    def serving(self) -> int:
        """How many people hold a role that is not one of the past."""
        return len({held.term.person_id for held in self.now if not held.term.role_kind.is_former})


def members(
    place: Project | Team, day: dt.date | None = None, *, in_a_row: Mapping[int, int] | None = None
) -> Members:
    """Who holds a role in a project or team on this day (today when ``None``), and whose ended before; one query.

    Args:
        in_a_row: how many in a row each term makes (``queries.teams.numbers_in_a_row``).
    """
    day = day or clock.today()
    where = Q(project=place) if isinstance(place, Project) else Q(team=place)
    terms = Term.objects.filter(where).select_related("role_kind", "person", "project", "team")
    now, later, before = _by_time(terms, day)
    most = place.most_terms if isinstance(place, Team) else None
    if most is not None and in_a_row:
        now = [
            replace(held, beyond=number) if (number := in_a_row.get(held.term.pk, 0)) > most else held
            for held in now
        ]
    return Members(day, now[:SHOWN], before[:SHOWN], later[:SHOWN])


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
    rows = Affiliation.objects.filter(
        on_day(day or clock.today()), organization=organization, person__archived_at=None
    )
    return list(rows.select_related("person").order_by("person__sort_key", "pk")[:SHOWN])


def records_of(record: Organization | Project) -> list[SourceRecord]:
    """What sources say of an organisation or project, word for word."""
    return list(record.sourcerecords.order_by("source", "part", "key"))


def terms_ending(day: dt.date, *, overdue_days: int = 30) -> QuerySet[Term]:
    """Terms that end within the notice of their kind, or ended within the last ``overdue_days`` days without a
    successor, the most overdue first. A term whose end somebody decided is left out, and so are terms of archived
    people and of roles of the past.
    """
    history: Any = Term
    entries = history.history.filter(id=OuterRef("pk")).order_by("-history_id")
    return (
        Term.objects.filter(
            ended_on__gte=day - dt.timedelta(days=overdue_days),
            ended_on__lte=DayPlus(Cast(Value(day), DateField()), F("role_kind__notice_days")),
            role_kind__is_former=False,
            person__archived_at=None,
        )
        .exclude(_is_followed())
        .annotate(said_last=Subquery(entries.values("history_change_reason")[:1]))
        .exclude(said_last__isnull=False, said_last__startswith=END_DECIDED)
        .order_by("ended_on", "pk")
    )


def _is_followed() -> Q:
    """Of terms: somebody follows on. The same person and role go on in the place, or another person begins in that
    role there no earlier than 30 days before the end; 400 days later nobody speaks of a successor.
    """
    ended_on = OuterRef("ended_on")
    later = Term.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=ended_on),
        Q(started_on=None) | Q(started_on__lte=DayPlus(ended_on, Value(400))),
        role_kind=OuterRef("role_kind"),
    )
    same = Q(person=OuterRef("person"))
    follows = later.filter(same | Q(started_on__gt=DayPlus(ended_on, Value(-31))))
    return (
        Q(Exists(follows.filter(project=OuterRef("project"))))
        | Q(Exists(follows.filter(team=OuterRef("team"))))
        | Q(Exists(later.filter(same, project=None, team=None)), project=None, team=None)
    )


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
