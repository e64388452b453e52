"""Approval is a state: who may give it, what it is for, and what ends it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing.actions import agreement, planning
from folkmoot.publishing.actions.posts import save_post, set_tags
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Comment, Part, Post, PostApproval, PostApprovalRule, PostState
from folkmoot.publishing.queries import agreement as queries
from tests.factories import MediaFactory, PersonFactory, RoleKindFactory, TagFactory, TermFactory
from tests.publishing.platform import make_channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(db: None) -> PostApprovalRule:
    assert agreement.load_rules() == "Somebody else than the writer agrees to every post."
    assert agreement.load_rules() == ""
    return PostApprovalRule.objects.get()


@pytest.fixture
def post(wanda: User, channel: Channel) -> Post:
    return written("Hello, world", wanda, channel)


@pytest.fixture
def nora(db: None) -> User:
    """Manages, too."""
    user = add_user(email="nora@example.org", name="Nora Manager", password="correct horse battery")
    grant(user=user, area=Area.PUBLISHING, level=Level.MANAGE)
    return user


def written(text: str, by: User, *channels: Channel, **values: Any) -> Post:
    post = save_post(values={"title": "A post", "language": "en", **values}, channels=channels, actor=by)
    save_variant(post=post, channel=None, text_parts=[text], actor=by)
    return fresh(post)


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


def words(error: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return error.value.messages


# ------------------------------------------------------------------ the way of a post


def test_handed_in_approved_scheduled(rule: PostApprovalRule, post: Post, wanda: User, mona: User) -> None:
    post = agreement.hand_in(post=post, actor=wanda)
    assert (post.state, told(mona), told(wanda)) == ("review", ["A post waits for your approval"], [])
    assert agreement.hand_in(post=post, actor=wanda).state == "review"
    assert [each.name for each in queries.missing(post)] == ["Somebody else agrees"]
    post = agreement.approve(post=post, actor=mona, seen=post.content_sha256)
    assert (post.state, queries.is_agreed(post)) == ("approved", True)
    assert (told(mona), told(wanda)) == ([], ["A post is approved"])
    assert agreement.approve(post=post, actor=mona).approvals.count() == 1


def test_an_edit_ends_the_approval(rule: PostApprovalRule, post: Post, wanda: User, mona: User) -> None:
    agreement.hand_in(post=post, actor=wanda)
    agreement.approve(post=post, actor=mona)
    planning.set_time(post=fresh(post), wall_time="2030-01-01T09:00", zone="Europe/Madrid", actor=wanda)
    planning.schedule(post=fresh(post), actor=mona)
    assert fresh(post).state == "scheduled"
    planning.move(post=fresh(post), wall_time="2030-01-02T09:00", zone="Europe/Madrid", actor=mona)
    assert (fresh(post).state, queries.is_agreed(fresh(post))) == ("scheduled", True)
    save_variant(post=fresh(post), channel=None, text_parts=["Hello, moon"], actor=wanda)
    assert (fresh(post).state, queries.is_agreed(fresh(post))) == ("draft", False)
    assert [each.state for each in Delivery.objects.all()] == ["cancelled"]
    assert PostApproval.objects.filter(withdrawn_at=None).count() == 0


def test_the_words_before_are_not_agreed_to_again(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User
) -> None:
    agreement.hand_in(post=post, actor=wanda)
    agreement.approve(post=post, actor=mona)
    save_variant(post=fresh(post), channel=None, text_parts=["Hello, moon"], actor=wanda)
    save_variant(post=fresh(post), channel=None, text_parts=["Hello, world"], actor=wanda)
    assert not queries.is_agreed(fresh(post))


def test_only_what_was_seen_is_approved(rule: PostApprovalRule, post: Post, wanda: User, mona: User) -> None:
    seen = agreement.hand_in(post=post, actor=wanda).content_sha256
    save_variant(post=fresh(post), channel=None, text_parts=["Buy my book"], actor=wanda)
    agreement.hand_in(post=fresh(post), actor=wanda)
    with pytest.raises(ValidationError) as error:
        agreement.approve(post=post, actor=mona, seen=seen)
    assert words(error) == ["The text was changed after you opened this page. Look at it again."]
    assert not PostApproval.objects.exists()


def test_sent_back_with_a_reason(rule: PostApprovalRule, post: Post, wanda: User, mona: User) -> None:
    agreement.hand_in(post=post, actor=wanda)
    with pytest.raises(ValidationError) as error:
        agreement.send_back(post=post, actor=mona, why="  ")
    assert words(error) == ["Say what has to change."]
    agreement.approve(post=post, actor=mona)
    planning.set_time(post=fresh(post), wall_time="2030-01-01T09:00", zone="UTC", actor=wanda)
    planning.schedule(post=fresh(post), actor=mona)
    post = agreement.send_back(post=post, actor=mona, why="The date is wrong")
    assert (post.state, queries.is_agreed(post)) == ("draft", False)
    assert [each.state for each in Delivery.objects.all()] == ["cancelled"]
    assert [(each.text, each.author) for each in Comment.objects.all()] == [("The date is wrong", mona)]
    assert told(wanda) == ["A post is approved", "A post came back: something has to change"]


def test_a_published_post_is_neither_handed_in_nor_sent_back(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User
) -> None:
    Post.objects.update(state=PostState.PUBLISHED)
    for act in (
        lambda: agreement.hand_in(post=post, actor=wanda),
        lambda: agreement.approve(post=post, actor=mona),
        lambda: agreement.send_back(post=post, actor=mona, why="No"),
    ):
        with pytest.raises(ValidationError):
            act()
    assert fresh(post).state == "published"


def test_a_draft_needs_a_channel(rule: PostApprovalRule, wanda: User) -> None:
    with pytest.raises(ValidationError) as error:
        agreement.hand_in(post=written("Hi", wanda), actor=wanda)
    assert error.value.message_dict == {"channels": ["Choose at least one channel."]}


def test_without_rules_nobody_has_to_agree(post: Post, wanda: User) -> None:
    assert queries.is_agreed(post)
    assert agreement.hand_in(post=post, actor=wanda).state == "approved"


# ------------------------------------------------------------------ who may


def test_who_wrote_or_changed_it_last_may_not(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User, nora: User
) -> None:
    grant(user=wanda, area=Area.PUBLISHING, level=Level.MANAGE)
    wanda = User.objects.get(pk=wanda.pk)
    save_variant(post=post, channel=None, text_parts=["Hello, all"], actor=mona)
    agreement.hand_in(post=fresh(post), actor=wanda)
    assert told(nora) == ["A post waits for your approval"]
    assert (told(mona), queries.approvers(fresh(post))) == ([], [nora])
    for user in (wanda, mona):
        with pytest.raises(ValidationError) as error:
            agreement.approve(post=post, actor=user)
        assert words(error) == ["You wrote this text or changed it last: somebody else has to agree to it."]
    assert agreement.approve(post=post, actor=nora).state == "approved"


def test_other_words_for_a_picture_are_a_change(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User
) -> None:
    picture = MediaFactory()
    save_variant(post=post, channel=None, media=[[(picture, "A kite")]], actor=wanda)
    save_variant(post=fresh(post), channel=None, media=[[(picture, "A red kite")]], actor=mona)
    assert queries.writers(fresh(post)) == {wanda.pk, mona.pk}


def test_a_rule_without_four_eyes(rule: PostApprovalRule, post: Post, mona: User, channel: Channel) -> None:
    agreement.save_rule(rule=rule, values={"four_eyes": False}, actor=None)
    mine = written("Hi", mona, channel)
    agreement.hand_in(post=mine, actor=mona)
    assert agreement.approve(post=mine, actor=mona).state == "approved"


def test_who_only_writes_may_not_approve(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User, channel: Channel
) -> None:
    mine = written("Hi", mona, channel)
    agreement.hand_in(post=mine, actor=mona)
    with pytest.raises(ValidationError) as error:
        agreement.approve(post=mine, actor=wanda)
    assert words(error) == [
        "Who may agree to this is said in the rule “Somebody else agrees”, and you are none of them."
    ]
    with pytest.raises(PermissionDenied):
        agreement.send_back(post=mine, actor=wanda, why="No")
    stranger = add_user(email="s@example.org", name="S", password="correct horse battery")
    for act in (
        lambda: agreement.hand_in(post=mine, actor=stranger),
        lambda: agreement.approve(post=mine, actor=stranger),
        lambda: agreement.send_back(post=mine, actor=stranger, why="No"),
        lambda: agreement.add_comment(post=mine, actor=stranger, text="Hi"),
        lambda: agreement.make_link(post=mine, days=1, actor=stranger),
        lambda: agreement.waive(post=mine, rule="alt-text", reason="x", days=1, actor=wanda),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert fresh(mine).state == "review"


def test_two_people_one_of_a_role(post: Post, wanda: User, mona: User, nora: User) -> None:
    board = RoleKindFactory(name="Board")
    agreement.save_rule(rule=None, values={"name": "Two", "people_needed": 2}, actor=None)
    agreement.save_rule(rule=None, values={"name": "Board", "role_kind": board}, actor=None)
    agreement.hand_in(post=post, actor=wanda)
    post = agreement.approve(post=post, actor=mona)
    assert (post.state, [each.name for each in queries.missing(post)]) == ("review", ["Board", "Two"])
    person = PersonFactory(user=nora)
    term = TermFactory(person=person, role_kind=board, ended_on=dt.date(2000, 1, 1))
    post = agreement.approve(post=post, actor=nora)
    assert (post.state, [each.name for each in queries.missing(post)]) == ("review", ["Board"])
    term.ended_on = None
    term.save()
    post = agreement.approve(post=post, actor=nora)
    assert (post.state, queries.missing(post)) == ("approved", [])
    assert PostApproval.objects.count() == 3


def test_an_approval_is_over_after_some_days(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User
) -> None:
    agreement.save_rule(rule=rule, values={"days": 7}, actor=None)
    agreement.hand_in(post=post, actor=wanda)
    post = agreement.approve(post=post, actor=mona)
    assert queries.is_agreed(post)
    with time_machine.travel(clock.now() + dt.timedelta(days=8), tick=False):
        assert not queries.is_agreed(post)
        assert agreement.approve(post=post, actor=mona).state == "approved"
        assert queries.is_agreed(post)


# ------------------------------------------------------------------ which posts


def test_rules_by_tag_channel_and_kind(post: Post, wanda: User, channel: Channel) -> None:
    news, other = TagFactory(name="News"), make_channel()
    values: list[dict[str, Any]] = [
        {"name": "all"},
        {"name": "channel", "channel": channel},
        {"name": "kind", "kind": "triggered"},
        {"name": "other", "channel": other},
        {"name": "tag", "tag": news},
    ]
    for each in values:
        agreement.save_rule(rule=None, values=each, actor=None)
    assert [each.name for each in queries.rules_for(post)] == ["all", "channel"]
    set_tags(post=post, tags=[news], actor=wanda)
    Post.objects.update(kind="triggered")
    assert [each.name for each in queries.rules_for(fresh(post))] == ["all", "channel", "kind", "tag"]


def test_exempt_kinds_and_channels(rule: PostApprovalRule, wanda: User, channel: Channel) -> None:
    other = make_channel()
    agreement.save_rule(
        rule=None, values={"name": "Slack", "channel": channel, "is_exempt": True}, actor=None
    )
    assert queries.rules_for(written("Hi", wanda, channel)) == []
    assert queries.rules_for(written("Hi", wanda, channel, other)) == [rule]
    agreement.save_rule(
        rule=None, values={"name": "Pool", "kind": "evergreen", "is_exempt": True}, actor=None
    )
    assert queries.rules_for(written("Hi", wanda, other, kind="evergreen")) == []


def test_what_a_rule_may_not_be(rule: PostApprovalRule, wanda: User) -> None:
    with pytest.raises(PermissionDenied):
        agreement.save_rule(rule=None, values={"name": "x"}, actor=wanda)
    with pytest.raises(PermissionDenied):
        agreement.remove_rule(rule=rule, actor=wanda)
    for values, field in (
        ({"name": "Somebody else agrees"}, "name"),
        ({"name": "x", "level": Level.VIEW}, "level"),
        ({"name": "x", "days": 0}, "days"),
        ({"name": "x", "people_needed": 0}, "people_needed"),
        ({"name": "x", "is_exempt": True}, "is_exempt"),
    ):
        with pytest.raises(ValidationError) as error:
            agreement.save_rule(rule=None, values=values, actor=None)
        assert list(error.value.message_dict) == [field]


def test_a_rule_that_goes_lets_go(rule: PostApprovalRule, post: Post, wanda: User) -> None:
    agreement.hand_in(post=post, actor=wanda)
    agreement.remove_rule(rule=rule, actor=None)
    assert fresh(post).state == "approved"


def test_many_posts_cost_as_much_as_one(
    rule: PostApprovalRule, wanda: User, channel: Channel, django_assert_num_queries: Any
) -> None:
    posts = [written("Hi", wanda, channel) for _each in range(3)]
    with django_assert_num_queries(4):
        assert set(queries.is_agreed_many(posts[:1]).values()) == {False}
    with django_assert_num_queries(4):
        assert set(queries.is_agreed_many(posts).values()) == {False}


def test_what_waits_for_whom(
    rule: PostApprovalRule, wanda: User, mona: User, nora: User, channel: Channel
) -> None:
    first, second = written("Hi", wanda, channel), written("Ho", mona, channel)
    assert list(queries.waiting_for(mona)) == []
    agreement.hand_in(post=first, actor=wanda)
    agreement.hand_in(post=second, actor=mona)

    def waits(user: User) -> list[tuple[Post, bool]]:
        return [(each, each.is_mine) for each in queries.waiting_for(user).order_by("pk")]

    assert waits(wanda) == [(first, False)]
    assert waits(mona) == [(first, True), (second, False)]
    assert waits(nora) == [(first, True), (second, True)]
    assert all(each.handed_in_at for each in queries.waiting_for(nora))
    agreement.save_rule(rule=rule, values={"people_needed": 2}, actor=None)
    agreement.approve(post=second, actor=nora)
    assert waits(nora) == [(first, True)]


# ------------------------------------------------------------------ comments


def part_of(post: Post) -> Part:
    return Part.objects.get(variant__post=post, variant__channel=None)


def test_comments_tell_and_are_resolved(post: Post, wanda: User, mona: User, nora: User) -> None:
    part = part_of(post)
    comment = agreement.add_comment(post=post, actor=mona, text="Who? @nora", quote="world", part=part)
    assert told(wanda) == ["Mona Manager commented on A post"]
    assert told(nora) == ["Mona Manager mentions you in a comment on A post"]
    assert agreement.resolve_comment(comment=comment, actor=wanda).resolved_by == wanda
    assert agreement.resolve_comment(comment=comment, actor=mona).resolved_by == wanda
    assert agreement.reopen_comment(comment=comment, actor=mona).resolved_at is None


def test_a_suggestion_is_taken_over_and_put_back(
    rule: PostApprovalRule, post: Post, wanda: User, mona: User
) -> None:
    comment = agreement.add_comment(
        post=post, actor=mona, suggestion="moon", quote="world", part=part_of(post)
    )
    agreement.hand_in(post=post, actor=wanda)
    taken = agreement.take_suggestion(comment=comment, actor=wanda)
    assert (part_of(post).text, fresh(post).state) == ("Hello, moon", "draft")
    assert taken.taken_at is not None
    assert taken.resolved_by == wanda
    agreement.take_suggestion(comment=comment, actor=wanda)
    assert part_of(post).text == "Hello, moon"
    back = agreement.put_back_suggestion(comment=comment, actor=wanda)
    assert (part_of(post).text, back.taken_at, back.resolved_at) == ("Hello, world", None, None)


def test_a_suggestion_for_words_that_are_gone(post: Post, wanda: User, mona: User) -> None:
    comment = agreement.add_comment(
        post=post, actor=mona, suggestion="moon", quote="world", part=part_of(post)
    )
    save_variant(post=post, channel=None, text_parts=["Hello, sun"], actor=wanda)
    with pytest.raises(ValidationError) as error:
        agreement.take_suggestion(comment=comment, actor=wanda)
    assert words(error) == ["“world” does not stand there any more: the text was changed since."]
    whole = agreement.add_comment(post=post, actor=mona, suggestion="All new", part=part_of(post))
    agreement.take_suggestion(comment=whole, actor=wanda)
    assert part_of(post).text == "All new"
    Post.objects.update(state=PostState.PUBLISHED)
    late = agreement.add_comment(post=post, actor=mona, suggestion="No", part=part_of(post))
    with pytest.raises(ValidationError):
        agreement.take_suggestion(comment=late, actor=wanda)


def test_what_a_comment_may_not_be(post: Post, wanda: User, channel: Channel) -> None:
    stranger = part_of(written("Hi", wanda, channel))
    for values, field in (
        ({"text": " "}, "text"),
        ({"suggestion": "x"}, "part"),
        ({"text": "x", "quote": "not there", "part": part_of(post)}, "quote"),
        ({"text": "x", "part": stranger}, "part"),
        ({"text": "x" * 5001}, "text"),
    ):
        with pytest.raises(ValidationError) as error:
            agreement.add_comment(post=post, actor=wanda, **values)  # type: ignore[arg-type]
        assert list(error.value.message_dict) == [field]
    assert not Comment.objects.exists()


# ------------------------------------------------------------------ preview links


def test_a_preview_link_opens_until_it_ends_or_is_withdrawn(post: Post, wanda: User) -> None:
    link, secret = agreement.make_link(post=post, days=2, note="Board", actor=wanda)
    assert (len(secret), link.digest == secret, agreement.find_link(secret)) == (32, False, link)
    assert agreement.find_link(secret + "x") is None
    assert agreement.find_link(link.digest) is None
    with time_machine.travel(clock.now() + dt.timedelta(days=2, minutes=1), tick=False):
        assert agreement.find_link(secret) is None
    agreement.withdraw_link(link=link, actor=wanda)
    assert agreement.find_link(secret) is None
    with pytest.raises(ValidationError):
        agreement.make_link(post=post, days=91, actor=wanda)


def test_guests_comment_by_a_link(post: Post, wanda: User) -> None:
    link, _secret = agreement.make_link(post=post, days=2, actor=wanda)
    comment = agreement.add_guest_comment(link=link, name=" Gus ", text="Nice, @wanda")
    assert (comment.guest, comment.author, told(wanda)) == ("Gus", None, ["Gus commented on A post"])
    with pytest.raises(ValidationError) as error:
        agreement.add_guest_comment(link=link, name=" ", text="Hi")
    assert list(error.value.message_dict) == ["name"]
    reading, _secret = agreement.make_link(post=post, days=2, may_comment=False, actor=wanda)
    agreement.withdraw_link(link=link, actor=wanda)
    for each in (reading, link):
        with pytest.raises(ValidationError):
            agreement.add_guest_comment(link=each, name="Gus", text="Hi")
    assert Comment.objects.count() == 1
