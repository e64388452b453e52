"""Series: rules in local time, pools in turn, what follows a post, what an event sets off."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.kernel import clock
from folkmoot.ledger.models import Activity
from folkmoot.outbox.public import Channel
from folkmoot.people.models import Project
from folkmoot.publishing.actions import series as actions
from folkmoot.publishing.models import Occurrence, PoolItem, Post, PostState, PostTemplate, Series
from folkmoot.publishing.series import gaps, making, pools, rules
from tests.factories import PersonFactory
from tests.outbox import faulty
from tests.publishing.planning import make_channel

NOW = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)
WEEKLY = "FREQ=WEEKLY;BYDAY=SU"


@pytest.fixture(autouse=True)
def platforms() -> Iterator[None]:
    yield from faulty.register()


# --------------------------------------------------------------------- rules


def walls(rule: str, starts: str, zone: str, first: str, last: str) -> list[tuple[str, str]]:
    found = rules.moments(
        rules.checked(rule),
        starts=dt.datetime.fromisoformat(starts),
        zone=zone,
        after=dt.datetime.fromisoformat(first).replace(tzinfo=dt.UTC),
        until=dt.datetime.fromisoformat(last).replace(tzinfo=dt.UTC),
    )
    return [(one.wall_time, f"{one.instant:%m-%dT%H:%M}") for one in found]


def test_a_spring_change_of_the_clock_keeps_the_wall_time() -> None:
    assert walls(WEEKLY, "2026-03-01T09:00", "Europe/Berlin", "2026-03-20", "2026-04-06") == [
        ("2026-03-22T09:00", "03-22T08:00"),
        ("2026-03-29T09:00", "03-29T07:00"),
        ("2026-04-05T09:00", "04-05T07:00"),
    ]


def test_a_time_that_spring_leaves_out_is_shifted_and_stays_one() -> None:
    assert walls("FREQ=DAILY", "2026-03-01T02:30", "Europe/Berlin", "2026-03-28", "2026-03-31") == [
        ("2026-03-28T02:30", "03-28T01:30"),
        ("2026-03-29T02:30", "03-29T01:30"),
        ("2026-03-30T02:30", "03-30T00:30"),
    ]


def test_a_time_that_autumn_repeats_comes_once() -> None:
    assert walls("FREQ=DAILY", "2026-10-01T02:30", "Europe/Berlin", "2026-10-24", "2026-10-27") == [
        ("2026-10-24T02:30", "10-24T00:30"),
        ("2026-10-25T02:30", "10-25T00:30"),
        ("2026-10-26T02:30", "10-26T01:30"),
    ]


def test_a_leap_day_comes_in_leap_years_only() -> None:
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    assert walls(rule, "2024-02-29T10:00", "UTC", "2023-01-01", "2033-01-01") == [
        ("2024-02-29T10:00", "02-29T10:00"),
        ("2028-02-29T10:00", "02-29T10:00"),
        ("2032-02-29T10:00", "02-29T10:00"),
    ]


@settings(deadline=None, max_examples=60)
@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
    ),
    hour=st.integers(0, 23),
    day=st.sampled_from(["MO", "WE", "SU"]),
    year=st.integers(2024, 2028),
)
def test_every_week_has_its_moment_once_at_the_wall_time(zone: str, hour: int, day: str, year: int) -> None:
    found = rules.moments(
        f"FREQ=WEEKLY;BYDAY={day}",
        starts=dt.datetime(year, 1, 1, hour, 30),
        zone=zone,
        after=dt.datetime(year, 1, 10, tzinfo=dt.UTC),
        until=dt.datetime(year, 12, 20, tzinfo=dt.UTC),
    )
    at = [one.instant for one in found]
    assert at == sorted(set(at))
    for one in found:
        local = one.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert (local == dt.datetime.fromisoformat(one.wall_time)) is not one.is_shifted
    days = [dt.datetime.fromisoformat(one.wall_time).date() for one in found]
    assert {(later - earlier).days for earlier, later in itertools.pairwise(days)} == {7}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=HOURLY", "A rule begins with how often"),
        ("BYDAY=MO", "A rule begins with how often"),
        ("FREQ=WEEKLY;BYHOUR=3", "“BYHOUR=3” cannot stand in a rule"),
        ("FREQ=WEEKLY;BYDAY=XX", "cannot be read"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "not both"),
        ("every Tuesday", "cannot stand in a rule"),
    ],
)
def test_a_rule_that_is_none_says_why(rule: str, words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        rules.checked(rule)
    assert words in raised.value.messages[0]


def test_the_last_day_of_a_rule_counts() -> None:
    assert rules.checked(" rrule: freq=daily; until=20260322T000000Z ") == "FREQ=DAILY;UNTIL=20260322T000000Z"
    assert walls("FREQ=DAILY;UNTIL=20260322", "2026-03-20T23:00", "UTC", "2026-03-01", "2026-04-01") == [
        ("2026-03-20T23:00", "03-20T23:00"),
        ("2026-03-21T23:00", "03-21T23:00"),
        ("2026-03-22T23:00", "03-22T23:00"),
    ]


# --------------------------------------------------------------------- pools


def test_a_pool_is_fair_and_languages_take_turns() -> None:
    uses: dict[int, int] = {}
    used: dict[int, dt.datetime] = {}
    languages = {1: "en", 2: "en", 3: "es", 4: "es", 5: "fr"}
    said, last = [], None
    for week in range(20):
        at = NOW + dt.timedelta(weeks=week)
        chosen = pools.next_of(
            [pools.Candidate(pk, languages[pk], "", uses.get(pk, 0), used.get(pk)) for pk in languages],
            at=at,
            cool_down=dt.timedelta(days=20),
            languages=["en", "es", "fr"],
            last_language=last,
        )
        assert chosen is not None
        if used.get(chosen.pk):
            assert at - used[chosen.pk] >= dt.timedelta(days=20)
        uses[chosen.pk], used[chosen.pk], last = uses.get(chosen.pk, 0) + 1, at, chosen.language
        said.append(chosen.language)
    assert said[:6] == ["en", "es", "fr", "en", "es", "fr"]
    assert uses == {1: 4, 2: 3, 3: 4, 4: 3, 5: 6}


def test_nothing_comes_before_it_has_cooled_down() -> None:
    one = pools.Candidate(1, "en", "", 3, NOW - dt.timedelta(days=9))
    assert pools.next_of([one], at=NOW, cool_down=dt.timedelta(days=10)) is None
    assert pools.next_of([one], at=NOW, cool_down=dt.timedelta(days=9)) == one
    assert pools.next_of([], at=NOW, cool_down=dt.timedelta(0)) is None


def test_what_was_just_said_in_one_language_waits_in_the_other() -> None:
    said = pools.Candidate(1, "en", "a", 1, NOW - dt.timedelta(days=7))
    same, other = pools.Candidate(2, "es", "a"), pools.Candidate(3, "es", "b")
    chosen = pools.next_of(
        [said, same, other],
        at=NOW,
        cool_down=dt.timedelta(days=60),
        languages=["en", "es"],
        last_language="en",
    )
    assert chosen == other


# ---------------------------------------------------------------------- gaps


def test_gaps_are_filled_and_empty_lines_of_them_go() -> None:
    text = "{{ package }} is in.\nReviewed by {{ reviewers }}\n{{ archive }}\n---\nThanks, {{ editors }}!"
    values = {"package": "wavefold", "editors": "@[Milan Okafor]", "reviewers": "", "archive": ""}
    assert gaps.parts(gaps.filled(text, values)) == [
        "wavefold is in.\nReviewed by",
        "Thanks, @[Milan Okafor]!",
    ]
    assert gaps.missing(text, values) == ["reviewers", "archive"]
    with pytest.raises(ValidationError):
        gaps.check("{{ nonsense }}", ["package"])


# -------------------------------------------------------------------- making


def template(**more: Any) -> PostTemplate:
    return actions.save_template(
        template=None,
        values={"name": "T", "title": "Weekly {{ date }}", "text": "Hello {{ date }}", "link": "", **more},
        actor=None,
    )


def series(channel: Channel | None = None, **more: Any) -> Series:
    values = {
        "name": "S",
        "kind": "recurring",
        "rrule": WEEKLY,
        "starts": "2026-03-01T09:00",
        "zone": "Europe/Berlin",
        **more,
    }
    if "template" not in values and values["kind"] != "evergreen":
        values["template"] = template()
    return actions.save_series(series=None, values=values, channels=[channel] if channel else [], actor=None)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_recurring_series_drafts_each_moment_once() -> None:
    row = series(make_channel())
    made = making.make(row)
    assert [(post.title, post.wall_time, post.zone) for post in made if post] == [
        ("Weekly 2026-03-22", "2026-03-22T09:00", "Europe/Berlin"),
        ("Weekly 2026-03-29", "2026-03-29T09:00", "Europe/Berlin"),
    ]
    first = Post.objects.get(wall_time="2026-03-22T09:00")
    assert (first.kind, first.state, first.series) == ("recurring", PostState.DRAFT, row)
    assert [part.text for part in first.variants.get(channel=None).parts.all()] == ["Hello 2026-03-22"]
    assert first.variants.filter(channel__isnull=False).count() == 1
    assert making.make(row) == []
    first.refresh_from_db()
    with time_machine.travel(NOW + dt.timedelta(days=7), tick=False):
        assert [post.wall_time for post in making.make(row) if post] == ["2026-04-05T09:00"]


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_moment_that_was_left_out_is_not_made_and_comes_back() -> None:
    row = series()
    actions.skip_moment(series=row, wall_time="2026-03-22T09:00", actor=None)
    assert [post.wall_time for post in making.make(row) if post] == ["2026-03-29T09:00"]
    actions.skip_moment(series=row, wall_time="2026-03-22T09:00", actor=None, skipped=False)
    assert [post.wall_time for post in making.make(row) if post] == ["2026-03-22T09:00"]
    with pytest.raises(ValidationError):
        actions.skip_moment(series=row, wall_time="2026-03-29T09:00", actor=None)
    with pytest.raises(ValidationError):
        actions.skip_moment(series=row, wall_time="2026-03-23T09:00", actor=None)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_pool_makes_posts_until_every_text_is_tired() -> None:
    row = series(kind="evergreen", languages=["en", "es"], cool_down_days=30, days_ahead=20)
    for language in ("en", "es"):
        actions.save_item(
            series=row,
            item=None,
            values={"language": language, "group": "a", "title": f"Hi {language}", "text": f"Hi {language}"},
            actor=None,
        )
    made = making.make(row)
    assert [post and post.language for post in made] == ["en", "es", None]
    assert sorted(PoolItem.objects.values_list("language", "uses")) == [("en", 1), ("es", 1)]
    assert Occurrence.objects.get(post=None).words == "Every text of the pool was used too lately."


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_post_follows_another_so_many_days_later() -> None:
    channel = make_channel()
    first = series(channel)
    follower = series(
        channel,
        name="Reminder",
        kind="relative",
        rrule="",
        starts="",
        template=template(name="R", title="Again: {{ title }}", text="Have you seen {{ title }}? {{ link }}"),
        after_series=first,
        days_after=21,
        time=dt.time(10, 0),
        days_ahead=30,
    )
    post = next(one for one in making.make(first) if one)
    assert making.make(follower) == []  # it has not left yet
    Post.objects.filter(pk=post.pk).update(state=PostState.PUBLISHED, link="https://a.example/")
    with time_machine.travel(dt.datetime(2026, 3, 23, tzinfo=dt.UTC), tick=False):
        made = [one for one in making.make(follower) if one]
        assert [(one.title, one.wall_time) for one in made] == [
            ("Again: Weekly 2026-03-22", "2026-04-12T10:00")
        ]
        assert making.make(follower) == []


def accepted(project: Project | None = None, at: dt.datetime = NOW, **detail: Any) -> Activity:
    return Activity.objects.create(
        kind="reviews.accepted",
        project=project,
        occurred_at=at,
        source="reviews",
        external_id=f"accepted:{Activity.objects.count()}",
        detail={"package": "wavefold", **detail},
        recorded_at=clock.now(),
    )


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_an_accepted_package_sets_off_a_draft_with_its_facts() -> None:
    author = PersonFactory(name="Ana Quintanar")
    text = template(
        occasion="package_accepted",
        title="{{ package }} accepted",
        text="{{ package }} by {{ authors }} passed review.\n{{ archive }}",
        link="{{ link }}",
    )
    row = series(
        make_channel(), kind="triggered", rrule="", starts="", template=text, occasion="package_accepted"
    )
    accepted(at=NOW - dt.timedelta(days=60))  # no news any more
    one = accepted(
        people={"authors": [author.pk]}, repository="https://a.example/w", at=NOW - dt.timedelta(hours=2)
    )
    made = [post for post in making.make(row) if post]
    assert [(post.title, post.kind, post.activity_id, post.link) for post in made] == [
        ("wavefold accepted", "triggered", one.pk, "https://a.example/w")
    ]
    base = made[0].variants.get(channel=None)
    assert [part.text for part in base.parts.all()] == ["wavefold by @[Ana Quintanar] passed review."]
    assert making.make(row) == []


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_what_was_missed_in_a_pause_is_not_made_up_for() -> None:
    row = series(days_ahead=1)
    row = actions.pause_series(series=row, actor=None)
    assert making.active() == []
    with time_machine.travel(NOW + dt.timedelta(days=30), tick=False):
        row = actions.pause_series(series=row, actor=None, paused=False)
        assert making.make(row) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"rrule": "FREQ=SECONDLY"}, "rrule"),
        ({"rrule": ""}, "rrule"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"kind": "relative", "days_after": None}, "after_tag"),
        ({"kind": "triggered", "occasion": "moon"}, "occasion"),
        ({"template": None}, "template"),
        ({"name": ""}, "name"),
    ],
)
def test_a_series_says_what_is_missing(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        series(**changed)
    assert field in raised.value.message_dict
    assert Series.objects.count() == 0
