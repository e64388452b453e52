"""Right before a post leaves: the agreed content, approvals that still hold, the policy, the embargo, a live page."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox import actions as outbox
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing import gates
from folkmoot.publishing.actions import leaving_again, planning
from folkmoot.publishing.actions.agreement.states import approve, hand_in
from folkmoot.publishing.actions.posts import cancel_post
from folkmoot.publishing.models import LinkCheck, Policy, Post, PostApproval, PostApprovalRule
from tests.factories import PostFactory
from tests.publishing.platform import Kept

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
DUE = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def kept(platforms: dict[str, Kept]) -> Kept:
    return platforms["keeping"]


@pytest.fixture
def rule(db: None) -> PostApprovalRule:
    return PostApprovalRule.objects.create(name="Two pairs of eyes")


def turns(number: int = 6) -> None:
    for _ in range(number):
        loop.turn()


def planned(channel: Channel, actor: User, **fields: Any) -> Post:
    post = PostFactory(title="News", text="Hello, all", language="en", channels=[channel], **fields)
    planning.set_time(post=post, wall_time="2026-11-23T09:00", zone="UTC", actor=actor)
    return post


def outcome(post: Post) -> tuple[str, str, str]:
    """Where the post stands, where its delivery, and what is said of it."""
    post.refresh_from_db()
    delivery = Delivery.objects.order_by("pk").last()
    assert delivery is not None
    return post.state, delivery.state, delivery.words


def test_nothing_is_scheduled_that_nobody_agreed_to(
    mona: User,
    wanda: User,
    channel: Channel,
    rule: PostApprovalRule,
    kept: Kept,
    at_noon: time_machine.Traveller,
) -> None:
    post = planned(channel, wanda, written_by=wanda)
    with pytest.raises(ValidationError) as caught:
        planning.schedule(post=post, actor=mona)
    assert caught.value.messages == ["Somebody has to approve it first: Two pairs of eyes."]
    hand_in(post=post, actor=wanda)
    approve(post=post, actor=mona)
    planning.schedule(post=post, actor=mona)
    assert planning.unschedule(post=post, actor=mona).state == "approved"
    planning.schedule(post=post, actor=mona)
    at_noon.move_to(DUE)
    turns()
    assert (outcome(post)[:2], len(kept.posts)) == (("published", "sent"), 1)


def test_an_approval_that_is_over_holds_back(
    mona: User,
    wanda: User,
    channel: Channel,
    rule: PostApprovalRule,
    kept: Kept,
    at_noon: time_machine.Traveller,
) -> None:
    post = planned(channel, wanda, written_by=wanda, owner=wanda)
    hand_in(post=post, actor=wanda)
    approve(post=post, actor=mona)
    planning.schedule(post=post, actor=mona)
    PostApproval.objects.update(until=DUE - dt.timedelta(hours=1))
    at_noon.move_to(DUE)
    turns()
    assert outcome(post) == ("trouble", "withheld", "Nobody agrees to it any more: Two pairs of eyes.")
    assert kept.posts == []
    assert Notice.objects.filter(kind="publishing.trouble").get().user == wanda
    PostApproval.objects.update(until=None)
    leaving_again.try_again(post=post, actor=mona)
    turns()
    assert (outcome(post)[0], len(kept.posts)) == ("published", 1)


def test_other_content_and_a_cancelled_post_do_not_leave(
    mona: User, channel: Channel, kept: Kept, at_noon: time_machine.Traveller
) -> None:
    post = planned(channel, mona)
    planning.schedule(post=post, actor=mona)
    Post.objects.filter(pk=post.pk).update(content_sha256="0" * 64)
    at_noon.move_to(DUE)
    turns()
    assert outcome(post) == ("trouble", "withheld", "The post was changed after this was planned.")
    other = PostFactory(title="Other", channels=[channel])
    planning.set_time(post=other, wall_time="2026-11-24T09:00", zone="UTC", actor=mona)
    planning.schedule(post=other, actor=mona)
    cancel_post(post=other, actor=mona)
    last = Delivery.objects.order_by("pk").last()
    assert last is not None
    outbox.send_now(delivery=last, actor=mona)
    turns()
    assert outcome(other) == ("cancelled", "withheld", "The post is “cancelled” by now.")
    assert kept.posts == []


def test_the_policy_is_asked_when_scheduling_and_when_sending(
    mona: User, channel: Channel, kept: Kept, at_noon: time_machine.Traveller
) -> None:
    post = planned(channel, mona)
    planning.schedule(post=post, actor=mona)
    rule = "- id: campaign\n  check: required\n  severity: block\n  params: {fields: [campaign]}\n"
    Policy.objects.create(pk=1, text=f"version: 1\nrules:\n{rule}")
    at_noon.move_to(DUE)
    turns()
    state, of_delivery, words = outcome(post)
    assert (state, of_delivery) == ("trouble", "withheld")
    second = PostFactory(channels=[channel])
    planning.set_time(post=second, wall_time="2026-12-01T09:00", zone="UTC", actor=mona)
    with pytest.raises(ValidationError) as caught:
        planning.schedule(post=second, actor=mona)
    assert caught.value.messages == [words]
    assert "campaign" in words
    assert kept.posts == []


def test_an_embargo_that_came_later_is_waited_for(
    mona: User, channel: Channel, kept: Kept, at_noon: time_machine.Traveller
) -> None:
    post = planned(channel, mona)
    planning.schedule(post=post, actor=mona)
    Post.objects.filter(pk=post.pk).update(embargo_until=DUE + dt.timedelta(hours=1))
    Policy.objects.create(pk=1, text="version: 1\nrules: []\n")
    at_noon.move_to(DUE)
    turns()
    assert outcome(post)[:2] == ("scheduled", "scheduled")
    at_noon.move_to(DUE + dt.timedelta(hours=1, seconds=1))
    turns()
    assert (outcome(post)[0], len(kept.posts)) == ("published", 1)


# --- the page that is waited for


class _Page(BaseHTTPRequestHandler):
    status = 404
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(type(self).status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def page(settings: Any) -> Iterator[str]:
    """A page that is not there yet."""
    _Page.status, _Page.asked = 404, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.HTTP_ALLOW = [f"127.0.0.1:{server.server_port}"]
    yield f"http://127.0.0.1:{server.server_port}/news"
    server.shutdown()
    server.server_close()


def test_it_leaves_once_its_link_answers(
    mona: User, channel: Channel, kept: Kept, page: str, at_noon: time_machine.Traveller
) -> None:
    post = planned(channel, mona, link=page, waits_for_link=True)
    planning.schedule(post=post, actor=mona)
    at_noon.move_to(DUE)
    turns()
    assert outcome(post) == ("scheduled", "scheduled", f"The link is not live yet (404): {page}.")
    assert _Page.asked == 1
    _Page.status = 200
    at_noon.shift(dt.timedelta(seconds=61))
    turns()
    assert (outcome(post)[0], len(kept.posts), LinkCheck.objects.get().status) == ("published", 1, 200)


def test_a_link_that_never_answers_is_missed(
    mona: User, channel: Channel, kept: Kept, page: str, at_noon: time_machine.Traveller
) -> None:
    post = planned(channel, mona, link=page, waits_for_link=True, grace_hours=1)
    planning.schedule(post=post, actor=mona)
    at_noon.move_to(DUE)
    turns()
    at_noon.shift(dt.timedelta(hours=1, minutes=1))
    turns()
    assert (outcome(post)[:2], kept.posts) == (("trouble", "missed"), [])


def test_withdrawing_needs_no_agreement(mona: User, channel: Channel, kept: Kept) -> None:
    post = PostFactory(channels=[channel])
    planning.publish_now(post=post, actor=mona)
    turns()
    PostApprovalRule.objects.create(name="Later rule")
    leaving_again.withdraw_everywhere(post=post, actor=mona)
    turns()
    assert (outcome(post)[0], kept.there) == ("cancelled", {})


def test_what_belongs_to_no_post_does_not_leave(mona: User, channel: Channel) -> None:
    delivery = Delivery(channel=channel, kind="publishing.post", verb="send")
    assert gates.may_leave(delivery) == "The post that it belongs to was deleted."
    assert gates.link_is_live(delivery) == ""
