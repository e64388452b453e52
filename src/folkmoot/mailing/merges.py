"""Mails about merges: two records of people became one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.kernel.text import fold
from folkmoot.mailing.seeding import load_rules
from folkmoot.mailing.subjects import DATE, YES, Address, Fact, Moment, Recipient, Subject, Watched, declare
from folkmoot.outbox.public import Topic, Variable, topics
from folkmoot.people.public import Merge, Person, best_addresses

FILE = Path(__file__).parent / "rules.yml"
#: Merges that time may still do something to.
RECENT = dt.timedelta(days=90)


@dataclass(frozen=True)
class Merged:
    """A merge of two people."""

    merge: Merge
    person: Person | None
    email: str


def _people() -> QuerySet[Merge]:
    return Merge.objects.filter(model="people.person")


def load(ids: Sequence[int]) -> Mapping[int, Merged]:
    """Merges of people with whom is left; four queries."""
    rows = list(_people().filter(pk__in=ids))
    people = Person.objects.in_bulk([row.survivor_id for row in rows])
    emails = best_addresses(people)
    return {row.pk: Merged(row, people.get(row.survivor_id), emails.get(row.survivor_id, "")) for row in rows}


def _person(one: Merged) -> Iterable[Address]:
    if one.person is not None and one.person.erased_at is None:
        yield Address(one.person.name, one.email, one.person.pk)


def _of_people(ids: Sequence[int]) -> Iterable[int]:
    return _people().filter(survivor_id__in=ids).values_list("pk", flat=True)


def _values(one: Merged) -> Mapping[str, str]:
    return {
        "person": one.person.name if one.person else "",
        "former": one.merge.gone_name,
    }


def find(words: str) -> list[tuple[int, str]]:
    """Merges for previews."""
    rows = _people().order_by("-pk").values_list("pk", "gone_name", "survivor_name")[:500]
    wanted = fold(words)
    return [(pk, f"{gone} → {kept}") for pk, gone, kept in rows if wanted in fold(f"{gone} {kept}")][:20]


SUBJECT = declare(
    Subject(
        key="people.merge",
        label=_("Two records of a person that became one"),
        area="people",
        model=Merge,
        load=load,
        name=lambda one: str(one.merge),
        url=lambda pk: reverse("people:merge", args=[pk]),
        facts=(
            Fact("undone", _("taken back"), YES, lambda one: one.merge.undone_at is not None),
            Fact("made_at", _("when they were merged"), DATE, lambda one: one.merge.made_at),
            Fact("has_email", _("a mail address is known"), YES, lambda one: bool(one.email)),
        ),
        moments=(Moment("made_at", _("when they were merged"), lambda one: one.merge.made_at),),
        recipients=(Recipient("person", _("the person"), _person),),
        variables=(
            Variable("person", _("the name that is left"), "Ana Pérez"),
            Variable("former", _("the name of the record that went"), "A. Perez"),
        ),
        values=_values,
        find=find,
        sweep=lambda now: _people().filter(made_at__gte=now - RECENT),
        watched=(Watched(Merge), Watched(Person, "id", _of_people)),
        shown_on=(
            (
                "people.person",
                lambda person: _people().filter(survivor_id=person.pk).values("pk"),
            ),
        ),
        topic="record",
        has_cards=False,
        order=90,
    )
)
topics.register(Topic("record", _("mails about your record")))


@cache
def rows() -> list[dict[str, Any]]:
    """The rules that come with the register."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def _set_up() -> str:
    made = load_rules(rows())
    words = ngettext("Added %(made)d mail rule.", "Added %(made)d mail rules.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("mailing.rules", _set_up, order=330))
