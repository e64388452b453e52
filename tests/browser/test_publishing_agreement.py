"""The policy's page and a preview link, on a desk and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.actions.policy import load_policy, save_policy
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Comment, Policy, Post
from folkmoot.publishing.policy.loading import default_text
from tests.browser.conftest import DESK, PHONE, Visit

Open = Callable[..., Visit]


@pytest.fixture
def post(alice: User) -> Post:
    channel = Channel.objects.create(kind="mastodon", name="Fosstodon", medium="post")
    made = save_post(values={"title": "Our sprint in May"}, channels=[channel], actor=alice)
    save_variant(post=made, channel=None, text_parts=["Join us 🎉🎉🎉 #openscience"], actor=alice)
    return Post.objects.get(pk=made.pk)


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_policy_is_tried_and_refused_in_words(
    visit: Open, alice: User, post: Post, width: int, scheme: str
) -> None:
    load_policy()
    window = visit(alice, width=width, scheme=scheme)
    window.go(reverse("publishing:policy"))
    window.check()
    window.page.get_by_label("Rules (YAML)").fill("rules:\n- {id: a, check: alt_txt, severity: warn}\n")
    window.page.get_by_role("button", name="Try on the last posts").click()
    expect(window.page.get_by_text("Did you mean “alt_text”?")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_shipped_rule_is_added_by_keyboard(visit: Open, alice: User, width: int, scheme: str) -> None:
    rules = default_text()
    save_policy(text=rules[: rules.index("\n  - id: conflict")], actor=alice)
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(reverse("publishing:policy"))
    window.check()
    page.get_by_role("button", name="Add quiet-hours").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The rule “quiet-hours” holds from now on.")).to_be_visible()
    expect(page.get_by_role("button", name="Add conflict")).to_be_visible()
    assert Policy.objects.get().text.endswith('params: {from: "23:00", to: "06:00"}\n')
    window.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_guest_reads_and_comments(visit: Open, alice: User, post: Post, width: int, scheme: str) -> None:
    _link, secret = agreement.make_link(post=post, days=3, actor=alice)
    window = visit(width=width, scheme=scheme)
    window.go(reverse("publishing:preview", args=[secret]))
    window.check()
    window.page.get_by_label("Your name").fill("Gus")
    window.page.locator("#id_text").fill("May is busy")
    window.page.wait_for_timeout(3100)
    window.page.get_by_role("button", name="Send").click()
    expect(window.page.get_by_text("May is busy")).to_be_visible()
    assert Comment.objects.get().guest == "Gus"
