"""Events from a table: every cell that cannot be read is named, the good ones are not lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity
from folkmoot.training.actions.events import save_event
from folkmoot.training.models import Event, Programme, Task
from tests.factories import OrganizationFactory
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

TABLE = """\
title,start,end,from,to,time zone,kind,program,status,online,venue,city,country,lat,lng,language,host,seats,attendees,\
url,teachers,helpers
Leeds,2027-03-01,2027-03-02,09:00,16:30,Europe/London,workshop,SWC,,no,Library,Leeds,United Kingdom,53.8,-1.55,en;es,\
Harbour Lab,30,,https://leeds.example,ana;ben,cleo
Old talk,2024-05-01,,,,,talk,swc,,yes,,,,,,,,,41,,dora,
Idea,2027-06-01,,,,,Hack day,,planned,,,,,,,,,,,,,
"""


@pytest.fixture(autouse=True)
def now() -> object:
    with time_machine.travel("2026-11-29 12:00 +0000", tick=False):
        yield


def table(tmp_path: Path, text: str = TABLE) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(text)
    return path


def test_rows_become_events(tmp_path: Path) -> None:
    host = OrganizationFactory(name="Harbour Lab")
    run = applied("events.csv", table(tmp_path))
    assert rejections(run) == []
    assert created(run) == {
        "events": 3,
        "parts": 4,
        "kinds": 1,
        "programmes": 1,
        "activities": 1,
        "people": 4,
        "identities": 4,
    }
    leeds, old, idea = (Event.objects.get(title=title) for title in ("Leeds", "Old talk", "Idea"))
    assert leeds.slug == "2027-03-01-leeds"
    assert (leeds.starts_at, leeds.ends_at) == (
        dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 2, 16, 30, tzinfo=dt.UTC),
    )
    assert (leeds.host, leeds.country, leeds.languages, leeds.capacity) == (host, "GB", ["en", "es"], 30)
    assert (leeds.status, old.status, idea.status) == ("announced", "done", "planned")
    assert (leeds.announced_at is None, idea.announced_at is None) == (False, True)
    assert leeds.programme == old.programme == Programme.objects.get(slug="swc")
    assert (old.is_online, old.attendance, old.ends_on) == (True, 41, dt.date(2024, 5, 1))
    assert idea.kind.slug == "hack-day"
    parts = Task.objects.values_list("event__title", "kind__slug", "person__name")
    assert sorted(parts) == [
        ("Leeds", "helper", "cleo"),
        ("Leeds", "instructor", "ana"),
        ("Leeds", "instructor", "ben"),
        ("Old talk", "instructor", "dora"),
    ]
    assert [one.kind for one in Activity.objects.all()] == ["training.taught"]


def test_again_changes_nothing_and_an_undo_leaves_nothing(tmp_path: Path) -> None:
    OrganizationFactory(name="Harbour Lab")
    run = applied("events.csv", table(tmp_path))
    again = applied("events.csv", table(tmp_path))
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    for model in (Event, Task, Activity, Programme):
        assert not model.objects.exists()


def test_what_was_changed_here_is_kept(tmp_path: Path, alice: User) -> None:
    OrganizationFactory(name="Harbour Lab")
    applied("events.csv", table(tmp_path))
    event = Event.objects.get(title="Leeds")
    save_event(event=event, values={"venue": "Town hall"}, actor=alice)
    text = TABLE.replace("no,Library", "no,School").replace("2027-03-02", "2027-03-03")
    run = applied("events.csv", table(tmp_path, text))
    event.refresh_from_db()
    assert (event.venue, event.ends_on) == ("Town hall", dt.date(2027, 3, 3))
    assert event.ends_at == dt.datetime(2027, 3, 3, 16, 30, tzinfo=dt.UTC)
    assert (updated(run), rejections(run)) == (
        {"events": 1},
        [("events.csv", 2, "venue", "says something else here: what stands here is kept")],
    )


def test_an_event_entered_here_only_gets_what_it_lacks(tmp_path: Path, workshop: Event) -> None:
    text = f"title,start,slug,venue,website\nAnother,2027-03-01,{workshop.slug},School,https://a.example\n"
    run = applied("events.csv", table(tmp_path, text))
    workshop.refresh_from_db()
    assert (workshop.venue, workshop.website) == ("Library", "https://a.example")
    assert {row[2] for row in rejections(run)} >= {"title", "venue"}
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "after", "column", "reason"),
    [
        ("Leeds,2027-03-01", "Leeds,soon", "start", "“soon” is no day: write 2026-11-20"),
        ("2027-03-02", "2027-02-28", "end", "is before the first day: left out"),
        ("16:30", "later", "to", "“later” is no time of day: write 09:00"),
        ("Europe/London", "Leeds time", "time zone", "“Leeds time” is no time zone: write Europe/Berlin"),
        ("United Kingdom", "Yorkshire", "country", "“Yorkshire” is no country: write its code or name"),
        ("53.8", "95", "lat", "“95” is no degree of this kind"),
        ("-1.55", "", "lat", "latitude and longitude go together: both are left out"),
        (",30,", ",many,", "seats", "“many” is no whole number"),
        ("https://leeds.example", "leeds", "url", "“leeds” is no web address"),
        ("SWC,,no", "SWC,,perhaps", "online", "“perhaps” is neither yes nor no"),
        ("Harbour Lab", "Nobody", "host",
         "no organisation has the name “Nobody”: enter or import it first; left out"),
        ("SWC,,no", "SWC,over,no", "status",
         "“over” is no status; known: planned, announced, running, done, cancelled, stalled"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(
    tmp_path: Path, before: str, after: str, column: str, reason: str
) -> None:
    OrganizationFactory(name="Harbour Lab")
    run = applied("events.csv", table(tmp_path, TABLE.replace(before, after, 1)))
    assert ("events.csv", 2, column, reason) in rejections(run)
    assert Event.objects.filter(title__in=["Old talk", "Idea"]).count() == 2


def test_rows_without_title_or_twice_are_left_out(tmp_path: Path) -> None:
    run = applied("events.csv", table(tmp_path, "title,start\n,2027-01-01\nA,2027-01-01\na,2027-01-01\nB,\n"))
    assert rejections(run) == [
        ("events.csv", 2, "title", "is missing: the row is left out"),
        ("events.csv", 4, "title", "line 3 is this event already: this row is left out"),
        ("events.csv", 5, "start", "is missing: the row is left out"),
    ]
    assert [event.slug for event in Event.objects.all()] == ["2027-01-01-a"]
