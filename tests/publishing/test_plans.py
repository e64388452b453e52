"""How posts are planned on channels: plans, weekly slots, goals, what Today and the house's calendar tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from folkmoot.home.queries import calendar_entries
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import today_sources
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions import plans
from folkmoot.publishing.models import CadenceGoal, ChannelPlan, FollowerReading, PostState, Slot
from folkmoot.publishing.queries.slots import next_free_slot
from tests.conftest import signed_in
from tests.publishing.planning import add_goal, add_slots, make_channel, make_post

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
#: Session, user, rights, community; count, saved views, channels with plans; plans, slots, what stands, followers.
LIST_QUERIES = 12


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def week(channel: Channel) -> list[str]:
    return [f"{slot.weekday} {slot.time:%H:%M}" for slot in Slot.objects.filter(channel=channel)]


def test_the_week_is_typed_day_by_day(mona: User) -> None:
    channel, page = make_channel(kind="keeping"), signed_in(mona)
    address = f"/publishing/channels/{channel.pk}/slots/"
    page.post(address, {"day1": "09:00, 15:30", "day3": "9.05;09:05 23:59"})
    assert week(channel) == ["1 09:00", "1 15:30", "3 09:05", "3 23:59"]
    shown = page.get(address).content.decode()
    assert 'value="09:00, 15:30"' in shown
    assert page.post(address, {"day1": "25:00"}).status_code == 422
    assert "“noon” is no time of day" in page.post(address, {"day1": "noon"}).content.decode()
    page.post(address, {"day1": "15:30"})
    assert week(channel) == ["1 15:30"]
    assert not plans.set_slots(channel=channel, slots=[(1, dt.time(15, 30))], actor=mona)


def test_another_zone_moves_the_slots(alice: User) -> None:
    channel, page = make_channel(kind="keeping", zone="Europe/Berlin"), signed_in(alice)
    add_slots(channel, (1, "09:00"))
    page.post(
        f"/publishing/channels/{channel.pk}/plan/",
        {"zone": "America/New_York", "language": "en", "apart_minutes": "60", "utm_source": "mastodon"},
    )
    plan = ChannelPlan.objects.get()
    assert (plan.zone, plan.language, plan.apart_minutes, plan.utm_source) == (
        "America/New_York",
        "en",
        60,
        "mastodon",
    )
    assert next_free_slot(channel, NOON) == (
        "2026-11-23T09:00",
        "America/New_York",
        dt.datetime(2026, 11, 23, 14, tzinfo=dt.UTC),
    )
    bad = page.post(f"/publishing/channels/{channel.pk}/plan/", {"zone": "Mars/Base", "apart_minutes": "0"})
    assert bad.status_code == 422


def test_goals_are_dated(mona: User) -> None:
    channel, page = make_channel(kind="keeping"), signed_in(mona)
    new = f"/publishing/channels/{channel.pk}/goals/new/"
    page.post(new, {"since": "2026-11-02", "posts": "1", "days": "14"})
    page.post(new, {"since": "2027-01-04", "posts": "1", "days": "7"})
    assert [(str(goal.since), goal.posts, goal.days) for goal in CadenceGoal.objects.all()] == [
        ("2026-11-02", 1, 14),
        ("2027-01-04", 1, 7),
    ]
    twice = page.post(new, {"since": "2027-01-04", "posts": "2", "days": "7"})
    assert "There is a goal that begins on this day already." in twice.content.decode()
    assert page.post(new, {"since": "2027-02-01", "posts": "1", "days": "0"}).status_code == 422
    first = CadenceGoal.objects.earliest("since")
    page.post(f"/publishing/channels/goals/{first.pk}/remove/")
    assert CadenceGoal.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_channels(number: int, as_alice: Client, django_assert_num_queries: Any) -> None:
    for n in range(number):
        channel = make_channel(f"Channel {n}", kind="keeping")
        add_slots(channel, (1, "09:00"))
        FollowerReading.objects.create(channel=channel, on=dt.date(2026, 11, 1), followers=90)
        FollowerReading.objects.create(channel=channel, on=dt.date(2026, 11, 19), followers=100 + n)
    Channel.objects.filter(name="Channel 0").update(expires_at=NOON + dt.timedelta(days=5, hours=1))
    as_alice.get("/publishing/channels/")
    with django_assert_num_queries(LIST_QUERIES):
        page = as_alice.get("/publishing/channels/")
    cells = [cell.value for cell in page.context["list"].rows[0].cells]
    assert cells[:5] == [
        "access ends in 5 days",
        dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC),
        "100 characters, 4 pictures",
        100,
        "UTC",
    ]
    assert as_alice.get(f"/publishing/channels/{channel.pk}/").status_code == 200


def test_a_gap_that_comes_is_told_on_today(wanda: User) -> None:
    channel, kept = make_channel(kind="keeping"), make_channel("Kept", kind="keeping")
    ChannelPlan.objects.filter(channel=channel).update(owner=wanda)
    for each in (channel, kept):
        add_goal(each, "2026-11-02", 1, 7)
        make_post("Out", "2026-11-18T09:00", each, state=PostState.PUBLISHED)
    make_post("To come", "2026-11-25T09:00", kept)
    items = today_sources.get("publishing.gaps").find(wanda, clock.now(), 10)
    assert [(item.title, item.why, item.mine) for item in items] == [
        (
            "Mastodon has nothing planned for 23–29 November",
            "Its goal is 1 post in 7 days; it has 0.",
            frozenset({wanda.pk}),
        )
    ]
    assert signed_in(wanda).get(items[0].action_url).status_code == 200


def test_posts_stand_on_the_house_calendar(mona: User, bob: User) -> None:
    make_post("News", "2026-11-25T09:00")
    days = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert [entry.title for entry in calendar_entries(mona, *days)] == ["News"]
    assert list(calendar_entries(bob, *days)) == []


def test_who_may_change_what(wanda: User, mona: User) -> None:
    channel = make_channel(kind="keeping")
    here = f"/publishing/channels/{channel.pk}"
    writer, manager = signed_in(wanda), signed_in(mona)
    assert writer.get(f"{here}/").status_code == 200
    assert [writer.get(f"{here}/{page}").status_code for page in ("slots/", "goals/new/", "plan/")] == [
        403
    ] * 3
    assert [manager.get(f"{here}/{page}").status_code for page in ("slots/", "goals/new/", "plan/")] == [
        200,
        200,
        403,
    ]
