"""Pages of agreement, the policy and preview links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import today_sources
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.actions.policy import load_policy, save_policy
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Comment, Part, Policy, Post, PostApprovalRule, PreviewLink, Waiver
from folkmoot.publishing.policy.loading import default_text
from tests.conftest import signed_in
from tests.factories import MediaFactory
from tests.publishing.test_rooms import undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    """Administers publishing."""
    user = add_user(email="ada@example.org", name="Ada Admin", password="correct horse battery")
    grant(user=user, area=Area.PUBLISHING, level=Level.ADMIN)
    return user


@pytest.fixture
def post(wanda: User, channel: Channel) -> Post:
    agreement.load_rules()
    made = save_post(values={"title": "A post", "language": "en"}, channels=[channel], actor=wanda)
    save_variant(post=made, channel=None, text_parts=["Hello, world"], actor=wanda)
    return Post.objects.get(pk=made.pk)


def words(html: bytes | str) -> str:
    text = html.decode() if isinstance(html, bytes) else html
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def url(name: str, *args: Any) -> str:
    return reverse(f"publishing:{name}", args=args)


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


# ------------------------------------------------------------------ a post's way


def test_handed_in_approved_sent_back(post: Post, wanda: User, mona: User) -> None:
    as_wanda, as_mona = signed_in(wanda), signed_in(mona)
    as_wanda.post(url("hand_in", post.pk))
    assert fresh(post).state == "review"
    page = words(as_mona.get(url("post", post.pk)).content)
    assert "Somebody else agrees 1 person missing" in page
    assert "May agree: Mona Manager" in page
    as_wanda.post(url("approve", post.pk), {"seen": post.content_sha256})
    as_mona.post(url("approve", post.pk), {"seen": "0" * 64})
    assert fresh(post).state == "review"
    as_mona.post(url("approve", post.pk), {"seen": post.content_sha256})
    assert fresh(post).state == "approved"
    assert as_mona.post(url("send_back", post.pk), {"why": ""}).status_code == 422
    as_mona.post(url("send_back", post.pk), {"why": "Not yet"})
    assert (fresh(post).state, Comment.objects.get().text) == ("draft", "Not yet")
    assert "Not yet" in words(as_wanda.get(url("post", post.pk)).content)


def test_today_tells_who_may_agree(post: Post, wanda: User, mona: User) -> None:
    source = today_sources.get("publishing.agree")
    assert source.find(mona, clock.now(), 9) == []
    agreement.hand_in(post=post, actor=wanda)
    (item,) = source.find(mona, clock.now(), 9)
    assert (item.title, item.why, item.mine) == ("A post", "It waits for your approval", {mona.pk})
    (own,) = source.find(wanda, clock.now(), 9)
    assert (own.waits_for_others, own.mine) == (True, set())


def test_findings_and_a_waiver(post: Post, wanda: User, mona: User) -> None:
    save_variant(post=post, channel=None, media=[[(MediaFactory(name="a.png", alt=""), "")]], actor=wanda)
    as_wanda, as_mona = signed_in(wanda), signed_in(mona)
    page = as_wanda.get(url("post", post.pk)).content.decode()
    assert "a.png has no description." in words(page)
    waive = url("waive", post.pk, "alt-text")
    assert waive not in page
    assert as_wanda.get(waive).status_code == 403
    assert waive in as_mona.get(url("post", post.pk)).content.decode()
    assert as_mona.post(waive, {"reason": "", "days": 3}).status_code == 422
    as_mona.post(waive, {"reason": "It is decoration", "days": 3})
    page = words(as_mona.get(url("post", post.pk)).content)
    assert "Mona Manager lets it pass until" in page
    as_mona.post(url("withdraw_waiver", Waiver.objects.get().pk))
    assert Waiver.objects.get().withdrawn_at is not None


def test_comments_and_suggestions(post: Post, wanda: User, mona: User) -> None:
    part = Part.objects.get(variant__post=post)
    as_wanda, as_mona = signed_in(wanda), signed_in(mona)
    given = {"text": "Better", "part": part.pk, "quote": "world", "suggestion": "moon"}
    answer = as_mona.post(url("comment", post.pk), given)
    comment = Comment.objects.get()
    assert answer["Location"] == f"{url('post', post.pk)}#comment-{comment.pk}"
    as_wanda.post(url("take", comment.pk))
    part.refresh_from_db()
    assert part.text == "Hello, moon"
    as_wanda.post(url("put_back", comment.pk))
    part.refresh_from_db()
    assert part.text == "Hello, world"
    as_wanda.post(url("resolve", comment.pk))
    assert "1 dealt with" in words(as_wanda.get(url("post", post.pk)).content)
    as_wanda.post(url("reopen_comment", comment.pk))
    comment.refresh_from_db()
    assert comment.resolved_at is None
    assert as_mona.post(url("comment", post.pk), {"text": ""}).status_code == 422


def test_the_page_costs_the_same_with_one_comment_and_with_three(
    post: Post, wanda: User, mona: User, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(mona)
    agreement.add_comment(post=post, actor=wanda, text="One")
    client.get(url("post", post.pk))
    with django_assert_max_num_queries(90) as captured:
        client.get(url("post", post.pk))
    for text in ("Two", "Three"):
        agreement.add_comment(post=post, actor=wanda, text=text)
    with django_assert_num_queries(len(captured)):
        client.get(url("post", post.pk))


# ------------------------------------------------------------------ preview links


def test_a_preview_link(post: Post, wanda: User, files: Path) -> None:
    client, guest = signed_in(wanda), Client()
    page = client.post(url("new_link", post.pk), {"note": "Board", "days": 3, "may_comment": "on"})
    address = re.search(r"/publishing/preview/([\w-]{32})/", page.content.decode())
    assert address is not None
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert address[1] not in client.get(url("post", post.pk)).content.decode()
    agreement.add_comment(post=post, actor=wanda, text="Among ourselves")
    shown = guest.get(address[0])
    assert (shown.status_code, shown["X-Robots-Tag"], shown["Referrer-Policy"]) == (
        200,
        "noindex, nofollow",
        "same-origin",
    )
    assert "Hello, world" in words(shown.content)
    assert "Among ourselves" not in words(shown.content)
    client.post(url("withdraw_link", PreviewLink.objects.get().pk))
    assert guest.get(address[0]).status_code == 404
    assert guest.get(url("preview", "x" * 32)).status_code == 404


def test_guests_comment(post: Post, wanda: User) -> None:
    _link, secret = agreement.make_link(post=post, days=3, actor=wanda)
    guest, address = Client(), url("preview", secret)
    with time_machine.travel("2026-11-20 12:00:00Z", tick=False) as traveller:
        PreviewLink.objects.update(until="2026-11-30T00:00Z")
        began = guest.get(address).context["form"].initial["began"]
        given = {"name": "Gus", "text": "Nice", "began": began}
        fast = guest.post(address, given)
        assert (fast.status_code, Comment.objects.count()) == (422, 0)
        traveller.shift(10)
        assert guest.post(address, {**given, "homepage": "x"}).status_code == 422
        assert guest.post(address, {**given, "began": "x"}).status_code == 422
        assert guest.post(address, {**given, "name": ""}).status_code == 422
        assert guest.post(address, given)["Location"] == f"{address}?said=1"
    assert [(each.guest, each.text) for each in Comment.objects.all()] == [("Gus", "Nice")]
    _reading, secret = agreement.make_link(post=post, days=3, may_comment=False, actor=wanda)
    assert guest.post(url("preview", secret), given).status_code == 200
    assert Comment.objects.count() == 1


def test_only_the_drafts_own_pictures_are_shown(post: Post, wanda: User, files: Path) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    shown, other = MediaFactory(), MediaFactory()
    for one in (shown, other):
        default_storage.save(one.file, ContentFile(b"png"))
    save_variant(post=post, channel=None, media=[[(shown, "A kite")]], actor=wanda)
    _link, secret = agreement.make_link(post=post, days=3, actor=wanda)
    guest = Client()
    there = guest.get(url("preview_picture", secret, shown.sha256))
    assert (there.status_code, there.getvalue()) == (
        200,
        b"png",
    )  # read to its end, it is closed by the client
    assert guest.get(url("preview_picture", secret, other.sha256)).status_code == 404
    assert guest.get(url("preview_picture", "x" * 32, shown.sha256)).status_code == 404


# ------------------------------------------------------------------ approval rules, policy


def test_approval_rules(ada: User, mona: User) -> None:
    client = signed_in(ada)
    assert signed_in(mona).get(url("approval_rules")).status_code == 403
    assert "Nobody has to agree to anything" in words(client.get(url("approval_rules")).content)
    values = {"name": "All", "level": 3, "four_eyes": "on", "people_needed": 2, "days": ""}
    client.post(url("new_approval_rule"), values)
    rule = PostApprovalRule.objects.get()
    assert (rule.name, rule.people_needed, rule.days, rule.tag) == ("All", 2, None, None)
    assert "2 people, manage, not who wrote it" in words(client.get(url("approval_rules")).content)
    assert client.get(url("approval_rule", rule.pk)).context["form"].initial["people_needed"] == 2
    assert client.post(url("approval_rule", rule.pk), {**values, "people_needed": 0}).status_code == 422
    client.post(url("remove_approval_rule", rule.pk))
    assert not PostApprovalRule.objects.exists()


def test_the_policy_is_tried_saved_and_restored(ada: User, mona: User, post: Post) -> None:
    client, page = signed_in(ada), url("policy")
    assert signed_in(mona).get(page).status_code == 403
    assert load_policy() == "The policy for posts holds; change it under Settings."
    assert load_policy() == ""
    strict = "rules:\n- {id: r, check: required, severity: block, params: {fields: [campaign]}}\n"
    tried = client.post(page, {"text": strict, "do": "try"})
    assert "Of the last 1 posts they would hold up 1 that is not held up now." in words(tried.content)
    assert Policy.objects.get().text == default_text()
    wrong = client.post(page, {"text": strict.replace("required", "requird"), "do": "try"})
    assert wrong.status_code == 422
    assert "line 2: check: There is no “requird”. Did you mean “required”?" in words(wrong.content)
    client.post(page, {"text": strict.replace("\n", "\r\n")})
    assert Policy.objects.get().text == strict
    first = Policy.history.order_by("history_id").first()
    assert words(client.get(url("policy_history")).content).count("Let these hold again") == 1
    client.post(url("restore_policy", first.history_id))
    assert Policy.objects.get().text == default_text()
    assert client.post(url("restore_policy", 10**6)).status_code == 404


def test_a_shipped_rule_that_a_policy_lacks_is_added_by_one_click_and_taken_back(
    ada: User, mona: User
) -> None:
    client, page = signed_in(ada), url("policy")
    assert "Shipped rules that are not in use" not in words(client.get(page).content)
    mine = "rules:\n- {id: pictures, check: contrast, severity: info} # ours\n"
    save_policy(text=mine, actor=ada)
    shown = client.get(page)
    assert "contrast" in [offer.rule.id for offer in shown.context["offers"]]
    assert "Rules of yours with the same check: pictures" in words(shown.content)
    typed = {"text": mine, "seen": shown.context["form"].initial["seen"], "add": "contrast"}
    assert signed_in(mona).post(page, typed).status_code == 403
    answer = client.post(page, typed, follow=True)
    assert "The rule “contrast” holds from now on." in words(answer.content)
    more = f"{mine}- id: contrast\n  check: contrast\n  severity: warn\n"
    assert Policy.objects.get().text == more
    assert Policy.history.first().history_change_reason == "shipped rule contrast"
    # pressed twice it changes nothing
    assert client.post(page, typed).status_code == 302
    assert (Policy.objects.get().text, Policy.history.count()) == (more, 2)
    undo(client, answer)
    assert Policy.objects.get().text == mine
    answer = client.post(page, {**typed, "add": "contrst"}, follow=True)
    assert "No shipped rule is called “contrst”." in words(answer.content)


def test_a_shipped_rule_joins_what_somebody_is_writing(ada: User) -> None:
    """Nothing that was typed is lost, and nothing half done is saved."""
    client, page = signed_in(ada), url("policy")
    save_policy(text="rules: []", actor=ada)
    typed = "rules:\r\n- {id: r, check: length, severity: info}\r\n"
    shown = client.post(page, {"text": typed, "seen": 1, "add": "contrast"})
    assert "The rule “contrast” stands at the end of what you are writing." in words(shown.content)
    assert shown.context["form"]["text"].value() == (
        "rules:\n- {id: r, check: length, severity: info}\n- id: contrast\n  check: contrast\n  severity: warn\n"
    )
    assert "contrast" not in [offer.rule.id for offer in shown.context["offers"]]
    refused = client.post(page, {"text": "{version: 1}", "add": "contrast"})
    assert (refused.status_code, "write it among them" in words(refused.content)) == (422, True)
    assert Policy.objects.get().text == "rules: []\n"


@pytest.mark.parametrize("lacking", [1, 3])
def test_offers_ask_the_database_nothing_more(ada: User, lacking: int) -> None:
    client = signed_in(ada)
    text = default_text()
    save_policy(text=text[: [each.start() for each in re.finditer("\n  - id:", text)][-lacking]], actor=ada)
    client.get(url("policy"))
    with CaptureQueriesContext(connection) as asked:
        assert len(client.get(url("policy")).context["offers"]) == lacking
    assert len(asked) == 6


def test_two_who_save_the_policy_do_not_overwrite_each_other(ada: User) -> None:
    client, page = signed_in(ada), url("policy")
    load_policy()
    seen = client.get(page).context["form"].initial["seen"]
    save_policy(text="rules: []", actor=ada)
    answer = client.post(page, {"text": default_text(), "seen": seen})
    assert answer.status_code == 422
    assert Policy.objects.get().text == "rules: []\n"
