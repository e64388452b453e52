"""The calendar of posts for other programs: what it says, in which form, and for whom."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import make_token, revoke_token
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.publishing.actions import planning, posts
from folkmoot.publishing.models import PostState, Variant
from tests.conftest import signed_in
from tests.publishing.planning import make_channel, make_post

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LINE = re.compile(
    rb"[A-Z0-9-]+((;[A-Z0-9-]+=(\"[^\"]*\"|[^;:,\"]*)(,[^;:,\"]*)*)*):[^\x00-\x08\x0a-\x1f\x7f]*"
)


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def word(mona: User) -> str:
    return make_token(owner=mona, name="Calendar", scopes=["posts.calendar:read"], actor=mona, days=None)[1]


def asked(word: str, query: str = "") -> bytes:
    answer = Client().get(f"/publishing/feed/{word}.ics?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return answer.content


def events(content: bytes) -> list[tuple[str, dt.datetime, str]]:
    found = Calendar.from_ical(content).walk("VEVENT")
    return [(str(event["summary"]), event["dtstart"].dt, str(event["status"])) for event in found]


def test_what_stands_in_it(word: str, mona: User) -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    post = make_post(
        "Release; now, with \\ and é😀" * 6, "2027-03-29T09:00", one, two, zone="Europe/Berlin", text="A\nB"
    )
    own = Variant.objects.get(post=post, channel=two)
    planning.set_variant_time(variant=own, wall_time="2027-03-30T17:00", zone="UTC", actor=mona)
    make_post("Planned", "2026-12-01T09:00", one, state=PostState.SCHEDULED)
    make_post("Called off", "2026-12-02T09:00", one, state=PostState.CANCELLED)
    make_post("Long ago", "2026-01-01T09:00", one, state=PostState.PUBLISHED)
    make_post("No time")
    content = asked(word)
    summer = dt.datetime(2027, 3, 29, 7, tzinfo=dt.UTC)
    assert events(content) == [
        ("Planned", dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC), "CONFIRMED"),
        ("Called off", dt.datetime(2026, 12, 2, 9, tzinfo=dt.UTC), "CANCELLED"),
        (post.title, summer, "TENTATIVE"),
        (post.title, dt.datetime(2027, 3, 30, 17, tzinfo=dt.UTC), "TENTATIVE"),
    ]
    first = Calendar.from_ical(content).walk("VEVENT")[2]
    assert str(first["description"]) == "draft: Mastodon\n\nA\nB"
    assert str(first["url"]).endswith(f"/publishing/posts/{post.pk}/")


def test_lines_are_as_rfc_5545_wants_them(word: str) -> None:
    make_post("Ünïcödé 😀 " * 18, "2026-12-01T09:00", make_channel(), text="Long text, with; signs\\ " * 40)
    content = asked(word)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # no character is cut in two
    for line in content.replace(b"\r\n ", b"").split(b"\r\n")[:-1]:
        assert LINE.fullmatch(line), line
    names = [
        line.partition(b":")[0].partition(b";")[0] for line in content.replace(b"\r\n ", b"").split(b"\r\n")
    ]
    for needed in (b"UID", b"DTSTAMP", b"DTSTART"):
        assert names.count(needed) == 1
    assert re.search(rb"\r\nDTSTART:20261201T090000Z\r\n", content)


def test_a_post_keeps_its_uid_and_counts_its_revisions(word: str, mona: User) -> None:
    post = make_post("News", "2026-12-01T09:00", make_channel())
    before = Calendar.from_ical(asked(word)).walk("VEVENT")[0]
    with time_machine.travel(NOON + dt.timedelta(hours=1), tick=False):
        planning.move(post=post, wall_time="2026-12-02T09:00", zone="UTC", actor=mona)
    after = Calendar.from_ical(asked(word)).walk("VEVENT")[0]
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    with time_machine.travel(NOON + dt.timedelta(hours=2), tick=False):
        posts.cancel_post(post=post, actor=mona)
    gone = Calendar.from_ical(asked(word)).walk("VEVENT")[0]
    assert (gone["uid"], str(gone["status"])) == (before["uid"], "CANCELLED")
    assert asked(word) == asked(word)


def test_narrowed_by_the_address(word: str) -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    make_post("One", "2026-12-01T09:00", one)
    make_post("Two", "2026-12-02T09:00", two)
    assert [title for title, _at, _status in events(asked(word, f"channel={two.pk}"))] == ["Two"]


def test_for_whom(word: str, mona: User, wanda: User) -> None:
    assert Client().get("/publishing/feed/folkmoot_00000000_nothing.ics").status_code == 404
    other = make_token(owner=wanda, name="API", scopes=["posts.calendar:read"], actor=wanda)[1]
    ApiToken.objects.filter(owner=wanda).update(scopes=["people:read"])
    assert Client().get(f"/publishing/feed/{other}.ics").status_code == 404
    asked(word)
    revoke_token(token=ApiToken.objects.get(owner=mona), actor=mona)
    assert Client().get(f"/publishing/feed/{word}.ics").status_code == 404


def test_who_lost_the_right_sees_nothing(word: str, mona: User) -> None:
    mona.grants.all().delete()  # type: ignore[attr-defined]
    assert Client().get(f"/publishing/feed/{word}.ics").status_code == 404


def test_an_address_is_made_and_withdrawn(wanda: User) -> None:
    browser = signed_in(wanda)
    channel = make_channel()
    made = browser.post(f"/publishing/calendar/feeds/?channel={channel.pk}").content.decode()
    found = re.search(r"http://testserver(/publishing/feed/folkmoot_[^<]+\.ics)\?channel=(\d+)<", made)
    assert found
    assert Client().get(found[1]).status_code == 200
    assert found[1] not in browser.get("/publishing/calendar/feeds/").content.decode()
    token = ApiToken.objects.get(owner=wanda)
    assert signed_in(wanda).post(f"/publishing/calendar/feeds/{token.pk}/end/").status_code == 302
    assert Client().get(found[1]).status_code == 404
