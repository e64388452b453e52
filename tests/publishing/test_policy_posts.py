"""What the policy finds in posts: their channels, pictures, links, neighbours; and what may pass."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.people.models import Consent
from folkmoot.people.seeds.consents import load_consents
from folkmoot.publishing.actions import agreement
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import ChannelPlan, LinkCheck, Policy, Post, PostApprovalRule, Variant
from folkmoot.publishing.policy import engine, reading
from folkmoot.publishing.policy.loading import load
from tests.factories import BookEntryFactory, MediaFactory, OrganizationFactory, PersonFactory, TagFactory
from tests.publishing.platform import make_channel

pytestmark = pytest.mark.django_db
SOON = "2026-12-01T09:00"


def written(text: str, by: User, *channels: Channel, media: Any = None, **values: Any) -> Post:
    post = save_post(values={"title": "A post", "language": "en", **values}, channels=channels, actor=by)
    save_variant(post=post, channel=None, text_parts=[text], media=media, actor=by)
    return Post.objects.get(pk=post.pk)


def at(post: Post, moment: str) -> Post:
    due = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
    Post.objects.filter(pk=post.pk).update(wall_time=moment, zone="UTC", due_at=due)
    return Post.objects.get(pk=post.pk)


def found(post: Post, **more: Any) -> list[tuple[str, str, str]]:
    return [(each.rule, each.message, each.where) for each in engine.findings(post, **more)]


def only(*checks: str, severity: str = "block") -> Any:
    return load(
        "rules:\n" + "".join(f"- {{id: {each}, check: {each}, severity: {severity}}}\n" for each in checks)
    )


def test_what_channels_have_in_common_is_said_once(wanda: User) -> None:
    one, two, three = (make_channel(name=name) for name in ("One", "Two", "Three"))
    post = written("Hello 🎉🎉🎉", wanda, one, two, three)
    save_variant(
        post=post, channel=three, text_parts=["Hello", "Bye 🎉🎉🎉"], follows_base=False, actor=wanda
    )
    words = "3 emoji in a row are read out one by one."
    rules = only("emoji_run")
    assert found(post, ruleset=rules) == [
        ("emoji_run", words, "One, Two"),
        ("emoji_run", words, "Three · part 2"),
    ]
    assert found(post, ruleset=rules, channel=two) == [("emoji_run", words, "Two")]
    assert found(written("Hi 🎉🎉🎉", wanda), ruleset=rules) == [("emoji_run", words, "")]


def test_lengths_are_the_platforms(wanda: User, channel: Channel) -> None:
    assert found(written("x" * 101, wanda, channel), ruleset=only("length")) == [
        ("length", "The text is too long: 101 of 100 characters.", channel.name)
    ]


def test_pictures_and_consents(wanda: User, channel: Channel) -> None:
    load_consents()
    ada, bo = PersonFactory(name="Ada"), PersonFactory(name="Bo")
    Consent.objects.create(person=ada, kind_id=_kind("photograph"), is_given=True, text=None)
    picture = MediaFactory(name="team.png", alt="", shows_people=True)
    picture.people.set([ada, bo])
    post = written("Us", wanda, channel, media=[[(picture, "")]])
    assert found(post, ruleset=only("alt_text", "consent")) == [
        ("alt_text", "team.png has no description.", channel.name),
        ("consent", "Bo did not agree to be shown (team.png).", channel.name),
    ]


def _kind(slug: str) -> int:
    from folkmoot.people.models import ConsentKind

    return ConsentKind.objects.get(slug=slug).pk


def test_mentions_links_sponsor_and_words_in_links(wanda: User, channel: Channel) -> None:
    BookEntryFactory(alias="ada", name="Ada Lovelace")
    ChannelPlan.objects.create(channel=channel, utm_source="keeping", utm_medium="social")
    LinkCheck.objects.create(url="https://gone.example/a?b=1", status=410)
    post = written(
        "@[ada] and @[max]: https://gone.example/a?b=1",
        wanda,
        channel,
        sponsor=OrganizationFactory(name="Acme"),
    )
    gone = "https://gone.example/a?b=1&utm_source=keeping&utm_medium=social"
    assert sorted(
        found(post, ruleset=only("mentions", "links", "sponsor")), key=lambda each: each[0] == "links"
    ) == [
        ("mentions", "Nobody knows who “max” is.", channel.name),
        ("mentions", "Ada Lovelace has no handle here, so the name stands in the text.", channel.name),
        ("sponsor", "Acme paid for this, and the text does not say so.", channel.name),
        ("links", f"{gone} does not answer (410).", channel.name),
        ("links", f"{gone} lacks utm_campaign.", channel.name),
    ]


def test_neighbours_on_a_channel(wanda: User, channel: Channel) -> None:
    ChannelPlan.objects.create(channel=channel, apart_minutes=60)
    text = "Join us for the sprint on packaging next week"
    other = at(written(text, wanda, channel, title="Other"), "2026-12-01T09:30")
    at(written(text, wanda, make_channel(), title="Elsewhere"), "2026-12-01T09:30")
    cancelled = at(written(text, wanda, channel, title="Cancelled"), "2026-12-01T09:31")
    Post.objects.filter(pk=cancelled.pk).update(state="cancelled")
    mine = at(written(text, wanda, channel), SOON)
    assert found(mine, ruleset=only("conflict", "duplicate")) == [
        ("conflict", "“Other” is 30 minutes away, and 60 are wanted between two posts.", channel.name),
        ("duplicate", "It is much like “Other” (2026-12-01): 100 % the same.", channel.name),
    ]
    due = dt.datetime(2026, 12, 3, tzinfo=dt.UTC)
    Variant.objects.filter(post=other, channel=channel).update(
        due_at=due, wall_time="2026-12-03T00:00", zone="UTC"
    )
    assert [rule for rule, _words, _where in found(mine, ruleset=only("conflict", "duplicate"))] == [
        "duplicate"
    ]


def test_conditions_and_fields_of_posts(wanda: User, channel: Channel) -> None:
    rules = load(
        "rules:\n- id: a\n  check: required\n  severity: warn\n"
        "  params: {fields: [campaign, owner, tags, language, time]}\n"
        "  when: {tag: news, author: wanda@example.org, platform: keeping, kind: single,\n"
        f"    channel: '{channel.name}'}}\n"
    )
    post = written("Hi", wanda, channel)
    assert found(post, ruleset=rules) == []
    post.tags.add(TagFactory(name="News"))
    assert [each.found for each in engine.findings(post, ruleset=rules)] == ["campaign", "time"]


def test_a_waiver_lets_one_rule_pass_for_a_while(wanda: User, mona: User, channel: Channel) -> None:
    post = written("Hello", wanda, channel, media=[[(MediaFactory(alt=""), "")]])
    other = written("Hello", wanda, channel, media=[[(MediaFactory(alt=""), "")]])
    PostApprovalRule.objects.create(name="all")
    agreement.hand_in(post=post, actor=wanda)
    with pytest.raises(ValidationError) as error:
        agreement.approve(post=post, actor=mona)
    assert error.value.messages[0] == "The policy says no."
    for rule, reason, days, field in (
        ("nothing", "x", 1, "rule"),
        ("hashtags", "x", 1, "rule"),
        ("alt-text", " ", 1, "reason"),
        ("alt-text", "x", 0, "days"),
    ):
        with pytest.raises(ValidationError) as error:
            agreement.waive(post=post, rule=rule, reason=reason, days=days, actor=mona)
        assert list(error.value.message_dict) == [field]
    with pytest.raises(PermissionDenied):
        agreement.waive(post=post, rule="alt-text", reason="decoration", days=3, actor=wanda)
    agreement.waive(post=post, rule="alt-text", reason="decoration", days=1, actor=mona)
    waiver = agreement.waive(post=post, rule="alt-text", reason="It is decoration", days=3, actor=mona)
    assert engine.blocking(engine.findings(post)) == []
    (finding,) = [each for each in engine.findings(post) if each.rule == "alt-text"]
    assert (finding.severity, finding.waived.split(" until ")[0]) == ("info", "Mona Manager lets it pass")
    assert finding.waived.endswith(": It is decoration")
    assert [each.rule for each in engine.blocking(engine.findings(other))] == ["alt-text"]
    with time_machine.travel(clock.now() + dt.timedelta(days=4), tick=False):
        assert [each.rule for each in engine.blocking(engine.findings(post))] == ["alt-text"]
    agreement.withdraw_waiver(waiver=waiver, actor=mona)
    assert [each.rule for each in engine.blocking(engine.findings(post))] == ["alt-text"]
    agreement.waive(post=post, rule="alt-text", reason="decoration", days=3, actor=mona)
    assert agreement.approve(post=post, actor=mona).state == "approved"


def test_the_communitys_own_rules_hold(wanda: User, channel: Channel) -> None:
    post = written("Hello", wanda, channel)
    Policy.objects.create(
        pk=1, text="rules:\n- {id: r, check: required, severity: warn, params: {fields: [link]}}\n"
    )
    assert [each.rule for each in engine.findings(post)] == ["r"]
    Policy.objects.update(text="rules: 3")
    assert engine.rules_in_force().rule("alt-text") is not None


def test_many_posts_cost_as_much_as_one(
    wanda: User, channel: Channel, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    load_consents()
    BookEntryFactory(alias="ada")

    def one(number: int) -> Post:
        picture = MediaFactory(shows_people=True)
        picture.people.add(PersonFactory())
        text = f"@[ada] number {number} https://example.org/{number}"
        return at(written(text, wanda, channel, media=[[(picture, "A kite")]]), SOON)

    posts = [one(number) for number in range(3)]
    with django_assert_max_num_queries(40) as captured:
        engine.findings_many(posts[:1])
    with django_assert_num_queries(len(captured)):
        engine.findings_many(posts)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://a.example/b?utm_source=x&utm_medium=y", "https://a.example/b"),
        ("https://a.example/b?c=1&utm_source=x&d=2#e", "https://a.example/b?c=1&d=2#e"),
        ("https://a.example/b?c=%20+1", "https://a.example/b?c=%20+1"),
        ("https://[bad?utm_source=x", "https://[bad?utm_source=x"),
    ],
)
def test_addresses_without_words(url: str, plain: str) -> None:
    assert reading.bare(url) == plain
