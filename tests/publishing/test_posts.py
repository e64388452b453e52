"""Posts and what they say: made, changed, cut into threads, copied, cancelled, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from folkmoot.connectors.posts import Limits
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing import threads
from folkmoot.publishing.actions import planning
from folkmoot.publishing.actions.deleting import delete_post
from folkmoot.publishing.actions.posts import (
    cancel_post,
    duplicate_post,
    remove_variant,
    reopen_post,
    save_post,
    set_tags,
)
from folkmoot.publishing.actions.variants import save_variant, split_variant
from folkmoot.publishing.content import content_hash
from folkmoot.publishing.models import (
    Part,
    PartMedia,
    Post,
    PostApproval,
    PostApprovalRule,
    PostState,
    Variant,
)
from tests.factories import MediaFactory, PostFactory, TagFactory
from tests.publishing.platform import Keeping, make_channel

pytestmark = pytest.mark.django_db


def said(post: Post, channel: Channel | None) -> list[str]:
    rows = Part.objects.filter(variant__post=post, variant__channel=channel)
    return list(rows.order_by("position").values_list("text", flat=True))


def agreed(post: Post, user: User) -> PostApproval:
    """Somebody agreed to the post as it is."""
    rule = PostApprovalRule.objects.create(name=f"rule {PostApprovalRule.objects.count()}")
    Post.objects.filter(pk=post.pk).update(state=PostState.APPROVED)
    return PostApproval.objects.create(post=post, rule=rule, content_sha256=content_hash(post), by=user)


def test_made_and_written(wanda: User, channel: Channel) -> None:
    post = save_post(values={"title": " A  release "}, channels=[channel], actor=wanda)
    assert (post.title, post.folded, post.state, post.owner, post.written_by) == (
        "A release",
        "a release",
        "draft",
        wanda,
        wanda,
    )
    assert said(post, None) == [""]
    assert post.content_sha256 == content_hash(post) != ""
    save_variant(post=post, channel=None, text_parts=["One\r\ntwo ", "Three"], actor=wanda)
    assert said(post, None) == ["One\ntwo", "Three"]
    assert Part.history.filter(history_user=wanda).count() == 3
    save_variant(post=post, channel=None, text_parts=["Only one"], actor=wanda)
    assert said(post, None) == ["Only one"]
    fresh = Post.objects.get(pk=post.pk)
    assert fresh.content_sha256 == content_hash(fresh) != post.content_sha256
    before = Post.history.count()
    save_post(post=post, values={"title": "A release"}, channels=[channel], actor=wanda)
    save_variant(post=post, channel=None, text_parts=["Only one"], actor=wanda)
    assert Post.history.count() == before


def test_without_a_title_nothing_is_made(wanda: User) -> None:
    with pytest.raises(ValidationError) as caught:
        save_post(values={"title": " "}, actor=wanda)
    assert list(caught.value.message_dict) == ["title"]
    assert Post.objects.count() == 0


def test_a_channel_of_its_own_words_begins_with_the_base_and_keeps_them(
    wanda: User, channel: Channel
) -> None:
    post = PostFactory(text="To all", channels=[channel])
    media = MediaFactory()
    save_variant(post=post, channel=None, media=[[(media, "Words")]], actor=wanda)
    variant = save_variant(post=post, channel=channel, follows_base=False, actor=wanda)
    assert said(post, channel) == ["To all"]
    assert list(PartMedia.objects.filter(part__variant=variant).values_list("media", "alt")) == [
        (media.pk, "Words")
    ]
    save_variant(post=post, channel=channel, text_parts=["Own"], actor=wanda)
    save_variant(post=post, channel=channel, follows_base=True, actor=wanda)
    assert said(post, channel) == ["Own"]
    save_variant(post=post, channel=channel, follows_base=False, actor=wanda)
    assert said(post, channel) == ["Own"]
    assert {job.kind for job in Job.objects.all()} == {"publishing.renditions"}


def test_pictures_are_ordered_once_and_taken_off(wanda: User) -> None:
    post = PostFactory()
    one, two = MediaFactory(), MediaFactory()
    save_variant(post=post, channel=None, media=[[(one, ""), (two, ""), (one, "again")]], actor=wanda)
    uses = PartMedia.objects.order_by("position")
    assert list(uses.values_list("media", "position", "alt")) == [(one.pk, 1, ""), (two.pk, 2, "")]
    save_variant(post=post, channel=None, media=[[(two, "Two"), (one, "")]], actor=wanda)
    assert list(uses.values_list("media", "position", "alt")) == [(two.pk, 1, "Two"), (one.pk, 2, "")]
    save_variant(post=post, channel=None, media=[[]], actor=wanda)
    assert uses.count() == 0
    with pytest.raises(ValidationError):
        save_variant(post=post, channel=None, media=[[], [(one, "")]], actor=wanda)


def test_other_content_than_was_agreed_to_is_a_draft_again(wanda: User, mona: User, channel: Channel) -> None:
    post = PostFactory(channels=[channel])
    given = agreed(post, mona)
    save_post(post=post, values={"title": "Other title for lists"}, actor=wanda)
    post.refresh_from_db()
    given.refresh_from_db()
    assert (post.state, given.withdrawn_at) == ("approved", None)
    save_variant(post=post, channel=None, text_parts=["Other"], actor=wanda)
    post.refresh_from_db()
    given.refresh_from_db()
    assert post.state == "draft"
    assert given.withdrawn_at is not None


def test_what_has_left_stays(wanda: User, channel: Channel) -> None:
    post = PostFactory(channels=[channel], state=PostState.PUBLISHED)
    for change in (
        lambda: save_post(post=post, values={"title": "Other"}, actor=wanda),
        lambda: save_variant(post=post, channel=None, text_parts=["Other"], actor=wanda),
    ):
        with pytest.raises(ValidationError) as caught:
            change()
        assert caught.value.messages == [
            "This post has left and stays as it is. Correct it, or publish it again."
        ]
    save_variant(post=post, channel=None, text_parts=["Mended"], actor=wanda, correcting=True)
    post.refresh_from_db()
    assert (post.state, said(post, None)) == ("published", ["Mended"])


def test_channels_come_and_go(wanda: User, channel: Channel) -> None:
    other = make_channel()
    post = PostFactory(channels=[channel])
    save_post(post=post, values={}, channels=[other], actor=wanda)
    assert list(Variant.objects.filter(post=post).order_by("pk").values_list("channel", "follows_base")) == [
        (None, False),
        (other.pk, True),
    ]
    mail = Channel.objects.create(kind="house", name="Mail", medium="mail")
    for wrong, words in ((mail, "Mail takes no posts."),):
        with pytest.raises(ValidationError) as caught:
            save_post(post=post, values={}, channels=[wrong], actor=wanda)
        assert caught.value.message_dict == {"channels": [words]}
    with pytest.raises(ValidationError):
        save_variant(post=post, channel=channel, text_parts=["x"], actor=wanda)
    remove_variant(variant=Variant.objects.get(channel=other), actor=wanda)
    assert Variant.objects.filter(post=post).count() == 1
    with pytest.raises(ValidationError):
        remove_variant(variant=Variant.objects.get(post=post), actor=wanda)


def test_a_copy_says_the_same_and_is_a_draft(wanda: User, channel: Channel) -> None:
    post = PostFactory(text="To all", title="News", channels=[channel], language="es")
    save_variant(post=post, channel=channel, text_parts=["One", "Two"], follows_base=False, actor=wanda)
    save_variant(post=post, channel=channel, media=[[], [(MediaFactory(), "x")]], actor=wanda)
    set_tags(post=post, tags=[TagFactory(name="launch")], actor=wanda)
    planning.set_time(post=post, wall_time="2031-01-01T09:00", zone="UTC", actor=wanda)
    post.refresh_from_db()
    copy = duplicate_post(post=post, actor=wanda)
    assert (copy.title, copy.state, copy.wall_time, copy.due_at) == ("Copy of News", "draft", "", None)
    assert copy.content_sha256 == post.content_sha256
    assert [tag.name for tag in copy.tags.all()] == ["launch"]
    assert said(copy, channel) == ["One", "Two"]


def test_cancelled_and_taken_up_again(mona: User, channel: Channel) -> None:
    post = PostFactory(channels=[channel])
    planning.set_time(post=post, wall_time="2031-01-01T09:00", zone="UTC", actor=mona)
    planning.schedule(post=post, actor=mona)
    for _twice in range(2):
        assert cancel_post(post=post, actor=mona).state == "cancelled"
    assert Delivery.objects.get().state == "cancelled"
    with pytest.raises(ValidationError):
        save_variant(post=post, channel=None, text_parts=["Other"], actor=mona)
    for _twice in range(2):
        assert reopen_post(post=post, actor=mona).state == "draft"
    planning.schedule(post=post, actor=mona)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["cancelled", "scheduled"]
    with pytest.raises(ValidationError):
        delete_post(post=post, actor=mona)
    cancel_post(post=post, actor=mona)
    delete_post(post=post, actor=mona)
    assert (Post.objects.count(), Variant.objects.count(), Part.objects.count()) == (0, 0, 0)


# --- threads


def test_a_thread_is_cut_at_ends_of_sentences_and_words() -> None:
    connector, limits = Keeping(), Limits(text=30)
    text = "First sentence is here. Second one is here! And a very long one without an end that goes on"
    assert threads.split(text, connector=connector, limits=limits) == [
        "First sentence is here.",
        "Second one is here!",
        "And a very long one without an",
        "end that goes on",
    ]
    assert threads.split("Short.", connector=connector, limits=limits, numbered=True) == ["Short."]
    numbered = threads.split(text, connector=connector, limits=limits, numbered=True)
    assert numbered == [
        "First sentence is here. (1/5)",
        "Second one is here! (2/5)",
        "And a very long one (3/5)",
        "without an end that goes (4/5)",
        "on (5/5)",
    ]


def test_a_mention_is_never_cut_and_counts_as_it_is_written_there() -> None:
    connector, limits = Keeping(), Limits(text=20)
    assert threads.split("Hello to @[Ada Maria Quill], all", connector=connector, limits=limits) == [
        "Hello to",
        "@[Ada Maria Quill],",
        "all",
    ]
    shown: Any = lambda piece: piece.replace("@[Ada Maria Quill]", "@ada")  # noqa: E731
    assert threads.split(
        "Hello to @[Ada Maria Quill], all", connector=connector, limits=limits, shown=shown
    ) == ["Hello to @[Ada Maria Quill], all"]


def test_a_word_that_is_too_long_is_cut_between_characters() -> None:
    family = "👨‍👩‍👧"
    parts = threads.split(family * 5, connector=Keeping(), limits=Limits(text=len(family) * 2))
    assert parts == [family * 2, family * 2, family]
    assert threads.split("ä" * 5, connector=Keeping(), limits=Limits(bytes=4)) == ["ää", "ää", "ä"]


def test_a_variant_becomes_a_thread(wanda: User, channel: Channel) -> None:
    post = PostFactory(text="word " * 40, channels=[channel])
    media = MediaFactory()
    save_variant(post=post, channel=None, media=[[(media, "")]], actor=wanda)
    variant = split_variant(post=post, channel=channel, numbered=True, actor=wanda)
    parts = said(post, channel)
    assert len(parts) == 3
    assert all(len(part) <= 100 for part in parts)
    assert parts[2].endswith("(3/3)")
    assert list(PartMedia.objects.filter(part__variant=variant).values_list("part__position", flat=True)) == [
        1
    ]
    bare = make_channel("bare")
    save_post(post=post, values={}, channels=[channel, bare], actor=wanda)
    with pytest.raises(ValidationError):
        split_variant(post=post, channel=bare, actor=wanda)
