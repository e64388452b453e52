"""Files of posts: in and out again, Buffer's layout, what cannot be read, pictures by their addresses."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions, columns, queries
from folkmoot.kernel.imports.files import headings
from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.publishing.content import content_hash
from folkmoot.publishing.entries import COLUMNS, bare, cut, entries_of, joined, shielded
from folkmoot.publishing.exports.posts import as_csv
from folkmoot.publishing.imports import fetching
from folkmoot.publishing.models import ChecklistEntry, Part, PartMedia, Post, PostState, Variant
from tests.conftest import signed_in
from tests.factories import CampaignFactory, MediaFactory, TagFactory
from tests.publishing.planning import make_channel, make_post

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
BUFFER = (
    "Text,Image URL,Tags,Posting Time\n"
    '"Lesson released: https://example.org/lesson",,"lessons, release",2027-03-29 09:00\n'
    '"=Not a formula",,,2027-03-28 02:30\n'
    "No time yet,,,\n"
)


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def do_import(path: Path, actor: User | None = None, **options: Any) -> ImportRun:
    run = try_import(path, actor, **options)
    assert run.state == RunState.APPLIED, run.error
    return run


def try_import(path: Path, actor: User | None = None, **options: Any) -> ImportRun:
    source = sources.get("posts")
    mapping = columns.settle(source, headings(path), {}, file=path.name)
    run, _new = actions.start(
        source=source, path=path, options=options, mapping=mapping, hold=True, apply_at_once=True, actor=actor
    )
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, int, int]:
    """How many posts were made and how many were there, and how many rows were rejected."""
    found = queries.result(run)
    return found["created"]["posts"], found["unchanged"]["posts"], RejectedRow.objects.filter(run=run).count()


def write(folder: Path, text: str, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def exported() -> str:
    return "".join(as_csv(Post.objects.all()))


# ------------------------------------------------------------------- Buffer


def test_as_buffer_has_it(tmp_path: Path, wanda: User) -> None:
    channel = make_channel("Mastodon", zone="Europe/Berlin")
    path = write(tmp_path, BUFFER)
    run = do_import(path, wanda, channel=["mastodon"], zone="Europe/Berlin")
    assert counts(run) == (3, 0, 0)
    posts = list(Post.objects.order_by("pk"))
    assert [(post.title, post.wall_time, post.zone, post.state, post.kind) for post in posts] == [
        (
            "Lesson released: https://example.org/lesson",
            "2027-03-29T09:00",
            "Europe/Berlin",
            "draft",
            "imported",
        ),
        ("=Not a formula", "2027-03-28T02:30", "Europe/Berlin", "draft", "imported"),
        ("No time yet", "", "", "draft", "imported"),
    ]
    # Clocks are put forward in that night: the time that is left out comes an hour later.
    assert [post.due_at for post in posts[:2]] == [
        dt.datetime(2027, 3, 29, 7, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC),
    ]
    assert sorted(posts[0].tags.values_list("name", flat=True)) == ["lessons", "release"]
    assert posts[0].owner == wanda
    assert list(Variant.objects.filter(channel=channel).values_list("follows_base", flat=True)) == [True] * 3
    assert posts[0].content_sha256 == content_hash(posts[0])
    again = do_import(path, wanda, channel=["mastodon"], zone="Europe/Berlin")
    assert (counts(again), Post.objects.count()) == ((0, 3, 0), 3)


def test_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Text", "Image URL", "Tags", "Posting Time"])
    sheet.append(["From a workbook", None, "spring", dt.datetime(2027, 1, 4, 9, 0)])
    book.save(tmp_path / "posts.xlsx")
    assert counts(do_import(tmp_path / "posts.xlsx")) == (1, 0, 0)
    assert Post.objects.get().wall_time == "2027-01-04T09:00"


# ------------------------------------------------------------ in and out again


def a_plan(owner: User) -> None:
    one, two = make_channel("Mastodon"), make_channel("Bluesky")
    post = make_post(
        "Release", "2027-03-29T09:00", one, two, zone="Europe/Berlin", campaign=CampaignFactory(name="Spring"),
        owner=owner, language="en", link="https://example.org/", text="@[ada] wrote it",
    )  # fmt: skip
    post.tags.set([TagFactory(name="release"), TagFactory(name="python")])
    own = Variant.objects.get(post=post, channel=two)
    own.follows_base = False
    own.wall_time, own.zone, own.due_at = (
        "2027-03-30T17:00",
        "UTC",
        dt.datetime(2027, 3, 30, 17, tzinfo=dt.UTC),
    )
    own.save()
    Part.objects.create(variant=own, position=1, text="First\n---\nstill the first")
    part = Part.objects.create(variant=own, position=2, text="=SUM(A1) \\--- 'quoted'")
    PartMedia.objects.create(part=part, media=MediaFactory(alt="A  tide"))
    make_post("Scheduled", "2027-01-04T09:00", one, state=PostState.SCHEDULED)
    make_post("No time", "", text="- a list\n- of two")


def test_out_and_in_again_changes_nothing(tmp_path: Path, wanda: User) -> None:
    a_plan(wanda)
    before = exported()
    assert counts(do_import(write(tmp_path, before))) == (0, 3, 0)
    assert exported() == before
    rows = list(csv.DictReader(io.StringIO(before)))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["channel"], row["date"], row["pictures"][:9]) for row in rows] == [
        ("", "", ""),
        ("", "2027-01-04", ""),
        ("Mastodon", "", ""),
        ("", "2027-03-29", ""),
        ("Bluesky", "2027-03-30", "2 sha256:"),
        ("Mastodon", "", ""),
    ]


def test_elsewhere_the_same_posts_come_about(tmp_path: Path, wanda: User, settings: Any) -> None:
    a_plan(wanda)
    before, entries = exported(), entries_of(Post.objects.order_by("pk"))
    path = write(tmp_path, before)
    Part.objects.all().delete()
    Variant.objects.all().delete()
    Post.objects.all().delete()
    settings.BASE_URL = "https://elsewhere.example.org"
    assert counts(do_import(path)) == (3, 0, 0)
    made = {entry.title: entry for entry in entries_of(Post.objects.all())}
    for entry in entries:
        assert entry.differences(made[entry.title]) == []
        assert made[entry.title].state == PostState.DRAFT
    assert counts(do_import(path)) == (0, 3, 0)


def test_what_was_changed_since_stays(tmp_path: Path) -> None:
    path = write(tmp_path, "post,text,date\nhello,Hello,2027-01-04\n")
    do_import(path)
    Part.objects.update(text="Hello, world")
    run = do_import(path)
    assert counts(run) == (0, 1, 1)
    row = RejectedRow.objects.get(run=run)
    assert (row.line, row.field) == (2, "text")
    assert "it stays" in row.reason
    assert Part.objects.get().text == "Hello, world"


def test_it_can_be_taken_back(tmp_path: Path) -> None:
    make_channel("Mastodon")
    run = do_import(write(tmp_path, BUFFER), channel=["Mastodon"], zone="UTC")
    job = actions.undo(run=run, actor=None, hold=True).job
    assert job is not None
    run_in_foreground(job)
    assert (Post.objects.count(), Variant.objects.count(), Part.objects.count()) == (0, 0, 0)


TEXT = st.text(st.sampled_from("a-=+@'\\\n\t é😀"), max_size=20)


@given(text=TEXT)
def test_a_cell_is_read_as_it_was_written(text: str) -> None:
    assert bare(shielded(text)) == text
    assert not shielded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(parts=st.lists(TEXT, min_size=1, max_size=4))
def test_parts_are_cut_where_they_were_joined(parts: list[str]) -> None:
    assert cut(joined(parts)) == parts


# ---------------------------------------------------------- what cannot be read


def test_line_and_column_of_what_cannot_be_read(tmp_path: Path) -> None:
    make_channel("Mastodon")
    path = write(
        tmp_path,
        "post,channel,text,link,date,time,zone,owner,pictures\n"
        "a,Mastodon,One,not a link,2027-02-30,09:00,,,\n"
        "b,Nowhere,Two,,2027-01-04,25:00,Mars/Base,nobody@example.org,C:\\picture.png\n"
        "c,,,,,,,,\n"
        "a,,One once more,,,,,,\n"
        "d,,Four,,,,,\n",
    )
    run = do_import(path)
    found = [(row.line, row.field) for row in RejectedRow.objects.filter(run=run).order_by("line", "field")]
    assert found == [
        (2, "date"),
        (2, "link"),
        (3, "channel"),
        (3, "owner"),
        (3, "pictures"),
        (3, "time"),
        (3, "zone"),
        (4, "text"),
        (5, "post"),
        (6, ""),
    ]
    assert list(Post.objects.order_by("title").values_list("title", "wall_time")) == [
        ("One", ""),
        ("Two", ""),
    ]


def test_too_many_rows_and_unknown_channels_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "text\n" + "Hello\n" * 5001)
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "has more than 5000 rows"),
        ({"channel": ["X"]}, "there is no channel “X”"),
        ({"zone": "Mars/Base"}, "there is no time zone “Mars/Base”"),
    ]
    for options, words in refused:
        run = try_import(path, **options)
        assert run.state == RunState.REFUSED
        assert words in (run.error or {})["reason"]


def test_five_thousand_rows(tmp_path: Path) -> None:
    make_channel("Mastodon")
    lines = [f"p{n},Mastodon,Post number {n},2027-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(5000)]
    path = write(tmp_path, "post,channel,text,date\n" + "\n".join(lines) + "\n")
    assert counts(do_import(path)) == (5000, 0, 0)


# -------------------------------------------------------------------- pictures


@pytest.fixture
def site(files: Path) -> Iterator[str]:
    """A website with a picture."""
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "#0f766e").save(content, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_there = self.path == "/tide.png"
            self.send_response(200 if is_there else 404)
            self.end_headers()
            self.wfile.write(content.getvalue() if is_there else b"nothing")

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pictures_are_fetched_or_told_of(tmp_path: Path, site: str, settings: Any) -> None:
    settings.HTTP_ALLOW = ["127.0.0.1"]
    text = f"post,text,pictures,alt\none,Tide,{site}/tide.png {site}/gone.png,The tide\n"
    do_import(write(tmp_path, text))
    job = Job.objects.get(kind=fetching.JOB)
    run_in_foreground(job)
    job.refresh_from_db()
    assert (job.state, job.outcome) == (JobState.SUCCEEDED, {"fetched": 1, "missing": 1})
    use = PartMedia.objects.get()
    assert (use.media.alt, use.media.width, use.part.text) == ("The tide", 60, "Tide")
    post = Post.objects.get()
    assert ChecklistEntry.objects.get(post=post).text == (
        f"Add the picture {site}/gone.png: it could not be fetched (the other side answers 404)"
    )
    assert post.content_sha256 == content_hash(post)


def test_inside_addresses_are_not_asked(tmp_path: Path, site: str) -> None:
    do_import(write(tmp_path, f"post,text,pictures\none,Tide,{site}/tide.png\n"))
    run_in_foreground(Job.objects.get(kind=fetching.JOB))
    assert PartMedia.objects.count() == 0
    assert ChecklistEntry.objects.count() == 1


# ----------------------------------------------------------------------- pages


def test_the_file_is_for_who_may_see_posts(wanda: User, as_bob: Client) -> None:
    make_post("News", "2027-01-04T09:00", make_channel())
    answer = signed_in(wanda).get("/publishing/posts.csv?state=draft")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 3
    assert as_bob.get("/publishing/posts.csv").status_code == 403
