"""Whom a report thanks, and for what."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.metrics import Scope
from folkmoot.ledger.queries.facts import facts, new_people
from folkmoot.people.public import Person

#: How many are named for what they opened, and how many more because they are new.
MOST_ACTIVE, NEWCOMERS = 6, 4


@dataclass(frozen=True)
class Thanks:
    """A person to thank, and why."""

    person_id: int
    name: str
    reason: str


def people_to_thank(scope: Scope) -> list[Thanks]:
    """The volunteers who opened most in the period, then the first-timers who did; one query beside the facts.

    Only what somebody opened as a volunteer counts. Equals stand in the order of their records.
    """
    new = new_people(scope)
    ranked = sorted(facts(scope).volunteer.items(), key=lambda pair: (-pair[1], pair[0]))
    most = ranked[:MOST_ACTIVE]
    fresh = [pair for pair in ranked[MOST_ACTIVE:] if pair[0] in new][:NEWCOMERS]
    names = dict(
        Person.objects.filter(pk__in=[person for person, _number in most + fresh]).values_list("pk", "name")
    )
    return [
        Thanks(person, names[person], _reason(number, is_new=person in new))
        for person, number in most + fresh
        if person in names
    ]


def _reason(number: int, *, is_new: bool) -> str:
    opened = ngettext("opened %(number)d item", "opened %(number)d items", number) % {"number": number}
    return _("%(opened)s, for the first time here") % {"opened": opened} if is_new else opened
