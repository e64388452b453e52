"""The tables of issues and pull requests: merged, idempotent, strict about what they say."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.imports.models import ImportChange
from folkmoot.ledger.imports.github_issues import COLUMNS
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Identity, Person, Project
from tests.people.importing import applied, created, refused, rejections, undone, updated

pytestmark = pytest.mark.django_db(transaction=True)

Row = dict[str, str]


def row(title: str = "Fix the docs", at: str = "2026-05-04 10:11:12", **more: str) -> Row:
    return {
        "title": title,
        "item_opened_by": at,
        "current_status": "open",
        "labels": "",
        "created_by": "Ana-P",
        "location": "",
        "contrib_type": "contributor",
        "repo": "guide",
        "type": "issues",
        **more,
    }


def table(folder: Path, year: str, rows: Sequence[Row]) -> Path:
    path = folder / f"{year}_all_issues_prs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def items() -> list[dict[str, Any]]:
    fields = ("external_id", "kind", "title", "state", "labels", "project__name", "opened_at", "detail")
    return list(Item.objects.order_by("external_id").values(*fields))


def test_an_item_is_one_for_repository_author_and_second(tmp_path: Path) -> None:
    table(
        tmp_path,
        "2026",
        [
            row(type="pulls"),
            row(created_by="ANA-p", type="issues"),  # listed twice, the login in other letters
            row(at="2026-05-04 10:11:13"),
            row(repo="site"),
            row(created_by="ben"),
        ],
    )
    run = applied("pyopensci", tmp_path)
    assert created(run) == {"items": 4, "activities": 4, "people": 2, "projects": 2, "identities": 2}
    assert [(i["external_id"], i["kind"]) for i in items()] == [
        ("guide/ana-p/2026-05-04T10:11:12Z", "pull_request"),
        ("guide/ana-p/2026-05-04T10:11:13Z", "issue"),
        ("guide/ben/2026-05-04T10:11:12Z", "issue"),
        ("site/ana-p/2026-05-04T10:11:12Z", "issue"),
    ]
    activities = Activity.objects.order_by("external_id").values_list(
        "kind",
        "identity__folded",
        "project__name",
        "occurred_at",
        "source",
        "external_id",
        "item__external_id",
    )
    assert [str(value) for value in activities[0]] == [
        "item.opened",
        "ana-p",
        "guide",
        "2026-05-04 10:11:12+00:00",
        "github-issues",
        "guide/ana-p/2026-05-04T10:11:12Z",
        "guide/ana-p/2026-05-04T10:11:12Z",
    ]
    assert list(
        Project.objects.order_by("name").values_list("kind", "name", "repository", "repository_key")
    ) == [
        ("repository", "guide", "https://github.com/pyOpenSci/guide", "github.com/pyopensci/guide"),
        ("repository", "site", "https://github.com/pyOpenSci/site", "github.com/pyopensci/site"),
    ]
    seen = Identity.objects.get(folded="ana-p")
    assert (str(seen.first_seen_at), str(seen.last_seen_at)) == (
        "2026-05-04 10:11:12+00:00",
        "2026-05-04 10:11:13+00:00",
    )


def test_the_newest_file_wins_and_the_older_ones_words_are_kept(tmp_path: Path) -> None:
    table(tmp_path, "2024", [row("Old title", location="Lima", type="pulls")])
    table(tmp_path, "2025", [row("Old title", labels="docs, help wanted")])
    table(tmp_path, "2026", [row("New title", current_status="closed", labels="docs")])
    applied("pyopensci", tmp_path)
    (item,) = items()
    assert (item["title"], item["state"], item["labels"], item["kind"]) == (
        "New title",
        "closed",
        ["docs"],
        "pull_request",
    )
    assert item["detail"] == {
        "said": {
            "title": "New title", "state": "closed", "labels": "docs", "author": "Ana-P", "location": "",
            "contrib_type": "contributor", "repository": "guide", "type": "issues",
        },
        "files": [f"{year}_all_issues_prs.csv" for year in (2024, 2025, 2026)],
        "otherwise": {
            "2024_all_issues_prs.csv": {
                "title": "Old title", "state": "open", "labels": "", "location": "Lima", "type": "pulls",
            },
            "2025_all_issues_prs.csv": {"title": "Old title", "state": "open", "labels": "docs, help wanted"},
        },
    }  # fmt: skip


def test_the_order_in_which_files_arrive_does_not_matter(tmp_path: Path) -> None:
    files = {
        "2024": [row("A", labels="x"), row("B", "2024-01-01 00:00:00", type="pulls")],
        "2025": [row("A", labels="x, y"), row("B2", "2024-01-01 00:00:00"), row("C", "2025-01-01 00:00:00")],
        "2026": [row("A3", current_status="closed"), row("C", "2025-01-01 00:00:00", created_by="ANA-P")],
    }
    together = tmp_path / "together"
    together.mkdir()
    for year, rows in files.items():
        table(together, year, list(reversed(rows)))
    run = applied("pyopensci", together)
    expected = items()
    assert len(expected) == 3
    undone(run)
    assert items() == []
    for order in permutations(files):
        runs = []
        for year in order:
            folder = tmp_path / "-".join(order) / year
            folder.mkdir(parents=True)
            table(folder, year, files[year])
            runs.append(applied("pyopensci", folder))
        assert items() == expected
        assert created(applied("pyopensci", together)) == updated(applied("pyopensci", together)) == {}
        for run in reversed(runs):
            undone(run)
        assert Item.objects.count() == Activity.objects.count() == Person.objects.count() == 0


def test_the_same_files_again_change_nothing(tmp_path: Path) -> None:
    table(tmp_path, "2025", [row("A"), row("B", "2026-05-05 00:00:00", created_by="ben")])
    table(tmp_path, "2026", [row("A2"), row("C", "2026-05-06 00:00:00", created_by="dependabot[bot]")])
    applied("pyopensci", tmp_path)
    before = (
        items(),
        list(Activity.objects.order_by("pk").values()),
        list(Identity.objects.order_by("pk").values()),
    )
    again = applied("pyopensci", tmp_path)
    assert (created(again), updated(again)) == ({}, {})
    assert {name: again.counts["unchanged"][name] for name in ("items", "activities")} == {
        "items": 3,
        "activities": 3,
    }
    assert not ImportChange.objects.filter(run=again).exists()
    assert before == (
        items(),
        list(Activity.objects.order_by("pk").values()),
        list(Identity.objects.order_by("pk").values()),
    )


def test_a_newer_file_updates_title_and_state_but_never_the_activity(tmp_path: Path) -> None:
    table(tmp_path, "2025", [row("A")])
    applied("pyopensci", tmp_path)
    activity = Activity.objects.values().get()
    table(tmp_path, "2026", [row("A, closed", current_status="closed", type="pulls")])
    run = applied("pyopensci", tmp_path)
    assert (created(run), updated(run)) == ({}, {"items": 1})
    assert Activity.objects.values().get() == activity
    assert [(i["title"], i["state"], i["kind"]) for i in items()] == [("A, closed", "closed", "pull_request")]
    undone(run)
    assert [(i["title"], i["state"], i["kind"]) for i in items()] == [("A", "open", "issue")]


def test_a_known_repository_or_person_is_used(tmp_path: Path) -> None:
    package = Project.objects.create(
        kind="package", name="The Guide", repository="http://github.com/PyOpenSci/guide.git"
    )
    person = Person.objects.create(name="Ana Pérez")
    Identity.objects.create(person=person, system="github", value="ana-P", number="7")
    table(tmp_path, "2026", [row()])
    run = applied("pyopensci", tmp_path)
    assert created(run) == {"items": 1, "activities": 1}
    activity = Activity.objects.select_related("identity").get()
    assert (activity.project_id, activity.identity.person_id) == (package.pk, person.pk)


NO_TIME = "is no date with a time, such as 2026-04-30 15:05:39"
BAD = [
    ({"created_by": " "}, "created_by", "is empty: nobody knows who opened it"),
    ({"created_by": "two words"}, "created_by", "“two words” is no GitHub login: letters, digits and hyphens only"),
    ({"item_opened_by": "2026-05-04"}, "item_opened_by", f"“2026-05-04” {NO_TIME}"),
    ({"item_opened_by": "2025-02-29 10:00:00"}, "item_opened_by", f"“2025-02-29 10:00:00” {NO_TIME}"),
    ({"item_opened_by": "0026-05-04 10:00:00"}, "item_opened_by", "the year of “0026-05-04 10:00:00” cannot be right"),
    ({"item_opened_by": ""}, "item_opened_by", f"“” {NO_TIME}"),
    ({"type": "discussion"}, "type", "“discussion” is not known; known: issues, pulls"),
    ({"current_status": "draft"}, "current_status", "“draft” is not known; known: open, closed, merged"),
    ({"repo": ""}, "repo", "is empty"),
    ({"repo": "a/b"}, "repo", "“a/b” is no name of a repository"),
    ({"title": "x" * 501}, "title", "is longer than 500 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "field", "reason"), BAD)
def test_a_bad_row_is_listed_with_its_line_and_the_others_apply(
    tmp_path: Path, wrong: dict[str, str], field: str, reason: str
) -> None:
    path = table(
        tmp_path,
        "2026",
        [row("with\na line break"), {**row(at="2026-05-05 00:00:00"), **wrong}, row(repo="site")],
    )
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == [(path.name, 4, field, reason)]
    assert created(run)["items"] == 2


def test_a_row_with_too_few_or_too_many_cells_is_listed(tmp_path: Path) -> None:
    path = table(tmp_path, "2026", [row()])
    with path.open("a") as file:
        file.write("only,three,cells\n" + "x," * 11 + "\n")
    table(tmp_path, "2025", [row()])
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == [
        (path.name, 3, "", "has 3 cells where 9 are expected"),
        (path.name, 4, "", "has 12 cells where 9 are expected"),
    ]
    assert Item.objects.count() == 1


def test_two_rows_of_a_file_that_say_otherwise_of_one_item_are_told(tmp_path: Path) -> None:
    path = table(tmp_path, "2026", [row("One"), row("Other", type="pulls")])
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == [
        (
            path.name,
            2,
            "title",
            "line 3 says something else of the item of the same repository, author and second: that line is used",
        )
    ]
    assert [(i["title"], i["kind"]) for i in items()] == [("Other", "pull_request")]


@pytest.mark.parametrize(
    ("spoil", "line", "reason"),
    [
        (lambda text: text.replace("created_by", "author"), 1,
         "the column created_by is missing; there are title, item_opened_by, current_status, labels, author, location, "
         "contrib_type, repo, type"),
        (lambda text: text.replace("location", "labels"), 1,
         "two columns are called “labels”: give each its own name"),
        (lambda _text: "", 1, "is empty: the first line must name the columns"),
        (lambda text: text[: text.rindex("guide") - 3], 3,
         "ends in the middle of a row: the file seems cut; fetch it again"),
        (lambda text: text[: text.rindex("ssues")], 3,
         "ends in the middle of a row: the file seems cut; fetch it again"),
        (lambda text: text + '"never ended', 4,
         "cannot be read as a table from here on (unexpected end of data): is the file cut?"),
        (lambda text: text + "a\x00b\n", 4, "is no text file: it holds NUL characters"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_changes_nothing(
    tmp_path: Path, spoil: Any, line: int, reason: str
) -> None:
    table(tmp_path, "2025", [row("good", repo="site")])
    path = table(tmp_path, "2026", [row(), row(at="2026-05-05 00:00:00")])
    path.write_text(spoil(path.read_text()))
    assert refused("pyopensci", tmp_path) == (path.name, line, reason)
    assert (
        Item.objects.count()
        == Activity.objects.count()
        == Person.objects.count()
        == Project.objects.count()
        == 0
    )


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = table(tmp_path, "2026", [row(), row("Grüße", at="2026-05-05 00:00:00")])
    path.write_bytes(path.read_text().encode("latin-1"))
    file, _line, reason = refused("pyopensci", tmp_path)
    assert (file, reason) == (path.name, "is not UTF-8 text from here on: save it as UTF-8")


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    path = table(tmp_path, "2026", [row("One\nTwo")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    applied("pyopensci", tmp_path)
    assert [i["title"] for i in items()] == ["One Two"]


def test_an_import_can_be_undone_whole(tmp_path: Path) -> None:
    person = Person.objects.create(name="Ana")
    Identity.objects.create(person=person, system="github", value="ana-p")
    before = list(Identity.objects.values())
    table(tmp_path, "2026", [row(), row(created_by="ben")])
    undone(applied("pyopensci", tmp_path))
    assert Item.objects.count() == Activity.objects.count() == Project.objects.count() == 0
    assert list(Identity.objects.values()) == before


def said_by(folder: Path) -> dict[tuple[str, str, str], list[Row]]:
    """The files' rows by repository, folded author and second, oldest file first."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for path in sorted(folder.glob("*_all_issues_prs.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                key = (line["repo"].casefold(), line["created_by"].casefold(), line["item_opened_by"])
                found.setdefault(key, []).append(line)
    return found


def test_known_answers_of_the_real_community(real_data: Path, tmp_path: Path) -> None:
    for path in sorted((real_data / "pyopensci").glob("*_all_issues_prs.csv")):
        shutil.copy(path, tmp_path / path.name)
    run = applied("pyopensci", tmp_path)
    expected = said_by(tmp_path)
    made = {name: created(run).get(name, 0) for name in ("items", "activities", "people", "bots", "projects")}
    assert made == {
        "items": 2882,
        "activities": 2882,
        "people": 339,
        "bots": 3,
        "projects": len({repo for repo, _author, _second in expected}),
    }
    assert rejections(run) == []
    kinds = {kind: Item.objects.filter(kind=kind).count() for kind in ("issue", "pull_request")}
    assert kinds == {"issue": 908, "pull_request": 1974}
    assert sorted(Identity.objects.filter(is_bot=True).values_list("value", flat=True)) == [
        "Copilot",
        "dependabot[bot]",
        "github-actions[bot]",
    ]
    assert set(Activity.objects.values_list("source", flat=True)) == {"github-issues"}
    # The newest file's words, and every older one's that differ.
    rows = Activity.objects.select_related("item", "identity", "project")
    found = {
        (a.project.folded, a.identity.folded, f"{a.occurred_at:%Y-%m-%d %H:%M:%S}"): (
            " ".join(a.item.title.split()),
            a.item.state,
            a.item.kind,
            a.item.detail["said"]["labels"],
            a.item.detail["said"]["location"],
            {words["title"] for words in a.item.detail.get("otherwise", {}).values() if "title" in words},
        )
        for a in rows
    }
    assert found == {
        key: (
            " ".join(said[-1]["title"].split()),
            said[-1]["current_status"],
            "pull_request" if any(line["type"] == "pulls" for line in said) else "issue",
            said[-1]["labels"],
            said[-1]["location"],
            {line["title"] for line in said} - {said[-1]["title"]},
        )
        for key, said in expected.items()
    }
    again = applied("pyopensci", tmp_path)
    assert (created(again), updated(again)) == ({}, {})
