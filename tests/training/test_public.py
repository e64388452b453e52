"""Pages and feeds of events for everybody: private ones nowhere, cancelled ones marked, names with consent only."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import consents
from folkmoot.people.models import ConsentKind, ConsentText, Person
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.actions.events import announce, cancel, save_event
from folkmoot.training.models import Event, EventKind, EventLink, Session, Status, Visibility
from folkmoot.training.queries.public import shown
from tests.conftest import signed_in
from tests.factories import EventFactory, PersonFactory, TaskFactory, UserFactory
from tests.training.conftest import part

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("rows"),
]
FEEDS = ("all.ics", "all.rss", "all.atom", "all.json", "all.geojson")
#: What stands on events that nobody may see.
SECRET = ("Hidden meeting", "Only planned", "Never told", "Kept Quiet", "Quentin Learner", "not-public-link")


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel("2026-11-29 12:00 +0000", tick=False):
        cache.clear()
        yield


def agreeing(name: str) -> Person:
    if not ConsentKind.objects.exists():
        load_consents()
    person = PersonFactory(name=name, user=UserFactory())
    assert isinstance(person.user, User)
    text = ConsentText.objects.get(kind__slug="publish-name", language="en")
    consents.give(person=person, text=text, actor=person.user)
    return person


@pytest.fixture
def world(announced: Event, alice: User) -> Event:
    """A workshop with people, and beside it everything that must not be seen."""
    place = {"latitude": 1.0, "longitude": 2.0}
    EventFactory(title="Hidden meeting", visibility="private", **place)
    EventFactory(title="Only planned", status="planned", **place)
    never = EventFactory(title="Never told", status="planned", **place)
    cancel(event=never, reason="No room", actor=alice)
    TaskFactory(event=announced, kind=part("instructor"), person=agreeing("Ana Teacher"))
    TaskFactory(event=announced, kind=part("instructor"), person=PersonFactory(name="Kept Quiet"))
    TaskFactory(event=announced, kind=part("helper"), person=agreeing("Ben Helper"))
    TaskFactory(event=announced, kind=part("learner"), person=agreeing("Quentin Learner"))
    TaskFactory(event=announced, kind=part("helper"), person=agreeing("Hidden meeting"), state="withdrawn")
    EventLink.objects.create(event=announced, kind="notes", url="https://pad.example/not-public-link")
    EventLink.objects.create(event=announced, kind="materials", url="https://lesson.example", is_public=True)
    return announced


def text_of(client: Client, path: str) -> str:
    response = client.get(f"/events/{path}")
    assert response.status_code == 200, path
    return str(response.content.decode())


@pytest.mark.parametrize("path", ["", "?when=past", *FEEDS])
def test_what_is_not_for_everybody_is_nowhere(world: Event, client: Client, path: str) -> None:
    text = text_of(client, path)
    assert [word for word in SECRET if word in text] == []
    assert (world.title in text) == (path != "?when=past")


def test_the_page_of_an_event(world: Event, client: Client) -> None:
    text = text_of(client, f"{world.slug}/")
    assert [word for word in SECRET if word in text] == []
    for word in ("1 – 2 March 2027", "09:00 – 16:30", "Europe/London", "Library, Leeds, United Kingdom"):
        assert word in text
    assert "Ana Teacher" in text
    assert "Ben Helper" in text
    assert "https://lesson.example" in text


@pytest.mark.parametrize("suffix", ["/", ".ics"])
def test_a_page_that_is_not_for_everybody_is_told_like_one_that_is_not_there(
    world: Event, client: Client, suffix: str
) -> None:
    for slug in [*Event.objects.exclude(pk=world.pk).values_list("slug", flat=True), "no-such-event"]:
        assert client.get(f"/events/{slug}{suffix}").status_code == 404


def schema(client: Client, event: Event) -> dict[str, Any]:
    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', text_of(client, f"{event.slug}/"), re.DOTALL
    )
    assert len(blocks) == 1
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def test_search_engines_are_told_what_schema_org_says(world: Event, client: Client) -> None:
    assert schema(client, world) == {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "name": "Packaging workshop",
        "url": "http://localhost:8000/events/2027-03-01-packaging-workshop/",
        "startDate": "2027-03-01T09:00:00+00:00",
        "endDate": "2027-03-02T16:30:00+00:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "Library",
            "address": {"@type": "PostalAddress", "addressLocality": "Leeds", "addressCountry": "GB"},
            "geo": {"@type": "GeoCoordinates", "latitude": 53.8, "longitude": -1.55},
        },
        "performer": [{"@type": "Person", "name": "Ana Teacher"}],
    }


def test_a_title_cannot_end_the_block_of_data(announced: Event, alice: User, client: Client) -> None:
    title = "</script><script>alert(1)</script>"
    save_event(event=announced, values={"title": title, "is_online": True}, actor=alice)
    found = schema(client, announced)
    assert found["name"] == title
    assert found["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert "<script>alert" not in text_of(client, f"{announced.slug}/")


def test_html_and_shortcodes_of_a_website_do_no_harm(announced: Event, alice: User, client: Client) -> None:
    text = '<div class="x" onclick="a()">Words</div>\n\n{{< figure src="/a.png" >}}\n\n<script>bad()</script>'
    save_event(event=announced, values={"description": text}, actor=alice)
    page = text_of(client, f"{announced.slug}/")
    assert "Words" in page
    assert not any(word in page for word in ("onclick", "figure src", "bad()"))


def test_a_cancelled_event_says_so_everywhere(world: Event, alice: User, client: Client) -> None:
    cancel(event=world, reason="The roof leaks", actor=alice)
    assert "The roof leaks" in text_of(client, f"{world.slug}/")
    assert "cancelled" in text_of(client, "")
    assert schema(client, world)["eventStatus"] == "https://schema.org/EventCancelled"
    assert entries(client, "all.ics")[0]["status"] == "CANCELLED"
    assert "Cancelled: Packaging workshop" in text_of(client, "all.rss")
    assert json.loads(text_of(client, "all.json"))[0]["status"] == "cancelled"


def entries(client: Client, path: str) -> list[Any]:
    found: list[Any] = Calendar.from_ical(text_of(client, path)).walk("VEVENT")
    return found


def test_calendars(world: Event, client: Client) -> None:
    for path in ("all.ics", f"{world.slug}.ics"):
        (entry,) = entries(client, path)
        assert entry["uid"] == f"event-{world.pk}@localhost"
        assert (entry.decoded("dtstart"), entry.decoded("dtend")) == (world.starts_at, world.ends_at)
        assert str(entry["location"]) == "Library, Leeds, United Kingdom"
        assert entry["geo"].to_ical() == "53.8;-1.55"
        assert entry["status"] == "CONFIRMED"


def test_an_event_without_times_lasts_whole_days(client: Client) -> None:
    EventFactory(ends_on=dt.date(2027, 3, 2))
    (entry,) = entries(client, "all.ics")
    assert (entry.decoded("dtstart"), entry.decoded("dtend")) == (dt.date(2027, 3, 1), dt.date(2027, 3, 3))


def test_the_fields_that_the_carpentries_publish(world: Event, client: Client) -> None:
    assert json.loads(text_of(client, "all.json")) == [
        {
            "slug": "2027-03-01-packaging-workshop",
            "title": "Packaging workshop",
            "start_date": "2027-03-01",
            "end_date": "2027-03-02",
            "url": "http://localhost:8000/events/2027-03-01-packaging-workshop/",
            "venue": "Library",
            "address": "",
            "city": "Leeds",
            "country": "GB",
            "online": False,
            "latitude": 53.8,
            "longitude": -1.55,
            "tag_name": "workshop",
            "kind": "workshop",
            "status": "announced",
            "curriculum": "",
            "instructors": ["Ana Teacher"],
            "helpers": ["Ben Helper"],
            "instructor_count": 2,
            "helper_count": 1,
        }
    ]


def test_maps_get_points_with_the_longitude_first(world: Event, client: Client) -> None:
    EventFactory()  # nobody knows where
    found = json.loads(text_of(client, "all.geojson"))
    assert found["type"] == "FeatureCollection"
    (feature,) = found["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-1.55, 53.8]}
    assert feature["properties"]["instructors"] == ["Ana Teacher"]


@pytest.mark.parametrize("path", FEEDS)
def test_what_is_the_same_is_not_sent_again(world: Event, alice: User, client: Client, path: str) -> None:
    first = client.get(f"/events/{path}")
    tag = first["ETag"]
    assert (first["Last-Modified"], first["Cache-Control"]) == ("Sun, 29 Nov 2026 12:00:00 GMT", "no-cache")
    again = client.get(f"/events/{path}", headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    later = client.get(f"/events/{path}", headers={"if-modified-since": first["Last-Modified"]})
    assert later.status_code == 200  # a consent may have ended since
    save_event(event=world, values={"title": "Another title"}, actor=alice)
    assert client.get(f"/events/{path}", headers={"if-none-match": tag}).status_code == 200


def test_a_name_is_gone_the_moment_the_consent_is(world: Event, client: Client) -> None:
    ana = Person.objects.get(name="Ana Teacher")
    tag = client.get("/events/all.json")["ETag"]
    assert isinstance(ana.user, User)
    text = ConsentText.objects.get(kind__slug="publish-name", language="en")
    consents.withdraw(person=ana, kind=text.kind, actor=ana.user)
    response = client.get("/events/all.json", headers={"if-none-match": tag})
    assert response.status_code == 200
    assert json.loads(response.content)[0]["instructors"] == []
    assert "Ana Teacher" not in text_of(client, f"{world.slug}/")


def test_kinds_and_times_narrow(world: Event, alice: User, client: Client) -> None:
    old = EventFactory(
        title="Old talk",
        kind=EventKind.objects.get(slug="talk"),
        status="done",
        starts_on=dt.date(2026, 5, 1),
        ends_on=dt.date(2026, 5, 1),
    )
    assert "Old talk" not in text_of(client, "")
    assert "Old talk" in text_of(client, "?when=past")
    assert "Old talk" in text_of(client, "?when=past&kind=talk")
    assert "Old talk" not in text_of(client, "?when=past&kind=workshop")
    assert [row["slug"] for row in json.loads(text_of(client, "all.json?when=past"))] == [old.slug]
    assert [row["slug"] for row in json.loads(text_of(client, "all.json?kind=workshop"))] == [world.slug]
    assert len(json.loads(text_of(client, "all.json?kind=%00&page=x&when=%C3"))) == 2


def test_an_empty_house(client: Client) -> None:
    assert "Nothing is planned just now" in text_of(client, "")
    assert "Nothing yet" in text_of(client, "?when=past")
    assert json.loads(text_of(client, "all.json")) == []
    assert entries(client, "all.ics") == []


def test_feeds_go_on_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.training.views.feeds.PAGE", 2)
    for _number in range(3):
        EventFactory()
    first = client.get("/events/all.json?when=upcoming")
    assert len(json.loads(first.content)) == 2
    assert first["Link"] == '<http://localhost:8000/events/all.json?when=upcoming&page=2>; rel="next"'
    second = client.get("/events/all.json?when=upcoming&page=2")
    assert (len(json.loads(second.content)), "Link" in second) == (1, False)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, ""),
        ({"registration_by": "elsewhere", "registration_url": "https://tickets.example"}, "https://tickets.example"),
        (
            {"registration_by": "elsewhere", "registration_url": "https://tickets.example",
             "registration_closes_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)},
            "",
        ),
        (
            {"registration_by": "elsewhere", "registration_url": "https://tickets.example",
             "registration_opens_at": dt.datetime(2026, 12, 1, tzinfo=dt.UTC)},
            "",
        ),
    ],
)  # fmt: skip
def test_where_people_sign_up(
    announced: Event, alice: User, client: Client, values: Any, address: str
) -> None:
    save_event(event=announced, values=values, actor=alice)
    text = text_of(client, f"{announced.slug}/")
    assert ("Register</a>" in text, bool(address) and address in text) == (bool(address), bool(address))


def test_the_form_here_and_the_waiting_list(announced: Event, alice: User, client: Client) -> None:
    save_event(event=announced, values={"registration_by": "here", "capacity": 1}, actor=alice)
    address = f'href="/events/{announced.slug}/register/"'
    page = text_of(client, f"{announced.slug}/")
    assert (address in page, "Register</a>" in page) == (True, True)
    TaskFactory(event=announced, kind=part("learner"))
    page = text_of(client, f"{announced.slug}/")
    assert (address in page, "Join the waiting list</a>" in page) == (True, True)


def test_there_is_no_form_of_an_event_that_nobody_heard_of(
    workshop: Event, alice: User, client: Client
) -> None:
    save_event(event=workshop, values={"registration_by": "here"}, actor=alice)
    cancel(event=workshop, reason="No room", actor=alice)
    assert client.get(f"/events/{workshop.slug}/register/").status_code == 404


def test_sessions_stand_in_the_time_of_the_place(announced: Event, alice: User, client: Client) -> None:
    save_event(event=announced, values={"time_zone": "Asia/Tokyo"}, actor=alice)
    Session.objects.create(
        event=announced,
        title="Opening",
        uid="a",
        room="Hall",
        starts_at=dt.datetime(2027, 3, 1, 0, 30, tzinfo=dt.UTC),
        ends_at=dt.datetime(2027, 3, 1, 1, tzinfo=dt.UTC),
    )
    assert "1 Mar, 09:30" in text_of(client, f"{announced.slug}/")


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"), [("", 4), ("all.ics", 2), ("all.rss", 2), ("all.json", 7), ("all.geojson", 7)]
)
def test_the_cost_does_not_grow(
    client: Client, django_assert_num_queries: Any, number: int, path: str, queries: int
) -> None:
    for _number in range(number):
        event = EventFactory(latitude=1, longitude=2, announced_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
        for _person in range(2):
            TaskFactory(event=event, kind=part("instructor"), person=agreeing("Ana"))
    client.get(f"/events/{path}")  # what is remembered for a while
    with django_assert_num_queries(queries):
        client.get(f"/events/{path}")


def test_announcing_and_cancelling_and_planning_again(workshop: Event, alice: User, client: Client) -> None:
    assert workshop.title not in text_of(client, "")
    announce(event=workshop, actor=alice)
    assert workshop.title in text_of(client, "")


def test_the_record_page_leads_to_the_public_one_where_there_is_one(alice: User) -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    for status in Status.values:
        for visibility in Visibility.values:
            for told in (None, now):
                EventFactory(status=status, visibility=visibility, announced_at=told)
    events = {event.pk: event.is_for_everybody for event in Event.objects.all()}
    assert {pk for pk, is_shown in events.items() if is_shown} == set(shown().values_list("pk", flat=True))
    for is_shown in (True, False):
        event = Event.objects.filter(pk__in=[pk for pk, each in events.items() if each == is_shown])[0]
        page = signed_in(alice).get(f"/training/{event.pk}/").content.decode()
        assert (f'href="/events/{event.slug}/"' in page) == is_shown
