"""Figures of publishing: readings kept with their moments, metrics with their rows, the report."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import compute_all, metrics
from folkmoot.kernel.ui.navigation import Navigation
from folkmoot.ledger.public import make_scope
from folkmoot.outbox.public import Channel, Delivery, State, Verb, digest
from folkmoot.people.models import Tag
from folkmoot.publishing.figures import reading
from folkmoot.publishing.models import FollowerReading, Post, Publication, Reading, Variant
from folkmoot.publishing.queries import figures
from tests.outbox import faulty
from tests.publishing.planning import add_goal, make_channel

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 30, 12, 0, tzinfo=dt.UTC)
QUARTER = "2026Q2"


@pytest.fixture(autouse=True)
def platforms() -> Iterator[None]:
    yield from faulty.register()


def published(
    channel: Channel,
    day: str,
    *,
    state: str = State.SENT,
    late: int = 0,
    part: int = 1,
    title: str = "News",
    tags: tuple[str, ...] = (),
    **told: int,
) -> Publication:
    """A post on a channel at nine o'clock (UTC) of a day, sent so many seconds late; with a reading if told."""
    due = dt.datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=dt.UTC)
    post = Post.objects.create(title=title)
    for name in tags:
        post.tags.add(Tag.objects.get_or_create(facet="topic", name=name, folded=name)[0])
    payload = {"text": title}
    delivery = Delivery.objects.create(
        channel=channel,
        key=f"k{Delivery.objects.count()}",
        kind="publishing.post",
        area="publishing",
        title=title,
        state=state,
        due_at=due,
        next_at=due,
        not_after=due + dt.timedelta(hours=6),
        payload=payload,
        payload_sha256=digest(payload),
        sent_at=due + dt.timedelta(seconds=late) if state == State.SENT else None,
        remote_id=f"r{Delivery.objects.count()}",
    )
    variant = Variant.objects.create(post=post, channel=channel)
    row = Publication.objects.create(variant=variant, part=part, delivery=delivery, content_sha256="x")
    if told:
        reading.keep([(row, told)], at=due + dt.timedelta(days=1))
    return row


@pytest.fixture
def quarter(db: None) -> dict[str, Publication]:
    """Six posts of a quarter; one before it, a later part and a cancelled one that never count."""
    toots, news = make_channel("Toots"), make_channel("News")
    rows = {
        "best": published(toots, "2026-04-06", title="Best", tags=("review", "people"), likes=9, shares=1),
        "usual": published(toots, "2026-04-20", title="Usual", tags=("review",), likes=2),
        "late": published(news, "2026-05-04", title="Late", late=90, likes=4, views=100),
        "silent": published(news, "2026-05-11", title="Silent"),
        "missed": published(toots, "2026-05-18", state=State.MISSED),
        "asks": published(news, "2026-05-25", state=State.NEEDS_PERSON),
    }
    published(toots, "2026-03-30", likes=99)
    published(toots, "2026-04-07", part=2, likes=99)
    published(toots, "2026-04-08", state=State.CANCELLED)
    return rows


@time_machine.travel(NOW, tick=False)
def test_every_metric_says_what_it_rests_on(quarter: dict[str, Publication]) -> None:
    scope = make_scope(period=QUARTER)
    measured = compute_all(scope, [one.key for one in metrics if one.area == "publishing"])
    assert {key: (one.value, one.rows) for key, one in measured.items()} == {
        "posts_planned": (6, 6),
        "posts_sent": (4, 4),
        "posts_missed": (2, 2),
        "posts_on_time": (0.75, 4),
        "engagement_median": (4.0, 3),
        "reach_median": (100.0, 1),
        "posts_by_tag": ({"review": 2, "people": 1}, 2),
    }
    for key, one in measured.items():
        assert metrics.get(key).rows(scope).count() == one.rows, key


@time_machine.travel(NOW, tick=False)
def test_nothing_is_not_nought(quarter: dict[str, Publication]) -> None:
    empty = make_scope(period="2025Q2")
    measured = compute_all(empty, ["posts_sent", "posts_on_time", "engagement_median", "reach_median"])
    assert {key: one.value for key, one in measured.items()} == {
        "posts_sent": 0,
        "posts_on_time": None,
        "engagement_median": None,
        "reach_median": None,
    }


@time_machine.travel(NOW, tick=False)
def test_what_worked_and_where(quarter: dict[str, Publication]) -> None:
    scope = make_scope(period=QUARTER)
    assert [one.pk for one in figures.best(scope)] == [quarter[name].pk for name in ("best", "late", "usual")]
    assert figures.by_channel(scope) == [("News", 3, 2, 4.0, 100.0), ("Toots", 3, 2, 6.0, None)]
    assert figures.by_hour(scope) == []  # three are too few


@time_machine.travel(NOW, tick=False)
def test_hours_are_the_channel_s_own_and_told_with_enough_only(db: None) -> None:
    channel = make_channel("Berlin", zone="Europe/Berlin")
    for number in range(figures.ENOUGH):
        published(channel, f"2026-05-{number + 1:02}", likes=number)
    assert figures.by_hour(make_scope(period=QUARTER)) == [(11, 20, 9.5)]


@time_machine.travel(NOW, tick=False)
def test_cadence_counts_windows_that_ended(quarter: dict[str, Publication]) -> None:
    toots = Channel.objects.get(name="Toots")
    add_goal(toots, "2026-04-06", 1, 14)
    windows = figures.windows(make_scope(period=QUARTER))
    assert len(windows) == 6
    assert {window.channel for window in windows} == {toots}


def test_a_reading_is_kept_with_its_moment_and_the_newest_is_one(db: None) -> None:
    row = published(make_channel(), "2026-04-06")
    first, second = NOW, NOW + dt.timedelta(hours=3)
    assert reading.keep([(row, {"likes": 1, "unknown": 5})], at=first) == 1
    assert reading.keep([(row, {"likes": 3, "views": 7})], at=second) == 1
    assert reading.keep([(row, {"likes": 9})], at=second) == 1  # the same moment again
    assert reading.keep([(row, {})], at=second + dt.timedelta(hours=1)) == 0
    assert list(Reading.objects.values_list("at", "likes", "views", "shares", "is_newest")) == [
        (first, 1, None, None, False),
        (second, 3, 7, None, True),
    ]


@pytest.mark.parametrize(
    ("age", "since", "is_due"),
    [
        (dt.timedelta(hours=5), None, True),
        (dt.timedelta(hours=5), dt.timedelta(hours=2), False),
        (dt.timedelta(hours=5), dt.timedelta(hours=3), True),
        (dt.timedelta(days=5), dt.timedelta(hours=20), False),
        (dt.timedelta(days=5), dt.timedelta(hours=24), True),
        (dt.timedelta(days=40), dt.timedelta(days=6), False),
        (dt.timedelta(days=40), dt.timedelta(days=7), True),
        (dt.timedelta(days=100), None, False),
    ],
)
def test_young_posts_are_asked_for_often(age: dt.timedelta, since: dt.timedelta | None, is_due: bool) -> None:
    row = published(make_channel(), "2026-04-06")
    Delivery.objects.filter(pk=row.delivery_id).update(sent_at=NOW - age)
    if since is not None:
        reading.keep([(row, {"likes": 1})], at=NOW - since)
    assert reading.due(NOW).exists() is is_due


def test_what_was_withdrawn_is_not_asked_for(db: None) -> None:
    row = published(make_channel(), "2026-06-30")
    assert reading.due(NOW + dt.timedelta(hours=1)).count() == 1
    gone = Delivery.objects.get(pk=row.delivery_id)
    gone.pk, gone.key = None, "withdraw"
    gone.token, gone.verb, gone.about_id = uuid.uuid4(), Verb.WITHDRAW, row.delivery_id
    gone.save(force_insert=True)
    assert reading.due(NOW + dt.timedelta(hours=1)).count() == 0


def test_followers_at_the_beginning_and_the_end(db: None) -> None:
    channel = make_channel("Toots")
    for day, number in (("2026-03-01", 90), ("2026-05-01", 110), ("2026-06-30", 130), ("2026-07-05", 999)):
        FollowerReading.objects.create(channel=channel, on=day, followers=number)
    with time_machine.travel(NOW, tick=False):
        assert figures.followers(make_scope(period=QUARTER)) == [("Toots", 90, 130)]


@time_machine.travel(NOW, tick=False)
def test_the_report_and_the_rows_behind_it(as_alice: Client, quarter: dict[str, Publication]) -> None:
    page = as_alice.get(f"/reports/publishing/?period={QUARTER}")
    assert page.status_code == 200
    text = page.content.decode()
    assert "“Best” was met with the most reactions" in text
    assert "4 of 6 posts left" in text
    rows = as_alice.get(f"/publishing/figures/rows/?metric=posts_missed&period={QUARTER}")
    assert rows.content.decode().count("/publishing/posts/") >= 2
    wrong = as_alice.get("/publishing/figures/rows/?metric=nonsense")
    assert "There is no figure nonsense here; known: " in wrong.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_rows_ask_the_same_however_many_there_are(
    as_alice: Client, rows: int, django_assert_num_queries: Any
) -> None:
    channel = make_channel()
    for number in range(rows):
        published(channel, f"2026-05-{number + 1:02}", likes=1)
    address = f"/publishing/figures/rows/?metric=posts_sent&period={QUARTER}"
    as_alice.get(address)
    with django_assert_num_queries(8):
        as_alice.get(address)


def test_the_navigation_knows_that_the_rows_are_figures(alice: User) -> None:
    entries = Navigation(alice, "/publishing/figures/rows/").entries
    assert [(one.key, one.is_page) for top in entries for one in (top, *top.children) if one.is_current] == [
        ("publishing", False),
        ("publishing.figures", False),
    ]
