"""Pages of events on websites: read, kept letter by letter, written back, and written newly."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries
from typer.testing import CliRunner

import folkmoot.kernel.commands  # noqa: F401 - registers the command
from folkmoot.kernel import front
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli
from folkmoot.kernel.exports import sites
from folkmoot.ledger.models import Activity
from folkmoot.people.models import Person
from folkmoot.training.actions.events import announce, cancel, save_event
from folkmoot.training.models import Event, EventKind, EventPage, Session, Task
from folkmoot.training.site import saying
from tests.factories import EventFactory, IdentityFactory, PersonFactory
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

PAGE = """---
title: 'Packaging: a workshop'
date: '2026-03-02'   # odd spacing stays
lastmod: ''
excerpt: >
  Two days
  on packages.
event:
  start_date: '2026-03-02'
  end_date: 2026-03-03
  location: Kraków, Poland
  conference: EuroPython 2026
  event_type: training
aliases:
- "/events/old.html"
instructors:
- name: Ana Example
  github: ana
- name: No Login
---

## Come

{{< figure src="/a.png" >}}
"""
DRAFT = """---
title: Talk
draft: true
event: {start_date: 2027-05-01, location: Online using Chat, event_type: talk}
---
"""
LIST = "---\ntitle: Our events\n---\nAll of them.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    events = tmp_path / "in" / "events"
    events.mkdir(parents=True)
    (events / "2026-packaging.md").write_bytes(PAGE.encode())
    (events / "crlf.md").write_bytes(b"\xef\xbb\xbf" + DRAFT.replace("\n", "\r\n").encode())
    (events / "_index.md").write_bytes(LIST.encode())
    return tmp_path / "in"


def on_disk(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def website() -> dict[str, bytes]:
    return {file.name: file.content.encode() for file in sites.get("events").files()}


@time_machine.travel("2026-11-29 12:00 +0000", tick=False)
def test_pages_become_events(folder: Path) -> None:
    ana = IdentityFactory(system="github", value="Ana").person
    run = applied("pyopensci", folder)
    assert rejections(run) == []
    assert created(run) == {"events": 2, "pages": 3, "parts": 1, "activities": 1}
    event = Event.objects.get(slug="2026-packaging")
    assert (event.title, event.summary, event.kind.slug) == (
        "Packaging: a workshop",
        "Two days on packages.",
        "training",
    )
    assert (event.starts_on, event.ends_on) == (dt.date(2026, 3, 2), dt.date(2026, 3, 3))
    assert (event.city, event.country, event.is_online) == ("Kraków", "PL", False)
    assert event.ends_at == dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert event.status == "done"
    assert event.description == '## Come\n\n{{< figure src="/a.png" >}}'
    task = Task.objects.get()
    assert (task.person, task.kind.slug, task.event) == (ana, "instructor", event)
    assert Activity.objects.get().external_id == f"task:{task.pk}"
    draft = Event.objects.get(slug="crlf")
    assert (draft.status, draft.is_online, draft.venue) == ("planned", True, "Online using Chat")
    assert EventPage.objects.get(path="events/_index.md").event is None


def test_what_nobody_edited_is_written_back_letter_by_letter(folder: Path) -> None:
    applied("pyopensci", folder)
    assert website() == on_disk(folder)


def test_again_changes_nothing_and_an_undo_leaves_nothing(folder: Path) -> None:
    run = applied("pyopensci", folder)
    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    for model in (Event, EventPage, Task, Activity, Person):
        assert not model.objects.exists()
    assert website() == {}


def test_an_edit_changes_its_own_lines_only(folder: Path, alice: User) -> None:
    applied("pyopensci", folder)
    event = Event.objects.get(slug="2026-packaging")
    save_event(event=event, values={"title": "Packaging: two days"}, actor=alice)
    written = website()["events/2026-packaging.md"].decode()
    assert written == PAGE.replace("title: 'Packaging: a workshop'", "title: 'Packaging: two days'")
    save_event(
        event=event,
        values={
            "title": "Packaging: a workshop",
            "city": "Leeds",
            "country": "GB",
            "description": "Come\nsoon",
        },
        actor=alice,
    )
    document = front.read(website()["events/2026-packaging.md"].decode())
    assert front.values(document)["event"] == {
        "start_date": "2026-03-02",
        "end_date": dt.date(2026, 3, 3),
        "location": "Leeds, United Kingdom",
        "conference": "EuroPython 2026",
        "event_type": "training",
    }
    assert document.body == "\nCome\nsoon\n"
    assert front.values(document)["aliases"] == ["/events/old.html"]
    # The file with other line ends keeps them.
    assert website()["events/crlf.md"] == on_disk(folder)["events/crlf.md"]


def test_a_page_that_changed_is_taken_unless_it_was_changed_here_too(folder: Path, alice: User) -> None:
    applied("pyopensci", folder)
    event = Event.objects.get(slug="2026-packaging")
    save_event(event=event, values={"title": "Ours"}, actor=alice)
    newer = PAGE.replace("a workshop", "theirs").replace("end_date: 2026-03-03", "end_date: 2026-03-04")
    (folder / "events" / "2026-packaging.md").write_text(newer)
    run = applied("pyopensci", folder)
    event.refresh_from_db()
    assert (event.title, event.ends_on) == ("Ours", dt.date(2026, 3, 4))
    assert event.ends_at == dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    assert updated(run) == {"events": 1, "pages": 1}
    assert rejections(run) == [
        (
            "events/2026-packaging.md",
            1,
            "title",
            "was changed here and on the website: what stands here is kept",
        )
    ]
    undone(run)
    event.refresh_from_db()
    assert (event.title, event.ends_on) == ("Ours", dt.date(2026, 3, 3))


@pytest.mark.parametrize(
    ("before", "after", "line", "field", "reason"),
    [
        ("title: Talk\n", "", 1, "title", "is missing; the event is left out"),
        ("start_date: 2027-05-01, ", "", 1, "start_date", "is missing: write 2026-11-20; the event is left out"),
        ("2027-05-01", "soon", 1, "start_date", "“soon” is no day: write 2026-11-20; the event is left out"),
        ("location", "end_date: 2027-04-01, location", 1, "end_date", "is before the first day; the event is left out"),
        ("title: Talk", "title: 'Talk", 6, "",
         "the front matter cannot be read: found unexpected end of stream"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_read_is_named(
    tmp_path: Path, before: str, after: str, line: int, field: str, reason: str
) -> None:
    (tmp_path / "talk.md").write_text(DRAFT.replace(before, after))
    (tmp_path / "good.md").write_text(PAGE)
    run = applied("event-pages", tmp_path)
    found = rejections(run)
    assert [(row[0], row[2], row[3]) for row in found] == [("talk.md", field, reason)]
    assert Event.objects.count() == 1


def test_a_kind_that_nobody_has_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(DRAFT.replace("event_type: talk", "event_type: Hack day"))
    run = applied("event-pages", tmp_path)
    assert created(run) == {"events": 1, "pages": 1, "kinds": 1}
    kind = EventKind.objects.get(slug="hack-day")
    assert (kind.name, saying.kind_word(kind)) == ("Hack day", "Hack day")
    undone(run)
    assert not EventKind.objects.filter(slug="hack-day").exists()


def test_somebody_who_was_forgotten_gets_no_part(tmp_path: Path) -> None:
    person = PersonFactory(erased_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    IdentityFactory(person=person, system="github", value="ana")
    (tmp_path / "a.md").write_text(PAGE)
    applied("event-pages", tmp_path)
    assert not Task.objects.exists()


def test_new_events_get_pages_beside_those_that_are_there(
    folder: Path, alice: User, announced: Event
) -> None:
    applied("pyopensci", folder)
    hidden = EventFactory(slug="hidden", visibility="private")
    planned = EventFactory(slug="planned", status="planned")
    gone = cancel(event=EventFactory(slug="gone", status="planned"), reason="No room", actor=alice)
    told = cancel(
        event=announce(event=EventFactory(slug="told", status="planned"), actor=alice),
        reason="Ill",
        actor=alice,
    )
    names = set(website()) - set(on_disk(folder))
    assert names == {f"events/{announced.slug}.md", f"events/{told.slug}.md"}
    assert not {hidden.slug, planned.slug, gone.slug} & {Path(name).stem for name in website()}
    assert website()[f"events/{announced.slug}.md"].decode() == (
        "---\ntitle: Packaging workshop\ndate: '2027-03-01'\nevent:\n  start_date: '2027-03-01'\n"
        "  end_date: '2027-03-02'\n  location: Library, Leeds, United Kingdom\n  event_type: workshop\n---\n"
    )


def test_the_page_of_an_event_that_became_private_is_not_written(folder: Path, alice: User) -> None:
    applied("pyopensci", folder)
    save_event(event=Event.objects.get(slug="crlf"), values={"visibility": "private"}, actor=alice)
    assert set(website()) == set(on_disk(folder)) - {"events/crlf.md"}


def test_for_hugo_and_for_jekyll(announced: Event) -> None:
    (hugo,) = sites.get("hugo").files()
    (jekyll,) = sites.get("jekyll").files()
    assert (hugo.name, jekyll.name) == (
        f"content/events/{announced.slug}.md",
        f"_events/{announced.slug}.md",
    )
    assert jekyll.content == hugo.content.replace("---\n", "---\nlayout: event\n", 1)
    assert saying.fields_of(front.read(hugo.content))["title"] == announced.title
    assert website() == {}  # no website's pages were read


PROGRAMME = """sessions:
- title: Opening
  from: '2027-03-01T10:00:00+01:00'
  to: '2027-03-01T10:30:00+01:00'
  room: Hall
  track: Everybody
- title: No time yet
"""


def a_programme(event: Event) -> Session:
    """One session with all there is to say, and one with a title; it is winter in Madrid."""
    event.time_zone = "Europe/Madrid"
    event.save()
    Session.objects.create(event=event, title="No time yet", uid="2")
    return Session.objects.create(
        event=event,
        title="Opening",
        uid="1",
        room="Hall",
        track="Everybody",
        starts_at=dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC),
        ends_at=dt.datetime(2027, 3, 1, 9, 30, tzinfo=dt.UTC),
    )


def test_a_new_page_has_the_programme(
    announced: Event, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    (before,) = sites.get("hugo").files()
    a_programme(announced)
    with django_assert_num_queries(2):
        (hugo,) = sites.get("hugo").files()
    assert hugo.content == before.content.removesuffix("---\n") + PROGRAMME + "---\n"


def test_a_page_gets_the_programme_only_if_it_has_one(folder: Path) -> None:
    with_one = PAGE.replace("aliases:", "sessions: []  # soon\naliases:")
    other = PAGE.replace("aliases:", "sessions: [three, talks]\naliases:")
    (folder / "events" / "with.md").write_text(with_one)
    (folder / "events" / "other.md").write_text(other)
    applied("pyopensci", folder)
    assert website() == on_disk(folder)  # nothing is known here
    for slug in ("with", "other", "2026-packaging"):
        event = Event.objects.get(slug=slug)
        Session.objects.create(event=event, title="Opening", uid=slug, room="Hall")
    assert website() == {
        **on_disk(folder),
        "events/with.md": with_one.replace(
            "sessions: []  # soon\n", "sessions:\n- title: Opening\n  room: Hall\n"
        ).encode(),
    }
    # What the website says beside it stays, and what says the same is not written anew.
    mine = PAGE.replace("aliases:", 'sessions:\n- {title: "Opening", room: Hall, film: /a.mp4}\naliases:')
    (folder / "events" / "with.md").write_text(mine)
    applied("pyopensci", folder)
    assert website()["events/with.md"].decode() == mine
    Session.objects.filter(uid="with").update(room="Garden")
    said = front.values(front.read(website()["events/with.md"].decode()))
    assert said["sessions"] == [{"title": "Opening", "room": "Garden", "film": "/a.mp4"}]


def test_what_is_withdrawn_here_leaves_the_website(
    folder: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Sessions that the event had go from its page; what the website says by itself stays."""
    listed = "sessions:\n- title: Opening\n  room: Hall\n"
    own = "- title: Lunch\n"
    (folder / "events" / "all.md").write_text(PAGE.replace("aliases:", f"{listed}aliases:"))
    (folder / "events" / "some.md").write_text(PAGE.replace("aliases:", f"{listed}{own}aliases:"))
    applied("pyopensci", folder)
    for slug in ("all", "some"):
        Session.objects.create(event=Event.objects.get(slug=slug), title="Opening", uid=slug, room="Hall")
    with django_assert_num_queries(5):
        assert website()["events/all.md"] == on_disk(folder)["events/all.md"]
    Session.objects.get(uid="some").delete()
    assert PAGE.replace("aliases:", f"sessions:\n{own}aliases:").encode() == website()["events/some.md"]
    Session.objects.all().delete()
    with django_assert_num_queries(5):
        written = website()
    assert written["events/all.md"].decode() == PAGE.replace("aliases:", "sessions: []\naliases:")
    # Published again, it is there again.
    Session.objects.create(event=Event.objects.get(slug="all"), title="Opening", uid="again", room="Hall")
    assert website()["events/all.md"] == on_disk(folder)["events/all.md"]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("", (False, "", "", "")),
        ("Online", (True, "", "", "")),
        ("Online using Chat", (True, "Online using Chat", "", "")),
        ("Long Beach, CA", (False, "", "Long Beach, CA", "US")),
        ("Room 1, Long Beach, CA", (False, "Room 1", "Long Beach, CA", "US")),
        ("Kraków, Poland", (False, "", "Kraków", "PL")),
        ("Sheffield, England, United Kingdom", (False, "", "Sheffield, England", "GB")),
        ("New York City", (False, "", "New York City", "")),
        ("Leeds, UK", (False, "", "Leeds", "GB")),
    ],
)
def test_places_in_one_line(location: str, place: tuple[bool, str, str, str]) -> None:
    found = saying.place_of(location)
    assert tuple(found[name] for name in saying.PLACE) == place
    again = saying.place_of(saying.location_of(Event(**found)))
    assert again == found


def test_the_command_writes_the_pages(folder: Path, tmp_path: Path) -> None:
    applied("pyopensci", folder)
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, ["export", "website", str(out), "--site", "events"])
    assert result.exit_code == 0
    assert on_disk(out) == on_disk(folder)


@pytest.mark.slow
def test_the_real_pages_go_through_letter_by_letter(real_data: Path, tmp_path: Path) -> None:
    shutil.copytree(real_data / "pyopensci" / "events", tmp_path / "events")
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == []
    assert (Event.objects.count(), EventPage.objects.count()) == (16, 17)
    assert website() == on_disk(tmp_path)
