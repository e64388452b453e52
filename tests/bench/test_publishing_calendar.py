"""The calendar of posts with five thousand of them in one month."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.publishing.planning import add_goal, add_slots, make_channel
from tests.publishing.test_calendar import CALENDAR, NOON, many

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.mark.parametrize("span", ["month", "week", "list"])
def test_five_thousand_posts(span: str, as_alice: Client) -> None:
    for number in range(20):
        channel = make_channel(f"Channel {number}")
        add_slots(channel, *[(weekday, "09:00") for weekday in range(1, 8)])
        add_goal(channel, "2026-11-02", 1, 7)
        many(channel, 250)
    as_alice.get(f"{CALENDAR}?span={span}")
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        page = as_alice.get(f"{CALENDAR}?span={span}")
    took = time.perf_counter() - began
    size = len(gzip.compress(page.content))
    print(f"\n{span}: {took:.2f} s, {len(queries)} queries, {size / 1000:.0f} kB compressed")
    assert len(queries) <= 15
    assert size < 300_000
