"""``activity.csv``: a plain table of what people did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.imports.models import ImportChange
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Identity, Project
from tests.people.importing import applied, created, refused, rejections, undone, updated

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = """Login;System;Type;Created at;Subject;Repo;URL;Status;Id;Mood
ana-p;;issue;2026-05-04 10:11:12;A question;guide;https://example.org/1;open;1;glad
@Ben;GitHub;PR;2026-05-04T12:11:12+02:00;A fix;Guide;;merged;2;
ana@example.org;email;;2026-05-05 00:00;By mail;;;;3;
"""


def write(folder: Path, text: str, name: str = "activity.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ledger() -> list[tuple[Any, ...]]:
    return [
        (str(a.occurred_at), a.identity.system, a.identity.value, a.kind, a.project and a.project.name, a.external_id,
         a.item and (a.item.kind, a.item.title, a.item.state, a.item.url))
        for a in Activity.objects.select_related("identity", "project", "item").order_by("external_id")
    ]  # fmt: skip


def test_columns_are_recognised_and_each_row_becomes_an_activity(tmp_path: Path) -> None:
    run = applied("activity.csv", write(tmp_path, GOOD))
    assert rejections(run) == []
    assert created(run) == {"items": 3, "activities": 3, "people": 3, "identities": 3, "projects": 1}
    assert ledger() == [
        ("2026-05-04 10:11:12+00:00", "github", "ana-p", "item.opened", "guide", "id:1",
         ("issue", "A question", "open", "https://example.org/1")),
        ("2026-05-04 10:11:12+00:00", "github", "Ben", "item.opened", "guide", "id:2",
         ("pull_request", "A fix", "merged", "")),
        ("2026-05-05 00:00:00+00:00", "email", "ana@example.org", "item.opened", None, "id:3",
         ("issue", "By mail", "", "")),
    ]  # fmt: skip
    assert Item.objects.get(external_id="id:1").detail["said"]["Mood"] == "glad"
    assert str(Identity.objects.get(folded="ben").last_seen_at) == "2026-05-04 10:11:12+00:00"


def test_the_same_table_again_changes_nothing_and_an_undo_takes_it_back(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    first = applied("activity.csv", path)
    again = applied("activity.csv", path)
    assert (created(again), updated(again)) == ({}, {})
    assert not ImportChange.objects.filter(run=again).exists()
    undone(first)
    assert (
        Activity.objects.count()
        == Item.objects.count()
        == Project.objects.count()
        == Identity.objects.count()
        == 0
    )


def test_without_an_identifier_a_row_is_known_by_what_it_says(tmp_path: Path) -> None:
    table = "person,when,title,state\nana,2026-05-04 10:00,A,open\nana,2026-05-04 10:00,B,open\n"
    applied("activity.csv", write(tmp_path, table))
    # In another order, with another state, and one more.
    at = "2026-05-04 10:00"
    table = f"title,state,person,when\nB,open,ANA,{at}\nA,closed,ana,{at}\nC,,ana,{at}\n"
    run = applied("activity.csv", write(tmp_path, table))
    assert (created(run), updated(run)["items"]) == (
        {"items": 1, "activities": 1},
        2,
    )  # B's line is kept word for word
    assert sorted(Item.objects.values_list("title", "state")) == [("A", "closed"), ("B", "open"), ("C", "")]


def test_a_row_that_says_otherwise_of_a_known_identifier_is_rejected(tmp_path: Path) -> None:
    applied("activity.csv", write(tmp_path, "person,when,title,id\nana,2026-05-04 10:00,A,7\n"))
    before = ledger()
    for line, field in (("ben,2026-05-04 10:00,A,7", "person"), ("ana,2026-05-04 10:01,A,7", "when")):
        run = applied("activity.csv", write(tmp_path, f"person,when,title,id\n{line}\n"))
        ((file, number, named, reason),) = rejections(run)
        assert (file, number, named) == ("activity.csv", 2, field)
        assert reason.startswith("says otherwise than when this identifier was first imported")
        assert ledger() == before


def test_bad_rows_are_listed_with_their_headings_and_the_others_apply(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Login,Date,Type,Title,URL,Status,Id\n"
        ",2026-05-04 10:00,,,,,1\n"
        "two words,2026-05-04 10:00,,,,,2\n"
        "ana,,,,,,3\n"
        "ana,2026-05-04,,,,,4\n"
        "ana,2026-05-04 10:00,dance,,,,5\n"
        "ana,2026-05-04 10:00,,,javascript:alert(1),,6\n"
        "ana,2026-05-04 10:00,,,,half,7\n"
        "ana,2026-05-04 10:00,,good,,,8\n"
        "ana,2026-05-04 10:00,,again,,,8\n"
        "ana,2026-05-04 10:00\n",
    )
    run = applied("activity.csv", path)
    found = [(line, field, reason.split(";")[0]) for _file, line, field, reason in rejections(run)]
    assert found == [
        (2, "Login", "is empty: say who it was"),
        (3, "Login", "“two words” is no handle or address: it holds a space or is too long"),
        (4, "Date", "is empty: say when it was"),
        (5, "Date", "“2026-05-04” is no date with a time, such as 2026-04-30 15:05:39"),
        (6, "Type", "“dance” is not known"),
        (7, "URL", "“javascript:alert(1)” is no web address: https://example.org"),
        (8, "Status", "“half” is not known"),
        (10, "Id", "line 9 has the same identifier: this row is left out"),
        (11, "", "has 2 cells where 7 are expected"),
    ]
    assert [row[-1][1] for row in ledger()] == ["good"]


def test_a_person_can_say_which_column_is_which(tmp_path: Path) -> None:
    path = write(tmp_path, "Wer,Wann\nana,2026-05-04 10:00\n")
    assert refused("activity.csv", path)[1] == 1
    run = applied("activity.csv", path, mapping={"person": "Wer", "when": "Wann"})
    assert created(run) == {"items": 1, "activities": 1, "people": 1, "identities": 1}


def test_other_kinds_of_activity_open_no_item(tmp_path: Path) -> None:
    applied("activity.csv", write(tmp_path, "person,when,kind\nana,2026-05-04 10:00,people.term_started\n"))
    assert [(row[3], row[-1]) for row in ledger()] == [("people.term_started", None)]


def test_a_table_that_is_cut_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD[: GOOD.index("By mail")])
    assert refused("activity.csv", path) == (
        "activity.csv",
        4,
        "ends in the middle of a row: the file seems cut; fetch it again",
    )
    assert Activity.objects.count() == 0
