"""A community with rules, people who teach, and a channel for mail; it is January 2027."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.mailing import jobs
from folkmoot.mailing.actions import rules as actions
from folkmoot.mailing.models import MailRule, PlannedMail
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import Organization, Person
from folkmoot.training.actions import events, tasks
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import Event, EventKind
from folkmoot.training.seeds import load
from folkmoot.training.seeds.progress import load_progress
from folkmoot.training.seeds.requests import load_forms
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory
from tests.training.conftest import part

UTC = dt.UTC
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=UTC)
SHORTLY = NOW + dt.timedelta(hours=1, minutes=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(db: None, clock: Any) -> None:
    """Rows, rules (switched off) and a channel."""
    load()
    load_progress()
    load_forms()
    load_mail_rules()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )


def person(name: str) -> Person:
    """Somebody with an address: ``ada@example.org``."""
    made: Any = PersonFactory(name=name)
    IdentityFactory(system="email", value=f"{name.lower()}@example.org", person=made)
    return made  # type: ignore[no-any-return]


@pytest.fixture
def center(db: None) -> Organization:
    made: Any = OrganizationFactory(name="Moot Centre")
    return made  # type: ignore[no-any-return]


@pytest.fixture
def workshop(world: None, center: Organization, alice: User) -> Event:
    """Centrally organised, planned for 1 March 2027 in Leeds; nobody takes part yet."""
    return events.save_event(
        values={
            "title": "Packaging workshop",
            "kind": EventKind.objects.get(slug="workshop"),
            "starts_on": dt.date(2027, 3, 1),
            "ends_on": dt.date(2027, 3, 2),
            "time_zone": "Europe/London",
            "city": "Leeds",
            "country": "GB",
            "organizer": center,
            "owner": alice,
        },
        actor=alice,
    )


def takes(event: Event, name: str, slug: str) -> Any:
    """Somebody takes a part."""
    return tasks.add_task(event=event, person=person(name), kind=part(slug), actor=None)


def switch_on(slug: str, **changes: Any) -> MailRule:
    """Switch a rule on, and let it look at every record."""
    rule = MailRule.objects.get(slug=slug)
    if changes:
        MailRule.objects.filter(pk=rule.pk).update(**changes)
    rule = actions.switch_on(rule=rule, actor=None)
    for job in Job.objects.filter(kind=jobs.RULE, state="queued"):
        run_in_foreground(job)
    return rule


def work() -> None:
    """What workers do: look at changes, hand over what is due."""
    jobs.look_at_changes()
    jobs.send()


def mails(rule: MailRule | None = None) -> list[PlannedMail]:
    rows = PlannedMail.objects.order_by("pk")
    return list(rows.filter(rule=rule) if rule else rows)


def told() -> list[tuple[str, str]]:
    """State and moment of each mail."""
    return [(one.state, f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "") for one in mails()]


def sent() -> list[Delivery]:
    return list(Delivery.objects.filter(kind__startswith="rule.").order_by("pk"))
