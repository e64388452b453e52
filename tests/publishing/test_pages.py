"""Pages of posts: the list, the record, and who may do what on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Part, Post, PostState, Series
from tests.conftest import signed_in
from tests.factories import CampaignFactory, MediaFactory, PartMediaFactory, PostFactory, TagFactory
from tests.publishing.platform import make_channel

pytestmark = pytest.mark.django_db

POSTS = "/publishing/posts/"


@pytest.fixture
def as_wanda(wanda: User) -> Client:
    return signed_in(wanda)


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


def planned(post: Post, wall: str = "2030-05-06T09:00", zone: str = "Europe/Berlin") -> Post:
    """The post with a time."""
    from folkmoot.outbox.public import instant

    post.wall_time, post.zone = wall, zone
    post.due_at = instant(dt.datetime.fromisoformat(wall), zone)
    post.save()
    return post


def titles(client: Client, query: str = "") -> list[str]:
    """The titles that the list shows."""
    rows = client.get(f"{POSTS}?{query}").context["list"].rows
    return [row.first.value for row in rows]


def test_the_list_asks_the_same_queries_with_one_row_and_with_three(
    as_wanda: Client, wanda: User, django_assert_num_queries: Any
) -> None:
    channels = [make_channel(), make_channel("bare")]
    tag = TagFactory.create()
    for number in range(3):
        post = planned(PostFactory.create(channels=channels, owner=wanda, campaign=CampaignFactory.create()))
        post.tags.add(tag)
        if number in (0, 2):
            with django_assert_num_queries(14):
                assert as_wanda.get(POSTS).status_code == 200


def test_the_list_is_narrowed_by_its_address(as_wanda: Client, wanda: User, mona: User) -> None:
    here, there = make_channel(), make_channel("bare")
    tag, campaign = TagFactory.create(), CampaignFactory.create()
    one = planned(
        PostFactory.create(title="One", channels=[here], owner=wanda, campaign=campaign, language="es")
    )
    one.tags.add(tag)
    PostFactory.create(title="Two", text="Words about glaciers", channels=[there], owner=mona, state="review")
    for query, wanted in (
        ("", ["Two", "One"]),
        ("state=review", ["Two"]),
        (f"channel={here.pk}", ["One"]),
        (f"channel={here.pk}&channel={there.pk}", ["Two", "One"]),
        (f"campaign={campaign.pk}", ["One"]),
        (f"tag={tag.pk}", ["One"]),
        (f"owner={mona.pk}", ["Two"]),
        ("language=es", ["One"]),
        ("kind=single", ["Two", "One"]),
        ("from=2030-05-06&until=2030-05-06", ["One"]),
        ("from=2030-05-07", []),
        ("mine=1", ["One"]),
        ("q=glaciers", ["Two"]),
        ("q=one", ["One"]),
    ):
        assert titles(as_wanda, query) == wanted, query


def test_the_list_as_a_file(as_wanda: Client, wanda: User) -> None:
    planned(PostFactory.create(title="One", channels=[make_channel(name="Fedi")], owner=wanda))
    rows = b"".join(as_wanda.get(f"{POSTS}?export=csv")).decode("utf-8-sig").splitlines()
    assert rows[0].split(",")[:4] == ["Post", "State", "When", "Channels"]
    assert rows[1].split(",")[:4] == ["One", "draft", "2030-05-06 09:00 Europe/Berlin", "Fedi"]


def test_a_post_shows_what_each_channel_gets(as_wanda: Client, wanda: User, channel: Channel) -> None:
    post = PostFactory.create(
        title="One", text="Hello, <b>world</b> #OpenScience", channels=[channel], owner=wanda
    )
    page = as_wanda.get(reverse("publishing:post", args=[post.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Hello, &lt;b&gt;world&lt;/b&gt; " in text
    assert '<span class="seg-tag">#OpenScience</span>' in text
    (place,) = page.context["page"].places
    assert [(count.length, count.limit) for count in place.preview.parts[0].counts] == [(32, 100)]


def test_what_a_platform_would_refuse_leads_to_its_field(
    as_wanda: Client, wanda: User, channel: Channel
) -> None:
    post = PostFactory.create(text="x" * 104, channels=[channel], owner=wanda)
    page = as_wanda.get(reverse("publishing:post", args=[post.pk]))
    ((place, words, anchor),) = page.context["page"].problems
    assert (place.variant.channel, words, anchor) == (
        channel,
        "The text is too long by 4 characters (104 of 100).",
        "text-base-1",
    )
    assert page.context["page"].step == "edit"


@pytest.mark.parametrize(
    ("state", "has_time", "step"),
    [
        (PostState.DRAFT, False, "time"),
        (PostState.DRAFT, True, "schedule"),
        (PostState.APPROVED, True, "schedule"),
        (PostState.REVIEW, True, "approve"),
        (PostState.SCHEDULED, True, "move"),
        (PostState.PUBLISHED, True, ""),
        (PostState.TROUBLE, True, "look"),
        (PostState.CANCELLED, False, "reopen"),
    ],
)
def test_one_next_step_for_each_state(
    as_mona: Client, channel: Channel, state: PostState, has_time: bool, step: str
) -> None:
    post = PostFactory.create(channels=[channel])
    if has_time:
        planned(post)
    Post.objects.filter(pk=post.pk).update(state=state)
    assert as_mona.get(reverse("publishing:post", args=[post.pk])).context["page"].step == step


def test_a_post_asks_the_same_queries_with_one_channel_and_with_three(
    as_mona: Client, django_assert_num_queries: Any
) -> None:
    for number in (1, 3):
        post = PostFactory.create(channels=[make_channel() for _n in range(number)])
        with django_assert_num_queries(20):
            assert as_mona.get(reverse("publishing:post", args=[post.pk])).status_code == 200


def test_a_full_post_that_waits_asks_the_same_queries_however_much_stands_in_it(
    as_mona: Client, wanda: User, mona: User, django_assert_num_queries: Any
) -> None:
    """With a rule of agreement, an approval that is missing, pictures, a campaign, links, mentions."""
    agreement.load_rules()
    for number in (1, 3):
        post = PostFactory.create(
            text="Hello, @[ada] https://example.org/",
            channels=[make_channel() for _n in range(number)],
            campaign=CampaignFactory.create(),
            written_by=wanda,
        )
        for _n in range(number):
            PartMediaFactory.create(part=Part.objects.get(variant__post=post), media=MediaFactory.create())
            post.tags.add(TagFactory.create())
        agreement.hand_in(post=planned(post), actor=wanda)
        for _n in range(number):
            agreement.add_comment(post=post, actor=mona, text="Good")
        with django_assert_num_queries(30):
            page = as_mona.get(reverse("publishing:post", args=[post.pk]))
        assert page.context["page"].agreement.may_approve
        assert [user.pk for user in page.context["page"].agreement.approvers] == [mona.pk]


def test_the_history_of_a_post_is_told_in_words(as_mona: Client, mona: User, channel: Channel) -> None:
    """What is kept as JSON stands there without braces, what is empty not at all, and fields have names."""
    made = save_post(values={"title": "One"}, channels=[channel], actor=mona)
    save_variant(
        post=made, channel=channel, options={"visibility": "unlisted", "sensitive": True}, actor=mona
    )
    page = as_mona.get(reverse("publishing:post_history", args=[made.pk]))
    told = [
        (entry.kind, entry.noun, [(change.label, change.before, change.after) for change in entry.changes])
        for entry in page.context["entries"]
        if entry.changes
    ]
    assert told == [
        ("~", "variant", [("said for this platform", "", "sensitive: yes, visibility: unlisted")]),
        (
            "+",
            "variant",
            [("channel", "", channel.name), ("like the base text", "", "yes"), ("version", "", "1")],
        ),
        ("+", "variant", [("like the base text", "", "no"), ("version", "", "1")]),
        (
            "+",
            "post",
            [
                ("title", "", "One"),
                ("kind", "", "single post"),
                ("state", "", "draft"),
                ("who looks after it", "", "Mona Manager"),
                ("written by", "", "Mona Manager"),
                ("waits until the link is live", "", "no"),
            ],
        ),
    ]
    assert "{" not in page.content.decode().partition("<main")[2].partition("</main")[0]


def test_the_history_of_a_series_names_what_it_is_narrowed_to(as_mona: Client, mona: User) -> None:
    row = Series.objects.create(name="Packages", kind="triggered", occasion="package_accepted")
    row.narrowed = {"project": "wavefold"}
    row.save()
    page = as_mona.get(reverse("publishing:series_history", args=[row.pk]))
    newest = page.context["entries"][0]
    assert [(change.label, change.before, change.after) for change in newest.changes] == [
        ("only for", "", "project: wavefold")
    ]
