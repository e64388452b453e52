"""Pages of workshops: where they are, what they say, how that is compared and taken over; hosts that do not answer."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Client as Web
from folkmoot.kernel.http import Limits
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.plugs import today_sources
from folkmoot.training.actions.events import save_event
from folkmoot.training.models import Event, PageReading, Request
from folkmoot.training.workshop_pages import comparing, metadata, reading
from tests.factories import EventFactory, RequestFactory

SAID = {
    "slug": "2027-03-08-leeds",
    "startdate": "2027-03-08",
    "enddate": "2027-03-09",
    "country": "gb",
    "venue": "Library",
    "address": "1 Harbour Street",
    "latlng": "53.8, -1.55",
    "language": "en",
    "eventbrite": "123456",
    "instructor": "Ana Pérez | Lio Brandt",
    "helper": "Bo Reyes",
    "contact": "ana@example.org | lio@example.org",
}


def html(said: dict[str, str]) -> str:
    metas = "".join(f'<meta name="{key}" content="{text}" />' for key, text in said.items())
    return f"<!doctype html><html><head><title>X</title>{metas}</head><body>startdate</body></html>"


def source(said: dict[str, str]) -> str:
    return (
        "---\nlayout: workshop\n"
        + "".join(f'{key}: "{text}"\n' for key, text in said.items())
        + "---\nHello\n"
    )


# ------------------------------------------------------------------ where


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/harbour/2027-leeds",
        "http://github.com/harbour/2027-leeds.git",
        "https://github.com/harbour/2027-leeds/",
        "https://harbour.github.io/2027-leeds",
        "https://harbour.github.io/2027-leeds/",
        "https://harbour.github.io/2027-leeds/index.html",
        "https://harbour.github.io/2027-leeds/#schedule",
    ],
)
def test_a_page_on_github_is_asked_itself_and_then_its_files(address: str) -> None:
    raw = "https://raw.githubusercontent.com/harbour/2027-leeds/gh-pages"
    assert metadata.is_of_github(address)
    assert metadata.addresses(address) == [
        "https://harbour.github.io/2027-leeds/",
        f"{raw}/index.html",
        f"{raw}/index.md",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://example.org/x",
        "https://github.com.evil.example/a/b",
        "https://github.com/a",
        "javascript:x",
    ],
)
def test_others_are_asked_as_they_are(address: str) -> None:
    assert not metadata.is_of_github(address)
    assert metadata.addresses(address) == ([address] if address else [])


# ------------------------------------------------------------------- what


@pytest.mark.parametrize("write", [html, source])
def test_metas_and_front_matter_say_the_same(write: Any) -> None:
    assert metadata.read(write(SAID)) == SAID


def test_latitude_and_longitude_may_stand_apart() -> None:
    apart = {key: text for key, text in SAID.items() if key != "latlng"} | {"lat": "53.8", "lng": "-1.55"}
    assert metadata.read(html(apart)) == SAID


def test_a_page_without_a_first_day_says_nothing_of_a_workshop() -> None:
    assert metadata.read("<html><meta name='venue' content='X'></html>") == {}
    assert metadata.read("---\n: [broken\n---\n") == {}
    assert metadata.read("\0" * 1000) == {}


def test_what_is_missing_or_wrong_is_said() -> None:
    said = {
        "startdate": "2027-03-08",
        "enddate": "2027-03-01",
        "country": "xx",
        "venue": "FIXME",
        "latlng": "91, 0",
        "language": "english",
        "eventbrite": "soon",
    }
    found = metadata.values(said)
    assert found.problems == [
        "“slug” is missing.",
        "“address” is missing.",
        "“instructor” is missing.",
        "“helper” is missing.",
        "“contact” is missing.",
        "“country” cannot be read: xx",
        "“venue” still says FIXME.",
        "“latlng” cannot be read: 91, 0",
        "“language” cannot be read: english",
        "“eventbrite” cannot be read: soon",
        "The last day is before the first.",
    ]
    assert found.fields == {"starts_on": dt.date(2027, 3, 8)}
    assert metadata.values({"startdate": "2027-02-30"}).fields == {}
    assert metadata.values({"country": "W3"}).fields == {"is_online": True}


# --------------------------------------------------------------- comparing


def test_differences_stand_beside_what_the_event_says(workshop: Event) -> None:
    assert [(one.label, one.here, one.there) for one in comparing.differences(workshop, SAID)] == [
        ("Days", "1 March 2027 – 2 March 2027", "8 March 2027 – 9 March 2027"),
        ("Address", "nothing", "1 Harbour Street"),
        ("Languages", "not known", "English"),
        ("Contact", "nothing", "ana@example.org, lio@example.org"),
        ("Short name", "2027-03-01-packaging-workshop", "2027-03-08-leeds"),
    ]
    assert comparing.differences(workshop, {"startdate": "2027-03-01", "enddate": "2027-03-02"}) == []


def kept(event: Event, said: dict[str, str] | None = None, **values: Any) -> PageReading:
    said = SAID if said is None else said
    fields = metadata.values(said).fields
    now = clock.now()
    row: PageReading = PageReading.objects.create(
        event=event,
        url="https://harbour.github.io/leeds",
        said=said,
        starts_on=fields.get("starts_on"),
        ends_on=fields.get("ends_on"),
        read_at=now,
        changed_at=now,
        tried_at=now,
        **values,
    )
    return row


def test_one_value_or_all_are_taken_over_and_taken_back(as_alice: Client, workshop: Event) -> None:
    kept(workshop)
    page, take = (reverse(f"training:{name}", args=[workshop.pk]) for name in ("event", "take_over_page"))
    assert "8 March 2027 – 9 March 2027" in as_alice.get(page).content.decode()
    as_alice.post(take, {"take": "days"})
    workshop.refresh_from_db()
    assert (workshop.starts_on, workshop.ends_on, workshop.address) == (
        dt.date(2027, 3, 8),
        dt.date(2027, 3, 9),
        "",
    )
    as_alice.post(take)
    workshop.refresh_from_db()
    assert (workshop.slug, workshop.address, workshop.languages) == (
        "2027-03-08-leeds",
        "1 Harbour Street",
        ["en"],
    )
    shown = as_alice.get(page).content.decode()
    assert "It says the same as Folkmoot." in shown
    as_alice.post("/training/undo/" + shown.split("/training/undo/")[-1].split('"')[0])
    workshop.refresh_from_db()
    assert (workshop.starts_on, workshop.address) == (dt.date(2027, 3, 8), "")


def test_what_cannot_be_taken_over_is_said(as_alice: Client, workshop: Event, alice: User) -> None:
    EventFactory(slug="2027-03-08-leeds", title="Twin")
    kept(workshop)
    with pytest.raises(ValidationError) as caught:
        comparing.take_over(event=workshop, keys=["slug"], actor=alice)
    assert "is the short name of “Twin”" in caught.value.messages[0]
    with pytest.raises(ValidationError, match="says nothing of this"):
        comparing.take_over(event=workshop, keys=["nonsense"], actor=alice)
    with pytest.raises(ValidationError, match="says nothing of this"):
        comparing.take_over(event=EventFactory(), keys=["days"], actor=alice)


# ----------------------------------------------------------------- reading


class Site:
    """A web server of this machine: what it answers, by path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, text = site.pages.get(self.path, (404, "no"))
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    made = Site()
    settings.HTTP_ALLOW = [f"127.0.0.1:{made.server.server_port}"]
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_page_is_read_by_a_job_and_again_when_it_changes(
    as_alice: Client, workshop: Event, alice: User, site: Site
) -> None:
    save_event(event=workshop, values={"website": f"{site.address}/leeds/"}, actor=alice)
    site.pages["/leeds/"] = (200, html(SAID))

    def read() -> PageReading:
        as_alice.post(reverse("training:read_event_page", args=[workshop.pk]))
        run_in_foreground(Job.objects.filter(kind=reading.JOB).latest("pk"))
        return PageReading.objects.get()

    row = read()
    assert (row.event, row.said, row.problem, row.starts_on) == (workshop, SAID, "", dt.date(2027, 3, 8))
    first = row.changed_at
    assert read().changed_at == first
    # What was read well stays when the page cannot be read, and the card says so.
    site.pages["/leeds/"] = (500, "broken")
    row = read()
    assert (row.said, row.problem) == (SAID, f"{site.address}/leeds/ answers 500")
    shown = as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert "It could not be read the last time" in shown
    site.pages["/leeds/"] = (200, html(SAID | {"venue": "Town hall"}))
    row = read()
    assert (row.said["venue"], row.problem, row.changed_at and first and row.changed_at > first) == (
        "Town hall",
        "",
        True,
    )


def test_every_night_the_coming_events_with_a_page_are_read(workshop: Event, alice: User, site: Site) -> None:
    save_event(event=workshop, values={"website": f"{site.address}/leeds/"}, actor=alice)
    kept(workshop, {"startdate": "2027-03-01"})
    done = EventFactory(status="done", website=f"{site.address}/done/")
    kept(done)
    EventFactory(status="announced", website=f"{site.address}/plain/")  # no page on GitHub, never read
    site.pages["/leeds/"] = (200, html(SAID))
    job = Job.objects.create(kind=reading.JOB, arguments={})
    run_in_foreground(job)
    assert site.asked == ["/leeds/"]
    assert PageReading.objects.get(event=workshop).said == SAID


@pytest.mark.parametrize(("hour", "slot"), [(2, ""), (3, "2027-01-10"), (23, "2027-01-10")])
def test_the_night_begins_at_three(hour: int, slot: str) -> None:
    assert reading.nightly(dt.datetime(2027, 1, 10, hour, tzinfo=dt.UTC)) == slot


def test_the_inner_network_is_not_asked(workshop: Event, alice: User, settings: Any, site: Site) -> None:
    settings.HTTP_ALLOW = []
    workshop = save_event(event=workshop, values={"website": f"{site.address}/leeds/"}, actor=alice)
    with Web(limits=reading.LIMITS) as client:
        assert reading.read_page(workshop, client) is False
    row = PageReading.objects.get()
    assert (row.said, "not a public address" in row.problem, site.asked) == ({}, True, [])


class Broken(httpx.BaseTransport):
    """The network's edge: answers by address, or fails there."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        answer = self.answers[request.url.host.partition(".")[0]]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], text=answer[1])


def fetched(
    transport: Broken, address: str = "https://github.com/harbour/leeds"
) -> tuple[dict[str, str], str]:
    with Web(limits=Limits(tries=1, size=10_000), transport=transport) as client:
        return reading.fetch(address, client)


@pytest.mark.parametrize(
    "site_says",
    [
        (404, "no"),
        (200, "<html>being built</html>"),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("too slow"),
        (200, "x" * 20_000),
    ],
)
def test_where_the_site_fails_its_source_is_read(site_says: Any) -> None:
    assert fetched(Broken(harbour=site_says, raw=(200, source(SAID)))) == (SAID, "")


def test_where_nothing_can_be_read_the_first_reason_is_kept() -> None:
    edge = Broken(harbour=httpx.ReadTimeout("too slow"), raw=(404, "no"))
    said, problem = fetched(edge)
    assert (said, "harbour.github.io" in problem, len(edge.asked)) == ({}, True, 3)


# -------------------------------------------------------------------- Today


def test_today_tells_of_other_days_until_they_are_the_same(workshop: Event, alice: User) -> None:
    kept(workshop)
    kept(EventFactory(status="announced", starts_on=dt.date(2027, 3, 8), ends_on=dt.date(2027, 3, 9)))
    kept(EventFactory(status="done"))
    now = clock.now()

    def told() -> list[tuple[str, str]]:
        return [
            (item.title, str(item.why))
            for item in today_sources.get("training.page_days").find(alice, now, 50)
        ]

    assert told() == [
        ("Packaging workshop", "its page says other days than Folkmoot: 8 March 2027 – 9 March 2027")
    ]
    comparing.take_over(event=workshop, keys=["days"], actor=alice)
    assert told() == []


# ----------------------------------------------------------------- requests


def test_the_page_that_a_request_names_is_read_and_shown(as_alice: Client, rows: None, site: Site) -> None:
    field = {"key": "page", "label": "Page", "help": "", "kind": "url", "choices": [], "fills": "website"}
    asked: Request = RequestFactory(answers={"page": f"{site.address}/leeds/"})
    asked.version.fields = [field]
    asked.version.save()
    page = reverse("training:request", args=[asked.pk])
    assert "It was not read yet:" in as_alice.get(page).content.decode()
    site.pages["/leeds/"] = (200, html({key: text for key, text in SAID.items() if key != "helper"}))
    as_alice.post(reverse("training:read_request_page", args=[asked.pk]))
    run_in_foreground(Job.objects.get(kind=reading.JOB))
    shown = as_alice.get(page).content.decode()
    assert ("“helper” is missing." in shown, "1 Harbour Street" in shown) == (True, True)


def test_names_on_the_page_are_for_who_may_see_training(
    as_bob: Client, as_alice: Client, workshop: Event
) -> None:
    kept(workshop)
    address = reverse("training:event", args=[workshop.pk])
    assert "Ana Pérez, Lio Brandt" in as_alice.get(address).content.decode()
    assert as_bob.get(address).status_code == 403
