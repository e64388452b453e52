"""What the subjects of training share: choices of rows, addresses, words about events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.mailing.public import Address
from folkmoot.outbox.public import Variable
from folkmoot.people.public import Organization, Person, Tag, country_name
from folkmoot.training.letters import absolute, page_of, when, where
from folkmoot.training.models import Curriculum, Event, EventKind, Programme, Status, TaskKind


def kinds() -> list[tuple[str, str]]:
    """Kinds of events; one query."""
    return list(EventKind.objects.values_list("slug", "name"))


def programmes() -> list[tuple[str, str]]:
    """Programmes; one query."""
    return list(Programme.objects.values_list("slug", "name"))


def curricula() -> list[tuple[str, str]]:
    """Curricula; one query."""
    return list(Curriculum.objects.values_list("slug", "name"))


def part_kinds() -> list[tuple[str, str]]:
    """Kinds of parts; one query."""
    return list(TaskKind.objects.values_list("slug", "name"))


def tags() -> list[tuple[str, str]]:
    """Tags that events bear; one query."""
    rows = Tag.objects.filter(events__isnull=False).distinct().order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def organizers() -> list[tuple[str, str]]:
    """Organisations that organise events; one query."""
    rows = Organization.objects.filter(organized_events__isnull=False).distinct().order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def hosts() -> list[tuple[str, str]]:
    """Organisations that host events; one query."""
    rows = Organization.objects.filter(hosted_events__isnull=False).distinct().order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def statuses() -> list[tuple[str, Any]]:
    """Where an event stands."""
    return list(Status.choices)


def people(rows: Iterable[Person], emails: Mapping[int, str]) -> list[Address]:
    """People as addresses, each once; who was forgotten is left out."""
    found: dict[int, Address] = {}
    for row in rows:
        if row.erased_at is None and row.pk not in found:
            found[row.pk] = Address(row.name, emails.get(row.pk, ""), row.pk)
    return list(found.values())


def owner_of(event: Event) -> list[Address]:
    """Whoever looks after an event."""
    owner = event.owner
    return (
        [Address(owner.name, owner.email, language=owner.language)]
        if owner is not None and owner.is_active
        else []
    )


def contact_of(event: Event) -> list[Address]:
    """The event's own contact, where that is a mail address."""
    return [Address("", event.contact)] if "@" in event.contact and " " not in event.contact else []


#: What every text about an event may name.
EVENT_VARIABLES = (
    Variable("event", _("the event"), "Packaging workshop"),
    Variable("days", _("when it is"), "1 March 2027, 09:00 to 2 March 2027, 16:30 (Europe/London)"),
    Variable("place", _("where it is"), "Library, Leeds, United Kingdom"),
    Variable("city", _("its city and country"), "Leeds, United Kingdom"),
    Variable("kind", _("what kind of event it is"), "Workshop"),
    Variable("programme", _("its programme"), "Lesson programme"),
    Variable("host_organisation", _("who hosts it"), "University of Leeds"),
    Variable("page", _("the event's page"), "https://example.org/events/leeds/", is_url=True),
    Variable("website", _("the event's website"), "https://example.org/leeds", is_url=True),
    Variable("contact", _("whom to ask"), "workshops@example.org"),
    Variable("owner", _("who looks after it"), "Maren Alder"),
    Variable("registered", _("how many have a place"), "18"),
)


def event_values(event: Event) -> dict[str, str]:
    """What fills the gaps about an event whose kind, programme, host and owner were read; runs no query."""
    city = [event.city, country_name(event.country) if event.country else ""]
    return {
        "event": event.title,
        "days": when(event),
        "place": where(event),
        "city": ", ".join(part for part in city if part),
        "kind": event.kind.name,
        "programme": event.programme.name if event.programme else "",
        "host_organisation": event.host.name if event.host else "",
        "page": absolute(page_of(event)),
        "website": event.website,
        "contact": event.contact,
        "owner": event.owner.name if event.owner else "",
    }
