"""A silver agreement with Leeds, an instructor training, learners: what tests of agreements begin with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import Organization, Person
from folkmoot.training.actions.agreements import save_agreement
from folkmoot.training.actions.allowances import save_allowance
from folkmoot.training.actions.events import save_event
from folkmoot.training.actions.tasks import add_task
from folkmoot.training.models import (
    Agreement,
    Allowance,
    BenefitKind,
    Event,
    EventKind,
    Task,
    TaskKind,
    Tier,
)
from tests.factories import OrganizationFactory, PersonFactory

FIRST, LAST = dt.date(2027, 1, 1), dt.date(2027, 12, 31)


def agreement(actor: User | None, **values: Any) -> Agreement:
    """A silver agreement with the University of Leeds for 2027."""
    said: Any = {
        "organization": values.pop("organization", None) or organization("University of Leeds"),
        "tier": Tier.objects.get(slug="silver"),
        "starts_on": FIRST,
        "ends_on": LAST,
        "code": "leeds-2027",
        **values,
    }
    return save_agreement(values=said, actor=actor)


def organization(name: str, **more: Any) -> Organization:
    """An organisation of the register."""
    found = Organization.objects.filter(name=name).first()
    made: Organization = found or OrganizationFactory(name=name, **more)
    return made


def allowance(row: Agreement, benefit: str = "public-seats", granted: int = 2, **more: Any) -> Allowance:
    """So much of a benefit."""
    said: Any = {"benefit": BenefitKind.objects.get(slug=benefit), "granted": granted, **more}
    return save_allowance(agreement=row, values=said, actor=None)


def training(actor: User | None = None, **values: Any) -> Event:
    """An instructor training of two days in March 2027."""
    said: Any = {
        "title": "Instructor training",
        "kind": EventKind.objects.get(slug="instructor-training"),
        "starts_on": dt.date(2027, 3, 1),
        "ends_on": dt.date(2027, 3, 2),
        **values,
    }
    return save_event(values=said, actor=actor)


def person(name: str = "") -> Person:
    """Somebody of the register."""
    made: Person = PersonFactory(name=name) if name else PersonFactory()
    return made


def learner(event: Event, name: str = "") -> Task:
    """Somebody who learns there."""
    return add_task(event=event, person=person(name), kind=TaskKind.objects.get(slug="learner"), actor=None)
