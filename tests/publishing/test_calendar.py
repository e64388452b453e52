"""The calendar of posts: what stands where, how much it costs, and moving."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing.actions import planning
from folkmoot.publishing.models import Post, PostState, Variant
from folkmoot.publishing.queries.calendar import stops
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, CampaignFactory, TagFactory, TermFactory
from tests.publishing.planning import add_goal, add_slots, make_channel, make_post

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
MONTH = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
CALENDAR = "/publishing/calendar/"
#: Session, user, rights, community; channels; what it can be narrowed to; slots and goals; what stands on the channels;
#: posts, own times, channels of posts; of reviews: what is due, rules of what is on hold; events, ends of agreements.
QUERIES = 15


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


@pytest.fixture
def as_wanda(wanda: User) -> Client:
    return signed_in(wanda)


def shown(client: Client, query: str = "") -> dict[str, list[str]]:
    """The titles on each day that has some."""
    page = client.get(f"{CALENDAR}?{query}")
    assert page.status_code == 200
    days = page.context["calendar"].busy_days
    return {day.iso: [entry.title for entry in day.entries] for day in days}


def many(channel: Channel, number: int, *, first: int = 1, days: int = 30) -> None:
    """Posts all over November, made by the hundred."""
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {n:04d}",
            folded=f"post {n:04d}",
            state=PostState.SCHEDULED,
            wall_time=f"2026-11-{first + n % days:02d}T{8 + n % 12:02d}:{n % 60:02d}",
            zone="UTC",
            due_at=dt.datetime(2026, 11, first + n % days, 8 + n % 12, n % 60, tzinfo=dt.UTC),
        )
        for n in range(number)
    )
    Variant.objects.bulk_create(Variant(post=post, channel=channel) for post in posts)


# ------------------------------------------------------------------ reading


def test_posts_stand_on_the_days_of_the_reader(as_mona: Client, mona: User) -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    post = make_post("Late", "2026-11-23T23:30", one, two, zone="UTC")
    make_post("Gone", "2026-11-24T10:00", one, state=PostState.CANCELLED)
    make_post("No channel yet", "2026-11-25T10:00")
    own = Variant.objects.get(post=post, channel=two)
    planning.set_variant_time(variant=own, wall_time="2026-11-26T09:00", zone="UTC", actor=mona)
    assert shown(as_mona) == {
        "2026-11-23": ["Late"],
        "2026-11-25": ["No channel yet"],
        "2026-11-26": ["Late"],
    }
    mona.time_zone = "Europe/Berlin"
    mona.save()
    page = as_mona.get(CALENDAR)
    days = {day.iso: day.entries for day in page.context["calendar"].busy_days}
    assert {day: [entry.marks for entry in entries] for day, entries in days.items()} == {
        "2026-11-24": [(("megaphone", "Mastodon", 1),)],
        "2026-11-25": [()],
        "2026-11-26": [(("megaphone", "Bluesky", 1),)],
    }
    # A channel's own time moves with its post.
    assert [bool(entry.move_url) for entries in days.values() for entry in entries] == [True, True, False]


def test_narrowed_by_the_address(as_mona: Client, mona: User, wanda: User) -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    release, spring = CampaignFactory(name="Release"), TagFactory(name="spring")
    make_post("Both", "2026-11-23T09:00", one, two, campaign=release)
    make_post("One", "2026-11-23T10:00", one, owner=wanda)
    make_post("Two", "2026-11-23T11:00", two, state=PostState.APPROVED, owner=mona)
    make_post("Called off", "2026-11-23T12:00", two, state=PostState.CANCELLED)
    Post.objects.get(title="Two").tags.add(spring)
    assert [
        shown(as_mona, query)
        for query in (
            f"channel={one.pk}",
            f"channel={two.pk}&state=approved",
            f"campaign={release.pk}",
            f"tag={spring.pk}",
            f"owner={wanda.pk}",
            "state=cancelled",
            "q=both",
            "channel=999&tag=x&owner=%00",
        )
    ] == [
        {"2026-11-23": titles}
        for titles in (
            ["Both", "One"],
            ["Two"],
            ["Both"],
            ["Two"],
            ["One"],
            ["Called off"],
            ["Both"],
            ["Both", "One", "Two"],
        )
    ]


def test_a_full_day_shows_five_and_leads_to_all(as_mona: Client) -> None:
    channel = make_channel()
    many(channel, 12, first=23, days=1)
    day = next(day for day in as_mona.get(CALENDAR).context["calendar"].busy_days)
    assert ([entry.title for entry in day.entries], day.hidden) == (
        [f"Post {n:04d}" for n in range(5)],
        7,
    )
    there = as_mona.get(day.beside.more_url)
    assert there.context["list"].page.count == 12
    week = as_mona.get(f"{CALENDAR}?span=week&day=2026-11-23").context["calendar"]
    assert [(len(day.entries), day.hidden) for day in week.busy_days] == [(12, 0)]


def test_own_times_share_the_places_of_a_day() -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    for number in range(4):
        post = make_post(f"Post {number}", f"2026-11-10T1{number}:00", one, two)
        Variant.objects.filter(post=post, channel=two).update(
            wall_time=f"2026-11-10T1{number}:30",
            zone="UTC",
            due_at=NOON.replace(day=10, hour=10 + number, minute=30),
        )
    found = stops(Post.objects.all(), *MONTH, most=5)
    assert [(stop.post.title, f"{stop.moment:%H:%M}", stop.channels) for stop in found.shown] == [
        ("Post 0", "10:00", (one.pk,)),
        ("Post 0", "10:30", (two.pk,)),
        ("Post 1", "11:00", (one.pk,)),
        ("Post 1", "11:30", (two.pk,)),
        ("Post 2", "12:00", (one.pk,)),
    ]
    assert dict(found.left_out) == {dt.date(2026, 11, 10): 3}


def test_free_places_gaps_and_what_is_the_matter(as_mona: Client) -> None:
    channel = make_channel(zone="Europe/Berlin")
    add_slots(channel, (1, "09:00"))
    add_goal(channel, "2026-11-02", 1, 7)
    make_post("Out", "2026-11-04T09:00", channel, state=PostState.PUBLISHED)
    make_post("Planned", "2026-11-23T09:00", channel, zone="Europe/Berlin")
    Channel.objects.filter(pk=channel.pk).update(expires_at=NOON + dt.timedelta(days=3, hours=1))
    make_post("Lost", "2026-10-01T09:00", channel, state=PostState.TROUBLE)
    page = as_mona.get(CALENDAR)
    assert "1 post needs a look" in page.content.decode()
    links = {day.iso: [link.label for link in day.beside.links] for day in page.context["calendar"].days}
    assert {day: found for day, found in links.items() if found} == {"2026-11-30": ["08:00 Mastodon"]}
    chip = page.context["shown"].chips[1]
    assert (chip.words, chip.tone, chip.badge) == (
        "2 of 5: nothing on 9–15 November",
        "due",
        "access ends in 3 days",
    )
    url = next(day for day in page.context["calendar"].days if day.iso == "2026-11-30").beside.links[0].url
    assert url.endswith(f"?date=2026-11-30&time=09%3A00&zone=Europe%2FBerlin&channel={channel.pk}")
    assert as_mona.get(url).status_code == 200


def test_other_areas_stand_there_for_who_may_see_them(as_alice: Client, as_mona: Client) -> None:
    TermFactory(ended_on=dt.date(2026, 11, 27))
    part = AssignmentFactory(
        role="reviewer", state="accepted", due_on=dt.date(2026, 11, 27), submission__title="tidekit"
    )
    make_post("Post", "2026-11-27T09:00")
    assert shown(as_alice) == {"2026-11-27": [f"{part.person.name}: review of tidekit", "Post"]}
    assert shown(as_mona) == {"2026-11-27": ["Post"]}
    entry = as_alice.get(CALENDAR).context["calendar"].busy_days[0].entries[0]
    assert (entry.is_context, entry.move_url) == (True, "")


def test_an_empty_day_offers_a_new_post(as_wanda: Client, as_mona: Client) -> None:
    days = {day.iso: day.beside.new_url for day in as_wanda.get(CALENDAR).context["calendar"].days}
    assert days["2026-11-19"] == ""
    assert days["2026-11-20"] == "/publishing/posts/new/?date=2026-11-20"
    assert as_wanda.get(days["2026-11-20"]).status_code == 200


def test_strangers_see_nothing(as_bob: Client, as_nobody: Client) -> None:
    assert as_bob.get(CALENDAR).status_code == 403
    assert as_nobody.get(CALENDAR).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_same_whatever_is_there(
    rows: int, as_alice: Client, django_assert_max_num_queries: Any
) -> None:
    as_alice.get(CALENDAR)
    for number in range(rows):
        channel = make_channel(f"Channel {number}")
        add_slots(channel, (1, "09:00"))
        add_goal(channel, "2026-11-02", 1, 7)
        make_post("Post", "2026-11-23T09:00", channel)
    with django_assert_max_num_queries(QUERIES) as asked:
        as_alice.get(CALENDAR)
    assert len(asked) == QUERIES


def test_five_thousand_posts(as_alice: Client, django_assert_max_num_queries: Any) -> None:
    channels = [make_channel(f"Channel {number}") for number in range(5)]
    for channel in channels:
        add_slots(channel, (1, "09:00"), (4, "15:00"))
        add_goal(channel, "2026-11-02", 1, 7)
        many(channel, 1000)
    as_alice.get(CALENDAR)
    with django_assert_max_num_queries(15):
        page = as_alice.get(CALENDAR)
    calendar = page.context["calendar"]
    assert calendar.count == 5000
    assert {len(day.entries) for day in calendar.days if not day.is_outside} == {5}
    assert len(gzip.compress(page.content)) < 300_000


# ------------------------------------------------------------------- moving


def test_moved_by_a_day_and_taken_back(as_mona: Client, mona: User) -> None:
    channel = make_channel(zone="Europe/Berlin", kind="keeping")
    post = make_post("News", "2026-11-27T09:00", channel, zone="Europe/Berlin")
    planning.schedule(post=post, actor=mona)
    page = as_mona.post(
        f"/publishing/calendar/posts/{post.pk}/move/", {"to": "2027-03-29", "next": CALENDAR}, follow=True
    )
    post.refresh_from_db()
    assert (post.wall_time, post.zone, post.state) == ("2027-03-29T09:00", "Europe/Berlin", "scheduled")
    assert post.due_at == dt.datetime(2027, 3, 29, 7, tzinfo=dt.UTC)  # summer time by then
    assert Delivery.objects.get().due_at == post.due_at
    assert "“News” leaves on Monday 29 March 2027." in page.content.decode()
    undo = re.search(r'action="(/publishing/posts/undo/[^"]+)"', page.content.decode())
    assert undo
    as_mona.post(undo[1], {"next": CALENDAR})
    post.refresh_from_db()
    assert post.wall_time == "2026-11-27T09:00"
    assert Delivery.objects.get().due_at == dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("2026-11-01", "That moment is over."),
        ("soon", "Choose a day, such as 2026-11-20."),
        ("", "Choose a day"),
    ],
)
def test_what_cannot_be_is_said(as_mona: Client, to: str, words: str) -> None:
    post = make_post("News", "2026-11-27T09:00")
    page = as_mona.post(f"/publishing/calendar/posts/{post.pk}/move/", {"to": to}, follow=True)
    assert words in page.content.decode()
    post.refresh_from_db()
    assert post.wall_time == "2026-11-27T09:00"


def test_several_at_once(as_mona: Client) -> None:
    one = make_post("One", "2026-11-27T09:00", zone="Europe/Berlin")
    two = make_post("Two", "2026-11-29T17:00", zone="America/New_York")
    chosen = {"selected": [one.pk, two.pk], "next": CALENDAR}
    walls = lambda: list(Post.objects.order_by("title").values_list("wall_time", flat=True))  # noqa: E731
    as_mona.post("/publishing/calendar/move/", {**chosen, "how": "by", "by": "7"})
    assert walls() == ["2026-12-04T09:00", "2026-12-06T17:00"]
    as_mona.post("/publishing/calendar/move/", {**chosen, "how": "by", "by": "-1"})
    assert walls() == ["2026-12-03T09:00", "2026-12-05T17:00"]
    page = as_mona.post(
        "/publishing/calendar/move/", {**chosen, "how": "to", "to": "2028-02-29"}, follow=True
    )
    assert walls() == ["2028-02-29T09:00", "2028-02-29T17:00"]
    undo = re.findall(r'action="(/publishing/posts/undo/[^"]+)"', page.content.decode())
    as_mona.post(undo[-1], {"next": CALENDAR})
    assert walls() == ["2026-12-03T09:00", "2026-12-05T17:00"]
    # All of them or none: one would be over.
    page = as_mona.post("/publishing/calendar/move/", {**chosen, "how": "by", "by": "-14"}, follow=True)
    assert walls() == ["2026-12-03T09:00", "2026-12-05T17:00"]
    assert "One: That moment is over." in page.content.decode()


@pytest.mark.parametrize("by", ["", "0", "x", "99999", "--1", "１"])
def test_by_how_many_days_must_be_said(as_mona: Client, by: str) -> None:
    post = make_post("One", "2026-11-27T09:00")
    page = as_mona.post(
        "/publishing/calendar/move/", {"selected": post.pk, "how": "by", "by": by}, follow=True
    )
    assert "Say by how many days" in page.content.decode()
    page = as_mona.post("/publishing/calendar/move/", {"how": "by", "by": "1"}, follow=True)
    assert "Select posts first" in page.content.decode()


def test_who_may_not_plan_moves_nothing(as_wanda: Client) -> None:
    post = make_post("One", "2026-11-27T09:00")
    assert (
        as_wanda.post(f"/publishing/calendar/posts/{post.pk}/move/", {"to": "2026-12-01"}).status_code == 403
    )
    assert as_wanda.post("/publishing/calendar/move/", {"selected": post.pk}).status_code == 403
    page = as_wanda.get(f"{CALENDAR}?select=1")
    assert not page.context["calendar"].can_move
    assert page.context["calendar"].selecting == ""
