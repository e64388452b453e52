"""What a workshop's page says beside what Folkmoot says of the event, and taking it over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.saving import day
from folkmoot.kernel.text import fold
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.people.public import country_name
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.events import EventFields, save_event
from folkmoot.training.models import Event, PageReading
from folkmoot.training.queries.lists import language_names
from folkmoot.training.workshop_pages import metadata

#: What can differ: by key, how it is called and the fields that go together.
PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "days": (gettext_lazy("Days"), ("starts_on", "ends_on")),
    "online": (gettext_lazy("Online"), ("is_online",)),
    "country": (gettext_lazy("Country"), ("country",)),
    "venue": (gettext_lazy("Venue"), ("venue",)),
    "address": (gettext_lazy("Address"), ("address",)),
    "place": (gettext_lazy("On the map"), ("latitude", "longitude")),
    "languages": (gettext_lazy("Languages"), ("languages",)),
    "contact": (gettext_lazy("Contact"), ("contact",)),
    "slug": (gettext_lazy("Short name"), ("slug",)),
}
#: Degrees that two places on the map may lie apart and be the same: about a hundred metres.
NEAR = 0.001


@dataclass(frozen=True)
class Difference:
    """Something of which the page says other than Folkmoot."""

    key: str
    label: str
    here: str
    there: str


def differences(event: Event, said: Mapping[str, str]) -> list[Difference]:
    """Of what the page says otherwise, in the order of :data:`PARTS`; what it does not say is no difference."""
    fields = _fields(said)
    found = []
    for key, (label, names) in PARTS.items():
        there = {name: fields[name] for name in names if name in fields}
        if there and not _same(event, there):
            here = {name: getattr(event, name) for name in names}
            found.append(Difference(key, str(label), _words(key, here), _words(key, here | there)))
    return found


def _fields(said: Mapping[str, str]) -> dict[str, Any]:
    fields = metadata.values(said).fields
    if "starts_on" in fields:
        fields.setdefault("ends_on", fields["starts_on"])
    return fields


def _same(event: Event, there: Mapping[str, Any]) -> bool:
    for name, value in there.items():
        here = getattr(event, name)
        if name == "ends_on":
            here = here or event.starts_on
        if isinstance(value, float):
            if here is None or abs(here - value) > NEAR:
                return False
        elif isinstance(value, str):
            if fold(here) != fold(value):
                return False
        elif here != value:
            return False
    return True


def _words(key: str, values: Mapping[str, Any]) -> str:
    if key == "days":
        first, last = values["starts_on"], values["ends_on"] or values["starts_on"]
        if first is None:
            return _("no day yet")
        return day(first) if first == last else f"{day(first)} – {day(last)}"
    if key == "online":
        return _("yes") if values["is_online"] else _("no")
    if key == "country":
        return country_name(values["country"]) if values["country"] else _("not known")
    if key == "place":
        known = values["latitude"] is not None and values["longitude"] is not None
        return f"{values['latitude']:g}, {values['longitude']:g}" if known else _("not known")
    if key == "languages":
        return language_names(values["languages"]) or _("not known")
    return str(next(iter(values.values())) or _("nothing"))


@transaction.atomic
def take_over(*, event: Event, keys: Iterable[str], actor: Actor) -> Undo:
    """Let an event say what its page says, of the parts named.

    Raises:
        ValidationError: by field; the page was not read, or says nothing of it.
    """
    row = base.locked(event)
    reading = PageReading.objects.filter(event=row).first()
    fields = _fields(reading.said) if reading is not None else {}
    wanted = {name for key in keys if key in PARTS for name in PARTS[key][1]}
    values: Any = {name: fields[name] for name in wanted if name in fields}
    if not values:
        raise ValidationError(_("The page says nothing of this. Read it again."), code="nothing")
    before = base.current_version(row)
    taken: EventFields = values
    saved = save_event(event=row, values=taken, actor=actor)
    return last_change(saved) if base.current_version(saved) != before else Undo()
