"""What tests of trainees share."""

from __future__ import annotations

import datetime as dt

from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import Person
from folkmoot.training.actions import progress as actions
from folkmoot.training.models import Badge, Event, Involvement, Requirement

TODAY = dt.date(2027, 4, 1)


def needs(slug: str) -> Requirement:
    return Requirement.objects.get(slug=slug)


def instructor() -> Badge:
    return Badge.objects.get(slug="instructor")


def how(slug: str = "community-meeting") -> Involvement:
    return Involvement.objects.get(slug=slug)


def pass_all(person: Person, training: Event, actor: User) -> None:
    """Everything that leads to the instructor's badge."""
    actions.add_progress(person=person, requirement=needs("training"), event=training, actor=actor)
    for slug in ("welcome-session", "demo"):
        actions.add_progress(person=person, requirement=needs(slug), actor=actor)
    actions.add_progress(
        person=person,
        requirement=needs("get-involved"),
        involvement=how(),
        happened_on=dt.date(2027, 3, 20),
        actor=actor,
    )
