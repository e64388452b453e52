"""Times and what is planned: scheduled, moved, taken out, sent once, what the state says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.connectors.base import Outcome
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.ledger.models import Activity
from folkmoot.outbox import actions as outbox
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import Identity
from folkmoot.publishing import finding, settling, times
from folkmoot.publishing.actions import leaving_again, planning
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Post, PostState, Publication, Variant
from tests.factories import CampaignFactory, PersonFactory, PostFactory, VariantFactory
from tests.publishing.platform import Kept, make_channel

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
NINE = "2026-11-23T09:00"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def kept(platforms: dict[str, Kept]) -> Kept:
    return platforms["keeping"]


def state(post: Post) -> str:
    post.refresh_from_db()
    return post.state


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def turns(number: int = 6) -> None:
    for _ in range(number):
        loop.turn()


def scheduled(
    *channels: Channel, actor: User, at: str = NINE, zone: str = "Europe/Berlin", text: str = "Hello"
) -> Post:
    post = PostFactory(text=text, channels=list(channels))
    planning.set_time(post=post, wall_time=at, zone=zone, actor=actor)
    return planning.schedule(post=post, actor=actor)


def refused(call: object, *arguments: object, **more: object) -> list[str]:
    """The words with which something is refused."""
    with pytest.raises(ValidationError) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    return caught.value.messages


# --- scheduling


def test_one_delivery_for_each_channel_and_part(mona: User, channel: Channel) -> None:
    other = make_channel(name="Other")
    post = PostFactory(title="News", text="To all", channels=[channel])
    variant = VariantFactory(post=post, channel=other, texts=["One", "Two"])
    planning.set_time(post=post, wall_time=NINE, zone="Europe/Berlin", actor=mona)
    for _twice in range(2):
        assert planning.schedule(post=post, actor=mona).state == "scheduled"
    one, two, three = Delivery.objects.order_by("pk")
    assert [(each.title, each.channel, each.payload["text"]) for each in (one, two, three)] == [
        ("News", channel, "To all"),
        ("News (1/2)", other, "One"),
        ("News (2/2)", other, "Two"),
    ]
    assert {
        (each.kind, each.area, each.wall_time, each.zone, each.asked_by) for each in (one, two, three)
    } == {("publishing.post", "publishing", NINE, "Europe/Berlin", mona)}
    assert {each.due_at for each in (one, two, three)} == {dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)}
    assert [each.depends_on for each in (one, two, three)] == [None, None, two]
    assert [each.key for each in (two, three)] == [f"post:{variant.pk}:1:1", f"post:{variant.pk}:2:1"]
    assert one.payload["marker"] == one.token.hex
    post.refresh_from_db()
    assert set(Publication.objects.values_list("content_sha256", flat=True)) == {post.content_sha256}


def test_what_keeps_a_post_from_being_scheduled(mona: User, channel: Channel) -> None:
    post = PostFactory()
    assert refused(planning.schedule, post=post, actor=mona) == ["Say when it is to leave."]
    planning.set_time(post=post, wall_time=NINE, zone="UTC", actor=mona)
    assert refused(planning.schedule, post=post, actor=mona) == ["Choose at least one channel."]
    save_post(post=post, values={}, channels=[channel], actor=mona)
    save_variant(post=post, channel=None, text_parts=["x" * 101], actor=mona)
    assert refused(planning.schedule, post=post, actor=mona) == [
        f"{channel}: The text is too long: 101 of 100 characters."
    ]
    save_variant(post=post, channel=None, text_parts=["x"], actor=mona)
    Channel.objects.filter(pk=channel.pk).update(expires_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    assert refused(planning.schedule, post=post, actor=mona) == [
        f"The access to {channel} ends on 22 November 2026, 00:00, before the post leaves: connect it anew first."
    ]
    Channel.objects.filter(pk=channel.pk).update(expires_at=None)
    save_post(post=post, values={"embargo_until": dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)}, actor=mona)
    assert refused(planning.schedule, post=post, actor=mona) == [
        "It is under embargo until 24 November 2026, 06:00."
    ]
    save_post(post=post, values={"embargo_until": None}, actor=mona)
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC), tick=False):
        assert refused(planning.schedule, post=post, actor=mona) == [
            "That moment is over: choose a later one, or publish now."
        ]
    assert (states(), state(post)) == ([], "draft")
    planning.schedule(post=post, actor=mona)
    assert states() == ["scheduled"]


def test_times_that_the_clocks_leave_out_or_repeat(mona: User) -> None:
    post = PostFactory()
    for at, zone, due in (
        ("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30"),
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T00:30"),
        ("2028-02-29T09:00", "America/New_York", "2028-02-29T14:00"),
        ("2027-07-01T09:00", "Asia/Kathmandu", "2027-07-01T03:15"),
    ):
        planning.set_time(post=post, wall_time=at, zone=zone, actor=mona)
        post.refresh_from_db()
        assert (post.wall_time, post.zone) == (at, zone)
        assert post.due_at == dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)
    assert refused(planning.set_time, post=post, wall_time=NINE, zone="Moon/Base", actor=mona) == [
        "There is no time zone “Moon/Base”."
    ]
    assert refused(planning.set_time, post=post, wall_time="soon", zone="UTC", actor=mona) == [
        "This is no date and time: 2026-11-20 09:00."
    ]
    planning.set_time(post=post, wall_time=None, zone="", actor=mona)
    post.refresh_from_db()
    assert (post.wall_time, post.zone, post.due_at) == ("", "", None)


def test_how_late_it_may_leave(mona: User, channel: Channel) -> None:
    post = scheduled(channel, actor=mona)
    delivery = Delivery.objects.get()
    assert delivery.not_after - delivery.due_at == dt.timedelta(hours=6)
    planning.unschedule(post=post, actor=mona)
    save_post(post=post, values={"campaign": CampaignFactory(grace_hours=2)}, actor=mona)
    planning.schedule(post=post, actor=mona)
    delivery = Delivery.objects.get(state="scheduled")
    assert delivery.not_after - delivery.due_at == dt.timedelta(hours=2)
    planning.unschedule(post=post, actor=mona)
    save_post(post=post, values={"grace_hours": 0}, actor=mona)
    planning.schedule(post=post, actor=mona)
    delivery = Delivery.objects.get(state="scheduled")
    assert delivery.not_after == delivery.due_at


def test_moved_with_its_deliveries_and_channels_of_their_own_time(mona: User, channel: Channel) -> None:
    other = make_channel(name="Other")
    post = scheduled(channel, other, actor=mona)
    variant = Variant.objects.get(channel=other)
    planning.set_variant_time(
        variant=variant, wall_time="2026-11-23T15:00", zone="America/New_York", actor=mona
    )
    sha = Post.objects.get(pk=post.pk).content_sha256
    before = planning.move(post=post, wall_time="2026-11-24T10:30", zone="Europe/Berlin", actor=mona)
    assert (before.wall_time, before.zone) == (dt.datetime(2026, 11, 23, 9), "Europe/Berlin")
    rows = Delivery.objects.order_by("channel_id").values_list("wall_time", "zone", "due_at", "state")
    assert list(rows) == [
        ("2026-11-24T10:30", "Europe/Berlin", dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC), "scheduled"),
        (
            "2026-11-24T16:30",
            "America/New_York",
            dt.datetime(2026, 11, 24, 21, 30, tzinfo=dt.UTC),
            "scheduled",
        ),
    ]
    assert Post.objects.get(pk=post.pk).content_sha256 == sha
    planning.move(post=post, wall_time=before.wall_time, zone=before.zone, actor=mona)
    assert list(Delivery.objects.order_by("channel_id").values_list("wall_time", flat=True)) == [
        NINE,
        "2026-11-23T15:00",
    ]
    assert refused(planning.move, post=post, wall_time="2026-11-20T12:00", zone="UTC", actor=mona) == [
        "That moment is over."
    ]
    assert refused(planning.move, post=post, wall_time=None, zone="", actor=mona) == [
        "It is scheduled: take it out of the schedule first."
    ]


def test_many_are_moved_or_none(mona: User, channel: Channel) -> None:
    one, two = scheduled(channel, actor=mona), PostFactory(title="Two")
    moves = [(one, "2026-11-25T09:00", "UTC"), (two, "2026-11-19T09:00", "UTC")]
    assert refused(planning.move_many, moves=moves, actor=mona) == ["Two: That moment is over."]
    one.refresh_from_db()
    assert one.wall_time == NINE
    moves[1] = (two, "2026-11-26T09:00", "UTC")
    assert [each.wall_time for each in planning.move_many(moves=moves, actor=mona)] == [
        dt.datetime(2026, 11, 23, 9),
        None,
    ]


def test_taken_out_and_scheduled_again_leaves_once(
    mona: User, channel: Channel, kept: Kept, at_noon: time_machine.Traveller
) -> None:
    post = scheduled(channel, actor=mona)
    for _twice in range(2):
        assert planning.unschedule(post=post, actor=mona).state == "draft"
    assert states() == ["cancelled"]
    planning.schedule(post=post, actor=mona)
    assert states() == ["cancelled", "scheduled"]
    at_noon.move_to(dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC))
    turns()
    assert [content.text for content in kept.posts] == ["Hello"]
    assert state(post) == "published"


def test_an_edit_takes_a_scheduled_post_back(mona: User, channel: Channel) -> None:
    post = scheduled(channel, actor=mona)
    save_variant(post=post, channel=None, text_parts=["Other"], actor=mona)
    assert (state(post), states()) == ("draft", ["cancelled"])
    planning.schedule(post=post, actor=mona)
    assert [row.payload["text"] for row in Delivery.objects.filter(state="scheduled")] == ["Other"]


def test_published_now(mona: User, channel: Channel, kept: Kept) -> None:
    post = PostFactory(channels=[channel])
    planning.publish_now(post=post, actor=mona)
    assert (state(post), post.wall_time, post.zone, post.due_at) == (
        "scheduled",
        "2026-11-20T12:00",
        "UTC",
        NOON,
    )
    turns()
    assert len(kept.posts) == 1
    assert state(post) == "published"
    assert refused(planning.publish_now, post=post, actor=mona) == [
        "This post is “published”: it is not scheduled again. Publish it again, or copy it."
    ]
    second = scheduled(channel, actor=mona)
    planning.publish_now(post=second, actor=mona)
    turns()
    assert (len(kept.posts), state(second)) == (2, "published")


# --- what became of it


def test_published_is_told_to_the_ledger_once(mona: User, channel: Channel, kept: Kept) -> None:
    PersonFactory(name="Mona", user=mona)
    post = PostFactory(title="News", channels=[channel], written_by=mona)
    planning.publish_now(post=post, actor=mona)
    turns()
    told = Activity.objects.get(kind="publishing.published")
    assert told.occurred_at == NOON
    assert told.identity == Identity.objects.get(person__user=mona)
    assert told.detail == {
        "post": post.pk,
        "title": "News",
        "channel": channel.name,
        "platform": "keeping",
        "url": "https://platform.example/post-1",
    }
    settling.heard(sender=None, delivery=Delivery.objects.get())
    leaving_again.publish_again(variant=Variant.objects.get(channel=channel), actor=mona)
    turns()
    assert len(kept.posts) == 2
    assert Activity.objects.filter(kind="publishing.published").count() == 1


def test_trouble_is_told_to_the_owner_and_ends_by_another_try(
    mona: User, wanda: User, channel: Channel, kept: Kept
) -> None:
    post = PostFactory(title="News", channels=[channel], owner=wanda)
    kept.answers[:] = [Outcome.no("422 too loud")]
    planning.publish_now(post=post, actor=mona)
    turns()
    assert state(post) == "trouble"
    notice = Notice.objects.get()
    assert (notice.user, notice.title, notice.body) == (
        wanda,
        f"“News” on {channel}: refused",
        "422 too loud",
    )
    assert [row.channel for row in leaving_again.try_again(post=post, actor=mona)] == [channel]
    assert state(post) == "scheduled"
    turns()
    assert (state(post), len(kept.posts)) == ("published", 1)
    assert leaving_again.try_again(post=post, actor=mona) == []


def test_a_thread_goes_on_where_it_stopped(mona: User, channel: Channel, kept: Kept) -> None:
    post = PostFactory(channels=[])
    variant = VariantFactory(post=post, channel=channel, texts=["One", "Two", "Three"])
    planning.publish_now(post=post, actor=mona)
    loop.turn()
    kept.answers[:] = [Outcome.no("422 no")]
    turns()
    assert states() == ["sent", "failed", "scheduled"]
    assert state(post) == "trouble"
    save_variant(
        post=post, channel=channel, text_parts=["One", "Two mended", "Three"], actor=mona, correcting=True
    )
    assert refused(leaving_again.try_again, post=post, actor=mona) == [
        f"The content was changed since: publish it again on {channel}."
    ]
    outbox.cancel(delivery=Delivery.objects.get(state="scheduled"), actor=mona)
    leaving_again.publish_again(variant=variant, rest=True, actor=mona)
    turns()
    assert [content.text for content in kept.posts] == ["One", "Two mended", "Three"]
    assert [sending.previous.remote_id if sending.previous else None for sending in kept.sendings] == [
        None,
        "post-1",
        "post-1",
        "post-2",
    ]
    assert state(post) == "published"


def test_what_nobody_knows_is_not_published_beside(mona: User, channel: Channel, kept: Kept) -> None:
    post = PostFactory(channels=[channel], owner=mona)
    kept.answers[:] = [Outcome.unknown("no answer came")]
    planning.publish_now(post=post, actor=mona)
    turns()
    assert (states(), state(post)) == (["needs_person"], "trouble")
    assert refused(leaving_again.publish_again, variant=Variant.objects.get(channel=channel), actor=mona) == [
        f"It is still on its way to {channel}, or nobody knows whether it is there."
    ]
    outbox.it_is_there(delivery=Delivery.objects.get(), actor=mona, url="https://platform.example/1")
    assert state(post) == "published"


def test_a_person_posts_by_hand(mona: User, wanda: User) -> None:
    channel = make_channel("byhand", name="Letter")
    post = PostFactory(title="News", text="Read this", channels=[channel], owner=wanda)
    planning.publish_now(post=post, actor=mona)
    turns()
    assert (states(), state(post)) == (["needs_person"], "scheduled")
    assert list(Notice.objects.values_list("user", "kind", "title", "body")) == [
        (wanda.pk, "publishing.by_hand", "“News” is to be posted on Letter now", "Read this")
    ]
    outbox.it_is_there(delivery=Delivery.objects.get(), actor=wanda, url="https://letter.example/1")
    assert state(post) == "published"


def test_cancelled_in_the_outbox_it_is_a_draft_again(mona: User, channel: Channel) -> None:
    post = scheduled(channel, make_channel(), actor=mona)
    one, two = Delivery.objects.all()
    outbox.cancel(delivery=one, actor=mona)
    assert state(post) == "scheduled"
    outbox.cancel(delivery=two, actor=mona)
    assert state(post) == "draft"


# --- leaving_again


def test_corrected_everywhere(mona: User, channel: Channel, kept: Kept) -> None:
    bare = make_channel("bare", name="Bare")
    post = PostFactory(text="Helo", channels=[channel])
    Variant.objects.create(post=post, channel=bare)
    save_variant(post=post, channel=None, title="Title", actor=mona)
    assert refused(leaving_again.correct_everywhere, post=post, actor=mona) == [
        "Nothing of this post is there."
    ]
    planning.publish_now(post=post, actor=mona)
    turns()
    assert state(post) == "published"
    assert leaving_again.correct_everywhere(post=post, actor=mona).queued == []
    save_variant(post=post, channel=None, text_parts=["Hello"], actor=mona, correcting=True)
    for number in (1, 0):
        done = leaving_again.correct_everywhere(post=post, actor=mona)
        assert len(done.queued) == number
        assert done.problems == ["Bare: what is there cannot be corrected from here."]
    turns()
    assert [content.text for content in kept.there.values()] == ["Hello"]
    assert state(post) == "published"


def test_withdrawn_everywhere(mona: User, channel: Channel, kept: Kept) -> None:
    post = PostFactory(channels=[channel])
    planning.publish_now(post=post, actor=mona)
    turns()
    done = leaving_again.withdraw_everywhere(post=post, actor=mona)
    assert (len(done.queued), done.problems, state(post)) == (1, [], "published")
    turns()
    assert (kept.there, state(post)) == ({}, "cancelled")
    leaving_again.withdraw_everywhere(post=post, actor=mona)
    assert Delivery.objects.count() == 2
    planned = scheduled(channel, actor=mona)
    assert len(leaving_again.withdraw_everywhere(post=planned, actor=mona).cancelled) == 1
    assert state(planned) == PostState.CANCELLED


def test_the_job_sees_what_nobody_told(mona: User, channel: Channel, at_noon: time_machine.Traveller) -> None:
    post = scheduled(channel, actor=mona)
    Delivery.objects.update(state="needs_person")
    at_noon.move_to(dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC))
    assert settling.settle(None) == {"changed": 1}  # type: ignore[arg-type]
    assert state(post) == "trouble"
    assert settling.settle(None) == {"changed": 0}  # type: ignore[arg-type]


def test_moments_follow_the_rules_of_a_zone(mona: User, channel: Channel) -> None:
    post = scheduled(channel, actor=mona)
    assert times.keep_times(None) == {"changed": 0}
    due = Post.objects.get(pk=post.pk).due_at
    Post.objects.filter(pk=post.pk).update(due_at=due + dt.timedelta(hours=1))  # type: ignore[operator]
    assert times.keep_times(None) == {"changed": 1}
    assert Post.objects.get(pk=post.pk).due_at == due


def test_found_by_what_it_says(mona: User, channel: Channel, django_assert_num_queries: Any) -> None:
    post = PostFactory(
        title="News", text="About meerkats", channels=[channel], campaign=CampaignFactory(name="Spring")
    )
    post.people.add(PersonFactory(name="Ada Quill"))
    with django_assert_num_queries(5):
        (found,) = finding.post_documents([post.pk])
    assert (found.title, found.subtitle) == ("News", f"draft · {channel}")
    assert found.text.split() == ["About", "meerkats", "Spring", "Ada", "Quill"]
    PostFactory(channels=[channel])
    both = list(Post.objects.values_list("pk", flat=True))
    with django_assert_num_queries(5):
        assert len(list(finding.post_documents(both))) == 2
    with django_assert_num_queries(2):
        assert [each.title for each in finding.campaign_documents([post.campaign_id])] == ["Spring"]
