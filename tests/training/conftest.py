"""Rows that every test of training starts with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import load_seeds
from folkmoot.training.actions.events import announce, finish, save_event
from folkmoot.training.models import Event, EventKind, TaskKind, TierBenefit
from folkmoot.training.seeds import load
from folkmoot.training.seeds.progress import load_progress


@pytest.fixture
def rows(db: None) -> None:
    """The kinds, parts and patterns that a community starts with; how much a tier gives, each test says itself."""
    load()
    TierBenefit.objects.all().delete()


@pytest.fixture
def workshop(rows: None, alice: User) -> Event:
    """A planned workshop of two days in Leeds: 1 and 2 March 2027, 09:00 to 16:30."""
    return save_event(
        values={
            "title": "Packaging workshop",
            "kind": EventKind.objects.get(slug="workshop"),
            "starts_on": dt.date(2027, 3, 1),
            "ends_on": dt.date(2027, 3, 2),
            "starts_time": dt.time(9),
            "ends_time": dt.time(16, 30),
            "time_zone": "Europe/London",
            "venue": "Library",
            "city": "Leeds",
            "country": "GB",
            "latitude": 53.8,
            "longitude": -1.55,
        },
        actor=alice,
    )


@pytest.fixture
def announced(workshop: Event, alice: User) -> Event:
    """The same, announced."""
    return announce(event=workshop, actor=alice)


@pytest.fixture
def way(rows: None) -> Any:
    """What leads to the instructor's badge; it is 1 April 2027."""
    load_seeds()
    load_progress()
    with time_machine.travel(dt.datetime(2027, 4, 1, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def training(way: None, alice: User) -> Event:
    """An instructor training of 1 and 2 March 2027 that is done."""
    row = save_event(
        values={
            "title": "Instructor training",
            "kind": EventKind.objects.get(slug="instructor-training"),
            "starts_on": dt.date(2027, 3, 1),
            "ends_on": dt.date(2027, 3, 2),
        },
        actor=alice,
    )
    return finish(event=row, actor=alice)


def part(slug: str) -> TaskKind:
    """A part by its short name."""
    return TaskKind.objects.get(slug=slug)
