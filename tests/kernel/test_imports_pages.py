"""The browser's way of importing: upload, columns, preview, import, undo."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from folkmoot.kernel.imports import actions
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.files import headings
from folkmoot.kernel.imports.models import ColumnMapping, ImportRun, RejectedRow, RunState
from folkmoot.kernel.imports.sources import Column, Part, Reading, Row, Source, source_parts, sources
from folkmoot.kernel.jobs import runner
from folkmoot.people.models import Note, Person, Project
from tests.kernel import made_up_source

FRIENDS = b"name,tag\nAda,maths\nBo,\n,lost\nCy,maths\n"
PROJECTS = b"name,description\none,first\ntwo,?\n"

pytestmark = pytest.mark.django_db

TABLE = Source(
    key="made-up-table",
    label="Made-up table",
    help="Names, one on each line.",
    takes="file",
    permission="people.manage",
    files=("*.csv",),
    columns=(
        Column("name", "Name", required=True, known_as=("full name",)),
        Column("about", "About", known_as=("bio",)),
    ),
)


class Names(Part):
    key = "made-up-table.people.names"
    source = "made-up-table"
    order = 100
    counters = ("people",)

    def read(self, reading: Reading) -> Iterator[Row]:
        import csv

        with reading.root.open(encoding="utf-8-sig", newline="") as file:
            for n, row in enumerate(csv.DictReader(file), start=2):
                yield Row(reading.root.name, n, {name: row[head] for name, head in reading.mapping.items()})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        people = [Person(name=row.payload["name"], bio=row.payload.get("about", "")) for row in rows]
        for person in people:
            person.sort_key = person.reckon_sort_key()
        changes.create(Person, people, counter="people")


@pytest.fixture(autouse=True)
def made_up(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path / "data"
    made_up_source.register()
    sources.register(TABLE)
    source_parts.declare(Names)
    yield
    for key in ("made-up", "made-up-table"):
        del sources._items[key]
    for key in ("made-up.people.friends", "made-up.people.projects", "made-up-table.people.names"):
        del source_parts._items[key]


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def packed(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return archive.getvalue()


def send(client: Client, *files: SimpleUploadedFile, source: str = "made-up", **more: str) -> Any:
    return client.post(f"/imports/new/{source}/", {"files": list(files), **more})


def work() -> ImportRun:
    while runner.run_next():
        pass
    return ImportRun.objects.latest("pk")


def uploaded(client: Client, **more: str) -> ImportRun:
    response = send(client, file("friends.csv", FRIENDS), file("projects.csv", PROJECTS), **more)
    run = ImportRun.objects.latest("pk")
    assert (response.status_code, response["Location"]) == (302, f"/imports/{run.pk}/")
    return run


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_from_the_files_to_the_import_and_back(as_alice: Client) -> None:
    assert "Made up" in text(as_alice, "/imports/new/")
    run = uploaded(as_alice, option_thank="Ada\nBo")
    page = text(as_alice, f"/imports/{run.pk}/")
    assert "Progress" in page
    assert "/progress/" in page

    run = work()
    assert (run.state, run.origin, run.options) == (
        RunState.STAGED,
        "friends.csv, projects.csv",
        {"thank": ["Ada", "Bo"]},
    )
    assert (Person.objects.count(), Project.objects.count()) == (0, 0)
    page = text(as_alice, f"/imports/{run.pk}/")
    assert "What would happen" in page
    assert "Import 5 rows" in page
    assert "is a question mark" in page
    assert "Undo this import" not in page

    assert as_alice.post(f"/imports/{run.pk}/confirm/")["Location"] == f"/imports/{run.pk}/"
    run = work()
    assert (run.state, Person.objects.count(), Project.objects.count()) == (RunState.APPLIED, 3, 2)
    page = text(as_alice, f"/imports/{run.pk}/")
    assert "What happened" in page
    assert "Import 5 rows" not in page

    Note.objects.create(person=Person.objects.get(name="Bo"), body="Met in Bergen.")
    page = text(as_alice, f"/imports/{run.pk}/undo/")
    assert "2 people" in page
    assert "note points at it" in page
    assert Person.objects.count() == 3
    as_alice.post(f"/imports/{run.pk}/undo/")
    run = work()
    assert (run.state, list(Person.objects.values_list("name", flat=True))) == (RunState.UNDONE, ["Bo"])
    assert "note points at it" in text(as_alice, f"/imports/{run.pk}/")
    assert "note points at it" in text(as_alice, f"/imports/{run.pk}/kept/")


def test_a_zip_stands_for_a_folder(as_alice: Client) -> None:
    content = packed(
        {"export/friends.csv": FRIENDS, "export/projects.csv": PROJECTS, "export/.DS_Store": b"x"}
    )
    send(as_alice, file("export.zip", content))
    run = work()
    assert (run.state, run.staged, run.origin) == (RunState.STAGED, 5, "export.zip")


def test_the_same_files_again_go_on_with_the_same_import(as_alice: Client) -> None:
    first = uploaded(as_alice)
    again = uploaded(as_alice)
    assert again == first


def test_a_plain_table_asks_which_column_is_which_and_remembers(as_alice: Client) -> None:
    content = "\ufeffFull_Name;Notes\nAda;likes cats\n".encode()
    response = send(as_alice, file("people.csv", content.replace(b";", b",")), source="made-up-table")
    run = ImportRun.objects.get()
    assert (run.state, response["Location"]) == (RunState.MAPPING, f"/imports/{run.pk}/")
    response = as_alice.get(f"/imports/{run.pk}/", follow=True)
    form = response.context["form"]
    assert response.redirect_chain == [(f"/imports/{run.pk}/columns/", 302)]
    assert {name: form[name].initial for name in form.fields} == {"name": "Full_Name", "about": ""}

    wrong = as_alice.post(f"/imports/{run.pk}/columns/", {"name": "", "about": "Notes"})
    assert wrong.status_code == 422
    assert "Say which column holds it: it is needed." in wrong.content.decode()
    wrong = as_alice.post(f"/imports/{run.pk}/columns/", {"name": "Notes", "about": "Notes"})
    assert "is chosen for two fields" in wrong.content.decode()

    as_alice.post(f"/imports/{run.pk}/columns/", {"name": "Full_Name", "about": "Notes"})
    run = work()
    assert (run.state, run.mapping) == (RunState.STAGED, {"name": "Full_Name", "about": "Notes"})
    as_alice.post(f"/imports/{run.pk}/confirm/")
    work()
    assert list(Person.objects.values_list("name", "bio")) == [("Ada", "likes cats")]

    send(as_alice, file("more.csv", b"Full_Name,Notes\nBo,\n"), source="made-up-table")
    run = ImportRun.objects.latest("pk")
    form = as_alice.get(f"/imports/{run.pk}/columns/").context["form"]
    assert form["about"].initial == "Notes"
    assert ColumnMapping.objects.count() == 1


MIXED = "name,tag\nJosé,\n".encode() + "Zoë,\n".encode("latin-1")


@pytest.mark.parametrize(
    ("source", "files", "says"),
    [
        ("made-up", [], "Choose the file to import."),
        ("made-up", [("friends.csv", b"")], "The file is empty: choose another."),
        (
            "made-up",
            [("cats.csv", b"a,b\n")],
            "cats.csv is not of “Made up”, which reads friends.csv, projects.csv",
        ),
        ("made-up", [("all.zip", b"PK\x03\x04 broken")], "all.zip is a broken ZIP: pack the folder again."),
        ("made-up", [("all.zip", b"no archive at all")], "all.zip is a broken ZIP: pack the folder again."),
        ("made-up", [("friends.csv", FRIENDS), ("friends.csv", FRIENDS)], "friends.csv was given twice."),
        (
            "made-up-table",
            [("p.csv", MIXED)],
            "p.csv, line 3 mixes UTF-8 with another encoding from here on: save it as UTF-8.",
        ),
        (
            "made-up-table",
            [("p.csv", b"\n\n")],
            "p.csv, line 1 is empty: the first line must name the columns.",
        ),
        (
            "made-up-table",
            [("p.csv", b"a,a\n1,2\n")],
            "p.csv, line 1 (a) two columns are called “a”: give each its own name.",
        ),
        ("made-up-table", [("p.csv", b"PK\x03\x04")], "p.csv is a workbook or an archive, not a text table"),
        ("made-up-table", [("a.csv", b"a\n"), ("b.csv", b"b\n")], "this import reads one: choose one."),
    ],
)
def test_wrong_files_are_told_in_words_and_nothing_is_kept(
    as_alice: Client, tmp_path: Path, source: str, files: list[tuple[str, bytes]], says: str
) -> None:
    response = send(as_alice, *(file(*one) for one in files), source=source)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert ImportRun.objects.count() == 0
    assert list((tmp_path / "data").glob("imports/*")) == []


def test_a_file_that_is_found_wrong_while_reading_is_told_on_the_imports_page(as_alice: Client) -> None:
    send(as_alice, file("friends.csv", b"who,tag\nAda,\n"))
    run = work()
    assert run.state == RunState.REFUSED
    page = text(as_alice, f"/imports/{run.pk}/")
    assert "friends.csv, line 1 (name): has no column name" in page
    assert "Try another file" in page
    assert as_alice.post(f"/imports/{run.pk}/discard/")["Location"] == "/imports/"
    assert ImportRun.objects.count() == 0


def test_rejected_rows_are_listed_exported_and_laid_aside(as_alice: Client) -> None:
    uploaded(as_alice)
    run = work()
    as_alice.post(f"/imports/{run.pk}/confirm/")
    run = work()
    address = f"/imports/{run.pk}/rejected/"
    assert "is a question mark" in text(as_alice, address)
    exported = b"".join(as_alice.get(address + "?export=csv&columns=file,line,field,reason")).decode(
        "utf-8-sig"
    )  # type: ignore[arg-type]
    assert exported.splitlines() == [
        "File,Line,Field,Why",
        "friends.csv,4,name,is empty",
        "projects.csv,3,description,is a question mark",
    ]
    row = RejectedRow.objects.get(file="friends.csv")
    as_alice.post(address, {"bulk": "dismiss", "selected": [row.pk]})
    assert RejectedRow.objects.filter(dismissed_at=None).count() == 1
    assert "is empty" not in text(as_alice, address)
    as_alice.post(f"/imports/{run.pk}/rejected/dismiss/")
    assert RejectedRow.objects.filter(dismissed_at=None).count() == 0


def test_rows_to_mend_are_offered_where_a_csv_can_be_imported_again(as_alice: Client) -> None:
    offered = {}
    for key in ("made-up", "amy"):
        run = ImportRun.objects.create(source=key, origin="x", path="/nowhere/x", state=RunState.APPLIED)
        RejectedRow.objects.create(
            run=run, file="x", line=3, field="name", reason="is empty", content={"name": ""}
        )
        link = f'href="/imports/{run.pk}/to-mend.csv"'
        pages = [text(as_alice, f"/imports/{run.pk}/"), text(as_alice, f"/imports/{run.pk}/rejected/")]
        assert ["is empty" in page for page in pages] == [True, True]
        offered[key] = (
            [link in page for page in pages],
            "Download the rows" in pages[1],
            as_alice.get(f"/imports/{run.pk}/to-mend.csv").status_code,
        )
    assert offered == {"made-up": ([True, True], True, 200), "amy": ([False, False], False, 404)}


def test_a_waiting_import_can_be_cancelled_and_gone_on_with(as_alice: Client) -> None:
    run = uploaded(as_alice)
    as_alice.post(f"/imports/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "Go on" in text(as_alice, f"/imports/{run.pk}/")
    as_alice.post(f"/imports/{run.pk}/resume/")
    assert work().state == RunState.STAGED


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for n in range(number):
        run = ImportRun.objects.create(
            source="made-up", origin=f"folder {n}", path="x", state=RunState.APPLIED
        )
        RejectedRow.objects.create(run=run, file="x", reason="y")
    as_alice.get("/imports/")
    # session, user, rights; saved views, count, page; the community
    with django_assert_num_queries(7):
        page = as_alice.get("/imports/")
    assert page.content.decode().count("folder ") >= number


@pytest.mark.parametrize("number", [1, 3])
def test_the_rejected_rows_ask_a_fixed_number_of_queries(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    run = ImportRun.objects.create(source="made-up", origin="x", path="x", state=RunState.APPLIED)
    for n in range(number):
        RejectedRow.objects.create(run=run, file="x", line=n, reason="y")
    as_alice.get(f"/imports/{run.pk}/rejected/")
    with django_assert_num_queries(8):
        as_alice.get(f"/imports/{run.pk}/rejected/")


def test_imports_belong_to_those_who_may_do_them(
    as_bob: Client, as_charlie: Client, as_nobody: Client, bob: Any
) -> None:
    from folkmoot.kernel.accounts.actions import grant
    from folkmoot.kernel.permissions.areas import Area, Level

    run = ImportRun.objects.create(source="made-up", origin="Private.csv", path="x", state=RunState.STAGED)
    grant(user=bob, area=Area.FUNDING, level=Level.MANAGE)  # may import something, but nothing of people
    assert "Private.csv" not in text(as_bob, "/imports/")
    assert "Made up" not in text(as_bob, "/imports/new/")
    pages = ["", "rejected/", "kept/", "undo/", "columns/"]
    posts = [
        "confirm/",
        "resume/",
        "discard/",
        "cancel/",
        "rejected/dismiss/",
        "undo/",
        "columns/",
        "rejected/",
    ]
    for client, code in ((as_bob, 403), (as_charlie, 403), (as_nobody, 302)):
        for page in pages:
            assert client.get(f"/imports/{run.pk}/{page}").status_code == code, page
        for post in posts:
            assert client.post(f"/imports/{run.pk}/{post}").status_code == code, post
        assert client.get("/imports/new/made-up/").status_code == code
        assert send(client, file("friends.csv", FRIENDS)).status_code == code
    assert as_charlie.get("/imports/").status_code == 403
    run.refresh_from_db()
    assert run.state == RunState.STAGED


def test_what_is_not_there_is_not_found(as_alice: Client) -> None:
    gone = ImportRun.objects.create(source="a-source-of-an-area-that-left", origin="x", path="x")
    for address in ("/imports/999999/", f"/imports/{gone.pk}/", "/imports/new/nonsense/"):
        assert as_alice.get(address).status_code == 404


def test_headings_may_be_parted_by_semicolons_or_tabs(tmp_path: Path) -> None:
    for n, separator in enumerate(",;\t"):
        table = tmp_path / f"{n}.csv"
        table.write_text(f'name{separator}"a, b; c"\n', encoding="utf-8-sig")
        assert headings(table) == ["name", "a, b; c"]


def test_what_is_undone_cannot_be_confirmed(as_alice: Client) -> None:
    uploaded(as_alice)
    run = work()
    as_alice.post(f"/imports/{run.pk}/confirm/")
    run = work()
    response = as_alice.post(f"/imports/{run.pk}/confirm/", follow=True)
    assert "there is nothing to apply" in response.content.decode()
    with pytest.raises(actions.ImportStateError):
        actions.resume(run=run, actor=None)
