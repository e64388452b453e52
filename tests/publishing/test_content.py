"""What readers will see, and its hash: mentions, words in links, sizes of pictures, variants that follow the base."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.connectors.posts import Card, Mention
from folkmoot.outbox.models import Channel
from folkmoot.publishing import content, utm
from folkmoot.publishing.models import BookHandle, ChannelPlan, LinkCheck, Part, Post, Rendition, Variant
from folkmoot.publishing.sizes import made_for
from tests.factories import (
    BookEntryFactory,
    CampaignFactory,
    IdentityFactory,
    MediaFactory,
    OrganizationFactory,
    PartMediaFactory,
    PersonFactory,
    PostFactory,
    TagFactory,
    VariantFactory,
)
from tests.publishing.platform import make_channel

pytestmark = pytest.mark.django_db


def texts(post: Post) -> dict[str, list[str]]:
    """What each channel gets, by its name."""
    names = dict(Variant.objects.filter(post=post).values_list("pk", "channel__name"))
    return {names[pk]: [part.text for part in parts] for pk, parts in content.rendered(post).items()}


def test_a_channel_gets_the_base_until_it_has_its_own() -> None:
    one, two = make_channel(name="One"), make_channel(name="Two")
    post = PostFactory(text="To all", channels=[one], language="en", link="https://example.org/news")
    VariantFactory(post=post, channel=two, texts=["First", "Second"], title="Own", language="es")
    found = content.rendered(post)
    first, second = (found[Variant.objects.get(post=post, channel=each).pk] for each in (one, two))
    assert [(part.text, part.title, part.language, part.link, part.part, part.parts) for part in first] == [
        ("To all", "", "en", "https://example.org/news", 1, 1)
    ]
    assert [(part.text, part.title, part.language, part.link, part.part, part.parts) for part in second] == [
        ("First", "Own", "es", "https://example.org/news", 1, 2),
        ("Second", "Own", "es", "", 2, 2),
    ]
    assert [source.variant.channel_id for source in content.sources([post], with_base=True)[post.pk]] == [
        None,
        one.pk,
        two.pk,
    ]


def test_mentions_are_written_as_each_platform_writes_them() -> None:
    keeping, bare = make_channel(name="Keeping"), make_channel("bare", name="Bare")
    ada = PersonFactory(name="Ada Quill")
    IdentityFactory(person=ada, system="keeping", value="@ada@keeping.example", number="7")
    IdentityFactory(person=ada, system="email", value="ada@example.org")
    entry = BookEntryFactory(alias="grace", name="Grace H.")
    BookHandle.objects.create(entry=entry, platform="bare", handle="@graceh")
    book = BookEntryFactory(alias="ada", name="Ada", person=ada)
    BookHandle.objects.create(entry=book, platform="keeping", handle="quill", remote_id="did:1")
    text = "By @[Ada Quill], @[ada], @[GRACE] and @[Nobody Known]"
    post = PostFactory(text=text, channels=[keeping, bare])
    assert texts(post) == {
        "Keeping": ["By @ada@keeping.example, @quill, Grace H. and Nobody Known"],
        "Bare": ["By Ada Quill, Ada, @graceh and Nobody Known"],
    }
    found = content.rendered(post)[Variant.objects.get(channel=keeping).pk][0]
    assert found.mentions == (
        Mention("@ada@keeping.example", "ada@keeping.example", "7"),
        Mention("@quill", "quill", "did:1"),
    )


def test_a_name_that_two_people_share_means_neither() -> None:
    channel = make_channel(name="Keeping")
    for number in range(2):
        IdentityFactory(person=PersonFactory(name="Sam Lee"), system="keeping", value=f"sam{number}")
    assert texts(PostFactory(text="With @[Sam Lee]", channels=[channel])) == {"Keeping": ["With Sam Lee"]}


def test_words_in_links() -> None:
    added = utm.words(source="mastodon", medium="social", campaign="launch")
    for before, after in (
        ("https://e.org", "https://e.org?utm_source=mastodon&utm_medium=social&utm_campaign=launch"),
        ("https://e.org/?a=%20b#top", "https://e.org/?a=%20b&utm_source=mastodon&utm_medium=social"
         "&utm_campaign=launch#top"),
        ("https://e.org/?UTM_Source=own&utm_campaign=x", "https://e.org/?UTM_Source=own&utm_campaign=x"
         "&utm_medium=social"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("https://[", "https://["),
    ):  # fmt: skip
        assert utm.tagged(before, added) == after
        assert utm.tagged(after, added) == after
    assert utm.words(source="", medium="social", campaign="launch") == {}
    assert utm.tagged_text("See (https://e.org/a).", {"utm_source": "x"}) == (
        "See (https://e.org/a?utm_source=x)."
    )


def test_a_plan_adds_words_options_and_a_language() -> None:
    channel = make_channel(name="Keeping")
    ChannelPlan.objects.create(
        channel=channel, utm_source="keeping", language="pt", options={"visibility": "unlisted", "a": 1}
    )
    post = PostFactory(
        text="Read https://e.org/a",
        channels=[channel],
        campaign=CampaignFactory(utm="launch"),
        link="https://e.org/b",
    )
    Variant.objects.filter(channel=channel).update(options={"visibility": "public"})
    LinkCheck.objects.create(url="https://e.org/b", status=200, title="A page")
    found = content.rendered(post)[Variant.objects.get(channel=channel).pk][0]
    tail = "?utm_source=keeping&utm_campaign=launch"
    assert (found.text, found.link) == (f"Read https://e.org/a{tail}", f"https://e.org/b{tail}")
    assert (found.language, found.options) == ("pt", {"visibility": "public", "a": 1})
    assert found.card == Card(f"https://e.org/b{tail}", "A page")


def test_a_link_that_stands_in_the_text_is_not_said_twice() -> None:
    channel = make_channel(name="Keeping")
    post = PostFactory(text="Read https://e.org/a!", channels=[channel], link="https://e.org/a")
    found = content.rendered(post)[Variant.objects.get(channel=channel).pk][0]
    assert (found.text, found.link, found.card) == (
        "Read https://e.org/a!",
        "",
        Card("https://e.org/a", "e.org"),
    )


def test_pictures_come_in_the_size_that_the_channel_takes() -> None:
    channel = make_channel(name="Keeping")
    post = PostFactory(channels=[channel])
    part = Part.objects.get()
    small, large = MediaFactory(), MediaFactory(width=4000, size=9_000_000, alt="Large", focus_x=0.5)
    PartMediaFactory(part=part, media=small, alt="Other words")
    PartMediaFactory(part=part, media=large, position=2)
    variant = Variant.objects.get(channel=channel)
    found = content.rendered(post)[variant.pk][0].media
    assert [(each.file, each.alt) for each in found] == [(small.file, "Other words"), (large.file, "Large")]
    Rendition.objects.create(
        media=large,
        made_for=made_for(content.limits_of(channel)),
        file="publishing/sizes/x.jpg",
        sha256="9" * 64,
        type="image/jpeg",
        width=400,
        height=20,
        size=70_000,
    )
    found = content.rendered(post)[variant.pk][0].media
    assert (found[1].file, found[1].type, found[1].width, found[1].focus) == (
        "publishing/sizes/x.jpg",
        "image/jpeg",
        400,
        (0.5, 0.0),
    )


def test_three_posts_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    channel = make_channel(name="Keeping")
    ChannelPlan.objects.create(channel=channel, utm_source="keeping")
    IdentityFactory(person=PersonFactory(name="Ada Quill"), system="keeping", value="ada")
    BookHandle.objects.create(entry=BookEntryFactory(alias="grace"), platform="keeping", handle="g")

    def one() -> Post:
        post = PostFactory(
            text="@[Ada Quill] @[grace] https://e.org", channels=[channel], campaign=CampaignFactory()
        )
        PartMediaFactory(part=Part.objects.get(variant__post=post))
        return post

    posts = [one()]
    with django_assert_num_queries(10):
        content.rendered_many(posts)
    posts += [one(), one()]
    with django_assert_num_queries(10):
        content.rendered_many(posts)


# --- the hash

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


def parts_of(post: Post, text: str) -> None:
    Part.objects.filter(variant__post=post, variant__channel=None).update(text=text)


#: What readers see: each way of changing it, by a value.
SEEN = {
    "text": lambda post, value: parts_of(post, value),
    "title": lambda post, value: Variant.objects.filter(post=post, channel=None).update(title=value),
    "language": lambda post, value: setattr(post, "language", value),
    "link": lambda post, value: setattr(post, "link", value),
    "options": lambda post, value: (
        Variant.objects.filter(post=post).exclude(channel=None).update(options={"a": value})
    ),
    "alt": lambda post, value: (
        Part.objects.get(variant__post=post).pictures.update(alt=""),
        Part.objects.get(variant__post=post).pictures.get().media.__class__.objects.update(alt=value),
    ),
    "alt there": lambda post, value: Part.objects.get(variant__post=post).pictures.update(alt=value or "-"),
}


@settings(max_examples=40, deadline=None)
@given(what=st.sampled_from(sorted(SEEN)), before=LETTERS, after=LETTERS)
def test_the_hash_changes_exactly_when_what_readers_see_does(what: str, before: str, after: str) -> None:
    post = PostFactory(channels=[make_channel()])
    PartMediaFactory(part=Part.objects.get(variant__post=post))
    try:
        SEEN[what](post, before)
        first, seen = content.content_hash(post), list(content.rendered(post).values())
        SEEN[what](post, after)
        second, seen_then = content.content_hash(post), list(content.rendered(post).values())
        assert (first == second) == (seen == seen_then)
    finally:
        Post.objects.all().delete()
        Channel.objects.all().delete()


@settings(max_examples=25, deadline=None)
@given(value=LETTERS)
def test_what_no_reader_sees_leaves_the_hash(value: str) -> None:
    channel = make_channel()
    post = PostFactory(channels=[channel])
    first = content.content_hash(post)
    Post.objects.filter(pk=post.pk).update(
        title=value or "x",
        wall_time="2026-11-20T09:00",
        zone="UTC",
        due_at=dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
        campaign=CampaignFactory(),
        grace_hours=3,
        waits_for_link=True,
    )
    post.refresh_from_db()
    post.tags.add(TagFactory())
    post.people.add(PersonFactory())
    Variant.objects.filter(channel=channel).update(version=4)
    channel.name = f"other {channel.pk}"
    channel.save()
    assert content.content_hash(post) == first
    Post.objects.all().delete()
    Channel.objects.all().delete()


def test_channels_embargo_sponsor_pictures_and_focus_change_the_hash() -> None:
    channel = make_channel()
    post = PostFactory(channels=[channel])
    hashes = [content.content_hash(post)]
    Variant.objects.create(post=post, channel=make_channel())
    hashes.append(content.content_hash(post))
    post.embargo_until = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    hashes.append(content.content_hash(post))
    post.sponsor = OrganizationFactory()
    hashes.append(content.content_hash(post))
    use = PartMediaFactory(part=Part.objects.get())
    hashes.append(content.content_hash(post))
    use.media.focus_y = -1.0
    use.media.save()
    hashes.append(content.content_hash(post))
    Part.objects.create(variant=Variant.objects.get(post=post, channel=None), position=2, text="More")
    hashes.append(content.content_hash(post))
    assert len(set(hashes)) == len(hashes) == 7


@pytest.mark.parametrize("text", ["See https://[bad", "http://[", "https://[::1/x"])
def test_what_only_looks_like_an_address_is_shown_as_it_is_typed(text: str) -> None:
    """As on the way to an address, while somebody types."""
    from folkmoot.publishing.policy import engine
    from folkmoot.publishing.previews import preview_of

    channel = make_channel()
    ChannelPlan.objects.create(channel=channel, utm_source="keeping")
    post = PostFactory(text=text, channels=[channel])
    (contents,) = content.rendered(post).values()
    assert [part.text for part in contents] == [text]
    card = preview_of(channel, content.connector_of(channel), contents).parts[0].card
    assert card is not None
    assert (card.url, card.host) == (text.removeprefix("See "), text.removeprefix("See "))
    assert [each.rule for each in engine.blocking(engine.findings(post))] == []
