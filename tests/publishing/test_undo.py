"""Undo: a deleted draft comes back as it was, hand-ins and approvals are taken back while that can be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing.actions import agreement, planning
from folkmoot.publishing.actions.deleting import BELONGS, Deleted, delete_post, restore_post
from folkmoot.publishing.actions.media import remove_media
from folkmoot.publishing.actions.posts import cancel_post, save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import (
    ChecklistEntry,
    Media,
    Occurrence,
    Part,
    PartMedia,
    Post,
    PostApproval,
    PostState,
    Series,
    Variant,
)
from tests.conftest import signed_in
from tests.factories import MediaFactory, PersonFactory, PostFactory, TagFactory
from tests.publishing.platform import make_channel
from tests.publishing.test_pages import planned
from tests.publishing.test_rooms import bulk, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_wanda(wanda: User) -> Client:
    return signed_in(wanda)


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


def full_post(wanda: User, mona: User) -> tuple[Post, Media]:
    """A post with something in every table that belongs to it, among others that stay."""
    one, other = make_channel(name="One"), make_channel("bare", name="Other")
    picture = MediaFactory.create(alt="A reef")
    made = save_post(
        values={"title": "Full", "tags": [TagFactory.create()], "people": [PersonFactory.create()]},
        channels=[one, other],
        actor=wanda,
    )
    save_variant(
        post=made,
        channel=None,
        text_parts=["First", "Second"],
        media=[[(picture, "In other words")], []],
        actor=wanda,
    )
    save_variant(
        post=made, channel=other, title="Own", text_parts=["Own text"], follows_base=False, actor=wanda
    )
    save_variant(post=made, channel=one, options={"visibility": "unlisted"}, actor=wanda)
    planning.set_time(post=made, wall_time=dt.datetime(2030, 5, 6, 9, 0), zone="Europe/Berlin", actor=wanda)
    ChecklistEntry.objects.create(post=made, text="Ask for the quote", done_at=clock.now(), done_by=mona)
    part = Part.objects.get(variant__post=made, variant__channel=None, position=1)
    agreement.add_comment(post=made, actor=mona, text="Better", part=part, quote="First", suggestion="Once")
    agreement.waive(post=made, rule="alt-text", actor=mona, reason="Decoration", days=3)
    agreement.make_link(post=made, actor=wanda, note="Board", days=3, may_comment=True)
    series = Series.objects.create(name="Series", kind="triggered", occasion="package_accepted")
    Occurrence.objects.create(series=series, key="1", post=made)
    return Post.objects.get(pk=made.pk), picture


def everything(post: int) -> dict[str, Any]:
    """All rows that belong to a post, as plain values; without when it was changed."""
    rows: dict[str, Any] = {}
    for model, column, _owner in BELONGS:
        path = {"variant": "variant__post", "part": "part__variant__post"}.get(column, column)
        rows[model.__name__] = list(
            model._default_manager.filter(**{path: post}).order_by("pk").values()  # type: ignore[misc]
        )
    (mine,) = Post.objects.filter(pk=post).values()
    mine.pop("changed_at")
    rows["Post"] = mine
    rows["tags"] = list(Post.tags.through.objects.filter(post=post).values_list("tag_id", flat=True))
    rows["people"] = list(Post.people.through.objects.filter(post=post).values_list("person_id", flat=True))
    rows["approvals"] = list(
        PostApproval.objects.filter(post=post).values_list(
            "rule_id", "by_id", "content_sha256", "at", "until", "withdrawn_at"
        )
    )
    rows["occurrence"] = list(Occurrence.objects.filter(post=post).values_list("pk", flat=True))
    return rows


def test_a_deleted_draft_comes_back_as_it_was(as_wanda: Client, wanda: User, mona: User) -> None:
    beside = PostFactory.create(channels=[make_channel()])
    agreement.load_rules()
    post, _picture = full_post(wanda, mona)
    agreement.hand_in(post=post, actor=wanda)
    agreement.approve(post=post, actor=mona)
    cancel_post(post=post, actor=mona)
    before = everything(post.pk)
    assert {name: bool(rows) for name, rows in before.items()} == dict.fromkeys(before, True)
    answer = as_wanda.post(reverse("publishing:delete", args=[post.pk]), follow=True)
    assert list(Post.objects.all()) == [beside]
    assert list(Variant.objects.exclude(post=beside)) == []
    undo(as_wanda, answer)
    assert everything(post.pk) == before
    assert Post.history.filter(id=post.pk).first().history_user == wanda
    # pressed twice it changes nothing
    newest = Post.history.filter(id=post.pk).first().history_id
    undo(as_wanda, answer)
    assert everything(post.pk) == before
    assert Post.history.filter(id=post.pk).first().history_id == newest
    # and it can be deleted and brought back once more
    answer = as_wanda.post(reverse("publishing:delete", args=[post.pk]), follow=True)
    undo(as_wanda, answer)
    assert everything(post.pk) == before


def test_what_was_removed_before_does_not_come_back(wanda: User, channel: Channel) -> None:
    post = save_post(values={"title": "One"}, channels=[channel], actor=wanda)
    save_variant(post=post, channel=None, text_parts=["One", "Two"], actor=wanda)
    save_variant(post=post, channel=None, text_parts=["One"], actor=wanda)
    deleted = delete_post(post=post, actor=wanda)
    assert restore_post(deleted=Deleted.from_json(deleted.as_json()), actor=wanda) == 0
    assert list(Part.objects.values_list("text", flat=True)) == ["One"]


def test_a_picture_that_is_gone_since_is_told(as_wanda: Client, wanda: User, mona: User) -> None:
    post, picture = full_post(wanda, mona)
    answer = as_wanda.post(reverse("publishing:delete", args=[post.pk]), follow=True)
    remove_media(media=picture, actor=mona)
    undo(as_wanda, answer)
    page = as_wanda.get(reverse("publishing:post", args=[post.pk]))
    assert (
        "The post is there again, without 1 picture or channel that is gone since." in page.content.decode()
    )
    assert (PartMedia.objects.count(), Part.objects.filter(variant__post=post.pk).count()) == (0, 3)


def test_a_post_that_was_never_deleted_like_this_is_not_made(wanda: User, mona: User) -> None:
    post = PostFactory.create()
    pk = post.pk
    deleted = delete_post(post=post, actor=wanda)
    stale = Deleted(**(deleted.as_json() | {"version": deleted.version - 1}))
    with pytest.raises(ValidationError) as error:
        restore_post(deleted=stale, actor=wanda)
    assert error.value.messages == ["There is nothing to undo any more."]
    assert not Post.objects.filter(pk=pk).exists()


def test_an_undo_is_the_persons_own(as_wanda: Client, as_mona: Client) -> None:
    post = PostFactory.create()
    answer = as_wanda.post(reverse("publishing:delete", args=[post.pk]), follow=True)
    undo(as_mona, answer)
    assert Post.objects.count() == 0


def test_deleted_with_what_was_cancelled_in_the_outbox(as_mona: Client, mona: User, channel: Channel) -> None:
    """Messages stay where they are, and are not taken for those of the next plan, so nothing is missed silently."""
    post = planned(PostFactory.create(channels=[channel], written_by=mona))
    planning.schedule(post=post, actor=mona)
    planning.unschedule(post=post, actor=mona)
    Post.objects.filter(pk=post.pk).update(state=PostState.DRAFT)
    answer = as_mona.post(reverse("publishing:delete", args=[post.pk]), follow=True)
    undo(as_mona, answer)
    assert list(Delivery.objects.values_list("state", flat=True)) == ["cancelled"]
    planning.schedule(post=Post.objects.get(), actor=mona)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["cancelled", "scheduled"]
    # the page of the outbox shows what leaves, not what stood in its place before
    rows = as_mona.get(reverse("outbox:list")).context["list"].rows
    assert [row.object.state for row in rows] == ["scheduled"]


# ------------------------------------------------------------------ handing in


def asked() -> list[tuple[str, str]]:
    """Who is told what, of what was not read yet."""
    rows = Notice.objects.filter(read_at=None).order_by("pk")
    return list(rows.values_list("user__name", "title"))


def test_several_hand_ins_are_taken_back(as_wanda: Client, wanda: User, mona: User, channel: Channel) -> None:
    agreement.load_rules()
    one, other = (
        PostFactory.create(title=title, channels=[channel], written_by=wanda) for title in ("One", "Other")
    )
    waits = PostFactory.create(title="Waits", channels=[channel], written_by=wanda)
    agreement.hand_in(post=waits, actor=wanda)
    answer = bulk(as_wanda, "hand_in", one, other, waits)
    assert set(Post.objects.values_list("state", flat=True)) == {PostState.REVIEW}
    assert sorted(asked()) == [
        ("Mona Manager", "One waits for your approval"),
        ("Mona Manager", "Other waits for your approval"),
        ("Mona Manager", "Waits waits for your approval"),
    ]
    undo(as_wanda, answer)
    states = dict(Post.objects.values_list("title", "state"))
    assert states == {"One": PostState.DRAFT, "Other": PostState.DRAFT, "Waits": PostState.REVIEW}
    assert asked() == [("Mona Manager", "Waits waits for your approval")]


def test_a_hand_in_that_somebody_agreed_to_stays(
    as_wanda: Client, wanda: User, mona: User, channel: Channel
) -> None:
    agreement.load_rules()
    one, other = (
        PostFactory.create(title=title, channels=[channel], written_by=wanda) for title in ("One", "Other")
    )
    answer = bulk(as_wanda, "hand_in", one, other)
    agreement.approve(post=one, actor=mona)
    undo(as_wanda, answer)
    states = dict(Post.objects.values_list("title", "state"))
    assert states == {"One": PostState.APPROVED, "Other": PostState.DRAFT}
    page = as_wanda.get("/publishing/posts/").content.decode()
    assert (
        "Taken back for 1 post. One: Somebody has agreed to it since. Send it back, with a reason, if it has to "
        "change." in page
    )


def test_a_hand_in_that_came_after_is_another(
    as_wanda: Client, wanda: User, mona: User, channel: Channel
) -> None:
    agreement.load_rules()
    post = PostFactory.create(channels=[channel], written_by=wanda)
    answer = as_wanda.post(reverse("publishing:hand_in", args=[post.pk]), follow=True)
    undo(as_wanda, answer)
    assert Post.objects.get().state == PostState.DRAFT
    agreement.hand_in(post=post, actor=wanda)
    undo(as_wanda, answer)
    assert Post.objects.get().state == PostState.REVIEW


def test_a_hand_in_that_nobody_had_to_agree_to_is_taken_back(
    as_wanda: Client, wanda: User, channel: Channel
) -> None:
    post = PostFactory.create(channels=[channel], written_by=wanda)
    answer = as_wanda.post(reverse("publishing:hand_in", args=[post.pk]), follow=True)
    assert Post.objects.get().state == PostState.APPROVED
    undo(as_wanda, answer)
    assert Post.objects.get().state == PostState.DRAFT


# ------------------------------------------------------------------ approving


def test_several_approvals_are_taken_back_and_asked_for_again(
    as_mona: Client, wanda: User, mona: User, channel: Channel
) -> None:
    agreement.load_rules()
    posts = [
        agreement.hand_in(
            post=planned(PostFactory.create(title=title, channels=[channel], written_by=wanda)), actor=wanda
        )
        for title in ("One", "Other")
    ]
    answer = bulk(as_mona, "approve", *posts)
    assert set(Post.objects.values_list("state", flat=True)) == {PostState.APPROVED}
    assert sorted(asked()) == [("Wanda Writer", "One is approved"), ("Wanda Writer", "Other is approved")]
    planning.schedule(post=posts[0], actor=mona)
    undo(as_mona, answer)
    states = dict(Post.objects.values_list("title", "state"))
    assert states == {"One": PostState.SCHEDULED, "Other": PostState.REVIEW}
    page = as_mona.get("/publishing/posts/").content.decode()
    assert (
        "Taken back for 1 post. One: It is “scheduled” by now, so your approval stays. Send it back if it must not "
        "leave." in page
    )
    assert asked() == [("Wanda Writer", "One is approved")]
    # it can be approved again, and the first undo does nothing to that
    agreement.approve(post=posts[1], actor=mona)
    undo(as_mona, answer)
    assert Post.objects.get(title="Other").state == PostState.APPROVED


def test_only_ones_own_approval_is_taken_back(
    as_mona: Client, wanda: User, mona: User, channel: Channel
) -> None:
    from folkmoot.kernel.accounts.actions import add_user, grant
    from folkmoot.kernel.permissions.areas import Area, Level
    from folkmoot.publishing.models import PostApprovalRule

    nora = add_user(email="nora@example.org", name="Nora Next", password="correct horse battery")
    grant(user=nora, area=Area.PUBLISHING, level=Level.MANAGE)
    agreement.load_rules()
    PostApprovalRule.objects.update(people_needed=2)
    post = agreement.hand_in(
        post=PostFactory.create(title="One", channels=[channel], written_by=wanda), actor=wanda
    )
    agreement.approve(post=post, actor=nora)
    answer = as_mona.post(
        reverse("publishing:approve", args=[post.pk]), {"seen": post.content_sha256}, follow=True
    )
    assert Post.objects.get().state == PostState.APPROVED
    undo(as_mona, answer)
    assert Post.objects.get().state == PostState.REVIEW
    assert list(PostApproval.objects.filter(withdrawn_at=None).values_list("by__name", flat=True)) == [
        "Nora Next"
    ]
    assert ("Mona Manager", "One waits for your approval") not in asked()  # she did it herself


def test_the_text_was_changed_since(as_mona: Client, wanda: User, mona: User, channel: Channel) -> None:
    agreement.load_rules()
    post = agreement.hand_in(post=PostFactory.create(channels=[channel], written_by=wanda), actor=wanda)
    answer = bulk(as_mona, "approve", post)
    save_variant(post=post, channel=None, text_parts=["Other words"], actor=wanda)
    undo(as_mona, answer)
    assert Post.objects.get().state == PostState.DRAFT
