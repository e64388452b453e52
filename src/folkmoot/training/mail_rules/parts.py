"""Mail rules about somebody's part in an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    ONE,
    SOME,
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
from folkmoot.training.mail_rules.events import RECENT
from folkmoot.training.models import Event, Task, TaskKind, TaskState


@dataclass
class Part:
    """A part with its event and person."""

    task: Task
    emails: Mapping[int, str]
    tags: set[str]
    curricula: set[str]


def load(ids: Sequence[int]) -> dict[int, Part]:
    """Parts with all that rules may ask; five queries."""
    events = ("event__kind", "event__programme", "event__host", "event__organizer", "event__owner")
    rows = list(Task.objects.filter(pk__in=ids).select_related("person", "kind", *events))
    emails = best_addresses(row.person_id for row in rows)
    wanted = {row.event_id for row in rows}
    tags: dict[int, set[str]] = {pk: set() for pk in wanted}
    for pk, tag in Event.tags.through.objects.filter(event__in=wanted).values_list("event_id", "tag_id"):
        tags[pk].add(str(tag))
    curricula: dict[int, set[str]] = {pk: set() for pk in wanted}
    chosen = Event.curricula.through.objects.filter(event__in=wanted)
    for pk, slug in chosen.values_list("event_id", "curriculum__slug"):
        curricula[pk].add(slug)
    return {row.pk: Part(row, emails, tags[row.event_id], curricula[row.event_id]) for row in rows}


def _values(one: Part) -> dict[str, str]:
    return {
        **common.event_values(one.task.event),
        "registered": "",
        "person": one.task.person.name,
        "part": one.task.kind.name,
        "note": one.task.note,
    }


def _person(one: Part) -> Iterable[Address]:
    return common.people([one.task.person], one.emails)


def find(words: str) -> list[tuple[int, str]]:
    """Parts for previews, the newest first."""
    wanted = fold(words)
    rows = Task.objects.filter(Q(person__folded__contains=wanted) | Q(event__folded__contains=wanted))
    told = rows.order_by("-pk").values_list("pk", "person__name", "kind__name", "event__title")[:20]
    return [(pk, f"{name} – {kind} – {title}") for pk, name, kind, title in told]


def swept(now: dt.datetime) -> Any:
    """Parts in events that are ahead, have no day, or are over for about a year."""
    return Task.objects.filter(Q(event__ends_at=None) | Q(event__ends_at__gte=now - RECENT))


def of_events(ids: Sequence[int]) -> Iterable[int]:
    """Parts in these events."""
    return Task.objects.filter(event__in=ids).values_list("pk", flat=True)


def of_people(ids: Sequence[int]) -> Iterable[int]:
    """Parts of these people."""
    return Task.objects.filter(person__in=ids).values_list("pk", flat=True)


def states() -> list[tuple[str, Any]]:
    """Whether somebody takes a part."""
    return list(TaskState.choices)


def does() -> list[tuple[str, Any]]:
    """What people do, whatever the part is called."""
    return list(TaskKind.Does.choices)


#: What may be asked of the event of a part; ``read`` is given what has a ``task``.
EVENT_FACTS: tuple[Fact, ...] = (
    Fact("event_status", _("status of the event"), ONE, lambda one: one.task.event.status, common.statuses),
    Fact("event_kind", _("kind of event"), ONE, lambda one: one.task.event.kind.slug, common.kinds),
    Fact(
        "programme",
        _("programme of the event"),
        ONE,
        lambda one: one.task.event.programme.slug if one.task.event.programme else "",
        common.programmes,
    ),
    Fact("curricula", _("curricula of the event"), SOME, lambda one: one.curricula, common.curricula),
    Fact("tags", _("tags of the event"), SOME, lambda one: one.tags, common.tags),
    Fact(
        "organizer",
        _("organiser of the event"),
        ONE,
        lambda one: str(one.task.event.organizer_id or ""),
        common.organizers,
    ),
    Fact("starts", _("the event begins"), DATE, lambda one: one.task.event.starts_at),
    Fact("ends", _("the event ends"), DATE, lambda one: one.task.event.ends_at),
)

SUBJECT = Subject(
    key="training.task",
    label=_("Somebody's part in an event"),
    area="training",
    model=Task,
    load=load,
    name=lambda one: f"{one.task.person.name} – {one.task.kind.name} – {one.task.event.title}",
    url=lambda pk: event_page(Task.objects.values_list("event_id", flat=True).get(pk=pk)),
    facts=(
        Fact("part", _("part"), ONE, lambda one: one.task.kind.slug, common.part_kinds),
        Fact("does", _("what they do"), ONE, lambda one: one.task.kind.does, does),
        Fact("state", _("state of the part"), ONE, lambda one: one.task.state, states),
        Fact("attended", _("was there"), YES, lambda one: one.task.attended),
        Fact("noted", _("when the part was entered"), DATE, lambda one: one.task.created_at),
        Fact(
            "has_email",
            _("a mail address is known"),
            YES,
            lambda one: bool(one.emails.get(one.task.person_id)),
        ),
        *EVENT_FACTS,
    ),
    moments=(
        Moment("starts", _("the first day of the event"), lambda one: one.task.event.starts_on),
        Moment(
            "ends",
            _("the last day of the event"),
            lambda one: one.task.event.ends_on or one.task.event.starts_on,
        ),
        Moment("noted", _("when the part was entered"), lambda one: one.task.created_at),
    ),
    recipients=(
        Recipient("person", _("the person"), _person),
        Recipient("contact", _("the event's contact"), lambda one: common.contact_of(one.task.event)),
        Recipient("owner", _("whoever looks after the event"), lambda one: common.owner_of(one.task.event)),
    ),
    variables=(
        Variable("person", _("the person's name"), "Lio Brandt"),
        Variable("part", _("their part"), "Instructor"),
        Variable("note", _("the note about their part"), "Second day only"),
        *common.EVENT_VARIABLES,
    ),
    values=_values,
    find=find,
    sweep=swept,
    zone=lambda one: one.task.event.time_zone,
    watched=(
        Watched(Task),
        Watched(Event, "id", of_events),
        Watched(Event.tags.through, "event_id", of_events),
        Watched(Event.curricula.through, "event_id", of_events),
        Watched(Identity, "person_id", of_people),
        Watched(Person, "id", of_people),
    ),
    shown_on=(
        ("training.event", lambda event: Task.objects.filter(event=event.pk).values("pk")),
        ("people.person", lambda person: Task.objects.filter(person=person.pk).values("pk")),
    ),
    topic="training",
    has_cards=False,
    order=2,
)
declare(SUBJECT)
