"""What only one platform knows: a channel's plan says it as a rule, typed and checked as its connector declares."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from folkmoot.connectors.base import Setting, connectors
from folkmoot.connectors.posts import PostConnector
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.publishing import content, options
from folkmoot.publishing.actions import agreement, plans
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import ChannelPlan, Post, PostApproval
from tests.conftest import signed_in
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db
BASE = {"zone": "Europe/Berlin", "apart_minutes": "0"}


@pytest.fixture
def fedi(db: None) -> Channel:
    return Channel.objects.create(kind="mastodon", name="Fedi", medium="post")


def test_the_form_has_the_fields_that_the_connector_declares(alice: User, fedi: Channel) -> None:
    page, address = signed_in(alice), f"/publishing/channels/{fedi.pk}/plan/"
    fields = page.get(address).context["form"].fields
    assert [name for name in fields if name.startswith("option_")] == [
        "option_visibility",
        "option_warning",
        "option_sensitive",
    ]
    assert [value for value, _label in fields["option_visibility"].choices] == [
        "",
        "public",
        "unlisted",
        "private",
    ]
    assert [value for value, _label in fields["option_sensitive"].choices] == ["", "yes", "no"]
    typed = {
        **BASE,
        "option_visibility": "unlisted",
        "option_warning": "  Spoilers ",
        "option_sensitive": "no",
    }
    page.post(address, typed)
    plan = ChannelPlan.objects.get()
    assert plan.options == {"visibility": "unlisted", "warning": "Spoilers", "sensitive": False}
    # it stands on the channel's page, and in the form again
    told = page.get(f"/publishing/channels/{fedi.pk}/").context["options"]
    assert [(str(label), words) for label, words in told] == [
        ("Who sees it", "Quiet: everybody, but in no public timeline"),
        ("Content warning", "Spoilers"),
        ("Hide pictures until somebody asks for them", "no"),
    ]
    form = page.get(address).context["form"]
    assert [form[f"option_{name}"].value() for name in ("visibility", "warning", "sensitive")] == [
        "unlisted",
        "Spoilers",
        "no",
    ]
    # sent as it stands it changes nothing; emptied it is left to the platform
    before = ChannelPlan.history.count()
    page.post(address, {**typed, "option_warning": "Spoilers", "seen": form["seen"].value()})
    assert ChannelPlan.history.count() == before
    page.post(address, {**BASE, "option_visibility": "", "option_warning": "", "option_sensitive": ""})
    assert ChannelPlan.objects.get().options == {}


def test_what_a_platform_does_not_take_is_told_at_its_field(alice: User, fedi: Channel) -> None:
    page, address = signed_in(alice), f"/publishing/channels/{fedi.pk}/plan/"
    answer = page.post(address, {**BASE, "option_visibility": "everybody", "option_warning": "x" * 501})
    assert answer.status_code == 422
    assert sorted(answer.context["form"].errors) == ["option_visibility", "option_warning"]
    assert ChannelPlan.objects.count() == 0
    with pytest.raises(ValidationError) as error:
        plans.save_plan(
            channel=fedi, values={"options": {"visibility": "all", "sensitive": "x"}}, actor=alice
        )
    assert error.value.message_dict == {
        "option_visibility": ["“all” is none of these: public, unlisted, private."],
        "option_sensitive": ["Say yes or no, or leave it empty."],
    }
    with pytest.raises(ValidationError) as error:
        plans.save_plan(channel=fedi, values={"options": {"colour": "red"}}, actor=alice)
    assert error.value.message_dict == {
        "options": ["Mastodon knows no option “colour”; it knows: visibility, warning, sensitive."]
    }


def test_a_plan_holds_unless_a_post_says_otherwise(alice: User, fedi: Channel) -> None:
    plans.save_plan(
        channel=fedi, values={"options": {"visibility": "unlisted", "sensitive": True}}, actor=alice
    )
    post = PostFactory.create(channels=[fedi])
    save_variant(post=post, channel=fedi, options={"sensitive": False}, actor=alice)
    ((part,),) = content.rendered(post).values()
    assert dict(part.options) == {"visibility": "unlisted", "sensitive": False}
    editor = signed_in(alice).get(f"/publishing/posts/{post.pk}/edit/").context["page"].editors[0]
    assert [(field.choices[0][1], field.chosen) for field in editor.options if field.choices] == [
        (f"as usual ({editor.options[0].usual})", ""),
        ("as usual (yes)", "no"),
    ]
    assert editor.options[0].usual == dict(options.choices_of(editor.options[0].setting, ""))["unlisted"]


def test_who_agreed_did_not_agree_to_other_options(alice: User, mona: User, fedi: Channel) -> None:
    plans.save_plan(channel=fedi, values={"options": {"visibility": "unlisted"}}, actor=alice)
    other = Channel.objects.create(kind="mastodon", name="Other", medium="post")
    agreement.load_rules()
    posts = {name: PostFactory.create(channels=[fedi]) for name in ("waits", "agreed", "own", "draft")}
    posts["elsewhere"] = PostFactory.create(channels=[other])
    save_variant(post=posts["own"], channel=fedi, options={"visibility": "private"}, actor=alice)
    for name, post in posts.items():
        post.refresh_from_db()
        if name != "draft":
            agreement.hand_in(post=post, actor=alice)
        if name in ("agreed", "own", "elsewhere"):
            agreement.approve(post=post, actor=mona)
    before = states_of(posts)
    plans.save_plan(channel=fedi, values={"options": {"visibility": "unlisted"}}, actor=alice)
    assert states_of(posts) == before

    plans.save_plan(channel=fedi, values={"options": {"visibility": "public"}}, actor=alice)

    assert states_of(posts) == before | {"waits": "draft", "agreed": "draft"}
    live = PostApproval.objects.filter(withdrawn_at=None).order_by("pk")
    assert [row.post_id for row in live] == [posts["own"].pk, posts["elsewhere"].pk]


def states_of(posts: dict[str, Post]) -> dict[str, str]:
    return {name: Post.objects.get(pk=post.pk).state for name, post in posts.items()}


def test_only_who_administers_changes_a_plan(mona: User, fedi: Channel) -> None:
    assert signed_in(mona).get(f"/publishing/channels/{fedi.pk}/plan/").status_code == 403


NUMBER = Setting("delay", "Delay", kind="number")


@pytest.mark.parametrize(("word", "kept"), [("", None), ("0", 0), (" 12 ", 12), ("999999999", 999_999_999)])
def test_a_number_is_read(word: str, kept: Any) -> None:
    assert options.read(NUMBER, word) == kept


@pytest.mark.parametrize("word", ["-1", "1.5", "²", "1000000000", "many"])
def test_what_is_no_number_is_refused(word: str) -> None:
    with pytest.raises(ValidationError) as error:
        options.read(NUMBER, word)
    assert error.value.messages == ["Give a whole number from 0 to 999999999."]


def test_what_every_connector_declares_can_be_edited(alice: User) -> None:
    """Each choice that a connector offers is taken, and no two options of one are called the same."""
    found = 0
    for connector in connectors:
        if not isinstance(connector, PostConnector):
            continue
        names = [setting.name for setting in connector.options]
        assert len(set(names)) == len(names), connector.key
        for setting in connector.options:
            for value, _label in options.choices_of(setting, ""):
                assert options.as_typed(options.read(setting, value)) == value
                found += 1
    assert found > 10
