"""What tests of recruitment share: somebody who may be asked, an opening, other events around it."""

from __future__ import annotations

import datetime as dt

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.models import Consent, ConsentKind, Person
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.actions.openings import save_opening
from folkmoot.training.models import Event, Opening
from tests.factories import EventFactory, PersonFactory
from tests.training.conftest import part


def consent(person: Person, *, given: bool = True) -> Person:
    """They say that they may be contacted, or that they may not any more."""
    load_consents()
    kind = ConsentKind.objects.get(slug="contact")
    Consent.objects.create(
        person=person, kind=kind, text=kind.texts.first(), is_given=given, decided_at=clock.now()
    )
    return person


def candidate(name: str, **fields: object) -> Person:
    """Somebody who may be asked."""
    return consent(PersonFactory(name=name, **fields))


def seek(event: Event, actor: User, **sought: int) -> Opening:
    """An opening for an event: ``instructor=2, helper=1``."""
    wanted = {part(slug): number for slug, number in sought.items()}
    return save_opening(event=event, values={}, sought=wanted, actor=actor)[0]


def another(event: Event, *, days: int, **fields: object) -> Event:
    """An event that begins so many days after another's first day."""
    day = event.starts_on + dt.timedelta(days=days)  # type: ignore[operator]
    fields = {"title": "Another", "kind": event.kind, "starts_on": day, "ends_on": day} | fields
    return EventFactory(**fields)
