"""What lists of events and of who takes part show, and how they are narrowed; a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import get_language_info

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.search.find import ids_matching
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.people.public import Organization, country_name
from folkmoot.training.models import (
    AHEAD,
    TAKEN,
    Event,
    EventKind,
    Programme,
    Status,
    Task,
    TaskKind,
    TaskState,
)

Does = TaskKind.Does
#: Who leads an event: they are named in lists.
LEADS = (Does.TEACHES, Does.SPEAKS)


def events() -> QuerySet[Event]:
    """All events with kind, programme, host and owner, and how many learn there as ``learners``."""
    learning = (
        Task.objects.filter(event=OuterRef("pk"), kind__does=Does.LEARNS, session=None, state__in=TAKEN)
        .order_by()
        .values("event")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Event.objects.select_related("kind", "programme", "host", "owner").annotate(
        learners=Coalesce(Subquery(learning, output_field=IntegerField()), 0)
    )


def with_leads(rows: Iterable[Any]) -> None:
    """Lay beside each event who teaches and speaks there as ``leads``, a list of names; one query."""
    shown = list(rows)
    found: dict[int, list[str]] = defaultdict(list)
    parts = Task.objects.filter(
        event__in=[row.pk for row in shown], kind__does__in=LEADS, state__in=TAKEN
    ).order_by("kind__order", "kind", "pk")
    for event, name, state in parts.values_list("event_id", "person__name", "state"):
        name = f"{name}?" if state == TaskState.INVITED else name
        if name not in found[event]:
            found[event].append(name)
    for row in shown:
        row.leads = found[row.pk]


def found(queryset: QuerySet[Event], words: str) -> QuerySet[Event]:
    """Those that the search finds by these words."""
    return queryset.filter(pk__in=ids_matching("event", words))


def language_names(codes: Iterable[str]) -> str:
    """Languages by their names, in the language that is read: "English, Portuguese"; a code that nobody knows stays."""
    return ", ".join(dict.fromkeys(_language(code) for code in codes))


def _language(code: str) -> str:
    try:
        return str(get_language_info(code.lower())["name_translated"])
    except KeyError:
        return code


def place_words(event: Event) -> str:
    """Where it is, in short: "Leeds, United Kingdom", "online", or both."""
    where = [event.city, country_name(event.country) if event.country else ""]
    if not event.city:
        where.insert(0, event.venue)
    words = [", ".join(word for word in where if word)]
    if event.is_online:
        words.append(str(Event._meta.get_field("is_online").verbose_name))
    return " · ".join(word for word in words if word)


def days_words(first: dt.date | None, last: dt.date | None) -> str:
    """Days as people write them: "1–2 March 2027", "30 November – 2 December 2026"; nothing without a day."""
    if first is None:
        return ""
    if last is None or last == first:
        return date_format(first, "DATE_FORMAT")
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_format(last, 'DATE_FORMAT')}"
    begins = date_format(first, "MONTH_DAY_FORMAT" if first.year == last.year else "DATE_FORMAT")
    return f"{begins} – {date_format(last, 'DATE_FORMAT')}"


# ------------------------------------------------------------------- filters


def numbers(values: Iterable[str]) -> list[int]:
    """Row numbers that an address names."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of events; one query."""
    return list(EventKind.objects.values_list("slug", "name"))


def programme_choices() -> list[tuple[str, str]]:
    """Programmes; one query."""
    return list(Programme.objects.values_list("slug", "name"))


def year_choices() -> list[tuple[str, str]]:
    """The years in which events begin, the newest first; one query."""
    days = Event.objects.exclude(starts_on=None).order_by("-starts_on__year")
    years = days.values_list("starts_on__year", flat=True).distinct()
    return [(str(year), str(year)) for year in years]


def in_years(queryset: QuerySet[Event], years: Sequence[str]) -> QuerySet[Event]:
    """Those that begin in one of these years."""
    wanted = Q(pk__in=[])
    for year in numbers(years):
        if 1 <= year <= 9999:
            wanted |= Q(starts_on__gte=dt.date(year, 1, 1), starts_on__lte=dt.date(year, 12, 31))
    return queryset.filter(wanted)


def country_choices() -> list[tuple[str, str]]:
    """The countries in which events are; one query."""
    codes = Event.objects.exclude(country="").order_by().values_list("country", flat=True).distinct()
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])


def host_choices() -> list[tuple[str, str]]:
    """Organisations that host events; one query."""
    hosts = Event.objects.exclude(host=None).order_by().values("host")
    rows = Organization.objects.filter(pk__in=hosts).order_by("folded", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows[:300]]


def owner_choices() -> list[tuple[str, str]]:
    """Who looks after events; one query."""
    owners = Event.objects.exclude(owner=None).order_by().values("owner")
    rows = User.objects.filter(pk__in=owners).order_by("name", "pk").values_list("pk", "name")
    return [("none", "–"), *((str(pk), name) for pk, name in rows[:300])]


def owned_by(queryset: QuerySet[Event], chosen: Sequence[str]) -> QuerySet[Event]:
    """Those of these people, or of nobody."""
    wanted = Q(owner__in=numbers(chosen))
    if "none" in chosen:
        wanted |= Q(owner=None)
    return queryset.filter(wanted)


def of_user(queryset: QuerySet[Event], user: Any, on: bool) -> QuerySet[Event]:
    """Those that somebody looks after or takes part in, or the others."""
    part = Exists(Task.objects.filter(event=OuterRef("pk"), person__user=user, state__in=TAKEN))
    mine = Q(owner=user) | Q(part)
    return queryset.filter(mine) if on else queryset.exclude(mine)


def ahead(queryset: QuerySet[Event], on: bool) -> QuerySet[Event]:
    """Those that will happen or do, or the others."""
    wanted = Q(status__in=AHEAD) & (Q(ends_at=None) | Q(ends_at__gt=clock.now()))
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def full(queryset: QuerySet[Event], on: bool) -> QuerySet[Event]:
    """Those without a free place, or the others."""
    wanted = Q(capacity__isnull=False, learners__gte=F("capacity"))
    return queryset.filter(wanted) if on else queryset.exclude(wanted)


def unanswered(now: dt.datetime) -> QuerySet[Event]:
    """Events that were only planned, and whose days are over: did they take place?"""
    return Event.objects.filter(status__in=[Status.PLANNED, Status.STALLED], ends_at__lte=now)


def untaught(now: dt.datetime, days: int) -> QuerySet[Event]:
    """Events of kinds where somebody teaches that begin within so many days, and nobody is to teach there."""
    teaching = Task.objects.filter(event=OuterRef("pk"), kind__does=Does.TEACHES, state=TaskState.CONFIRMED)
    return Event.objects.filter(
        status__in=AHEAD,
        kind__needs_teaching=True,
        starts_at__gt=now,
        starts_at__lte=now + dt.timedelta(days=days),
    ).exclude(Exists(teaching))


def possible_owners(also: int | None = None) -> QuerySet[User]:
    """Who may look after events.

    Args:
        also: somebody who looks after one already.
    """
    may = Q(is_active=True, grants__area=Area.TRAINING, grants__level__gte=Level.CONTRIBUTE)
    return User.objects.filter(may | Q(pk=also)).distinct().order_by("name", "pk")


# ----------------------------------------------------------- who takes part


def parts(event: Event) -> QuerySet[Task]:
    """Who takes which part in an event."""
    return Task.objects.filter(event=event).select_related("person", "kind", "session")


def part_kind_choices() -> list[tuple[str, str]]:
    """Kinds of parts; one query."""
    return list(TaskKind.objects.values_list("slug", "name"))


def people_named(words: str) -> QuerySet[SearchEntry, int]:
    """People whom the search finds by these words, as a subquery of their numbers."""
    return ids_matching("person", words)


def attended_in(queryset: QuerySet[Task], chosen: Sequence[str]) -> QuerySet[Task]:
    """Parts whose people were there, were not, or of whom nobody noted it."""
    wanted = Q(pk__in=[])
    for word, value in (("yes", Q(attended=True)), ("no", Q(attended=False)), ("unknown", Q(attended=None))):
        if word in chosen:
            wanted |= value
    return queryset.filter(wanted)
