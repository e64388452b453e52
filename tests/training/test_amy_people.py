"""AMY's table of people and parts: the good rows are in, each of the others says what to do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions as importing
from folkmoot.kernel.imports.mending import lines
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people.models import Identity, Person
from folkmoot.training.actions.events import cancel
from folkmoot.training.actions.openings import save_profile
from folkmoot.training.actions.tasks import remove_task, set_state
from folkmoot.training.models import Event, EventKind, Status, Task, TaskKind, TeachingProfile, Use
from tests.factories import EventFactory, IdentityFactory, PersonFactory
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

#: AMY's own heading (its template for download).
HEADING = "personal,family,email,airport_iata,event,role\n"


def table(tmp_path: Path, rows: str, *, name: str = "bulk.csv") -> Path:
    path = tmp_path / name
    path.write_text(HEADING + rows)
    return path


def parts() -> list[tuple[str, str, str]]:
    found = Task.objects.order_by("event__slug", "person__sort_key", "pk")
    return list(found.values_list("event__slug", "person__name", "kind__slug"))


@pytest.fixture
def leeds(rows: None) -> Event:
    return EventFactory(slug="2027-03-01-leeds", title="Leeds", status=Status.ANNOUNCED, capacity=None)


def test_people_airports_and_parts(tmp_path: Path, leeds: Event) -> None:
    """A person of two rows is one; without event and role there is a person; a proven address finds who is here."""
    known = PersonFactory(name="Ben Okafor")
    IdentityFactory(person=known, system="email", value="Ben@Example.org")
    said = """\
Ana,Pérez,ana@example.org,lim,2027-03-01-leeds,learner
Ana,Pérez,ANA@example.org,LIM,2027-03-01-LEEDS,Helper
Ben,Okafor,ben@example.org,,2027-03-01-leeds,organizer
Chen,,chen@example.org,,,
Dora,Li,,,2027-03-01-leeds,learner
"""
    run = applied("amy-people.csv", table(tmp_path, said))
    assert rejections(run) == []
    assert created(run) == {"people": 3, "identities": 3, "records": 5, "profiles": 1, "parts": 4}
    assert parts() == [
        ("2027-03-01-leeds", "Dora Li", "learner"),
        ("2027-03-01-leeds", "Ben Okafor", "organiser"),
        ("2027-03-01-leeds", "Ana Pérez", "learner"),
        ("2027-03-01-leeds", "Ana Pérez", "helper"),
    ]
    profile = TeachingProfile.objects.get()
    assert (profile.person.name, profile.airport, profile.place) == ("Ana Pérez", "LIM", "Lima, PE (LIM)")
    assert profile.z is not None
    assert Person.objects.get(name="Ana Pérez").sort_name == "Pérez, Ana"
    assert (known.refresh_from_db(), known.sort_name, known.name) == (None, "Okafor, Ben", "Ben Okafor")
    again = applied("amy-people.csv", table(tmp_path, said))
    assert (created(again), updated(again), rejections(again)) == ({}, {}, [])
    assert Task.objects.count() == 4


def test_every_wrong_row_says_what_to_do(tmp_path: Path, leeds: Event, alice: User) -> None:
    full = EventFactory(slug="full", title="Full house", status=Status.ANNOUNCED, capacity=1)
    off = cancel(
        event=EventFactory(slug="off", title="Called off", status=Status.ANNOUNCED),
        reason="Storm", actor=alice,
    )  # fmt: skip
    assert off.status == Status.CANCELLED
    gone = PersonFactory(name="Gita Rossi", archived_at="2026-01-01 00:00Z")
    IdentityFactory(person=gone, system="email", value="gita@example.org")
    IdentityFactory(person=PersonFactory(name="Hugo Novak"), system="email", value="shared@example.org")
    said = """\
,,nobody@example.org,,full,learner
Ana,Pérez,ana@example.org,QQQ,2027-03-01-leeds,learner
Ben,Li,ben@,,2027-03-01-leeds,learner
Chen,Kim,chen@example.org,,no-such,learner
Dora,Silva,dora@example.org,,2027-03-01-leeds,juggler
Eve,Meyer,eve@example.org,,off,learner
Farid,Khan,farid@example.org,,full,learner
Jun,Khan,jun@example.org,,full,learner
Jun,Khan,jun@example.org,,full,instructor
Gita,Rossi,gita@example.org,,full,helper
Ines,Torres,shared@example.org,,2027-03-01-leeds,learner
Kofi,Lopez,kofi@example.org,,2027-03-01-leeds,
Lena,Lopez,lena@example.org,,,learner
Mara,Novak,,,,
Mara,Novak,,,2027-03-01-leeds,learner
"""
    run = applied("amy-people.csv", table(tmp_path, said))
    assert [(line, field, why) for _file, line, field, why in rejections(run)] == [
        (2, "personal", "is missing: the row is left out"),
        (3, "airport_iata", "no airport has the code “QQQ”: write three letters, such as LBA; left out"),
        (4, "email", "“ben@”: This is no e-mail address: name@example.org."),
        (5, "event", "no event has the short name “no-such”: enter or import it first, then this row again"),
        (6, "role", "“juggler” is no part in events; known: instructor, supporting-instructor, helper, host, "
                    "organiser, speaker, learner, contributor"),
        (7, "event", "Called off is cancelled: take that back first, or name another event"),
        (9, "event", "Full house is full (1 places): give it more places, or put them on the waiting list; then import "
                     "this row again"),
        (11, "role", "the record of Gita Rossi is archived: take it back first, then import this row again"),
        (12, "email", "the address belongs to Hugo Novak in the register, and the name here is another: the row was "
                      "left out; give a GitHub login or an ORCID iD, or mend the address"),
        (13, "role", "is empty: a part needs both an event and a role; the person is in without it"),
        (14, "event", "is empty: a part needs both an event and a role; the person is in without it"),
        (16, "personal", "another row without e-mail has this name: nothing tells whether it is the same person; the "
                         "row is left out: give the address"),
    ]  # fmt: skip
    assert parts() == [
        ("2027-03-01-leeds", "Ben Li", "learner"),
        ("2027-03-01-leeds", "Ana Pérez", "learner"),
        ("full", "Farid Khan", "learner"),
        ("full", "Jun Khan", "instructor"),
    ]
    assert created(run)["people"] == 10
    full.refresh_from_db()


def test_what_was_mended_is_imported_as_it_is(tmp_path: Path, leeds: Event) -> None:
    said = "Ana,Pérez,ana@example.org,,2027-03-01-leeds,learner\nBen,Li,ben@example.org,,leeds,learner\n"
    run = applied("amy-people.csv", table(tmp_path, said))
    mended = tmp_path / "bulk.csv-to-mend.csv"
    mended.write_text("".join(lines(run)).replace(",leeds,", ",2027-03-01-leeds,"))
    with mended.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["personal"], row["event"], row["role"]) for row in rows] == [
        ("Ben", "2027-03-01-leeds", "learner")
    ]
    again = applied("amy-people.csv", mended)
    assert (created(again), rejections(again)) == ({"parts": 1}, [])
    assert parts() == [
        ("2027-03-01-leeds", "Ben Li", "learner"),
        ("2027-03-01-leeds", "Ana Pérez", "learner"),
    ]


def test_what_people_decided_here_stays(tmp_path: Path, leeds: Event, alice: User) -> None:
    """Taken out, withdrawn, another airport: the same file again changes nothing; a new word is told, not taken."""
    path = table(tmp_path, """\
Ana,Pérez,ana@example.org,LIM,2027-03-01-leeds,learner
Ben,Li,ben@example.org,LHR,2027-03-01-leeds,learner
""")  # fmt: skip
    applied("amy-people.csv", path)
    ana, ben = (Person.objects.get(name=name) for name in ("Ana Pérez", "Ben Li"))
    remove_task(task=Task.objects.get(person=ana), actor=alice)
    set_state(task=Task.objects.get(person=ben), state="withdrawn", actor=alice)
    save_profile(person=ana, values={"place": "Leeds, GB"}, actor=alice)
    again = applied("amy-people.csv", path)
    assert (created(again), updated(again), rejections(again)) == ({}, {}, [])
    assert list(Task.objects.values_list("person__name", "state")) == [("Ben Li", "withdrawn")]
    other = table(tmp_path, """\
Ana,Pérez,ana@example.org,CUZ,2027-03-01-leeds,learner
Ben,Li,ben@example.org,LGW,2027-03-01-leeds,learner
""")  # fmt: skip
    third = applied("amy-people.csv", other)
    assert (created(third), updated(third)) == ({}, {"profiles": 1, "records": 2})
    assert rejections(third) == [
        ("bulk.csv", 2, "airport_iata", "the file says CUZ; here they set out from Leeds, GB, which was kept")
    ]
    fresh = table(tmp_path, "Ben,Li,ben@example.org,,2027-03-01-leeds,learner\n", name="other.csv")
    assert rejections(applied("amy-people.csv", fresh)) == [
        (
            "other.csv",
            2,
            "role",
            "Ben Li declined this part in Leeds, or withdrew: confirm it on the event’s page",
        )
    ]


def test_seats(tmp_path: Path, rows: None, alice: User) -> None:
    """Where learners sit on seats, open ones are given; where there are none, the row says what to do."""
    kind = EventKind.objects.get(slug="instructor-training")
    for slug in ("open", "closed"):
        EventFactory(
            slug=slug, title=slug.title(), kind=kind, status=Status.ANNOUNCED, open_seats=slug == "open"
        )
    run = applied("amy-people.csv", table(tmp_path, """\
Ana,Pérez,ana@example.org,,open,learner
Ana,Pérez,ana@example.org,,closed,learner
Ben,Li,ben@example.org,,closed,instructor
"""))  # fmt: skip
    assert created(run)["parts"] == 3
    assert list(
        Use.objects.values_list("task__event__slug", "task__person__name", "allowance", "amount")
    ) == [("open", "Ana Pérez", None, 0)]
    why = (
        "takes part, but sits on no seat: Closed offers no open ones; give one by the code of an agreement on its "
        "page"
    )
    assert rejections(run) == [("bulk.csv", 3, "role", why)]


def test_a_place_more_and_the_row_is_in(tmp_path: Path) -> None:
    full = EventFactory(slug="full", title="Full", status=Status.ANNOUNCED, capacity=1)
    path = table(tmp_path, "".join(f"P{n},Kim,p{n}@example.org,,full,learner\n" for n in range(3)))
    assert len(rejections(applied("amy-people.csv", path))) == 2
    Event.objects.filter(pk=full.pk).update(capacity=2)
    again = applied("amy-people.csv", path)
    assert (created(again), len(rejections(again))) == ({"parts": 1}, 1)
    assert full.tasks.filter(kind__does=TaskKind.Does.LEARNS).count() == 2


def test_parts_in_events_that_are_over_are_told_and_undone(tmp_path: Path, rows: None) -> None:
    EventFactory(slug="past", status=Status.DONE)
    run = applied("amy-people.csv", table(tmp_path, "Ana,Pérez,ana@example.org,LIM,past,instructor\n"))
    assert created(run) == {
        "people": 1, "identities": 2, "records": 1, "profiles": 1, "parts": 1, "activities": 1
    }  # fmt: skip
    undone(run)
    left = [model.objects.count() for model in (Task, TeachingProfile, Identity, Person)]
    assert left == [0, 0, 0, 0]


@pytest.mark.parametrize("number", [100, 2000])
def test_under_ten_queries_a_hundred_rows(tmp_path: Path, leeds: Event, number: int) -> None:
    """AMY refuses more than 142 rows, and asks 23 times a person. Here a chunk has a fixed number."""
    EventFactory(slug="past", title="Past", status=Status.DONE, capacity=number)
    rows = "".join(
        f"P{n},Kim,p{n}@example.org,LIM,{('2027-03-01-leeds', 'past')[n % 2]},learner\n"
        for n in range(number)
    )
    run, _again = importing.start(
        source=sources.get("amy-people.csv"),
        path=table(tmp_path, rows),
        actor=None,
        apply_at_once=True,
        hold=True,
    )
    with CaptureQueriesContext(connection) as queries:
        run_in_foreground(run.job)
    run.refresh_from_db()
    assert run.counts["created"]["parts"] == number
    more = 4 if connection.vendor == "sqlite" and number == 2000 else 0  # it takes fewer rows in a statement
    assert len(queries) == {100: 112, 2000: 166}[number] + more


def test_in_the_browser(as_alice: Client, leeds: Event, tmp_path: Path) -> None:
    """The template is AMY's; somebody like a row is asked about before anything is written."""
    template = as_alice.get(reverse("imports:template", args=["amy-people.csv", "csv"]))
    assert template.content.decode("utf-8-sig").splitlines()[0] == HEADING.strip()
    PersonFactory(name="Ana Pérez")
    with table(tmp_path, "Ana,Pérez,ana@example.org,LIM,2027-03-01-leeds,learner\n").open("rb") as file:
        as_alice.post(reverse("imports:upload", args=["amy-people.csv"]), {"files": file})
    run = ImportRun.objects.get()
    names = ("personal", "family", "email", "airport_iata", "event", "role")
    as_alice.post(reverse("imports:columns", args=[run.pk]), {name: name for name in names})
    run.refresh_from_db()
    assert run.job is not None
    run_in_foreground(run.job)
    assert Task.objects.count() == 0
    page = as_alice.get(reverse("imports:alike", args=[run.pk])).content.decode()
    assert "Ana Pérez" in page
    as_alice.post(reverse("imports:confirm", args=[run.pk]))
    run.refresh_from_db()
    run_in_foreground(run.job)
    assert Task.objects.count() == 1
    shown = as_alice.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert f'<a href="{reverse("training:list")}">Events</a>' in shown
