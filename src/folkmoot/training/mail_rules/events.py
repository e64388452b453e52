"""Mail rules about events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    NUMBER,
    ONE,
    SOME,
    TEXT,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)
from folkmoot.outbox.public import Variable
from folkmoot.people.public import Identity, Person, best_addresses
from folkmoot.training.addresses import event_page
from folkmoot.training.mail_rules import common
from folkmoot.training.models import (
    Audience,
    Event,
    EventLink,
    Opening,
    OpeningState,
    Registration,
    RegistrationState,
    Task,
    TaskKind,
    TaskState,
    Visibility,
)

Does = TaskKind.Does
#: Events that time may still do something to: those ahead, and those that ended so recently.
RECENT = dt.timedelta(days=400)


@dataclass
class About:
    """An event with who takes part: read together for many events."""

    event: Event
    people: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    emails: Mapping[int, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    curricula: set[str] = field(default_factory=set)
    #: By kind and by who gets them.
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    registered: int = 0
    seeks: bool = False

    def doing(self, *what: str) -> list[Address]:
        """Those who take one of these parts."""
        return common.people([person for one in what for person in self.people.get(one, [])], self.emails)

    def link(self, kind: str, audience: str = Audience.LEARNERS) -> str:
        """The address of this kind that these people get; ``""``: there is none."""
        return self.links.get((kind, audience)) or self.links.get((kind, ""), "")

    def count(self, what: str) -> int:
        """How many take a part."""
        return len({person.pk for person in self.people.get(what, [])})


def load(ids: Sequence[int]) -> dict[int, About]:
    """Events with all that rules may ask; nine queries."""
    rows = Event.objects.filter(pk__in=ids).select_related("kind", "programme", "host", "organizer", "owner")
    found = {row.pk: About(row) for row in rows}
    wanted = list(found)
    known: set[int] = set()
    tasks = Task.objects.filter(event__in=wanted, state=TaskState.CONFIRMED).select_related("person", "kind")
    for task in tasks.order_by("pk"):
        found[task.event_id].people[task.kind.does].append(task.person)
        if task.kind.does != Does.LEARNS:
            known.add(task.person_id)
    emails = best_addresses(known | _learners(found))
    for pk, tag in Event.tags.through.objects.filter(event__in=wanted).values_list("event_id", "tag_id"):
        found[pk].tags.add(str(tag))
    chosen = Event.curricula.through.objects.filter(event__in=wanted)
    for pk, slug in chosen.values_list("event_id", "curriculum__slug"):
        found[pk].curricula.add(slug)
    links = EventLink.objects.filter(event__in=wanted).order_by("pk")
    for pk, kind, audience, url in links.values_list("event_id", "kind", "audience", "url"):
        found[pk].links.setdefault((kind, audience), url)
    places = Registration.objects.filter(event__in=wanted, state=RegistrationState.CONFIRMED)
    for pk, number in places.values_list("event_id").annotate(n=Count("pk")).order_by():
        found[pk].registered = number
    open_ones = Opening.objects.filter(event__in=wanted, state=OpeningState.OPEN)
    for pk in open_ones.values_list("event_id", flat=True):
        found[pk].seeks = True
    for one in found.values():
        one.emails = emails
    return found


def _learners(found: Mapping[int, About]) -> set[int]:
    return {person.pk for one in found.values() for person in one.people.get(Does.LEARNS, [])}


def _values(one: About) -> dict[str, str]:
    def names(*what: str) -> str:
        return get_text_list([address.name for address in one.doing(*what)], _now("and"))

    return {
        **common.event_values(one.event),
        "registered": str(one.registered),
        "instructors": names(Does.TEACHES),
        "helpers": names(Does.HELPS),
        "hosts": names(Does.HOSTS),
        "survey": one.link(EventLink.Kind.SURVEY_AFTER),
        "survey_before": one.link(EventLink.Kind.SURVEY_BEFORE),
        "survey_later": one.link(EventLink.Kind.SURVEY_LATER),
        "teachers_survey": one.link(EventLink.Kind.SURVEY_AFTER, Audience.TEACHERS),
        "teachers_survey_before": one.link(EventLink.Kind.SURVEY_BEFORE, Audience.TEACHERS),
        "materials": one.link(EventLink.Kind.MATERIALS),
    }


def _number(what: str) -> Callable[[About], int]:
    return lambda one: one.count(what)


def _to(*what: str) -> Callable[[About], Iterable[Address]]:
    return lambda one: one.doing(*what)


def find(words: str) -> list[tuple[int, str]]:
    """Events for previews, the newest first."""
    some = Event.objects.filter(folded__contains=fold(words)).order_by("-starts_at", "-pk")
    return list(some.values_list("pk", "title")[:20])


def swept(now: dt.datetime) -> Any:
    """Events ahead, without a day, or over for about a year."""
    return Event.objects.filter(Q(ends_at=None) | Q(ends_at__gte=now - RECENT))


def _zone(one: About) -> str:
    return one.event.time_zone


def _starts(one: About) -> dt.date | dt.datetime | None:
    event = one.event
    return event.starts_at if event.starts_time is not None else event.starts_on


def _last_day(one: About) -> dt.date | None:
    return one.event.ends_on or one.event.starts_on


def events_of_people(ids: Sequence[int]) -> Iterable[int]:
    """Events in which these people have a part."""
    return Task.objects.filter(person__in=ids).values_list("event_id", flat=True).distinct()


FACTS: tuple[Fact, ...] = (
    Fact("status", _("status"), ONE, lambda one: one.event.status, common.statuses),
    Fact("kind", _("kind of event"), ONE, lambda one: one.event.kind.slug, common.kinds),
    Fact(
        "programme",
        _("programme"),
        ONE,
        lambda one: one.event.programme.slug if one.event.programme else "",
        common.programmes,
    ),
    Fact("curricula", _("curricula"), SOME, lambda one: one.curricula, common.curricula),
    Fact("tags", _("tags"), SOME, lambda one: one.tags, common.tags),
    Fact(
        "organizer",
        _("organiser"),
        ONE,
        lambda one: str(one.event.organizer_id or ""),
        common.organizers,
    ),
    Fact("host", _("host organisation"), ONE, lambda one: str(one.event.host_id or ""), common.hosts),
    Fact("starts", _("begins"), DATE, _starts),
    Fact("ends", _("ends"), DATE, lambda one: one.event.ends_at),
    Fact("instructors", _("number of instructors"), NUMBER, _number(Does.TEACHES)),
    Fact("helpers", _("number of helpers"), NUMBER, _number(Does.HELPS)),
    Fact("hosts", _("number of hosts"), NUMBER, _number(Does.HOSTS)),
    Fact("learners", _("number of learners"), NUMBER, _number(Does.LEARNS)),
    Fact("registered", _("people with a place"), NUMBER, lambda one: one.registered),
    Fact("seeks", _("people are sought for it"), YES, lambda one: one.seeks),
    Fact("website", _("website"), TEXT, lambda one: one.event.website),
    Fact("online", _("online"), YES, lambda one: one.event.is_online),
    Fact("public", _("for everybody to see"), YES, lambda one: one.event.visibility == Visibility.PUBLIC),
    Fact("owned", _("somebody looks after it"), YES, lambda one: one.event.owner_id is not None),
)

SUBJECT = Subject(
    key="training.event",
    label=_("An event"),
    area="training",
    model=Event,
    load=load,
    name=lambda one: one.event.title,
    url=event_page,
    facts=FACTS,
    moments=(
        Moment("starts", _("the first day"), lambda one: one.event.starts_on),
        Moment("ends", _("the last day"), _last_day),
        Moment("announced", _("when it was announced"), lambda one: one.event.announced_at),
        Moment("closes", _("when signing up closes"), lambda one: one.event.registration_closes_at),
    ),
    recipients=(
        Recipient("instructors", _("instructors"), _to(Does.TEACHES)),
        Recipient("helpers", _("helpers"), _to(Does.HELPS)),
        Recipient("hosts", _("hosts"), _to(Does.HOSTS)),
        Recipient("organisers", _("organisers"), _to(Does.ORGANISES)),
        Recipient("speakers", _("speakers"), _to(Does.SPEAKS)),
        Recipient("learners", _("learners"), _to(Does.LEARNS)),
        Recipient("contact", _("the event's contact"), lambda one: common.contact_of(one.event)),
        Recipient("owner", _("whoever looks after it"), lambda one: common.owner_of(one.event)),
    ),
    variables=(
        *common.EVENT_VARIABLES,
        Variable("instructors", _("names of the instructors"), "Ana Pérez and Lio Brandt"),
        Variable("helpers", _("names of the helpers"), "Bo Reyes"),
        Variable("hosts", _("names of the hosts"), "Kit Moss"),
        *(
            Variable(name, label, "https://example.org/survey", is_url=True)
            for name, label in (
                ("survey", _("address of the survey after it, for those who learn")),
                ("survey_before", _("address of the survey before it, for those who learn")),
                ("survey_later", _("address of the survey months later")),
                ("teachers_survey", _("address of the survey after it, for those who teach")),
                ("teachers_survey_before", _("address of the survey before it, for those who teach")),
            )
        ),
        Variable("materials", _("address of the materials"), "https://example.org/lesson", is_url=True),
    ),
    values=_values,
    find=find,
    sweep=swept,
    zone=_zone,
    watched=(
        Watched(Event),
        Watched(Task, "event_id"),
        Watched(Registration, "event_id"),
        Watched(EventLink, "event_id"),
        Watched(Opening, "event_id"),
        Watched(Event.tags.through, "event_id"),
        Watched(Event.curricula.through, "event_id"),
        Watched(Identity, "person_id", events_of_people),
        Watched(Person, "id", events_of_people),
    ),
    topic="training",
    order=1,
)
declare(SUBJECT)
