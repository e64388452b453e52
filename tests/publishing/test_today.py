"""What Today tells of posts: to whom, when, in which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from folkmoot.home import queries
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, today_sources
from folkmoot.outbox.models import Channel, Delivery, State, Verb
from folkmoot.publishing.models import LinkCheck, PoolItem, Post, PostState, Publication, Series
from tests import waiting
from tests.factories import PostFactory, VariantFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)  # a Friday


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def told(key: str, user: User) -> list[TodayItem]:
    return today_sources.get(f"publishing.{key}").find(user, clock.now(), 20)


def planned(when: str, title: str = "News", **fields: Any) -> Post:
    """A post at a wall time in Kathmandu, a quarter to six hours ahead of UTC."""
    at = dt.datetime.fromisoformat(when).replace(tzinfo=dt.UTC) - dt.timedelta(hours=5, minutes=45)
    return PostFactory(title=title, wall_time=when, zone="Asia/Kathmandu", due_at=at, **fields)


def test_trouble_says_where_and_what_the_platform_said(channel: Channel, mona: User, wanda: User) -> None:
    post = PostFactory(title="Sprint", state=PostState.TROUBLE, owner=wanda, channels=[channel])
    PostFactory(title="Quiet", state=PostState.TROUBLE)
    delivery = waiting.delivery(channel, waiting.State.FAILED, words="The text is too long.")
    Publication.objects.create(
        variant=post.variants.get(channel=channel), delivery=delivery, content_sha256=post.content_sha256
    )
    (item,) = told("trouble", wanda)
    assert (item.title, item.why) == ("“Sprint” is in trouble", f"{channel.name}: The text is too long.")
    assert item.mine == frozenset({wanda.pk})
    assert {item.title for item in told("trouble", mona)} == {
        "“Sprint” is in trouble",
        "“Quiet” is in trouble",
    }


def stuck(post: Post, channel: Channel, state: State, about: Delivery | None = None) -> Delivery:
    """A delivery of a post; one about another is no publication of its own."""
    verb = Verb.SEND if about is None else Verb.CORRECT
    delivery = waiting.delivery(channel, state, about=about, verb=verb)
    Delivery.objects.filter(pk=delivery.pk).update(area="publishing")
    if about is None:
        variant = post.variants.get(channel=channel)
        version = Publication.objects.filter(variant=variant).count() + 1
        Publication.objects.create(
            variant=variant, delivery=delivery, content_sha256=post.content_sha256, version=version
        )
    return delivery


def test_a_stuck_delivery_is_told_once(channel: Channel, mona: User, wanda: User) -> None:
    """By publishing to whom it tells of the post, else by the outbox: no one is told twice, and nothing is lost."""
    hers = PostFactory(title="Hers", state=PostState.TROUBLE, owner=wanda, channels=[channel])
    other = PostFactory(title="Other", state=PostState.TROUBLE, channels=[channel])
    fine = PostFactory(title="Fine", state=PostState.PUBLISHED, owner=wanda, channels=[channel])
    first = stuck(hers, channel, State.FAILED)
    stuck(hers, channel, State.FAILED, about=first)
    stuck(other, channel, State.MISSED)
    stuck(other, channel, State.NEEDS_PERSON)
    stuck(fine, channel, State.FAILED)
    waiting.delivery(channel, State.FAILED)  # of another area

    def outbox(user: User) -> list[str]:
        rows = today_sources.get("outbox.piles").find(user, clock.now(), 20)
        return sorted(f"{item.area}: {item.title}" for item in rows)

    failed = "publishing: 1 message was refused"
    assert sorted(item.title for item in told("trouble", mona)) == [
        "“Hers” is in trouble",
        "“Other” is in trouble",
    ]
    assert outbox(mona) == [failed]
    assert [item.title for item in told("trouble", wanda)] == ["“Hers” is in trouble"]
    assert outbox(wanda) == [
        "publishing: 1 message was missed",
        "publishing: 1 message was refused",
        "publishing: 1 message: did it arrive?",
    ]


def test_what_leaves_soon_and_nobody_has_agreed_to(mona: User) -> None:
    planned("2026-11-22T09:00", "Draft")
    planned("2026-11-23T09:00", "Approved", state=PostState.APPROVED)
    planned("2026-11-20T09:00", "Over")
    for title, state in (("Waits", PostState.REVIEW), ("On its way", PostState.SCHEDULED)):
        planned("2026-11-22T09:00", title, state=state)
    planned("2026-11-24T09:00", "Later")
    planned("2026-11-01T09:00", "Long ago")
    assert {(item.title, item.why, item.tone) for item in told("not_agreed", mona)} == {
        ("Draft", "It is to leave on Sunday at 09:00 (Asia/Kathmandu), and nobody has agreed.", "due"),
        (
            "Approved",
            "It is to leave on Monday at 09:00 (Asia/Kathmandu): agreed to, and not scheduled.",
            "due",
        ),
        (
            "Over",
            "It was to leave on Friday at 09:00 (Asia/Kathmandu), and nobody had planned that.",
            "overdue",
        ),
    }


def test_somebody_who_writes_sees_their_own(wanda: User) -> None:
    planned("2026-11-22T09:00", "Mine", written_by=wanda)
    planned("2026-11-22T09:00", "Yours")
    assert [item.title for item in told("not_agreed", wanda)] == ["Mine"]


def test_dead_links_of_scheduled_posts(channel: Channel, mona: User) -> None:
    dead = LinkCheck.objects.create(url="https://reef.example/a", status=404)
    LinkCheck.objects.create(url="https://reef.example/down", status=0)
    LinkCheck.objects.create(url="https://reef.example/shy", status=403)
    state, when = PostState.SCHEDULED, "2026-12-01T09:00"
    planned(when, "In the text", state=state, text=f"See {dead.url}, now", channels=[channel])
    planned(when, "Longer", state=state, text=f"See {dead.url}bc", channels=[channel])
    planned(when, "Its link", state=state, link="https://reef.example/down", channels=[channel])
    planned(when, "Waits", state=state, link=dead.url, waits_for_link=True, channels=[channel])
    planned(when, "Shy", state=state, link="https://reef.example/shy", channels=[channel])
    planned(when, "Draft", link=dead.url, channels=[channel])
    own = planned(when, "Base is not used", state=state, text=dead.url)
    VariantFactory(post=own, channel=channel, texts=["Hello"])
    assert {(item.title, item.why) for item in told("dead_links", mona)} == {
        ("A link in “In the text” leads nowhere", "https://reef.example/a answered 404."),
        ("A link in “Its link” leads nowhere", "Nobody answers at https://reef.example/down."),
    }


def test_a_pool_is_tired_when_no_text_may_come_at_its_next_moment(mona: User) -> None:
    series = Series.objects.create(
        name="Tips", kind="evergreen", rrule="FREQ=WEEKLY;BYDAY=TU", starts="2026-01-06T09:00", days_ahead=14
    )
    (item,) = told("tired", mona)
    assert item.why == "It has no text: nothing is made for 8 December."
    used = PoolItem.objects.create(series=series, title="A", text="A", used_at=NOON)
    (item,) = told("tired", mona)
    assert item.why == "Its 1 text was used too lately: nothing is made for 8 December."
    series.cool_down_days = 17
    series.save()
    assert told("tired", mona) == []
    used.is_active = False
    used.save()
    assert [item.title for item in told("tired", mona)] == ["Tips needs more texts"]
    series.paused_at = NOON
    series.save()
    assert told("tired", mona) == []


def test_good_news_counts_what_went_out(wanda: User, bob: User) -> None:
    planned("2026-11-18T09:00", "Sprint", state=PostState.PUBLISHED)
    planned("2026-11-10T09:00", "Before", state=PostState.PUBLISHED)
    planned("2026-11-18T09:00", "Draft")
    assert [news.sentence for news in queries.good_news(wanda)] == ["“Sprint” went out"]
    planned("2026-11-19T09:00", "Thanks", state=PostState.PUBLISHED)
    (news,) = queries.good_news(wanda)
    assert (news.sentence, news.url) == (
        "2 posts went out",
        "/publishing/posts/?state=published&from=2026-11-13&sort=-when",
    )
    bob.grants.all().delete()
    assert queries.good_news(bob) == []
