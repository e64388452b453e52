"""What AMY says, in the words of this house: no database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from folkmoot.kernel.imports.sources import Row
from folkmoot.training.imports.amy import asked, event_values, parts, profiles
from folkmoot.training.imports.amy.common import Said
from folkmoot.training.models import FieldKind, Status
from tests.amy import dump_training as made

TODAY = dt.date(2024, 3, 5)


def said(thing: dict[str, Any], **beside: Any) -> Said:
    return Said(Row("amy.json", 7, thing), thing["model"], str(thing["pk"]), thing["fields"], beside)


def standing(tags: tuple[str, ...] = ("SWC",), today: dt.date = TODAY, **over: Any) -> tuple[str, str]:
    one = said(made.event(1, **over), tags=list(tags), administrator="software-carpentry.org")
    days = event_values.days(one)
    found = event_values.standing(one, days["starts_on"], days["ends_on"], today)
    return found["status"], found["status_reason"]


@pytest.mark.parametrize(
    ("over", "tags", "today", "status"),
    [
        ({}, ("SWC",), "2024-03-06", Status.DONE),
        ({}, ("SWC",), "2024-03-05", Status.RUNNING),
        ({}, ("SWC",), "2024-03-03", Status.ANNOUNCED),
        ({"url": None}, ("SWC",), "2024-03-03", Status.PLANNED),
        ({"url": None}, ("SWC",), "2024-03-06", Status.DONE),
        ({"latitude": None}, ("SWC",), "2024-03-03", Status.PLANNED),
        ({"country": "W3", "latitude": None, "longitude": None}, ("online",), "2024-03-03", Status.ANNOUNCED),
        ({}, ("SWC", "cancelled"), "2024-03-06", Status.CANCELLED),
        ({}, ("SWC", "stalled"), "2024-03-06", Status.STALLED),
        ({}, ("SWC", "unresponsive"), "2024-03-06", Status.DONE),
        ({}, ("SWC", "unresponsive"), "2024-03-03", Status.STALLED),
        ({"start": None, "end": None, "completed": False}, ("SWC",), "2024-03-06", Status.PLANNED),
        ({"start": None, "end": None, "completed": True}, ("SWC",), "2024-03-06", Status.STALLED),
    ],
)
def test_status_follows_from_tags_days_and_what_is_known(
    over: dict[str, Any], tags: tuple[str, ...], today: str, status: str
) -> None:
    assert standing(tags, dt.date.fromisoformat(today), **over)[0] == status


def test_unresponsive_says_why() -> None:
    assert standing(("unresponsive",), dt.date(2024, 4, 1)) == (
        Status.DONE,
        "Nobody answers any more, AMY says.",
    )


def test_a_slug_without_days_has_none() -> None:
    one = said(made.event(1, slug="xxxx-xx-xx-lima", start=None, end=None))
    assert event_values.days(one) == {"starts_on": None, "ends_on": None}
    assert one.problems == []


def test_an_end_before_the_start_is_left_out_and_listed() -> None:
    one = said(made.event(1, start="2024-03-04", end="2024-03-01"))
    assert event_values.days(one) == {"starts_on": dt.date(2024, 3, 4), "ends_on": None}
    assert one.problems == [("end", "is before the first day: left out")]


def test_online_is_no_country_and_internet_no_venue() -> None:
    fields = {
        "country": "W3",
        "venue": "Internet",
        "address": "Internet",
        "latitude": None,
        "longitude": None,
    }
    assert event_values.place(said(made.event(1, **fields))) == {
        "is_online": True, "country": "", "venue": "", "address": "", "latitude": None, "longitude": None,
    }  # fmt: skip


def test_an_unknown_country_and_a_place_beyond_the_pole_are_listed() -> None:
    one = said(made.event(1, country="ZZ", latitude=91.5))
    place = event_values.place(one)
    assert (place["country"], place["latitude"], place["longitude"]) == ("", None, None)
    assert [name for name, _why in one.problems] == ["country", "latitude"]


@pytest.mark.parametrize(
    ("key", "url"),
    [("123", "https://www.eventbrite.com/e/123"), ("https://tickets.example.org/1", "https://tickets.example.org/1"),
     ("", "")],
)  # fmt: skip
def test_signing_up(key: str, url: str) -> None:
    found = event_values.signing_up(said(made.event(1, reg_key=key)))
    assert found == {"registration_by": "elsewhere" if url else "", "registration_url": url}


def test_one_address_for_two_surveys_stands_once_for_each_kind() -> None:
    url = "https://s.example.org/a"
    asks = {"learners_pre": url, "instructors_pre": url, "learners_post": url, "instructors_post": "",
            "learners_longterm": ""}  # fmt: skip
    one = said(made.event(1, **asks))
    assert [(name, kind) for name, kind, _label, _url in event_values.surveys(one)] == [
        ("learners_pre", "survey_before"), ("learners_post", "survey_after"),
    ]  # fmt: skip


def test_beside_an_event_stand_the_names_of_what_it_names() -> None:
    names = {
        "workshops.tag": {"1": {"name": "SWC"}, "2": {"name": "TTT"}},
        "workshops.organization": {"9": {"domain": "self-organized"}, "8": {"domain": "software-carpentry.org"},
                                   "1": {"domain": "harbour1.example", "fullname": "Harbour University"}},
        "workshops.language": {"1": {"subtag": "es"}},
    }  # fmt: skip
    central = event_values.beside(made.event(1, administrator=8)["fields"], names)
    assert central == {"tags": ["SWC"], "administrator": "software-carpentry.org", "programme": "8",
                       "language": "es", "has_code": True, "host": "Harbour University"}  # fmt: skip
    own = event_values.beside(made.event(1, administrator=9)["fields"], names)
    assert (own["administrator"], own["programme"]) == ("self-organized", "8")


def test_only_learners_have_seats() -> None:
    one = said(made.task(1, seat_membership=3), role="instructor")
    assert parts.seat_of(one) is None
    assert one.problems == [("role", "only learners have seats: its seat was left out")]
    seat = parts.seat_of(said(made.task(1, seat_membership=3, seat_public=False), role="learner"))
    assert seat is not None
    assert (seat.key, seat.in_house) == ("workshops.membership/3#in-house-seats", True)
    seat = parts.seat_of(said(made.task(1, seat_open_training=True), role="learner"))
    assert seat is not None
    assert seat.key == ""


def test_an_airport_places_somebody_also_where_amy_says_no_coordinates() -> None:
    from tests.amy.dump import person

    values = profiles.values(said(person(1), languages=["es"]))
    assert (values["airport"], values["latitude"], values["languages"]) == ("LIM", -12.0219, ["es"])
    values = profiles.values(said(person(1, airport_lat=None, airport_lon=None), languages=[]))
    assert values["airport"] == "LIM"
    assert round(values["latitude"]) == -12
    one = said(person(1, airport_iata="QQQ", airport_lat=None, airport_lon=None), languages=[])
    assert profiles.values(one)["airport"] == ""
    assert [name for name, _why in one.problems] == ["airport_iata"]


def test_every_question_is_of_a_kind_that_a_form_has_and_comes_from_a_column() -> None:
    builders = {"workshops.workshoprequest": made.workshop_request, "extrequests.workshopinquiryrequest": made.inquiry,
                "extrequests.selforganisedsubmission": made.self_organised,
                "workshops.trainingrequest": made.training_request}  # fmt: skip
    assert set(builders) == set(asked.models())
    for model, build in builders.items():
        keys = [one["key"] for one in asked.questions(model)]
        assert len(keys) == len(set(keys))
        assert {one["kind"] for one in asked.questions(model)} <= set(FieldKind.values)
        assert {one["from"] for one in asked.questions(model)} <= set(build(1)["fields"]), model


def test_every_column_of_the_dump_is_declared() -> None:
    from folkmoot.people.public import amy_models

    for thing in made.training():
        if thing["model"] == "django_comments.comment" or thing["model"] == "workshops.organization":
            continue  # the register's
        assert thing["model"] in amy_models, thing["model"]
        missing = [name for name in thing["fields"] if not amy_models.knows(thing["model"], name)]
        assert missing == [], (thing["model"], missing)
