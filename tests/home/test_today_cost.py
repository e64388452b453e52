"""What Today costs when every source has something to tell, as many sources as there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from folkmoot.home import actions, queries
from folkmoot.home.models import Assignment
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community, read_once
from folkmoot.kernel.plugs import today_sources
from folkmoot.outbox.models import Switch
from tests import waiting

pytestmark = pytest.mark.django_db

#: What follows from many rows together (whose turn it is, which rule is broken) is read by its source in so many more.
BESIDE = {"publishing.gaps": 2, "reviews.aftercare": 3, "reviews.held_up": 3, "reviews.trackers": 2}
#: Session, user, rights, the community, what waits in all sources, what is put off, what is given to whom.
QUERIES = 7 + sum(BESIDE.values())
SOURCES = [source.key for source in today_sources]


def test_every_source_has_its_line() -> None:
    assert sorted(waiting.WAITS) == sorted(SOURCES)


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_asks_nothing_beside_its_rows(key: str, alice: User, django_assert_num_queries: Any) -> None:
    for _number in range(2):
        waiting.WAITS[key]()
    source, now = today_sources.get(key), clock.now()
    assert alice.has_perm(source.permission)
    assert source.rows is not None
    with read_once():
        Community.current()
        with django_assert_num_queries(0):
            asked = source.rows(alice, now)
        assert asked is not None
        with django_assert_num_queries(1):
            rows = asked.read()
        with django_assert_num_queries(BESIDE.get(key, 0)):
            assert list(source.tell(alice, now, rows)) != []


@pytest.mark.parametrize("rows", [1, 3])
def test_with_everything_filled(
    rows: int, alice: User, bob: User, as_alice: Client, django_assert_num_queries: Any
) -> None:
    Community.objects.create(pk=1, name="Open Moot", time_zone="Europe/Madrid")
    waiting.let_everything_wait(rows)
    told = queries.everything(alice, clock.now())
    keys = [source.key for source in today_sources if source.find(alice, clock.now(), 10)]
    assert sorted(keys) == sorted(set(SOURCES) - set(waiting.SILENT_BESIDE))
    first, second, *_others = told
    actions.put_off(actor=alice, key=first, until=queries.later_choices(clock.now())["tomorrow"])
    Assignment.objects.create(key=second, user=bob, by=alice)
    as_alice.get("/")
    with django_assert_num_queries(QUERIES):
        page = as_alice.get("/?all=areas")
    assert page.context["today"].count == len(told) - 1
    Switch.objects.update(paused_at=None, paused_why="")
    assert today_sources.get("outbox.paused_channels").find(alice, clock.now(), 10) != []
    with django_assert_num_queries(QUERIES):
        as_alice.get("/")
